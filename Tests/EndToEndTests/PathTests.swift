import Foundation
import ParapluTesting
import Postgres
import Testing

/// What the built daemon does with what is published, seen from its topics, its views and its commands.
extension EndToEnd {
    @Suite("the path", .timeLimit(.minutes(5)))
    struct PathTests {
        @Test("a message published ends as a status, and SIGTERM under load exits 0 with nothing lost or doubled")
        func published() async throws {
            try await Site.with { site in
                let daemon = try site.start()
                try await daemon.ready()
                let reports = (1...3000).map { number in
                    Site.Report(
                        id: "m-\(number)", action: ["act-4-07", "ill-1-08", "ill-4-12", "act-1-01"][number % 4],
                        asOf: "2026-\(["07", "08", "09", "10"][number / 750 % 4])-\(10 + number % 18)",
                        sequence: number,
                        rating: number % 3 == 0 ? "ORANJE" : "GROEN")
                }
                try await site.publish(reports)
                _ = try await eventually("the first batch") { try await site.number(Site.journalled) > 0 ? true : nil }
                let ending = try await daemon.stop()
                let again = try site.start()
                try await site.settled(reports.count)

                let problems = try await site.soundness()
                let page = try await eventually("the lag of the feed's partitions") { () async -> String? in
                    let page = await again.get("/metrics") ?? ""
                    return page.contains("paraplu_consumer_lag_records{topic=\"\(site.prefix).\(Site.feed)\"")
                        ? page : nil
                }
                try await again.stop()
                #expect(ending == .exited(0))
                #expect(problems == [])
                #expect(page.contains("paraplu_records_total"))
            }
        }

        @Test(
            "bad messages at the first, middle and last place end each with its code, and their neighbours are applied")
        func badNeighbours() async throws {
            try await Site.with { site in
                let good = (1...40).map { number in
                    Site.Report(
                        id: "g-\(number)", action: "ill-1-08",
                        asOf: "2026-06-\(number % 28 + 1 < 10 ? "0" : "")\(number % 28 + 1)",
                        sequence: number)
                }
                var messages: [(key: String, value: [UInt8]?)] = good.map { ("one", Array($0.value.utf8)) }
                let bad = BadInput.all
                let places = [0, messages.count / 2, messages.count]
                for place in places.reversed() {
                    messages.insert(
                        contentsOf: bad.map { (key: "one", value: $0.value(place)) }, at: place)
                }
                try await site.publish(messages)
                let daemon = try site.start(extra: "rejection_window: off")
                try await site.settled(messages.count)

                let codes = try await site.watcher.run { session in
                    try session.execute(BadInput.codes).map { "\($0.string(0)) \($0.int8(1))" }
                }
                let applied = try await site.number(BadInput.applied)
                let leaks = try await site.number(BadInput.leaks)
                let receipts = try await site.records(of: "receipts.bz", partitions: 1)
                let problems = try await site.soundness()
                try await daemon.stop()
                #expect(codes == BadInput.expected(times: places.count))
                #expect(applied == Int64(good.count))
                #expect(leaks == 0)
                #expect(problems == [])
                #expect(!receipts.contains { $0.text.contains(BadInput.citizenNumber) })
                #expect(!daemon.program.log.contains(BadInput.citizenNumber))
            }
        }

        @Test("a reader of the status and cuts topics alone recomputes a cut's hash")
        func cut() async throws {
            try await Site.with { site in
                let daemon = try site.start()
                try await daemon.ready()
                try await site.publish([
                    Site.Report(id: "c-1", action: "ill-1-08", asOf: "2026-11-01", sequence: 1, rating: "ORANJE")
                ])
                try await site.settled(1)
                let commit = try await site.number(Statement("SELECT max(commit) FROM progress.status"))
                let cut = try await eventually("a cut after the change", within: .seconds(30)) {
                    try await site.records(of: "cuts", partitions: 1).compactMap { Cut($0.value) }
                        .first { $0.commit >= commit }
                }
                let statuses = try await site.records(of: "status", partitions: Site.partitions)
                try await daemon.stop()

                #expect(cut.hash == Cut.hash(of: statuses.filter { $0.offset < cut.next[Int($0.partition)] }))
                #expect(cut.subjects == Set(statuses.map(\.key)).count)
            }
        }

        @Test("a feed of nothing but bad messages is held where it stands, and goes on when it is resumed")
        func held() async throws {
            try await Site.with { site in
                let daemon = try site.start()
                try await site.publish((0..<60).map { _ in (key: "one", value: Array("{".utf8)) })
                _ = try await eventually("the feed held") {
                    try await site.number(
                        Statement("SELECT count(*) FROM operations.feed WHERE held_since IS NOT NULL")) == 1
                        ? true : nil
                }
                let before = try await site.number(Site.journalled)
                try await site.command(["feed", "resume", "bz/canoniek", "--reason", "test"])
                _ = try await eventually("the feed going on") {
                    try await site.number(Site.journalled) > before ? true : nil
                }
                try await daemon.stop()

                #expect(before == 25)
            }
        }
    }
}
