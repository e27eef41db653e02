/// One fact in the programme's own form, out of one message of one partner.
///
/// What the partner said, who says it, of which action or indicator and as of which day. Provenance (connector, topic,
/// partition, offset) stands beside it in the journal, so that the same fact from two messages is the same record.
package struct CanonicalRecord: Hashable, Sendable {
    /// The organisation that reports.
    package var reporter: OrganisationID
    /// The action that it reports on; nil where it is about an indicator.
    private var reportedAction: ActionID?
    /// The day of which the report speaks (peildatum), in Europe/Amsterdam.
    package var asOf: CalendarDate
    /// The reporter's own sequence number for reports of one day, where it has one.
    package var sequence: Int64?
    /// When the source recorded it, where it says so.
    package var recordedAtSource: Timestamp?
    /// What is reported.
    package var content: Content

    /// What a record says, by kind.
    package enum Content: Hashable, Sendable {
        case progress(ProgressReport)
        case milestone(MilestoneReport)
        case risk(RiskReport)
        /// Nothing changed: the holder confirms what it said before.
        case nothing
        case withdrawal(Withdrawal)
        case assessment(Assessment)
        case ruling(ConflictRuling)
        case observation(Observation)
    }

    /// A record about an action.
    package init(
        reporter: OrganisationID, action: ActionID, asOf: CalendarDate, sequence: Int64? = nil,
        recordedAtSource: Timestamp? = nil, content: Content
    ) {
        self.reporter = reporter
        reportedAction = action
        self.asOf = asOf
        self.sequence = sequence
        self.recordedAtSource = recordedAtSource
        self.content = content
    }

    /// A record about an indicator.
    package init(
        reporter: OrganisationID, observation: Observation, asOf: CalendarDate, sequence: Int64? = nil,
        recordedAtSource: Timestamp? = nil
    ) {
        self.reporter = reporter
        self.asOf = asOf
        self.sequence = sequence
        self.recordedAtSource = recordedAtSource
        content = .observation(observation)
    }

    /// The action that it reports on; only of a record that isn't about an indicator.
    package var action: ActionID {
        get {
            guard let reportedAction else { preconditionFailure("a record about an indicator has no action") }
            return reportedAction
        }
        set { reportedAction = newValue }
    }

    /// The indicator that it is about; nil where it reports on an action.
    package var indicator: IndicatorID? {
        if case .observation(let observation) = content { observation.indicator } else { nil }
    }

    /// The record's kind.
    package var kind: RecordKind {
        switch content {
        case .progress: .progressReported
        case .milestone: .milestoneReported
        case .risk: .riskReported
        case .nothing: .nothingReported
        case .withdrawal: .withdrawal
        case .assessment: .assessmentMade
        case .ruling: .conflictRuled
        case .observation: .indicatorObserved
        }
    }

    /// The kind of which the record speaks: of two records of one reporter, day, item and such a kind the later counts.
    ///
    /// A withdrawal takes the place of what it withdraws, and says nothing.
    package var slotKind: RecordKind {
        if case .withdrawal(let withdrawal) = content { withdrawal.kind } else { kind }
    }

    /// The thing within the action or indicator that the record is about: a milestone, a risk, a party, a cell; else
    /// nothing.
    package var item: String {
        switch content {
        case .progress, .nothing: ""
        case .milestone(let report): report.milestone.rawValue
        case .risk(let report): report.risk.rawValue
        case .withdrawal(let withdrawal): withdrawal.item
        case .assessment(let assessment): assessment.milestone?.rawValue ?? ""
        case .ruling(let ruling): "\(ruling.party.rawValue) \(ruling.milestone?.rawValue ?? "")"
        case .observation(let observation): observation.cell
        }
    }

    /// Whether it says that the action is stopped, and names no document of Parliament.
    package var isStopWithoutDocument: Bool {
        guard case .progress(let report) = content else { return false }
        return report.lifecycle == .stopped && report.document == nil
    }

    /// What orders a reporter's words of one day: the sequence number, else the source's time, else 0.
    ///
    /// Arrival never does. Between reporters it says nothing: the rules put a day's words in order by what the reporter is to the
    /// action. A decision's is far from those of reports, as journals have it (`report_order`), though nothing rests on that.
    package var order: Int64 {
        let order = sequence ?? recordedAtSource?.microsecondsSince2000 ?? 0
        guard kind.isOfficeDecision else { return order }
        let (sum, isBeyond) = order.addingReportingOverflow(CanonicalRecord.decisionsBegin)
        return isBeyond ? .max : sum
    }

    private static let decisionsBegin: Int64 = 1 << 62
}

