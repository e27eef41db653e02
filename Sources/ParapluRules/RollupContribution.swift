package import ParapluModel

/// What one action adds to a roll-up on a day.
package struct RollupContribution: Hashable, Sendable {
    /// Which of the two roll-ups an action belongs to.
    package enum Part: Hashable, Sendable {
        /// The plan's own actions and those that follow a motion.
        case plan
        /// Standing policy, legislation and regional items: shown under the umbrella, rolled up apart.
        case apart
        /// Historical actions: shown, never counted.
        case uncounted
    }

    /// In which of the two roll-ups it counts, if in either.
    package var part: Part
    /// The first axis of the action's status on the day.
    package var lifecycle: Lifecycle
    /// The second axis, as it is shown: grey also where the data isn't current.
    package var rating: DeliveryRating
    /// The third axis: how current the holder's word is on the day.
    package var dataState: DataState
    /// Whether it takes part in the colour: neither done, nor stopped, nor not started while its start isn't due.
    package var isActive: Bool
    /// Whether it is active, red, and critical by the plan.
    package var isCriticalRed: Bool
    /// Whether an involved organisation contradicts the holder, and nothing closed that yet.
    package var isDisputed: Bool
    /// Whether a milestone is late against its first date, which was moved.
    package var isRebaselined: Bool
    /// The milestones that the programme office accepted.
    package var milestonesAccepted: Int32
    /// The milestones not dropped.
    package var milestonesCounted: Int32

    /// Whether there is a holder's report, and it is current.
    package var hasCurrentHolderReport: Bool { dataState == .current }

    package init(
        part: Part, lifecycle: Lifecycle, rating: DeliveryRating, dataState: DataState, isActive: Bool,
        isCriticalRed: Bool, isDisputed: Bool, isRebaselined: Bool, milestonesAccepted: Int32, milestonesCounted: Int32
    ) {
        self.part = part
        self.lifecycle = lifecycle
        self.rating = rating
        self.dataState = dataState
        self.isActive = isActive
        self.isCriticalRed = isCriticalRed
        self.isDisputed = isDisputed
        self.isRebaselined = isRebaselined
        self.milestonesAccepted = milestonesAccepted
        self.milestonesCounted = milestonesCounted
    }

    /// The contribution of an action with that status on that day.
    ///
    /// The planned start's own day is not late yet, as with milestones. An action without a planned start that hasn't
    /// begun is active: nothing says that it needn't have. Each of these days is also a step of the action's row.
    package init(of plan: PlannedAction, status: ActionStatus, on date: CalendarDate) {
        part =
            switch plan.policyType {
            case .plan, .motionFollowUp: .plan
            case .standingPolicy, .legislation, .regional: .apart
            case .historical: .uncounted
            }
        lifecycle = status.lifecycle
        rating = status.rating
        dataState = status.dataState
        isActive =
            switch status.lifecycle {
            case .complete, .stopped: false
            case .notStarted: plan.plannedStart.map { date > $0 } ?? true
            case .underWay, .paused, .reportedComplete, .unknown: true
            }
        isCriticalRed = isActive && plan.isCritical && status.rating == .red
        isDisputed = status.flags.contains(.disputed)
        isRebaselined = status.isRebaselined
        milestonesAccepted = status.milestones.accepted
        milestonesCounted = status.milestones.counted
    }
}
