package import ParapluModel
package import ParapluRules

/// The fold of step 7: facts in, changed projections out, one commit at a time.
///
/// Pure: no clock, no database. It holds the projections that were lent to it (`actions`, `rollups`); who calls it loads
/// what `actionsWithoutProjection` and `actionsNeedingHistory` name, and writes the effects. `paraplu rebuild` runs the
/// same fold over the whole journal.
///
/// A report that comes in order of valid time continues its action's accumulator. One that comes late, or a new plan
/// version, computes the action's whole timeline again; the rules guarantee that both give the same.
package struct ProgressFold: Sendable {
    /// The plan by which facts are judged; who applies a new version sets it before folding that.
    package var plan: PlanIndex
    /// The projections of actions that were lent or folded, by id; not necessarily all.
    package var actions: [ActionID: ActionProjection] = [:]
    /// The projections of the lines, goals and the programme.
    package var rollups: [Subject: RollupProjection] = [:]
    /// The rounds that were frozen before, in the order of their days.
    package var frozenRounds: [FrozenRound] = []

    package init(plan: PlanIndex) {
        self.plan = plan
    }

    /// Whether the fact can't just continue its action's accumulator at this commit.
    ///
    /// The projection must be loaded. A fact of a day that hasn't come yet leaves the announced status to an earlier row,
    /// which only the history has.
    package func needsHistory(_ fact: Fact, on evaluatedOn: CalendarDate) -> Bool {
        guard fact.key.asOf <= evaluatedOn else { return true }
        guard let state = actions[fact.record.action]?.state, let last = state.lastKey else { return false }
        guard let planned = plan.actions[fact.record.action] else { return true }
        return last.asOf > evaluatedOn || !state.continues(with: fact, plan: planned)
    }

    /// Folds one commit.
    ///
    /// - Parameters:
    ///   - facts: The facts that take effect, in order of commit; their actions are in the plan, and loaded where they
    ///     have a projection.
    ///   - histories: Every effective fact of each action that needs them, but those of this commit, in any order.
    ///   - replanned: Actions that the plan of this commit added or changed, all with a history; `plan` is the new one.
    ///   - previous: The plan before, where this commit brings a new one.
    package mutating func fold(
        _ stamp: CommitStamp, facts: [FoldFact], histories: [ActionID: [FoldFact]], replanned: [ActionID] = [],
        previous: PlanIndex? = nil, cause: ChangeCause
    ) -> FoldEffects {
        var effects = FoldEffects()
        var changedRollups: [Subject: [FactCoordinates]] = [:]
        var order: [ActionID] = replanned
        var byAction: [ActionID: [FoldFact]] = [:]
        byAction.reserveCapacity(facts.count)
        for id in replanned { byAction[id] = [] }
        let frozenUntil = frozenRounds.last?.asOf
        for fact in facts {
            if let frozenUntil, fact.fact.key.asOf <= frozenUntil { effects.afterFreeze.append(fact.coordinates) }
            if byAction[fact.fact.record.action]?.append(fact) == nil {
                byAction[fact.fact.record.action] = [fact]
                order.append(fact.fact.record.action)
            }
        }
        for id in order {
            guard let planned = plan.actions[id], let arrived = byAction[id] else {
                preconditionFailure("the fold is given facts of the plan's actions only")
            }
            foldAction(
                planned, arrived: arrived, history: histories[id], previousPlan: previous, stamp: stamp,
                cause: cause, effects: &effects, changedRollups: &changedRollups)
        }
        if previous != nil {
            // A retitled line, goal or programme is a new revision though no count changed.
            for subject in plan.titles.keys where changedRollups[subject] == nil { changedRollups[subject] = [] }
        }
        foldRollups(changedRollups, previous: previous, stamp: stamp, cause: cause, effects: &effects)
        return effects
    }

    /// Announces every subject that was announced before again, as it stands, as the first revision of the stamp's epoch.
    ///
    /// All projections must be loaded. What time alone brought meanwhile is the clock's to announce.
    package mutating func reannounce(_ stamp: CommitStamp) -> FoldEffects {
        var effects = FoldEffects()
        for id in actions.keys.sorted() {
            guard var projection = actions[id] else { continue }
            advanceRevision(&projection.epoch, &projection.revision, to: stamp.epoch)
            actions[id] = projection
            effects.actions.append(id)
            effects.changes.append(
                FoldEffects.Change(
                    subject: .action(id), old: .action(projection.published), new: .action(projection.published),
                    epoch: projection.epoch, revision: projection.revision, causes: [], causesTotal: 0, cause: .epoch))
        }
        for subject in rollups.keys.sorted() {
            guard var projection = rollups[subject], let published = projection.published else { continue }
            advanceRevision(&projection.epoch, &projection.revision, to: stamp.epoch)
            rollups[subject] = projection
            effects.rollups.append(subject)
            effects.changes.append(
                FoldEffects.Change(
                    subject: subject, old: .rollup(published), new: .rollup(published), epoch: projection.epoch,
                    revision: projection.revision, causes: [], causesTotal: 0, cause: .epoch))
        }
        return effects
    }

    private mutating func foldAction(
        _ planned: PlannedAction, arrived: [FoldFact], history: [FoldFact]?, previousPlan: PlanIndex?,
        stamp: CommitStamp, cause: ChangeCause, effects: inout FoldEffects,
        changedRollups: inout [Subject: [FactCoordinates]]
    ) {
        let before = actions[planned.id]
        let previous = previousPlan?.actions[planned.id]
        let after: ActionState
        let current: ActionStatus
        let nextStep: CalendarDate?
        let rows: [(row: TimelineRow, cause: FactCoordinates?)]
        if let history {
            (after, current, nextStep, rows) = recompute(
                planned, arrived: arrived, history: history, known: before == nil ? nil : previousPlan ?? plan,
                stamp: stamp, effects: &effects)
        } else {
            guard let before else {
                preconditionFailure("an action of the plan has a projection since its plan version was applied")
            }
            (after, rows) = advance(planned, from: before.state, arrived: arrived, effects: &effects)
            for round in frozenRounds {
                guard let row = rows.last(where: { $0.row.validFrom <= round.asOf })?.row else { continue }
                effects.restated.append((round.id, planned.id, row.status(on: round.asOf)))
            }
            guard let last = rows.last?.row else {
                // No word of the holder's: the accumulator moves on, and nothing that is shown.
                actions[planned.id]?.state = after
                effects.actions.append(planned.id)
                return
            }
            current = last.status(on: stamp.evaluatedOn)
            nextStep = last.nextStep(after: stamp.evaluatedOn)
        }
        if !after.contradicts(like: before?.state) { effects.contradicted.append(planned.id) }
        if !after.saysOfMilestones(like: before?.state) { effects.milestoned.append(planned.id) }
        let projection = publish(
            planned, state: after, current, nextStep: nextStep, before: before, previous: previous,
            arrived: arrived, stamp: stamp, cause: cause, effects: &effects, changedRollups: &changedRollups)
        for (row, cause) in rows {
            effects.newRows.append(
                FoldEffects.Row(
                    action: planned.id, row: row, cause: cause, epoch: projection.epoch, revision: projection.revision))
        }
    }

    /// Continues the accumulator with facts that come after it in order; every fact's day has come.
    private func advance(
        _ planned: PlannedAction, from start: ActionState, arrived: [FoldFact], effects: inout FoldEffects
    ) -> (ActionState, [(row: TimelineRow, cause: FactCoordinates?)]) {
        var state = start
        var rows: [(row: TimelineRow, cause: FactCoordinates?)] = []
        let lastDay = start.lastKey?.asOf
        let ordered = arrived.count == 1 ? arrived : arrived.sorted { planned.places($0.fact, before: $1.fact) }
        for fact in ordered {
            let applied = state.apply(
                fact.fact, plan: planned, organisations: plan.organisations)
            if applied.disposition != .effective {
                effects.dispositions.append((fact.coordinates, applied.disposition))
            }
            if let overtaken = applied.supersededKey { effects.superseded.append(overtaken) }
            guard applied.changed else { continue }
            let row = state.row(
                validFrom: fact.fact.key.asOf, plan: planned, organisations: plan.organisations, settings: plan.settings
            )
            if rows.last?.row.validFrom == row.validFrom {
                rows[rows.count - 1] = (row, fact.coordinates)
            } else {
                rows.append((row, fact.coordinates))
            }
        }
        // A later word about the same day replaces what was known of that day.
        if let first = rows.first, let lastDay, first.row.validFrom == lastDay {
            effects.closedRows.append((planned.id, lastDay))
        }
        return (state, rows)
    }

    /// Computes the whole timeline again, and what of it differs from the one known until now.
    ///
    /// - Parameter known: The plan under which the rows known until now were made; nil where there are none. They are what
    ///   the rules make of it and of `history`, so that they need not be read.
    private func recompute(
        _ planned: PlannedAction, arrived: [FoldFact], history: [FoldFact], known: PlanIndex?, stamp: CommitStamp,
        effects: inout FoldEffects
    ) -> (ActionState, ActionStatus, CalendarDate?, [(row: TimelineRow, cause: FactCoordinates?)]) {
        let facts = history + arrived
        let computedTimeline = ParapluRules.timeline(
            of: planned, facts: facts.map(\.fact), organisations: plan.organisations, settings: plan.settings)
        let (timeline, dispositions) = (computedTimeline.rows, computedTimeline.dispositions)
        for (index, fact) in facts.enumerated() where dispositions[index] != .effective || index < history.count {
            effects.dispositions.append((fact.coordinates, dispositions[index]))
        }
        let lastDay = history.map(\.fact.key.asOf).max()
        for (index, fact) in arrived.enumerated()
        where dispositions[history.count + index] != .superseded && lastDay.map({ fact.fact.key.asOf < $0 }) ?? false {
            effects.late.append(fact.coordinates)
        }
        var lastOfDay: [CalendarDate: FoldFact] = [:]
        for fact in facts
        where lastOfDay[fact.fact.key.asOf].map({ planned.places($0.fact, before: fact.fact) }) ?? true {
            lastOfDay[fact.fact.key.asOf] = fact
        }
        var knownRows: [CalendarDate: TimelineRow] = [:]
        if let known, let before = known.actions[planned.id] {
            let rows = ParapluRules.timeline(
                of: before, facts: history.map(\.fact), organisations: known.organisations, settings: known.settings
            ).rows
            for row in rows { knownRows[row.validFrom] = row }
        }
        let computed = Set(timeline.map(\.validFrom))
        for day in knownRows.keys.sorted() where !computed.contains(day) {
            effects.closedRows.append((planned.id, day))
        }
        var rows: [(row: TimelineRow, cause: FactCoordinates?)] = []
        for row in timeline where knownRows[row.validFrom] != row {
            if knownRows[row.validFrom] != nil { effects.closedRows.append((planned.id, row.validFrom)) }
            rows.append((row, lastOfDay[row.validFrom]?.coordinates))
        }
        let gone = knownRows.keys.filter { !computed.contains($0) }
        if let earliest = (rows.map(\.row.validFrom) + gone).min() {
            for round in frozenRounds where earliest <= round.asOf {
                effects.restated.append((round.id, planned.id, computedTimeline.status(on: round.asOf)))
            }
        }
        let (status, nextStep) = ProgressFold.current(in: timeline, on: stamp.evaluatedOn)
        return (computedTimeline.state, status, nextStep, rows)
    }

    /// The status on a day, and the first day after it on which time alone makes it another.
    static func current(in rows: [TimelineRow], on day: CalendarDate) -> (ActionStatus, CalendarDate?) {
        guard let index = rows.lastIndex(where: { $0.validFrom <= day }) else {
            preconditionFailure("a timeline begins in the distant past")
        }
        // A row of a day that hasn't come yet takes the place of this one's later steps.
        let next = index + 1 < rows.count ? rows[index + 1].validFrom : nil
        let step = rows[index].nextStep(after: day)
        return (rows[index].status(on: day), [next, step].compactMap { $0 }.min())
    }

    mutating func foldRollups(
        _ changed: [Subject: [FactCoordinates]], previous: PlanIndex?, stamp: CommitStamp, cause: ChangeCause,
        effects: inout FoldEffects
    ) {
        for subject in changed.keys.sorted() {
            guard var projection = rollups[subject] ?? initial(subject) else { continue }
            let status = rollup(projection.counts, settings: plan.settings)
            let isRetold = previous.map { old in
                guard let before = old.titles[subject], let now = plan.titles[subject] else { return false }
                return before != now
            }
            effects.rollups.append(subject)
            if projection.published != status || isRetold == true {
                let old = projection.published
                advanceRevision(&projection.epoch, &projection.revision, to: stamp.epoch)
                let causes = changed[subject] ?? []
                effects.changes.append(
                    FoldEffects.Change(
                        subject: subject, old: old.map { .rollup($0) }, new: .rollup(status), epoch: projection.epoch,
                        revision: projection.revision, causes: Array(causes.prefix(FoldEffects.causesMax)),
                        causesTotal: causes.count, cause: cause))
                projection.published = status
            }
            rollups[subject] = projection
        }
    }

    private func initial(_ subject: Subject) -> RollupProjection? {
        plan.titles[subject] == nil
            ? nil : RollupProjection(counts: RollupCounts(), published: nil, epoch: 0, revision: 0)
    }

    /// Within an epoch the number rises by one per change; a new epoch begins at one.
    func advanceRevision(_ epoch: inout Int32, _ revision: inout Int64, to current: Int32) {
        revision = epoch == current ? revision + 1 : 1
        epoch = current
    }
}
