import ParapluModel
import ParapluRules
import Testing

/// Incremental = full, over random plans and facts.
struct TimelineTests {
    /// A world of one seed: a plan and facts with distinct keys.
    struct World {
        var plan: PlannedAction
        var facts: [Fact]

        init(seed: UInt64) {
            var random = SeededGenerator(seed: seed)
            let begin = day("2024-11-01")
            func anyDay(_ random: inout SeededGenerator) -> CalendarDate {
                begin.adding(days: Int.random(in: 0...400, using: &random))
            }
            let milestones = [MilestoneID.m1, .m2, .m3].prefix(Int.random(in: 0...3, using: &random)).map { id in
                let baseline = anyDay(&random)
                return PlannedMilestone(
                    id: id, titleNL: "", kind: "output", baselineDue: baseline,
                    currentDue: Bool.random(using: &random) ? baseline : anyDay(&random),
                    isCritical: Int.random(in: 0...3, using: &random) == 0, provenance: .illustrative)
            }
            let change = anyDay(&random)
            plan = action(
                roles: [
                    ActionRole(
                        organisation: Bool.random(using: &random) ? .holder : .ceased, role: .actionHolder,
                        validUntil: change),
                    ActionRole(organisation: .successor, role: .actionHolder, validFrom: change),
                    ActionRole(organisation: .involved, role: .involved, validFrom: anyDay(&random)),
                    ActionRole(organisation: .holder, role: .funder),
                ], milestones: Array(milestones))
            plan.plannedStart = Bool.random(using: &random) ? anyDay(&random) : nil
            plan.needsDocumentToStop = Bool.random(using: &random)

            // Few days, so that days meet.
            let days = (0..<6).map { _ in anyDay(&random) }
            let reporters: [OrganisationID] = [.holder, .holder, .ceased, .successor, .successor, .involved, .outsider]
            // One counts from one, another in microseconds, and none knows how the others do.
            var ranges: [OrganisationID: Int64] = [:]
            let begins: [Int64] = [0, 1_000, 780_000_000_000_000, 1 << 62, .max - 3]
            for reporter in reporters + [.office] {
                ranges[reporter] = begins.randomElement(using: &random) ?? 0
            }
            var keys = Set<FactKey>()
            facts = []
            for _ in 0..<Int.random(in: 0...18, using: &random) {
                let other = Int.random(in: 0...9, using: &random)
                let content: CanonicalRecord.Content =
                    if other < 4 {
                        World.content(other, &random)
                    } else if other < 7 {
                        .progress(
                            ProgressReport(
                                lifecycle: Lifecycle.allCases.randomElement(using: &random) ?? .unknown,
                                rating: DeliveryRating.allCases.randomElement(using: &random) ?? .grey,
                                reasons: ReasonCode.allCases.filter { _ in Int.random(in: 0...4, using: &random) == 0 },
                                document: Bool.random(using: &random) ? "28638-257" : nil))
                    } else {
                        .milestone(
                            MilestoneReport(
                                milestone: [.m1, .m2, .m3].randomElement(using: &random) ?? .m1,
                                status: MilestoneStatus.allCases.randomElement(using: &random) ?? .planned,
                                currentDue: Bool.random(using: &random) ? anyDay(&random) : nil))
                    }
                let isDecision =
                    if case .assessment = content { true } else if case .ruling = content { true } else { false }
                let reporter = isDecision ? .office : reporters.randomElement(using: &random) ?? .holder
                let made = fact(
                    reporter, days.randomElement(using: &random) ?? begin,
                    order: (ranges[reporter] ?? 0) + Int64.random(in: 0...3, using: &random), content)
                if keys.insert(made.key).inserted { facts.append(made) }
            }
            facts.shuffle(using: &random)
        }

        /// What is neither a report on the action nor on a milestone, of that sort.
        private static func content(_ sort: Int, _ random: inout SeededGenerator) -> CanonicalRecord.Content {
            let milestone: MilestoneID? = [nil, .m1, .m2].randomElement(using: &random) ?? nil
            switch sort {
            case 0:
                return .risk(
                    RiskReport(
                        risk: RiskID(unchecked: Bool.random(using: &random) ? "r-1" : "r-2"),
                        level: RiskLevel.allCases.randomElement(using: &random) ?? .low,
                        isOpen: Bool.random(using: &random),
                        response: RiskResponse.allCases.randomElement(using: &random),
                        owner: Bool.random(using: &random) ? .involved : nil))
            case 1:
                guard let kind = RecordKind.withdrawable.randomElement(using: &random) else { return .nothing }
                let item =
                    switch kind {
                    case .milestoneReported: MilestoneID.m1.rawValue
                    case .riskReported: "r-1"
                    default: ""
                    }
                return .withdrawal(Withdrawal(kind: kind, item: item))
            case 2:
                return .assessment(
                    Assessment(milestone: milestone, verdict: Bool.random(using: &random) ? .accepted : .refused))
            default:
                guard Bool.random(using: &random) else { return .nothing }
                return .ruling(ConflictRuling(party: .involved, milestone: milestone, verdict: .holder))
            }
        }
    }

