import ParapluModel
import ParapluRules
import Postgres

/// What facts that a settlement made effective change.
struct SettledEffects {
    var changes: [FoldEffects.Change] = []
    var announcements: [StatusPayload.Announcement] = []
    /// Of the facts that aren't plainly effective.
    var dispositions: [(FactCoordinates, Disposition)] = []

    /// Folds facts into the projections; what `rebuild` does when it comes to them gives the same.
    static func take(
        _ facts: IntakeFacts, _ fold: inout ProgressFold, stamp: CommitStamp, _ session: PostgresSession
    ) throws -> SettledEffects {
        var settled = SettledEffects()
        settled.dispositions = try ObservationStore.take(
            facts.observations, plan: fold.plan, stamp: stamp, session)
        guard !facts.facts.isEmpty else { return settled }
        fold.rollups = try ProjectionStore.rollups(of: fold.plan, session)
        fold.frozenRounds = try RoundStore.frozen(before: stamp.number, session)
        let effects = fold.fold(stamp, facts: facts.facts, histories: facts.histories, cause: .settlement)
        settled.changes = effects.changes
        settled.dispositions += effects.dispositions
        settled.announcements = try ProjectionStore.save(effects, of: fold, stamp: stamp, session)
        return settled
    }
}
