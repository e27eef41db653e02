import ParapluModel
import ParapluStore
import Postgres
import Testing

/// `report_v1.action`: when an action began and ended, out of what is known of its days.
@Suite struct ActionViewTests {
    private static let days = Statement(
        """
        SELECT concat_ws(' ', action_id, coalesce(actual_start::text, '-'), coalesce(actual_end::text, '-'))
        FROM report_v1.action ORDER BY action_id COLLATE "C"
        """)
    /// The same, asked day by day.
    private static let dayByDay = Statement(
        """
        WITH status AS MATERIALIZED (
            SELECT d.day, s.action_id, s.lifecycle
            FROM (
                SELECT today - n AS day FROM generate_series(0, 400) AS n
                CROSS JOIN (SELECT (recorded_at AT TIME ZONE 'Europe/Amsterdam')::date AS today FROM report_v1.watermark) AS w
            ) AS d
            CROSS JOIN LATERAL report_v1.status_as_of(d.day, 'infinity') AS s
        ), told AS (
            SELECT action_id, min(day) AS first, max(day) AS today,
                min(day) FILTER (WHERE lifecycle NOT IN ('NIET_GESTART', 'ONBEKEND')) AS began,
                max(day) FILTER (WHERE lifecycle NOT IN ('AFGEROND', 'GESTOPT')) AS unfinished
            FROM status GROUP BY action_id
        )
        SELECT concat_ws(' ', action_id, coalesce(began::text, '-'), CASE WHEN unfinished IS NULL THEN first::text
            WHEN unfinished < today THEN (unfinished + 1)::text ELSE '-' END)
        FROM told ORDER BY action_id COLLATE "C"
        """)

    private static func days(_ store: StoreHarness) throws -> [String] {
        try store.asReport { try $0.execute(days).map { $0.string(0) } }
    }

    @Test func anActionBeginsAndEndsOnTheDaysOfWhichItsReportsSpeak() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            func day(_ ago: Int) -> CalendarDate { today.adding(days: -ago) }
            try store.apply(plan: Fixture.plan(actions: 6))
            #expect(try Self.days(store) == (0..<6).map { "act-\($0) - -" })

            try store.ingest([
                // Begins on the day of the second word, and is stopped, goes on, and is stopped again.
                Message([Fixture.progress(0, asOf: day(90), lifecycle: .notStarted)]),
                Message([Fixture.progress(0, asOf: day(60), lifecycle: .underWay)]),
                Message([Fixture.progress(0, asOf: day(50), rating: .amber, lifecycle: .stopped)]),
                Message([Fixture.progress(0, asOf: day(40), lifecycle: .paused)]),
                Message([Fixture.progress(0, asOf: day(30), rating: .amber, lifecycle: .stopped)]),
                Message([Fixture.progress(0, asOf: day(20), rating: .red, lifecycle: .stopped)]),
                // Reported complete is no end.
                Message([Fixture.milestone(1, asOf: day(30), status: .reportedReached)]),
                Message([Fixture.progress(1, asOf: day(30), lifecycle: .reportedComplete)]),
                // What a day to come will bring hasn't begun.
                Message([Fixture.progress(2, asOf: today.adding(days: 5), lifecycle: .underWay)]),
                Message([Fixture.progress(3, asOf: day(10), lifecycle: .notStarted)]),
                // An involved organisation's word sets nothing.
                Message([
                    Fixture.progress(4, asOf: day(10), lifecycle: .underWay, reporter: Fixture.organisation(2))
                ]),
                Message([Fixture.progress(5, asOf: day(10), lifecycle: .unknown)]),
            ])
            #expect(
                try Self.days(store) == [
                    "act-0 \(day(60)) \(day(30))", "act-1 \(day(30)) -", "act-2 - -", "act-3 - -", "act-4 - -",
                    "act-5 - -",
                ])

            // The office's word ends it; a late report of an earlier day moves the beginning.
            try store.decide(
                .assessment(Assessment(verdict: .accepted)), on: Fixture.action(1), asOf: day(8))
            try store.ingest([Message(0, [Fixture.progress(1, asOf: day(70), lifecycle: .underWay)], id: "late")])

            #expect(try Self.days(store)[1] == "act-1 \(day(70)) \(day(8))")
        }
    }

    @Test(arguments: [4, 5, 6] as [UInt64])
    func theDaysAreThoseThatStatusAsOfGives(seed: UInt64) async throws {
        try await StoreHarness.with { store in
            try PropertyTests.run(store, seed: seed, batches: 20)

            let expected = try store.asReport { try $0.execute(Self.dayByDay).map { $0.string(0) } }

            #expect(try Self.days(store) == expected)
            #expect(expected.contains { !$0.hasSuffix("- -") } && expected.contains { !$0.hasSuffix(" -") })
        }
    }

    @Test func anActionIsShownAsThePlanHasIt() async throws {
        try await StoreHarness.with { store in
            var plan = Fixture.plan(actions: 1)
            plan.actions[0].officialNumber = "actie 7b"
            plan.actions[0].plannedStart = Fixture.start
            plan.actions[0].plannedEnd = Fixture.start.adding(days: 1)
            try store.apply(plan: plan)
            let shown = Statement(
                """
                SELECT concat_ws(' ', action_id, code, official_number, title_nl, title_en, display_note_nl, line, goals,
                    exploitation_forms, policy_type, is_critical, planned_start, planned_end, provenance)
                FROM report_v1.action
                """)

            #expect(
                try store.asReport { try $0.execute(shown).map { $0.string(0) } } == [
                    "act-0 1.0 actie 7b Actie 0 Action 0 verzonnen line-1 {goal-1} {} plan t 2032-11-08 2032-11-09"
                        + " illustrative"
                ])
        }
    }
}
