package import ParapluModel

extension ActionState {
    /// The action's row from that day on: its status then, and each that time alone will bring.
    package func row(
        validFrom: CalendarDate, plan: PlannedAction, organisations: OrganisationLookup, settings: RuleSettings
    ) -> TimelineRow {
        let evaluation = Evaluation(state: self, plan: plan, organisations: organisations, settings: settings)
        let first = evaluation.status(on: validFrom)
        let boundaries = evaluation.boundaries(after: validFrom)
        var steps: [TimelineStep] = []
        steps.reserveCapacity(boundaries.count)
        var previousDate = validFrom
        for date in boundaries where date != previousDate {
            previousDate = date
            let step = TimelineStep(from: date, status: evaluation.status(on: date))
            if step.status != steps.last?.status ?? first { steps.append(step) }
        }
        return TimelineRow(validFrom: validFrom, status: first, steps: steps)
    }
}

/// What a state, its plan and the settings say on any day: rules 3 to 6 and 8.
///
/// `boundaries(after:)` names every day on which `status(on:)` can differ from the day before; a rule that looks at the
/// day adds its boundary there.
private struct Evaluation {
    let state: ActionState
    let plan: PlannedAction
    let settings: RuleSettings
    /// The plan's milestones with what was reported on them, in the plan's order.
    let milestones: [Milestone]
    /// Who holds the action when, as far as it exists, in the plan's order.
    let holders: [Holder]
    /// The holder's own reasons.
    let reportedReasons: [StatusReason]
    /// The first day on which the holder's word is stale, nil where it never is.
    let staleFrom: CalendarDate?
    /// The first day on which the holder's word counts as missing, nil where it never does.
    let missingFrom: CalendarDate?

    struct Milestone {
        let id: MilestoneID
        let status: MilestoneStatus
        let baselineDue: CalendarDate
        /// The date of the holder's latest report that moved it, else the plan's.
        let currentDue: CalendarDate
        let isCritical: Bool
        var isMovedBack: Bool { currentDue > baselineDue }
    }

    struct Holder {
        let organisation: OrganisationID
        let roleFrom: CalendarDate?
        let roleUntil: CalendarDate?
        let existsFrom: CalendarDate?
        let existsUntil: CalendarDate?
    }

    init(state: ActionState, plan: PlannedAction, organisations: OrganisationLookup, settings: RuleSettings) {
        self.state = state
        self.plan = plan
        self.settings = settings
        milestones = plan.milestones.map { planned in
            let reported = state.milestones.first { $0.milestone == planned.id }
            return Milestone(
                id: planned.id, status: reported?.status ?? .planned, baselineDue: planned.baselineDue,
                currentDue: reported?.due ?? planned.currentDue, isCritical: planned.isCritical)
        }
        var holders: [Holder] = []
        for role in plan.roles where role.role == .actionHolder {
            // What the plan doesn't know never exists.
            let lifetime = organisations.lifetime(of: role.organisation) ?? (nil, .distantPast)
            holders.append(
                Holder(
                    organisation: role.organisation, roleFrom: role.validFrom, roleUntil: role.validUntil,
                    existsFrom: lifetime.from, existsUntil: lifetime.until))
        }
        self.holders = holders
        let reasons = state.progress?.reasons ?? 0
        reportedReasons =
            reasons == 0 ? [] : ReasonCode.allCases.filter { reasons & $0.bit != 0 }.map(StatusReason.reported)
        (staleFrom, missingFrom) = Evaluation.ageing(of: state, plan: plan, settings: settings)
    }

    /// Rule 6: from which days on the holder's word is stale, and counts as missing.
    ///
    /// "Above" an age means from the day after it. The start of an action that hasn't begun excuses silence up to its
    /// planned start and the days of grace; without a planned start nothing excuses it.
    private static func ageing(
        of state: ActionState, plan: PlannedAction, settings: RuleSettings
    ) -> (stale: CalendarDate?, missing: CalendarDate?) {
        guard let asOf = state.holderAsOf else { return (nil, nil) }
        var stale = asOf.adding(months: settings.staleAfterMonths).adding(days: settings.graceDays + 1)
        var missing = asOf.adding(months: settings.missingAfterMonths).adding(days: settings.graceDays + 1)
        switch state.progress?.lifecycle ?? .unknown {
        case .complete, .stopped: return (nil, nil)
        case .notStarted:
            if let start = plan.plannedStart?.adding(days: settings.graceDays) {
                stale = max(stale, start)
                missing = max(missing, start)
            }
        case .underWay, .paused, .reportedComplete, .unknown: break
        }
        return (stale, missing)
    }

    /// The days after that one on which the status can be another than the day before, in order.
    func boundaries(after date: CalendarDate) -> [CalendarDate] {
        var days: [CalendarDate] = []
        days.reserveCapacity(milestones.count * 3 + 8)
        func add(_ day: CalendarDate?) {
            guard let day, day > date else { return }
            days.append(day)
        }
        for milestone in milestones where !milestone.status.isClosed {
            add(milestone.currentDue.adding(days: 1))
            if !milestone.isCritical { add(milestone.currentDue.adding(days: settings.longOverdueDays + 1)) }
            // A first date that isn't the earlier of the two changes nothing when it passes.
            if milestone.isMovedBack { add(milestone.baselineDue.adding(days: 1)) }
        }
        add(staleFrom)
        add(missingFrom)
        if state.progress?.lifecycle == .notStarted { add(plan.plannedStart?.adding(days: 1)) }
        for holder in holders {
            add(holder.roleFrom)
            add(holder.roleUntil)
            add(holder.existsFrom)
            add(holder.existsUntil)
        }
        days.sort()
        return days
    }

