import Digest
import Kafka
import ParapluModel
import ParapluPipeline
import ParapluStore
import ParapluTesting
import Postgres
import Synchronization
import Testing

@Suite("Outbox relay", .timeLimit(.minutes(4)))
struct OutboxRelayTests {
    @Test("a receipts topic that isn't there: its rows are set aside, and those before and after them are sent")
    func missingTopic() async throws {
        try await PipelineHarness.with { harness in
            try await harness.add([
                ("receipts.absent", "a"), ("changes", "before"), ("receipts.absent", "b"), ("receipts.absent", "c"),
                ("changes", "after"),
            ])
            try await harness.relaying { _ in
                try await harness.allSettled()
                let aside = try await harness.setAside()
                let changes = try await harness.read("out.changes.v1", partitions: 2) { found in
                    found.contains { $0.value == "after" }
                }
                #expect(aside == Array(repeating: "receipts.absent unknown_topic", count: 3))
                #expect(Set(changes.map(\.value)).isSuperset(of: ["before", "after"]))
                // Once the topic is known not to be there, the client refuses its rows at once.
                try await harness.add([("changes", "next"), ("receipts.absent", "d"), ("changes", "last")])
                try await harness.allSettled()
                let later = try await harness.read("out.changes.v1", partitions: 2) { found in
                    found.contains { $0.value == "last" }
                }
                #expect(Set(later.map(\.value)).isSuperset(of: ["next", "last"]))
                #expect(try await harness.setAside().count == 4)
            }
        }
    }

    @Test("a row that the client refuses leaves nothing behind that the next transaction takes for its own")
    func refusedAtOnce() async throws {
        try await PipelineHarness.with { harness in
            let large = String(repeating: "x", count: 1_500_000)
            try await harness.add([("changes", "small"), ("changes", large), ("changes", "smaller")])
            try await harness.relaying { _ in
                try await harness.allSettled()
                let aside = try await harness.setAside()
                let changes = try await harness.read("out.changes.v1", partitions: 2) { found in
                    found.contains { $0.value == "smaller" }
                }
                #expect(aside == ["changes message_too_large"])
                #expect(Set(changes.map(\.value)).isSuperset(of: ["small", "smaller"]))
            }
        }
    }

    @Test("a relay says why it gave the lease up, and nothing of one that it never had")
    func givenUp() async throws {
        try await PipelineHarness.with { harness in
            let nobody = KafkaConfiguration(properties: ["bootstrap.servers": "127.0.0.1:1"])
            try await harness.relaying(producer: nobody) { events in
                _ = try await eventually("a lease given up") { events.givenUp.isEmpty ? nil : true }
                #expect(events.givenUp.allSatisfy { $0.hasPrefix("kafka ") })
            }
            var elsewhere = harness.database.configuration
            elsewhere.parameters["dbname"] = "nowhere"
            try await harness.relaying(database: elsewhere) { events in
                _ = try await eventually("an attempt that failed") { events.retries > 0 ? true : nil }
                #expect(events.givenUp == [])
            }
        }
    }

    @Test("a receipts topic that may not be written: its rows are set aside, and the others are sent")
    func notAuthorised() async throws {
        try await PipelineHarness.with { harness in
            let mock = try KafkaMockCluster()
            defer { mock.close() }
            for name in ["status", "changes", "cuts", "receipts.closed"] {
                try mock.createTopic("\(harness.prefix).out.\(name).v1", partitions: 1)
            }
            // All together, and then the receipts alone.
            mock.pushErrors([.topicAuthorizationFailed, .topicAuthorizationFailed], for: .addPartitionsToTransaction)
            try await harness.add([("receipts.closed", "a"), ("changes", "b"), ("receipts.closed", "c")])
            let configuration = KafkaConfiguration(properties: ["bootstrap.servers": mock.bootstraps])
            try await harness.relaying(producer: configuration) { events in
                try await harness.allSettled()
                let aside = try await harness.setAside()
                #expect(aside == Array(repeating: "receipts.closed not_authorised", count: 2))
                #expect(events.givenUp == [])
            }
        }
    }

