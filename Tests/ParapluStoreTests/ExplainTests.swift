import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite("The messages behind a status")
struct ExplainTests {
    private static let explained = Statement(
        """
        SELECT concat_ws(' ', kind, as_of - $1::date, body ->> 'rating', disposition)
        FROM report_v1.explain('action/act-1')
        """)

    private static func explained(_ today: CalendarDate, _ store: StoreHarness) throws -> [String] {
        try store.asReport { try $0.execute(explained, [.date(today.daysSince2000)]).map { $0.string(0) } }
    }

    @Test("after a withdrawal the report on which the status rests is listed behind what was withdrawn")
    func withdrawal() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2))
            try store.ingest([
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -20), rating: .amber)]),
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -9))]),
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -2), rating: .red, sequence: 1)]),
                Message(
                    0,
                    [
                        Fixture.record(
                            1, asOf: today.adding(days: -2), sequence: 2,
                            .withdrawal(Withdrawal(kind: .progressReported)))
                    ]),
            ])

            #expect(
                try Self.explained(today, store) == [
                    "progress.reported -2 ROOD superseded", "withdrawal -2 effective",
                    "progress.reported -9 GROEN effective",
                ])
        }
    }

    @Test("a report of a day that hasn't come counts not yet, and the one that counts stands behind it")
    func future() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2))
            try store.ingest([
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -3), rating: .amber)]),
                Message(0, [Fixture.progress(1, asOf: today.adding(days: 9))]),
            ])

            #expect(
                try Self.explained(today, store) == [
                    "progress.reported 9 GROEN not_yet", "progress.reported -3 ORANJE effective",
                ])
        }
    }

    @Test("where a stop has no effect for want of a document, the report before it is listed too")
    func documentMissing() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            var plan = Fixture.plan(actions: 2)
            plan.commitments = [Fixture.commitment("motie-1", on: .action(Fixture.action(1)))]
            try store.apply(plan: plan)
            try store.ingest([
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -5))]),
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -1), rating: .amber, lifecycle: .stopped)]),
            ])

            #expect(
                try Self.explained(today, store) == [
                    "progress.reported -1 ORANJE document_missing", "progress.reported -5 GROEN effective",
                ])
        }
    }

    @Test("decisions are told with verdict and reason; who typed them in is for operators alone")
    func decisions() async throws {
        let told = Statement(
            """
            SELECT concat_ws(' ', kind, subject, item, verdict, decided_for, reason) FROM report_v1.decision
            ORDER BY recorded_at
            """)
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2))
            try store.ingest([
                Message(0, [Fixture.milestone(1, asOf: today.adding(days: -1), status: .reportedReached)])
            ])
            try store.decide(
                .assessment(Assessment(milestone: Fixture.milestone(1), verdict: .accepted)), on: Fixture.action(1))
            try store.open(RoundID(unchecked: "round-1"), asOf: today, freezeOn: today)
            try store.freeze(RoundID(unchecked: "round-1"))

            #expect(
                try store.asReport { try $0.execute(told).map { $0.string(0) } } == [
                    "plan.applied programme test",
                    "assessment.made action/act-1 act-1-m1 GEACCEPTEERD org-0 test", "round.opened round/round-1 test",
                    "round.frozen round/round-1 test",
                ])
            #expect(throws: PostgresError.self) {
                try store.asReport { try $0.execute(Statement("SELECT actor FROM journal.decision")) }
            }
            let messages = try StatusReader.messages(behind: .action(Fixture.action(1)), store.session)
            #expect(messages.map { $0.decision?.actor } == ["test", nil])
            #expect(messages.first?.decision?.verdict == "GEACCEPTEERD")
        }
    }
}
