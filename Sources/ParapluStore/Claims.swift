package import Digest
package import ParapluModel
package import Postgres

/// Who works on which partition: the fence that keeps two daemons from writing the same messages.
///
/// Claiming raises the partition's epoch. A batch commits only where owner, epoch, position and chain are what its daemon
/// knows (Invariant 6), so that a daemon that was paused and wakes late commits nothing.
package enum Claims {
    /// A partition to claim, with what the broker says of its log.
    package struct Wanted: Hashable, Sendable {
        /// The Kafka topic, with its prefix.
        package let topic: String
        /// The partition's number within the topic, from 0.
        package let partition: Int32
        /// The feed whose connector reads the topic.
        package let feed: FeedID
        /// The log's first offset: where a partition begins that was never read.
        package let low: Int64
        /// The cluster's id of the topic, which another topic of the same name hasn't; nil where nobody can tell.
        package let topicID: String?

        package init(topic: String, partition: Int32, feed: FeedID, low: Int64, topicID: String? = nil) {
            self.topic = topic
            self.partition = partition
            self.feed = feed
            self.low = low
            self.topicID = topicID
        }
    }

    private static let boundLocks = Statement("SET lock_timeout = '5s'", prepare: false)
    private static let useUTC = Statement("SET TimeZone = 'UTC'", prepare: false)
    private static let insert = Statement(
        """
        INSERT INTO journal.stream
            (kind, topic, partition, feed, first_position, next_position, topic_uuid, chain, generation)
        SELECT 'partition', u.topic, u.partition, u.feed, u.low, u.low, u.id, decode(repeat('00', 32), 'hex'),
            1 + coalesce((SELECT max(s.generation) FROM journal.stream AS s
                WHERE s.kind = 'partition' AND s.topic = u.topic AND s.partition = u.partition), 0)
        FROM unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::text[])
            AS u (topic, partition, feed, low, id)
        ON CONFLICT (topic, partition) WHERE kind = 'partition' AND is_current DO NOTHING
        """, name: "insert_streams")
    private static let claim = Statement(
        """
        UPDATE journal.stream AS s SET instance = $1, boot = $2, claim_epoch = claim_epoch + 1, feed = u.feed,
            topic_uuid = coalesce(s.topic_uuid, u.id)
        FROM unnest($3::text[], $4::integer[], $5::text[], $6::text[]) AS u (topic, partition, feed, id)
        WHERE s.kind = 'partition' AND s.is_current AND s.topic = u.topic AND s.partition = u.partition
        RETURNING s.stream_id, s.topic, s.partition, s.generation, s.claim_epoch, s.next_position, s.chain, s.topic_uuid
        """, name: "claim")
    private static let reload = Statement(
        """
        SELECT stream_id, topic, partition, generation, claim_epoch, next_position, chain, topic_uuid
        FROM journal.stream
        WHERE kind = 'partition' AND is_current AND instance = $1 AND boot = $2 AND stream_id = ANY($3)
        """, name: "reload_claims")
    private static let lastDigest = Statement(
        "SELECT payload_digest FROM journal.entry WHERE stream_id = $1 AND position = $2", name: "last_digest")
    private static let register = Statement(
        """
        INSERT INTO operations.instance (instance, boot, started_at) VALUES ($1, $2, clock_timestamp())
        ON CONFLICT (instance) DO UPDATE SET boot = EXCLUDED.boot, started_at = EXCLUDED.started_at
        """, name: "register_instance")
    private static let isRegistered = Statement(
        "SELECT EXISTS (SELECT FROM operations.instance WHERE instance = $1 AND boot = $2)", name: "is_registered")
    private static let endSilentHolders = Statement(
        "SELECT operations.end_silent_holders(interval '5 seconds')", name: "end_silent_holders")

    /// Sets what every session of a writer needs: bounded locks, UTC, the live projections.
    package static func prepare(_ session: PostgresSession) throws {
        try session.execute(boundLocks)
        try session.execute(useUTC)
        try ProjectionStore.useLiveProjections(session)
    }

    /// Says which start of the instance is the latest; an earlier one ends when it sees that (F9).
    package static func register(instance: String, boot: ShortHash, _ session: PostgresSession) throws {
        try session.execute(register, [.text(instance), .uuid(boot.high, boot.low)])
    }

    /// Whether this start of the instance is the latest.
    package static func isRegistered(
        instance: String, boot: ShortHash, _ session: PostgresSession
    ) throws -> Bool {
        try session.execute(isRegistered, [.text(instance), .uuid(boot.high, boot.low)]).first?.bool(0) ?? false
    }

    /// Claims partitions and returns where each begins; the position row decides, never Kafka's group.
    package static func claim(
        _ wanted: [Wanted], instance: String, boot: ShortHash, _ session: PostgresSession
    ) throws -> [Claim] {
        guard !wanted.isEmpty else { return [] }
        let wanted = wanted.sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
        var topics = BinaryArray(.text)
        var partitions = BinaryArray(.int4)
        var feeds = BinaryArray(.text)
        var lows = BinaryArray(.int8)
        var ids = BinaryArray(.text)
        for partition in wanted {
            topics.append(text: partition.topic)
            partitions.append(int4: partition.partition)
            feeds.append(text: partition.feed.rawValue)
            lows.append(int8: partition.low)
            if let id = partition.topicID { ids.append(text: id) } else { ids.appendNull() }
        }
        return try session.transaction {
            try session.execute(insert, [.array(topics), .array(partitions), .array(feeds), .array(lows), .array(ids)])
            return try session.execute(
                claim,
                [
                    .text(instance), .uuid(boot.high, boot.low), .array(topics), .array(partitions), .array(feeds),
                    .array(ids),
                ]
            ).map(read)
        }
    }

    /// Those of the claims that are still ours, as the database has them now.
    package static func reload(
        _ claims: [Claim], instance: String, boot: ShortHash, _ session: PostgresSession
    ) throws -> [Claim] {
        var ids = BinaryArray(.int4)
        for claim in claims { ids.append(int4: claim.streamID) }
        let epochs = Dictionary(claims.map { ($0.streamID, $0.epoch) }, uniquingKeysWith: { first, _ in first })
        return try session.execute(reload, [.text(instance), .uuid(boot.high, boot.low), .array(ids)]).map(read)
            .filter { epochs[$0.streamID] == $0.epoch }
    }

    /// The payload digest of the latest journalled message before the claim's position, if there is one.
    ///
    /// The broker's record at that offset must have it, or the log isn't the one that was read (F30, F31).
    package static func lastDigest(of claim: Claim, _ session: PostgresSession) throws -> SHA256Digest? {
        try session.execute(lastDigest, [.int4(claim.streamID), .int8(claim.next - 1)]).first
            .flatMap { SHA256Digest(bytes: $0.bytes(0)) }
    }

    /// Ends sessions that hold positions or the clock and whose client fell silent; how many.
    package static func endSilentHolders(_ session: PostgresSession) throws -> Int32 {
        try session.execute(endSilentHolders).first?.int4(0) ?? 0
    }

    private static func read(_ row: Row) -> Claim {
        Claim(
            streamID: row.int4(0), topic: row.string(1), partition: row.int4(2), generation: row.int4(3),
            epoch: row.int8(4), next: row.int8(5), chain: SHA256Digest(bytes: row.bytes(6)) ?? .zero,
            topicID: row.stringOrNil(7))
    }
}
