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
        return try ProjectionStore.histories(late, before: stamp.number, session)
    }
}
