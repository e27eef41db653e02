package import ParapluModel
package import Postgres

/// Reads the messages of a feed back as they were received.
package enum JournalledMessages {
    /// What is kept of a message.
    package struct Payload: Sendable {
        /// The key as received; nil where it is null.
        package let key: [UInt8]?
        /// In the journal's framing.
        package let headers: [UInt8]
        /// nil for a tombstone.
        package let value: [UInt8]?
    }

    private static let latest = Statement(
        """
        SELECT k.topic, k.partition, k.position, p.stream_id IS NOT NULL, p.key, p.headers, p.value
        FROM (
            SELECT s.topic, s.partition, s.stream_id, e.position, e.commit, e.n
            FROM journal.stream AS s
            CROSS JOIN LATERAL (
                SELECT e.position, e.commit, e.n FROM journal.entry AS e
                WHERE e.stream_id = s.stream_id ORDER BY e.position DESC LIMIT $2) AS e
            WHERE s.kind = 'partition' AND s.feed = $1 ORDER BY e.commit DESC, e.n DESC LIMIT $2) AS k
        LEFT JOIN LATERAL (
            SELECT p.stream_id, p.key, p.headers, p.value FROM journal.payload AS p
            WHERE p.stream_id = k.stream_id AND p.position = k.position LIMIT 1) AS p ON true
        ORDER BY k.commit DESC, k.n DESC
        """, name: "latest_messages")

    /// Hands over the latest messages of a feed, whatever became of them, the newest first and a few in memory at a time.
    ///
    /// - Parameter body: Is given where each was received, and its bytes; nil where nothing is kept of it, or no longer. It
    ///   can't use the session.
    package static func forEachLatest(
        of feed: FeedID, limit: Int, _ session: PostgresSession,
        _ body: (_ place: MessagePlace, _ payload: Payload?) throws -> Void
    ) throws {
        try session.forEachRow(latest, [.text(feed.rawValue), .int8(Int64(limit))], fetch: 16) { row in
            let place = MessagePlace(topic: row.string(0), partition: row.int4(1), offset: row.int8(2))
            let payload =
                row.bool(3)
                ? Payload(key: row.bytesOrNil(4), headers: row.bytesOrNil(5) ?? [], value: row.bytesOrNil(6)) : nil
            try body(place, payload)
        }
    }
}
