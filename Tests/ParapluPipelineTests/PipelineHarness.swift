import Digest
import Dispatch
import Foundation
import Kafka
import ParapluConnectors
import ParapluModel
import ParapluPipeline
import ParapluRules
import ParapluStore
import ParapluTesting
import Postgres
import Synchronization

/// A migrated database with a small plan, topics of its own on the real broker, and pipelines over both.
final class PipelineHarness: Sendable {
    let database: TestDatabase
    let broker: TestBroker
    let prefix: String
    let admin: PostgresConnection

    static let source = "urn:nld:oin:00000099000000900000:systeem:paraplu"

    private init(database: TestDatabase, broker: TestBroker, prefix: String, admin: PostgresConnection) {
        self.database = database
        self.broker = broker
        self.prefix = prefix
        self.admin = admin
    }

    /// The OINs of the owners whose feeds tests publish to.
    static let oins = ["bz": "00000099000000104000", "jenv": "00000099000000101000"]

    static func make(actions: Int = 4, partitions: Int = 2) async throws -> PipelineHarness {
        let database = try await TestDatabase.make()
        let broker = try await TestBroker.shared()
        let prefix = "t" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let admin = PostgresConnection(database.configuration, name: "harness")
        let harness = PipelineHarness(database: database, broker: broker, prefix: prefix, admin: admin)
        let topics = [
            KafkaAdmin.NewTopic(name: "\(prefix).in.bz.canoniek.v1", partitions: partitions, replication: 1),
            KafkaAdmin.NewTopic(name: "\(prefix).in.jenv.canoniek.v1", partitions: partitions, replication: 1),
            KafkaAdmin.NewTopic(name: "\(prefix).out.receipts.jenv.v1", partitions: 1, replication: 1),
            KafkaAdmin.NewTopic(
                name: "\(prefix).out.status.v1", partitions: 2, replication: 1, config: ["cleanup.policy": "compact"]),
            KafkaAdmin.NewTopic(name: "\(prefix).out.changes.v1", partitions: 2, replication: 1),
            KafkaAdmin.NewTopic(name: "\(prefix).out.receipts.bz.v1", partitions: 1, replication: 1),
            KafkaAdmin.NewTopic(name: "\(prefix).out.cuts.v1", partitions: 1, replication: 1),
        ]
        try await TestBroker.onThread {
            let kafka = try KafkaAdmin(configuration: broker.configuration())
            defer { kafka.close() }
            for result in try kafka.createTopics(topics, timeoutMilliseconds: 20_000) {
                if let error = result.error { throw error }
            }
        }
        let plan = plan(actions: actions)
        _ = try await admin.run { session in
            _ = try Migrator.migrate(session)
            try Claims.prepare(session)
            return try PlanStore.apply(
                plan, document: Array("{}".utf8), actor: "test", reason: "test", events: EventFactory(source: source),
                session)
        }
        return harness
    }

    /// Lends a harness and takes it down again, whatever happens.
    static func with(
        actions: Int = 4, partitions: Int = 2, _ body: (PipelineHarness) async throws -> Void
    ) async throws {
        let harness = try await make(actions: actions, partitions: partitions)
        do {
            try await body(harness)
        } catch {
            try? await harness.close()
            throw error
        }
        try await harness.close()
    }

    /// Runs a pipeline beside the body and drains it.
    func running(
        _ pipeline: Pipeline, _ catalog: ConnectorCatalog? = nil, _ body: () async throws -> Void
    ) async throws {
        let catalog = try catalog ?? PipelineHarness.catalog()
        let task = Task { try await pipeline.run(catalog) }
        do {
            try await body()
        } catch {
            pipeline.drain()
            _ = try? await task.value
            throw error
        }
        pipeline.drain()
        try await task.value
    }

