import Foundation
import Kafka
import ParapluTesting
import Postgres
import Testing

extension EndToEnd {
    @Suite("A log that isn't the one that was read")
    struct HeldLogTests {
        private static let held = Statement(
            "SELECT count(*) FROM operations.feed WHERE feed = 'bz/canoniek' AND held_code = 'topic_recreated'")

        private static func reports(_ range: ClosedRange<Int>) -> [Site.Report] {
            range.map { number in
                Site.Report(
                    id: "r-\(number)", action: "ill-1-08", asOf: "2026-05-\(10 + number)", sequence: number,
                    rating: number % 2 == 0 ? "ORANJE" : "GROEN")
            }
        }

        @Test("a topic that was deleted and made again holds its feed until an operator confirms the new generation")
        func recreated() async throws {
            try await Site.with { site in
                var daemon = try site.start()
                try await daemon.ready()
                try await daemon.claimed()
                try await site.publish(Self.reports(1...6))
                try await site.settled(6)

                try await site.broker.makeAgain("\(site.prefix).\(Site.feed)", partitions: Site.partitions)
                try await site.publish(Self.reports(7...9))
                _ = try await eventually("the hold") {
                    try Self.startAgain(&daemon, site)
                    return try await site.number(Self.held) == 1 ? true : nil
                }
                try await site.command(
                    ["feed", "resume", "bz/canoniek", "--reason", "test", "--accept-loss"], status: 2)
                let dryRun = try await site.command([
                    "feed", "resume", "bz/canoniek", "--reason", "test", "--new-generation", "--dry-run", "--output",
                    "json",
                ])
                #expect(dryRun.contains("\"dry_run\":true"))
                #expect(try await site.number(Self.held) == 1)

                try await site.command(["feed", "resume", "bz/canoniek", "--reason", "made again", "--new-generation"])

                _ = try await eventually("the rest journalled") {
                    try Self.startAgain(&daemon, site)
                    return try await site.number(Site.journalled) == 9 ? true : nil
                }
                try await site.settled(9)
                #expect(try await site.soundness() == [])
                #expect(try await daemon.stop() == .exited(0))
            }
        }

        /// Starts the daemon again where it died, as systemd does.
        ///
        /// librdkafka from 2.4 on may die of a topic that is made again at once (docs/adr/0024).
        private static func startAgain(_ daemon: inout Daemon, _ site: Site) throws {
            if KafkaLibrary.versionNumber >= 0x0204_00ff, case .signalled = daemon.program.ending() {
                daemon = try site.start()
            }
        }
    }
}
