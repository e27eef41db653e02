package import ParapluModel

/// What the store finds that it can't go on with.
package enum StoreError: Error, Hashable, Sendable {
    /// A row of a projection can't be read: the program and the projection don't fit together. Rebuild it.
    case unreadableProjection(table: String)
    /// A journalled record can't be read back; `paraplu verify` tells where.
    case unreadableRecord
    /// The journal doesn't hold any more, or not readably, what the office decided at a commit.
    case unreadableDecision(commit: Int64)
    /// No plan was applied yet.
    case noPlan
    /// The plan to apply leaves out actions that the plan in force has.
    case actionsRemoved([ActionID])
    /// The plan to apply leaves out milestones that the plan in force has of the same action.
    case milestonesRemoved([MilestoneID])
    /// The plan to apply gives milestones another first date than the plan in force; with the date in force.
    case baselinesMoved([Baseline])
    /// The plan in force was applied where a larger count was the smallest that may be shown than this program has.
    case countMinBelowPlan(configured: Int64, plan: Int64)
    /// The database takes no writes: a standby, or set to read-only (F15).
    case readOnly
    /// What a frozen round left isn't what the journal gives.
    case frozenDiffers(tables: [String])
    /// Nothing is known under that name.
    case unknown(kind: String, name: String)

    /// A milestone and the first date on which it was due.
    package struct Baseline: Hashable, Sendable {
        /// The milestone's identifier.
        package let milestone: MilestoneID
        /// That first date, as the plan in force has it.
        package let due: CalendarDate

        package init(milestone: MilestoneID, due: CalendarDate) {
            self.milestone = milestone
            self.due = due
        }
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadableProjection(let table):
            "a row of progress.\(table) was written by another version of the rules; run `paraplu rebuild --swap`"
        case .unreadableRecord: "a journalled record can't be read back; run `paraplu verify`"
        case .unreadableDecision(let commit):
            "the office's entry of commit \(commit) can't be read back; run `paraplu verify`"
        case .noPlan: "no plan was applied yet; run `paraplu plan apply FILE`"
        case .actionsRemoved(let ids):
            "the plan leaves out \(ids.map(\.rawValue).joined(separator: ", ")); keep them, with policy_type historical"
        case .milestonesRemoved(let ids):
            "the plan leaves out \(ids.map(\.rawValue).joined(separator: ", ")) of the same action; a milestone is kept for ever:"
                + " keep it, and have its holder report it VERVALLEN"
        case .baselinesMoved(let baselines):
            "the plan moves the first date of "
                + baselines.map { "\($0.milestone.rawValue) (\($0.due))" }.joined(separator: ", ")
                + "; keep baseline_due as it is in brackets, and move current_due"
        case .countMinBelowPlan(let configured, let plan):
            "privacy.count_min is \(configured), and the plan in force was applied where it was \(plan): smaller counts would be"
                + " stored than it has suppressed so far; set it to \(plan), or apply the plan again where it is \(configured)"
        case .readOnly: "the database takes no writes; connect to the primary (target_session_attrs=read-write)"
        case .frozenDiffers(let tables):
            "rows of frozen rounds differ (\(tables.joined(separator: ", "))) and stay as they are, everything else is what the"
                + " journal gives; where `paraplu verify` names a round, restore it from a backup; where it finds nothing, the"
                + " rounds were frozen under earlier rules"
        case .unknown(let kind, let name): "there is no \(kind) \(name)"
        }
    }
}
