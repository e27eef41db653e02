import ParapluModel
import ParapluRules
import Postgres

/// What a new plan version changes in the projections, computed before the clock is taken: writers wait meanwhile for
/// nothing of it.
struct PlanDraft {
    /// The plan in force when it was computed.
    let previous: PlanIndex
    let fold: ProgressFold
    let effects: FoldEffects
    /// The commit up to which it is right, and what the fold took from its stamp.
    private let base: Int64
    private let evaluatedOn: CalendarDate
    private let epoch: Int32

    private static let isTouched = Statement(
        """
        SELECT EXISTS (SELECT FROM action_state WHERE commit > $1) OR EXISTS (SELECT FROM rollup WHERE commit > $1)
        """, name: "projections_touched")

    /// Computes it in one snapshot; nil where the plan in force is the same.
    ///
    /// - Throws: `StoreError` where the plan takes out what is kept for ever.
    static func make(_ plan: Plan, _ session: PostgresSession) throws -> PlanDraft? {
        try session.transaction(isolation: .repeatableReadReadOnly) {
            let reading = try CommitClock.read(session)
            let previous = try PlanStore.index(at: reading.planCommit, session)
            guard previous.plan != plan else { return nil }
            let today = try CommitClock.today(session)
            let stamp = CommitStamp(
                number: reading.stamp.number + 1, recordedAt: reading.stamp.recordedAt, evaluatedOn: today,
                epoch: reading.stamp.epoch)
            let next = PlanIndex(commit: stamp.number, plan: plan)
            try check(plan, after: previous.plan)
            let (fold, effects) = try compute(next, previous: previous, stamp: stamp, session)
            return PlanDraft(
                previous: previous, fold: fold, effects: effects, base: reading.stamp.number, evaluatedOn: today,
                epoch: reading.stamp.epoch)
        }
    }

    /// Checks that a plan version takes out nothing that is kept for ever: no action, no milestone, no first date (rule 4).
    ///
    /// - Throws: `StoreError.actionsRemoved`, `StoreError.milestonesRemoved`, `StoreError.baselinesMoved`.
    static func check(_ plan: Plan, after previous: Plan?) throws(StoreError) {
        guard let previous else { return }
        let actions = Dictionary(plan.actions.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let removed = previous.actions.map(\.id).filter { actions[$0] == nil }.sorted()
        guard removed.isEmpty else { throw .actionsRemoved(removed) }
        var gone: [MilestoneID] = []
        var moved: [StoreError.Baseline] = []
        for action in previous.actions {
            for before in action.milestones {
                guard let now = actions[action.id]?.milestones.first(where: { $0.id == before.id }) else {
                    gone.append(before.id)
                    continue
                }
                if now.baselineDue != before.baselineDue {
                    moved.append(StoreError.Baseline(milestone: before.id, due: before.baselineDue))
                }
            }
        }
        guard gone.isEmpty else { throw .milestonesRemoved(gone.sorted()) }
        guard moved.isEmpty else { throw .baselinesMoved(moved.sorted { $0.milestone < $1.milestone }) }
    }

    /// Folds a new plan version over the projections as they are, and writes nothing.
    static func compute(
        _ next: PlanIndex, previous: PlanIndex, stamp: CommitStamp, _ session: PostgresSession
    ) throws -> (fold: ProgressFold, effects: FoldEffects) {
        let isEveryActionAnother = previous.organisations != next.organisations || previous.settings != next.settings
        let replanned = next.actions.values.filter { isEveryActionAnother || previous.actions[$0.id] != $0 }
            .map(\.id).sorted()
        var fold = ProgressFold(plan: next)
        fold.actions = try ProjectionStore.actions(replanned, session)
        fold.rollups = try ProjectionStore.rollups(of: previous, session)
        fold.frozenRounds = try RoundStore.frozen(before: stamp.number, session)
        let histories = try ProjectionStore.histories(replanned, before: stamp.number, session)
        let effects = fold.fold(
            stamp, facts: [], histories: histories, replanned: replanned, previous: previous, cause: .plan)
        return (fold, effects)
    }

    /// Whether folding under the clock would give the same: nobody changed what it rests on, nor did a day begin.
    func isRight(at reading: CommitClock.Reading, _ session: PostgresSession) throws -> Bool {
        guard reading.planCommit == previous.commit, reading.stamp.evaluatedOn == evaluatedOn,
            reading.stamp.epoch == epoch
        else { return false }
        if reading.stamp.number == base + 1 { return true }
        return try !(session.execute(PlanDraft.isTouched, [.int8(base)]).first?.bool(0) ?? true)
    }
}
