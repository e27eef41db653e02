package import ParapluModel

/// The accumulator of one action's fold, after its facts in the order of `PlannedAction.places(_:before:)`.
///
/// It holds what was reported, not what follows from it, and none of the plan's dates: `row` brings those in. What does
/// depend on the plan is which facts took part: roles and the existence of organisations at each fact's as-of, and
/// which milestones there are. So a state belongs to the plan it was folded with; under another plan, fold again with
/// `timeline(of:facts:organisations:settings:)`.
package struct ActionState: Hashable, Sendable {
    /// The key of the last fact applied, effective or not.
    package internal(set) var lastKey: FactKey?
    /// What that fact's reporter is to the action; only with `lastKey`.
    var lastStanding = Standing.none
    /// The latest day of which a holder reported, on the action or on a milestone: the holder's clock.
    package internal(set) var holderAsOf: CalendarDate?
    /// The holder's latest word on the action.
    var progress: ReportedProgress?
    /// The holder's latest word on each milestone it reported on, sorted by milestone.
    var milestones: [ReportedMilestone] = []
    /// The risks that the holder says stand, sorted by risk.
    package internal(set) var risks: [ReportedRisk] = []
    /// Each involved organisation's latest word on how delivery goes, sorted by organisation.
    var words: [InvolvedWord] = []
    /// The conflicts between the holder and involved organisations, open and closed, in the order in which they opened.
    package internal(set) var conflicts: [Conflict] = []
    /// Whether the programme office ever decided anything of it.
    var isAssessed = false
    /// Whether the programme office refused the holder's word that the action is complete, and it stands since.
    var isCompletionRefused = false
    /// The milestones of which the programme office refused that they are reached, sorted; until the holder's next word.
    var refusedMilestones: [MilestoneID] = []
    /// The records that count among those as of `lastKey`'s day, one per slot, sorted by slot.
    var today: [DayRecord] = []

    /// The state of an action on which nothing was reported.
    package init() {}

    /// What the holder last said of the action.
    struct ReportedProgress: Hashable, Sendable {
        var lifecycle: Lifecycle
        var rating: DeliveryRating
        /// The holder's reasons, as bits of `ReasonCode`'s position in its list.
        var reasons: UInt16
        var reporter: OrganisationID
    }

    /// What the holder last said of a milestone.
    struct ReportedMilestone: Hashable, Sendable {
        var milestone: MilestoneID
        var status: MilestoneStatus
        /// The as-of of that report.
        var asOf: CalendarDate
        /// The latest date on which it is due, where a report moved it.
        var due: CalendarDate?
        /// `due` as reports of earlier days left it: what stands when a record of the same day is superseded.
        var dueBefore: CalendarDate?
        /// The day on which that report says it was reached; nil unless it is reached.
        var reachedOn: CalendarDate?
        /// The document that shows it, by that report; nil unless it is reached.
        var document: String?
    }

    /// A record of the last day, by its slot: reporter, kind and item.
    struct DayRecord: Hashable, Sendable {
        var reporter: OrganisationID
        var kind: Int16
        /// The milestone, or empty.
        var item: String
        var order: Int64
        var identityHigh: UInt64
        var identityLow: UInt64
    }

    /// What became of a fact.
    package struct Application: Hashable, Sendable {
        /// How the fact takes part, so far: a later one of the same slot and day supersedes it.
        package var disposition: Disposition
        /// Whether the action's row from the fact's as-of on is another than before it.
        package var changed: Bool
        /// The key of the fact that this one supersedes, whose disposition is now `superseded`.
        package var supersededKey: FactKey?
    }

    /// Applies the next fact, and returns what became of it.
    ///
    /// - Precondition: the fact is of this action, and comes behind those applied before. One that came late is folded in with
    ///   `timeline(of:facts:organisations:settings:)`.
    package mutating func apply(
        _ fact: Fact, plan: PlannedAction, organisations: OrganisationLookup
    ) -> Application {
        precondition(fact.record.action == plan.id, "a fact of another action")
        precondition(fact.key.asOf > .distantPast, "a fact without a day")
        let standing = plan.standing(of: fact.record)
        if let lastKey {
            precondition(
                isBehindAll(fact, standing, lastKey), "facts must be applied in the order of days, standings and keys")
            if lastKey.asOf != fact.key.asOf { today.removeAll(keepingCapacity: true) }
        }
        lastKey = fact.key
        lastStanding = standing

        let disposition = disposition(of: fact.record, standing, plan: plan, organisations: organisations)
        switch disposition {
        case .secondarySeries, .unitMismatch, .unknownBreakdown, .breakdownNotAllowed:
            preconditionFailure("a figure says nothing of an action")
        case .noRole, .ceasedBody, .unknownMilestone, .superseded, .tooMany:
            return Application(disposition: disposition, changed: false, supersededKey: nil)
        case .notReported, .openMilestone, .noConflict:
            // Without effect as things stand; it is the office's last word of the day nevertheless.
            isAssessed = true
            return Application(disposition: disposition, changed: false, supersededKey: occupySlot(of: fact))
        case .documentMissing:
            // Without effect, and the holder's last word of the day nevertheless: what it replaces was never said.
            return Application(disposition: disposition, changed: false, supersededKey: occupySlot(of: fact))
        case .observation:
            let supersededKey = occupySlot(of: fact)
            return Application(
                disposition: disposition, changed: hear(fact.record), supersededKey: supersededKey)
        case .effective:
            let supersededKey = occupySlot(of: fact)
            return Application(disposition: disposition, changed: take(fact.record), supersededKey: supersededKey)
        }
    }

    /// Whether no involved organisation and no assessment has had a say.
    package var isUndisputed: Bool { words.isEmpty && conflicts.isEmpty && !isAssessed }

    /// Whether applying the fact next gives what folding all of the action's facts gives; false where one must.
    ///
    /// A later word of the same slot and day takes the place of the earlier one. Where only holders reported, it overwrites
    /// what the earlier one said; where involved organisations or the programme office reacted to that, it can't.
    package func continues(with fact: Fact, plan: PlannedAction) -> Bool {
        guard let lastKey else { return true }
        // Only within a day does the reporter's standing say anything, and is looked up.
        if lastKey.asOf != fact.key.asOf { return lastKey.asOf < fact.key.asOf }
        guard isBehindAll(fact, plan.standing(of: fact.record), lastKey) else { return false }
        guard holdsSlot(of: fact) else { return true }
        if case .withdrawal = fact.record.content { return false }
        // Rule 9: it may have no effect, so that it overwrites nothing.
        if fact.record.isStopWithoutDocument { return false }
        return isUndisputed
    }

    /// Whether the fact comes behind the last one applied, as `PlannedAction.places(_:before:)` has it.
    private func isBehindAll(_ fact: Fact, _ standing: Standing, _ lastKey: FactKey) -> Bool {
        guard lastKey.asOf == fact.key.asOf, lastStanding != standing else { return lastKey < fact.key }
        return lastStanding.rawValue < standing.rawValue
    }

    /// Whether a word of the same slot counts already, of which the fact takes the place.
    package func holdsSlot(of fact: Fact) -> Bool {
        lastKey?.asOf == fact.key.asOf && today.contains { $0.isSlot(of: fact.record) }
    }

    /// Whether the reporter's word on the thing counts at all on its day, whatever was said before.
    func takesPart(_ fact: Fact, plan: PlannedAction, organisations: OrganisationLookup) -> Bool {
        switch disposition(of: fact.record, plan.standing(of: fact.record), plan: plan, organisations: organisations) {
        case .effective, .observation, .notReported, .openMilestone, .noConflict, .documentMissing: true
        case .noRole, .ceasedBody, .unknownMilestone, .superseded, .tooMany, .secondarySeries, .unitMismatch,
            .unknownBreakdown, .breakdownNotAllowed:
            false
        }
    }

    /// How a record takes part: rules 1, 3, 7, 8 and 9.
    private func disposition(
        of record: CanonicalRecord, _ standing: Standing, plan: PlannedAction, organisations: OrganisationLookup
    ) -> Disposition {
        if let disposition = officeDisposition(of: record.content, plan) { return disposition }
        switch organisations.existence(of: record.reporter, on: record.asOf) {
        case .ceased: return .ceasedBody
        case .unknown: return .noRole
        case .exists: break
        }
        if standing == .none { return .noRole }
        if case .milestone(let report) = record.content,
            !plan.milestones.contains(where: { $0.id == report.milestone })
        {
            return .unknownMilestone
        }
        guard hasRoom(for: record) else { return .tooMany }
        guard standing == .holder else { return .observation }
        return plan.needsDocumentToStop && record.isStopWithoutDocument ? .documentMissing : .effective
    }

    /// The most risks that stand of an action at one time; one more has no effect.
    package static let risksMax = 1_000
    /// The most different things that are said of an action as of one day; one more has no effect.
    package static let slotsMax = 4_096

    /// Whether the record stays within what an action can have: its state is kept, encoded and searched.
    private func hasRoom(for record: CanonicalRecord) -> Bool {
        if case .risk(let report) = record.content, report.isOpen, risks.count >= ActionState.risksMax {
            guard risks.contains(where: { $0.risk == report.risk }) else { return false }
        }
        return today.count < ActionState.slotsMax || today.contains { $0.isSlot(of: record) }
    }

    /// Takes over a record that has effect, and returns whether the action's row is another than before.
    private mutating func take(_ record: CanonicalRecord) -> Bool {
        let before = holderAsOf
        var changed = false
        switch record.content {
        case .progress(let report):
            holderAsOf = record.asOf
            changed = take(report, from: record.reporter)
            if closeConflicts(agreeing: report.rating, on: record.asOf) { changed = true }
        case .milestone(let report):
            holderAsOf = record.asOf
            changed = take(report, asOf: record.asOf)
            if refusedMilestones.contains(report.milestone) {
                refusedMilestones.removeAll { $0 == report.milestone }
                changed = true
            }
            if closeConflicts(on: report.milestone, agreeing: report.status, on: record.asOf) { changed = true }
        case .risk(let report):
            holderAsOf = record.asOf
            changed = take(report)
        case .nothing: holderAsOf = record.asOf
        // What is withdrawn isn't there to be taken back: the fold leaves it out. A figure colours nothing.
        case .withdrawal, .observation: break
        case .assessment(let assessment):
            isAssessed = true
            changed = take(assessment)
        case .ruling(let ruling):
            isAssessed = true
            changed = take(ruling, on: record.asOf)
        }
        return changed || holderAsOf != before
    }

    /// Takes over the holder's word on the action, and returns whether it is another than before.
    private mutating func take(_ report: ProgressReport, from reporter: OrganisationID) -> Bool {
        var reasons: UInt16 = 0
        for reason in report.reasons { reasons |= reason.bit }
        // Rule 3: "reported complete" is as far as a report brings; an assessment brings it further, and stands while
        // the holder goes on saying so.
        var lifecycle = report.lifecycle == .complete ? .reportedComplete : report.lifecycle
        if lifecycle == .reportedComplete, progress?.lifecycle == .complete { lifecycle = .complete }
        let wasRefused = isCompletionRefused
        isCompletionRefused = false
        let taken = ReportedProgress(lifecycle: lifecycle, rating: report.rating, reasons: reasons, reporter: reporter)
        defer { progress = taken }
        return taken != progress || wasRefused
    }

    /// Takes over the holder's word on a milestone, and returns whether it is another than before.
    private mutating func take(_ report: MilestoneReport, asOf: CalendarDate) -> Bool {
        // Rule 3, for milestones: "reported reached" is as far as a report brings.
        var status = report.status == .reached ? .reportedReached : report.status
        let reachedOn = status == .reportedReached ? report.reachedOn : nil
        let document = status == .reportedReached ? report.document : nil
        var index = 0
        while index < milestones.count, milestones[index].milestone != report.milestone {
            if report.milestone < milestones[index].milestone { break }
            index += 1
        }
        guard index < milestones.count, milestones[index].milestone == report.milestone else {
            milestones.insert(
                ReportedMilestone(
                    milestone: report.milestone, status: status, asOf: asOf, due: report.currentDue, dueBefore: nil,
                    reachedOn: reachedOn, document: document),
                at: index)
            return true
        }
        let before = milestones[index]
        if status == .reportedReached, before.status == .reached { status = .reached }
        // The day has one holder, so an earlier record of the same day is superseded, and its date with it.
        let dueBefore = before.asOf == asOf ? before.dueBefore : before.due
        milestones[index].status = status
        milestones[index].asOf = asOf
        milestones[index].due = report.currentDue ?? dueBefore
        milestones[index].dueBefore = dueBefore
        milestones[index].reachedOn = reachedOn
        milestones[index].document = document
        return milestones[index] != before
    }

    /// Makes the fact the one of its slot on its day, and returns the key of the one that was.
    private mutating func occupySlot(of fact: Fact) -> FactKey? {
        let record = DayRecord(
            reporter: fact.record.reporter, kind: fact.record.slotKind.code, item: fact.record.item,
            order: fact.key.order, identityHigh: fact.key.identityHigh, identityLow: fact.key.identityLow)
        var index = 0
        while index < today.count, today[index].slotPrecedes(record) { index += 1 }
        guard index < today.count, !record.slotPrecedes(today[index]) else {
            today.insert(record, at: index)
            return nil
        }
        let before = today[index]
        today[index] = record
        return FactKey(
            asOf: fact.key.asOf, order: before.order, identityHigh: before.identityHigh,
            identityLow: before.identityLow)
    }
}

extension ActionState.DayRecord {
    /// Whether the slot comes before the other's; neither does where they are the same.
    func slotPrecedes(_ other: ActionState.DayRecord) -> Bool {
        if kind != other.kind { return kind < other.kind }
        if reporter != other.reporter { return reporter < other.reporter }
        return item < other.item
    }

    /// Whether the record speaks of the same.
    func isSlot(of record: CanonicalRecord) -> Bool {
        kind == record.slotKind.code && reporter == record.reporter && item == record.item
    }
}

extension ReasonCode {
    /// The code's own bit in a set of reasons; never given to another code, because states are kept.
    var bit: UInt16 {
        switch self {
        case .capacity: 1 << 0
        case .funding: 1 << 1
        case .legislation: 1 << 2
        case .cooperation: 1 << 3
        case .dataSharing: 1 << 4
        case .dependency: 1 << 5
        case .procurement: 1 << 6
        case .priority: 1 << 7
        case .politicalDecision: 1 << 8
        case .other: 1 << 9
        }
    }
}