    /// Takes in facts one by one as a store does: the next in order is applied, and where that isn't enough
    /// everything is folded again.
    struct Incremental {
        let plan: PlannedAction
        var taken: [Fact] = []
        var dispositions: [FactKey: Disposition] = [:]
        var rows: [TimelineRow]
        var state = ActionState()

        init(plan: PlannedAction) {
            self.plan = plan
            rows = [
                state.row(validFrom: .distantPast, plan: plan, organisations: testOrganisations, settings: .standard)
            ]
        }

        mutating func take(_ fact: Fact) throws {
            taken.append(fact)
            if !state.continues(with: fact, plan: plan) {
                let full = fold(plan, taken)
                rows = full.rows
                state = full.state
                for (taken, disposition) in zip(taken, full.dispositions) { dispositions[taken.key] = disposition }
                return
            }
            // The store keeps the state as bytes between batches.
            var bytes: [UInt8] = []
            state.encode(into: &bytes)
            state = try ActionState(decoding: bytes)
            let application = state.apply(fact, plan: plan, organisations: testOrganisations)
            dispositions[fact.key] = application.disposition
            if let superseded = application.supersededKey { dispositions[superseded] = .superseded }
            guard application.changed else { return }
            let row = state.row(
                validFrom: fact.key.asOf, plan: plan, organisations: testOrganisations, settings: .standard)
            if rows.last?.validFrom == row.validFrom { rows.removeLast() }
            rows.append(row)
        }
    }

    @Test("facts taken one by one, in any order of arrival, give what folding them all gives")
    func incrementalIsFull() throws {
        for seed in UInt64(0)..<600 {
            let world = World(seed: seed)
            let full = fold(world.plan, world.facts)

            var arrived = Incremental(plan: world.plan)
            for fact in world.facts { try arrived.take(fact) }
            var ordered = Incremental(plan: world.plan)
            for fact in world.facts.sorted(by: { world.plan.places($0, before: $1) }) { try ordered.take(fact) }

            for incremental in [arrived, ordered] {
                try #require(incremental.rows == full.rows, "seed \(seed)")
                try #require(incremental.state == full.state, "seed \(seed)")
                for (fact, disposition) in zip(world.facts, full.dispositions) {
                    try #require(incremental.dispositions[fact.key] == disposition, "seed \(seed): \(fact)")
                }
            }
        }
    }

    @Test("superseded facts leave no trace: the timeline is the same without them")
    func supersededLeaveNoTrace() throws {
        for seed in UInt64(1000)..<1400 {
            let world = World(seed: seed)
            let staleness = Staleness(world.facts)
            let rest = world.facts.filter { !staleness.isSuperseded($0) }

            try #require(fold(world.plan, rest).rows == fold(world.plan, world.facts).rows, "seed \(seed)")
            try #require(fold(world.plan, rest).state == fold(world.plan, world.facts).state, "seed \(seed)")
        }
    }

    @Test("a row's steps name every day on which time alone changes the status, and no other")
    func stepsAreComplete() throws {
        for seed in UInt64(2000)..<2060 {
            let world = World(seed: seed)
            let timeline = fold(world.plan, world.facts)
            let state = timeline.state
            let from = state.lastKey?.asOf ?? day("2024-11-01")
            let row = state.row(
                validFrom: from, plan: world.plan, organisations: testOrganisations, settings: .standard)

            var previous = row.status
            for offset in 1...900 {
                let date = from.adding(days: offset)
                // A row that begins on the day is judged afresh, without the steps of another.
                let judged = state.row(
                    validFrom: date, plan: world.plan, organisations: testOrganisations, settings: .standard
                ).status
                try #require(row.status(on: date) == judged, "seed \(seed), \(date)")
                try #require((judged != previous) == row.steps.contains { $0.from == date }, "seed \(seed), \(date)")
                previous = judged
            }
        }
    }

    @Test("the first row begins in the distant past, and the rows are in the order of days")
    func rowOrder() {
        for seed in UInt64(3000)..<3100 {
            let days = fold(World(seed: seed).plan, World(seed: seed).facts).rows.map(\.validFrom)

            #expect(days.first == .distantPast)
            #expect(days == Set(days).sorted())
        }
    }

    @Test("the steps of a current action, by their days")
    func steps() {
        let plan = action(milestones: [milestone(.m1, due: "2025-03-01")])
        let timeline = fold(plan, [progress("2025-01-15")])

        #expect(
            timeline.rows.last?.steps.map(\.from) == [
                day("2025-03-02"), day("2025-05-31"), day("2025-08-15"), day("2026-02-15"),
            ])
        #expect(timeline.rows.last?.nextStep(after: day("2025-03-02")) == day("2025-05-31"))
        #expect(timeline.rows.last?.nextStep(after: day("2026-02-15")) == nil)
    }
}
