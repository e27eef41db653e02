import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

/// The numbers of the rules come with the plan: from its commit on all is judged by them, and what was known before stays.
@Suite struct RuleSettingTests {
    private static let round = RoundID(unchecked: "round-1")
    private static let asOf = Statement(
        """
        SELECT concat_ws(' ', action_id, rating, data_state) FROM report_v1.status_as_of(current_date, $1)
        ORDER BY action_id
        """)
    private static let changes = Statement(
        """
        SELECT concat_ws(' ', key, convert_from(payload, 'UTF8')::json #>> '{data,cause}',
            convert_from(payload, 'UTF8')::json #>> '{data,new,rating}')
        FROM outbox.event WHERE topic = 'changes' AND commit > $1 ORDER BY key
        """)

    private static func rules(_ change: (inout RuleSettings) -> Void) -> RuleSettings {
        var rules = RuleSettings.standard
        change(&rules)
        return rules
    }

    @Test func anotherThresholdChangesStatusFromItsCommitOnAndNothingThatWasKnownBefore() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            var plan = Fixture.plan(actions: 3, due: today.adding(days: -60))
            try store.apply(plan: plan)
            let words = try store.ingest([
                // Late for sixty days, and two words of seventy days ago.
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -70), sequence: 1)]),
                Message(0, [Fixture.progress(2, asOf: today.adding(days: -70), sequence: 2)]),
                Message(
                    0, [Fixture.milestone(2, asOf: today.adding(days: -70), status: .dropped, sequence: 3)]),
            ])
            try store.open(Self.round, asOf: today.adding(days: -1), freezeOn: today.adding(days: -1))
            try store.freeze(Self.round)
            let known = Parameter.timestamp(words.stamp.recordedAt.microsecondsSince2000)
            let before = try store.texts(Self.asOf, [known])
            #expect(before == ["act-0 GRIJS ONTBREEKT", "act-1 ORANJE ACTUEEL", "act-2 GROEN ACTUEEL"])

            plan.version = "2"
            plan.rules = Self.rules { rules in
                rules.longOverdueDays = 59
                rules.staleAfterMonths = 1
                rules.graceDays = 0
            }
            let applied = try #require(try store.apply(plan: plan))

            #expect(
                try store.texts(Self.changes, [.int8(applied.commit - 1)]).filter { $0.hasPrefix("action") } == [
                    "action/act-0 plan GRIJS", "action/act-1 plan GRIJS", "action/act-2 plan GRIJS",
                ], "the first for its reasons alone: its milestone is long overdue now")
            #expect(try store.texts(Self.asOf, [known]) == before)
            let now = Parameter.timestamp(try CommitClock.read(store.session).stamp.recordedAt.microsecondsSince2000)
            #expect(
                try store.texts(Self.asOf, [now]) == [
                    "act-0 GRIJS ONTBREEKT", "act-1 GRIJS VEROUDERD", "act-2 GRIJS VEROUDERD",
                ])
            #expect(
                try store.texts(
                    Statement("SELECT action_id FROM report_v1.round_correction ORDER BY action_id"))
                    == ["act-1", "act-2"], "the frozen round says what is known otherwise now")
            #expect(
                try RoundReader.rows(of: Self.round, store.session).first { $0.subject == "action/act-1" }?.rating
                    == "ORANJE", "and stays")
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            #expect(try Verification.run(store.session).findings == [])
        }
    }

    @Test func aShareOfARollUpIsThePlansAlsoForWhoReadsOrWritesAfterwards() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            // One of line 2's three actions is amber.
            var plan = Fixture.plan(actions: 9, due: today.adding(days: 10))
            plan.rules = Self.rules { $0.amberSharePercent = 34 }
            try store.apply(plan: plan)
            let words = [1, 4, 7].map { number in
                Message(
                    0, [Fixture.progress(number, asOf: today, rating: number == 4 ? .amber : .green, sequence: 1)],
                    id: "m\(number)")
            }
            try store.ingest(words)
            let line = Statement(
                "SELECT concat_ws(' ', rating, reasons) FROM report_v1.rollup_status WHERE subject = 'line/line-2'")
            #expect(try store.texts(line) == ["GROEN {}"])
            let known = try CommitClock.read(store.session).stamp.recordedAt

            plan.version = "2"
            plan.rules.amberSharePercent = 33
            let applied = try #require(try store.apply(plan: plan))

            #expect(
                try store.texts(Self.changes, [.int8(applied.commit - 1)]) == ["line/line-2 plan ORANJE"])
            #expect(try store.texts(line) == ["ORANJE {amber_share}"])
            // Somebody who had the earlier version at hand announces nothing again.
            let again = try store.ingest([Message(1, [Fixture.progress(1, asOf: today, sequence: 2)], id: "again")])
            #expect(again.statusChanges == 0)
            store.writer = StoreHarness.writer()
            #expect(
                try store.ingest([Message(1, [Fixture.progress(1, asOf: today, sequence: 3)], id: "other")])
                    .statusChanges == 0)
            // And an answer of before is given by the numbers of before.
            let ratings = try [known, try CommitClock.read(store.session).stamp.recordedAt].map { moment in
                try StatusReader.asOf(validOn: today, knownOn: moment, store.session).rollups
                    .first { $0.subject == .line(ActionLineID(unchecked: "line-2")) }?.rating
            }
            #expect(ratings == ["GROEN", "ORANJE"])
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    @Test func whatIsSmallIsThePlansAndFiguresAreJudgedAgainWhereItChanges() async throws {
        try await StoreHarness.with { store in
            let indicator = Indicator(
                id: IndicatorID(unchecked: "ind-1"), nameNL: "slachtoffers", nameEN: "victims", unit: .persons,
                aggregation: .doNotSum, direction: .none, source: Fixture.organisation(0), provenance: .illustrative)
            var plan = Fixture.plan(actions: 1)
            plan.indicators = [indicator]
            try store.apply(plan: plan)
            let record = CanonicalRecord(
                reporter: Fixture.organisation(0),
                observation: Observation(
                    indicator: indicator.id, unit: .persons, period: try #require(Period("2020")), breakdown: nil,
                    value: Figure(7), flag: .ok, stage: .definitive), asOf: CalendarDate(daysSince2000: 9_000))
            try store.ingest([Message([record])])
            let shown = Statement("SELECT coalesce(value::text, flag) FROM report_v1.indicator_figure")
            #expect(try store.texts(shown).map { $0.prefix(1) } == ["7"])

            plan.version = "2"
            plan.rules.countMin = 10
            try store.apply(plan: plan)

            #expect(try store.texts(shown) == ["S1"])
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            // A program that suppresses less doesn't begin.
            #expect(throws: StoreError.countMinBelowPlan(configured: 5, plan: 10)) {
                try PlanStore.check(countMin: 5, store.session)
            }
            try PlanStore.check(countMin: 10, store.session)
            try PlanStore.check(countMin: 11, store.session)
        }
    }

    @Test func everySettingIsKeptWithItsVersionAndShownInTheReport() async throws {
        var plan = Fixture.plan(actions: 1)
        for (n, setting) in RuleSetting.allCases.enumerated() { plan.rules[keyPath: setting.path] = 7 + n }
        plan.rules.countMin = 77
        #expect(PlanCodec.plan(from: PlanCodec.bytes(of: plan)) == plan)
        let lines = PlanDiff.lines(from: Fixture.plan(actions: 1), to: plan)
        #expect(lines.count == RuleSetting.allCases.count + 1)
        #expect(lines.first == "~ rules stale_after_months: 6 → 7")
        #expect(lines.last == "~ rules count_min: 5 → 77")
        let text = String(decoding: PlanCodec.bytes(of: plan), as: UTF8.self)
        #expect(PlanCodec.plan(from: Array(text.replacing("\"grace_days\":9", with: "\"grace\":9").utf8)) == nil)

        try await StoreHarness.with { [plan] store in
            try store.apply(plan: Fixture.plan(actions: 1))
            // As a version before this one kept it.
            try store.asAdmin {
                try $0.executeScript("UPDATE plan.version SET plan = (plan::jsonb - 'rules')::json")
            }
            var next = plan
            next.version = "2"
            try store.apply(plan: next)
            let settings = Statement(
                """
                SELECT concat_ws(' ', name, value, standard) FROM report_v1.rule_setting
                WHERE plan_version = $1 AND (known_until IS NULL) = ($1 = '2')
                """)
            let names = RuleSetting.allCases.map { ($0.rawValue, $0.path) }
            let standard = RuleSettings.standard
            let first = names.map { "\($0.0) \(standard[keyPath: $0.1]) \(standard[keyPath: $0.1])" }
            let second = names.map { "\($0.0) \(plan.rules[keyPath: $0.1]) \(standard[keyPath: $0.1])" }
            #expect(
                try store.asReport { try $0.execute(settings, [.text("1")]).map { $0.string(0) } }.sorted()
                    == (first + ["count_min 5 5"]).sorted())
            #expect(
                try store.asReport { try $0.execute(settings, [.text("2")]).map { $0.string(0) } }.sorted()
                    == (second + ["count_min 77 5"]).sorted())
        }
    }
}
