package import Digest
import JSON
package import ParapluModel
package import Postgres

/// Computes completeness markers: a commit, and a hash over every subject's status at it.
///
/// The hash is over bucket hashes, so that only buckets with a changed subject are computed again. Any reader of the
/// status topic computes the same: a subject's bucket is the first twelve bits of the SHA-256 of its name; a bucket's
/// hash is the SHA-256 over its subjects in byte order, each as `<subject>\n<epoch>.<n>\n<SHA-256 of the value, hex>\n`;
/// the cut's hash is the SHA-256 over the 4,096 bucket hashes in order, an empty bucket counting as no bytes hashed.
package struct CutStore: Sendable {
    /// A picture of all status at one commit.
    package struct Picture: Sendable {
        /// The number of the commit up to which it is complete.
        package let commit: Int64
        /// When that commit was recorded.
        package let recordedAt: Timestamp
        /// How many subjects have a status.
        package let subjects: Int
        /// The hash over every subject's status, computed as any reader of the topic can.
        package let hash: SHA256Digest
        /// The journal's heads at that commit.
        package let heads: [Head]
    }

    /// Where a stream of the journal stood.
    package struct Head: Sendable {
        /// The stream's id in `journal.stream`.
        package let stream: Int32
        /// The Kafka topic, with its prefix; empty for a stream of our own.
        package let topic: String
        /// The partition's number within the topic; 0 for a stream of our own.
        package let partition: Int32
        /// The position that the stream's next entry gets.
        package let next: Int64
        /// The chain hash of the latest entry before `next`; zeros where there is none.
        package let chain: SHA256Digest
    }

    private struct Entry: Sendable {
        let revision: String
        let hash: SHA256Digest
    }

    private static let statuses = Statement(
        """
        SELECT subject, bucket, epoch, revision, payload_hash FROM progress.status WHERE commit > $1
        """, name: "statuses_since")
    private static let heads = Statement(
        "SELECT stream_id, topic, partition, next_position, chain FROM journal.stream ORDER BY stream_id",
        name: "journal_heads")
    private static let insert = Statement(
        """
        INSERT INTO outbox.cut (commit, recorded_at, subjects, hash, payload) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (commit) DO NOTHING
        """, name: "insert_cut")
    private static let last = Statement("SELECT coalesce(max(commit), -1) FROM outbox.cut", name: "last_cut")

    private var subjects: [[String: Entry]] = Array(repeating: [:], count: 4096)
    private var hashes: [SHA256Digest] = Array(repeating: SHA256.digest([UInt8]()), count: 4096)
    private var seen: Int64 = -1

    package init() {}

    /// The commit of the latest cut; -1 before the first.
    package static func lastCommit(_ session: PostgresSession) throws -> Int64 {
        try session.execute(last).first?.int8(0) ?? -1
    }

    /// The picture now, in one snapshot.
    package mutating func picture(_ session: PostgresSession) throws -> Picture {
        let since = seen
        let (reading, changed, heads) = try session.transaction(isolation: .repeatableReadReadOnly) {
            (
                try CommitClock.read(session), try session.execute(CutStore.statuses, [.int8(since)]),
                try session.execute(CutStore.heads)
            )
        }
        var buckets: Set<Int> = []
        for row in changed {
            let bucket = Int(row.int2(1))
            subjects[bucket][row.string(0)] = Entry(
                revision: "\(row.int4(2)).\(row.int8(3))", hash: SHA256Digest(bytes: row.bytes(4)) ?? .zero)
            buckets.insert(bucket)
        }
        var hasher = SHA256()
        for bucket in buckets {
            let inOrder = subjects[bucket].sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (subject, entry) in inOrder {
                hasher.update(utf8: "\(subject)\n\(entry.revision)\n\(entry.hash)\n")
            }
            hashes[bucket] = hasher.finalize()
        }
        for hash in hashes { hash.withUnsafeBytes { hasher.update($0) } }
        seen = reading.stamp.number
        return Picture(
            commit: reading.stamp.number, recordedAt: reading.stamp.recordedAt,
            subjects: subjects.reduce(0) { $0 + $1.count }, hash: hasher.finalize(),
            heads: heads.map { row in
                Head(
                    stream: row.int4(0), topic: row.string(1), partition: row.int4(2), next: row.int8(3),
                    chain: SHA256Digest(bytes: row.bytes(4)) ?? .zero)
            })
    }

    /// Keeps a cut that was published.
    package static func record(_ picture: Picture, payload: [UInt8], _ session: PostgresSession) throws {
        try session.execute(
            insert,
            [
                .int8(picture.commit), .timestamp(picture.recordedAt.microsecondsSince2000),
                .int4(Int32(picture.subjects)), .bytes(picture.hash.bytes), .json(payload),
            ])
    }
}

extension EventFactory {
    /// A cut's data: who has read the topics up to the offsets has the complete picture at the commit.
    ///
    /// - Parameter offsets: By topic, the next offset of each partition.
    package func cutData(_ picture: CutStore.Picture, offsets: [(topic: String, next: [Int64])]) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        StatusPayload.number("commit", picture.commit, in: &json)
        StatusPayload.member("recorded_at", picture.recordedAt.description, in: &json)
        StatusPayload.number("subjects", picture.subjects, in: &json)
        StatusPayload.member("hash", picture.hash.description, in: &json)
        json.member("offsets")
        json.beginObject()
        for (topic, next) in offsets {
            json.member(name: topic)
            json.beginArray()
            for offset in next { json.integer(offset) }
            json.endArray()
        }
        json.endObject()
        json.member("journal_heads")
        json.beginArray()
        for head in picture.heads {
            json.beginObject()
            StatusPayload.number("stream_id", head.stream, in: &json)
            if !head.topic.isEmpty {
                StatusPayload.member("topic", head.topic, in: &json)
                StatusPayload.number("partition", head.partition, in: &json)
            }
            StatusPayload.number("next", head.next, in: &json)
            StatusPayload.member("chain", head.chain.description, in: &json)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// A cut as a structured event.
    package func cut(_ picture: CutStore.Picture, data: [UInt8]) -> [UInt8] {
        var json = JSONWriter()
        begin(
            &json, id: "cut:\(picture.commit)", type: EventFactory.cutType, subject: "programme",
            at: picture.recordedAt)
        json.member("data")
        json.raw(data)
        json.endObject()
        return json.bytes
    }
}
