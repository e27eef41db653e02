import Digest
import ParapluModel
import ParapluStore
import Postgres
import Testing

@Suite("Feeds held for their log")
struct FeedHoldTests {
    private static let officeEntries = Statement(
        """
        SELECT count(*) FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'office'
        """)

    private static func hold(_ store: StoreHarness, _ code: String, _ range: Range<Int64>?) throws -> Bool {
        try FeedHold.hold(
            StoreHarness.feed, code: code, reason: "test", at: FeedStore.Place(partition: 1, range: range),
            actor: StoreHarness.instance, store.session)
    }

    private static func resume(
        _ store: StoreHarness, _ way: FeedResume.Way, isDryRun: Bool = false
    ) throws -> FeedResume.Outcome? {
        try FeedResume.resume(
            StoreHarness.feed, way, actor: "operator", reason: "test", isDryRun: isDryRun, store.session)
    }

    @Test("a hold is an entry of the office stream, once, and says what of the log can't be read")
    func hold() async throws {
        try await StoreHarness.with { store in
            let before = try store.number(Self.officeEntries)

            #expect(try Self.hold(store, "unreadable_record", 3..<4))
            #expect(try !Self.hold(store, "topic_recreated", nil))

            #expect(try store.number(Self.officeEntries) == before + 1)
            let feed = try FeedStore.list(store.session).first { $0.feed == StoreHarness.feed }
            #expect(feed?.code == "unreadable_record")
            #expect(feed?.place == FeedStore.Place(partition: 1, range: 3..<4))
            #expect(try Verification.run(store.session).findings == [])
        }
    }

    @Test("accepted losses move the position, are counted and named, and fence whoever stood before them")
    func acceptLoss() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let today = try store.today()
            try store.ingest([Message(1, [Fixture.progress(0, asOf: today)])])
            let next = try #require(store.claims[1]?.next)
            #expect(try Self.hold(store, "offset_gap", next..<next + 5))

            let outcome = try Self.resume(store, .acceptingLoss)

            #expect(outcome?.lost == FeedStore.Place(partition: 1, range: next..<next + 5))
            let refusal = caught(IngestWriter.Refusal.self) {
                try store.ingest([Message(1, [Fixture.progress(1, asOf: today)])])
            }
            guard case .fenced = refusal else {
                return #expect(Bool(false), "a stale position was written: \(refusal as Any)")
            }
            let claims = try Claims.reload(
                Array(store.claims.values), instance: StoreHarness.instance, boot: StoreHarness.boot, store.session)
            for claim in claims { store.claims[claim.partition] = claim }
            #expect(store.claims[1]?.next == next + 5)
            try store.ingest([Message(1, [Fixture.progress(1, asOf: today)])])
            let balance = try Balance.read(store.session)
            #expect(balance.difference == 0 && balance.findings.isEmpty)
            #expect(balance.partitions.map(\.lost).reduce(0, +) == 5)
            #expect(
                try store.texts(
                    Statement("SELECT concat_ws(' ', kind, first_position, next_position) FROM operations.loss"))
                    == ["skipped \(next) \(next + 5)"])
            #expect(try Verification.run(store.session).findings == [])
        }
    }

    @Test(
        "a topic that was made again is read from its beginning as a new generation; the old one stays in the balance")
    func newGeneration() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let today = try store.today()
            try store.ingest([
                Message(1, [Fixture.progress(0, asOf: today)], id: "a"), Message(2, rejection: Rejection(.invalidDate)),
            ])
            #expect(try Self.hold(store, "topic_recreated", nil))

            let outcome = try Self.resume(store, .newGeneration)
            try store.claim(partitions: 4)

            #expect(outcome?.partitions == 4)
            #expect(store.claims[1]?.generation == 2)
            #expect(store.claims[1]?.next == 0)
            // What comes again is a repeat, what is new is applied.
            try store.ingest([
                Message(1, [Fixture.progress(0, asOf: today)], id: "a"),
                Message(1, [Fixture.progress(1, asOf: today)], id: "b"), Message(2, rejection: Rejection(.invalidDate)),
            ])
            // Another message of the same offset: its receipt is another one.
            let receipts = try store.texts(
                Statement(
                    """
                    SELECT convert_from(payload, 'UTF8')::json ->> 'id' FROM outbox.event WHERE topic LIKE 'receipts.%'
                        AND convert_from(payload, 'UTF8')::json -> 'data' ->> 'outcome' = 'rejected' ORDER BY commit
                    """))
            #expect(receipts.map { $0.hasSuffix(":2:0:rejected") } == [true, false])
            #expect(receipts.last?.hasSuffix(":2:0:g2:rejected") ?? false)
            // So does a change name its message, and a person a refused one.
            let named = Statement(
                """
                SELECT m ->> 'offset' || coalesce(' generation ' || (m ->> 'generation'), '') FROM outbox.event,
                    LATERAL json_array_elements(convert_from(payload, 'UTF8')::json #> '{data,messages}') AS m
                WHERE topic = 'changes' AND key LIKE 'action/%' ORDER BY commit
                """)
            #expect(try store.texts(named) == ["0", "1 generation 2"])
            let places = ([1, 2, 3, nil] as [Int32?]).map {
                MessagePlace(topic: StoreHarness.topic, partition: 2, offset: 0, generation: $0)
            }
            let found = try places.map { try Quarantine.message(at: $0, store.session)?.place.description }
            let second = "\(StoreHarness.topic):2:0"
            #expect(found == [second, second + ":g2", nil, second + ":g2"])
            let balance = try Balance.read(store.session)
            #expect(balance.difference == 0 && balance.findings.isEmpty)
            #expect(balance.partitions.count == 8)
            #expect(balance.partitions.map(\.applied).reduce(0, +) == 2)
            #expect(balance.partitions.map(\.duplicate).reduce(0, +) == 1)
            #expect(try Verification.run(store.session).findings == [])
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    @Test("a decision that doesn't fit what held the feed is refused, and changes nothing")
    func refused() async throws {
        try await StoreHarness.with { store in
            #expect(try Self.hold(store, "topic_recreated", nil))
            let before = try store.number(Self.officeEntries)

            let loss = caught(FeedResume.Refusal.self) { try Self.resume(store, .acceptingLoss) }
            #expect(loss == .doesNotFit(way: .acceptingLoss, code: "topic_recreated"))
            #expect(try Self.resume(store, .newGeneration, isDryRun: true)?.partitions == 4)
            #expect(try store.number(Self.officeEntries) == before)
            #expect(try FeedStore.held(store.session) == [StoreHarness.feed])

            #expect(try Self.resume(store, .asItStands) != nil)
            #expect(try Self.hold(store, "offset_gap", 7..<9))
            let moved = caught(FeedResume.Refusal.self) { try Self.resume(store, .acceptingLoss) }
            #expect(moved == .moved(0))
            let generation = caught(FeedResume.Refusal.self) { try Self.resume(store, .newGeneration) }
            #expect(generation == .doesNotFit(way: .newGeneration, code: "offset_gap"))
            #expect(try FeedStore.held(store.session) == [StoreHarness.feed])
        }
    }
}
