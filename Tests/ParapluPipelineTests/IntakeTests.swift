import Kafka
import ParapluConnectors
import ParapluModel
import ParapluPipeline
import ParapluStore
import ParapluTesting
import Postgres
import Synchronization
import Testing

/// What is read from a log that has holes, ends early or has a message that the database refuses: taken once, and never
/// in the way of anything else.
@Suite("Intake", .timeLimit(.minutes(6)))
struct IntakeTests {
    private static func report(_ number: Int, _ action: String = "ill-1") -> (id: String, data: String) {
        (
            "m-\(number)",
            #"{"action":"\#(action)","as_of":"2026-06-01","sequence":\#(number),"lifecycle":"LOOPT","rating":"GROEN"}"#
        )
    }

    /// What the streams of a topic came to, all partitions together.
    private struct Balance: Equatable {
        var taken: Int64
        var rejected: Int64
        var holes: Int64 = 0
        var lost: Int64 = 0
    }

    private static let balance = Statement(
        """
        SELECT coalesce(sum(applied + stale + duplicate), 0)::bigint, coalesce(sum(rejected), 0)::bigint,
            coalesce(sum(holes), 0)::bigint, coalesce(sum(lost), 0)::bigint
        FROM journal.stream WHERE kind = 'partition' AND topic = $1
        """)

    private static func balance(of owner: String = "bz", _ harness: PipelineHarness) async throws -> Balance {
        let topic = harness.topic(of: owner)
        return try await harness.admin.run { session in
            let row = try session.execute(balance, [.text(topic)])[0]
            return Balance(taken: row.int8(0), rejected: row.int8(1), holes: row.int8(2), lost: row.int8(3))
        }
    }

    private static func becomes(
        _ expected: Balance, of owner: String = "bz", _ harness: PipelineHarness
    ) async throws {
        _ = try await eventually("\(expected)") {
            try await balance(of: owner, harness) == expected ? true : nil
        }
    }

    private static func heldCode(_ harness: PipelineHarness, _ feed: String = "bz/canoniek") async throws -> String? {
        try await harness.admin.run { session in
            try session.execute(
                Statement("SELECT held_code FROM operations.feed WHERE feed = $1"), [.text(feed)]
            ).first?.stringOrNil(0)
        }
    }

    private static func resume(_ harness: PipelineHarness, _ way: FeedResume.Way) async throws {
        _ = try await harness.admin.run { session in
            try FeedResume.resume(FeedID(unchecked: "bz/canoniek"), way, actor: "test", reason: "test", session)
        }
    }

    @Test("a partner that publishes in transactions is read on behind each of their markers")
    func transactions() async throws {
        try await PipelineHarness.with(partitions: 1) { harness in
            // Before it begins, so that messages and the holes behind them come together.
            try await harness.publish((1...3).map { Self.report($0) }, .committed)
            try await harness.publish((4...5).map { Self.report($0) }, .aborted)
            try await harness.publish((6...7).map { Self.report($0) }, .committed)
            let pipeline = harness.pipeline(instance: "one") { _ in }
            try await harness.running(pipeline, try PipelineHarness.catalog(of: ["bz"], offsets: "transactional")) {
                // Three markers, and two messages that were never said.
                try await Self.becomes(Balance(taken: 5, rejected: 0, holes: 5), harness)
                try await harness.publish((8...9).map { Self.report($0) }, .committed)
                try await Self.becomes(Balance(taken: 7, rejected: 0, holes: 6), harness)
            }
        }
    }

    @Test("offsets missing where none may be hold the feed, and accepting the loss lets it go on")
    func missingOffsets() async throws {
        try await PipelineHarness.with(partitions: 1) { harness in
            // All before it begins, so that the gap is seen whole; the marker comes after the answer to the abort.
            try await harness.publish([Self.report(1)])
            try await harness.publish([Self.report(2), Self.report(3)], .aborted)
            _ = try await eventually("the marker") { try await harness.end() == 4 ? true : nil }
            try await harness.publish([Self.report(4), Self.report(5)])
            try await harness.running(harness.pipeline(instance: "one") { _ in }) {
                _ = try await eventually("the feed is held") {
                    try await Self.heldCode(harness) == "offset_gap" ? true : nil
                }
                #expect(try await Self.balance(harness) == Balance(taken: 1, rejected: 0))

                try await Self.resume(harness, .acceptingLoss)
                try await Self.becomes(Balance(taken: 3, rejected: 0, lost: 3), harness)
            }
        }
    }

    @Test("what retention took before it was read is a recorded loss, and the rest is read")
    func retention() async throws {
        try await PipelineHarness.with(partitions: 1) { harness in
            try await harness.publish((1...3).map { Self.report($0) })
            try await harness.running(harness.pipeline(instance: "one") { _ in }) {
                try await Self.becomes(Balance(taken: 3, rejected: 0), harness)
            }
            try await harness.publish((4...10).map { Self.report($0) })
            try await harness.broker.deleteRecords(of: harness.topic(), partition: 0, before: 8)

            let lost = Mutex<[Range<Int64>]>([])
            let pipeline = harness.pipeline(instance: "one") { event in
                if case .lossRecorded(_, _, let range) = event { lost.withLock { $0.append(range) } }
            }
            try await harness.running(pipeline) {
                try await Self.becomes(Balance(taken: 5, rejected: 0, lost: 5), harness)
            }
            #expect(lost.withLock { $0 } == [3..<8])
        }
    }

