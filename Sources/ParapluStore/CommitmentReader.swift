package import ParapluModel
package import Postgres

/// Reads commitments to Parliament and what became of them: rows of `report_v1.commitment`.
package enum CommitmentReader {
    /// A motion, promise or amendment.
    package struct Row: Hashable, Sendable {
        /// The commitment's stable identifier.
        package let id: CommitmentID
        /// What it is, as a code of the list `commitment_kind`: `motie`, `toezegging` or `amendement`.
        package let kind: String
        /// The title in Dutch.
        package let titleNL: String
        /// The number under which it is known itself; nil where none was found.
        package let number: String?
        /// The date as the source states it: a day, or no more than a month.
        package let dateText: String
        /// That day, or the first one of the month where the source states no more than a month.
        package let datedOn: CalendarDate
        /// What became of it, in Parliament's own words; nil where that was not found.
        package let outcome: String?
        /// The day by which it is to be met; nil where there is none.
        package let due: CalendarDate?
        /// What it is about: `programme`, `goal/…`, `line/…` or `action/…`.
        package let subject: String
        /// The number of the document it stands in, as sources cite it; nil where none is cited.
        package let citedDocument: String?
        /// The number of the document it does stand in, one of the plan's; nil where none is known.
        package let document: String?
        /// Whether it was found in a source or is illustrative: `found` or `illustrative`.
        package let provenance: String
        /// How far the action is now that it is about, as a code; nil where it is about none.
        package let lifecycle: String?
        /// The action's effective rating, as a code; nil where it isn't about one.
        package let rating: String?
        /// Whether the word of the action's holder is current, as a code; nil where it isn't about an action.
        package let dataState: String?
    }

    private static let read = Statement(
        """
        SELECT commitment_id, kind, title_nl, number, date_text, dated_on, outcome, due, subject, cited_document, document,
            provenance, lifecycle, rating, data_state
        FROM report_v1.commitment ORDER BY dated_on, commitment_id COLLATE "C"
        """)

    /// All commitments of the plan in force, in the order of their days.
    package static func list(_ session: PostgresSession) throws -> [Row] {
        try session.execute(read).map { row in
            Row(
                id: CommitmentID(unchecked: row.string(0)), kind: row.string(1), titleNL: row.string(2),
                number: row.stringOrNil(3), dateText: row.string(4),
                datedOn: CalendarDate(daysSince2000: row.date(5)), outcome: row.stringOrNil(6),
                due: row.dateOrNil(7).map(CalendarDate.init(daysSince2000:)), subject: row.string(8),
                citedDocument: row.stringOrNil(9), document: row.stringOrNil(10), provenance: row.string(11),
                lifecycle: row.stringOrNil(12), rating: row.stringOrNil(13), dataState: row.stringOrNil(14))
        }
    }
}
