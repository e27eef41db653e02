import Digest
import Foundation

/// A completeness marker as a reader of the topics sees it, and the hash that the reader computes itself.
///
/// Written against the published description alone: it shares nothing with the store.
struct Cut: Sendable {
    let commit: Int64
    let hash: String
    let subjects: Int
    /// The next offset of each partition of the status topic.
    let next: [Int64]

    init?(_ value: [UInt8]) {
        guard let event = try? JSONSerialization.jsonObject(with: Data(value)) as? [String: Any],
            let data = event["data"] as? [String: Any], let commit = data["commit"] as? Int,
            let hash = data["hash"] as? String, let subjects = data["subjects"] as? Int,
            let offsets = data["offsets"] as? [String: [Int]],
            let status = offsets.first(where: { $0.key.hasSuffix(".out.status.v1") })?.value
        else { return nil }
        self.commit = Int64(commit)
        self.hash = hash
        self.subjects = subjects
        next = status.map(Int64.init)
    }

    /// The hash over the latest value of each key.
    static func hash(of records: [Site.Record]) -> String {
        var latest: [String: [UInt8]] = [:]
        for record in records { latest[record.key] = record.value }
        var buckets = [String](repeating: "", count: 4096)
        for subject in latest.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            guard let value = latest[subject],
                let object = try? JSONSerialization.jsonObject(with: Data(value)) as? [String: Any],
                let revision = object["revision"] as? [String: Any], let epoch = revision["epoch"] as? Int,
                let n = revision["n"] as? Int
            else { continue }
            let name = SHA256.digest(Array(subject.utf8)).bytes
            let bucket = Int(name[0]) << 4 | Int(name[1]) >> 4
            buckets[bucket] += "\(subject)\n\(epoch).\(n)\n\(SHA256.digest(value))\n"
        }
        return SHA256.digest(buckets.flatMap { SHA256.digest(Array($0.utf8)).bytes }).description
    }
}
