import ParapluModel
import Postgres

/// Writes what a person decided of refused messages: an entry of the settlement stream each, and the row that says so.
///
/// Whoever has the stream's head locked is alone in settling, so that what it finds open stays open until it commits.
struct SettlementWriter: ~Copyable {
    private static let insert = Statement(
        """
        INSERT INTO journal.settlement (position, commit, stream_id, settled_position, kind, actor, reason)
        SELECT u.position, $1, u.stream_id, u.settled, $2, $3, $4
        FROM unnest($5::bigint[], $6::integer[], $7::bigint[]) AS u (position, stream_id, settled)
        """, name: "insert_decided_settlements")

    private let kind: QuarantinedMessage.State
    private let actor: String
    private let reason: String
    private var places = BinaryArray(.int8)
    private var streams = BinaryArray(.int4)
    private var positions = BinaryArray(.int8)

    init(_ kind: QuarantinedMessage.State, actor: String, reason: String) {
        self.kind = kind
        self.actor = actor
        self.reason = reason
    }

    /// Notes that the entry at that position of the settlement stream is about the message.
    mutating func add(_ message: QuarantinedMessage, at position: Int64) {
        places.append(int8: position)
        streams.append(int4: message.stream)
        positions.append(int8: message.position)
    }

    /// What the entry about the message says: the decision, the message as it was received, who decides and why.
    func headers(of message: QuarantinedMessage) -> [(name: String, value: String)] {
        [
            ("decision", "message.\(kind.rawValue)"), ("topic", message.place.topic),
            ("partition", String(message.place.partition)), ("offset", String(message.place.offset)),
            ("generation", String(message.place.generation ?? 1)), ("stream", String(message.stream)),
            ("position", String(message.position)), ("feed", message.feed.rawValue), ("code", message.code),
            ("actor", actor), ("reason", reason),
        ]
    }

    /// Writes the rows that were added.
    func write(_ stamp: CommitStamp, _ session: PostgresSession) throws {
        try session.execute(
            SettlementWriter.insert,
            [
                .int8(stamp.number), .text(kind.rawValue), .text(actor), .text(reason), .array(places), .array(streams),
                .array(positions),
            ])
    }
}
