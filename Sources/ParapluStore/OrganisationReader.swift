package import ParapluModel
package import Postgres

/// Reads the plan's organisations with the roles that they have today: rows of `report_v1.organisation`.
package enum OrganisationReader {
    /// An organisation.
    package struct Row: Hashable, Sendable {
        /// The organisation's stable identifier.
        package let id: OrganisationID
        /// The name in Dutch.
        package let nameNL: String
        /// The name in English.
        package let nameEN: String
        /// The short name.
        package let abbreviation: String
        /// What kind of organisation it is, in the plan's word.
        package let kind: String
        /// The identifier in TOOI, the register of government organisations; nil where the plan has none.
        package let tooi: String?
        /// The organisation identification number (OIN); nil where the plan has none.
        package let oin: String?
        /// The first day of its existence; nil where it is open.
        package let existsFrom: CalendarDate?
        /// The day from which it exists no more; nil where it is open.
        package let existsUntil: CalendarDate?
        /// The organisation that took over its work; nil where none did.
        package let successor: OrganisationID?
        /// How many actions it holds today.
        package let actionsHeld: Int64
        /// On how many actions it has another role today.
        package let actionsInvolved: Int64
    }

    private static let read = Statement(
        """
        SELECT organisation_id, name_nl, name_en, abbreviation, kind, tooi, oin, exists_from, exists_until, successor,
            actions_held, actions_involved
        FROM report_v1.organisation ORDER BY organisation_id COLLATE "C"
        """)

    /// All organisations of the plan in force, in the byte order of their ids.
    package static func list(_ session: PostgresSession) throws -> [Row] {
        try session.execute(read).map { row in
            Row(
                id: OrganisationID(unchecked: row.string(0)), nameNL: row.string(1), nameEN: row.string(2),
                abbreviation: row.string(3), kind: row.string(4), tooi: row.stringOrNil(5), oin: row.stringOrNil(6),
                existsFrom: row.dateOrNil(7).map(CalendarDate.init(daysSince2000:)),
                existsUntil: row.dateOrNil(8).map(CalendarDate.init(daysSince2000:)),
                successor: row.stringOrNil(9).map(OrganisationID.init(unchecked:)), actionsHeld: row.int8(10),
                actionsInvolved: row.int8(11))
        }
    }
}
