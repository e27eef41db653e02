internal import ParapluModel

/// The codes of reasons in words.
enum ReasonText {
    /// The sentence of a reason, written `code` or `code:item`, with the numbers by which it was judged.
    static func sentence(of reason: String, rules: RuleSettings) -> String {
        let parts = reason.split(separator: ":", maxSplits: 1)
        let item = parts.count > 1 ? String(parts[1]) : ""
        return switch parts.first.map(String.init) ?? "" {
        case "completion_refused": "the programme office refused that it is complete"
        case "conflict_milestone": "an involved organisation denies milestone \(item)"
        case "conflict_rating": "\(item) rates delivery worse than the holder"
        case "milestone_critical_overdue": "the critical milestone \(item) is past its latest date"
        case "milestone_long_overdue":
            "milestone \(item) is more than \(rules.longOverdueDays) days past its latest date"
        case "milestone_overdue": "milestone \(item) is past its latest date"
        case "milestone_rebaselined": "milestone \(item) is past its first date, which was moved"
        case "milestone_refused": "the programme office refused that milestone \(item) is reached"
        case "never_reported": "no holder ever reported"
        case "no_holder": "the plan has no holder that exists on the day"
        case "no_progress_report": "the holder reported on milestones, never on the action"
        case "report_missing":
            "the holder's last report is older than \(age(rules.missingAfterMonths, rules)): it counts as missing"
        case "report_stale": "the holder's last report is older than \(age(rules.staleAfterMonths, rules))"
        case "reported": "the holder's own reason"
        case "risk_high": "the grave risk \(item) stands"
        case "start_overdue": "it hasn't begun, and its planned start has passed"
        case "amber_share": "at least \(rules.amberSharePercent) % of the active actions are amber"
        case "critical_red": "a critical action is red"
        case "grey_majority": "more than \(rules.greyMajorityPercent) % of the active actions have no rating"
        case "grey_share": "at least \(rules.greySharePercent) % of the active actions have no rating"
        case "nothing_active": "no action is active"
        case "red_present": "an action is red"
        case "red_share": "at least \(rules.redSharePercent) % of the active actions are red"
        default: "see the documentation of the rules"
        }
    }

    private static func age(_ months: Int, _ rules: RuleSettings) -> String {
        "\(months) months and \(rules.graceDays) days"
    }
}
