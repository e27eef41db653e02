import ParapluModel

/// The numbers that the programme's rules leave open.
///
/// One value for all, `standard`, which belongs to this version of the program; only the smallest count is the deployment's
/// (decision 0038). A rebuild is given the same.
///
/// Percentages are whole, from 0 to 100, and compared without rounding. Source: domain notes, sections 9 and 10.
package struct RuleSettings: Hashable, Sendable {
    /// Months after which, with the days of grace, the holder's word is stale.
    package var staleAfterMonths = 6
    /// Months after which, with the days of grace, the holder's word counts as missing.
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
    /// The smallest count of people that may be shown.
    package var countMin = DisclosureControl.countMin

    package init() {}

    /// The settings of the domain notes.
    package static let standard = RuleSettings()
}