    private static let makeFunction = Statement(
        """
        CREATE FUNCTION journal.refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.report_order = 1313 THEN RAISE 'no such thing' USING ERRCODE = '22023'; END IF;
            RETURN NEW;
        END $$
        """)
    private static let makeTrigger = Statement(
        """
        CREATE TRIGGER refuse_one BEFORE INSERT ON journal.fact FOR EACH ROW EXECUTE FUNCTION journal.refuse_one()
        """)

    @Test("a message that the database refuses is found among its neighbours, which are taken", arguments: [0, 5, 10])
    func refusedByTheDatabase(place: Int) async throws {
        try await PipelineHarness.with(partitions: 2) { harness in
            try await harness.admin.run { session in
                try session.execute(Self.makeFunction)
                try session.execute(Self.makeTrigger)
            }
            var reports = (1...10).map { Self.report($0) }
            reports.insert(Self.report(1313, "ill-2"), at: place)
            // All before it begins, so that they come in few batches.
            try await harness.publish(reports)
            try await harness.running(harness.pipeline(instance: "one") { _ in }) {
                try await Self.becomes(Balance(taken: 10, rejected: 1), harness)
                try await harness.publish([Self.report(11)])
                try await Self.becomes(Balance(taken: 11, rejected: 1), harness)
                let receipts = try await harness.read("out.receipts.bz.v1", partitions: 1) { receipts in
                    receipts.contains { $0.value.contains(#""rejected""#) }
                }.filter { $0.value.contains(#""rejected""#) }
                #expect(receipts.count == 1)
                #expect(receipts.first?.value.contains(#""code":"database""#) ?? false)
            }
        }
    }

    private static let waits = Statement("SELECT count(*) FROM pg_locks WHERE pid = $1 AND NOT granted")

    /// Holds a feed as another daemon does, while nothing can be written and both feeds get messages: when it is held,
    /// the next batch has messages of both.
    private static func holdAmongMessages(
        _ reports: [(id: String, data: String)], _ harness: PipelineHarness
    ) async throws {
        let other = PostgresConnection(harness.database.configuration, name: "other")
        let pid = try await other.run { try $0.execute(Statement("SELECT pg_backend_pid()"))[0].int4(0) }
        let holding = try await harness.lockingClock {
            for owner in ["bz", "jenv"] { try await harness.publish(reports, to: owner) }
            let holding = Task {
                try await other.run { session in
                    try FeedHold.hold(
                        FeedID(unchecked: "bz/canoniek"), code: "rejections", reason: "test",
                        at: FeedStore.Place(partition: 0, range: nil), actor: "another", session)
                }
            }
            _ = try await eventually("the other waits for its commit") {
                try await harness.admin.run { try $0.execute(waits, [.int4(pid)])[0].int8(0) } > 0 ? true : nil
            }
            return holding
        }
        let isHeld = try await holding.value
        await other.close()
        #expect(isHeld)
    }

    @Test("a feed that another daemon held stops no other, and goes on where it was when it is let go")
    func heldBesideAnother() async throws {
        try await PipelineHarness.with(partitions: 2) { harness in
            let catalog = try PipelineHarness.catalog(of: ["bz", "jenv"])
            let pipeline = harness.pipeline(instance: "one") { _ in }
            try await harness.running(pipeline, catalog) {
                try await harness.publish([Self.report(1)], to: "bz")
                try await harness.publish([Self.report(1, "nowhere")], to: "jenv")
                try await Self.becomes(Balance(taken: 1, rejected: 0), harness)
                try await Self.holdAmongMessages((2...21).map { Self.report($0) }, harness)
                let before = try await Self.balance(harness)
                for round in 1...3 {
                    try await Self.becomesJournalled(Int64(1 + 20 * round), of: "jenv", harness)
                    let reports = (2...21).map { Self.report(round * 100 + $0) }
                    // The first ones wait for their commit, so that those behind them come together.
                    try await harness.lockingClock {
                        try await harness.publish(Array(reports[..<5]), to: "jenv")
                        try await harness.publish(reports, to: "bz")
                        try await harness.publish(Array(reports[5...]), to: "jenv")
                    }
                }
                try await Self.becomesJournalled(81, of: "jenv", harness)
                #expect(try await Self.balance(harness) == before)

                try await Self.resume(harness, .asItStands)
                try await Self.becomes(Balance(taken: 81, rejected: 0), harness)
            }
        }
    }

    private static func becomesJournalled(
        _ count: Int64, of owner: String, _ harness: PipelineHarness
    ) async throws {
        let (topic, statement) = (
            harness.topic(of: owner),
            Statement("SELECT sum(next_position - first_position)::bigint FROM journal.stream WHERE topic = $1")
        )
        _ = try await eventually("\(count) journalled of \(owner)") {
            try await harness.admin.run { try $0.execute(statement, [.text(topic)])[0].int8OrNil(0) } == count
                ? true : nil
        }
    }

    @Test("a process whose name another took ends, though nothing comes")
    func replaced() async throws {
        try await PipelineHarness.with(partitions: 1) { harness in
            let isClaimed = Mutex(false)
            let first = harness.pipeline(instance: "one") { event in
                if case .partitionsClaimed = event { isClaimed.withLock { $0 = true } }
            }
            let catalog = try PipelineHarness.catalog()
            let task = Task { try await first.run(catalog) }
            _ = try await eventually("the first has its partitions") { isClaimed.withLock { $0 } ? true : nil }
            try await harness.running(harness.pipeline(instance: "one") { _ in }) {
                await #expect(throws: IngestService.Failure.replaced) { try await task.value }
            }
        }
    }
}
