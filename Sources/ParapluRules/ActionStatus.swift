package import ParapluModel

/// The consolidated status of one action on one day: three axes that are never folded into one, and why.
package struct ActionStatus: Hashable, Sendable {
    /// The first axis, as the holder last reported it; unknown where it never did.
    package var lifecycle: Lifecycle
    /// The second axis as it is shown: the worst of the reported rating and the floor; grey where the data isn't
    /// current.
    package var rating: DeliveryRating
    /// The rating that the holder last reported, nil where it never did.
    package var reportedRating: DeliveryRating?
    /// The colour that would be shown if the data were current.
    ///
    /// Nil where the data is current, and where there is no such colour.
    package var lastKnownRating: DeliveryRating?
    /// The third axis: how old the holder's word is.
    package var dataState: DataState
    /// A milestone is late against its first date, which was moved.
    package var isRebaselined: Bool
    /// An involved organisation contradicts the holder, and nothing closed that yet.
    package var isDisputed: Bool
    /// Why, sorted.
    package var reasons: [StatusReason]
    /// The latest day of which a holder reported, nil where none ever did.
    package var asOf: CalendarDate?
    /// The action holder on the day; nil where the plan has none that exists.
    package var holder: OrganisationID?
    /// Who sent the progress report behind lifecycle and rating: after a change of holder still the previous one.
    package var reporter: OrganisationID?
    /// The milestones by how far they are.
    package var milestones: MilestoneCounts
    /// The open milestones that are late against their first or their latest date, in the order of the plan.
    package var slips: [MilestoneSlip]

    package init(
        lifecycle: Lifecycle, rating: DeliveryRating, reportedRating: DeliveryRating? = nil,
        lastKnownRating: DeliveryRating? = nil, dataState: DataState, isRebaselined: Bool = false,
        isDisputed: Bool = false, reasons: [StatusReason] = [], asOf: CalendarDate? = nil,
        holder: OrganisationID? = nil,
        reporter: OrganisationID? = nil, milestones: MilestoneCounts = MilestoneCounts(), slips: [MilestoneSlip] = []
    ) {
        self.lifecycle = lifecycle
        self.rating = rating
        self.reportedRating = reportedRating
        self.lastKnownRating = lastKnownRating
        self.dataState = dataState
        self.isRebaselined = isRebaselined
        self.isDisputed = isDisputed
        self.reasons = reasons
        self.asOf = asOf
        self.holder = holder
        self.reporter = reporter
        self.milestones = milestones
        self.slips = slips
    }

    /// What else is to be known, sorted by code.
    package var flags: [StatusFlag] {
        (isDisputed ? [.disputed] : []) + (isRebaselined ? [.rebaselined] : [])
    }

    /// Whether anything but the as-of differs: a mere refresh of the as-of is no new revision.
    package func publishedDiffers(from other: ActionStatus) -> Bool {
        var refreshed = other
        refreshed.asOf = asOf
        return self != refreshed
    }
}

/// The number of an action's milestones by how far they are.
package struct MilestoneCounts: Hashable, Sendable {
    /// Those of which something is still awaited.
    package var open: Int32 = 0
    /// Those that the holder says are reached.
    package var reportedReached: Int32 = 0
    /// Those that the programme office accepted as reached.
    package var accepted: Int32 = 0
    /// Those that no longer count.
    package var dropped: Int32 = 0

    package init(open: Int32 = 0, reportedReached: Int32 = 0, accepted: Int32 = 0, dropped: Int32 = 0) {
        self.open = open
        self.reportedReached = reportedReached
        self.accepted = accepted
        self.dropped = dropped
    }

    /// All milestones of the plan.
    package var total: Int32 { open + reportedReached + accepted + dropped }
    /// The milestones that count: those not dropped.
    package var counted: Int32 { total - dropped }
    /// Accepted milestones in whole percent of those that count, rounded down; nil where none counts.
    package var percentComplete: Int? { wholePercent(accepted, of: counted) }
}

/// An open milestone that is late against one of its dates, with both dates: the first is never erased.
///
/// Dates rather than days late, which would make another status of every day.
package struct MilestoneSlip: Hashable, Sendable {
    /// The milestone that is late, one of the action's.
    package var milestone: MilestoneID
    /// The first date on which it was due.
    package var baselineDue: CalendarDate
    /// The latest date on which it is due.
    package var currentDue: CalendarDate

    package init(milestone: MilestoneID, baselineDue: CalendarDate, currentDue: CalendarDate) {
        self.milestone = milestone
        self.baselineDue = baselineDue
        self.currentDue = currentDue
    }
}

/// A share in whole percent, rounded down so that 100 means all; nil of nothing.
func wholePercent(_ part: Int32, of whole: Int32) -> Int? {
    whole > 0 ? Int(part) * 100 / Int(whole) : nil
}
