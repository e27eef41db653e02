package import ParapluModel

/// An action's status from a day on, until the next row: as it is then, and each step that time alone brings.
package struct TimelineRow: Hashable, Sendable {
    /// The first day of the row: a fact's as-of, or the distant past.
    package var validFrom: CalendarDate
    /// The status on `validFrom`.
    package var status: ActionStatus
    /// What comes after it while nothing new is reported, in the order of days; each differs from the one before.
    package var steps: [TimelineStep]

    package init(validFrom: CalendarDate, status: ActionStatus, steps: [TimelineStep] = []) {
        self.validFrom = validFrom
        self.status = status
        self.steps = steps
    }

    /// The status on that day, as far as this row reaches.
    ///
    /// - Precondition: the day is not before `validFrom`.
    package func status(on date: CalendarDate) -> ActionStatus {
        precondition(date >= validFrom, "a day before the row begins")
        var index = steps.count
        while index > 0 {
            index -= 1
            if steps[index].from <= date { return steps[index].status }
        }
        return status
    }

    /// The first day after that one on which time alone changes the status, or nil.
    package func nextStep(after date: CalendarDate) -> CalendarDate? {
        steps.first { $0.from > date }?.from
    }
}

/// A status that time alone brings, from a day on.
package struct TimelineStep: Hashable, Sendable {
    /// The first day on which the status is so.
    package var from: CalendarDate
    /// The status from that day until the next step, or the next row.
    package var status: ActionStatus

    package init(from: CalendarDate, status: ActionStatus) {
        self.from = from
        self.status = status
    }
}

/// The whole timeline of an action: all its facts folded under a plan.
package struct Timeline: Hashable, Sendable {
    /// The rows in the order of days.
    ///
    /// The first begins in the distant past; each later one at the as-of of a fact that took part, in the state in
    /// which that day ended.
    package var rows: [TimelineRow]
    /// What became of each fact, in the order in which the facts were given.
    package var dispositions: [Disposition]
    /// The fold's state after the last fact, for the facts to come.
    package var state: ActionState

    /// The status on a day.
    package func status(on date: CalendarDate) -> ActionStatus {
        var index = rows.count - 1
        while index > 0, rows[index].validFrom > date { index -= 1 }
        return rows[index].status(on: date)
    }
}

/// The whole timeline of an action from its plan and all its facts, given in any order.
///
/// The same as beginning with `ActionState()` and its row in the distant past, applying each fact in the order of
/// `PlannedAction.places(_:before:)`, leaving out those that a later word of the day replaces, and, where it changed something, putting
/// `row(validFrom: fact.key.asOf)` behind the rows or in place of the last one where that begins on the same day.
///
/// - Precondition: all facts are of this action, and no two have the same key.
package func timeline(
    of plan: PlannedAction, facts: [Fact], organisations: OrganisationLookup, settings: RuleSettings
) -> Timeline {
    var state = ActionState()
    var rows = [state.row(validFrom: .distantPast, plan: plan, organisations: organisations, settings: settings)]
    var dispositions = [Disposition](repeating: .effective, count: facts.count)

    let order = facts.indices.sorted { plan.places(facts[$0], before: facts[$1]) }
    var dayBegin = order.startIndex
    while dayBegin < order.endIndex {
        let asOf = facts[order[dayBegin]].key.asOf
        var changed = false
        var dayEnd = dayBegin
        while dayEnd < order.endIndex, facts[order[dayEnd]].key.asOf == asOf { dayEnd += 1 }
        var lastWords: [Fact.Slot: Int] = [:]
        if dayEnd - dayBegin > 1 {
            for position in dayBegin..<dayEnd { lastWords[facts[order[position]].slot] = position }
        }
        for position in dayBegin..<dayEnd {
            let fact = facts[order[position]]
            // The last word of a slot is the only one of the day; what it replaces was never said.
            if !lastWords.isEmpty, lastWords[fact.slot] != position,
                state.takesPart(fact, plan: plan, organisations: organisations)
            {
                dispositions[order[position]] = .superseded
                continue
            }
            let application = state.apply(fact, plan: plan, organisations: organisations)
            dispositions[order[position]] = application.disposition
            if application.changed { changed = true }
        }
        if changed {
            rows.append(state.row(validFrom: asOf, plan: plan, organisations: organisations, settings: settings))
        }
        dayBegin = dayEnd
    }
    return Timeline(rows: rows, dispositions: dispositions, state: state)
}