    @Test("of rows that travelled together, only the one that is too large for its topic is set aside")
    func tooLargeForTheTopic() async throws {
        try await PipelineHarness.with { harness in
            try await harness.makeTopic("out.receipts.small.v1", config: ["max.message.bytes": "5000"])
            let rows = (0..<12).map {
                ("receipts.small", "\($0) " + String(repeating: "y", count: $0 == 7 ? 9000 : 2000))
            }
            try await harness.add(rows)
            try await harness.relaying { _ in
                try await harness.allSettled()
                let aside = try await harness.setAside()
                let receipts = try await harness.read("out.receipts.small.v1", partitions: 1) { $0.count >= 11 }
                #expect(aside == ["receipts.small message_too_large"])
                #expect(
                    Set(receipts.compactMap { Int($0.value.prefix { $0 != " " }) })
                        == Set([0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11]))
            }
        }
    }
}

/// What a relay told.
private final class RelayEvents: Sendable {
    private let told = Mutex<(givenUp: [String], retries: Int)>(([], 0))

    var givenUp: [String] { told.withLock { $0.givenUp } }
    var retries: Int { told.withLock { $0.retries } }

    func take(_ event: PipelineEvent) {
        switch event {
        case .relayLost(let reason): told.withLock { $0.givenUp.append(reason) }
        case .retrying: told.withLock { $0.retries += 1 }
        default: break
        }
    }
}

extension PipelineHarness {
    private static let insert = Statement(
        """
        INSERT INTO outbox.event (commit, n, topic, key, epoch, revision, payload)
        SELECT c.number, c.n + u.place, u.topic, 'test/' || u.payload, 1, u.place, u.payload::bytea
        FROM (SELECT commit AS number, max(n) AS n FROM outbox.event GROUP BY commit ORDER BY commit DESC LIMIT 1) AS c,
            unnest($1::text[], $2::text[]) WITH ORDINALITY AS u (topic, payload, place)
        """)
    private static let unsent = Statement(
        """
        SELECT count(*) FROM outbox.event AS e, outbox.lease AS l WHERE (e.commit, e.n) > (l.sent_commit, l.sent_n)
        """)
    private static let aside = Statement("SELECT topic || ' ' || code FROM outbox.set_aside ORDER BY commit, n")

    /// Adds rows to the latest commit that has any.
    fileprivate func add(_ rows: [(topic: String, payload: String)]) async throws {
        var topics = BinaryArray(.text)
        var payloads = BinaryArray(.text)
        for row in rows {
            topics.append(text: row.topic)
            payloads.append(text: row.payload)
        }
        let parameters: [Parameter] = [.array(topics), .array(payloads)]
        _ = try await admin.run { session in try session.execute(PipelineHarness.insert, parameters).affected }
    }

    fileprivate func allSettled() async throws {
        _ = try await eventually("every row sent or set aside", within: .seconds(90)) {
            try await self.admin.run { try $0.execute(PipelineHarness.unsent)[0].int8(0) } == 0 ? true : nil
        }
    }

    fileprivate func setAside() async throws -> [String] {
        try await admin.run { session in try session.execute(PipelineHarness.aside).map { $0.string(0) } }
    }

    fileprivate func makeTopic(_ name: String, config: [String: String]) async throws {
        let topic = KafkaAdmin.NewTopic(name: "\(prefix).\(name)", partitions: 1, replication: 1, config: config)
        let broker = broker
        try await TestBroker.onThread {
            let kafka = try KafkaAdmin(configuration: broker.configuration())
            defer { kafka.close() }
            for result in try kafka.createTopics([topic], timeoutMilliseconds: 20_000) {
                if let error = result.error { throw error }
            }
        }
    }

    /// Runs a relay alone beside the body and drains it.
    fileprivate func relaying(
        producer: KafkaConfiguration? = nil, database configuration: PostgresConfiguration? = nil,
        _ body: (RelayEvents) async throws -> Void
    ) async throws {
        let told = RelayEvents()
        let connection = PostgresConnection(configuration ?? database.configuration, name: "relay")
        let relay = OutboxRelay(
            OutboxRelay.Configuration(
                instance: "one", boot: ShortHash(SHA256.digest(utf8: prefix).uuidWords), topicPrefix: prefix,
                producer: producer ?? broker.configuration(["transaction.timeout.ms": "10000"]),
                events: EventFactory(source: PipelineHarness.source), rowsMax: 1000, cutInterval: .seconds(5)),
            connection: connection
        ) { told.take($0) }
        let running = Task { await relay.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body(told)) } catch { result = .failure(error) }
        relay.drain()
        await running.value
        await connection.close()
        try result.get()
    }
}
