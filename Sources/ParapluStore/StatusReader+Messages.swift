package import ParapluModel
package import Postgres

extension StatusReader {
    /// A message behind a status: a row of `report_v1.explain`.
    package struct Message: Hashable, Sendable {
        package let action: ActionID
        package let topic: String
        package let partition: Int32
        package let offset: Int64
        package let eventID: String?
        package let reporter: OrganisationID
        package let kind: String
        /// The milestone, risk or party that it is about, where it is about one.
        package let item: String?
        package let asOf: CalendarDate
        package let recordedAt: Timestamp
        package let outcome: String
        /// Why it has no effect, or `effective`.
        package let disposition: String
        /// The canonical record, as JSON.
        package let body: [UInt8]
        /// The version of the connector that made it of its message, in hexadecimal digits; nil for the office's own.
        package let connectorVersion: String?
    }

    private static let explain = Statement(
        """
        SELECT action_id, topic, partition, "offset", event_id, reporter, kind, item, as_of, recorded_at, outcome,
            disposition, body, connector_version
        FROM report_v1.explain($1)
        """)

    /// The messages behind a subject's status: per reporter, kind and item the latest in valid time.
    package static func messages(behind subject: Subject, _ session: PostgresSession) throws -> [Message] {
        try session.execute(explain, [.text(subject.description)]).map { row in
            Message(
                action: ActionID(unchecked: row.string(0)), topic: row.string(1), partition: row.int4(2),
                offset: row.int8(3), eventID: row.stringOrNil(4), reporter: OrganisationID(unchecked: row.string(5)),
                kind: row.string(6), item: row.stringOrNil(7), asOf: CalendarDate(daysSince2000: row.date(8)),
                recordedAt: Timestamp(microsecondsSince2000: row.timestamp(9)), outcome: row.string(10),
                disposition: row.string(11), body: row.bytes(12), connectorVersion: row.stringOrNil(13))
        }
    }
}
