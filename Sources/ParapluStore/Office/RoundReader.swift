package import ParapluModel
package import Postgres

/// Reads what frozen rounds hold: rows of `report_v1.round_status`, `round_completeness` and `round_correction`.
package enum RoundReader {
    /// A subject as a frozen round has it.
    package struct Row: Hashable, Sendable {
        /// The subject's name: `programme`, `goal/…`, `line/…` or `action/…`.
        package let subject: String
        /// How far it was, as a code of the list `lifecycle`; nil for a roll-up of no actions.
        package let lifecycle: String?
        /// The effective rating, as a code of the list `rating`; nil for a roll-up of which no action was active.
        package let rating: String?
        /// The colour that would have been shown if the data had been current.
        package let lastKnownRating: String?
        /// Whether the holder's word was current, as a code of the list `data_state`; nil for roll-ups.
        package let dataState: String?
        /// The day of which the holder's latest report spoke; nil where none had, and for roll-ups.
        package let asOf: CalendarDate?
        /// Whether something else is known of the round's day since.
        package let isModifiedSince: Bool
    }

    /// Which reports were due from an organisation for a round, and which came.
    package struct Completeness: Hashable, Sendable {
        /// The action holder of whom reports were due.
        package let organisation: OrganisationID
        /// The reports that were due.
        package let expected: Int32
        /// Of those, came by the end of the round's last day for reports.
        package let onTime: Int32
        /// Of those, came after that day and before the freeze.
        package let late: Int32
        /// Of those, didn't come before the freeze.
        package let missing: Int32
    }

    /// What changed an action on a frozen round's day later.
    package struct Correction: Hashable, Sendable {
        /// The action whose status on the round's day became another.
        package let action: ActionID
        /// When the commit that changed it was recorded.
        package let recordedAt: Timestamp
        /// What was known of the action on that day before: its status as JSON, as a snapshot has it.
        package let before: [UInt8]
        /// What is known of it since, in the same form.
        package let after: [UInt8]
    }

    private static let rows = Statement(
        """
        SELECT subject, lifecycle, rating, data_state, as_of, modified_since, last_known_rating
        FROM report_v1.round_status
        WHERE round_id = $1 ORDER BY subject COLLATE "C"
        """)
    private static let completeness = Statement(
        """
        SELECT organisation_id, expected, on_time, late, missing FROM report_v1.round_completeness
        WHERE round_id = $1 ORDER BY organisation_id COLLATE "C"
        """)
    private static let corrections = Statement(
        """
        SELECT action_id, recorded_at, before, after FROM report_v1.round_correction
        WHERE round_id = $1 ORDER BY recorded_at, action_id COLLATE "C"
        """)

    /// The subjects of a frozen round, in their byte order.
    package static func rows(of round: RoundID, _ session: PostgresSession) throws -> [Row] {
        try session.execute(rows, [.text(round.rawValue)]).map { row in
            Row(
                subject: row.string(0), lifecycle: row.stringOrNil(1), rating: row.stringOrNil(2),
                lastKnownRating: row.stringOrNil(6), dataState: row.stringOrNil(3),
                asOf: row.dateOrNil(4).map(CalendarDate.init(daysSince2000:)),
                isModifiedSince: row.bool(5))
        }
    }

    /// By organisation.
    package static func completeness(of round: RoundID, _ session: PostgresSession) throws -> [Completeness] {
        try session.execute(completeness, [.text(round.rawValue)]).map { row in
            Completeness(
                organisation: OrganisationID(unchecked: row.string(0)), expected: row.int4(1), onTime: row.int4(2),
                late: row.int4(3), missing: row.int4(4))
        }
    }

    /// In the order in which they were recorded.
    package static func corrections(of round: RoundID, _ session: PostgresSession) throws -> [Correction] {
        try session.execute(corrections, [.text(round.rawValue)]).map { row in
            Correction(
                action: ActionID(unchecked: row.string(0)),
                recordedAt: Timestamp(microsecondsSince2000: row.timestamp(1)), before: row.bytes(2),
                after: row.bytes(3))
        }
    }
}
