package import ParapluModel
package import Postgres

extension StatusReader {
    /// A message behind a status: a row of `report_v1.explain`.
    package struct Message: Hashable, Sendable {
        /// The action whose status it is behind.
        package let action: ActionID
        /// The Kafka topic where it was received; for the office's own entries `office`.
        package let topic: String
        /// The partition's number within the topic; 0 for the office's own entries.
        package let partition: Int32
        /// The offset where it was received; for the office's own entries the position in their stream.
        package let offset: Int64
        /// The event's own id; nil where it has none.
        package let eventID: String?
        /// The organisation that reports or decides.
        package let reporter: OrganisationID
        /// The kind of record, as the raw value of a `RecordKind`.
        package let kind: String
        /// The milestone, risk or party that it is about, where it is about one.
        package let item: String?
        /// The day of which it speaks.
        package let asOf: CalendarDate
        /// When the commit that journalled it was recorded.
        package let recordedAt: Timestamp
        /// What became of the message when it was journalled, as the raw value of an `Outcome`.
        package let outcome: String
        /// Why it has no effect, or `effective`.
        package let disposition: String
        /// The canonical record, as JSON.
        package let body: [UInt8]
        /// The version of the connector that made it of its message, in hexadecimal digits; nil for the office's own.
        package let connectorVersion: String?
        /// Of a decision of the programme office: who decided and why.
        package let decision: Decision?
    }

    /// Who decided, and why: a part of a row of `journal.decision`.
    package struct Decision: Hashable, Sendable {
        /// Who took the decision, as the journal names them.
        package let actor: String
        /// Why it was taken, in the words of who took it.
        package let reason: String
        /// For whom it was ruled, or whether it was accepted.
        package let verdict: String
    }

    private static let explain = Statement(
        """
        SELECT e.action_id, e.topic, e.partition, e."offset", e.event_id, e.reporter, e.kind, e.item, e.as_of,
            e.recorded_at, e.outcome, e.disposition, e.body, e.connector_version, d.actor, d.reason, d.verdict
        FROM report_v1.explain($1) WITH ORDINALITY AS e (action_id, topic, partition, "offset", event_id, reporter, kind,
            item, as_of, recorded_at, outcome, disposition, body, watermark_commit, watermark_recorded_at,
            connector_version, place)
        LEFT JOIN journal.decision AS d ON e.topic = 'office' AND d.position = e."offset"
        ORDER BY e.place
        """)

    /// The messages behind a subject's status: per reporter, kind and item the latest in valid time, and the latest of
    /// those that count; with decisions also who took them, which operators alone may read.
    package static func messages(behind subject: Subject, _ session: PostgresSession) throws -> [Message] {
        try session.execute(explain, [.text(subject.description)]).map { row in
            Message(
                action: ActionID(unchecked: row.string(0)), topic: row.string(1), partition: row.int4(2),
                offset: row.int8(3), eventID: row.stringOrNil(4), reporter: OrganisationID(unchecked: row.string(5)),
                kind: row.string(6), item: row.stringOrNil(7), asOf: CalendarDate(daysSince2000: row.date(8)),
                recordedAt: Timestamp(microsecondsSince2000: row.timestamp(9)), outcome: row.string(10),
                disposition: row.string(11), body: row.bytes(12), connectorVersion: row.stringOrNil(13),
                decision: row.stringOrNil(14).map { actor in
                    Decision(actor: actor, reason: row.stringOrNil(15) ?? "", verdict: row.stringOrNil(16) ?? "")
                })
        }
    }
}
