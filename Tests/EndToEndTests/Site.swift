import Foundation
import Kafka
import ParapluTesting
import Postgres

/// A place where the built programs run: a database, topics of its own, configuration files, and what watches them.
final class Site: Sendable {
    let directory: String
    let prefix: String
    let broker: TestBroker
    let cluster: TestCluster
    let database: TestDatabase
    let watcher: PostgresConnection
    /// The directory of the connectors.
    let connectors: String

    static let partitions = 3
    static let feed = "in.bz.canoniek.v1"
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The reference plan.
    static let plan = root.appendingPathComponent("deploy/reference-plan.json")

    private init(
        directory: String, prefix: String, broker: TestBroker, cluster: TestCluster, database: TestDatabase,
        connectors: String
    ) {
        self.directory = directory
        self.prefix = prefix
        self.broker = broker
        self.cluster = cluster
        self.database = database
        self.connectors = connectors
        watcher = PostgresConnection(database.configuration, name: "watcher")
    }

    /// Lends a site with the reference plan applied and the connectors' topics made; takes it down afterwards.
    ///
    /// - Parameters:
    ///   - prefix: The prefix of its topics; one of its own where nil.
    ///   - isEmpty: Leaves it empty: a database without schema, no topics, no plan.
    ///   - connectors: The directory of its connectors; the project's own where nil.
    static func with(
        broker: TestBroker? = nil, cluster: TestCluster? = nil, prefix: String? = nil, isEmpty: Bool = false,
        connectors: String? = nil,
        _ body: (Site) async throws -> Void
    ) async throws {
        let shared: TestBroker
        if let broker { shared = broker } else { shared = try await TestBroker.shared() }
        let server = try cluster ?? TestCluster.shared()
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("paraplu-e2e-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let site = Site(
            directory: directory, prefix: prefix ?? "e" + String(UInt64.random(in: 0...UInt64.max), radix: 36),
            broker: shared, cluster: server, database: try await TestDatabase.make(in: server),
            connectors: connectors ?? root.appendingPathComponent("connectors").path)
        do {
            try site.writeKey()
            if !isEmpty { try await site.prepare() }
            try await body(site)
        } catch {
            await site.watcher.close()
            try? await site.database.close()
            try? FileManager.default.removeItem(atPath: directory)
            throw error
        }
        await site.watcher.close()
        try await site.database.close()
        try FileManager.default.removeItem(atPath: directory)
    }

    private func writeKey() throws {
        try Data("a key for digests, 32 bytes long".utf8).write(to: URL(fileURLWithPath: directory + "/key"))
        chmod(directory + "/key", 0o600)
    }

    private func prepare() async throws {
        try await command(["database", "migrate", "--database-user", "postgres"])
        try await command(["topics", "create", "--partitions", String(Site.partitions)])
        try await command([
            "plan", "apply", Site.plan.path, "--reason", "test",
        ])
    }

    // MARK: Programs

    /// Writes a configuration file and returns its path.
    func configuration(instance: String, extra: String = "") throws -> String {
        let database = database.configuration.parameters
        let text = """
            instance: \(instance)
            topic_prefix: \(prefix)
            source_oin: "00000099000000900000"
            connectors:
              directory: \(connectors)
            kafka:
              bootstrap_servers: "\(broker.bootstrap)"
              security: plaintext
              group_id: \(prefix)
              session_timeout_milliseconds: 6000
            database:
              host: \(database["host"] ?? "")
              port: \(database["port"] ?? "5432")
              name: \(database["dbname"] ?? "")
              user: paraplu_app
              tls: disable
            http:
              port: 0
            privacy:
              hash_key_file: \(directory)/key
            \(extra)
            """
        let path = "\(directory)/\(instance).yaml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
        return path
    }

    /// Starts a daemon.
    func start(
        _ instance: String = "one", extra: String = "", environment: [String: String] = [:]
    ) throws -> Daemon {
        let path = try configuration(instance: instance, extra: extra)
        return Daemon(
            program: try TestProgram(
                "paraplud", ["--configuration", path], environment: environment,
                logPath: "\(directory)/\(instance).log"))
    }

    /// Runs `paraplu` and returns what it prints.
    ///
    /// - Throws: where it doesn't exit with the status expected.
    @discardableResult
    func command(_ arguments: [String], status: Int32 = 0) async throws -> String {
        let path = try configuration(instance: "tool")
        let (ending, output, log) = try await TestProgram.run(
            "paraplu", arguments,
            environment: ["PARAPLU_CONFIG": path, "USER": "tester"], in: directory)
        guard ending == .exited(status) else {
            throw TestProgram.TooLate(
                waitedFor: "exit \(status) of paraplu \(arguments), got \(ending)", log: log + output)
        }
        return output
    }

