/// What an action's life has come to: the first of its three axes.
///
/// Source: the programme's reference plan, code list `action_status`; IATI's activity status beside it.
package enum Lifecycle: String, CaseIterable, Sendable {
    case notStarted = "NIET_GESTART"
    case underWay = "LOOPT"
    case paused = "GEPAUZEERD"
    /// The holder says that it is done.
    case reportedComplete = "AFGEROND_GEMELD"
    /// The programme office accepted that it is done; no reporter can set this.
    case complete = "AFGEROND"
    case stopped = "GESTOPT"
    case unknown = "ONBEKEND"

    /// What an action holder may report.
    package static let reportable: [Lifecycle] = [
        .notStarted, .underWay, .paused, .reportedComplete, .stopped, .unknown,
    ]
}

/// How delivery goes: the second axis.
///
/// The order is from good to bad; grey stands apart.
package enum DeliveryRating: String, CaseIterable, Sendable {
    case green = "GROEN"
    case amber = "ORANJE"
    case red = "ROOD"
    /// No rating.
    case grey = "GRIJS"
}

/// How current the holder's word is: the third axis.
package enum DataState: String, CaseIterable, Sendable {
    case current = "ACTUEEL"
    case stale = "VEROUDERD"
    case missing = "ONTBREEKT"
}

/// What else is to be known about an action's status.
package enum StatusFlag: String, CaseIterable, Sendable {
    /// A milestone is late against its first baseline, though its latest date was moved.
    case rebaselined = "HERIJKT"
    /// An involved organisation contradicts the holder.
    case disputed = "BETWIST"
}

/// How far a milestone is, as reported.
///
/// `TE_LAAT` is derived, and no code of this list.
package enum MilestoneStatus: String, CaseIterable, Sendable {
    case planned = "GEPLAND"
    case reportedReached = "BEREIKT_GEMELD"
    /// Accepted by the programme office; no reporter can set this.
    case reached = "BEREIKT"
    case dropped = "VERVALLEN"

    /// What a reporter may say.
    package static let reportable: [MilestoneStatus] = [.planned, .reportedReached, .dropped]
    /// Whether nothing more is awaited for it.
    package var isClosed: Bool { self != .planned }
}

/// How grave a risk is.
///
/// Source: the programme's reference plan, code list `risk_level`.
package enum RiskLevel: String, CaseIterable, Sendable {
    case low = "LAAG"
    case medium = "MIDDEL"
    case high = "HOOG"
}

/// What is done about a risk.
///
/// Source: ours, the usual four; the domain notes name the field and no list.
package enum RiskResponse: String, CaseIterable, Sendable {
    case avoid = "VERMIJDEN"
    case reduce = "BEPERKEN"
    case transfer = "OVERDRAGEN"
    case accept = "ACCEPTEREN"
}

/// Whether a risk still stands.
package enum RiskStatus: String, CaseIterable, Sendable {
    case open = "OPEN"
    case closed = "GESLOTEN"
}

/// What the programme office says to what a holder reported as done.
package enum AssessmentVerdict: String, CaseIterable, Sendable {
    case accepted = "GEACCEPTEERD"
    case refused = "AFGEWEZEN"
}

/// Who is right in a conflict, as the programme office rules.
package enum ConflictVerdict: String, CaseIterable, Sendable {
    case holder = "ACTIEHOUDER"
    case party = "BETROKKENE"
}

/// Why a rating is amber or red, or an action stopped.
///
/// Ours; an open list would be free text.
package enum ReasonCode: String, CaseIterable, Sendable {
    case capacity = "CAPACITEIT"
    case funding = "FINANCIERING"
    case legislation = "WETGEVING"
    case cooperation = "SAMENWERKING"
    case dataSharing = "GEGEVENSDELING"
    case dependency = "AFHANKELIJKHEID"
    case procurement = "INKOOP"
    case priority = "PRIORITEIT"
    case politicalDecision = "POLITIEK_BESLUIT"
    case other = "OVERIG"
}

/// What an organisation is to an action.
package enum OrganisationRole: String, CaseIterable, Sendable {
    case actionHolder = "ACTIEHOUDER"
    case involved = "BETROKKEN"
    case funder = "FINANCIER"
    case coordinator = "COORDINATOR"
    case figureSource = "BRONHOUDER"
}

/// What an action is to the plan, which says whether it counts in a roll-up.
package enum PolicyType: String, CaseIterable, Sendable {
    case plan
    case standingPolicy = "standing_policy"
    case legislation
    case motionFollowUp = "motion_follow_up"
    case regional
    case historical
}

/// The kinds of canonical records.
///
/// A kind without rules yet is journalled and rejected as `kind_not_supported`.
package enum RecordKind: String, CaseIterable, Sendable {
    case planPublished = "plan.published"
    case actionChanged = "action.changed"
    case organisationChanged = "organisation.changed"
    case progressReported = "progress.reported"
    case milestoneReported = "milestone.reported"
    case indicatorObserved = "indicator.observed"
    case riskReported = "risk.reported"
    case nothingReported = "nothing.reported"
    case correction
    case withdrawal
    case assessmentMade = "assessment.made"
    case conflictRuled = "conflict.ruled"
    case roundFrozen = "round.frozen"

    /// Whether a partner's message of this kind has rules.
    package var isSupported: Bool {
        switch self {
        case .progressReported, .milestoneReported, .riskReported, .nothingReported, .withdrawal, .correction,
            .indicatorObserved:
            true
        case .planPublished, .actionChanged, .organisationChanged, .assessmentMade, .conflictRuled, .roundFrozen:
            false
        }
    }

    /// What a reporter may take back.
    package static let withdrawable: [RecordKind] = [
        .progressReported, .milestoneReported, .riskReported, .nothingReported,
    ]

    /// What a reporter may correct: say again, of the same day or another one.
    ///
    /// A correction is no record of its own: it is the new word, and where it is of another day the old one's withdrawal.
    package static let correctable: [RecordKind] = [.progressReported, .milestoneReported, .riskReported]

    /// Whether only the programme office decides it, through the `office` stream.
    package var isOfficeDecision: Bool { self == .assessmentMade || self == .conflictRuled || self == .roundFrozen }

    /// The CloudEvents type of the canonical form: `nl.paraplu.<kind>.v1`.
    package var eventType: String { "nl.paraplu.\(rawValue).v1" }

    /// The number that the journal keeps for the kind; never given to another kind.
    package var code: Int16 {
        switch self {
        case .planPublished: 1
        case .actionChanged: 2
        case .organisationChanged: 3
        case .progressReported: 4
        case .milestoneReported: 5
        case .indicatorObserved: 6
        case .riskReported: 7
        case .nothingReported: 8
        case .correction: 9
        case .withdrawal: 10
        case .assessmentMade: 11
        case .conflictRuled: 12
        case .roundFrozen: 13
        }
    }

    /// The kind with that number, or nil.
    package init?(code: Int16) {
        guard let kind = RecordKind.allCases.first(where: { $0.code == code }) else { return nil }
        self = kind
    }
}
