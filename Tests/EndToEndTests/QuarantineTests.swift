import Foundation
import JSON
import ParapluTesting
import Postgres
import Synchronization
import Testing

extension EndToEnd {
    /// What becomes of refused messages from the command line, while the daemon runs.
    @Suite("the quarantine", .timeLimit(.minutes(4)))
    struct QuarantineTests {
        @Test("a message with an unknown code is refused; the connector gets the code; the message is brought in, once")
        func replay() async throws {
            try await Feeds.with { feeds in
                try await Site.with(connectors: feeds.path) { site in
                    var daemon = try site.start()
                    try await site.publish([
                        Self.report("j-1", sequence: 1, state: "bijna klaar"),
                        Self.report("j-2", sequence: 2, state: "in uitvoering", note: "bsn 123456782"),
                        Self.report("j-3", sequence: 3, state: "weet niet"),
                    ])
                    try await site.settled(3)
                    let listed = try await site.json(["quarantine", "list"], "rejections")
                    #expect(listed.map { $0["state"] } == ["open", "open", "open"])
                    let place = try #require(listed.first { $0["event_id"] == "j-1" }.map(\.place))
                    let other = try #require(listed.first { $0["event_id"] == "j-3" }.map(\.place))
                    let personal = try #require(listed.first { $0["code"] == "personal_data" }.map(\.place))

                    // Without a new connector nothing is different.
                    let early = try await site.json(["quarantine", "replay", place, "--dry-run"], "messages")
                    #expect(early.map { $0["result"] } == ["refused"] && early.first?["path"] == "/data/voortgang")

                    let changed = try feeds.copy(adding: "\"bijna klaar\": LOOPT")
                    let difference = try await site.command(["connector", "diff", changed.path], status: 1)
                    #expect(difference.contains("\(place): now accepted"))
                    #expect(difference.contains("+ /records/0/lifecycle = \"LOOPT\""))
                    #expect(!difference.contains("bijna klaar") && !difference.contains("123456782"))
                    try await site.command(["connector", "diff", feeds.path])
                    try await site.command(["connector", "diff", feeds.path + "/nowhere"], status: 2)
                    try await site.command(["connector", "diff", feeds.path, "--feed", "no/feed"], status: 2)

                    try await daemon.stop()
                    try feeds.replace(with: changed)
                    daemon = try site.start()
                    try await daemon.ready()

                    let selection = ["--feed", "jenv/voortgang", "--since", "2026-01-01"]
                    let before = try await site.number(Self.commits)
                    let tried = try await site.json(["quarantine", "replay", "--dry-run"] + selection, "messages")
                    #expect(tried.compactMap { $0["result"] }.sorted() == ["applied", "payload_gone", "refused"])
                    #expect(try await site.number(Self.commits) == before, "a dry run writes nothing")
                    try await site.command(["quarantine", "replay"] + selection, status: 2)

                    let why = ["--reason", "the code was added"]
                    let done = try await site.json(["quarantine", "replay"] + selection + why, "messages")
                    #expect(done.compactMap { $0["result"] }.sorted() == ["applied", "payload_gone", "refused"])
                    let again = try await site.json(["quarantine", "replay", place] + why, "messages")
                    #expect(again.map { $0["result"] } == ["already_replayed"])

                    let change = try await eventually("the change") {
                        try await site.records(of: "changes", partitions: Site.partitions)
                            .last { $0.key == "action/ill-5-08" && $0.text.contains(#""lifecycle":"LOOPT""#) }
                    }
                    let parts = place.split(separator: ":").map(String.init)
                    #expect(change.text.contains(#""cause":"settlement""#))
                    #expect(
                        change.text.contains(
                            #"[{"topic":"\#(parts[0])","partition":\#(parts[1]),"offset":\#(parts[2]),"event_id":"j-1"}]"#
                        ))
                    let explained = try await site.json(["explain", "action/ill-5-08"], "messages")
                    #expect(explained.map(\.place) == [place])
                    let receipts = try await site.watcher.run { session in
                        try session.execute(Self.receipts).map { $0.string(0) }
                    }
                    #expect(receipts == ["rejected", "replayed as applied"])
                    _ = try await eventually("all is sent") { try await site.number(Site.unsent) == 0 ? true : nil }

                    // The rest is dismissed, and stays out.
                    try await site.command(["quarantine", "dismiss", personal, other] + why)
                    #expect(try await site.json(["quarantine", "list"], "rejections").isEmpty)
                    let all = try await site.json(["quarantine", "list", "--all"], "rejections")
                    #expect(all.compactMap { $0["state"] }.sorted() == ["dismissed", "dismissed", "replayed"])
                    try await site.command(["quarantine", "replay", other] + why, status: 2)
                    let shown = try await site.command(["quarantine", "show", place])
                    #expect(shown.contains("replayed, applied") && shown.contains("the code was added"))

                    try await site.command(["rebuild", "--swap"] + why)
                    let problems = try await site.soundness()
                    try await daemon.stop()
                    #expect(problems == [])
                }
            }
        }

        @Test("killed in the middle, begun again, and twice at the same time: each message is brought in once")
        func exactlyOnce() async throws {
            try await Feeds.with { feeds in
                try await Site.with(connectors: feeds.path) { site in
                    let unlimited = "rejection_window: off"
                    var daemon = try site.start(extra: unlimited)
                    let count = 320
                    try await site.publish(
                        (1...count).map { Self.report("k-\($0)", sequence: $0, state: "bijna klaar") })
                    try await site.settled(count)
                    try await daemon.stop()
                    try feeds.replace(with: feeds.copy(adding: "\"bijna klaar\": LOOPT"))
                    daemon = try site.start(extra: unlimited)
                    try await daemon.ready()
                    let arguments = ["quarantine", "replay", "--code", "unknown_code", "--reason", "a test"]

                    let ending = try await site.killWhileWaiting(arguments)
                    #expect(ending == .signalled(SIGKILL))
                    #expect(try await site.number(Self.settlements) == 0)

                    // What the database can't hold stays refused, and stops none of its neighbours.
                    try await site.run("ALTER TABLE journal.fact ADD CONSTRAINT of_a_test CHECK (report_order <> 7)")
                    let first = try await site.json(arguments + ["--limit", "20"], "messages")
                    #expect(first.count { $0["result"] == "applied" } == 19)
                    #expect(first.filter { $0["result"] == "refused" }.map { $0["code"] } == ["database"])
                    try await site.run("ALTER TABLE journal.fact DROP CONSTRAINT of_a_test")

                    async let one = site.json(arguments, "messages")
                    async let two = site.json(arguments, "messages")
                    let results = try await (one + two).map { $0["result"] ?? "" }
                    // The seventh comes after what was said later of the same day.
                    #expect(results.count { $0 == "applied" } == count - 20)
                    #expect(results.count { $0 == "stale" } == 1)
                    #expect(Set(results).isSubset(of: ["applied", "stale", "already_replayed"]))
                    #expect(try await site.number(Self.settlements) == Int64(count))
                    #expect(try await site.number(Self.facts) == Int64(count))
                    #expect(try await site.json(arguments, "messages").isEmpty)
                    let problems = try await site.soundness()
                    try await daemon.stop()
                    #expect(problems == [])
                }
            }
        }

        @Test("two versions of a connector on the messages that came: what is taken otherwise, no longer, and now")
        func diff() async throws {
            try await Feeds.with { feeds in
                try await Site.with(connectors: feeds.path) { site in
                    let daemon = try site.start()
                    try await site.publish([
                        Self.report("d-1", sequence: 1, state: "in uitvoering"),
                        Self.report("d-2", sequence: 2, state: "stilgelegd"),
                        Self.report("d-3", sequence: 3, state: "bijna klaar"),
                        Self.report("d-4", sequence: 4, state: "gereed gemeld"),
                        Self.report("d-5", sequence: 5, state: "in uitvoering", note: "bsn 123456782"),
                    ])
                    try await site.settled(5)
                    let before = try await site.number(Self.commits)
                    let other = try feeds.copy(adding: "\"bijna klaar\": LOOPT") {
                        $0.replacingOccurrences(of: "\"in uitvoering\": LOOPT", with: "\"in uitvoering\": GEPAUZEERD")
                            .replacingOccurrences(of: "    \"stilgelegd\": GEPAUZEERD\n", with: "")
                    }
                    let folder = other.path + "/jenv/voortgang"
                    let counted = try await site.json(["connector", "diff", folder], "feeds", status: 1)
                    let counts = ["read", "same", "different", "now_refused", "now_accepted", "not_kept"]
                    #expect(counts.map { counted.first?[$0] } == ["4", "1", "1", "1", "1", "1"])
                    let latest = try await site.json(
                        ["connector", "diff", feeds.path, other.path, "--feed", "jenv/voortgang", "--limit", "2"],
                        "feeds")
                    #expect(latest.first?["same"] == "1" && latest.first?["not_kept"] == "1")
                    let shown = try await site.command(["connector", "diff", folder], status: 1)
                    #expect(shown.contains("- /records/0/lifecycle = \"LOOPT\""))
                    #expect(shown.contains("+ /records/0/lifecycle = \"GEPAUZEERD\""))
                    #expect(shown.contains("+ refused unknown_code at /data/voortgang"))
                    #expect(shown.contains("jenv/voortgang: 1 now refused with unknown_code"))
                    #expect(!shown.contains("uitvoering") && !shown.contains("klaar"))

                    try FileManager.default.removeItem(atPath: folder)
                    let gone = try await site.command(["connector", "diff", other.path], status: 1)
                    #expect(gone.contains("gone") && gone.contains("same version"))
                    #expect(try await site.number(Self.commits) == before, "nothing was written")
                    try await daemon.stop()
                }
            }
        }

        private static let commits = Statement("SELECT number FROM operations.commit_clock")
        private static let settlements = Statement(
            "SELECT count(*) FROM journal.settlement WHERE kind = 'replayed'")
        private static let facts = Statement("SELECT count(*) FROM journal.fact")
        /// What JenV is told of its first message.
        private static let receipts = Statement(
            """
            SELECT concat_ws(' as ', d ->> 'outcome', d ->> 'replayed_as')
            FROM outbox.event AS e CROSS JOIN LATERAL (SELECT convert_from(e.payload, 'UTF8')::json -> 'data' AS d) AS p
            WHERE e.topic = 'receipts.jenv' AND e.key = 'j-1' ORDER BY e.commit, e.n
            """)

        /// JenV's word on an action, with a state of its own making.
        private static func report(
            _ id: String, sequence: Int, state: String, note: String? = nil
        ) -> (topic: String, key: String, value: [UInt8]?) {
            let text = """
                {"specversion":"1.0","id":"\(id)","source":"urn:nld:oin:00000099000000101000:systeem:test",\
                "type":"nl.jenv.acties.voortgang-gemeld.v1","time":"2026-06-02T08:00:00Z","partitionkey":"ill-5-08",\
                "data":{"actie":"ill-5-08","peildatum":"2026-05-31","volgnummer":\(sequence),"voortgang":"\(state)",\
                "oordeel":"op schema"\(note.map { #","toelichting":"\#($0)""# } ?? "")}}
                """
            return ("in.jenv.voortgang.v1", "ill-5-08", Array(text.utf8))
        }
    }
}

/// A copy of the project's connectors that a test may change.
private struct Feeds: Sendable {
    let path: String

