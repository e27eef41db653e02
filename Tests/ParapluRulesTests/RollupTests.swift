import ParapluModel
import ParapluRules
import Testing

/// The roll-up, domain notes section 10.
struct RollupTests {
    private func contribution(
        _ lifecycle: Lifecycle = .underWay, _ rating: DeliveryRating = .green, _ dataState: DataState = .current,
        isCritical: Bool = false, policyType: PolicyType = .plan, start: String? = nil,
        milestones: MilestoneCounts = MilestoneCounts(), isRebaselined: Bool = false, on date: String = "2025-06-01"
    ) -> RollupContribution {
        RollupContribution(
            of: action(start: start, isCritical: isCritical, policyType: policyType),
            status: ActionStatus(
                lifecycle: lifecycle, rating: rating, dataState: dataState, isRebaselined: isRebaselined,
                milestones: milestones), on: day(date))
    }

    private func status(_ contributions: [RollupContribution], _ settings: RuleSettings = .standard) -> RollupStatus {
        var counts = RollupCounts()
        for contribution in contributions { counts.add(contribution) }
        return rollup(counts, settings: settings)
    }

    private func rated(green: Int = 0, amber: Int = 0, red: Int = 0, grey: Int = 0) -> [RollupContribution] {
        Array(repeating: contribution(.underWay, .green), count: green)
            + Array(repeating: contribution(.underWay, .amber), count: amber)
            + Array(repeating: contribution(.underWay, .red), count: red)
            + Array(repeating: contribution(.underWay, .grey, .stale), count: grey)
    }

    @Test("the examples of the domain notes")
    func examples() {
        #expect(status(rated(green: 5, amber: 2, grey: 1)).rating == .amber)
        #expect(status(rated(green: 5, amber: 2, grey: 1)).reasons == [.amberShare])
        #expect(status(rated(green: 9, red: 1)).rating == .amber)
        #expect(status(rated(green: 9, red: 1)).reasons == [.redPresent])
        #expect(status(rated(green: 1, grey: 3)).rating == .grey)
        #expect(status(rated(green: 1, grey: 3)).reasons == [.greyMajority])
    }

    @Test(
        "each threshold from both sides",
        arguments: [
            (green: 3, amber: 0, red: 1, grey: 0, DeliveryRating.red),
            (green: 4, amber: 0, red: 1, grey: 0, .amber),
            (green: 3, amber: 1, red: 0, grey: 0, .amber),
            (green: 4, amber: 1, red: 0, grey: 0, .green),
            (green: 4, amber: 0, red: 0, grey: 1, .amber),
            (green: 5, amber: 0, red: 0, grey: 1, .green),
            (green: 2, amber: 0, red: 0, grey: 2, .amber),
            (green: 0, amber: 0, red: 2, grey: 2, .red),
            (green: 0, amber: 0, red: 2, grey: 3, .grey),
            (green: 7, amber: 0, red: 0, grey: 0, .green),
        ])
    func thresholds(green: Int, amber: Int, red: Int, grey: Int, expected: DeliveryRating) {
        #expect(status(rated(green: green, amber: amber, red: red, grey: grey)).rating == expected)
    }

    @Test("a critical red action makes it red, whatever the others are")
    func criticalRed() {
        let critical = contribution(.underWay, .red, isCritical: true)

        #expect(status(rated(green: 9) + [critical]).rating == .red)
        #expect(status(rated(green: 1, grey: 9) + [critical]).reasons == [.criticalRed])
        #expect(status(rated(green: 9) + [contribution(.underWay, .amber, isCritical: true)]).rating == .green)
        #expect(status(rated(green: 9) + [contribution(.stopped, .red, isCritical: true)]).rating == .green)
    }

    @Test("done, stopped and not-started-not-yet-due actions take no part in the colour, but are counted")
    func inactive() {
        let roll = status([
            contribution(.complete, .red), contribution(.stopped, .red),
            contribution(.notStarted, .red, start: "2025-06-01"), contribution(),
        ])

        #expect(roll.rating == .green)
        #expect(roll.plan.counts.active == 1)
        #expect(roll.plan.counts.total == 4)
        #expect(roll.plan.counts.count(of: DeliveryRating.red) == 3)
        #expect(roll.plan.counts.activeCount(of: .red) == 0)
    }

    @Test("not started takes part from the day after its planned start, and where it has none")
    func notStartedDue() {
        #expect(!contribution(.notStarted, .grey, start: "2025-06-01", on: "2025-06-01").isActive)
        #expect(contribution(.notStarted, .grey, start: "2025-06-01", on: "2025-06-02").isActive)
        #expect(contribution(.notStarted, .grey).isActive)
    }

