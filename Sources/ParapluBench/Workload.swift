import ParapluModel
import ParapluRules

/// The messages of one seed, and what a correct consumer makes of them.
///
/// They come in rounds: in each, every action is reported on once, in an order of its own, with a later as-of than in
/// the round before; the four actions of SZW several times, told apart by the sequence number. Whether a report says
/// something new is chance, set so that the asked share of messages changes a status. A few in a thousand repeat an
/// earlier message or are refused; they stand beside the others and take no place in a round.
struct Workload {
    let plan: Plan
    let today: CalendarDate
    let seed: UInt64
    /// How many messages: the same number in every run of the seed.
    let messages: Int
    /// The share of messages that change the consolidated status of an action.
    static let changeShare = 0.4
    /// Repeated and refused messages, each, of all.
    static let duplicateShare = 0.002
    static let flawShare = 0.003
    /// Reports on each of SZW's actions in a round.
    static let reportsOfSZW = 20
    /// The share of reports without news that are on a milestone, where there is one.
    static let milestoneShare = 0.25

    /// What is to come out.
    struct Truth {
        var messages = [Int](repeating: 0, count: BenchFeed.allCases.count)
        var applied = 0
        var duplicates = 0
        /// By feed and code.
        var rejected = [[RejectionCode: Int]](repeating: [:], count: BenchFeed.allCases.count)
        var records = 0
        /// Messages that change the consolidated status of at least one action, one after the other.
        var changing = 0
        /// The receipts by feed.
        var receipts: [Int] {
            BenchFeed.allCases.map { feed in
                feed.hasReceiptsForAll ? messages[feed.rawValue] : rejected[feed.rawValue].values.reduce(0, +)
            }
        }
        var rejections: Int { rejected.reduce(0) { $0 + $1.values.reduce(0, +) } }
    }

    /// Makes the messages one by one.
    ///
    /// - Parameter take: Gets each message in the order in which it is to be produced.
    func run(_ take: (BenchMessage) throws -> Void) rethrows -> Truth {
        var run = WorkloadRun(self)
        let perRound = Double(plan.actions.count) * 0.89 + Double(4 * Workload.reportsOfSZW)
        let rounds = Int(Double(messages) / perRound) + 2
        precondition(rounds <= 150, "as-of dates reach back at most 150 days, so that no status grows stale")
        var round = 0
        while run.count < messages {
            let asOf = today.adding(days: -max(0, rounds - round) * max(1, min(5, 150 / rounds)))
            try run.round(round, asOf: min(asOf, today), take)
            round += 1
        }
        return run.truth
    }
}

/// The state of one pass over a workload.
private struct WorkloadRun {
    private let workload: Workload
    private let organisations: OrganisationLookup
    private var random: SeededGenerator
    private var order: [Int]
    private var states: [ActionState]
    private var statuses: [ActionStatus]
    private var said: [ProgressReport?]
    /// The police's items that wait for their message, by partition.
    private var pending: [[(item: BenchMessage.Item, isNews: Bool)]]
    private var pendingGoal: [Int]
    /// A message of each partition that may be repeated.
    private var repeatable: [BenchMessage?]
    private var number = 0
    private let newsChance: Double
    private(set) var truth = Workload.Truth()
    private(set) var count = 0

    init(_ workload: Workload) {
        self.workload = workload
        let plan = workload.plan
        let organisations = OrganisationLookup(plan.organisations)
        self.organisations = organisations
        random = SeededGenerator(seed: workload.seed &+ 1)
        order = Array(plan.actions.indices)
        states = plan.actions.map { _ in ActionState() }
        statuses = plan.actions.map { action in
            ActionState().row(
                validFrom: .distantPast, plan: action, organisations: organisations, settings: .standard
            ).status(on: workload.today)
        }
        said = plan.actions.map { _ in nil }
        let partitions = BenchFeed.partitions
        pending = [[(item: BenchMessage.Item, isNews: Bool)]](repeating: [], count: partitions)
        pendingGoal = [Int](repeating: 1, count: partitions)
        repeatable = [BenchMessage?](repeating: nil, count: partitions * BenchFeed.allCases.count)
        // The first round is news throughout; the others make up for it.
        let first = min(Double(plan.actions.count), Double(workload.messages))
        let rest = max(1, Double(workload.messages) - first)
        newsChance = min(1, max(0, (Workload.changeShare * Double(workload.messages) - first) / rest))
    }

    mutating func round(_ round: Int, asOf: CalendarDate, _ take: (BenchMessage) throws -> Void) rethrows {
        order.shuffle(using: &random)
        for action in order {
            guard count < workload.messages else { return }
            let feed = PlanGenerator.holder(of: action)
            if feed == .szw {
                for place in 0..<Workload.reportsOfSZW {
                    let item = item(action, feed)
                    try emit(
                        feed, partition: partition(action), asOf: asOf,
                        sequence: Int64(round * Workload.reportsOfSZW + place + 1), [item], take)
                }
                continue
            }
            let item = item(action, feed)
            guard feed == .politie else {
                try emit(feed, partition: partition(action), asOf: asOf, sequence: Int64(round + 1), [item], take)
                continue
            }
            let place = Int(partition(action))
            pending[place].append(item)
            if pending[place].count >= pendingGoal[place] { try flush(place, round, asOf, take) }
        }
        for place in pending.indices where !pending[place].isEmpty { try flush(place, round, asOf, take) }
    }

