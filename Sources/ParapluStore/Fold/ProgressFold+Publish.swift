import ParapluModel
import ParapluRules

extension ProgressFold {
    /// Takes over an action's new state and status: a revision where it differs from what was announced, and what its
    /// roll-ups add up to now.
    ///
    /// - Parameters:
    ///   - before: The projection before this commit, nil where the plan just brought the action.
    ///   - previous: The action as the plan before had it, where this commit brings a new plan.
    mutating func publish(
        _ planned: PlannedAction, state: ActionState, _ current: ActionStatus, nextStep: CalendarDate?,
        before: ActionProjection?, previous: PlannedAction?, arrived: [FoldFact], stamp: CommitStamp,
        cause: ChangeCause, effects: inout FoldEffects, changedRollups: inout [Subject: [FactCoordinates]]
    ) -> ActionProjection {
        var projection =
            before
            ?? ActionProjection(
                state: state, published: current,
                contribution: RollupContribution(of: planned, status: current, on: stamp.evaluatedOn), epoch: 0,
                revision: 0, nextStep: nil)
        projection.state = state
        projection.nextStep = nextStep
        let isRetold = previous.map { StatusPayload.announces($0, differentlyFrom: planned) } ?? false
        if before == nil || isRetold || current.publishedDiffers(from: projection.published) {
            let old = before?.published
            advanceRevision(&projection.epoch, &projection.revision, to: stamp.epoch)
            effects.changes.append(
                FoldEffects.Change(
                    subject: .action(planned.id), old: old.map { .action($0) }, new: .action(current),
                    epoch: projection.epoch, revision: projection.revision,
                    causes: arrived.prefix(FoldEffects.causesMax).map(\.coordinates), causesTotal: arrived.count,
                    cause: cause))
        }
        projection.published = current
        let contribution = RollupContribution(of: planned, status: current, on: stamp.evaluatedOn)
        let oldSubjects = before == nil ? [] : PlanIndex.rollups(of: previous ?? planned)
        let newSubjects = PlanIndex.rollups(of: planned)
        if before == nil || contribution != projection.contribution || oldSubjects != newSubjects {
            for subject in oldSubjects {
                rollups[subject]?.counts.remove(projection.contribution)
                changedRollups[subject, default: []].append(contentsOf: arrived.map(\.coordinates))
            }
            for subject in newSubjects {
                rollups[
                    subject,
                    default: RollupProjection(counts: RollupCounts(), published: nil, epoch: 0, revision: 0)
                ].counts.add(contribution)
                if !oldSubjects.contains(subject) {
                    changedRollups[subject, default: []].append(contentsOf: arrived.map(\.coordinates))
                }
            }
            projection.contribution = contribution
        }
        actions[planned.id] = projection
        effects.actions.append(planned.id)
        return projection
    }

    /// Judges the announced status of actions again, on a day on which time alone made it another.
    ///
    /// - Parameters:
    ///   - ids: The actions, all loaded, with all roll-ups.
    ///   - histories: Every effective fact of the actions whose last fact is of a day after the stamp's: their status is
    ///     that of an earlier row, which only the history has.
    mutating func reevaluate(
        _ ids: [ActionID], histories: [ActionID: [FoldFact]], stamp: CommitStamp
    ) -> FoldEffects {
        var effects = FoldEffects()
        var changedRollups: [Subject: [FactCoordinates]] = [:]
        for id in ids {
            guard let planned = plan.actions[id], let before = actions[id] else { continue }
            let status: ActionStatus
            let nextStep: CalendarDate?
            if let history = histories[id] {
                let rows = ParapluRules.timeline(
                    of: planned, facts: history.map(\.fact), organisations: plan.organisations,
                    settings: plan.settings
                ).rows
                (status, nextStep) = ProgressFold.current(in: rows, on: stamp.evaluatedOn)
            } else {
                // What a state says of a day doesn't depend on where its row begins.
                let row = before.state.row(
                    validFrom: stamp.evaluatedOn, plan: planned, organisations: plan.organisations,
                    settings: plan.settings)
                (status, nextStep) = (row.status, row.nextStep(after: stamp.evaluatedOn))
            }
            _ = publish(
                planned, state: before.state, status, nextStep: nextStep, before: before, previous: nil, arrived: [],
                stamp: stamp, cause: .time, effects: &effects, changedRollups: &changedRollups)
        }
        foldRollups(changedRollups, previous: nil, stamp: stamp, cause: .time, effects: &effects)
        return effects
    }

    /// Whether the fact is a holder's report on an action to which nobody else said anything, so that a later word of its
    /// slot can take its place as it stands.
    func isPlain(_ fact: Fact) -> Bool {
        guard let planned = plan.actions[fact.record.action] else { return true }
        switch fact.record.content {
        case .withdrawal, .assessment, .ruling: return false
        case .progress, .milestone, .risk, .nothing, .observation: break
        }
        // Rule 9: what has no effect doesn't overwrite what it replaces.
        if planned.needsDocumentToStop && fact.record.isStopWithoutDocument { return false }
        return planned.isHeld(by: fact.record.reporter, on: fact.record.asOf)
            && actions[fact.record.action]?.state.isUndisputed ?? true
    }

    /// Whether the fact takes the place of one that the action's state holds.
    func replaces(_ fact: Fact) -> Bool {
        actions[fact.record.action]?.state.holdsSlot(of: fact) ?? false
    }

    /// Whether only the action's history tells its status on that day.
    func needsHistory(_ id: ActionID, on day: CalendarDate) -> Bool {
        actions[id]?.state.lastKey.map { $0.asOf > day } ?? false
    }
}
