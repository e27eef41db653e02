import Foundation
import Kafka
import ParapluTesting
import Postgres
import Testing

extension EndToEnd {
    /// F44 to F62 at the first, middle and last place of a batch: each ends as it must, and its neighbours are applied.
    @Suite("faults in content", .timeLimit(.minutes(5)))
    struct ContentFaultTests {
        @Test("every feed's bad examples end with their codes wherever they stand, and leave nothing of personal data")
        func examples() async throws {
            let feeds = try FeedExample.feeds()
            #expect(feeds.count >= 5)
            try await Site.with { site in
                var sent: [String: [FeedExample]] = [:]
                for feed in feeds {
                    let bad = feed.examples.filter { $0.code != nil }
                    // A neighbour, and the same once more: neither is touched by what stands around it.
                    let good = try #require(feed.examples.first { $0.code == nil })
                    let batch = bad + [good] + bad + [good] + bad
                    try await site.publish(batch, to: feed)
                    sent["\(site.prefix).\(feed.topic)"] = batch
                }
                let total = sent.values.reduce(0) { $0 + $1.count }
                let daemon = try site.start(extra: Self.oneBatch(of: total))
                try await site.settled(total)
                #expect(try await site.number(Self.commitsOfPartitions) == 1, "all feeds' examples are of one batch")

                for feed in feeds {
                    let topic = "\(site.prefix).\(feed.topic)"
                    let outcomes = try await site.outcomes(of: topic)
                    let expected = sent[topic]?.map { $0.code ?? "taken" }
                    #expect(outcomes == expected, "\(feed.name)")
                    let receipts = try await site.receipts(for: feed.partner)
                    for (offset, example) in (sent[topic] ?? []).enumerated() {
                        guard let code = example.code else { continue }
                        #expect(receipts["\(topic):0:\(offset)"] == [code], "\(feed.name) \(example.name) at \(offset)")
                    }
                }
                let partners = Set(feeds.map(\.partner)).sorted()
                let unlike = try await OutboundContract(site).problems(of: site, receiptsFor: partners)
                #expect(unlike == [], "asyncapi.yaml tells of another event")
                let secrets = Set(feeds.flatMap(\.examples).flatMap(\.secrets))
                #expect(secrets.count >= 3)
                #expect(try await site.tablesHolding(secrets) == [])
                let metrics = await daemon.get("/metrics") ?? ""
                let problems = try await site.soundness()
                try await daemon.stop()
                #expect(problems == [])
                for secret in secrets {
                    #expect(!daemon.program.log.contains(secret) && !metrics.contains(secret))
                    for feed in feeds {
                        let records = try await site.records(of: "receipts.\(feed.partner)", partitions: 1)
                        #expect(!records.contains { $0.key.contains(secret) || $0.text.contains(secret) })
                    }
                }
            }
        }

        private static let withoutValue = Statement("SELECT count(*) FROM journal.payload WHERE value IS NULL")

        @Test("where the contract says so, a message without a value is applied, and kept as it came")
        func tombstone() async throws {
            let feed = try #require(try FeedExample.feeds().first { $0.name == "nidos/bijdrage" })
            let names = ["onderweg", "ingetrokken"]
            let messages = names.compactMap { name in feed.examples.first { $0.name == name } }
            #expect(messages.map { $0.value == nil } == [false, true])
            try await Site.with { site in
                try await site.publish(messages, to: feed)
                let daemon = try site.start()
                try await site.settled(messages.count)

                #expect(try await site.outcomeCounts() == ["applied": 2])
                #expect(try await site.number(Self.withoutValue) == 1)
                #expect(try await site.soundness() == [])
                try await daemon.stop()
            }
        }

