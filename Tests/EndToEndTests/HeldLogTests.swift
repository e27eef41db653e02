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
                let daemon = try site.start()
                try await daemon.ready()
                try await daemon.claimed()
                try await site.publish(Self.reports(1...6))
                try await site.settled(6)

                try await Self.makeAgain("\(site.prefix).\(Site.feed)", site)
                try await site.publish(Self.reports(7...9))
                do {
                    _ = try await eventually("the hold") { try await site.number(Self.held) == 1 ? true : nil }
                } catch {
                    throw TestProgram.TooLate(waitedFor: "the hold", log: daemon.program.log)
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

                try await site.settled(9)
                #expect(try await site.soundness() == [])
                #expect(try await daemon.stop() == .exited(0))
            }
        }

        /// Deletes a topic and creates it again, empty.
        private static func makeAgain(_ topic: String, _ site: Site) async throws {
            let broker = site.broker
            try await TestBroker.onThread {
                let admin = try KafkaAdmin(configuration: broker.configuration())
                defer { admin.close() }
                for (_, error) in try admin.deleteTopics([topic], timeoutMilliseconds: 20_000) {
                    if let error { throw error }
                }
            }
            // A deletion is told to all before it is done everywhere: the name is free when making it succeeds.
            _ = try await eventually("a topic of the same name") {
                try await TestBroker.onThread { () -> Bool? in
                    let admin = try KafkaAdmin(configuration: broker.configuration())
                    defer { admin.close() }
                    let results = try admin.createTopics(
                        [KafkaAdmin.NewTopic(name: topic, partitions: Site.partitions, replication: 1)],
                        timeoutMilliseconds: 20_000)
                    return results.allSatisfy { $0.error == nil } ? true : nil
                }
            }
        }
    }
}