    private mutating func flush(
        _ place: Int, _ round: Int, _ asOf: CalendarDate, _ take: (BenchMessage) throws -> Void
    ) rethrows {
        let items = pending[place]
        pending[place].removeAll(keepingCapacity: true)
        // Two in three of the police's messages hold one item, as in the feed's examples the others hold more.
        pendingGoal[place] = random.below(3) < 2 ? 1 : 2 + random.below(3)
        try emit(.politie, partition: Int32(place), asOf: asOf, sequence: Int64(round + 1), items, take)
    }

    private func partition(_ action: Int) -> Int32 {
        Int32(action / PlanGenerator.holders.count % BenchFeed.partitions)
    }

    /// The next word on an action: news, or what was said before once more, or a milestone that is still planned.
    private mutating func item(_ action: Int, _ feed: BenchFeed) -> (item: BenchMessage.Item, isNews: Bool) {
        let milestones = workload.plan.actions[action].milestones
        guard let before = said[action], !random.happens(newsChance) else {
            let report = news(after: said[action], feed)
            said[action] = report
            return (BenchMessage.Item(action: action, content: .progress(report)), true)
        }
        if feed.reportsMilestones, !milestones.isEmpty, random.happens(Workload.milestoneShare) {
            let milestone = milestones[random.below(milestones.count)].id
            return (
                BenchMessage.Item(
                    action: action, content: .milestone(MilestoneReport(milestone: milestone, status: .planned))),
                false
            )
        }
        return (BenchMessage.Item(action: action, content: .progress(before)), false)
    }

    /// A report that differs from the one before it.
    private mutating func news(after before: ProgressReport?, _ feed: BenchFeed) -> ProgressReport {
        while true {
            let lifecycle = feed.lifecycles[random.below(feed.lifecycles.count)]
            let rating: DeliveryRating = [.green, .amber, .red][random.below(3)]
            var reasons: [ReasonCode] = []
            if rating != .green {
                let first = random.below(BenchFeed.reasons.count)
                reasons = [BenchFeed.reasons[first]]
                if random.below(3) == 0 {
                    reasons.append(BenchFeed.reasons[(first + 1) % BenchFeed.reasons.count])
                }
            }
            let report = ProgressReport(lifecycle: lifecycle, rating: rating, reasons: reasons)
            if report != before { return report }
        }
    }

    private mutating func emit(
        _ feed: BenchFeed, partition: Int32, asOf: CalendarDate, sequence: Int64,
        _ items: [(item: BenchMessage.Item, isNews: Bool)], _ take: (BenchMessage) throws -> Void
    ) rethrows {
        let place = feed.rawValue * BenchFeed.partitions + Int(partition)
        if random.happens(Workload.duplicateShare), var again = repeatable[place], hasRoom {
            again.isDuplicate = true
            truth.duplicates += 1
            try hand(again, take)
        }
        if random.happens(Workload.flawShare), hasRoom {
            try emitFlawed(feed, partition, asOf, items[0].item.action, take)
        }
        guard hasRoom else { return }
        let message = BenchMessage(
            feed: feed, partition: partition, number: number, asOf: asOf, sequence: sequence,
            items: items.map(\.item))
        number += 1
        truth.applied += 1
        truth.records += items.count
        var changes = false
        for (place, item) in message.items.enumerated() where fold(item, message, place) { changes = true }
        if changes { truth.changing += 1 }
        if repeatable[place] == nil || random.below(50) == 0 { repeatable[place] = message }
        try hand(message, take)
    }

    private mutating func emitFlawed(
        _ feed: BenchFeed, _ partition: Int32, _ asOf: CalendarDate, _ action: Int,
        _ take: (BenchMessage) throws -> Void
    ) rethrows {
        var flaw = BenchMessage.Flaw.allCases[random.below(BenchMessage.Flaw.allCases.count)]
        if flaw == .personalData && feed != .jenv && feed != .vws { flaw = .unknownCode }
        let isRed = flaw == .withoutReason
        let message = BenchMessage(
            feed: feed, partition: partition, number: number, asOf: asOf, sequence: 999_999,
            items: [
                BenchMessage.Item(
                    action: action,
                    content: .progress(ProgressReport(lifecycle: .underWay, rating: isRed ? .red : .green)))
            ], flaw: flaw)
        number += 1
        truth.rejected[feed.rawValue][flaw.code, default: 0] += 1
        try hand(message, take)
    }

    private var hasRoom: Bool { count < workload.messages }

    private mutating func hand(_ message: BenchMessage, _ take: (BenchMessage) throws -> Void) rethrows {
        count += 1
        truth.messages[message.feed.rawValue] += 1
        try take(message)
    }

    /// Applies a record and returns whether the action's consolidated status differs from the one before.
    private mutating func fold(_ item: BenchMessage.Item, _ message: BenchMessage, _ place: Int) -> Bool {
        let plan = workload.plan.actions[item.action]
        let applied = states[item.action].apply(
            message.fact(of: item, place, plan), plan: plan, organisations: organisations)
        guard applied.changed else { return false }
        let status = states[item.action].row(
            validFrom: message.asOf, plan: plan, organisations: organisations, settings: .standard
        ).status(on: workload.today)
        let differs = status.publishedDiffers(from: statuses[item.action])
        statuses[item.action] = status
        return differs
    }
}

extension BenchMessage {
    /// The fact that a record of the message is; the identity stands for its place among the facts of one day.
    func fact(of item: Item, _ place: Int, _ plan: PlannedAction) -> Fact {
        Fact(
            record: CanonicalRecord(
                reporter: feed.organisation, action: plan.id, asOf: asOf, sequence: sequence, content: item.content),
            identity: (UInt64(number), UInt64(place)))
    }
}
