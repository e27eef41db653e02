package import ParapluModel

/// Why a status is what it is: a stable code, with what it is about.
///
/// The cases stand in the order of their texts, so that sorted reasons are sorted texts too.
package enum StatusReason: Hashable, Sendable {
    /// The programme office refused the holder's word that the action is complete.
    case completionRefused
    /// An involved organisation denies a milestone that the holder says is reached: at least amber.
    case conflictMilestone(MilestoneID)
    /// An involved organisation rates delivery worse than the holder: at least amber.
    case conflictRating(OrganisationID)
    /// A critical milestone is late against its latest date: red.
    case milestoneCriticalOverdue(MilestoneID)
    /// A milestone is late by more than the days that are still amber: red.
    case milestoneLongOverdue(MilestoneID)
    /// A milestone is late against its latest date: at least amber.
    case milestoneOverdue(MilestoneID)
    /// A milestone is late against its first date, which was moved.
    case milestoneRebaselined(MilestoneID)
    /// The programme office refused the holder's word that a milestone is reached.
    case milestoneRefused(MilestoneID)
    /// No holder ever reported.
    case neverReported
    /// The plan has no holder that exists on the day, so nobody can report.
    case noHolder
    /// The holder reported on milestones, and never on the action.
    case noProgressReport
    /// The holder's last word is older than the age from which it counts as missing.
    case reportMissing
    /// The holder's last word is older than the age from which it is stale.
    case reportStale
    /// The holder's own reason.
    case reported(ReasonCode)
    /// The holder says that a grave risk stands: at least amber.
    case riskHigh(RiskID)
    /// The action hasn't begun, and its planned start has passed.
    case startOverdue

    /// The code, without what it is about.
    package var code: String {
        switch self {
        case .completionRefused: "completion_refused"
        case .conflictMilestone: "conflict_milestone"
        case .conflictRating: "conflict_rating"
        case .milestoneCriticalOverdue: "milestone_critical_overdue"
        case .milestoneLongOverdue: "milestone_long_overdue"
        case .milestoneOverdue: "milestone_overdue"
        case .milestoneRebaselined: "milestone_rebaselined"
        case .milestoneRefused: "milestone_refused"
        case .neverReported: "never_reported"
        case .noHolder: "no_holder"
        case .noProgressReport: "no_progress_report"
        case .reportMissing: "report_missing"
        case .reportStale: "report_stale"
        case .reported: "reported"
        case .riskHigh: "risk_high"
        case .startOverdue: "start_overdue"
        }
    }

    /// What the code is about: a milestone, the holder's own code, or nothing.
    package var item: String? {
        switch self {
        case .milestoneCriticalOverdue(let id), .milestoneLongOverdue(let id), .milestoneOverdue(let id),
            .milestoneRebaselined(let id), .milestoneRefused(let id), .conflictMilestone(let id):
            id.rawValue
        case .conflictRating(let party): party.rawValue
        case .riskHigh(let risk): risk.rawValue
        case .reported(let reason): reason.rawValue
        case .completionRefused, .neverReported, .noHolder, .noProgressReport, .reportMissing, .reportStale,
            .startOverdue:
            nil
        }
    }

    private var rank: UInt8 {
        switch self {
        case .completionRefused: 0
        case .conflictMilestone: 1
        case .conflictRating: 2
        case .milestoneCriticalOverdue: 3
        case .milestoneLongOverdue: 4
        case .milestoneOverdue: 5
        case .milestoneRebaselined: 6
        case .milestoneRefused: 7
        case .neverReported: 8
        case .noHolder: 9
        case .noProgressReport: 10
        case .reportMissing: 11
        case .reportStale: 12
        case .reported: 13
        case .riskHigh: 14
        case .startOverdue: 15
        }
    }
}

extension StatusReason: Comparable {
    /// Whether the left reason comes first: by its code in the alphabet, then by what it is about.
    package static func < (left: StatusReason, right: StatusReason) -> Bool {
        let (leftRank, rightRank) = (left.rank, right.rank)
        guard leftRank == rightRank else { return leftRank < rightRank }
        return (left.item ?? "") < (right.item ?? "")
    }
}

extension StatusReason: CustomStringConvertible {
    /// The reason as it is published: `milestone_overdue:act-1-01-m1`, `reported:CAPACITEIT`, `report_stale`.
    package var description: String {
        guard let item else { return code }
        return "\(code):\(item)"
    }

    /// The reason published so, or nil.
    package init?(_ text: String) {
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        let item = colon == text.endIndex ? nil : String(text[text.index(after: colon)...])
        switch (text[..<colon], item) {
        case ("completion_refused", nil): self = .completionRefused
        case ("conflict_milestone", let item?):
            guard let id = MilestoneID(item) else { return nil }
            self = .conflictMilestone(id)
        case ("conflict_rating", let item?):
            guard let id = OrganisationID(item) else { return nil }
            self = .conflictRating(id)
        case ("milestone_critical_overdue", let item?):
            guard let id = MilestoneID(item) else { return nil }
            self = .milestoneCriticalOverdue(id)
        case ("milestone_long_overdue", let item?):
            guard let id = MilestoneID(item) else { return nil }
            self = .milestoneLongOverdue(id)
        case ("milestone_overdue", let item?):
            guard let id = MilestoneID(item) else { return nil }
            self = .milestoneOverdue(id)
        case ("milestone_rebaselined", let item?):
            guard let id = MilestoneID(item) else { return nil }
            self = .milestoneRebaselined(id)
        case ("milestone_refused", let item?):
            guard let id = MilestoneID(item) else { return nil }
            self = .milestoneRefused(id)
        case ("never_reported", nil): self = .neverReported
        case ("no_holder", nil): self = .noHolder
        case ("no_progress_report", nil): self = .noProgressReport
        case ("report_missing", nil): self = .reportMissing
        case ("report_stale", nil): self = .reportStale
        case ("reported", let item?):
            guard let reason = ReasonCode(rawValue: item) else { return nil }
            self = .reported(reason)
        case ("risk_high", let item?):
            guard let id = RiskID(item) else { return nil }
            self = .riskHigh(id)
        case ("start_overdue", nil): self = .startOverdue
        default: return nil
        }
    }
}
