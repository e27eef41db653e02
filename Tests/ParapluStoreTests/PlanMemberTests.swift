import ParapluModel
import ParapluStore
import Postgres
import Testing

/// The cadence, official numbers, former names and budgets: what is kept of them, and what reports see.
@Suite struct PlanMemberTests {
    private static func day(_ text: String) throws -> CalendarDate { try #require(CalendarDate(text)) }

    private static func budget(
        _ id: String, _ amountEUR: Int64, status: BudgetStatus = .indicative, year: Int = 2026,
        kind: BudgetKind = .structural, on subject: Subject = .programme
    ) -> Budget {
        Budget(
            id: BudgetID(unchecked: id), link: subject, year: year, kind: kind, amountEUR: amountEUR, status: status,
            provenance: .illustrative)
    }

    /// A plan that has all of it.
    private static func plan() throws -> Plan {
        var plan = Fixture.plan(actions: 2)
        plan.programme.cadenceMonths = 4
        plan.actions[1].officialNumber = "actie 7b"
        plan.organisations[1].existsFrom = try day("2010-10-14")
        plan.organisations[1].formerNames = [
            FormerName(
                nameNL: "Derde", nameEN: "Third", validFrom: try day("2018-01-01"), validUntil: try day("2024-07-02")),
            FormerName(nameNL: "Eerste", nameEN: "First", abbreviation: "E", validUntil: try day("2012-11-05")),
            FormerName(nameNL: "Tweede", nameEN: "Second", validUntil: try day("2017-10-26")),
        ]
        plan.documents = [
            ParliamentaryDocument(
                number: DocumentNumber(unchecked: "1-9"), date: Fixture.start, kind: "brief", titleNL: "Brief",
                provenance: .illustrative)
        ]
        var documented = budget("bud-1", 2_000_000, status: .committed)
        documented.document = plan.documents[0].number
        plan.budgets = [documented, budget("bud-2", 500_000, kind: .oneOff, on: .action(Fixture.action(1)))]
        return plan
    }

    @Test func allOfItIsKeptAndAVersionThatWasKeptBeforeIsStillRead() throws {
        let plan = try Self.plan()
        #expect(PlanCodec.plan(from: PlanCodec.bytes(of: plan)) == plan)

        let plain = Fixture.plan(actions: 2)
        let bytes = String(decoding: PlanCodec.bytes(of: plain), as: UTF8.self)
        let before = bytes.replacing(",\"cadence_months\":6", with: "").replacing(",\"budgets\":[]", with: "")
        #expect(!before.contains("cadence") && !before.contains("budgets") && !before.contains("former_names"))
        #expect(PlanCodec.plan(from: Array(before.utf8)) == plain)
        let broken = bytes.replacing("\"budgets\":[]", with: "\"budgets\":[{}]")
        #expect(PlanCodec.plan(from: Array(broken.utf8)) == nil)
    }

    @Test func aDiffNamesWhatChanged() throws {
        let old = Fixture.plan(actions: 2)
        let new = try Self.plan()
        #expect(
            PlanDiff.lines(from: old, to: new).filter { !$0.contains("document") && !$0.contains("exists_from") } == [
                "~ programme cadence_months: 6 → 4",
                "~ organisation org-1 former_names:  → “Derde” (“Third”) [2018-01-01, 2024-07-02),"
                    + " “Eerste” (“First”, E) [–, 2012-11-05), “Tweede” (“Second”) [–, 2017-10-26)",
                "~ action act-1 official_number: – → actie 7b", "+ budget bud-1 “2000000”", "+ budget bud-2 “500000”",
            ])

        var next = new
        next.budgets[0].amountEUR = 1_500_000
        next.budgets[0].link = .goal(GoalID(unchecked: "goal-1"))
        next.budgets.removeLast()
        #expect(
            PlanDiff.lines(from: new, to: next) == [
                "- budget bud-2 “500000”", "~ budget bud-1 amount_eur: 2000000 → 1500000",
                "~ budget bud-1 linked_to: programme → goal/goal-1",
            ])
    }

    @Test func aNewRoundIsAsFarFromTheLastAsTheProgrammesCadence() async throws {
        try await StoreHarness.with { store in
            try store.open(RoundID(unchecked: "round-1"), asOf: try Self.day("2025-01-31"))
            #expect(try store.open(RoundID(unchecked: "round-2"), asOf: nil).asOf == (try Self.day("2025-07-31")))

            try store.apply(plan: Self.plan())

            #expect(try store.open(RoundID(unchecked: "round-3"), asOf: nil).asOf == (try Self.day("2025-11-30")))
            let told = Statement("SELECT cadence_months::text FROM report_v1.programme")
            #expect(try store.asReport { try $0.execute(told).map { $0.string(0) } } == ["4"])
        }
    }

    @Test func theFirstRoundCountsTheReportsOfAsManyMonths() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            var plan = Fixture.plan(actions: 1)
            let expected: [(cadence: Int, onTime: Int32)] = [(1, 0), (3, 1)]
            for (n, (cadence, onTime)) in expected.enumerated() {
                plan.version = "\(n)"
                plan.programme.cadenceMonths = cadence
                try store.apply(plan: plan)
                if n == 0 { try store.ingest([Message([Fixture.progress(0, asOf: today.adding(days: -40))])]) }
                let id = RoundID(unchecked: "round-1")
                if n == 0 { try store.open(id, asOf: today, freezeOn: today) }
                let completeness = try RoundFreeze.preview(id, store.session).picture.completeness
                #expect(completeness[Fixture.organisation(0)]?.onTime == onTime, "\(cadence) months")
            }
        }
    }

    @Test func anOrganisationIsNamedAsItWasCalledOnADay() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Self.plan())
            let all = Statement(
                """
                SELECT concat_ws(' ', organisation_id, name_nl, name_en, abbreviation, coalesce(valid_from::text, '-'),
                    coalesce(valid_until::text, '-'))
                FROM report_v1.organisation_name WHERE organisation_id IN ('org-0', 'org-1')
                ORDER BY organisation_id, valid_until
                """)
            let called = Statement(
                """
                SELECT coalesce(string_agg(name_nl, ' '), '-') FROM report_v1.organisation_name
                WHERE organisation_id = 'org-1' AND coalesce(valid_from <= $1, true) AND coalesce(valid_until > $1, true)
                """)

            let names = try store.asReport { try $0.execute(all).map { $0.string(0) } }

            #expect(
                names == [
                    "org-0 Organisatie 0 Organisation 0 O0 - -", "org-1 Eerste First E 2010-10-14 2012-11-05",
                    "org-1 Tweede Second  2012-11-05 2017-10-26", "org-1 Derde Third  2018-01-01 2024-07-02",
                    "org-1 Organisatie 1 Organisation 1 O1 2024-07-02 -",
                ])
            let days = [
                "2010-10-13", "2010-10-14", "2012-11-04", "2012-11-05", "2017-12-31", "2024-07-01", "2024-07-02",
            ]
            let said = try store.asReport { session in
                try days.map { try session.execute(called, [.date(Self.day($0).daysSince2000)])[0].string(0) }
            }
            #expect(said == ["-", "Eerste", "Eerste", "Tweede", "-", "Derde", "Organisatie 1"])
        }
    }

    @Test func budgetsAreShownWithWhatEachVersionOfThePlanMadeOfThem() async throws {
        try await StoreHarness.with { store in
            var plan = Fixture.plan(actions: 2)
            try store.apply(plan: plan)
            // As a version was kept before there were budgets.
            try store.asAdmin {
                try $0.executeScript("UPDATE plan.version SET plan = (plan::jsonb - 'budgets')::json")
            }
            let versions: [[Budget]] = [
                [Self.budget("bud-1", 100), Self.budget("bud-2", 7)],
                [Self.budget("bud-1", 100), Self.budget("bud-2", 7, on: .action(Fixture.action(1)))],
                [
                    Self.budget("bud-1", 150, status: .committed),
                    Self.budget("bud-2", 7, year: 2027, on: .action(Fixture.action(1))),
                ],
                [Self.budget("bud-1", 150, status: .committed, kind: .oneOff)],
                [Self.budget("bud-2", 8)],
            ]
            for (n, budgets) in versions.enumerated() {
                plan.version = "\(n + 2)"
                plan.budgets = budgets
                try store.apply(plan: plan)
            }
            let changes = Statement(
                """
                SELECT concat_ws(' ', plan_version, budget_id, coalesce(amount_eur_before::text, '-'),
                    coalesce(amount_eur_after::text, '-'), coalesce(status_before, '-'), coalesce(status_after, '-'),
                    coalesce(year_before::text, '-'), coalesce(year_after::text, '-'), coalesce(kind_before, '-'),
                    coalesce(kind_after, '-'))
                FROM report_v1.budget_change ORDER BY known_from, budget_id
                """)
            let budgets = Statement(
                """
                SELECT concat_ws(' ', budget_id, subject, year, kind, amount_eur, status, coalesce(document, '-'), provenance)
                FROM report_v1.budget ORDER BY budget_id
                """)

            let (changed, shown) = try store.asReport { session in
                try (
                    session.execute(changes).map { $0.string(0) }, session.execute(budgets).map { $0.string(0) }
                )
            }

            let (s, o, i, v) = ("STRUCTUREEL", "INCIDENTEEL", "INDICATIEF", "VASTGELEGD")
            #expect(
                changed == [
                    "2 bud-1 - 100 - \(i) - 2026 - \(s)", "2 bud-2 - 7 - \(i) - 2026 - \(s)",
                    "4 bud-1 100 150 \(i) \(v) 2026 2026 \(s) \(s)", "4 bud-2 7 7 \(i) \(i) 2026 2027 \(s) \(s)",
                    "5 bud-1 150 150 \(v) \(v) 2026 2026 \(s) \(o)", "5 bud-2 7 - \(i) - 2027 - \(s) -",
                    "6 bud-1 150 - \(v) - 2026 - \(o) -", "6 bud-2 - 8 - \(i) - 2026 - \(s)",
                ])
            #expect(shown == ["bud-2 programme 2026 \(s) 8 \(i) - illustrative"])

            plan = try Self.plan()
            plan.version = "7"
            try store.apply(plan: plan)
            #expect(
                try store.asReport { try $0.execute(budgets).map { $0.string(0) } } == [
                    "bud-1 programme 2026 \(s) 2000000 \(v) 1-9 illustrative",
                    "bud-2 action/act-1 2026 \(o) 500000 \(i) - illustrative",
                ])
        }
    }

    @Test func noBudgetNameOrNumberChangesAStatus() async throws {
        try await StoreHarness.with { store in
            let plain = Fixture.plan(actions: 2)
            try store.apply(plan: plain)
            var plan = plain
            plan.version = "2"
            plan.budgets = try Self.plan().budgets.map { Self.budget($0.id.rawValue, $0.amountEUR, on: $0.link) }
            plan.organisations[1].formerNames = [
                FormerName(nameNL: "Eerste", nameEN: "First", validUntil: try Self.day("2012-11-05"))
            ]
            plan.actions[1].officialNumber = "7"
            plan.programme.cadenceMonths = 3

            let applied = try #require(try store.apply(plan: plan))

            let events = Statement("SELECT topic || ' ' || key FROM outbox.event WHERE commit >= $1")
            #expect(try store.texts(events, [.int8(applied.commit)]) == [])
        }
    }

    @Test func aRebuildGivesTheSameAndNamesWhatWasTamperedWith() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Self.plan())
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            #expect(try Verification.run(store.session).findings == [])

            try store.asAdmin {
                try $0.executeScript(
                    """
                    UPDATE plan.programme SET cadence_months = 12;
                    UPDATE plan.action SET official_number = NULL;
                    UPDATE plan.organisation_name SET name_nl = 'Anders' WHERE name_nl = 'Tweede';
                    DELETE FROM plan.budget WHERE budget_id = 'bud-2';
                    """)
            }

            try store.compareRebuild { rebuild in
                #expect(
                    rebuild.differences.map { "\($0.table) \($0.keys)" } == [
                        "plan.programme [\"programme\"]", "plan.organisation_name [\"org-1 2017-10-26\"]",
                        "plan.action [\"act-1\"]", "plan.budget [\"bud-2\"]",
                    ])
            }
            try store.swapRebuild()
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    @Test func aRebuildKeepsAVersionAsAnEarlierProgramKeptIt() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 2))
            // What a program wrote that knew of no cadence, in the version and in the entry alike.
            try store.asAdmin { session in
                let read = Statement("SELECT stream_id, position, headers FROM journal.payload")
                for row in try session.execute(read) {
                    let headers = Self.without(",\"cadence_months\":6", in: row.bytes(2))
                    try session.execute(
                        Statement("UPDATE journal.payload SET headers = $3 WHERE stream_id = $1 AND position = $2"),
                        [.int4(row.int4(0)), .int8(row.int8(1)), .bytes(headers)])
                }
                try session.executeScript(
                    "UPDATE plan.version SET plan = replace(plan::text, ',\"cadence_months\":6', '')::json")
            }

            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    /// Framed headers with a text taken out of their values: length, bytes, length, bytes, each of 32 bits.
    private static func without(_ text: String, in framed: [UInt8]) -> [UInt8] {
        var rest = framed[...]
        var changed: [UInt8] = []
        while rest.count >= 4 {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            let value = String(decoding: rest.dropFirst(4).prefix(length), as: UTF8.self).replacing(text, with: "")
            rest = rest.dropFirst(4 + length)
            changed += withUnsafeBytes(of: UInt32(value.utf8.count).bigEndian) { Array($0) } + Array(value.utf8)
        }
        return changed
    }
}
