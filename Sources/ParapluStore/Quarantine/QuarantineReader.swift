package import ParapluModel
package import Postgres

/// Reads the quarantine: what was refused, where, and why.
package enum QuarantineReader {
    /// A refused message: a row of `report_v1.rejections`.
    package struct Rejection: Hashable, Sendable {
        /// The Kafka topic, with its prefix.
        package let topic: String
        /// The partition's number within the topic, from 0.
        package let partition: Int32
        /// The message's offset in the partition.
        package let offset: Int64
        /// Rises when the topic was made again.
        package let generation: Int32
        /// The feed that sent it: `<partner>/<feed>`.
        package let feed: String
        /// The id of the organisation whose feed it is.
        package let owner: String
        /// The step that refused it: `route`, `decode`, `validate`, `map` or `apply`.
        package let stage: String
        /// Why it was refused, as the raw value of a `RejectionCode`.
        package let code: String
        /// The place of the first violation, a JSON Pointer.
        package let path: String
        /// All violations, as JSON: `[{code, path, byte_offset, expected}]`.
        package let violations: [UInt8]
        /// The event's own id; nil where it has none, or where it may not be named.
        package let eventID: String?
        /// When the commit that refused it was recorded.
        package let recordedAt: Timestamp
        /// The bytes of its key, headers and value together.
        package let payloadBytes: Int64
        /// Whether its bytes were kept when it was refused; retention may have taken them since.
        package let isPayloadKept: Bool
        /// Whether it waits for a person, or what was decided since.
        package let state: QuarantinedMessage.State
        /// When that was decided; nil while it is open.
        package let settledAt: Timestamp?
        /// What became of it when it was brought in: `applied`, `duplicate`, `stale` or `parked`.
        package let replayedAs: String?
    }

    /// One thing that happened to a refused message.
    package struct Event: Hashable, Sendable {
        /// `rejected` at intake, then `replayed` or `dismissed`, and `resolved` or `refused` where it was parked.
        package let kind: String
        /// When the commit that did it was recorded.
        package let recordedAt: Timestamp
        /// The number of that commit.
        package let commit: Int64
        /// Who decided, or `settler`; nil at intake.
        package let actor: String?
        /// Why it was decided; nil at intake.
        package let reason: String?
        /// What became of it when it was brought in.
        package let replayedAs: String?
        /// The version of the connector that read it, in hexadecimal digits.
        package let connectorVersion: String?
    }

    /// The bytes of a message as received, as far as they are kept.
    package struct Payload: Hashable, Sendable {
        /// The key as received; nil where it is null.
        package let key: [UInt8]?
        /// The value as received; nil where it is null.
        package let value: [UInt8]?
    }

    private static let list = Statement(
        """
        SELECT topic, partition, "offset", generation, feed, owner, stage, code, path, violations, event_id, recorded_at,
            payload_bytes, payload_kept, state, settled_at, replayed_as
        FROM report_v1.rejections
        WHERE ($1::text IS NULL OR feed = $1) AND ($2::text IS NULL OR code = $2) AND ($4 OR state = 'open')
        ORDER BY recorded_at DESC, topic, partition, "offset" DESC LIMIT $3
        """)
    private static let find = Statement(
        """
        SELECT topic, partition, "offset", generation, feed, owner, stage, code, path, violations, event_id, recorded_at,
            payload_bytes, payload_kept, state, settled_at, replayed_as
        FROM report_v1.rejections WHERE topic = $1 AND partition = $2 AND "offset" = $3 ORDER BY generation DESC LIMIT 1
        """)
    private static let readPayload = Statement(
        """
        SELECT p.key, p.value
        FROM journal.stream AS s JOIN journal.payload AS p ON p.stream_id = s.stream_id AND p.position = $3
        WHERE s.topic = $1 AND s.partition = $2 AND s.generation = $4 LIMIT 1
        """)

    private static let readHistory = Statement(
        """
        WITH RECURSIVE own AS (SELECT stream_id FROM journal.stream WHERE kind = 'settlement'),
        message AS (
            SELECT r.stream_id, r.position, r.commit, r.recorded_at, r.connector_version
            FROM journal.stream AS st JOIN operations.rejection AS r USING (stream_id)
            WHERE st.topic = $1 AND st.partition = $2 AND r.position = $3 AND st.generation = $4
        ),
        later AS (
            SELECT s.position, s.commit, s.kind, s.actor, s.reason
            FROM message AS m
            JOIN journal.settlement AS s ON s.stream_id = m.stream_id AND s.settled_position = m.position
            UNION ALL
            SELECT s.position, s.commit, s.kind, s.actor, s.reason
            FROM later AS l CROSS JOIN own
            JOIN journal.settlement AS s ON s.stream_id = own.stream_id AND s.settled_position = l.position
        )
        SELECT h.kind, h.recorded_at, h.commit, h.actor, h.reason, h.outcome, encode(v.digest, 'hex')
        FROM (
            SELECT 'rejected' AS kind, recorded_at, commit, NULL AS actor, NULL AS reason, NULL AS outcome,
                connector_version
            FROM message
            UNION ALL
            SELECT l.kind, c.recorded_at, l.commit, l.actor, l.reason, CASE WHEN l.kind = 'replayed'
                THEN (ARRAY['applied', 'duplicate', 'stale', 'rejected', 'parked'])[e.outcome] END, e.connector_version
            FROM later AS l CROSS JOIN own
            JOIN journal.entry AS e ON e.stream_id = own.stream_id AND e.position = l.position
            JOIN journal.commit AS c ON c.number = l.commit) AS h
        LEFT JOIN operations.connector_version AS v USING (connector_version)
        ORDER BY h.commit
        """)

    /// The refused messages, the latest first.
    ///
    /// - Parameter isAll: Whether those on which somebody decided are among them.
    package static func list(
        feed: String?, code: String?, isAll: Bool, limit: Int64, _ session: PostgresSession
    ) throws -> [Rejection] {
        try session.execute(
            list,
            [feed.map(Parameter.text) ?? .null, code.map(Parameter.text) ?? .null, .int8(limit), .bool(isAll)]
        ).map(rejection)
    }

    /// What happened to a refused message, in order.
    package static func history(of rejection: Rejection, _ session: PostgresSession) throws -> [Event] {
        try session.execute(
            readHistory,
            [
                .text(rejection.topic), .int4(rejection.partition), .int8(rejection.offset),
                .int4(rejection.generation),
            ]
        ).map { row in
            Event(
                kind: row.string(0), recordedAt: Timestamp(microsecondsSince2000: row.timestamp(1)),
                commit: row.int8(2), actor: row.stringOrNil(3), reason: row.stringOrNil(4),
                replayedAs: row.stringOrNil(5), connectorVersion: row.stringOrNil(6))
        }
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
            isPayloadKept: row.bool(13), state: QuarantinedMessage.State(rawValue: row.string(14)) ?? .open,
            settledAt: row.timestampOrNil(15).map(Timestamp.init(microsecondsSince2000:)),
            replayedAs: row.stringOrNil(16))
    }
}