        @Test("repeats, stale words, unknown actions and foreign ones end as agreed wherever they stand in a batch")
        func sequences() async throws {
            try await Site.with { site in
                var messages: [(key: String, value: [UInt8]?)] = []
                for place in ["first", "middle", "last"] {
                    messages += Self.faults(place).map { ("one", Array($0.value.utf8)) }
                    if place != "last" {
                        messages += Self.neighbours(place).map { ("one", Array($0.value.utf8)) }
                    }
                }
                try await site.publish(messages)
                let daemon = try site.start(extra: Self.oneBatch(of: messages.count))
                try await site.settled(messages.count)
                #expect(try await site.number(Self.commitsOfPartitions) == 1, "all places are those of one batch")
                // The same messages once more, in another partition: the same id is the same message anywhere.
                let elsewhere = ["first", "middle", "last"].map { Self.repeated($0) }
                try await site.publish(elsewhere.map { ("another key", Array($0.value.utf8)) })
                try await site.settled(messages.count + elsewhere.count)

                // Of each place: a repeat twice, a reused id, an older word, an unknown action, one without a role.
                #expect(
                    try await site.outcomeCounts() == [
                        "applied": 24 + 3 * 4, "duplicate": 3 * 2, "parked": 3, "rejected id_reused": 3, "stale": 3,
                    ])
                let receipts = try await site.receipts(for: "bz")
                #expect(receipts.values.filter { $0.contains("parked") }.count == 3)
                #expect(receipts.values.filter { $0.contains("stale") }.count == 3)
                #expect(receipts.values.filter { $0.contains("no_role") }.count == 3)
                #expect(try await site.soundness() == [])

                // The plan brings the action: what waited for it is applied, in order of parking.
                try await site.command([
                    "plan", "apply", try Self.planWithAnotherAction(site), "--reason", "the action that was waited for",
                ])
                _ = try await eventually("settlement") {
                    try await site.number(Statement("SELECT count(*) FROM operations.parked")) == 0 ? true : nil
                }
                try await site.settled(messages.count + elsewhere.count)
                let later = try await site.receipts(for: "bz")
                #expect(later.values.filter { $0.contains("resolved") }.count == 3)
                #expect(try await site.soundness() == [])
                #expect(try await daemon.stop() == .exited(0))
            }
        }

        /// A batch that is full with so many messages, and waits for them; the rejection window is another test's.
        private static func oneBatch(of messages: Int) -> String {
            "rejection_window: off\nbatch: { messages_max: \(messages), delay_milliseconds: 3000 }"
        }

        private static let commitsOfPartitions = Statement(
            """
            SELECT count(DISTINCT e.commit) FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id)
            WHERE s.kind = 'partition'
            """)

        @Test("of two publishers who say different things of one day, in one order, the holder's word counts")
        func twoPublishers() async throws {
            try await Site.with { site in
                // Both at once; then the other's word first; then the holder's first.
                try await site.publish([Self.otherWord("2026-06-01"), Self.holderWord("2026-06-01")])
                let daemon = try site.start()
                try await site.settled(2)
                let later = [
                    Self.otherWord("2026-06-02"), Self.holderWord("2026-06-02"), Self.holderWord("2026-06-03"),
                    Self.otherWord("2026-06-03"),
                ]
                for (index, message) in later.enumerated() {
                    try await site.publish([message])
                    try await site.settled(3 + index)
                }

                #expect(try await site.outcomeCounts() == ["applied": 6])
                // The other's word is kept as such, and shown: the action is disputed.
                #expect(try await site.number(Self.observations) == 3)
                #expect(try await site.number(Self.daysOfTheOther) == 0)
                #expect(try await site.number(Self.daysOfTheHolder) == 3)
                let status =
                    try await site.records(of: "status", partitions: Site.partitions)
                    .last { $0.key == "action/ill-5-08" }?.text ?? ""
                for text in [#""reported_rating":"GROEN""#, #""flags":["BETWIST"]"#, #""conflict_rating:org-bz""#] {
                    #expect(status.contains(text), "\(text) in \(status)")
                }
                #expect(try await site.soundness() == [])
                #expect(try await daemon.stop() == .exited(0))
            }
        }

        private static let observations = Statement(
            "SELECT count(*) FROM progress.disposition WHERE disposition = 'observation'")

