package import ParapluModel
package import Postgres

/// Reads the quarantine: what was refused, where, and why.
package enum QuarantineReader {
    /// A refused message: a row of `report_v1.rejections`.
    package struct Rejection: Hashable, Sendable {
        package let topic: String
        package let partition: Int32
        package let offset: Int64
        /// Rises when the topic was made again.
        package let generation: Int32
        package let feed: String
        package let owner: String
        package let stage: String
        package let code: String
        /// The place of the first violation, a JSON Pointer.
        package let path: String
        /// All violations, as JSON: `[{code, path, byte_offset, expected}]`.
        package let violations: [UInt8]
        package let eventID: String?
        package let recordedAt: Timestamp
        package let payloadBytes: Int64
        package let isPayloadKept: Bool
        /// What became of it later, such as `replayed` or `dismissed`; nil while it waits for a person.
        package let settlement: String?
    }

    /// The bytes of a message as received, as far as they are kept.
    package struct Payload: Hashable, Sendable {
        package let key: [UInt8]?
        package let value: [UInt8]?
    }

    private static let list = Statement(
        """
        SELECT topic, partition, "offset", generation, feed, owner, stage, code, path, violations, event_id, recorded_at,
            payload_bytes, payload_kept, settlement
        FROM report_v1.rejections
        WHERE ($1::text IS NULL OR feed = $1) AND ($2::text IS NULL OR code = $2)
        ORDER BY recorded_at DESC, topic, partition, "offset" DESC LIMIT $3
        """)
    private static let find = Statement(
        """
        SELECT topic, partition, "offset", generation, feed, owner, stage, code, path, violations, event_id, recorded_at,
            payload_bytes, payload_kept, settlement
        FROM report_v1.rejections WHERE topic = $1 AND partition = $2 AND "offset" = $3 ORDER BY generation DESC LIMIT 1
        """)
    private static let readPayload = Statement(
        """
        SELECT p.key, p.value
        FROM journal.stream AS s JOIN journal.payload AS p ON p.stream_id = s.stream_id AND p.position = $3
        WHERE s.topic = $1 AND s.partition = $2 AND s.generation = $4 LIMIT 1
        """)

    /// The refused messages, the latest first.
    package static func list(
        feed: String?, code: String?, limit: Int64, _ session: PostgresSession
    ) throws -> [Rejection] {
        try session.execute(
            list, [feed.map(Parameter.text) ?? .null, code.map(Parameter.text) ?? .null, .int8(limit)]
        ).map(rejection)
    }

    /// The refused message at these coordinates, of the topic's latest generation, or nil.
    package static func find(
        topic: String, partition: Int32, offset: Int64, _ session: PostgresSession
    ) throws -> Rejection? {
        try session.execute(find, [.text(topic), .int4(partition), .int8(offset)]).first.map(rejection)
    }

    /// What is kept of a refused message, or nil.
    package static func payload(of rejection: Rejection, _ session: PostgresSession) throws -> Payload? {
        try session.execute(
            readPayload,
            [
                .text(rejection.topic), .int4(rejection.partition), .int8(rejection.offset),
                .int4(rejection.generation),
            ]
        ).first.map { Payload(key: $0.bytesOrNil(0), value: $0.bytesOrNil(1)) }
    }

    private static func rejection(_ row: Row) -> Rejection {
        Rejection(
            topic: row.string(0), partition: row.int4(1), offset: row.int8(2), generation: row.int4(3),
            feed: row.string(4), owner: row.string(5), stage: row.string(6), code: row.string(7), path: row.string(8),
            violations: row.bytes(9), eventID: row.stringOrNil(10),
            recordedAt: Timestamp(microsecondsSince2000: row.timestamp(11)), payloadBytes: row.int8(12),
            isPayloadKept: row.bool(13), settlement: row.stringOrNil(14))
    }
}