    /// Lets nobody commit while the body runs.
    func lockingClock<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        let connection = PostgresConnection(database.configuration, name: "clock")
        let locked = Mutex(false)
        let mayEnd = DispatchSemaphore(value: 0)
        let lock = Task {
            try await connection.run { session in
                try session.transaction {
                    try session.execute(Statement("SELECT FROM operations.commit_clock FOR UPDATE"))
                    locked.withLock { $0 = true }
                    mayEnd.wait()
                }
            }
        }
        let result: Result<T, any Error>
        do {
            _ = try await eventually("the clock is locked") { locked.withLock { $0 } ? true : nil }
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        mayEnd.signal()
        try await lock.value
        await connection.close()
        return try result.get()
    }

    private func close() async throws {
        await admin.close()
        try await database.close()
    }

    static func plan(actions: Int) -> Plan {
        let organisations = ["org-bz", "org-jenv"].map { id in
            Organisation(
                id: OrganisationID(unchecked: id), nameNL: id, nameEN: id, abbreviation: id, kind: "ministry",
                provenance: .illustrative)
        }
        let planned = (1...actions).map { number in
            PlannedAction(
                id: ActionID(unchecked: "ill-\(number)"), code: "\(number)-ILL", titleNL: "Actie \(number)",
                titleEN: "Action \(number)", line: ActionLineID(unchecked: "line-1"),
                goals: [GoalID(unchecked: "goal-1")], policyType: .plan, provenance: .illustrative,
                displayNoteNL: "Illustratief", plannedStart: CalendarDate(year: 2024, month: 6, day: 17),
                roles: [ActionRole(organisation: OrganisationID(unchecked: "org-bz"), role: .actionHolder)])
        }
        return Plan(
            name: "test", version: "1",
            programme: Programme(
                id: "prg", titleNL: "Programma", titleEN: "Programme", dossier: "28 638",
                presentedOn: CalendarDate(year: 2024, month: 6, day: 17) ?? .distantPast,
                coordinator: OrganisationID(unchecked: "org-jenv")),
            goals: [StrategicGoal(id: GoalID(unchecked: "goal-1"), number: 1, titleNL: "Doel", titleEN: "Goal")],
            lines: [
                ActionLine(
                    id: ActionLineID(unchecked: "line-1"), number: 1, titleNL: "Lijn", titleEN: "Line",
                    goals: [GoalID(unchecked: "goal-1")])
            ], organisations: organisations, actions: planned)
    }

    /// A pipeline as a daemon makes it.
    ///
    /// - Parameter load: Gives the connectors where they are to be read again.
    func pipeline(
        instance: String, window: RejectionWindow.Limit? = .standard,
        load: @escaping ConnectorReload.Load = { ConnectorCatalog.make(definitions: []) },
        emit: @escaping PipelineSink
    ) -> Pipeline {
        Pipeline(
            Pipeline.Configuration(
                instance: instance, topicPrefix: prefix, source: PipelineHarness.source,
                database: database.configuration,
                consumer: broker.configuration([
                    "group.id": "\(prefix)-group", "session.timeout.ms": "6000", "queued.max.messages.kbytes": "4096",
                ]),
                producer: broker.configuration(["transaction.timeout.ms": "10000"]), limits: IntakeReader.Limits(),
                window: window, parkedDaysMax: 30, relayRowsMax: 1000, cutInterval: .seconds(5),
                hashKey: Array("0123456789abcdef".utf8)), load: load, emit: emit)
    }

    /// The connectors of the repository whose feed is given.
    static func catalog() throws -> ConnectorCatalog {
        guard let catalog = ConnectorCatalog(definitions: [("bz/canoniek", try definition())]) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        return catalog
    }

    /// The same connector for each owner given, with `offsets` as given.
    static func catalog(of owners: [String], offsets: String = "dense") throws -> ConnectorCatalog {
        let text = String(decoding: try definition(), as: UTF8.self)
        let definitions = owners.map { owner in
            let changed =
                text.replacing("bz/canoniek", with: "\(owner)/canoniek").replacing("org-bz", with: "org-\(owner)")
                .replacing("in.bz.", with: "in.\(owner).").replacing("bz-canoniek", with: "\(owner)-canoniek")
                .replacing(oins["bz"] ?? "", with: oins[owner] ?? "")
            return ("\(owner)/canoniek", Array(changed.utf8) + Array("\noffsets: \(offsets)\n".utf8))
        }
        guard let catalog = ConnectorCatalog(definitions: definitions) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        return catalog
    }