    /// Lends a copy, and takes it and its copies away.
    static func with(_ body: (Feeds) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("paraplu-feeds-\(UUID())").path
        let feeds = Feeds(path: root + "/connectors")
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let result: Result<Void, any Error>
        do {
            try FileManager.default.copyItem(
                atPath: Site.root.appendingPathComponent("connectors").path, toPath: feeds.path)
            result = .success(try await body(feeds))
        } catch { result = .failure(error) }
        try FileManager.default.removeItem(atPath: root)
        try result.get()
    }

    /// A copy in which JenV's list of states has one more line.
    func copy(adding line: String, _ change: (String) -> String = { $0 }) throws -> Feeds {
        let copy = Feeds(path: path + "-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.copyItem(atPath: path, toPath: copy.path)
        let file = copy.path + "/jenv/voortgang/connector.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try change(text).replacingOccurrences(of: "  voortgang:\n", with: "  voortgang:\n    \(line)\n")
            .write(toFile: file, atomically: true, encoding: .utf8)
        return copy
    }

    func replace(with other: Feeds) throws {
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: other.path, toPath: path)
    }
}

extension [String: String] {
    /// The coordinates in a row of a command's JSON.
    fileprivate var place: String {
        ["topic", "partition", "offset"].map { self[$0] ?? "" }.joined(separator: ":")
    }
}

extension Site {
    /// The rows of a list in a command's JSON: their texts and numbers, as text.
    fileprivate func json(
        _ arguments: [String], _ list: String, status: Int32 = 0
    ) async throws -> [[String: String]] {
        let output = try await command(arguments + ["--output", "json"], status: status)
        let root = try JSONParser.document(of: Array(output.utf8)).root
        return (root[name: list]?.elements.map { $0 } ?? []).map { row in
            var members: [String: String] = [:]
            for member in row.members {
                members[member.name] = member.value.string ?? member.value.int64.map { String($0) }
            }
            return members
        }
    }

