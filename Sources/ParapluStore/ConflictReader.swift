package import ParapluModel
package import Postgres

/// Reads the conflicts between holders and involved organisations.
package enum ConflictReader {
    /// A conflict: a row of `report_v1.conflict`.
    package struct Row: Hashable, Sendable {
        /// The action on which the two contradict each other.
        package let action: ActionID
        /// The action's code that people know it by, such as `1.01`.
        package let code: String
        /// The involved organisation that contradicts the holder.
        package let party: OrganisationID
        /// The milestone that the party denies; nil where it rates delivery worse.
        package let milestone: MilestoneID?
        /// The day of which the involved organisation spoke.
        package let openedOn: CalendarDate
        /// The day from which it is closed; nil while it is open.
        package let closedOn: CalendarDate?
        /// How it ended; nil while it is open.
        package let closing: String?
    }

    private static let read = Statement(
        """
        SELECT action_id, code, party, milestone, opened_on, closed_on, closing FROM report_v1.conflict
        WHERE ($1::text IS NULL OR action_id = $1) AND ($2 OR closing IS NULL)
        ORDER BY action_id COLLATE "C", opened_on, party COLLATE "C", milestone COLLATE "C" LIMIT $3
        """)

    /// Conflicts in the order of actions and days.
    ///
    /// - Parameters:
    ///   - action: Only this action's; nil for all.
    ///   - closed: Whether those that ended are among them.
    package static func list(
        of action: ActionID?, closed: Bool, limit: Int64, _ session: PostgresSession
    ) throws -> [Row] {
        try session.execute(
            read, [action.map { .text($0.rawValue) } ?? .null, .bool(closed), .int8(limit)]
        ).map { row in
            Row(
                action: ActionID(unchecked: row.string(0)), code: row.string(1),
                party: OrganisationID(unchecked: row.string(2)),
                milestone: row.stringOrNil(3).map(MilestoneID.init(unchecked:)),
                openedOn: CalendarDate(daysSince2000: row.date(4)),
                closedOn: row.dateOrNil(5).map(CalendarDate.init(daysSince2000:)), closing: row.stringOrNil(6))
        }
    }
}
