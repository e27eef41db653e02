import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite("What time alone brings")
struct ProgrammeClockTests {
    private static let status = Statement(
        """
        SELECT concat_ws(' ', rating, data_state, revision, evaluated_on) FROM progress.status
        WHERE subject = 'action/act-0'
        """)
    private static let causes = Statement(
        """
        SELECT concat_ws(' ', convert_from(payload, 'UTF8')::json -> 'data' ->> 'cause', revision) FROM outbox.event
        WHERE topic = 'changes' AND key = 'action/act-0' ORDER BY commit, n
        """)
    private static let entries = Statement(
        """
        SELECT count(*) FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'clock'
        """)

    /// A programme in which act-0's milestone is due on 31 October 2031 and its holder reported on 1 June 2031.
    private static func begin(_ store: StoreHarness) throws {
        try store.setClock("2031-06-02T10:00:00+02:00")
        guard let due = CalendarDate("2031-10-31"), let asOf = CalendarDate("2031-06-01") else { return }
        try store.apply(plan: Fixture.plan(actions: 3, due: due))
        try store.ingest([Message([Fixture.progress(0, asOf: asOf)])])
    }

    @Test("a due date that passes is announced when the next day begins in Amsterdam, and not before")
    func dueDate() async throws {
        try await StoreHarness.with { store in
            try Self.begin(store)
            #expect(try store.texts(Self.status) == ["GROEN ACTUEEL 2 2031-06-02"])

            // Winter time began on 26 October: midnight is 23:00 in UTC.
            try store.setClock("2031-10-31T22:59:59.999999Z")
            #expect(try store.passTime().map(\.actions) == [0])
            #expect(try store.texts(Self.status) == ["GROEN ACTUEEL 2 2031-06-02"])

            try store.setClock("2031-10-31T23:00:00Z")
            let rounds = try store.passTime()

            #expect(rounds.map(\.actions) == [3])
            #expect(try store.texts(Self.status) == ["ORANJE ACTUEEL 3 2031-11-01"])
            #expect(try store.texts(Self.causes) == ["plan 1", "report 2", "time 3"])
            #expect(try store.number(Self.entries) == 1)
        }
    }

    @Test("a crossing is announced once, whoever looks and however often")
    func once() async throws {
        try await StoreHarness.with { store in
            try Self.begin(store)
            try store.setClock("2031-11-01T08:00:00+01:00")

            try store.passTime()
            let second = try store.passTime()
            let other = PostgresConnection(store.appConfiguration, name: "other")
            let third = try other.runBlocking { session in
                try session.executeScript("SET search_path = testclock, pg_catalog, progress, plan, pg_temp")
                return try ProgrammeClock.advance(
                    through: nil, events: StoreHarness.events, session)
            }
            other.closeInBackground()

            #expect(second.map(\.actions) == [0])
            #expect(third.actions == 0)
            #expect(try store.texts(Self.causes) == ["plan 1", "report 2", "time 3"])
            #expect(try store.number(Self.entries) == 1)
        }
    }

    @Test("a daemon that was away announces where time has come to, in one revision")
    func away() async throws {
        try await StoreHarness.with { store in
            try Self.begin(store)
            try store.setClock("2032-12-31T08:00:00+01:00")

            try store.passTime()

            // Overdue, then long overdue, then stale, then missing: all of it passed meanwhile.
            #expect(try store.texts(Self.status) == ["GRIJS ONTBREEKT 3 2032-12-31"])
            #expect(
                try store.number(
                    Statement("SELECT count(*) FROM progress.action_state WHERE next_step <= '2032-12-31'")) == 0)
        }
    }

    @Test("after a day on which nothing was due, nothing is looked for until the next one begins")
    func quiet() async throws {
        try await StoreHarness.with { store in
            try Self.begin(store)
            let today = try store.passTime().last?.through

            // A step that only a mistake could have put there shows that nobody looked.
            try store.asAdmin { try $0.executeScript("UPDATE progress.action_state SET next_step = '2031-01-01'") }
            let same = try ProgrammeClock.advance(
                through: today, events: StoreHarness.events, store.session)
            try store.setClock("2031-06-02T22:00:00Z")
            let next = try ProgrammeClock.advance(
                through: today, events: StoreHarness.events, store.session)

            #expect(today == CalendarDate("2031-06-02"))
            #expect(same == ProgrammeClock.Round(through: today))
            #expect(next.actions == 3)
            #expect(next.through == CalendarDate("2031-06-03"))
        }
    }

    @Test("a report as of a day to come takes effect when that day begins")
    func dayToCome() async throws {
        try await StoreHarness.with { store in
            try Self.begin(store)
            guard let asOf = CalendarDate("2031-06-10") else { return }
            try store.ingest([Message([Fixture.progress(0, asOf: asOf, rating: .red)])])
            #expect(try store.texts(Self.status) == ["GROEN ACTUEEL 2 2031-06-02"])

            try store.setClock("2031-06-09T22:00:00Z")
            try store.passTime()

            #expect(try store.texts(Self.status) == ["ROOD ACTUEEL 3 2031-06-10"])
        }
    }

    @Test("the roll-ups are told too, and a rebuild gives the same byte for byte", arguments: [31, 34] as [UInt64])
    func rebuild(seed: UInt64) async throws {
        try await StoreHarness.with { store in
            try store.setClock("2031-06-02T10:00:00+02:00")
            guard let start = CalendarDate("2031-06-02") else { return }
            var random = RandomRun(seed: seed, today: start)
            try store.apply(plan: random.plan(version: 0))
            for week in 1...30 {
                try store.setClock("\(start.adding(days: week * 21))T10:00:00+00:00")
                try store.passTime()
                if week % 3 != 0 { try store.ingest(random.messages(upTo: 8)) }
                if week % 9 == 0 { try store.apply(plan: random.plan(version: week / 9)) }
            }

            let plan = try PlanStore.current(store.session)
            let actions = try ProjectionStore.actions(plan.actions.keys, store.session)
            var counted: [Subject: RollupCounts] = [:]
            for (id, projection) in actions {
                guard let planned = plan.actions[id] else { continue }
                for subject in PlanIndex.rollups(of: planned) {
                    counted[subject, default: RollupCounts()].add(projection.contribution)
                }
            }
            for (subject, projection) in try ProjectionStore.rollups(of: plan, store.session) {
                #expect(projection.counts == counted[subject] ?? RollupCounts(), "\(subject)")
            }
            #expect(try store.number(Self.entries) > 5)
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            #expect(try Verification.run(store.session).findings == [])
        }
    }
}
