import Foundation
import ParapluTesting
import Postgres
import Testing

extension EndToEnd {
    @Suite("Another history of the database")
    struct EpochTests {
        private static let epoch = Statement("SELECT epoch FROM operations.commit_clock")
        private static let statuses = Statement("SELECT count(*) FROM progress.status WHERE epoch = 2 AND revision = 1")
        private static let subjects = Statement("SELECT count(*) FROM progress.status")

        @Test("a daemon that reconnects to a database with another history begins an epoch before it sends anything")
        func reconnected() async throws {
            try await Site.with { site in
                let daemon = try site.start()
                try await daemon.ready()
                try await daemon.claimed()
                try await site.publish((1...4).map { Self.report($0) })
                try await site.settled(4)

                // What a failover to another server looks like from outside: other sessions, another identity.
                try await site.watcher.run { session in
                    try session.executeScript(
                        """
                        UPDATE operations.commit_clock SET system_identifier = 1;
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE datname = current_database() AND usename = 'paraplu_app';
                        """)
                }
                _ = try await eventually("the new epoch") { try await site.number(Self.epoch) == 2 ? true : nil }
                let (announced, subjects) = (try await site.number(Self.statuses), try await site.number(Self.subjects))
                #expect(announced == subjects)

                try await site.publish((5...8).map { Self.report($0) })
                try await site.settled(8)
                #expect(try await site.soundness() == [])
                #expect(try await daemon.stop() == .exited(0))
            }
        }

        private static func report(_ number: Int) -> Site.Report {
            Site.Report(
                id: "e-\(number)", action: "ill-1-08", asOf: "2026-06-\(10 + number)", sequence: number,
                rating: number % 2 == 0 ? "ORANJE" : "GROEN")
        }
    }
}
