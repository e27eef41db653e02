internal import Foundation
package import Kafka

/// A Kafka broker for tests: one shared by the suite, or one of a test's own that it may kill and suspend.
///
/// The shared one is, in this order: the broker that `PARAPLU_TEST_BOOTSTRAP` names (`make test` starts it); a real
/// broker started once for the process, from `KAFKA_HOME` or `../shared/kafka` beside the package; librdkafka's mock.
package final class TestBroker: Sendable {
    /// Why a broker could not be had.
    package enum Failure: Error {
        /// Neither `KAFKA_HOME` nor `../shared/kafka` holds `bin/kafka`.
        case noKafka
        /// `bin/kafka start` ended without a broker; the text is its output.
        case didNotStart(String)
        /// A topic could not be made.
        case topic(KafkaError)
        /// A topic was made and is still unknown to the broker two minutes later.
        case unseen(String)
    }

    /// `HOST:PORT` of the broker.
    package let bootstrap: String
    /// Whether it is Apache Kafka and not librdkafka's mock.
    package var isReal: Bool { mock == nil }

    private let mock: KafkaMockCluster?
    private let instance: BrokerInstance?

    private init(bootstrap: String, mock: KafkaMockCluster? = nil, instance: BrokerInstance? = nil) {
        self.bootstrap = bootstrap
        self.mock = mock
        self.instance = instance
    }

    // MARK: The shared broker

    private static let sharedBroker = Task {
        try await onThread {
            if let bootstrap = ProcessInfo.processInfo.environment["PARAPLU_TEST_BOOTSTRAP"] {
                return TestBroker(bootstrap: bootstrap)
            }
            do {
                return try startInstance(settings: [:])
            } catch Failure.noKafka {
                let mock = try KafkaMockCluster()
                return TestBroker(bootstrap: mock.bootstraps, mock: mock)
            }
        }
    }

    /// The broker that all tests of the process share; the first caller waits some 5 s for its start.
    package static func shared() async throws -> TestBroker { try await sharedBroker.value }

    /// Settings of a client of this broker.
    package func configuration(_ settings: [String: String] = [:]) -> KafkaConfiguration {
        KafkaConfiguration(properties: ["bootstrap.servers": bootstrap]).merging(settings)
    }

    /// Deletes a partition's records before an offset, as retention does.
    package func deleteRecords(of topic: String, partition: Int32, before offset: Int64) async throws {
        let bootstrap = bootstrap
        try await TestBroker.onThread { try RecordDeletion.delete(topic, partition, before: offset, bootstrap) }
    }

    /// Makes a topic with a name of its own and returns the name.
    package func createTopic(partitions: Int = 1, config: [String: String] = [:]) async throws -> String {
        let name = "test.\(UUID().uuidString.lowercased())"
        if let mock {
            try mock.createTopic(name, partitions: partitions)
            return name
        }
        let settings = configuration()
        return try await Self.onThread {
            let admin = try KafkaAdmin(configuration: settings)
            defer { admin.close() }
            let topic = KafkaAdmin.NewTopic(name: name, partitions: partitions, replication: 1, config: config)
            // A broker that all tests ask at once may take longer than a request waits: what timed out is asked again,
            // and may have been done the first time.
            let deadline = ContinuousClock.now + .seconds(120)
            while true {
                do throws(KafkaError) {
                    let results = try admin.createTopics([topic], timeoutMilliseconds: 20_000)
                    let errors = results.compactMap(\.error)
                    if let error = errors.first(where: { $0.code != .topicAlreadyExists }) { throw error }
                    break
                } catch {
                    guard error.isRetriable, ContinuousClock.now < deadline else {
                        throw Failure.topic(error)
                    }
                }
            }
            // The controller has made it; the broker that clients ask hears of it a moment later.
            while (try? admin.metadata(timeoutMilliseconds: 20_000))?[name] != partitions {
                guard ContinuousClock.now < deadline else { throw Failure.unseen(name) }
            }
            return name
        }
    }

    /// Deletes a topic and makes another, empty one of the same name.
    package func makeAgain(_ name: String, partitions: Int) async throws {
        let settings = configuration()
        try await Self.onThread {
            let admin = try KafkaAdmin(configuration: settings)
            defer { admin.close() }
            for case (_, let error?) in try admin.deleteTopics([name], timeoutMilliseconds: 20_000) {
                throw Failure.topic(error)
            }
        }
        // A deletion is told to all before it is done everywhere: the name is free when making it succeeds.
        _ = try await eventually("a topic of the same name") {
            try await Self.onThread { () -> Bool? in
                let admin = try KafkaAdmin(configuration: settings)
                defer { admin.close() }
                let results = try admin.createTopics(
                    [KafkaAdmin.NewTopic(name: name, partitions: partitions, replication: 1)],
                    timeoutMilliseconds: 20_000)
                return results.allSatisfy { $0.error == nil } ? true : nil
            }
        }
    }

    // MARK: A broker of one's own

    /// Starts a real broker of the test's own, with broker settings such as `log.retention.ms`; end it with `stop()`.
    package static func start(settings: [String: String] = [:]) async throws -> TestBroker {
        try await onThread { try startInstance(settings: settings) }
    }

    /// Ends the broker and deletes its data.
    package func stop() async throws {
        guard let instance else { return }
        try await Self.onThread { try instance.remove() }
    }

    /// Ends the broker as a crash would; `restart()` brings it back with its data.
    package func kill() async throws {
        guard let instance else { return }
        try await Self.onThread { try instance.kill() }
    }

    /// Starts the broker again on the same port and data, killing it first when it runs.
    package func restart() async throws {
        guard let instance else { return }
        try await Self.onThread {
            try instance.kill()
            _ = try instance.start()
        }
    }

    /// Stops the broker's process in its tracks: connections stay open and nobody answers.
    package func suspend() throws { try instance?.signal(SIGSTOP) }

    /// Lets a suspended broker go on.
    package func resume() throws { try instance?.signal(SIGCONT) }

    /// Runs blocking work on a thread of its own, as Swift's pool has too few to block one.
    package static func onThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result(catching: work)) }
        }
    }

    private static func startInstance(settings: [String: String]) throws -> TestBroker {
        let instance = try BrokerInstance(settings: settings)
        do {
            return TestBroker(bootstrap: try instance.start(), instance: instance)
        } catch {
            try? instance.remove()
            throw error
        }
    }
}
