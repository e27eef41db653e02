import Foundation
import ParapluTesting
import Postgres
import Testing

extension EndToEnd {
    /// What the documents tell a reader to type is typed here, out of the documents themselves.
    @Suite("documents", .timeLimit(.minutes(5)))
    struct DocumentTests {
        /// Commands that need a system of one's own, by how they begin, with what stands for them here.
        private static let elsewhere: [(prefix: String, why: String)] = [
            ("apt install", "ops/local/setup installs them"),
            ("git clone", "this is the clone"),
            ("make ", "the programs are built; make install has a test of its own"),
            ("systemd-sysusers", "make install has a test of its own"),
            ("sudo -u postgres createdb", "the test's database"),
            ("install -m 600", "the test's key"),
            ("head -c 32", "the test's key"),
            ("systemctl edit", "the test's configuration names the key"),
            ("systemctl status", "no service manager runs here"),
            ("journalctl", "no service manager runs here"),
            ("kafka-acls.sh", "the tests' broker asks for no rights"),
            ("set -a; . .demo/env", "the test's environment"),
        ]

        @Test("an operator gets from an empty server to the first applied message; publishers and report jobs go on")
        func guides() async throws {
            let broker = try await TestBroker.start()
            do {
                try await Site.with(broker: broker, prefix: "stm", isEmpty: true) { try await Self.follow($0) }
            } catch {
                try? await broker.stop()
                throw error
            }
            try await broker.stop()
        }

        private static func follow(_ site: Site) async throws {
            var daemon: Daemon?
            let environment = try Self.environment(site)
            func run(_ command: DocumentedCommands.Command, of document: String) async throws -> String {
                if command.text.hasPrefix("systemctl enable --now paraplud") {
                    let started = try site.start("one")
                    try await started.ready()
                    daemon = started
                    return ""
                }
                if command.text.hasPrefix("systemctl reload paraplud"), let daemon {
                    daemon.program.signal(SIGHUP)
                    _ = try await eventually("the reload") {
                        daemon.program.log.contains("Connectors were read again and are the same.") ? true : nil
                    }
                    return ""
                }
                if !command.isScript, Self.elsewhere.contains(where: { command.text.hasPrefix($0.prefix) }) {
                    return ""
                }
                // The health page is at a port of the test's own.
                let text = command.text.replacingOccurrences(
                    of: "127.0.0.1:9464", with: "127.0.0.1:\(daemon?.port ?? 0)")
                let (ending, output, log) = try await TestProgram.run(
                    "/usr/bin/env", ["-C", Site.root.path, "bash", "-euo", "pipefail", "-c", text],
                    environment: environment, in: site.directory)
                #expect(ending == .exited(0), "\(document): \(command.text)\n\(output)\(log)")
                return output
            }

            for command in try DocumentedCommands("docs/operator.md").commands {
                _ = try await run(command, of: "docs/operator.md")
            }
            let running = try #require(daemon, "the operator's guide starts the service")

            var lines: [PublishedLine] = []
            var receipts = ""
            for command in try DocumentedCommands("docs/publisher.md").commands {
                let output = try await run(command, of: "docs/publisher.md")
                guard let line = PublishedLine(command.text) else {
                    receipts += output
                    continue
                }
                lines.append(line)
                // One after the other, as they are typed: without a key they go to any partition.
                try await site.settled(lines.count)
            }
            #expect(receipts.contains("\"code\":\"invalid_date\""))
            for feed in try FeedExample.feeds() { try await Self.hasLines(feed, lines, site) }

            for command in try DocumentedCommands("docs/reports.md").commands {
                let output = try await run(command, of: "docs/reports.md")
                #expect(output.contains("row"), "\(command.text)\n\(output)")
            }
            for command in try DocumentedCommands("README.md").commands {
                _ = try await run(command, of: "README.md")
            }
            #expect(try await site.soundness() == [])
            #expect(try await running.stop() == .exited(0))
        }

        /// Each feed has lines; each line's message ends as its example does, with the receipt that its feed asks for.
        private static func hasLines(_ feed: FeedExample.Feed, _ all: [PublishedLine], _ site: Site) async throws {
            let lines = all.filter { $0.topic == "stm.\(feed.topic)" }
            let text = try String(contentsOf: Site.root.appendingPathComponent("docs/publisher.md"), encoding: .utf8)
            #expect(text.contains("\n### \(feed.name): "), "\(feed.name) has no heading")
            let codes = lines.map { line in feed.examples.first { $0.name == line.example }?.code }
            #expect(codes.contains(nil), "\(feed.name) has no line that is taken")

            let said = try await site.receipts(for: feed.partner).filter { $0.key.hasPrefix("stm.\(feed.topic):") }
            let refused = said.values.compactMap(\.first).filter { !["applied", "duplicate"].contains($0) }
            #expect(refused.sorted() == codes.compactMap { $0 }.sorted(), "\(feed.name)")
            // A receipt for every message, or for refused ones; none says that something had no effect.
            #expect(said.count == (feed.hasReceiptsForAll ? lines.count : refused.count), "\(feed.name)")
            #expect(said.values.allSatisfy { $0.count == 1 }, "\(feed.name): \(said)")
        }

        /// A line of the publishers' guide that sends a message.
        private struct PublishedLine {
            let topic: String
            /// The example that is sent; nil for a message without a value.
            let example: String?

            init?(_ command: String) {
                let words = command.split(separator: " ").map(String.init)
                guard command.contains("kcat -P "), let place = words.firstIndex(of: "-t") else { return nil }
                topic = words[place + 1]
                example = words.last.flatMap { path -> String? in
                    guard let end = path.range(of: ".input.") else { return nil }
                    return path[..<end.lowerBound].split(separator: "/").last.map(String.init)
                }
            }
        }

        private static func environment(_ site: Site) throws -> [String: String] {
            let database = site.database.configuration.parameters
            return [
                "PATH": "\(TestProgram.directory.path):/usr/local/bin:/usr/bin:/bin", "HOME": site.directory,
                "PARAPLU_CONFIG": try site.configuration(instance: "tool"), "BOOTSTRAP": site.broker.bootstrap,
                "PGHOST": database["host"] ?? "", "PGPORT": database["port"] ?? "",
                "PGDATABASE": database["dbname"] ?? "",
                "SUDO_USER": "operator", "PAGER": "cat",
            ]
        }
    }
}