    /// Runs a statement as the superuser.
    fileprivate func run(_ script: StaticString) async throws {
        try await watcher.run { try $0.executeScript(script.description) }
    }

    /// Within a transaction, what others do is remembered from the first look.
    private static let look = Statement("SELECT pg_stat_clear_snapshot()::text")
    private static let waiting = Statement(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'paraplu/command' AND wait_event_type = 'Lock'
        """)

    /// Runs `paraplu` while the commit clock is held, and kills it when it waits for it.
    fileprivate func killWhileWaiting(_ arguments: [String]) async throws -> TestProgram.Ending {
        let path = try configuration(instance: "tool")
        let directory = directory
        let program = try await watcher.run { session in
            try session.transaction {
                try session.execute(Statement("SELECT number FROM operations.commit_clock FOR UPDATE"))
                let program = try TestProgram(
                    "paraplu", arguments, environment: ["PARAPLU_CONFIG": path, "USER": "tester"],
                    logPath: directory + "/killed.log")
                let end = ContinuousClock.now + .seconds(30)
                while try session.execute(Site.waiting).first?.int8(0) == 0 {
                    try session.execute(Site.look)
                    guard ContinuousClock.now < end, program.ending() == nil else {
                        throw TestProgram.TooLate(waitedFor: "the command at the clock", log: program.log)
                    }
                }
                program.signal(SIGKILL)
                return program
            }
        }
        return try await program.wait()
    }
}