    // MARK: Messages

    /// A canonical progress report, as the message of an event.
    struct Report: Sendable {
        var id: String
        var action: String
        var asOf: String
        var sequence: Int
        var lifecycle = "LOOPT"
        var rating = "GROEN"

        var value: String {
            let reasons = rating == "GROEN" ? "" : ",\"reasons\":[\"CAPACITEIT\"]"
            return """
                {"specversion":"1.0","id":"\(id)","source":"urn:nld:oin:00000099000000104000:systeem:test",\
                "type":"nl.paraplu.progress.reported.v1","time":"2026-06-02T08:00:00Z","datacontenttype":"application/json",\
                "data":{"action":"\(action)","as_of":"\(asOf)","sequence":\(sequence),"lifecycle":"\(lifecycle)",\
                "rating":"\(rating)"\(reasons)}}
                """
        }
    }

    func publish(_ reports: [Report]) async throws {
        try await publish(reports.map { (key: $0.action, value: Array($0.value.utf8)) })
    }

    /// Publishes values as structured events on BZ's topic, in order; waits until the broker has them.
    func publish(_ messages: [(key: String, value: [UInt8]?)]) async throws {
        try await publish(messages.map { (topic: Site.feed, key: $0.key, value: $0.value) })
    }

    /// Publishes values as structured events, each on a topic whose name stands behind the prefix.
    func publish(_ messages: [(topic: String, key: String, value: [UInt8]?)]) async throws {
        let (broker, prefix) = (broker, prefix)
        try await TestBroker.onThread {
            let producer = try KafkaProducer(broker.configuration(), transactionalID: nil)
            defer { producer.close(timeoutMilliseconds: 2000) }
            var failures: [String] = []
            for message in messages {
                try producer.produce(
                    topic: "\(prefix).\(message.topic)", partition: nil, key: Array(message.key.utf8),
                    value: message.value, headers: [("content-type", Array("application/cloudevents+json".utf8))],
                    token: 0)
                failures += producer.poll(timeoutMilliseconds: 0).compactMap { $0.error?.description }
            }
            let isDone = producer.flush(timeoutMilliseconds: 30_000)
            failures += producer.poll(timeoutMilliseconds: 0).compactMap { $0.error?.description }
            guard isDone, failures.isEmpty else {
                throw TestProgram.TooLate(waitedFor: "delivery", log: failures.first ?? "")
            }
        }
    }

    /// One record of a topic.
    struct Record: Sendable {
        let partition: Int32
        let offset: Int64
        let key: String
        let value: [UInt8]
        let headers: [(name: String, value: String)]
        var text: String { String(decoding: value, as: UTF8.self) }
    }

    /// All committed records of an outbound topic, up to its end when asked.
    func records(of name: String, partitions: Int) async throws -> [Record] {
        let (broker, topic) = (broker, "\(prefix).out.\(name).v1")
        return try await TestBroker.onThread {
            let consumer = try KafkaConsumer(
                broker.configuration(["group.id": "reader-\(UInt64.random(in: 0...UInt64.max))"]))
            defer { consumer.close(timeoutMilliseconds: 2000) }
            try consumer.assign(
                (0..<partitions).map { (TopicPartition(topic: topic, partition: Int32($0)), offset: Int64(0)) })
            var found: [Record] = []
            var ended: Set<Int32> = []
            let deadline = ContinuousClock.now + .seconds(20)
            while ContinuousClock.now < deadline, ended.count < partitions {
                var batch = RecordBatch()
                let events = consumer.poll(
                    into: &batch, maxRecords: 5000, maxBytes: 1 << 26, timeoutMilliseconds: 200)
                for event in events {
                    if case .partitionEOF(let partition, _) = event { ended.insert(partition.partition) }
                }
                for record in batch.records {
                    found.append(
                        Record(
                            partition: record.partition, offset: record.offset,
                            key: String(decoding: record.key.map { batch.arena[$0] } ?? [], as: UTF8.self),
                            value: Array(batch.arena[record.value]),
                            headers: batch.headers(of: record).map { header in
                                let value = header.valueRange.map { batch.arena[$0] } ?? []
                                return (
                                    String(decoding: batch.arena[header.nameRange], as: UTF8.self),
                                    String(decoding: value, as: UTF8.self)
                                )
                            }))
                }
            }
            return found
        }
    }

    // MARK: The database

    /// The number that a query gives.
    func number(_ statement: Statement) async throws -> Int64 {
        try await watcher.run { try $0.execute(statement).first?.int8OrNil(0) ?? 0 }
    }

