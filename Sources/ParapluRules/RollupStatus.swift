package import ParapluModel

/// The consolidated status of a goal, a line or the programme, with the counts behind it.
package struct RollupStatus: Hashable, Sendable {
    /// The plan's actions: what the subject is judged by.
    package var plan: RollupPart
    /// Standing policy, legislation and regional items, shown beside it.
    package var apart: RollupPart

    /// The lifecycle of the plan's actions as a set; nil where there is none.
    package var lifecycle: Lifecycle? { plan.lifecycle }
    /// The colour of the plan's active actions; nil, no colour, where none is active.
    package var rating: DeliveryRating? { plan.rating }
    /// Why the plan's part has that colour, sorted by code; empty where it is green.
    package var reasons: [RollupReason] { plan.reasons }
    /// The plan's actions with a current report of their holder, in whole percent, rounded down; nil of none.
    package var coveragePercent: Int? { plan.coveragePercent }
    /// The plan's accepted milestones in whole percent of those not dropped, rounded down; nil of none.
    package var percentComplete: Int? { plan.percentComplete }
}

/// One part of a roll-up.
package struct RollupPart: Hashable, Sendable {
    /// Nil where there is no action.
    package var lifecycle: Lifecycle?
    /// Nil, no colour, where no action is active.
    package var rating: DeliveryRating?
    /// The actions with a current report of their holder, in whole percent of all, rounded down; nil of none.
    package var coveragePercent: Int?
    /// The accepted milestones in whole percent of those not dropped, rounded down; nil of none.
    package var percentComplete: Int?
    /// Why, sorted.
    package var reasons: [RollupReason]
    /// The counts that all this follows from.
    package var counts: RollupPartCounts
}

/// Why a roll-up has its colour: the rule that decided, as a stable code.
package enum RollupReason: String, CaseIterable, Comparable, Sendable {
    /// Enough of the active actions are amber.
    case amberShare = "amber_share"
    /// A critical action is red.
    case criticalRed = "critical_red"
    /// More of the active actions are grey than a colour can be given over.
    case greyMajority = "grey_majority"
    /// Enough of the active actions are grey to make it amber.
    case greyShare = "grey_share"
    /// No action is active.
    case nothingActive = "nothing_active"
    /// At least one active action is red, though not enough of them to make it red.
    case redPresent = "red_present"
    /// Enough of the active actions are red.
    case redShare = "red_share"

    /// Whether the left code comes first in the alphabet.
    package static func < (left: RollupReason, right: RollupReason) -> Bool { left.rawValue < right.rawValue }
}

/// The roll-up of those counts: from the set of actions, never from colours of colours.
///
/// Source: domain notes, section 10.
package func rollup(_ counts: RollupCounts, settings: RuleSettings) -> RollupStatus {
    RollupStatus(plan: part(counts.plan, settings: settings), apart: part(counts.apart, settings: settings))
}

private func part(_ counts: RollupPartCounts, settings: RuleSettings) -> RollupPart {
    let (rating, reasons) = rating(of: counts, settings: settings)
    return RollupPart(
        lifecycle: lifecycle(of: counts), rating: rating,
        coveragePercent: wholePercent(counts.covered, of: counts.total),
        percentComplete: wholePercent(counts.milestonesAccepted, of: counts.milestonesCounted), reasons: reasons,
        counts: counts)
}

/// The lifecycle of the set.
///
/// An action of which nothing is known is not known to have begun.
private func lifecycle(of counts: RollupPartCounts) -> Lifecycle? {
    guard counts.total > 0 else { return nil }
    let complete = counts.count(of: .complete)
    if complete > 0, complete + counts.count(of: .stopped) == counts.total { return .complete }
    let notBegun = counts.count(of: .notStarted) + counts.count(of: .unknown)
    return notBegun == counts.total ? .notStarted : .underWay
}

/// The colour of the active actions, by the first rule that applies; with amber, by all that do.
private func rating(
    of counts: RollupPartCounts, settings: RuleSettings
) -> (rating: DeliveryRating?, reasons: [RollupReason]) {
    let red = counts.activeCount(of: .red)
    let amber = counts.activeCount(of: .amber)
    let grey = counts.activeCount(of: .grey)

    /// Whether there are any, and they are at least that share of the active actions.
    func reaches(_ count: Int32, _ percent: Int) -> Bool {
        count > 0 && Int(count) * 100 >= Int(counts.active) * percent
    }

    guard counts.active > 0 else { return (nil, [.nothingActive]) }
    if counts.criticalRed > 0 { return (.red, [.criticalRed]) }
    if Int(grey) * 100 > Int(counts.active) * settings.greyMajorityPercent { return (.grey, [.greyMajority]) }
    if reaches(red, settings.redSharePercent) { return (.red, [.redShare]) }
    var reasons: [RollupReason] = []
    if reaches(amber, settings.amberSharePercent) { reasons.append(.amberShare) }
    if reaches(grey, settings.greySharePercent) { reasons.append(.greyShare) }
    if red > 0 { reasons.append(.redPresent) }
    return (reasons.isEmpty ? .green : .amber, reasons)
}
