import Foundation
import Kafka
import ParapluConnectors
import ParapluModel
import Postgres

/// The daemon against a full backlog: from the first poll to the last position, and until the outbox is empty too.
struct FullPath {
    let options: BenchOptions
    let report: Report

    private static let progress = Statement(
        """
        SELECT count(*), coalesce(sum(next_position - first_position), 0)::bigint,
            (SELECT count(*) FROM outbox.lease AS l, (
                SELECT commit, n FROM outbox.event ORDER BY commit DESC, n DESC LIMIT 1) AS last
                WHERE (l.sent_commit, l.sent_n) >= (last.commit, last.n)),
            (SELECT sent FROM outbox.lease)
        FROM journal.stream WHERE kind = 'partition'
        """)

    func run() async throws {
        let database = try BenchDatabase.make(options)
        do {
            try measure(database)
        } catch {
            await database.connection.close()
            throw error
        }
        await database.connection.close()
    }

    private func measure(_ database: BenchDatabase) throws {
        let today = try database.today()
        let document = PlanGenerator.document(actions: options.actions, today: today, seed: options.seed)
        try Data(document).write(to: URL(fileURLWithPath: "\(options.directory)/plan.json"))
        let plan = try PlanDocument.parse(document, file: "plan")
        try database.apply(plan, document: document)
        report.say("plan of \(plan.actions.count) actions applied, evaluated on \(today), seed \(options.seed)")
        let workload = Workload(plan: plan, today: today, seed: options.seed, messages: options.messages)
        let desk = try TopicDesk(options)
        try desk.create()
        let truth = try desk.produce(workload, report)
        report.say(
            """
            \(options.messages) messages in \(BenchFeed.allCases.count * BenchFeed.partitions) partitions, \
            \(truth.records) records, \(truth.changing) messages change a status, \(truth.duplicates) repeat another, \
            \(truth.rejections) are to be refused
            """)
        report.figure(
            "messages", Double(options.messages), unit: "1",
            [
                "actions": Double(plan.actions.count), "records": Double(truth.records),
                "changing_share": Double(truth.changing) / Double(options.messages), "seed": Double(options.seed),
            ])
        try database.connection.runBlocking { try $0.executeScript("CHECKPOINT") }

        let rate = try withDaemon { try watch($0, database) }
        let checks = Checks(options: options, report: report, database: database, desk: desk)
        try checks.run(workload, truth)
        let copied = try CopyBaseline(database: database, report: report).run(options)
        report.figure("copy_messages_per_second", copied, unit: "1/s")
        report.figure("ratio", rate / copied, unit: "full path to COPY")
        // A shorter backlog says little: start and end weigh too much.
        if options.messages >= FullPath.backlogMin {
            report.check(
                "ratio of at least \(FullPath.ratioMin)", rate / copied >= FullPath.ratioMin, "\(rate / copied)")
        }
    }

    /// The least that the full path may be of COPY alone, and from which backlog on that is asked.
    private static let ratioMin = 0.25
    private static let backlogMin = 500_000

    // MARK: The daemon

    /// Lends the pid of a daemon of its own, and ends it whatever happens.
    private func withDaemon<Value>(_ body: (Process) throws -> Value) throws -> Value {
        let file = "\(options.directory)/paraplu.yaml"
        let key = FileManager.default.createFile(
            atPath: "\(options.directory)/hash_key", contents: Data("a key of the benchmark's, no secret".utf8),
            attributes: [.posixPermissions: 0o600])
        guard key else { throw BenchFailure("\(options.directory) can't be written") }
        try Data(configuration().utf8).write(to: URL(fileURLWithPath: file))
        let log = "\(options.directory)/paraplud.log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let daemon = Process()
        daemon.executableURL = URL(fileURLWithPath: options.daemon)
        daemon.arguments = ["--configuration", file]
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        (daemon.standardOutput, daemon.standardError, daemon.standardInput) = (output, output, FileHandle.nullDevice)
        try daemon.run()
        defer {
            daemon.terminate()
            let deadline = Usage.now + 30
            while daemon.isRunning, Usage.now < deadline { usleep(50_000) }
            if daemon.isRunning { kill(daemon.processIdentifier, SIGKILL) }
            daemon.waitUntilExit()
        }
        return try body(daemon)
    }

    private func configuration() throws -> String {
        """
        instance: bench
        topic_prefix: \(BenchDatabase.prefix)
        source_oin: "00000099000000900000"
        connectors:
          directory: \(options.connectors)
        kafka:
          bootstrap_servers: \(try options.variable("PARAPLU_TEST_BOOTSTRAP"))
          group_id: bench
          security: plaintext
        database:
          host: \(try options.variable("PARAPLU_TEST_PGHOST"))
          port: \(try options.variable("PARAPLU_TEST_PGPORT"))
          name: \(BenchDatabase.name)
          user: paraplu_app
          tls: disable
        batch:
          messages_max: \(options.batchMessagesMax)
        http:
          port: 0
        privacy:
          hash_key_file: \(options.directory)/hash_key
        """ + "\n"
    }

    /// Waits for the last position and the empty outbox; messages per second up to the last position.
    private func watch(_ daemon: Process, _ database: BenchDatabase) throws -> Double {
        let pid = daemon.processIdentifier
        let launched = Usage.now
        var begun: Usage?
        var ingested: Usage?
        var said = launched
        while true {
            guard daemon.isRunning else {
                throw BenchFailure("the daemon ended; see \(options.directory)/paraplud.log")
            }
            let row = try database.connection.runBlocking { session in
                try session.execute(FullPath.progress).map { row in (0..<4).map { row.int8($0) } }[0]
            }
            guard let now = Usage(pid: pid) else { continue }
            if begun == nil, row[0] > 0 {
                begun = now
                report.figure("start_to_claim_seconds", now.seconds - launched, unit: "s")
            }
            if ingested == nil, row[1] >= options.messages {
                ingested = now
                let peak = Usage.peakMemoryBytes(pid: pid) ?? 0
                report.figure("ingest_daemon_cpu_seconds", now.cpu, unit: "s")
                report.figure("ingest_daemon_peak_memory_bytes", peak, unit: "B")
                report.figure("sent_at_last_position", Double(row[3]), unit: "1")
            }
            if now.seconds - said > 10 {
                said = now.seconds
                report.say("  \(row[1]) of \(options.messages) messages, \(row[3]) outbox rows sent")
            }
            if let begun, let ingested, row[2] == 1 {
                let seconds = ingested.seconds - begun.seconds
                let rate = Double(options.messages) / seconds
                report.figure("full_path_messages_per_second", rate, unit: "1/s", ["seconds": seconds])
                report.figure(
                    "until_outbox_empty_seconds", now.seconds - begun.seconds, unit: "s",
                    [
                        "messages_per_second": Double(options.messages) / (now.seconds - begun.seconds),
                        "outbox_rows": Double(row[3]),
                    ])
                report.figure("daemon_cpu_seconds", now.cpu, unit: "s")
                report.figure("daemon_peak_memory_bytes", Usage.peakMemoryBytes(pid: pid) ?? 0, unit: "B")
                return rate
            }
            guard now.seconds - launched < Double(options.limitSeconds) else {
                throw BenchFailure("not done within \(options.limitSeconds) s: \(row)")
            }
            usleep(ingested == nil && begun != nil ? 50_000 : 10_000)
        }
    }
}
