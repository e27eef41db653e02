internal import Kafka

/// What became of one topic.
struct TopicResult: Sendable {
    let topic: TopicPlan.Topic
    /// `made`, `exists`, `would be made`, `asked for`, `failed`.
    var outcome: String
    var partitions: Int
    /// What isn't as it must be.
    var problems: [String] = []
}

/// Looks at topics on the brokers, and makes them.
struct TopicDesk {
    private let admin: KafkaAdmin
    /// Whether the brokers tell a topic's settings; librdkafka's mock broker doesn't.
    private var hasSettings = true

    init(admin: KafkaAdmin) { self.admin = admin }

    /// The partition counts of all topics that may be seen.
    func partitionCounts() throws -> [String: Int] {
        try admin.metadata(timeoutMilliseconds: Services.brokerTimeoutMilliseconds)
    }

    /// An existing topic against what it must be.
    mutating func check(_ topic: TopicPlan.Topic, partitions: Int) throws -> TopicResult {
        var result = TopicResult(topic: topic, outcome: "exists", partitions: partitions)
        guard hasSettings else {
            result.outcome = "exists, unchecked"
            return result
        }
        do throws(KafkaError) {
            let settings = try admin.topicConfiguration(
                topic.name, timeoutMilliseconds: TopicDesk.firstTimeoutMilliseconds)
            result.problems = topic.problems(settings)
        } catch {
            if TopicDesk.isUnsupported(error) {
                hasSettings = false
                result.outcome = "exists, unchecked"
            } else if error.code == .topicAuthorizationFailed || error.code == .clusterAuthorizationFailed {
                result.problems = ["its settings may not be read (ACL DescribeConfigs)"]
            } else {
                throw error
            }
        }
        if !result.problems.isEmpty { result.outcome = "exists, not as needed" }
        return result
    }

    /// Makes topics that don't exist.
    func create(
        _ topics: [TopicPlan.Topic], partitions: Int, replication: Int, _ call: Invocation
    ) throws -> [TopicResult] {
        let requests = topics.map { topic in
            var settings = topic.settings
            // With three replicas one may be away without a message lost or a write refused.
            if replication >= 3 { settings["min.insync.replicas"] = "2" }
            return KafkaAdmin.NewTopic(
                name: topic.name, partitions: topic.isPartitioned ? partitions : 1, replication: replication,
                config: settings)
        }
        let answers: [(name: String, error: KafkaError?)]
        do throws(KafkaError) {
            answers = try admin.createTopics(requests, timeoutMilliseconds: TopicDesk.firstTimeoutMilliseconds)
        } catch {
            if TopicDesk.isUnsupported(error) { return try ask(for: topics, call) }
            guard error.code == .timedOut || error.code == .requestTimedOut else { throw error }
            // Patience; what the first request made nevertheless is there by now, and is fine.
            answers = try admin.createTopics(requests, timeoutMilliseconds: 60_000).map { answer in
                (answer.name, answer.error?.code == .topicAlreadyExists ? nil : answer.error)
            }
        }
        let errors = Dictionary(answers.map { ($0.name, $0.error) }, uniquingKeysWith: { first, _ in first })
        return zip(topics, requests).map { topic, request in
            let answer = errors[topic.name] ?? KafkaError(code: .failure, message: "no answer")
            guard let error = answer, error.code != .topicAlreadyExists else {
                return TopicResult(
                    topic: topic, outcome: answer == nil ? "made" : "exists, unchecked", partitions: request.partitions)
            }
            return TopicResult(topic: topic, outcome: "failed", partitions: 0, problems: [error.message])
        }
    }

    /// How long brokers that answered before may take; long enough to elect a controller.
    private static let firstTimeoutMilliseconds = 5_000

    /// Whether the brokers, which did answer before, have nobody who makes topics or tells their settings.
    ///
    /// librdkafka's mock broker names no controller, upon which librdkafka waits for one until the time is over.
    private static func isUnsupported(_ error: KafkaError) -> Bool {
        error.code == .unsupportedFeature || (error.code == .timedOut && error.message.contains("controller"))
    }

    /// Asks a broker that can't make topics for their metadata, upon which a mock broker makes them by itself.
    private func ask(for topics: [TopicPlan.Topic], _ call: Invocation) throws -> [TopicResult] {
        call.terminal.say(
            "this broker doesn't take CreateTopics; asking for each topic's metadata instead, so that it makes them with"
                + " settings of its own (--partitions and --replication have no effect)")
        return try topics.map { topic in
            var count = 0
            // The first answer may be that the topic is on its way.
            for _ in 0..<3 where count == 0 { count = try askedCount(topic.name) }
            return TopicResult(
                topic: topic, outcome: count > 0 ? "asked for" : "failed", partitions: count,
                problems: count > 0 ? [] : ["the broker doesn't make it"])
        }
    }

    /// How many partitions a topic has; 0 while the broker says that it doesn't know it.
    private func askedCount(_ topic: String) throws -> Int {
        do throws(KafkaError) {
            return try admin.partitionCount(topic: topic, timeoutMilliseconds: Services.brokerTimeoutMilliseconds)
        } catch {
            switch error.code {
            case .unknownTopic, .unknownTopicOrPartition, .leaderNotAvailable: return 0
            default: throw error
            }
        }
    }
}