    /// The ends of the daemons' logs.
    private var logs: String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(".log") }.sorted().map { name in
            let text = (try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)) ?? ""
            return "\(name): \(text.suffix(3000))"
        }.joined(separator: "\n")
    }

    static let journalled = Statement(
        "SELECT count(*) FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'partition'")
    static let unsent = Statement(
        """
        SELECT count(*) FROM outbox.lease AS l JOIN outbox.event AS e ON (e.commit, e.n) > (l.sent_commit, l.sent_n)
        """)

    /// Waits until so many messages are journalled and everything is sent.
    func settled(_ messages: Int, within limit: Duration = .seconds(60)) async throws {
        do {
            _ = try await eventually("settled", within: limit) {
                let journalled = try? await number(Site.journalled)
                guard journalled == Int64(messages) else { return nil as Bool? }
                return try await number(Site.unsent) == 0 ? true : nil
            }
        } catch {
            let counts = (try? await number(Site.journalled), try? await number(Site.unsent))
            throw TestProgram.TooLate(
                waitedFor: "\(messages) messages journalled and sent: \(counts)", log: logs)
        }
    }

    /// What must hold after every fault: balance zero, no duplicate, no gap in revisions, journal and projections sound.
    func soundness() async throws -> [String] {
        var problems: [String] = []
        let balance = try await command(["balance", "--output", "json"])
        if !balance.contains("\"difference\":0") && !balance.contains("\"difference\": 0") { problems.append(balance) }
        for (name, statement) in Site.duplicates where try await number(statement) != 0 { problems.append(name) }
        try await command(["verify"])
        try await command(["rebuild", "--compare"])
        problems += try await revisionProblems()
        return problems
    }

    private static let duplicates: [(String, Statement)] = [
        (
            "coordinates twice",
            Statement(
                "SELECT count(*) FROM (SELECT FROM journal.entry GROUP BY stream_id, position HAVING count(*) > 1) AS d"
            )
        ),
        (
            "an identity twice",
            Statement(
                "SELECT count(*) FROM (SELECT FROM journal.fact GROUP BY identity, key_use HAVING count(*) > 1) AS d")
        ),
        (
            "a timeline row twice",
            Statement(
                """
                SELECT count(*) FROM (SELECT FROM progress.timeline WHERE known_until IS NULL
                    GROUP BY action_id, valid_from HAVING count(*) > 1) AS d
                """)
        ),
        (
            "a revision announced twice",
            Statement(
                """
                SELECT count(*) FROM (SELECT FROM outbox.event WHERE topic IN ('status', 'changes')
                    GROUP BY topic, key, epoch, revision HAVING count(*) > 1) AS d
                """)
        ),
        (
            "a message settled twice",
            Statement(
                """
                SELECT count(*) FROM (SELECT FROM journal.settlement
                    GROUP BY stream_id, settled_position HAVING count(*) > 1) AS d
                """)
        ),
        (
            "a payload twice",
            Statement(
                "SELECT count(*) FROM (SELECT FROM journal.payload GROUP BY stream_id, position HAVING count(*) > 1) AS d"
            )
        ),
    ]

    /// Revisions on the changes topic rise by one per subject and epoch but for repeats, and the latest is the last on the
    /// status topic.
    private func revisionProblems() async throws -> [String] {
        var problems: [String] = []
        var highest: [String: Revision] = [:]
        for record in try await records(of: "changes", partitions: Site.partitions) {
            guard let revision = Site.revision(of: record.value) else { continue }
            let before = highest[record.key] ?? Revision(epoch: revision.epoch, n: 0)
            let isNext = revision.epoch > before.epoch ? revision.n == 1 : revision.n <= before.n + 1
            if !isNext { problems.append("gap before \(record.key) \(revision)") }
            highest[record.key] = max(before, revision)
        }
        var last: [String: Revision] = [:]
        for record in try await records(of: "status", partitions: Site.partitions) {
            last[record.key] = Site.revision(of: record.value)
        }
        for (subject, revision) in highest where last[subject] != revision {
            problems.append("\(subject): last status \(last[subject] as Any), last change \(revision)")
        }
        return problems
    }

    /// A revision: an epoch, and a number within it.
    struct Revision: Hashable, Comparable {
        let epoch: Int
        let n: Int
        static func < (left: Revision, right: Revision) -> Bool { (left.epoch, left.n) < (right.epoch, right.n) }
    }

    /// The revision in an event's JSON.
    static func revision(of value: [UInt8]) -> Revision? {
        guard let object = try? JSONSerialization.jsonObject(with: Data(value)) as? [String: Any] else { return nil }
        let data = object["data"] as? [String: Any] ?? object
        guard let revision = data["revision"] as? [String: Any], let epoch = revision["epoch"] as? Int,
            let n = revision["n"] as? Int
        else { return nil }
        return Revision(epoch: epoch, n: n)
    }
}
