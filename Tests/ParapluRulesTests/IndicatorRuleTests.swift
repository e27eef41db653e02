import Digest
import ParapluModel
import ParapluRules
import Testing

@Suite("What is said of indicators")
struct IndicatorRuleTests {
    private static let source = OrganisationID.holder
    private static let indicator = IndicatorID(unchecked: "ind-1")

    private static func plan(
        source: OrganisationID? = source, isAboutMinors: Bool = false, unit: IndicatorUnit = .persons
    ) -> IndicatorPlan {
        IndicatorPlan(
            indicators: [
                indicator: Indicator(
                    id: indicator, nameNL: "aantal", nameEN: "count", unit: unit,
                    aggregation: source == nil ? .sumAcrossReporters : .doNotSum, direction: .none, source: source,
                    isAboutMinors: isAboutMinors, provenance: .illustrative)
            ],
            forms: Dictionary(
                uniqueKeysWithValues: [
                    ExploitationForm(
                        id: ExploitationFormID(unchecked: "uv-a"), code: "A", nameNL: "a", nameEN: "a",
                        provenance: .illustrative),
                    ExploitationForm(
                        id: ExploitationFormID(unchecked: "uv-a1"), code: "A1", nameNL: "a1", nameEN: "a1",
                        parent: ExploitationFormID(unchecked: "uv-a"), provenance: .illustrative),
                    ExploitationForm(
                        id: ExploitationFormID(unchecked: "uv-a2"), code: "A2", nameNL: "a2", nameEN: "a2",
                        parent: ExploitationFormID(unchecked: "uv-a"), provenance: .illustrative),
                    ExploitationForm(
                        id: ExploitationFormID(unchecked: "uv-d"), code: "D", nameNL: "d", nameEN: "d",
                        provenance: .illustrative),
                    ExploitationForm(
                        id: ExploitationFormID(unchecked: "uv-b"), code: "B", nameNL: "b", nameEN: "b",
                        validFrom: day("2026-07-15"), provenance: .illustrative),
                    ExploitationForm(
                        id: ExploitationFormID(unchecked: "uv-c"), code: "C", nameNL: "c", nameEN: "c",
                        isInForce: false,
                        provenance: .illustrative),
                ].map { ($0.id, $0) }),
            codes: Dictionary(
                uniqueKeysWithValues: ["a", "b", "c", "c1", "c2"].map { code in
                    let breakdown = Breakdown(dimension: .term, category: code)
                    return (
                        breakdown,
                        BreakdownCode(
                            breakdown: breakdown, nameNL: code, nameEN: code,
                            validUntil: code == "c2" ? day("2025-01-01") : nil, provenance: .illustrative)
                    )
                }), organisations: testOrganisations)
    }

    private static func word(
        _ value: Int64?, asOf: String = "2025-10-18", sequence: Int64 = 0, by reporter: OrganisationID = source,
        period: String = "2024", part: Breakdown? = nil, unit: IndicatorUnit = .persons,
        stage: ObservationStage = .definitive
    ) -> Fact {
        let record = CanonicalRecord(
            reporter: reporter,
            observation: Observation(
                indicator: indicator, unit: unit, period: Period(period) ?? { preconditionFailure("a period") }(),
                breakdown: part, value: value.flatMap { Figure($0) }, flag: value == nil ? .unknown : .ok, stage: stage),
            asOf: day(asOf), sequence: sequence)
        var hasher = SHA256()
        return Fact(record: record, identity: record.identity(using: &hasher))
    }

    private static func part(_ category: String, _ dimension: Dimension = .form) -> Breakdown {
        Breakdown(dimension: dimension, category: category)
    }

    private static func states(_ facts: [Fact], _ plan: IndicatorPlan = plan()) -> [FigureState] {
        figureStates(of: facts, plan: plan, settings: .standard)
    }

    private static func shown(_ states: [FigureState]) -> [String] {
        states.map { $0.value?.description ?? $0.flag.rawValue }
    }

    @Test("one source has authority; what others say is kept beside it, and never counts for it")
    func authority() {
        let states = Self.states([Self.word(1013), Self.word(984, by: .involved)])

        #expect(states.map(\.series) == [.authoritative, .secondary])
        #expect(states.map(\.disposition) == [.effective, .secondarySeries])
        #expect(states.map(\.isLatest) == [true, true])
    }

    @Test("where reporters may be added each has a part")
    func parts() {
        let states = Self.states([Self.word(10), Self.word(20, by: .involved)], Self.plan(source: nil))

        #expect(states.map(\.series) == [.part, .part])
    }

