import Digest
package import ParapluModel
package import ParapluRules
package import Postgres

/// Reads the plan in force, and applies new versions of it as entries of the office stream.
package enum PlanStore {
    /// What applying a plan did.
    package struct Applied: Hashable, Sendable {
        package let commit: Int64
        package let statusChanges: Int
    }

    private static let version = Statement("SELECT plan FROM plan.version WHERE commit = $1", name: "plan_version")

    /// The plan that the commit applied; an empty index for commit 0.
    package static func index(at commit: Int64, _ session: PostgresSession) throws -> PlanIndex {
        guard commit > 0 else { return PlanIndex(commit: 0, plan: nil) }
        return PlanIndex(commit: commit, plan: try read(at: commit, session))
    }

    /// The plan in force.
    ///
    /// - Throws: `StoreError.noPlan` where none was applied yet.
    package static func current(_ session: PostgresSession) throws -> PlanIndex {
        let reading = try CommitClock.read(session)
        guard reading.planCommit > 0 else { throw StoreError.noPlan }
        return try index(at: reading.planCommit, session)
    }

    private static func read(at commit: Int64, _ session: PostgresSession) throws -> Plan {
        guard let row = try session.execute(version, [.int8(commit)]).first else { throw StoreError.noPlan }
        guard let plan = PlanCodec.plan(from: row.bytes(0)) else {
            throw StoreError.unreadableProjection(table: "plan.version")
        }
        return plan
    }

    /// Applies a plan: journals it, makes it the one in force, and folds what it changes.
    ///
    /// - Parameters:
    ///   - document: The plan as it was given, which the journal keeps.
    ///   - actor, reason: Who applies it and why.
    /// - Returns: nil where the plan in force is the same.
    package static func apply(
        _ plan: Plan, document: [UInt8], actor: String, reason: String, events: EventFactory, settings: RuleSettings,
        _ session: PostgresSession
    ) throws -> Applied? {
        try CommitClock.transaction(session) {
            var stream = try OwnStream.lock(.office, session)
            let reading = try CommitClock.take(session)
            let previous = try index(at: reading.planCommit, session)
            guard previous.plan != plan else { return nil }
            let next = PlanIndex(commit: reading.stamp.number, plan: plan)
            let removed = previous.actions.keys.filter { next.actions[$0] == nil }.sorted()
            guard removed.isEmpty else { throw StoreError.actionsRemoved(removed) }

            _ = stream.add(
                headers: [("decision", "plan.applied"), ("actor", actor), ("reason", reason)], value: document,
                stamp: reading.stamp)
            try stream.write(reading.stamp, session)
            try PlanWriter.replace(
                with: plan, document: document, actor: actor, reason: reason, stamp: reading.stamp, session)
            let effects = try fold(next, previous: previous, settings: settings, stamp: reading.stamp, session)
            var outbox = OutboxWriter(stamp: reading.stamp, events: events)
            outbox.add(effects.announcements, effects.changes, coordinates: BatchCoordinates([:]))
            _ = try OutboxStore.prepare(for: reading.stamp.number, session)
            try outbox.write(session)
            return Applied(commit: reading.stamp.number, statusChanges: effects.changes.count)
        }
    }

    /// Folds a new plan version into the projections; also what `rebuild` does when it comes to one.
    static func fold(
        _ next: PlanIndex, previous: PlanIndex, settings: RuleSettings, stamp: CommitStamp, _ session: PostgresSession
    ) throws -> (changes: [FoldEffects.Change], announcements: [StatusPayload.Announcement]) {
        let isRestaffed = previous.organisations != next.organisations
        let replanned = next.actions.values.filter { isRestaffed || previous.actions[$0.id] != $0 }.map(\.id).sorted()
        var fold = ProgressFold(plan: next, settings: settings)
        fold.actions = try ProjectionStore.actions(replanned, session)
        fold.rollups = try ProjectionStore.rollups(settings: settings, session)
        let histories = try ProjectionStore.histories(replanned, before: stamp.number, session)
        let effects = fold.fold(
            stamp, facts: [], histories: histories, replanned: replanned, previous: previous, cause: .plan)
        return (effects.changes, try ProjectionStore.save(effects, of: fold, stamp: stamp, session))
    }
}
