package import ParapluModel
package import Postgres

/// Reads commitments to Parliament and what became of them: rows of `report_v1.commitment`.
package enum CommitmentReader {
    /// A motion, promise or amendment.
    package struct Row: Hashable, Sendable {
        package let id: CommitmentID
        package let kind: String
        package let titleNL: String
        package let number: String?
        /// The date as the source states it, and that day or the first one of the month.
        package let dateText: String
        package let datedOn: CalendarDate
        package let outcome: String?
        package let due: CalendarDate?
        /// What it is about: `programme`, `goal/…`, `line/…` or `action/…`.
        package let subject: String
        /// The document it stands in, as cited and as resolved.
        package let citedDocument: String?
        package let document: String?
        package let provenance: String
        /// The present status of the action, where it is about one.
        package let lifecycle: String?
        package let rating: String?
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
