package import ParapluModel

extension ActionState {
    /// What stands of a milestone: the holder's latest word and what the programme office said to it.
    package struct MilestoneWord: Hashable, Sendable {
        /// The milestone, one of the action's in the plan.
        package let milestone: MilestoneID
        /// How far it is: by the holder's latest word, or by the programme office's verdict on that.
        package let status: MilestoneStatus
        /// The day of which the holder's latest word on it speaks.
        package let asOf: CalendarDate
        /// The latest date on which it is due, where a report moved it.
        package let due: CalendarDate?
        /// The day on which the holder says it was reached; nil unless it is reached.
        package let reachedOn: CalendarDate?
        /// The document that shows it, by the holder's word; nil unless it is reached.
        package let document: String?
        /// Whether the programme office refused that it is reached, and it stands since.
        package let isRefused: Bool
    }

    /// What stands of each milestone of which the holder spoke, sorted by milestone.
    package var milestoneWords: [MilestoneWord] {
        milestones.map { reported in
            MilestoneWord(
                milestone: reported.milestone, status: reported.status, asOf: reported.asOf, due: reported.due,
                reachedOn: reported.reachedOn, document: reported.document,
                isRefused: refusedMilestones.contains(reported.milestone))
        }
    }

    /// Whether what stands of the milestones is what a state before says; of none there are none.
    package func saysOfMilestones(like before: ActionState?) -> Bool {
        guard let before else { return milestones.isEmpty }
        return milestones == before.milestones && refusedMilestones == before.refusedMilestones
    }
}
