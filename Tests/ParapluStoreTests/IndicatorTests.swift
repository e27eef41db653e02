import Digest
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite("Figures of indicators in the store")
struct IndicatorTests {
    private static let own = IndicatorID(unchecked: "ind-own")
    private static let shared = IndicatorID(unchecked: "ind-shared")

    private static func plan(version: String = "1", source: OrganisationID? = Fixture.organisation(0)) -> Plan {
        var plan = Fixture.plan(actions: 3, version: version)
        plan.indicators = [
            Indicator(
                id: own, nameNL: "slachtoffers", nameEN: "victims", unit: .persons, aggregation: .doNotSum,
                direction: .none, source: source, provenance: .illustrative),
            Indicator(
                id: shared, nameNL: "getraind", nameEN: "trained", unit: .personsInRole,
                aggregation: .sumAcrossReporters, direction: .higher, provenance: .illustrative),
        ]
        plan.breakdownCodes = ["a", "b", "c", "d", "c1", "c2"].map {
            BreakdownCode(
                breakdown: Breakdown(dimension: .term, category: $0), nameNL: $0, nameEN: $0, provenance: .illustrative)
        }
        return plan
    }

    private static func word(
        _ value: Int64?, of indicator: IndicatorID = own, by reporter: Int = 0, asOf: Int32 = 9_000,
        period: String = "2020",
        part: String? = nil, unit: IndicatorUnit = .persons, stage: ObservationStage = .definitive
    ) -> CanonicalRecord {
        CanonicalRecord(
            reporter: Fixture.organisation(reporter),
            observation: Observation(
                indicator: indicator, unit: unit, period: Period(period) ?? { preconditionFailure("a period") }(),
                breakdown: part.map { Breakdown(dimension: .term, category: $0) }, value: value.flatMap { Figure($0) },
                flag: value == nil ? .unknown : .ok, stage: stage),
            asOf: CalendarDate(daysSince2000: asOf))
    }

    private static let figures = Statement(
        """
        SELECT concat_ws(' ', period, category, series, reporter, vintage, CASE WHEN is_latest THEN 'latest' END,
            coalesce(value::text, flag), stage)
        FROM report_v1.indicator_figure ORDER BY indicator_id, period, category NULLS FIRST, series, reporter, vintage
        """)
    private static let findings = Statement(
        """
        SELECT concat_ws(' ', code, period, category, reporter, value, other) FROM report_v1.indicator_finding
        ORDER BY code, period, category
        """)