/// What a holder or an involved organisation says of an action (voortgangsmelding).
package struct ProgressReport: Hashable, Sendable {
    /// What the reporter says the action's life has come to; never complete, which only the programme office says.
    package var lifecycle: Lifecycle
    /// How the reporter says delivery goes; grey where it gives no rating.
    package var rating: DeliveryRating
    /// Why, in codes; at least one with amber, red or stopped.
    package var reasons: [ReasonCode]
    /// The parliamentary document that a stopped action refers to, such as `28638-257`.
    package var document: String?

    package init(lifecycle: Lifecycle, rating: DeliveryRating, reasons: [ReasonCode] = [], document: String? = nil) {
        self.lifecycle = lifecycle
        self.rating = rating
        self.reasons = reasons
        self.document = document
    }

    /// Whether the report lacks the reason that its rating or lifecycle asks for.
    package var lacksReason: Bool {
        reasons.isEmpty && (rating == .amber || rating == .red || lifecycle == .stopped)
    }
}

/// What a holder or an involved organisation says of a milestone (mijlpaal).
package struct MilestoneReport: Hashable, Sendable {
    /// The milestone that the report is about.
    ///
    /// Where the action has no such milestone in the plan, the report has no effect.
    package var milestone: MilestoneID
    /// How far the reporter says the milestone is; never reached, which only the programme office says.
    package var status: MilestoneStatus
    /// The latest date on which it is due, where the report moves it.
    ///
    /// The first date stays for ever.
    package var currentDue: CalendarDate?
    /// The day on which it was reached, where it was.
    package var reachedOn: CalendarDate?
    /// The parliamentary document that shows it, such as `28638-257`.
    package var document: String?

    package init(
        milestone: MilestoneID, status: MilestoneStatus, currentDue: CalendarDate? = nil,
        reachedOn: CalendarDate? = nil, document: String? = nil
    ) {
        self.milestone = milestone
        self.status = status
        self.currentDue = currentDue
        self.reachedOn = reachedOn
        self.document = document
    }
}

/// What a holder says of a risk to an action (risico).
package struct RiskReport: Hashable, Sendable {
    /// The risk, by the holder's own identifier.
    package var risk: RiskID
    /// How grave the holder says the risk is.
    package var level: RiskLevel
    /// Whether the risk still stands.
    package var isOpen: Bool
    /// What is done about it, where the holder says so.
    package var response: RiskResponse?
    /// The organisation that deals with it, where it isn't the holder's alone; never a person.
    package var owner: OrganisationID?

    package init(
        risk: RiskID, level: RiskLevel, isOpen: Bool, response: RiskResponse? = nil, owner: OrganisationID? = nil
    ) {
        self.risk = risk
        self.level = level
        self.isOpen = isOpen
        self.response = response
        self.owner = owner
    }
}

/// A reporter takes back what it said of an item as of the record's day.
package struct Withdrawal: Hashable, Sendable {
    /// The kind of what is withdrawn: one of `RecordKind.withdrawable`.
    package var kind: RecordKind
    /// The milestone or risk that it was about, or empty.
    package var item: String

    /// Whether what is withdrawn is about one thing among several of the action.
    package var needsItem: Bool { kind == .milestoneReported || kind == .riskReported }

    package init(kind: RecordKind, item: String = "") {
        self.kind = kind
        self.item = item
    }
}

/// The programme office's verdict on what a holder reported as done (beoordeling): the second of the two steps.
package struct Assessment: Hashable, Sendable {
    /// The milestone; nil for the action itself.
    package var milestone: MilestoneID?
    /// Whether the programme office accepts what was reported, or refuses it.
    package var verdict: AssessmentVerdict

    package init(milestone: MilestoneID? = nil, verdict: AssessmentVerdict) {
        self.milestone = milestone
        self.verdict = verdict
    }
}

/// The programme office's ruling on a conflict between the holder and an involved organisation.
package struct ConflictRuling: Hashable, Sendable {
    /// The involved organisation.
    package var party: OrganisationID
    /// The milestone that the conflict is about; nil where it is about the rating.
    package var milestone: MilestoneID?
    /// Who is right: the holder or the involved organisation.
    package var verdict: ConflictVerdict

    package init(party: OrganisationID, milestone: MilestoneID? = nil, verdict: ConflictVerdict) {
        self.party = party
        self.milestone = milestone
        self.verdict = verdict
    }
}
