internal import JSON
internal import Kafka
internal import ParapluConfiguration
internal import ParapluConnectors

extension Command {
    private static let partitions = Option(
        "partitions", "N", "of inbound topics, status and changes (default: 6); cuts and receipts have one")
    private static let replication = Option("replication", "N", "replicas of each (default: the cluster's)")
    private static let dryRun = Option("dry-run", nil, "say what would be made, and make nothing")

    /// The command `paraplu topics create`.
    static let topicsCreate = Command(
        "topics create", summary: "make the topics that the connectors and the service need",
        details: """
            Inbound topics keep everything (cleanup.policy=delete, retention.ms=-1), unless their connector declares
            them compacted. The status topic is compacted; changes, cuts and receipts are not. A topic that exists is
            checked and never changed; exit code 1 where one isn't as it must be.
            """,
        example: "paraplu topics create --partitions 12 --replication 3",
        options: [partitions, replication, dryRun]
    ) { call in
        let count = try call.number(partitions, in: 1...1_000) ?? 6
        let replicas = try call.number(replication, in: 1...100) ?? -1
        let configuration = try call.services.configuration()
        let plan = TopicPlan(
            prefix: configuration.topicPrefix, connectors: try Connectors.load(call.services).connectors)
        var desk = TopicDesk(admin: try call.services.admin())
        var results: [TopicResult] = []
        let known = try desk.partitionCounts()
        for topic in plan.topics where known[topic.name] != nil {
            results.append(try desk.check(topic, partitions: known[topic.name] ?? 0))
        }
        let missing = plan.topics.filter { known[$0.name] == nil }
        if call.has(dryRun) {
            results += missing.map { topic in
                TopicResult(topic: topic, outcome: "would be made", partitions: topic.isPartitioned ? count : 1)
            }
        } else if !missing.isEmpty {
            results += try desk.create(missing, partitions: count, replication: replicas, call)
        }
        let order = Dictionary(uniqueKeysWithValues: plan.topics.enumerated().map { ($1.name, $0) })
        results.sort { order[$0.topic.name, default: 0] < order[$1.topic.name, default: 0] }
        show(results, call)
        return results.contains { !$0.problems.isEmpty } ? .failed : .done
    }

    private static func show(_ results: [TopicResult], _ call: Invocation) {
        guard call.isJSON else {
            var table = Table(columns: [
                .init("TOPIC"), .init("CLEANUP"), .init("PARTITIONS", isRight: true), .init("OUTCOME"),
            ])
            for result in results {
                table.add([
                    .init(result.topic.name), .init(result.topic.cleanup), .init(String(result.partitions)),
                    .init(result.outcome, result.problems.isEmpty ? .plain : .red),
                ])
            }
            call.terminal.print(table)
            for result in results {
                for problem in result.problems { call.terminal.say("\(result.topic.name): \(problem)") }
            }
            return
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("topics")
        json.beginArray()
        for result in results {
            json.beginObject()
            json.member("topic")
            json.string(result.topic.name)
            json.member("cleanup_policy")
            json.string(result.topic.cleanup)
            json.member("partitions")
            json.integer(result.partitions)
            json.member("outcome")
            json.string(result.outcome)
            json.member("problems")
            json.beginArray()
            for problem in result.problems { json.string(problem) }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        json.endObject()
        call.terminal.print(json: json.bytes)
    }
}
