import Foundation
import ParapluTesting
import Testing

extension EndToEnd {
    /// The built daemon against a database whose clock is set ahead.
    @Suite("Time passes")
    struct ClockTests {
        @Test(
            "a report that grows stale at midnight in Amsterdam is announced then, once by two daemons, and not again")
        func midnight() async throws {
            let clock = try FakeClock()
            try clock.set("2026-12-01T10:00:00+01:00")
            let cluster = try TestCluster.start(clock: clock)
            do {
                try await Site.with(cluster: cluster) { try await Self.passMidnight(clock, $0) }
            } catch {
                try? await cluster.stop()
                throw error
            }
            try await cluster.stop()
        }

        private static func passMidnight(_ clock: FakeClock, _ site: Site) async throws {
            // Stale six months and thirty days after 20 November 2026: on 20 June 2027, in summer time.
            let first = try site.start("one")
            let second = try site.start("two")
            try await site.publish([
                Site.Report(id: "a", action: "ill-1-08", asOf: "2026-11-20", sequence: 1)
            ])
            try await site.settled(1)

            try clock.set("2027-06-19T23:59:54+02:00")
            let event = try await eventually("the announcement", within: .seconds(60)) {
                try await Self.announcements(site).first
            }

            let recorded = try #require((event["data"] as? [String: Any])?["recorded_at"] as? String)
            #expect(recorded >= "2027-06-19T22:00:00.000000Z")
            #expect(recorded < "2027-06-19T22:00:05.000000Z")
            let new = try #require((event["data"] as? [String: Any])?["new"] as? [String: Any])
            #expect(new["data_state"] as? String == "VEROUDERD")
            #expect(new["rating"] as? String == "GRIJS")
            #expect(new["last_known_rating"] as? String == "ROOD")

            // One that starts later finds nothing to say of this day.
            try await second.kill()
            let third = try site.start("three")
            try await third.ready()
            try await site.settled(1)
            #expect(try await Self.announcements(site).count == 1)
            #expect(try await site.soundness() == [])
            try await first.stop()
            try await third.stop()
        }

        /// What was announced of the action because time passed.
        private static func announcements(_ site: Site) async throws -> [[String: Any]] {
            try await site.records(of: "changes", partitions: Site.partitions)
                .filter { $0.key == "action/ill-1-08" }
                .compactMap { try JSONSerialization.jsonObject(with: Data($0.value)) as? [String: Any] }
                .filter { ($0["data"] as? [String: Any])?["cause"] as? String == "time" }
        }
    }
}
