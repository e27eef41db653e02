import Foundation
import ParapluTesting
import Postgres
import Testing

extension EndToEnd {
    /// What a running daemon does with connectors that are changed on disk, when it is told by SIGHUP.
    @Suite("reload", .timeLimit(.minutes(6)))
    struct ReloadTests {
        private static let activation = Statement("SELECT max(commit) FROM operations.activation")
        private static let activations = Statement("SELECT count(*) FROM operations.activation")
        private static let versionRefused = Statement(
            "SELECT count(*) FROM operations.rejection WHERE feed = 'jenv/voortgang' AND code = 'version'")
        private static let drift = Statement("SELECT count(*) FROM operations.drift")
        private static let first = Statement(
            "SELECT max(next_position) FROM journal.stream WHERE feed = 'jenv/voortgang'")
        private static let digest = Statement(
            "SELECT encode(digest, 'hex') FROM operations.connector_version ORDER BY connector_version DESC LIMIT 1")
        private static let jenv = "in.jenv.voortgang.v1"

        @Test(
            "a code list changed on disk is in force for every daemon at one commit, and what is wrong changes nothing")
        func codeList() async throws {
            try await ConnectorsCopy.with(["bz/canoniek", "jenv/voortgang"]) { copy in
                try await Site.with(connectors: copy.path) { site in
                    let manager = try ServiceManager(in: site.directory)
                    let daemon = try site.start(environment: manager.environment(watchdogSeconds: 30))
                    try await daemon.ready()
                    try await manager.wait(for: "READY=1")
                    let other = try site.start("two")
                    try await other.ready()
                    try await site.publish([(topic: Self.jenv, key: "act-1-01", value: Self.report(1, "loopt nu"))])
                    try await site.settled(1)
                    let refused = try await site.command(["quarantine", "list", "--output", "json"])

                    try copy.edit("jenv/voortgang", "\"in uitvoering\": LOOPT", "\"loopt nu\": LOOPT")
                    daemon.program.signal(SIGHUP)
                    try await manager.wait(for: "RELOADING=1")
                    try await manager.wait(for: "READY=1")
                    try await site.publish([(topic: Self.jenv, key: "act-1-01", value: Self.report(2, "loopt nu"))])
                    try await site.settled(2)
                    let commit = try await site.number(Self.activation)
                    for daemon in [daemon, other] { try await daemon.logged("Other connectors are in force.") }
                    let explained = try await site.command(["explain", "action/act-1-01", "--output", "json"])
                    let version = try await site.watcher.run { try $0.execute(Self.digest)[0].string(0) }
                    #expect(refused.contains("unknown_code"))
                    #expect(explained.contains("\"connector_version\":\"\(version)\""))
                    for daemon in [daemon, other] {
                        let line = daemon.line("Other connectors are in force.")
                        #expect(
                            line.contains("\"commit\":\(commit),") || line.contains("\"commit\":\(commit)}"), "\(line)")
                    }

                    try copy.edit("jenv/voortgang", "retention_months: 24", "retention_months: long")
                    daemon.program.signal(SIGHUP)
                    try await daemon.logged("A reload was refused; the connectors in force stay.")
                    try await manager.wait(for: "STATUS=reload refused, 1 findings")
                    try await manager.wait(for: "READY=1")
                    let place = daemon.line("A connector's definition is wrong.")
                    #expect(place.contains("/jenv/voortgang/connector.yaml:12:19\""), "\(place)")
                    #expect(place.contains("\"finding.code\":\"invalid_value\""))
                    #expect(try await site.number(Self.activation) == commit)
                    let page = await daemon.get("/metrics") ?? ""
                    #expect(page.contains("paraplu_connector_reloads_total{result=\"switched\"} 1"))
                    #expect(page.contains("paraplu_connector_reloads_total{result=\"refused\"} 1"))

                    // The version that was known is retired: what still comes in it is kept for a person.
                    try copy.edit("jenv/voortgang", "retention_months: long", "retention_months: 24")
                    try copy.edit("jenv/voortgang", "-gemeld.v1", "-gemeld.v2")
                    daemon.program.signal(SIGHUP)
                    daemon.program.signal(SIGHUP)
                    _ = try await eventually("the new version in force") {
                        try await site.number(Self.activations) == 3 ? true : nil
                    }
                    try await site.publish([(topic: Self.jenv, key: "act-1-01", value: Self.report(3, "loopt nu"))])
                    try await site.settled(3)
                    #expect(try await site.number(Self.versionRefused) == 1)
                    #expect(try await site.soundness() == [])
                    daemon.program.signal(SIGTERM)
                    // Too late to do anything, and no harm.
                    daemon.program.signal(SIGHUP)
                    #expect(try await daemon.program.wait(for: .seconds(40)) == .exited(0))
                    #expect(try await other.stop() == .exited(0))
                }
            }
        }

