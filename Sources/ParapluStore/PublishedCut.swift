package import Digest
import JSON
package import ParapluModel

/// A completeness marker as it stands on the topic of cuts, where who rewrites the database can't change it.
package struct PublishedCut: Sendable {
    /// The number of the commit up to which it says the topics are complete.
    package let commit: Int64
    /// When that commit was recorded, by its word.
    package let recordedAt: Timestamp
    /// The hash over every subject's status at that commit, by its word.
    package let hash: SHA256Digest
    /// The journal's heads at that commit, by its word.
    package let heads: [CutStore.Head]

    /// Reads a record's value; nil where it is no cut.
    package init?(event bytes: [UInt8]) {
        let limits = JSONLimits(bytesMax: 1 << 24, depthMax: 16, nodesMax: 1 << 20)
        guard let data = try? JSONParser.document(of: bytes, limits: limits).root["data"],
            let commit = data["commit"]?.int64, let moment = data["recorded_at"]?.string,
            let recordedAt = Timestamp(rfc3339: moment.utf8),
            let hash = data["hash"]?.string.flatMap({ SHA256Digest(hex: $0) }),
            let nodes = data["journal_heads"]?.elements
        else { return nil }
        var heads: [CutStore.Head] = []
        for node in nodes {
            guard let stream = node["stream_id"]?.int64.flatMap({ Int32(exactly: $0) }), let next = node["next"]?.int64,
                let chain = node["chain"]?.string.flatMap({ SHA256Digest(hex: $0) })
            else { return nil }
            heads.append(
                CutStore.Head(
                    stream: stream, topic: node["topic"]?.string ?? "",
                    partition: node["partition"]?.int64.flatMap { Int32(exactly: $0) } ?? 0, next: next, chain: chain))
        }
        (self.commit, self.recordedAt, self.hash, self.heads) = (commit, recordedAt, hash, heads)
    }
}
