/// What became of a message at intake.
///
/// It is given once and never changes.
package enum Outcome: String, CaseIterable, Sendable {
    case applied, duplicate, stale, rejected, parked

    /// The number that the journal keeps.
    package var code: Int16 {
        switch self {
        case .applied: 1
        case .duplicate: 2
        case .stale: 3
        case .rejected: 4
        case .parked: 5
        }
    }

    /// The outcome with that number, or nil.
    package init?(code: Int16) {
        guard let outcome = Outcome.allCases.first(where: { $0.code == code }) else { return nil }
        self = outcome
    }

    /// Whether the message occupies its keys, so that a later one with the same is a repeat.
    package var holdsKeys: Bool { self == .applied || self == .stale || self == .parked }
}

/// Why an applied record has no effect on the status, as the fold sees it; a later plan version can change it.
package enum Disposition: String, CaseIterable, Sendable {
    /// The record takes part in the status.
    case effective
    /// The reporter has no role on the action at the record's as-of.
    case noRole = "no_role"
    /// The reporter had ceased before the record's as-of.
    case ceasedBody = "ceased_body"
    /// An involved organisation's word: kept beside the holder's, and never instead of it.
    case observation
    /// A milestone that the action doesn't have.
    case unknownMilestone = "unknown_milestone"
    /// Another record of the same reporter at the same as-of came later in order.
    case superseded
    /// An assessment of what the holder hasn't reported as done.
    case notReported = "not_reported"
    /// An action can't be accepted as complete while a milestone is open.
    case openMilestone = "open_milestone"
    /// An action to which a commitment to Parliament is linked can't be stopped without a document reference.
    case documentMissing = "document_missing"
    /// More than an action can have: of risks that stand, or of different things said of one day.
    case tooMany = "too_many"
    /// A ruling on a conflict that isn't open.
    case noConflict = "no_conflict"
    /// A figure of another organisation than the indicator's source: kept beside it, and never instead of it.
    case secondarySeries = "secondary_series"
    /// A figure that counts something else than its indicator.
    case unitMismatch = "unit_mismatch"
    /// A part that the plan doesn't know, or not in that period.
    case unknownBreakdown = "unknown_breakdown"
    /// A part that may not be told of this indicator: minors by anything but the form of exploitation.
    case breakdownNotAllowed = "breakdown_not_allowed"
}
