import Digest
import ParapluModel
import Postgres

extension KnownKeys {
    private static let knownMessages = Statement(
        """
        SELECT e.message_key, e.key_use, coalesce(s.kind NOT IN ('refused', 'dismissed'), true)
        FROM journal.entry AS e
        LEFT JOIN journal.settlement AS s ON s.stream_id = e.stream_id AND s.settled_position = e.position
        WHERE e.message_key = ANY($1)
        """, name: "known_messages")
    private static let knownRecords = Statement(
        """
        SELECT f.identity, f.key_use, coalesce(s.kind NOT IN ('refused', 'dismissed'), true), f.digest
        FROM journal.fact AS f
        LEFT JOIN journal.settlement AS s ON s.stream_id = f.stream_id AND s.settled_position = f.position
        WHERE f.identity = ANY($1)
        """, name: "known_records")

    /// What the journal knows of the keys of a batch's messages, but for those that were refused before step 7.
    static func read(of batch: IntakeBatch, _ session: PostgresSession) throws -> KnownKeys {
        var messageKeys = BinaryArray(.uuid)
        var identities = BinaryArray(.uuid)
        for message in batch.messages where message.rejection == nil {
            if let key = message.messageKey { messageKeys.append(uuidHigh: key.high, low: key.low) }
            for index in message.records {
                let identity = batch.records[index].identity
                identities.append(uuidHigh: identity.high, low: identity.low)
            }
        }
        var known = KnownKeys()
        for row in try session.execute(knownMessages, [.array(messageKeys)]) {
            let key = ShortHash(row.uuid(0))
            let use = row.int2(1)
            if known.messages[key].map({ $0.use < use }) ?? true {
                known.messages[key] = Message(use: use, holds: row.bool(2))
            }
        }
        for row in try session.execute(knownRecords, [.array(identities)]) {
            let key = ShortHash(row.uuid(0))
            let use = row.int2(1)
            if known.records[key].map({ $0.use < use }) ?? true {
                known.records[key] = Record(
                    use: use, holds: row.bool(2), digest: SHA256Digest(bytes: row.bytes(3)) ?? .zero)
            }
        }
        return known
    }
}