        @Test(
            "a new feed is read without a restart, a retired one is left, and goes on where it was when it comes back")
        func feeds() async throws {
            try await ConnectorsCopy.with(["bz/canoniek", "jenv/voortgang"]) { copy in
                try await Site.with(connectors: copy.path) { site in
                    try copy.hide("jenv/voortgang")
                    let daemon = try site.start()
                    try await daemon.ready()
                    try await site.publish([(topic: Self.jenv, key: "act-1-01", value: Self.report(1, "in uitvoering"))]
                    )
                    try await site.publish([Self.bz(1)])
                    try await site.settled(1)

                    try copy.show("jenv/voortgang")
                    daemon.program.signal(SIGHUP)
                    try await site.settled(2)
                    let page = await daemon.get("/metrics") ?? ""
                    #expect(page.contains("paraplu_records_total{feed=\"jenv/voortgang\",outcome=\"applied\"} 1"))

                    try copy.hide("jenv/voortgang")
                    daemon.program.signal(SIGHUP)
                    try await daemon.logged("Other connectors are in force.", times: 2)
                    try await site.publish([(topic: Self.jenv, key: "act-1-01", value: Self.report(2, "in uitvoering"))]
                    )
                    try await site.publish([Self.bz(2)])
                    try await site.settled(3)
                    let left = try await site.number(Self.first)

                    try copy.show("jenv/voortgang")
                    daemon.program.signal(SIGHUP)
                    try await site.settled(4)
                    #expect(left == 1)
                    #expect(try await site.number(Self.first) == 2)
                    #expect(try await site.soundness() == [])
                    #expect(try await daemon.stop() == .exited(0))
                }
            }
        }

        @Test("ten thousand messages with the same unknown field are reported once, over a crash as well")
        func drift() async throws {
            try await Site.with { site in
                let bad = (1...10_000).map { number in
                    (
                        key: "k",
                        value: Optional(
                            Array(Self.bz(number).value.replacing(",\"as_of\"", with: ",\"new\":1,\"as_of\"").utf8))
                    )
                }
                let daemon = try site.start(extra: "rejection_window: off")
                try await daemon.ready()
                try await site.publish(Array(bad[..<9_990]))
                try await site.settled(9_990)
                let page = await daemon.get("/metrics") ?? ""
                try await daemon.kill()
                let again = try site.start("two", extra: "rejection_window: off")
                try await again.ready()
                try await site.publish(Array(bad[9_990...]))
                try await site.settled(10_000)
                let listed = try await site.command(["connector", "drift", "--feed", "bz/canoniek"])

                #expect(try await site.number(Self.drift) == 1)
                #expect(page.contains("paraplu_drift_total{feed=\"bz/canoniek\"} 1"))
                #expect(daemon.count("A feed sends what its connector doesn't know.") == 1)
                #expect(again.count("A feed sends what its connector doesn't know.") == 0)
                #expect(daemon.line("A feed sends").contains("\"document.path\":\"/data\""))
                #expect(listed.contains("unknown_field"))
                #expect(listed.contains("\(site.prefix).\(Site.feed):"))
                #expect(try await again.stop() == .exited(0))
            }
        }

        private static func bz(_ number: Int) -> Site.Report {
            Site.Report(id: "b-\(number)", action: "ill-1-08", asOf: "2026-06-01", sequence: number)
        }

        /// A report in JenV's words.
        private static func report(_ number: Int, _ state: String) -> [UInt8] {
            Array(
                """
                {"specversion":"1.0","id":"j-\(number)","source":"urn:nld:oin:00000099000000101000:systeem:test",\
                "type":"nl.jenv.acties.voortgang-gemeld.v1","time":"2026-06-02T08:15:00Z",\
                "datacontenttype":"application/json","partitionkey":"act-1-01","data":{"actie":"act-1-01",\
                "peildatum":"2026-06-01","volgnummer":\(number),"voortgang":"\(state)","oordeel":"op schema"}}
                """.utf8)
        }
    }
}

/// A copy of some of the project's connectors, which a test may change.
private struct ConnectorsCopy: Sendable {
    let path: String

    static func with(_ feeds: [String], _ body: (ConnectorsCopy) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("paraplu-c-\(UUID())").path
        let copy = ConnectorsCopy(path: directory + "/connectors")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for feed in feeds {
            let organisation = feed.prefix { $0 != "/" }
            try FileManager.default.createDirectory(
                atPath: "\(copy.path)/\(organisation)", withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: Site.root.appendingPathComponent("connectors/\(feed)").path, toPath: "\(copy.path)/\(feed)")
        }
        try await body(copy)
    }

    /// Changes a definition everywhere where it says `old`.
    func edit(_ feed: String, _ old: String, _ new: String) throws {
        let file = "\(path)/\(feed)/connector.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        precondition(text.contains(old), "the definition says what is changed")
        try Data(text.replacing(old, with: new).utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
    }

    /// Takes a feed's folder away, and puts it back.
    func hide(_ feed: String) throws {
        try FileManager.default.moveItem(atPath: "\(path)/\(feed)", toPath: aside(feed))
    }
    func show(_ feed: String) throws {
        try FileManager.default.moveItem(atPath: aside(feed), toPath: "\(path)/\(feed)")
    }

    private func aside(_ feed: String) -> String { "\(path)/../\(feed.replacing("/", with: "-"))" }
}

extension Daemon {
    /// How many lines of its log say something.
    fileprivate func count(_ text: String) -> Int { program.log.components(separatedBy: text).count - 1 }

    /// The first line of its log that says something; empty where none does.
    fileprivate func line(_ text: String) -> String {
        program.log.split(separator: "\n").first { $0.contains(text) }.map(String.init) ?? ""
    }

    /// Waits until its log says something, so many times.
    fileprivate func logged(_ text: String, times: Int = 1) async throws {
        do {
            _ = try await eventually(text) { count(text) >= times ? true : nil }
        } catch {
            throw TestProgram.TooLate(waitedFor: text, log: String(program.log.suffix(3000)))
        }
    }
}
