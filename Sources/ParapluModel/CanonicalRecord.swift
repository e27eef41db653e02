/// One fact in the programme's own form, out of one message of one partner.
///
/// What the partner said, who says it, of which action and as of which day. Provenance (connector, topic, partition,
/// offset) stands beside it in the journal, so that the same fact from two messages is the same record.
package struct CanonicalRecord: Hashable, Sendable {
    /// The organisation that reports.
    package var reporter: OrganisationID
    /// The action that it reports on.
    package var action: ActionID
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
    }

    package init(
        reporter: OrganisationID, action: ActionID, asOf: CalendarDate, sequence: Int64? = nil,
        recordedAtSource: Timestamp? = nil, content: Content
    ) {
        self.reporter = reporter
        self.action = action
        self.asOf = asOf
        self.sequence = sequence
        self.recordedAtSource = recordedAtSource
        self.content = content
    }

    /// The record's kind.
    package var kind: RecordKind {
        switch content {
        case .progress: .progressReported
        case .milestone: .milestoneReported
        }
    }

    /// The thing within the action that the record is about: a milestone, else nothing.
    package var item: String {
        switch content {
        case .progress: ""
        case .milestone(let report): report.milestone.rawValue
        }
    }

    /// What orders reports of one reporter and one day: the sequence number, else the source's time, else 0.
    ///
    /// Arrival never does.
    package var order: Int64 { sequence ?? recordedAtSource?.microsecondsSince2000 ?? 0 }
}

/// What a holder or an involved organisation says of an action (voortgangsmelding).
package struct ProgressReport: Hashable, Sendable {
    package var lifecycle: Lifecycle
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
    package var milestone: MilestoneID
    package var status: MilestoneStatus
    /// The latest date on which it is due, where the report moves it.
    ///
    /// The first date stays for ever.
    package var currentDue: CalendarDate?
    /// The day on which it was reached, where it was.
    package var reachedOn: CalendarDate?

    package init(
        milestone: MilestoneID, status: MilestoneStatus, currentDue: CalendarDate? = nil,
        reachedOn: CalendarDate? = nil
    ) {
        self.milestone = milestone
        self.status = status
        self.currentDue = currentDue
        self.reachedOn = reachedOn
    }
}