    @Test("the day on which a not-started action begins to take part is a step of its row")
    func notStartedStep() {
        let timeline = fold(action(start: "2025-06-01"), [progress("2025-05-01", .notStarted, .grey)])

        #expect(timeline.rows.last?.steps.first?.from == day("2025-06-02"))
    }

    @Test("no active action gives no colour, no action no lifecycle")
    func empty() {
        #expect(status([contribution(.complete)]).rating == nil)
        #expect(status([contribution(.complete)]).reasons == [.nothingActive])
        #expect(status([]).lifecycle == nil)
        #expect(status([]).coveragePercent == nil)
    }

    @Test(
        "lifecycle",
        arguments: [
            ([.complete, .stopped], Lifecycle.complete), ([.complete, .complete], .complete),
            ([.stopped, .stopped], .underWay), ([.complete, .reportedComplete], .underWay),
            ([.notStarted, .notStarted], .notStarted), ([.notStarted, .unknown], .notStarted),
            ([.notStarted, .underWay], .underWay), ([.notStarted, .complete], .underWay), ([.paused], .underWay),
        ] as [([Lifecycle], Lifecycle)])
    func lifecycle(of lifecycles: [Lifecycle], expected: Lifecycle) {
        #expect(status(lifecycles.map { contribution($0) }).lifecycle == expected)
    }

    @Test("coverage is the share of actions with a current holder report")
    func coverage() {
        let roll = status([
            contribution(), contribution(), contribution(.underWay, .grey, .stale),
        ])

        #expect(roll.coveragePercent == 66)
        #expect(roll.plan.counts.covered == 2)
        #expect(roll.plan.counts.count(of: DataState.stale) == 1)
    }

    @Test("percent complete is accepted milestones over those not dropped, listed and counted")
    func percentComplete() {
        let roll = status([
            contribution(milestones: MilestoneCounts(open: 1, reportedReached: 1, accepted: 1, dropped: 4)),
            contribution(milestones: MilestoneCounts(accepted: 1)),
        ])

        #expect(roll.percentComplete == 50)
        #expect(status([contribution()]).percentComplete == nil)
    }

    @Test("rebaselined actions are counted")
    func rebaselined() {
        #expect(status([contribution(isRebaselined: true), contribution()]).plan.counts.rebaselined == 1)
    }

    @Test("standing policy, legislation and regional items are rolled up apart; historical ones never")
    func apart() {
        let roll = status([
            contribution(), contribution(policyType: .motionFollowUp),
            contribution(.underWay, .red, policyType: .standingPolicy),
            contribution(.underWay, .red, policyType: .legislation),
            contribution(.underWay, .red, policyType: .regional),
            contribution(.underWay, .red, policyType: .historical),
        ])

        #expect(roll.rating == .green)
        #expect(roll.plan.counts.total == 2)
        #expect(roll.apart.rating == .red)
        #expect(roll.apart.counts.total == 3)
    }

    @Test("counts are a commutative group: any order of adding and removing gives the same")
    func group() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let all = (0..<12).map { _ in
                contribution(
                    Lifecycle.allCases.randomElement(using: &random) ?? .unknown,
                    DeliveryRating.allCases.randomElement(using: &random) ?? .grey,
                    DataState.allCases.randomElement(using: &random) ?? .missing,
                    isCritical: Bool.random(using: &random),
                    policyType: PolicyType.allCases.randomElement(using: &random) ?? .plan,
                    milestones: MilestoneCounts(open: Int32.random(in: 0...3, using: &random), accepted: 1))
            }
            let kept = Array(all.prefix(5))
            var counts = RollupCounts()
            for contribution in all.shuffled(using: &random) { counts.add(contribution) }
            for contribution in all.dropFirst(5).shuffled(using: &random) { counts.remove(contribution) }

            var direct = RollupCounts()
            for contribution in kept { direct.add(contribution) }
            try #require(counts == direct)
            try #require(RollupCounts(values: counts.values) == counts)
        }
    }

    @Test("counts are read back from a list of their length only")
    func values() {
        #expect(RollupCounts(values: []) == nil)
        #expect(RollupCounts().values.count == RollupCounts.valueCount)
        #expect(RollupCounts(values: Array(repeating: 0, count: RollupCounts.valueCount)) == RollupCounts())
    }

    @Test("the thresholds are settings")
    func settings() {
        var settings = RuleSettings.standard
        settings.redSharePercent = 10

        #expect(status(rated(green: 9, red: 1), settings).rating == .red)
    }
}
