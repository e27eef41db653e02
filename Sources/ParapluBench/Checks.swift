import Foundation
import Kafka
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres

/// Whether what the daemon wrote and sent is what had to come out.
struct Checks {
    let options: BenchOptions
    let report: Report
    let database: BenchDatabase
    let desk: TopicDesk

    private static let rejections = Statement(
        "SELECT feed, code, count(*) FROM operations.rejection GROUP BY feed, code ORDER BY feed, code")
    private static let states = Statement(
        """
        SELECT a.action_id, a.published, c.evaluated_on FROM progress.action_state AS a
        JOIN journal.commit AS c ON c.number = a.commit
        """)
    private static let announced = Statement("SELECT subject, payload::text FROM progress.status")

    func run(_ workload: Workload, _ truth: Workload.Truth) throws {
        report.say("checks")
        try outcomes(truth)
        try outbox(truth)
        try statuses(workload)
        try topics(truth)
    }

    private func outcomes(_ truth: Workload.Truth) throws {
        let counts = try database.numbers(
            """
            SELECT count(*), count(*) FILTER (WHERE outcome = 1), count(*) FILTER (WHERE outcome = 2),
                count(*) FILTER (WHERE outcome = 4),
                (SELECT count(*) FROM journal.fact AS f JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'partition'),
                count(DISTINCT e.commit)
            FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'partition'
            """, columns: 6)[0]
        let wanted = [options.messages, truth.applied, truth.duplicates, truth.rejections, truth.records].map(
            Int64.init)
        report.check(
            "journal entries are the messages, with their outcomes", Array(counts[0..<5]) == wanted,
            "\(counts), not \(wanted)")
        report.figure("commits", Double(counts[5]), unit: "1")
        let found = try database.connection.runBlocking { session in
            try session.execute(Checks.rejections).map { "\($0.string(0)) \($0.string(1)) \($0.int8(2))" }
        }
        let expected = BenchFeed.allCases.flatMap { feed in
            truth.rejected[feed.rawValue].map { "\(feed.id) \($0.key.rawValue) \($0.value)" }
        }
        report.check(
            "rejections by feed and code", found.sorted() == expected.sorted(), "\(found), not \(expected.sorted())")
        let balance = try database.numbers(
            """
            SELECT coalesce(sum(abs(s.next_position - s.first_position - s.holes - s.lost - e.entries)), 0)::bigint,
                coalesce(sum(abs(e.entries - s.applied - s.duplicate - s.stale - s.rejected - s.parked)), 0)::bigint
            FROM journal.stream AS s
            JOIN (SELECT stream_id, count(*) AS entries FROM journal.entry GROUP BY stream_id) AS e USING (stream_id)
            WHERE s.kind = 'partition'
            """, columns: 2)[0]
        report.check("balance difference 0", balance == [0, 0], "\(balance)")
    }

    private func outbox(_ truth: Workload.Truth) throws {
        let row = try database.numbers(
            """
            SELECT (SELECT count(*) FROM outbox.event AS e JOIN outbox.lease AS l
                    ON (e.commit, e.n) > (l.sent_commit, l.sent_n)),
                (SELECT count(*) FROM outbox.set_aside),
                (SELECT count(*) FROM outbox.event AS e JOIN journal.commit AS c ON c.number = e.commit
                    WHERE e.topic = 'changes' AND e.key LIKE 'action/%' AND c.kind = 'partition')
            """, columns: 3)[0]
        report.check("every outbox row is sent, none set aside", row[0] == 0 && row[1] == 0, "\(row)")
        report.figure(
            "status_revisions", Double(row[2]), unit: "1", ["changing_messages": Double(truth.changing)])
    }

    /// The published statuses against a pure fold of every action's records, each as of the day of its last commit.
    private func statuses(_ workload: Workload) throws {
        var facts = [[Fact]](repeating: [], count: workload.plan.actions.count)
        _ = workload.run { message in
            guard message.flaw == nil, !message.isDuplicate else { return }
            for (place, item) in message.items.enumerated() {
                facts[item.action].append(message.fact(of: item, place, workload.plan.actions[item.action]))
            }
        }
        let rows = try database.connection.runBlocking { session in
            try session.execute(Checks.states).map {
                ($0.string(0), Array($0.bytes(1)), CalendarDate(daysSince2000: $0.date(2)))
            }
        }
        let published = Dictionary(rows.map { ($0.0, ($0.1, $0.2)) }, uniquingKeysWith: { first, _ in first })
        let organisations = OrganisationLookup(workload.plan.organisations)
        var different: [String] = []
        for (index, action) in workload.plan.actions.enumerated() {
            let timeline = timeline(
                of: action, facts: facts[index], organisations: organisations, settings: .standard)
            guard let (bytes, day) = published[action.id.rawValue],
                ActionStatus(decoding: bytes) == timeline.status(on: day)
            else {
                different.append(action.id.rawValue)
                continue
            }
        }
        report.check(
            "the last statuses equal a pure fold of \(facts.reduce(0) { $0 + $1.count }) records",
            different.isEmpty && rows.count == workload.plan.actions.count,
            "\(different.count) differ, such as \(different.prefix(5))")
    }

    /// The topics: receipts by partner, and the last status of every subject, byte for byte.
    private func topics(_ truth: Workload.Truth) throws {
        for feed in BenchFeed.allCases {
            var count = 0
            try desk.read("out.receipts.\(feed.partner).v1") { _, _ in count += 1 }
            let expected = truth.receipts[feed.rawValue]
            report.check("receipts for \(feed.partner): \(expected)", count == expected, "\(count)")
        }
        var last: [String: [UInt8]] = [:]
        var sent = 0
        try desk.read("out.status.v1") { key, value in
            sent += 1
            last[String(decoding: key, as: UTF8.self)] = Array(value)
        }
        let stored = try database.connection.runBlocking { session in
            try session.execute(Checks.announced).map { ($0.string(0), $0.string(1)) }
        }
        let missing = stored.count { subject, payload in
            last[subject].map { String(decoding: $0, as: UTF8.self) } != payload
        }
        report.check(
            "the status topic ends on the status of every subject", missing == 0 && last.count == stored.count,
            "\(missing) of \(stored.count) differ, \(last.count) keys")
        report.figure("status_records", Double(sent), unit: "1")
    }
}