        /// The days of the action's timeline that ever had the other's rating.
        private static let daysOfTheOther = Statement(
            "SELECT count(*) FROM progress.timeline WHERE action_id = 'ill-5-08' AND reported_rating = 'ROOD'")
        /// Those that have the holder's.
        private static let daysOfTheHolder = Statement(
            """
            SELECT count(DISTINCT as_of) FROM progress.timeline WHERE action_id = 'ill-5-08' AND known_until IS NULL
                AND reported_rating = 'GROEN'
            """)

        /// JenV holds the action, BZ is involved; day, number and time are the same.
        private static func holderWord(_ day: String) -> (topic: String, key: String, value: [UInt8]?) {
            let text = """
                {"specversion":"1.0","id":"holder-\(day)","source":"urn:nld:oin:00000099000000101000:systeem:test",\
                "type":"nl.jenv.acties.voortgang-gemeld.v1","time":"2026-06-04T08:00:00Z","partitionkey":"ill-5-08",\
                "data":{"actie":"ill-5-08","peildatum":"\(day)","volgnummer":1,"voortgang":"in uitvoering",\
                "oordeel":"op schema"}}
                """
            return ("in.jenv.voortgang.v1", "ill-5-08", Array(text.utf8))
        }

        private static func otherWord(_ day: String) -> (topic: String, key: String, value: [UInt8]?) {
            let text = """
                {"specversion":"1.0","id":"other-\(day)","source":"urn:nld:oin:00000099000000104000:systeem:test",\
                "type":"nl.paraplu.progress.reported.v1","time":"2026-06-04T08:00:00Z",\
                "data":{"action":"ill-5-08","as_of":"\(day)","sequence":1,"lifecycle":"LOOPT","rating":"ROOD",\
                "reasons":["CAPACITEIT"]}}
                """
            return (Site.feed, "ill-5-08", Array(text.utf8))
        }

        private static func repeated(_ place: String) -> Site.Report {
            Site.Report(id: "repeat-\(place)", action: "ill-1-08", asOf: day(place, 1), sequence: 1)
        }

        private static func faults(_ place: String) -> [Site.Report] {
            let reused = "reused-\(place)"
            return [
                repeated(place), repeated(place),
                Site.Report(id: reused, action: "ill-1-08", asOf: day(place, 2), sequence: 1),
                Site.Report(id: reused, action: "ill-1-08", asOf: day(place, 2), sequence: 2, rating: "ORANJE"),
                Site.Report(id: "newer-\(place)", action: "ill-1-08", asOf: day(place, 3), sequence: 9),
                Site.Report(
                    id: "older-\(place)", action: "ill-1-08", asOf: day(place, 3), sequence: 8, rating: "ORANJE"),
                Site.Report(id: "unknown-\(place)", action: "ill-9-99", asOf: day(place, 4), sequence: 1),
                Site.Report(id: "foreign-\(place)", action: "act-1-01", asOf: day(place, 5), sequence: 1),
            ]
        }

        private static func neighbours(_ place: String) -> [Site.Report] {
            (1...12).map { number in
                Site.Report(id: "n-\(place)-\(number)", action: "ill-1-08", asOf: day(place, 10 + number), sequence: 1)
            }
        }

        /// Days of a month of each place's own.
        private static func day(_ place: String, _ number: Int) -> String {
            let month = ["first": "03", "middle": "05", "last": "07"][place] ?? "09"
            return "2026-\(month)-\(number < 10 ? "0" : "")\(number)"
        }

        /// The reference plan with one action more, held by the same ministry.
        private static func planWithAnotherAction(_ site: Site) throws -> String {
            let data = try Data(contentsOf: Site.plan)
            var plan = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
            var actions = try #require(plan["actions"] as? [[String: Any]])
            var action = try #require(actions.first { $0["id"] as? String == "ill-1-08" })
            action["id"] = "ill-9-99"
            action["code"] = "9.99-ILL"
            action["milestones"] = [[String: Any]]()
            actions.append(action)
            plan["actions"] = actions
            let path = site.directory + "/plan.json"
            try JSONSerialization.data(withJSONObject: plan).write(to: URL(fileURLWithPath: path))
            return path
        }
    }
}
