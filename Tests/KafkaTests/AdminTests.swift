import Foundation
import Kafka
import ParapluTesting
import Testing

@Suite(.timeLimit(.minutes(6)))
struct AdminTests {
    @Test("a topic is made with its settings, once")
    func createsTopics() async throws {
        let broker = try await TestBroker.shared()
        try await TestBroker.onThread {
            let admin = try KafkaAdmin(configuration: broker.configuration())
            defer { admin.close() }
            let name = "test.\(UUID().uuidString.lowercased())"
            let topic = KafkaAdmin.NewTopic(
                name: name, partitions: 3, replication: 1, config: ["cleanup.policy": "compact"])

            let first = try admin.createTopics([topic], timeoutMilliseconds: 20_000)
            let second = try admin.createTopics([topic], timeoutMilliseconds: 20_000)

            #expect(first.map(\.name) == [name])
            #expect(first.first?.error == nil)
            #expect(second.first?.error?.code == .topicAlreadyExists)
            // The controller has made it; the broker hears of it a moment later.
            var settings: [String: String] = [:]
            let deadline = ContinuousClock.now + .seconds(30)
            while settings.isEmpty, ContinuousClock.now < deadline {
                settings = (try? admin.topicConfiguration(name, timeoutMilliseconds: 20_000)) ?? [:]
            }
            #expect(settings["cleanup.policy"] == "compact")
            #expect(try admin.metadata(timeoutMilliseconds: 20_000)[name] == 3)
            #expect(try admin.partitionCount(topic: name, timeoutMilliseconds: 20_000) == 3)
            #expect(try admin.deleteTopics([name], timeoutMilliseconds: 20_000).first?.error == nil)
        }
    }

    @Test("the ids of topics are told by librdkafka 2.3 and newer, and a missing topic has none")
    func tellsTopicIDs() async throws {
        let broker = try await TestBroker.shared()
        let topics = [try await broker.createTopic(), try await broker.createTopic()]
        let missing = "test.missing.\(UUID().uuidString)"
        try await TestBroker.onThread {
            let ids = try KafkaAdmin.topicIDs(
                of: Set(topics + [missing]), broker.configuration(), timeoutMilliseconds: 20_000)

            guard KafkaLibrary.versionNumber >= 0x0203_00ff else {
                #expect(ids == nil)
                return
            }
            let told = try #require(ids)
            #expect(Set(told.keys) == Set(topics))
            #expect(Set(told.values).count == 2)
            #expect(told.values.allSatisfy { $0.count == 22 })
        }
    }

    @Test("a topic that is made again under its name has another id, however often")
    func tellsNewTopicID() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        guard KafkaLibrary.versionNumber >= 0x0203_00ff else { return }
        var ids: Set<String> = []
        for _ in 1...5 {
            // The broker that answers hears of the new topic a moment later.
            let id = try await eventually("another id") { [ids] in
                try await TestBroker.onThread {
                    try KafkaAdmin.topicIDs(of: [topic], broker.configuration(), timeoutMilliseconds: 20_000)?[topic]
                }.flatMap { ids.contains($0) ? nil : $0 }
            }
            ids.insert(id)
            try await broker.makeAgain(topic, partitions: 1)
        }

        #expect(ids.count == 5)
    }

    @Test("topic ids need no controller, which the built-in broker doesn't name")
    func tellsTopicIDWithoutController() async throws {
        try await TestBroker.onThread {
            let mock = try KafkaMockCluster(brokers: 1)
            defer { mock.close() }
            try mock.createTopic("test.uncontrolled", partitions: 1)

            let ids = try KafkaAdmin.topicIDs(
                of: ["test.uncontrolled"], KafkaConfiguration(properties: ["bootstrap.servers": mock.bootstraps]),
                timeoutMilliseconds: 20_000)

            #expect((ids != nil) == (KafkaLibrary.versionNumber >= 0x0203_00ff))
        }
    }

    @Test("settings of a missing topic are a typed error")
    func reportsMissingTopic() async throws {
        let broker = try await TestBroker.shared()
        try await TestBroker.onThread {
            let admin = try KafkaAdmin(configuration: broker.configuration())
            defer { admin.close() }

            let refusal = kafkaError {
                try admin.topicConfiguration("test.missing.\(UUID().uuidString)", timeoutMilliseconds: 20_000)
            }

            #expect(refusal?.code == .unknownTopicOrPartition)
        }
    }

    @Test("a description of settings shows no secret, and neither does a refused one")
    func masksSecrets() throws {
        let configuration = KafkaConfiguration(properties: [
            "sasl.password": "hunter2", "ssl.key.pem": "hunter2", "ssl.key.password": "hunter2", "client.id": "paraplu",
            "security.protocol": "ssl",
        ])

        #expect(configuration.description.contains("client.id=paraplu"))
        #expect(!"\(configuration)".contains("hunter2"))
        #expect(!String(reflecting: configuration).contains("hunter2"))
        let refusal = kafkaError { try KafkaAdmin(configuration: configuration) }
        #expect(refusal?.message.contains("hunter2") == false)
        #expect(refusal?.code == .invalidArgument)
    }
}