    @Test("two counts and a restatement are kept, shown and named, and a rebuild gives the same")
    func vintages() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Self.plan())
            try store.ingest([
                Message(0, [Self.word(490, asOf: 9_100, stage: .restated)]),
                Message(1, [Self.word(481, stage: .provisional)]), Message(2, [Self.word(984, by: 1)]),
            ])
            try store.ingest([Message(3, [Self.word(nil, asOf: 9_200, period: "2021")])])

            #expect(
                try store.texts(Self.figures) == [
                    "2020 authoritative org-0 1 481 provisional", "2020 authoritative org-0 2 latest 490 restated",
                    "2020 secondary org-1 1 latest 984 definitive", "2021 authoritative org-0 1 latest X definitive",
                ])
            #expect(
                try store.texts(Self.findings) == [
                    "figure_restated 2020 org-0 490 481", "figure_two_counts 2020 org-1 490 984",
                ])
            try store.compareRebuild { #expect($0.differences == []) }
            #expect(try Verification.run(store.session).findings.isEmpty)
        }
    }

    @Test("reporters are added where the indicator says so, and nowhere else")
    func sums() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Self.plan())
            try store.ingest([
                Message(0, [Self.word(300, of: Self.shared, by: 0, unit: .personsInRole)]),
                Message(1, [Self.word(40, of: Self.shared, by: 1, unit: .personsInRole)]),
                Message(2, [Self.word(100, by: 0)]), Message(3, [Self.word(90, by: 1)]),
            ])

            #expect(
                try store.texts(
                    Statement(
                        "SELECT concat_ws(' ', indicator_id, period, value, reporters) FROM report_v1.indicator_sum"))
                    == ["ind-shared 2020 340 2"])
        }
    }

    @Test("parts that don't add up are a warning, not a refusal")
    func notAdditive() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Self.plan())
            let parts = zip(["a", "b", "c", "d"], [231, 18, 83, 45] as [Int64]).map { Self.word($1, part: $0) }
            try store.ingest([Message(0, [Self.word(373)] + parts)])

            #expect(try store.outcomes(partition: 0) == ["applied"])
            #expect(try store.texts(Self.findings) == ["figure_not_additive 2020 org-0 373 377"])
        }
    }

    @Test("forms that are part of another one aren't added to the whole a second time")
    func additiveHierarchy() async throws {
        try await StoreHarness.with { store in
            var plan = Self.plan()
            plan.exploitationForms = [("a", nil), ("b", nil), ("a1", "a"), ("a11", "a1")].map { id, parent in
                ExploitationForm(
                    id: ExploitationFormID(unchecked: id), code: id, nameNL: id, nameEN: id,
                    parent: parent.map { ExploitationFormID(unchecked: $0) }, provenance: .illustrative)
            }
            try store.apply(plan: plan)
            func words(_ values: [(String, Int64)], period: String) -> [CanonicalRecord] {
                values.map { form, value in
                    var record = Self.word(value, period: period)
                    guard case .observation(var observation) = record.content else { return record }
                    observation.breakdown = Breakdown(dimension: .form, category: form)
                    record.content = .observation(observation)
                    return record
                }
            }
            try store.ingest([
                // Adds up; the next doesn't; the last has no form between a and a11.
                Message(
                    0, [Self.word(90, period: "2020")] + words([("a", 60), ("b", 30), ("a1", 50)], period: "2020")),
                Message(
                    0, [Self.word(90, period: "2021")] + words([("a", 60), ("b", 40), ("a1", 50)], period: "2021")),
                Message(
                    0, [Self.word(90, period: "2022")] + words([("a", 60), ("b", 30), ("a11", 20)], period: "2022")),
            ])

            #expect(try store.texts(Self.findings) == ["figure_not_additive 2021 org-0 90 100"])
        }
    }

    @Test("a figure of an indicator that the plan doesn't have yet waits for it")
    func parked() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            try store.ingest([Message(0, [Self.word(481)]), Message(1, [Self.word(500, asOf: 9_100)])])
            #expect(try store.outcomes(partition: 0) == ["parked"])

            try store.apply(plan: Self.plan(version: "2"))
            let round = try Settler.settle(
                parkedDaysMax: 30, events: StoreHarness.events, store.session)

            #expect(round.resolved == 2)
            #expect(try store.texts(Self.figures).count == 2)
            try store.compareRebuild { #expect($0.differences == []) }
        }
    }

    @Test("a plan with another source gives the series other names")
    func replanned() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Self.plan())
            try store.ingest([Message(0, [Self.word(100)]), Message(1, [Self.word(90, by: 1)])])

            try store.apply(plan: Self.plan(version: "2", source: Fixture.organisation(1)))

            #expect(
                try store.texts(Self.figures) == [
                    "2020 authoritative org-1 1 latest 90 definitive", "2020 secondary org-0 1 latest 100 definitive",
                ])
            try store.compareRebuild { #expect($0.differences == []) }
        }
    }

    @Test("a figure with another unit has no effect, and its sender is told")
    func unitMismatch() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Self.plan())
            try store.ingest([Message(0, [Self.word(100, unit: .reports)], id: "wrong")])

            #expect(try store.texts(Self.figures) == [])
            #expect(try store.texts(Self.findings) == ["unit_mismatch 2020 org-0"])
            #expect(
                try store.texts(
                    Statement("SELECT convert_from(payload, 'UTF8') FROM outbox.event WHERE topic = 'receipts.demo'")
                ).first?.contains("unit_mismatch") == true)
        }
    }

    @Test("where there are too many words on one figure, another takes no part, and its sender is told")
    func tooMany() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Self.plan())
            try store.asAdmin {
                try $0.executeScript(
                    """
                    INSERT INTO progress.observation SELECT 1, n, 0, 'ind-own', '2020', '2020-01-01', '2020-12-31', '', '',
                        'org-0', '2024-01-01', n, 'none', 'no_role', 0, false, 'persons', 'definitive', NULL, 'X', 1
                    FROM generate_series(1, 20000) AS n
                    """)
            }
            try store.ingest([Message(0, [Self.word(100)], id: "one-more")])

            #expect(try store.outcomes(partition: 0) == ["applied"])
            #expect(try store.texts(Self.figures) == [])
            #expect(
                try store.texts(
                    Statement("SELECT convert_from(payload, 'UTF8') FROM outbox.event WHERE topic = 'receipts.demo'")
                ).first?.contains("too_many") == true)
        }
    }

    @Test("a half that comes in another commit than the year is judged with it, and a span of years by itself")
    func periodsOfAYear() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Self.plan())
            try store.ingest([
                Message(0, [Self.word(104)]), Message(1, [Self.word(4, period: "2020-H1")]),
                Message(2, [Self.word(500, period: "2018-2020")]), Message(3, [Self.word(4, period: "2021-H1")]),
            ])
            try store.ingest([Message(0, [Self.word(100, period: "2020-H2")])])

            #expect(
                try store.texts(Self.figures) == [
                    "2018-2020 authoritative org-0 1 latest 500 definitive",
                    "2020 authoritative org-0 1 latest 104 definitive",
                    "2020-H1 authoritative org-0 1 latest S1 definitive",
                    "2020-H2 authoritative org-0 1 latest S2 definitive",
                    "2021-H1 authoritative org-0 1 latest S1 definitive",
                ])
            try store.compareRebuild { #expect($0.differences == []) }
        }
    }

    @Test("words in any order and batching give the same figures", arguments: [1, 2])
    func anyOrder(seed: UInt64) async throws {
        let words = (0..<30).map { (number: Int) -> CanonicalRecord in
            let part: String? = number % 3 == 0 ? nil : "c\(number % 3)"
            let day = 9_000 + Int32(number / 6)
            return Self.word(Int64(number * 7 % 31), by: number % 2, asOf: day, part: part)
        }
        let straight = try await Self.shown(words, perBatch: 30)
        let shuffled = try await Self.shown(words.shuffled(), perBatch: 4)

        #expect(straight == shuffled)
    }

    private static func shown(_ words: [CanonicalRecord], perBatch: Int) async throws -> [String] {
        try await StoreHarness.with { store in
            try store.apply(plan: plan())
            for first in stride(from: 0, to: words.count, by: perBatch) {
                try store.ingest(words[first..<min(first + perBatch, words.count)].map { Message(0, [$0]) })
            }
            return try store.texts(figures)
        }
    }
}
