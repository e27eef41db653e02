import Foundation
import ParapluTesting
import Testing

extension EndToEnd {
    @Suite("make install", .timeLimit(.minutes(2)))
    struct InstallTests {
        /// What of the system the unit builds on; a tree of our own has none of it.
        private static let systemUnits = [
            "sysinit.target", "basic.target", "shutdown.target", "network-online.target", "multi-user.target",
            "tmp.mount",
        ]

        @Test("the tree holds programs, unit, user, directories, connectors and documents, and the unit is sound in it")
        func tree() async throws {
            let root = FileManager.default.temporaryDirectory.appendingPathComponent("paraplu-install-\(UUID())").path
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: root) }
            try await Self.run(
                "make", ["-C", Site.root.path, "install", "DESTDIR=\(root)", "BIN=\(TestProgram.directory.path)"], root)

            for (path, mode) in [
                ("usr/sbin/paraplud", 0o755), ("usr/bin/paraplu", 0o755), ("etc/paraplu/paraplu.yaml", 0o644),
                ("usr/lib/systemd/system/paraplud.service", 0o644), ("usr/lib/sysusers.d/paraplu.conf", 0o644),
                ("usr/lib/tmpfiles.d/paraplu.conf", 0o644), ("usr/share/doc/paraplu/docs/operator.md", 0o644),
                ("usr/share/doc/paraplu/LICENSE", 0o644),
                ("usr/share/paraplu/connectors/vws/voortgangsmelding/connector.yaml", 0o644),
            ] {
                let found = try FileManager.default.attributesOfItem(atPath: "\(root)/\(path)")[.posixPermissions]
                #expect((found as? NSNumber)?.intValue == mode, "\(path)")
            }

            // What an operator changed stays, when it is installed again.
            try Data("instance: mine\n".utf8).write(to: URL(fileURLWithPath: root + "/etc/paraplu/paraplu.yaml"))
            try await Self.run(
                "make", ["-C", Site.root.path, "install", "DESTDIR=\(root)", "BIN=\(TestProgram.directory.path)"], root)
            #expect(
                try String(contentsOfFile: root + "/etc/paraplu/paraplu.yaml", encoding: .utf8) == "instance: mine\n")

            try await Self.verify(root)
        }

        /// systemd's own word on the installed unit: no complaint, exposure of at most 1.5, and a user to be made.
        private static func verify(_ root: String) async throws {
            for unit in systemUnits {
                let name = "/usr/lib/systemd/system/\(unit)"
                guard FileManager.default.fileExists(atPath: name) else { continue }
                try FileManager.default.copyItem(atPath: name, toPath: root + name)
            }
            // The unit's ExecReload.
            try FileManager.default.createDirectory(atPath: root + "/bin", withIntermediateDirectories: true)
            let kill = root + "/bin/kill"
            _ = FileManager.default.createFile(atPath: kill, contents: Data(), attributes: [.posixPermissions: 0o755])
            let complaints = try await run(
                "systemd-analyze", ["verify", "--man=no", "--root=\(root)", "paraplud.service"], root)
            #expect(complaints == "")
            let exposure = try await run(
                "systemd-analyze",
                ["security", "--no-pager", "--offline=true", "--threshold=15", "--root=\(root)", "paraplud.service"],
                root)
            #expect(exposure.contains("Overall exposure level for paraplud.service: 1."))
            let users = try await run("systemd-sysusers", ["--root=\(root)", "--dry-run"], root)
            #expect(users.contains("_paraplu"))
            try await run("systemd-sysusers", ["--root=\(root)"], root)
            try await run("systemd-tmpfiles", ["--root=\(root)", "--create"], root)
            #expect(FileManager.default.fileExists(atPath: root + "/etc/paraplu/credentials"))
        }

        /// Runs a command to a good end; what it said, on both streams.
        @discardableResult
        private static func run(_ name: String, _ arguments: [String], _ directory: String) async throws -> String {
            let (ending, output, log) = try await TestProgram.run(
                "/usr/bin/env", [name] + arguments, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
                in: directory)
            guard ending == .exited(0) else {
                throw TestProgram.TooLate(waitedFor: "\(name) \(arguments): \(ending)", log: output + log)
            }
            return output + log
        }
    }
}
