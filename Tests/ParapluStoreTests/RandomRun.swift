import ParapluModel
import ParapluStore

/// Numbers that come again with the same seed: SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A random year of a programme: plan versions, and messages good, bad, late, repeated and too early.
struct RandomRun {
    static let actions = 12
    private var random: SeededGenerator
    private let today: CalendarDate
    private(set) var sent: [Message] = []

    init(seed: UInt64, today: CalendarDate) {
        random = SeededGenerator(seed: seed)
        self.today = today
    }

    /// The next messages, at most that many.
    mutating func messages(upTo count: Int) -> [Message] {
        (0..<Int.random(in: 1...count, using: &random)).map { _ in message() }
    }

    /// A version of the plan with some roles, dates and lines moved, and perhaps an action more.
    mutating func plan(version: Int) -> Plan {
        // The first date stays in every version; the latest one moves.
        var plan = Fixture.plan(
            actions: RandomRun.actions + version, version: "\(version)", due: today.adding(days: -30))
        // One that a risk may name, and that the first plan doesn't have.
        if version > 0 {
            plan.organisations.append(
                Organisation(
                    id: Fixture.organisation(4), nameNL: "Organisatie 4", nameEN: "Organisation 4", abbreviation: "O4",
                    kind: "ministerie", provenance: .illustrative))
        }
        let due = today.adding(days: Int.random(in: -200...200, using: &random))
        for index in plan.actions.indices { plan.actions[index].milestones[0].currentDue = due }
        for index in plan.actions.indices where Int.random(in: 0..<4, using: &random) == 0 {
            plan.actions[index].roles[0].organisation = Fixture.organisation(Int.random(in: 0..<3, using: &random))
            plan.actions[index].line = ActionLineID(unchecked: "line-\(Int.random(in: 1...3, using: &random))")
        }
        // Some actions were promised to Parliament, other ones in each version.
        for action in plan.actions where Int.random(in: 0..<3, using: &random) == 0 {
            plan.commitments.append(Fixture.commitment("motie-\(action.id)", on: .action(action.id)))
        }
        // And each version after the first judges by other numbers.
        if version > 0 {
            plan.rules.staleAfterMonths = Int.random(in: 1...6, using: &random)
            plan.rules.missingAfterMonths = Int.random(in: 7...12, using: &random)
            plan.rules.graceDays = Int.random(in: 0...30, using: &random)
            plan.rules.longOverdueDays = Int.random(in: 0...200, using: &random)
            plan.rules.redSharePercent = Int.random(in: 1...100, using: &random)
            plan.rules.amberSharePercent = Int.random(in: 1...100, using: &random)
            plan.rules.greySharePercent = Int.random(in: 1...100, using: &random)
            plan.rules.greyMajorityPercent = Int.random(in: 0...100, using: &random)
        }
        return plan
    }

    /// The messages in an order of arrival of their own; what was said twice is said once.
    mutating func shuffled(_ messages: [Message]) -> [Message] { messages.shuffled(using: &random) }

    /// One message that no other contradicts: each record has a sequence of its own.
    mutating func fresh(_ number: Int) -> Message {
        Message(Int32.random(in: 0..<4, using: &random), [record(sequence: Int64(number))], id: "m\(number)")
    }

    private mutating func message() -> Message {
        let partition = Int32.random(in: 0..<4, using: &random)
        let id = Int.random(in: 0..<3, using: &random) == 0 ? nil : "m\(sent.count)"
        switch Int.random(in: 0..<20, using: &random) {
        case 0: return Message(partition, rejection: Rejection(.unknownField, path: "/x"), id: id)
        case 1: return Message(partition, rejection: Rejection(.personalData), id: id, key: [9])
        case 2, 3:
            if var again = sent.randomElement(using: &random) {
                again.partition = partition
                return again
            }
            fallthrough
        default:
            let records = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                record(sequence: Bool.random(using: &random) ? Int64.random(in: 0..<3, using: &random) : nil)
            }
            let message = Message(partition, records, id: id)
            sent.append(message)
            return message
        }
    }

    /// Where each reporter's sequence numbers begin: one counts, another sends microseconds, and none knows how the others do.
    private static let sequencesBegin: [Int64] = [0, 780_000_000_000_000, 1 << 62, .max - 1_000]

    private mutating func record(sequence: Int64?) -> CanonicalRecord {
        // A few more actions than the first plan has, so that some wait.
        let number = Int.random(in: 0..<(RandomRun.actions + 4), using: &random)
        let asOf = today.adding(
            days: -Int.random(in: 0..<12, using: &random) * 20 + Int.random(in: 0..<2, using: &random))
        // The holder mostly, then an involved organisation, then one without a role.
        let speaker = [number % 3, number % 3, (number + 1) % 3, 3].randomElement(using: &random) ?? 3
        let reporter = Fixture.organisation(speaker)
        let sequence = sequence.map { RandomRun.sequencesBegin[speaker] + $0 }
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return Fixture.record(number, asOf: asOf, sequence: sequence, reporter: reporter, .nothing)
        case 1:
            let risk = RiskReport(
                risk: RiskID(unchecked: "r-1"), level: RiskLevel.allCases.randomElement(using: &random) ?? .high,
                isOpen: Bool.random(using: &random),
                response: Bool.random(using: &random) ? .reduce : nil,
                owner: Bool.random(using: &random) ? Fixture.organisation(Int.random(in: 0..<5, using: &random)) : nil)
            return Fixture.record(number, asOf: asOf, sequence: sequence, reporter: reporter, .risk(risk))
        case 2:
            let item = Bool.random(using: &random) ? "" : Fixture.milestone(number).rawValue
            let withdrawal = Withdrawal(kind: item.isEmpty ? .progressReported : .milestoneReported, item: item)
            return Fixture.record(number, asOf: asOf, sequence: sequence, reporter: reporter, .withdrawal(withdrawal))
        case 3..<6:
            let moved = Bool.random(using: &random) ? today.adding(days: Int.random(in: -50...50, using: &random)) : nil
            let status = MilestoneStatus.reportable.randomElement(using: &random) ?? .planned
            return Fixture.record(
                number, asOf: asOf, sequence: sequence, reporter: reporter,
                .milestone(
                    MilestoneReport(
                        milestone: Fixture.milestone(number), status: status, currentDue: moved,
                        document: Bool.random(using: &random) ? "28638-257" : nil)))
        default:
            return Fixture.progress(
                number, asOf: asOf, rating: DeliveryRating.allCases.randomElement(using: &random) ?? .green,
                lifecycle: Lifecycle.allCases.randomElement(using: &random) ?? .underWay, sequence: sequence,
                reporter: reporter, document: Bool.random(using: &random) ? "28638-257" : nil)
        }
    }

    /// A decision of the programme office's on an action, which may fit or not.
    mutating func decision() -> (action: ActionID, asOf: CalendarDate?, content: CanonicalRecord.Content) {
        let number = Int.random(in: 0..<RandomRun.actions, using: &random)
        let milestone = Bool.random(using: &random) ? Fixture.milestone(number) : nil
        let content: CanonicalRecord.Content =
            if Bool.random(using: &random) {
                .assessment(
                    Assessment(milestone: milestone, verdict: Bool.random(using: &random) ? .accepted : .refused))
            } else {
                .ruling(
                    ConflictRuling(
                        party: Fixture.organisation((number + 1) % 3), milestone: milestone,
                        verdict: Bool.random(using: &random) ? .holder : .party))
            }
        let asOf = Bool.random(using: &random) ? nil : today.adding(days: -Int.random(in: 0..<200, using: &random))
        return (Fixture.action(number), asOf, content)
    }
}