    @Test("every vintage stays, in the reporter's order and not that of arrival")
    func vintages() {
        let facts = [
            Self.word(490, asOf: "2021-09-21", stage: .restated),
            Self.word(481, asOf: "2021-05-19", stage: .provisional),
        ]

        let states = Self.states(facts)

        #expect(states.map(\.vintage) == [2, 1])
        #expect(states.map(\.isLatest) == [true, false])
        #expect(Self.shown(states) == ["490", "481"])
    }

    @Test("a figure of another unit, of nobody's, or of a body that ceased takes no part")
    func noPart() {
        let states = Self.states([
            Self.word(1, unit: .reports), Self.word(1, by: OrganisationID(unchecked: "org-nobody")),
            Self.word(1, by: .ceased),
        ])

        #expect(states.map(\.disposition) == [.unitMismatch, .noRole, .ceasedBody])
        #expect(states.map(\.series) == [.none, .none, .none])
        #expect(states.map(\.vintage) == [0, 0, 0])
    }

    @Test("a part has to be of a code that is valid in its period")
    func codes() {
        let states = Self.states([
            Self.word(10, part: Self.part("uv-a")), Self.word(10, part: Self.part("uv-b")),
            Self.word(10, part: Self.part("uv-c")), Self.word(10, part: Self.part("uv-z")),
            Self.word(10, part: Self.part("org-szw", .organisation)),
            Self.word(10, part: Self.part("org-x", .organisation)),
        ])
        let later = Self.states([
            Self.word(10, period: "2026", part: Self.part("uv-b")), Self.word(10, part: Self.part("c2", .term)),
            Self.word(10, period: "2025", part: Self.part("c2", .term)), Self.word(10, part: Self.part("x", .term)),
        ])

        #expect(
            states.map(\.disposition) == [
                .effective, .unknownBreakdown, .unknownBreakdown, .unknownBreakdown, .effective, .unknownBreakdown,
            ])
        #expect(later.map(\.disposition) == [.effective, .effective, .unknownBreakdown, .unknownBreakdown])
    }

    @Test("of minors nothing is told but national totals and forms")
    func minors() {
        let states = Self.states(
            [Self.word(79), Self.word(20, part: Self.part("uv-a")), Self.word(20, part: Self.part("noord", .region))],
            Self.plan(isAboutMinors: true))

        #expect(states.map(\.disposition) == [.effective, .effective, .breakdownNotAllowed])
    }

    @Test("a cell that was suppressed once stays so for its period, or its first count could be computed")
    func suppressedStays() {
        let v1 = [
            Self.word(40, sequence: 1), Self.word(20, sequence: 1, part: Self.part("a", .term)),
            Self.word(16, sequence: 1, part: Self.part("b", .term)),
            Self.word(4, sequence: 1, part: Self.part("c", .term)),
        ]
        let v2 = [
            Self.word(60, sequence: 2), Self.word(20, sequence: 2, part: Self.part("a", .term)),
            Self.word(30, sequence: 2, part: Self.part("b", .term)),
            Self.word(10, sequence: 2, part: Self.part("c", .term)),
        ]

        #expect(Self.shown(Self.states(v1)) == ["40", "20", "S2", "S1"])
        #expect(Self.shown(Self.states(v1 + v2)) == ["40", "20", "S2", "S1", "60", "20", "S2", "S2"])
    }

    @Test("a later word that differs from the one shown by a small count isn't shown")
    func differences() {
        let states = Self.states([
            Self.word(944, sequence: 1), Self.word(946, sequence: 2), Self.word(944, sequence: 3),
            Self.word(950, sequence: 4),
        ])

        #expect(Self.shown(states) == ["944", "S2", "944", "950"])
    }

    @Test("a later word is compared with every one that is shown, not with the last alone")
    func differencesOfAll() {
        let states = Self.states([
            Self.word(944, sequence: 1), Self.word(955, sequence: 2), Self.word(946, sequence: 3),
            Self.word(944, sequence: 4), Self.word(952, sequence: 5),
        ])

        // 946 is two more than 944; 952 is three less than 955.
        #expect(Self.shown(states) == ["944", "955", "S2", "944", "S2"])
    }

    @Test("figures of any size are compared")
    func anySize() {
        var facts = [Self.word(7, sequence: 1), Self.word(8, sequence: 2)]
        for (index, figure) in [Figure(thousandths: .min), Figure(thousandths: .max)].enumerated() {
            var record = facts[index].record
            guard case .observation(var observation) = record.content else { continue }
            observation.value = figure
            record.content = .observation(observation)
            facts[index] = Fact(record: record, identity: (1, UInt64(index)))
        }

        #expect(Self.states(facts).allSatisfy { $0.value != nil })
    }

    @Test("a cell that goes with a small one goes in every vintage: the one before it would do as well")
    func everyVintageGoes() {
        let states = Self.states([
            Self.word(30, sequence: 1, part: Self.part("a", .term)),
            Self.word(16, sequence: 1, part: Self.part("b", .term)),
            Self.word(50, sequence: 2), Self.word(30, sequence: 2, part: Self.part("a", .term)),
            Self.word(16, sequence: 2, part: Self.part("b", .term)),
            Self.word(4, sequence: 2, part: Self.part("c", .term)),
        ])

        #expect(Self.shown(states) == ["30", "S2", "50", "30", "S2", "S1"])
    }

    @Test("forms that are part of another one are parts of that, and not of the whole a second time")
    func hierarchy() {
        let states = Self.states([
            Self.word(90), Self.word(50, part: Self.part("uv-a")), Self.word(40, part: Self.part("uv-d")),
            Self.word(47, part: Self.part("uv-a1")), Self.word(3, part: Self.part("uv-a2")),
        ])

        #expect(Self.shown(states) == ["90", "50", "40", "S2", "S1"])
        // Without the form above them they are parts of the whole.
        let children = Self.states([
            Self.word(90), Self.word(40, part: Self.part("uv-d")), Self.word(47, part: Self.part("uv-a1")),
            Self.word(3, part: Self.part("uv-a2")),
        ])
        #expect(Self.shown(children) == ["90", "S2", "47", "S1"])
    }

    @Test("the shorter periods of a year add up to it: another goes with a small one, and what would give that back")
    func periods() {
        let halves = Self.states([
            Self.word(104), Self.word(4, period: "2024-H1"), Self.word(100, period: "2024-H2"),
        ])
        let quarters = Self.states([
            Self.word(204), Self.word(100, period: "2024-H1"), Self.word(104, period: "2024-H2"),
            Self.word(100, period: "2024-Q3"), Self.word(4, period: "2024-10"),
        ])
        let parts = Self.states([
            Self.word(60, part: Self.part("a", .term)), Self.word(3, period: "2024-H1", part: Self.part("a", .term)),
            Self.word(57, period: "2024-H2", part: Self.part("a", .term)), Self.word(90, period: "2024-H2"),
            Self.word(33, period: "2024-H2", part: Self.part("b", .term)),
        ])

        #expect(Self.shown(halves) == ["104", "S1", "S2"])
        #expect(Self.shown(quarters) == ["204", "100", "104", "S2", "S1"])
        #expect(Self.shown(parts) == ["60", "S1", "S2", "90", "S2"])
    }

    @Test("a form that is suppressed isn't given back by those that are part of it")
    func suppressedForm() {
        let states = Self.states([
            Self.word(12), Self.word(9, part: Self.part("uv-a")), Self.word(3, part: Self.part("uv-d")),
            Self.word(9, part: Self.part("uv-a1")), Self.word(0, part: Self.part("uv-a2")),
        ])

        #expect(Self.shown(states) == ["12", "S2", "S1", "S2", "0"])
    }

    @Test("an organisation is a part of a period on some day of which it existed")
    func organisationOfThePeriod() {
        let ceased = Self.part("org-oud", .organisation)
        let states = Self.states([
            Self.word(10, period: "2024", part: ceased), Self.word(10, period: "2025", part: ceased),
            Self.word(10, period: "2025-Q3", part: ceased), Self.word(10, period: "2026", part: ceased),
        ])

        #expect(states.map(\.disposition) == [.effective, .effective, .unknownBreakdown, .unknownBreakdown])
    }

    @Test("a whole that comes after its parts takes a shown part with it where it would give a small count away")
    func wholeComesLater() {
        let states = Self.states([
            Self.word(10, sequence: 1, part: Self.part("a", .term)),
            Self.word(7, sequence: 1, part: Self.part("b", .term)),
            Self.word(20, sequence: 2),
        ])

        #expect(Self.shown(states) == ["10", "S2", "20"])
    }

    @Test("the order of arrival says nothing", arguments: 0..<20)
    func anyOrder(seed: Int) {
        let facts = (0..<12).map { (number: Int) -> Fact in
            let part: Breakdown? = number % 3 == 0 ? nil : Self.part("c\(number % 3)", .term)
            let reporter: OrganisationID = Bool.random() ? Self.source : .involved
            return Self.word(Int64.random(in: 0...40), sequence: Int64(number / 3), by: reporter, part: part)
        }
        let order = Array(facts.indices).shuffled()

        let straight = Self.states(facts)
        let shuffled = Self.states(order.map { facts[$0] })

        #expect(order.map { straight[$0] } == shuffled)
    }
}
