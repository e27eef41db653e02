package import ParapluModel
import ParapluRules
package import Postgres

/// Lends the fold the projections that some facts need.
package enum FoldLoader {
    /// Loads the projections of the facts' actions that the fold lacks, and returns the past of those that need it.
    package static func load(
        _ fold: inout ProgressFold, for facts: [FoldFact], stamp: CommitStamp, _ session: PostgresSession
    ) throws -> [ActionID: [FoldFact]] {
        var unseen: Set<ActionID> = []
        for fact in facts where fold.actions[fact.fact.record.action] == nil { unseen.insert(fact.fact.record.action) }
        for (id, projection) in try ProjectionStore.actions(unseen, session) { fold.actions[id] = projection }
        var late: Set<ActionID> = []
        for fact in facts where fold.needsHistory(fact.fact, on: stamp.evaluatedOn) {
            late.insert(fact.fact.record.action)
        }
        late.formUnion(contested(facts, fold))
        return try ProjectionStore.histories(late, before: stamp.number, session)
    }

    /// The actions of which one fact replaces another, or one that the state holds, while somebody reacts to it.
    ///
    /// Continuing would let them react to a word that was never said; the whole timeline is computed instead.
    private static func contested(_ facts: [FoldFact], _ fold: ProgressFold) -> Set<ActionID> {
        var counts: [ActionID: Int] = [:]
        for fact in facts { counts[fact.fact.record.action, default: 0] += 1 }
        guard counts.count < facts.count else { return [] }
        var contested: Set<ActionID> = []
        for fact in facts.lazy.map(\.fact) where counts[fact.record.action, default: 0] > 1 && !fold.isPlain(fact) {
            contested.insert(fact.record.action)
        }
        guard !contested.isEmpty else { return [] }
        var slots: [ActionID: Set<Fact.Slot>] = [:]
        var found: Set<ActionID> = []
        for fact in facts.lazy.map(\.fact) where contested.contains(fact.record.action) {
            let isNew = slots[fact.record.action, default: []].insert(fact.slot).inserted
            if !isNew || fold.replaces(fact) { found.insert(fact.record.action) }
        }
        return found
    }
}
