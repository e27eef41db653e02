import Foundation
import ParapluTesting
import Postgres
import Testing

extension EndToEnd {
    /// The way to a new feed, typed out of the document that tells it.
    @Suite("add a feed", .timeLimit(.minutes(2)))
    struct AddFeedTests {
        @Test("the commands of docs/add-a-feed.md lead from an empty folder to a message that report jobs see")
        func document() async throws {
            let place = FileManager.default.temporaryDirectory.appendingPathComponent("paraplu-a-\(UUID())").path
            defer { try? FileManager.default.removeItem(atPath: place) }
            let own = place + "/connectors"
            try FileManager.default.createDirectory(atPath: own + "/bz", withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: Site.root.appendingPathComponent("connectors/bz/canoniek").path, toPath: own + "/bz/canoniek")
            try await Site.with(connectors: own) { site in
                let daemon = try site.start()
                try await daemon.ready()
                let environment = try Self.environment(site)
                let configuration = try #require(environment["PARAPLU_CONFIG"])
                let pidFile = (configuration as NSString).deletingLastPathComponent + "/paraplud.pid"
                try Data("\(daemon.program.pid)\n".utf8).write(to: URL(fileURLWithPath: pidFile))

                var shown = ""
                for command in try DocumentedCommands("docs/add-a-feed.md").commands where command.isScript {
                    // Topics of a test have a prefix of their own.
                    let text = command.text.replacingOccurrences(of: "stm.in", with: "\(site.prefix).in")
                    let (ending, output, log) = try await TestProgram.run(
                        "/usr/bin/env", ["-C", place, "bash", "-euo", "pipefail", "-c", text],
                        environment: environment, in: site.directory)
                    try #require(ending == .exited(0), "\(command.text)\n\(output)\(log)")
                    shown += output
                }
                #expect(shown.contains("wrote connectors/om/proef/examples/bezig.expected.json"))
                #expect(shown.contains("ill-4-06"))
                #expect(shown.contains("ACTUEEL"))
                #expect(shown.contains("personal_data"))
                #expect(FileManager.default.fileExists(atPath: place + "/schemas/om.proef.schema.json"))
                #expect(try await site.soundness() == [])
                #expect(try await daemon.stop() == .exited(0))
            }
        }

        private static func environment(_ site: Site) throws -> [String: String] {
            let database = site.database.configuration.parameters
            return [
                "PATH": "\(TestProgram.directory.path):/usr/local/bin:/usr/bin:/bin", "HOME": site.directory,
                "PARAPLU_CONFIG": try site.configuration(instance: "tool"), "BOOTSTRAP": site.broker.bootstrap,
                "PGHOST": database["host"] ?? "", "PGPORT": database["port"] ?? "",
                "PGDATABASE": database["dbname"] ?? "", "PGUSER": "postgres", "PAGER": "cat",
            ]
        }
    }
}
