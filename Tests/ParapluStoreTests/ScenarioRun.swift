import ParapluModel
import ParapluRules
import ParapluStore
import ParapluTesting
import Testing

/// Plays the scenario into a store.
enum ScenarioRun {
    /// A day on which everything in the script is past.
    static let end = "2026-06-30T10:00:00Z"

    /// Day by day, as it happened: the store's clock goes with the script.
    static func play(_ scenario: Scenario, _ store: StoreHarness) throws {
        for step in scenario.steps {
            try store.setClock("\(step.day)T10:00:00Z")
            try store.passTime()
            switch step.event {
            case .messages(let messages): try store.ingest(messages.map { try message($0) })
            case .decisions(let decisions): for decision in decisions { try take(decision, store) }
            case .plan(let version): try store.apply(plan: plan(version))
            case .open(let round): try open(round, store)
            case .freeze(let round): try store.freeze(RoundID(unchecked: round))
            }
            try settle(store)
        }
        try store.setClock(end)
        try store.passTime()
    }

    /// Everything that is said in an order of arrival of its own, in batches of any size.
    ///
    /// Plans and rounds keep their order, and come anywhere between; a decision is taken as soon as it has effect.
    static func playShuffled(
        _ scenario: Scenario, using random: inout SeededGenerator, _ store: StoreHarness
    ) throws {
        var messages = scenario.messages.shuffled(using: &random)[...]
        var office = scenario.steps.compactMap { step -> Scenario.Event? in
            switch step.event {
            case .plan, .open, .freeze: step.event
            case .messages, .decisions: nil
            }
        }[...]
        var decisions = scenario.steps.flatMap { step -> [Scenario.Decision] in
            if case .decisions(let decisions) = step.event { decisions.filter { $0.refusal == nil } } else { [] }
        }
        while !messages.isEmpty || !office.isEmpty {
            if let event = office.first, messages.isEmpty || Int.random(in: 0..<3, using: &random) == 0 {
                office.removeFirst()
                switch event {
                case .plan(let version): try store.apply(plan: plan(version))
                case .open(let round): try open(round, store)
                case .freeze(let round): try store.freeze(RoundID(unchecked: round))
                case .messages, .decisions: break
                }
            } else {
                let batch = messages.prefix(Int.random(in: 1...40, using: &random))
                messages = messages.dropFirst(batch.count)
                try store.ingest(batch.map { try message($0) })
            }
            try settle(store)
            decisions.shuffle(using: &random)
            decisions = try decisions.filter { try !isTaken($0, store) }
        }
        #expect(decisions.map(\.action) == [], "every decision has effect once all is said")
    }

    // MARK: Steps

    static func plan(_ version: Scenario.PlanVersion) throws -> Plan {
        try PlanDocument.parse(try version.document(), file: version.name)
    }

    private static func open(_ round: Scenario.Round, _ store: StoreHarness) throws {
        try store.open(
            RoundID(unchecked: round.id), asOf: CalendarDate(round.asOf), freezeOn: CalendarDate(round.freezeOn))
    }

    private static func settle(_ store: StoreHarness) throws {
        _ = try Settler.settle(parkedDaysMax: 30, events: StoreHarness.events, store.session)
    }

    /// A message of the script; an organisation's go to one partition.
    private static func message(_ message: Scenario.Message) throws -> Message {
        let partition = message.reporter.utf8.reduce(0) { $0 &+ Int32($1) } % 4
        return Message(
            partition, [try CanonicalRecordCodec.record(from: Array(message.body.utf8))], id: message.id)
    }

    /// Takes a decision, or finds it refused with the code that the script names.
    private static func take(_ decision: Scenario.Decision, _ store: StoreHarness) throws {
        guard let code = decision.refusal else { return try decide(decision, store) }
        let refusal = caught(OfficeDecision.Refusal.self) { try decide(decision, store) }
        guard case .noEffect(let disposition, _) = refusal else {
            Issue.record("\(decision.action) on \(decision.day): \(refusal.map { "\($0)" } ?? "taken"), not \(code)")
            return
        }
        #expect(disposition.rawValue == code)
    }

    /// Takes a decision where it has effect already.
    private static func isTaken(_ decision: Scenario.Decision, _ store: StoreHarness) throws -> Bool {
        do {
            try decide(decision, store)
            return true
        } catch is OfficeDecision.Refusal {
            return false
        } catch is StoreError {
            // There is no plan yet, or none that has the action.
            return false
        }
    }

    private static func decide(_ decision: Scenario.Decision, _ store: StoreHarness) throws {
        let milestone = decision.milestone.map { MilestoneID(unchecked: $0) }
        let content: CanonicalRecord.Content =
            switch decision.verdict {
            case .accept: .assessment(Assessment(milestone: milestone, verdict: .accepted))
            case .refuse: .assessment(Assessment(milestone: milestone, verdict: .refused))
            case .holder, .party:
                .ruling(
                    ConflictRuling(
                        party: OrganisationID(unchecked: decision.party ?? ""), milestone: milestone,
                        verdict: decision.verdict == .holder ? .holder : .party))
            }
        try store.decide(content, on: ActionID(unchecked: decision.action), asOf: CalendarDate(decision.day))
    }
}
