import Foundation
import Kafka
import ParapluTesting
import Testing

@Suite(.timeLimit(.minutes(3)))
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

    @Test("the topic id is told by librdkafka 2.3 and newer")
    func tellsTopicID() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        try await TestBroker.onThread {
            let admin = try KafkaAdmin(configuration: broker.configuration())
            defer { admin.close() }

            let identity = try admin.topicID(topic, timeoutMilliseconds: 20_000)

            guard KafkaLibrary.versionNumber >= 0x0203_00ff else {
                #expect(identity == nil)
                return
            }
            #expect(identity?.count == 22)
            #expect(throws: KafkaError.self) {
                try admin.topicID("test.missing.\(UUID().uuidString)", timeoutMilliseconds: 20_000)
            }
        }
    }

    @Test("the topic id needs no controller, which the built-in broker doesn't name")
    func tellsTopicIDWithoutController() async throws {
        try await TestBroker.onThread {
            let mock = try KafkaMockCluster(brokers: 1)
            defer { mock.close() }
            try mock.createTopic("test.uncontrolled", partitions: 1)
            let admin = try KafkaAdmin(
                configuration: KafkaConfiguration(properties: ["bootstrap.servers": mock.bootstraps]))
            defer { admin.close() }

            let identity = try admin.topicID("test.uncontrolled", timeoutMilliseconds: 20_000)

            #expect((identity != nil) == (KafkaLibrary.versionNumber >= 0x0203_00ff))
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