    /// The action's status on that day, as far as the state knows.
    func status(on date: CalendarDate) -> ActionStatus {
        var status = ActionStatus(
            lifecycle: state.progress?.lifecycle ?? .unknown, rating: .grey, reportedRating: state.progress?.rating,
            dataState: dataState(on: date), asOf: state.holderAsOf, holder: holder(on: date),
            reporter: state.progress?.reporter)
        var floor = DeliveryRating.green
        judgeMilestones(on: date, into: &status, floor: &floor)
        judgeContradictions(into: &status, floor: &floor)

        // Rule 5: the worst of what was reported and the floor; where no colour was reported, the floor if it has one.
        let colour = worst(status.reportedRating ?? .grey, floor)
        switch status.dataState {
        case .current: status.rating = colour
        case .stale, .missing:
            if state.holderAsOf != nil, colour != .grey { status.lastKnownRating = colour }
        }
        giveReasons(on: date, to: &status)
        if status.reasons.count > 1 { status.reasons.sort() }
        return status
    }

    /// Rule 6, on that day.
    ///
    /// Never reported is missing from the beginning, before the planned start too: "not started" is the holder's word
    /// to give (rule 1), and only that word defers the clock. An action of which nothing was said is in no sense current.
    private func dataState(on date: CalendarDate) -> DataState {
        guard state.holderAsOf != nil else { return .missing }
        if let missingFrom, date >= missingFrom { return .missing }
        if let staleFrom, date >= staleFrom { return .stale }
        return .current
    }

    /// Rule 8: who holds the action on that day, and exists.
    private func holder(on date: CalendarDate) -> OrganisationID? {
        for holder in holders where isWithin(date, holder.roleFrom, holder.roleUntil) {
            return isWithin(date, holder.existsFrom, holder.existsUntil) ? holder.organisation : nil
        }
        return nil
    }

    /// Rule 4: counts the milestones and judges the open ones; the due day itself is not late.
    private func judgeMilestones(on date: CalendarDate, into status: inout ActionStatus, floor: inout DeliveryRating) {
        for milestone in milestones {
            switch milestone.status {
            case .planned: status.milestones.open += 1
            case .reportedReached: status.milestones.reportedReached += 1
            case .reached: status.milestones.accepted += 1
            case .dropped: status.milestones.dropped += 1
            }
            guard !milestone.status.isClosed else { continue }
            let isLate = date > milestone.currentDue
            let isLateAgainstBaseline = date > milestone.baselineDue
            guard isLate || isLateAgainstBaseline else { continue }
            if status.slips.isEmpty {
                status.slips.reserveCapacity(milestones.count)
                status.reasons.reserveCapacity(milestones.count + 4)
            }
            if isLate {
                if milestone.isCritical {
                    floor = .red
                    status.reasons.append(.milestoneCriticalOverdue(milestone.id))
                } else if date.days(since: milestone.currentDue) > settings.longOverdueDays {
                    floor = .red
                    status.reasons.append(.milestoneLongOverdue(milestone.id))
                } else {
                    floor = worst(floor, .amber)
                    status.reasons.append(.milestoneOverdue(milestone.id))
                }
            }
            if isLateAgainstBaseline && milestone.isMovedBack {
                status.isRebaselined = true
                status.reasons.append(.milestoneRebaselined(milestone.id))
            }
            status.slips.append(
                MilestoneSlip(
                    milestone: milestone.id, baselineDue: milestone.baselineDue, currentDue: milestone.currentDue))
        }
    }

    /// Rules 5 and 7: open conflicts and grave risks leave it at amber at best; and what the programme office refused.
    private func judgeContradictions(into status: inout ActionStatus, floor: inout DeliveryRating) {
        for conflict in state.conflicts where conflict.isOpen {
            status.isDisputed = true
            floor = worst(floor, .amber)
            status.reasons.append(
                conflict.milestone.map { .conflictMilestone($0) } ?? .conflictRating(conflict.party))
        }
        for risk in state.risks where risk.level == .high {
            floor = worst(floor, .amber)
            status.reasons.append(.riskHigh(risk.risk))
        }
        if state.isCompletionRefused { status.reasons.append(.completionRefused) }
        for milestone in state.refusedMilestones { status.reasons.append(.milestoneRefused(milestone)) }
    }

    /// Adds the reasons that don't come from milestones.
    private func giveReasons(on date: CalendarDate, to status: inout ActionStatus) {
        if status.holder == nil { status.reasons.append(.noHolder) }
        switch status.dataState {
        case .current: break
        case .stale: status.reasons.append(.reportStale)
        case .missing: status.reasons.append(state.holderAsOf == nil ? .neverReported : .reportMissing)
        }
        guard let progress = state.progress else {
            if state.holderAsOf != nil { status.reasons.append(.noProgressReport) }
            return
        }
        status.reasons.append(contentsOf: reportedReasons)
        if progress.lifecycle == .notStarted, let start = plan.plannedStart, date > start {
            status.reasons.append(.startOverdue)
        }
    }

    private func isWithin(_ date: CalendarDate, _ from: CalendarDate?, _ until: CalendarDate?) -> Bool {
        if let from, date < from { return false }
        if let until, date >= until { return false }
        return true
    }
}

/// The worse of two ratings.
///
/// Grey is no rating: beside green it stands, amber and red say more than it does.
func worst(_ left: DeliveryRating, _ right: DeliveryRating) -> DeliveryRating {
    func badness(_ rating: DeliveryRating) -> Int {
        switch rating {
        case .green: 0
        case .grey: 1
        case .amber: 2
        case .red: 3
        }
    }
    return badness(left) >= badness(right) ? left : right
}
