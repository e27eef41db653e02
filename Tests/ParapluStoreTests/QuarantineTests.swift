import Digest
import Dispatch
import Foundation
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Synchronization
import Testing

/// What becomes of refused messages later: brought in again, or left out for good.
@Suite struct QuarantineTests {
    private static let refusal = Rejection(.unknownCode, path: "/voortgang")

    @Test("a message brought in again has its effect once, is named by where it was received, and its outcome stays")
    func replay() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let day = try store.today()
            let again = Message(0, [Fixture.progress(0, asOf: day)], id: "a")
            try store.ingest([Message(0, rejection: Self.refusal, id: "a", value: Array("{}".utf8))])
            let open = try Self.open(store)
            #expect(open.map(\.place.description) == ["\(StoreHarness.topic):0:0"])
            #expect(try Self.preview([again], open, store) == [.taken(.applied, missing: [])])
            #expect(try store.number(Self.settlements) == 0, "a preview writes nothing")

            let fates = try Self.replay([again], open, store)
            #expect(fates == [.taken(.applied, missing: [])])
            #expect(try store.outcomes(partition: 0) == ["rejected"])
            #expect(try store.texts(Self.rating) == ["GROEN"])
            #expect(
                try store.texts(
                    Statement(
                        """
                        SELECT concat_ws(' ', topic, partition, "offset", event_id, outcome)
                        FROM report_v1.explain('action/act-0')
                        """)) == ["\(StoreHarness.topic) 0 0 a applied"])
            #expect(
                try store.texts(Self.changeMessages)
                    == [#"[{"topic":"\#(StoreHarness.topic)","partition":0,"offset":0,"event_id":"a"}]"#])
            #expect(
                try store.texts(Self.receipts).last
                    == #"{"outcome":"replayed","replayed_as":"applied","topic":"\#(StoreHarness.topic)","partition":0,"#
                    + #""offset":0,"event_id":"a"}"#)
            #expect(
                try store.texts(
                    Statement("SELECT concat_ws(' ', state, settlement, replayed_as) FROM report_v1.rejections"))
                    == ["replayed replayed applied"])

            let before = try store.number(Self.clock)
            #expect(try Self.replay([again], open, store) == [.settled(.replayed)])
            #expect(try store.number(Self.clock) == before && Self.open(store).isEmpty)
            // It holds its keys: what is sent again is a duplicate.
            try store.ingest([again])
            #expect(try store.outcomes(partition: 0) == ["rejected", "duplicate"])
            try Self.expectSound(store)
        }
    }

    @Test(
        "what was sent again meanwhile is a duplicate or stale; what is still refused stays, and nothing is written of it"
    )
    func rules() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let day = try store.today()
            let first = Fixture.progress(0, asOf: day, sequence: 1)
            let worse = Fixture.progress(1, asOf: day, rating: .red, sequence: 1)
            let better = Fixture.progress(1, asOf: day, sequence: 2)
            let refused = ["a", "b", "c", "d"].map { Message(0, rejection: Self.refusal, id: $0, value: [0x7B, 0x7D]) }
            try store.ingest(refused)
            try store.ingest([
                Message(1, [first], id: "a"), Message(1, [better], id: "e"),
                Message(1, [Fixture.progress(2, asOf: day)], id: "c"),
            ])
            let open = try Self.open(store)
            let again = [
                Message(0, [first], id: "a"), Message(0, [worse], id: "b"),
                Message(0, [Fixture.progress(2, asOf: day, rating: .red)], id: "c"),
                Message(0, rejection: Rejection(.authority, path: "/action")),
            ]
            let expected: [QuarantineReplay.Fate] = [
                .taken(.duplicate, missing: []), .taken(.stale, missing: []), .refused(Rejection(.idReused)),
                .refused(Rejection(.authority, path: "/action")),
            ]
            #expect(try Self.preview(again, open, store) == expected)
            #expect(try Self.replay(again, open, store) == expected)
            #expect(try Self.open(store).map(\.place.offset) == [2, 3])
            #expect(try store.number(Self.settlements) == 2)
            let before = try store.number(Self.clock)
            #expect(try Self.replay(Array(again[2...]), Array(open[2...]), store) == Array(expected[2...]))
            #expect(try store.number(Self.clock) == before, "no commit for what stays refused")
            #expect(try store.texts(Self.rating) == ["GROEN"])
            try Self.expectSound(store)
        }
    }

    @Test("several words on one thing, brought in together, leave what one by one would leave")
    func overtaken() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let day = try store.today()
            let again = (1...3).map {
                Message(0, [Fixture.progress(0, asOf: day, sequence: $0)], id: "m-\($0 as Int64)")
            }
            try store.ingest(again.map { Message(0, rejection: Self.refusal, id: $0.id, value: [0x7B, 0x7D]) })
            let fates = try Self.replay(again, try Self.open(store), store)
            #expect(fates == Array(repeating: .taken(.applied, missing: []), count: 3))
            #expect(
                try store.texts(Statement("SELECT disposition FROM progress.disposition"))
                    == ["superseded", "superseded"])
            try Self.expectSound(store)
        }
    }

    @Test("one that waits for the plan is parked, and resolved under the name of where it was received")
    func parked() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let day = try store.today()
            let again = Message(0, [Fixture.progress(7, asOf: day)], id: "a")
            try store.ingest([
                Message(0, [Fixture.progress(1, asOf: day)]),
                Message(0, rejection: Self.refusal, id: "a", value: [0x7B, 0x7D]),
            ])
            let fates = try Self.replay([again], try Self.open(store), store)
            #expect(fates == [.taken(.parked, missing: ["action/act-7"])])
            try store.apply(plan: Fixture.plan(actions: 10, version: "2"))
            let round = try Settler.settle(
                parkedDaysMax: 30, events: StoreHarness.events, store.session)
            #expect(round.resolved == 1)
            let place = #""topic":"\#(StoreHarness.topic)","partition":0,"offset":1,"event_id":"a"}"#
            #expect(try store.texts(Self.receipts).last == #"{"outcome":"resolved","# + place)
            #expect(
                try store.texts(
                    Statement(
                        """
                        SELECT concat_ws(' ', topic, "offset", outcome, disposition)
                        FROM report_v1.explain('action/act-7')
                        """)) == ["\(StoreHarness.topic) 1 parked effective"])
            let rejection = try #require(
                try QuarantineReader.find(topic: StoreHarness.topic, partition: 0, offset: 1, store.session))
            let history = try QuarantineReader.history(of: rejection, store.session)
            #expect(history.map(\.kind) == ["rejected", "replayed", "resolved"])
            #expect(history.map(\.actor) == [nil, "test", "settler"] && history[1].replayedAs == "parked")
            try Self.expectSound(store)
        }
    }

    @Test("one that comes late changes the past; it is found late and after the freeze under its own name")
    func late() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let day = try store.today()
            let past = day.adding(days: -30)
            try store.ingest([
                Message(0, rejection: Self.refusal, id: "a", value: [0x7B, 0x7D]),
                Message(0, [Fixture.progress(0, asOf: day)]), Message(0, [Fixture.progress(0, asOf: past)]),
            ])
            let round = RoundID(unchecked: "round-1")
            try store.open(round, asOf: past.adding(days: 5))
            try store.freeze(round)
            let again = Message(0, [Fixture.progress(0, asOf: past.adding(days: 1), rating: .red)], id: "a")
            #expect(try Self.replay([again], try Self.open(store), store) == [.taken(.applied, missing: [])])
            #expect(
                try store.texts(
                    Statement(
                        """
                        SELECT concat_ws(' ', code, topic, partition, "offset") FROM report_v1.finding
                        WHERE "offset" = 0 ORDER BY code
                        """))
                    == ["after_freeze \(StoreHarness.topic) 0 0", "late \(StoreHarness.topic) 0 0"])
            #expect(try store.number(Statement("SELECT count(*) FROM report_v1.round_correction")) == 1)
            try Self.expectSound(store)
        }
    }

    @Test("a figure brought in again is one of the indicator's, under the name of where it was received")
    func figure() async throws {
        try await StoreHarness.with { store in
            var plan = Fixture.plan(actions: 3)
            let indicator = IndicatorID(unchecked: "ind-own")
            plan.indicators = [
                Indicator(
                    id: indicator, nameNL: "slachtoffers", nameEN: "victims", unit: .persons, aggregation: .doNotSum,
                    direction: .none, source: Fixture.organisation(0), provenance: .illustrative)
            ]
            try store.apply(plan: plan)
            try store.ingest([
                Message(1, [Fixture.progress(0, asOf: try store.today())]),
                Message(0, rejection: Self.refusal, id: "a", value: [0x7B, 0x7D]),
            ])
            let figure = CanonicalRecord(
                reporter: Fixture.organisation(0),
                observation: Observation(
                    indicator: indicator, unit: .persons, period: try #require(Period("2020")), breakdown: nil,
                    value: Figure(490), flag: .ok, stage: .definitive),
                asOf: CalendarDate(daysSince2000: 9_000))
            let fates = try Self.replay([Message(0, [figure], id: "a")], try Self.open(store), store)
            #expect(fates == [.taken(.applied, missing: [])])
            #expect(
                try store.texts(
                    Statement(
                        "SELECT concat_ws(' ', topic, partition, \"offset\", value) FROM report_v1.indicator_figure"))
                    == ["\(StoreHarness.topic) 0 0 490"])
            try Self.expectSound(store)
        }
    }

    @Test("a dismissed message leaves what is open, can't be brought in, and a corrected one gets in")
    func dismissal() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let again = Message(0, [Fixture.progress(0, asOf: try store.today())], id: "a")
            try store.ingest([Message(0, rejection: Self.refusal, id: "a", value: [0x7B, 0x7D])])
            let open = try Self.open(store)
            #expect(try Self.dismiss(open, store) == [nil])
            #expect(try Self.dismiss(open, store) == [.dismissed])
            #expect(try Self.open(store).isEmpty)
            let session = store.session
            let listed = { (isAll: Bool) in
                try QuarantineReader.list(feed: nil, code: nil, isAll: isAll, limit: 10, session).map(\.state)
            }
            #expect(try listed(false) == [] && listed(true) == [.dismissed])
            #expect(try Self.replay([again], open, store) == [.settled(.dismissed)])
            try store.ingest([again])
            #expect(try store.outcomes(partition: 0) == ["rejected", "applied"])
            #expect(
                try store.texts(Statement("SELECT concat_ws(' ', kind, actor, reason) FROM journal.settlement"))
                    == ["dismissed test test"])
            try Self.expectSound(store)
        }
    }

    @Test("two that bring the same messages in at the same time bring each in once")
    func together() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let day = try store.today()
            let again = (0..<3).map { Message(0, [Fixture.progress($0, asOf: day)], id: "m-\($0)") }
            try store.ingest(again.map { Message(0, rejection: Self.refusal, id: $0.id, value: [0x7B, 0x7D]) })
            let open = try Self.open(store)
            let batch = store.batch(again)
            let configuration = store.configuration(ofRole: "paraplu_operator")
            let taken = Mutex(0)
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                let connection = PostgresConnection(configuration, name: "operator")
                defer { connection.closeInBackground() }
                let fates = try? connection.runBlocking { session in
                    try ProjectionStore.useLiveProjections(session)
                    return try QuarantineReplay.apply(
                        batch, of: open, actor: "test", reason: "test", events: StoreHarness.events,
                        session)
                }
                let count = (fates ?? []).count { if case .taken = $0 { true } else { false } }
                taken.withLock { $0 += count }
            }
            #expect(taken.withLock { $0 } == 3)
            #expect(try store.number(Self.settlements) == 3)
            try Self.expectSound(store)
        }
    }

    @Test("messages decoded with other connectors than those in force are not brought in")
    func connectors() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let again = Message(0, [Fixture.progress(0, asOf: try store.today())], id: "a")
            try store.ingest([Message(0, rejection: Self.refusal, id: "a", value: [0x7B, 0x7D])])
            var batch = store.batch([again])
            batch.connectorsCommit -= 1
            let open = try Self.open(store)
            let error = caught(QuarantineReplay.Refusal.self) {
                try QuarantineReplay.apply(
                    batch, of: open, actor: "test", reason: "test", events: StoreHarness.events,
                    store.session)
            }
            #expect(error == .connectorsChanged(commit: store.connectorsCommit))
            #expect(try store.number(Self.settlements) == 0)
        }
    }

    @Test("a selection is by feed, code, version and moment, in pages and in order of commit")
    func selection() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            for code in [RejectionCode.unknownCode, .unknownField, .unknownCode] {
                try store.ingest([Message(1, rejection: Rejection(code, path: "/x"), value: [0x7B, 0x7D])])
            }
            func offsets(_ change: (inout QuarantineSelection) -> Void) throws -> [Int64] {
                var selection = QuarantineSelection()
                change(&selection)
                var found: [QuarantinedMessage] = []
                while true {
                    let page = try Quarantine.messages(selection, after: found.last, limit: 1, store.session)
                    guard !page.isEmpty else { return found.map(\.place.offset) }
                    found += page
                }
            }
            let version = String(StoreHarness.definition.digest.description.prefix(12))
            let now = try store.session.execute(Statement("SELECT clock_timestamp()"))[0].timestamp(0)
            #expect(try offsets { $0.feed = StoreHarness.feed.rawValue } == [0, 1, 2])
            #expect(try offsets { $0.feed = "another/feed" } == [])
            #expect(try offsets { $0.code = "unknown_code" } == [0, 2])
            #expect(try offsets { $0.version = version } == [0, 1, 2] && offsets { $0.version = "00000000" } == [])
            #expect(try offsets { $0.until = Timestamp(microsecondsSince2000: now) } == [0, 1, 2])
            #expect(try offsets { $0.since = Timestamp(microsecondsSince2000: now) } == [])
            let named = try Self.open(store)
            #expect(try offsets { $0.messages = [named[2], named[1]] } == [2, 1])
        }
    }

    // MARK: How

    private static let settlements = Statement("SELECT count(*) FROM journal.settlement")
    private static let miscounted = Statement(
        """
        SELECT count(*) FROM journal.stream AS s
        CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE outcome = 1) AS applied,
            count(*) FILTER (WHERE outcome = 2) AS duplicate, count(*) FILTER (WHERE outcome = 3) AS stale,
            count(*) FILTER (WHERE outcome = 5) AS parked FROM journal.entry AS e WHERE e.stream_id = s.stream_id) AS c
        WHERE s.kind = 'settlement'
            AND (s.applied, s.duplicate, s.stale, s.parked) <> (c.applied, c.duplicate, c.stale, c.parked)
        """)
    private static let clock = Statement("SELECT number FROM operations.commit_clock")
    private static let rating = Statement("SELECT rating FROM report_v1.action_status WHERE action_id = 'act-0'")
    private static let changeMessages = Statement(
        """
        SELECT convert_from(payload, 'UTF8')::json -> 'data' ->> 'messages' FROM outbox.event
        WHERE topic = 'changes' AND key = 'action/act-0' ORDER BY commit DESC LIMIT 1
        """)
    private static let receipts = Statement(
        """
        SELECT convert_from(payload, 'UTF8')::json ->> 'data' FROM outbox.event WHERE topic = 'receipts.demo'
        ORDER BY commit, n
        """)

    private static func open(_ store: StoreHarness) throws -> [QuarantinedMessage] {
        try Quarantine.messages(QuarantineSelection(), after: nil, limit: 100, store.session)
    }

    /// What decoding again gave, brought in by an operator.
    private static func replay(
        _ again: [Message], _ open: [QuarantinedMessage], _ store: StoreHarness
    ) throws -> [QuarantineReplay.Fate] {
        let batch = store.batch(again)
        return try store.asOperator { session in
            try QuarantineReplay.apply(
                batch, of: open, actor: "test", reason: "test", events: StoreHarness.events,
                session)
        }
    }

    private static func preview(
        _ again: [Message], _ open: [QuarantinedMessage], _ store: StoreHarness
    ) throws -> [QuarantineReplay.Fate] {
        let batch = store.batch(again)
        return try store.asOperator { session in
            try QuarantineReplay.preview(batch, of: open, session)
        }
    }

    private static func dismiss(
        _ messages: [QuarantinedMessage], _ store: StoreHarness
    ) throws -> [QuarantinedMessage.State?] {
        try store.asOperator { try QuarantineDismissal.dismiss(messages, actor: "test", reason: "test", $0) }
    }

    /// Balance zero, journal sound, projections what the journal gives, by comparison and by exchange.
    private static func expectSound(_ store: StoreHarness) throws {
        #expect(try Balance.read(store.session).difference == 0)
        let verification = try Verification.run(store.session)
        #expect(verification.isSound, "\(verification.findings)")
        try store.compareRebuild { #expect($0.isEqual, "\($0.differences)") }
        #expect(try store.swapRebuild().isEqual)
        #expect(try store.number(Self.miscounted) == 0)
    }
}

extension StoreHarness {
    /// How a role reaches the database.
    func configuration(ofRole role: String) -> PostgresConfiguration {
        var configuration = configuration
        configuration.parameters["user"] = role
        return configuration
    }

    /// Lends a session of an operator's.
    func asOperator<R>(_ body: (PostgresSession) throws -> R) throws -> R {
        let connection = PostgresConnection(configuration(ofRole: "paraplu_operator"), name: "operator")
        defer { connection.closeInBackground() }
        return try connection.runBlocking { session in
            try ProjectionStore.useLiveProjections(session)
            return try body(session)
        }
    }
}