    /// The definition of that feed.
    static func definition() throws -> [UInt8] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appendingPathComponent("connectors/bz/canoniek/connector.yaml").path
        guard let bytes = FileManager.default.contents(atPath: path) else { throw CocoaError(.fileReadNoSuchFile) }
        return Array(bytes)
    }

    /// How a producer ends what it published.
    enum Ending { case plain, committed, aborted }

    /// The topic of an owner's feed `canoniek`.
    func topic(of owner: String = "bz") -> String { "\(prefix).in.\(owner).canoniek.v1" }

    /// The next offset of the topic's first partition.
    func end() async throws -> Int64 {
        let (broker, partition) = (broker, TopicPartition(topic: topic(), partition: 0))
        return try await TestBroker.onThread {
            let kafka = try KafkaAdmin(configuration: broker.configuration())
            defer { kafka.close() }
            return try kafka.watermarks(of: partition, timeoutMilliseconds: 20_000).high
        }
    }

    /// Publishes canonical progress reports, structured, each with a key of its own; in one transaction where that is
    /// committed or aborted.
    func publish(
        _ messages: [(id: String, data: String)], to owner: String = "bz", _ ending: Ending = .plain
    ) async throws {
        let (broker, topic, oin) = (broker, topic(of: owner), PipelineHarness.oins[owner] ?? "")
        let transaction = ending == .plain ? nil : "\(prefix)-\(UInt64.random(in: 0...UInt64.max))"
        try await TestBroker.onThread {
            let producer = try KafkaProducer(broker.configuration(), transactionalID: transaction)
            defer { producer.close(timeoutMilliseconds: 2000) }
            if ending != .plain {
                try producer.initTransactions(timeoutMilliseconds: 20_000)
                try producer.beginTransaction()
            }
            for (index, message) in messages.enumerated() {
                let value = """
                    {"specversion":"1.0","id":"\(message.id)","source":"urn:nld:oin:\(oin):systeem:test",\
                    "type":"nl.paraplu.progress.reported.v1","time":"2026-06-02T08:00:00Z",\
                    "datacontenttype":"application/json","data":\(message.data)}
                    """
                try producer.produce(
                    topic: topic, partition: nil, key: Array("k\(index)".utf8), value: Array(value.utf8),
                    headers: [("content-type", Array("application/cloudevents+json".utf8))], token: 0)
            }
            producer.flush(timeoutMilliseconds: 20_000)
            switch ending {
            case .plain: break
            case .committed: try producer.commitTransaction(timeoutMilliseconds: 20_000)
            case .aborted: try producer.abortTransaction(timeoutMilliseconds: 20_000)
            }
        }
    }

    /// Reads a topic from its beginning, committed records alone, until the predicate is content or time is up.
    func read(
        _ name: String, partitions: Int, until isEnough: @escaping @Sendable ([(key: String, value: String)]) -> Bool
    ) async throws -> [(key: String, value: String)] {
        let (broker, topic) = (broker, "\(prefix).\(name)")
        return try await TestBroker.onThread {
            let consumer = try KafkaConsumer(
                broker.configuration(["group.id": "reader-\(UInt64.random(in: 0...UInt64.max))"]))
            defer { consumer.close(timeoutMilliseconds: 2000) }
            try consumer.assign(
                (0..<partitions).map { (TopicPartition(topic: topic, partition: Int32($0)), offset: Int64(0)) })
            var found: [(key: String, value: String)] = []
            let deadline = ContinuousClock.now + .seconds(30)
            while ContinuousClock.now < deadline, !isEnough(found) {
                var batch = RecordBatch()
                _ = consumer.poll(into: &batch, maxRecords: 1000, maxBytes: 1 << 24, timeoutMilliseconds: 100)
                for record in batch.records {
                    found.append(
                        (
                            String(decoding: record.key.map { batch.arena[$0] } ?? [], as: UTF8.self),
                            String(decoding: batch.arena[record.value], as: UTF8.self)
                        ))
                }
            }
            return found
        }
    }
}
