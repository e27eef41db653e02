/// The numbers that the programme's rules leave open.
///
/// They are part of a plan version, so that they are in the journal and hold from its commit on (ADR 0041): all but
/// `countMin` from the member `rules` of its document, and what that leaves out as in `standard`.
///
/// Percentages are whole, and compared without rounding. Source: domain notes, sections 9, 10 and 12.
package struct RuleSettings: Hashable, Sendable {
    /// Months after which, with the days of grace, the holder's word is stale.
    package var staleAfterMonths = 6
    /// Months after which, with the days of grace, the holder's word counts as missing; more than those of the stale word.
    package var missingAfterMonths = 12
    /// Days of grace after those months, and after the planned start of an action that hasn't begun.
    package var graceDays = 30
    /// Days late that are still amber; one more is red.
    package var longOverdueDays = 90
    /// The share of red actions from which a roll-up is red.
    package var redSharePercent = 25
    /// The share of amber actions from which a roll-up is amber.
    package var amberSharePercent = 25
    /// The share of grey actions from which a roll-up is amber.
    package var greySharePercent = 20
    /// The share of grey actions above which a roll-up is grey.
    package var greyMajorityPercent = 50
    /// The smallest count of people that may be shown: the deployment's `privacy.count_min` when the plan was applied.
    ///
    /// No part of the document, because messages are suppressed by it before they reach a plan.
    package var countMin = DisclosureControl.countMin

    package init() {}

    /// The settings of the domain notes.
    package static let standard = RuleSettings()
}

/// One of the numbers that a plan's document may set, by its name there.
package enum RuleSetting: String, CaseIterable, Sendable {
    /// `RuleSettings.staleAfterMonths`.
    case staleAfterMonths = "stale_after_months"
    /// `RuleSettings.missingAfterMonths`.
    case missingAfterMonths = "missing_after_months"
    /// `RuleSettings.graceDays`.
    case graceDays = "grace_days"
    /// `RuleSettings.longOverdueDays`.
    case longOverdueDays = "long_overdue_days"
    /// `RuleSettings.redSharePercent`.
    case redSharePercent = "red_share_percent"
    /// `RuleSettings.amberSharePercent`.
    case amberSharePercent = "amber_share_percent"
    /// `RuleSettings.greySharePercent`.
    case greySharePercent = "grey_share_percent"
    /// `RuleSettings.greyMajorityPercent`.
    case greyMajorityPercent = "grey_majority_percent"

    /// Where the number is kept.
    package var path: WritableKeyPath<RuleSettings, Int> {
        switch self {
        case .staleAfterMonths: \.staleAfterMonths
        case .missingAfterMonths: \.missingAfterMonths
        case .graceDays: \.graceDays
        case .longOverdueDays: \.longOverdueDays
        case .redSharePercent: \.redSharePercent
        case .amberSharePercent: \.amberSharePercent
        case .greySharePercent: \.greySharePercent
        case .greyMajorityPercent: \.greyMajorityPercent
        }
    }

    /// The values that a document may give it.
    ///
    /// The longest keep every computed day within `CalendarDate`; a share of 0 would colour a roll-up that has none.
    package var bounds: ClosedRange<Int> {
        switch self {
        case .staleAfterMonths, .missingAfterMonths: 1...120
        case .graceDays: 0...366
        case .longOverdueDays: 0...3_660
        case .redSharePercent, .amberSharePercent, .greySharePercent: 1...100
        case .greyMajorityPercent: 0...100
        }
    }
}
