internal import ParapluConnectors
internal import ParapluModel

/// The topics that an instance needs, with the settings that its guarantees rest on.
struct TopicPlan: Sendable {
    /// One topic.
    struct Topic: Sendable {
        let name: String
        /// The feed that reads it, for inbound topics.
        let feed: String?
        /// `delete` or `compact`.
        let cleanup: String
        /// Whether nothing may be deleted by age.
        let isUnlimited: Bool
        /// Whether more than one partition makes sense.
        let isPartitioned: Bool

        /// The settings by Kafka's own names.
        var settings: [String: String] {
            var settings = ["cleanup.policy": cleanup]
            if isUnlimited { settings["retention.ms"] = "-1" }
            if keepsTombstones { settings["delete.retention.ms"] = String(Topic.tombstonesKeptMilliseconds) }
            return settings
        }

        /// Whether messages without a value say something here, and must outlast our absence.
        private var keepsTombstones: Bool { feed != nil && cleanup == "compact" }

        /// How long a message without a value stays behind compaction: thirty days, Kafka's own default is one.
        private static let tombstonesKeptMilliseconds = 2_592_000_000

        /// What of a topic's settings is not as it must be; empty where all is well.
        func problems(_ found: [String: String]) -> [String] {
            var problems: [String] = []
            let policy = found["cleanup.policy"] ?? "delete"
            if policy != cleanup {
                let why = feed != nil && cleanup == "delete" ? "; compaction would lose reports" : ""
                problems.append("cleanup.policy is \(policy), not \(cleanup)\(why)")
            }
            if isUnlimited, let retention = found["retention.ms"], retention != "-1" {
                problems.append("retention.ms is \(retention), not -1: what isn't read in time is lost")
            }
            if keepsTombstones, let kept = found["delete.retention.ms"].flatMap({ Int($0) }),
                kept < Topic.tombstonesKeptMilliseconds
            {
                problems.append(
                    "delete.retention.ms is \(kept), not \(Topic.tombstonesKeptMilliseconds): "
                        + "what is withdrawn while nobody reads is lost")
            }
            return problems
        }
    }

    let topics: [Topic]

    /// The topics of an instance: one per feed, and what goes out.
    init(prefix: String, connectors: [Connector]) {
        let inbound = connectors.map { connector in
            // Compaction loses reports, unless the connector says that only the latest one counts.
            let isCompacted = connector.offsets == .compacted
            return Topic(
                name: "\(prefix).\(connector.topic)", feed: connector.feed.rawValue,
                cleanup: isCompacted ? "compact" : "delete", isUnlimited: !isCompacted, isPartitioned: true)
        }
        let partners = Set(connectors.map { String($0.feed.rawValue.prefix { $0 != "/" }) }).sorted()
        let outbound = [
            Topic(
                name: "\(prefix).out.status.v1", feed: nil, cleanup: "compact", isUnlimited: false, isPartitioned: true),
            Topic(
                name: "\(prefix).out.changes.v1", feed: nil, cleanup: "delete", isUnlimited: false, isPartitioned: true),
            Topic(
                name: "\(prefix).out.cuts.v1", feed: nil, cleanup: "delete", isUnlimited: true, isPartitioned: false),
        ]
        let receipts = partners.map { partner in
            Topic(
                name: "\(prefix).out.receipts.\(partner).v1", feed: nil, cleanup: "delete", isUnlimited: false,
                isPartitioned: false)
        }
        topics = inbound + outbound + receipts
    }
}
