import Digest
package import ParapluModel
import ParapluRules
package import Postgres

/// Reads the plan in force, and applies new versions of it as entries of the office stream.
package enum PlanStore {
    /// What applying a plan did.
    package struct Applied: Hashable, Sendable {
        /// The number of the commit from which the plan is in force.
        package let commit: Int64
        /// How many subjects have a new revision by it.
        package let statusChanges: Int
    }

    private static let version = Statement("SELECT plan FROM plan.version WHERE commit = $1", name: "plan_version")
    private static let countMin = Statement(
        """
        SELECT coalesce((v.plan #>> '{rules,count_min}')::bigint, 0)
        FROM plan.version AS v JOIN operations.commit_clock AS c ON c.plan_commit = v.commit
        """)
    private static let inForce = Statement(
        """
        SELECT max(v.commit) FROM plan.version AS v JOIN journal.commit AS c ON c.number = v.commit
        WHERE c.recorded_at <= $1
        """)

    /// The plan that the commit applied; an empty index for commit 0.
    package static func index(at commit: Int64, _ session: PostgresSession) throws -> PlanIndex {
        guard commit > 0 else { return PlanIndex(commit: 0, plan: nil) }
        return PlanIndex(commit: commit, plan: try read(at: commit, session))
    }

    /// The plan that was in force at a moment; an empty index before the first.
    static func index(knownOn moment: Timestamp, _ session: PostgresSession) throws -> PlanIndex {
        let row = try session.execute(inForce, [.timestamp(moment.microsecondsSince2000)]).first
        return try index(at: row?.int8OrNil(0) ?? 0, session)
    }

    /// Checks that a program suppresses all that the plan in force does; nothing is asked before the first plan.
    ///
    /// - Throws: `StoreError.countMinBelowPlan` where its smallest count that may be shown is smaller.
    package static func check(countMin configured: Int64, _ session: PostgresSession) throws {
        let plan = try session.execute(countMin).first?.int8(0) ?? 0
        guard configured >= plan else { throw StoreError.countMinBelowPlan(configured: configured, plan: plan) }
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
    /// The fold is computed before the clock is taken (design, section 6, "One order"). Where others changed meanwhile
    /// what it rests on, it is computed again; after some attempts under the clock, so that it ends.
    ///
    /// - Parameters:
    ///   - document: The plan as it was given, which the journal keeps.
    ///   - actor, reason: Who applies it and why.
    /// - Returns: nil where the plan in force is the same.
    /// - Throws: What `check(_:after:)` throws.
    package static func apply(
        _ plan: Plan, document: [UInt8], actor: String, reason: String, events: EventFactory,
        _ session: PostgresSession
    ) throws -> Applied? {
        for attempt in 1...draftsMax {
            guard let draft = try PlanDraft.make(plan, session) else { return nil }
            do {
                return try CommitClock.transaction(session) {
                    var stream = try OwnStream.lock(.office, session)
                    let reading = try CommitClock.take(session)
                    let stamp = reading.stamp
                    var (previous, fold, effects) = (draft.previous, draft.fold, draft.effects)
                    if try !draft.isRight(at: reading, session) {
                        guard attempt == draftsMax else { throw Outdated() }
                        previous = try index(at: reading.planCommit, session)
                        guard previous.plan != plan else { return nil }
                        try PlanDraft.check(plan, after: previous.plan)
                        (fold, effects) = try PlanDraft.compute(
                            PlanIndex(commit: stamp.number, plan: plan), previous: previous, stamp: stamp, session)
                    }
                    _ = stream.add(
                        headers: OfficeEntry.headers(applying: plan, actor: actor, reason: reason),
                        value: document, stamp: stamp)
                    try stream.write(stamp, session)
                    try PlanWriter.replace(
                        with: plan, document: document, actor: actor, reason: reason, stamp: stamp, session)
                    let announcements = try ProjectionStore.save(effects, of: fold, stamp: stamp, session)
                    try ObservationStore.replan(fold.plan, previous: previous, session)
                    var outbox = OutboxWriter(stamp: stamp, events: events)
                    outbox.add(announcements, effects.changes, coordinates: BatchCoordinates())
                    _ = try OutboxStore.prepare(for: stamp.number, session)
                    try outbox.write(session)
                    return Applied(commit: stamp.number, statusChanges: effects.changes.count)
                }
            } catch is Outdated {
                continue
            }
        }
        preconditionFailure("the last attempt computes under the clock")
    }

    /// Checks that a plan may follow the one in force, as `apply` does; a dry run asks nothing more.
    ///
    /// - Throws: `StoreError` where it takes out an action, a milestone or a first date: these are kept for ever.
    package static func check(_ plan: Plan, after previous: Plan?) throws(StoreError) {
        try PlanDraft.check(plan, after: previous)
    }

    /// How often the fold is computed before the clock is taken; the last time also under it, where it must be.
    private static let draftsMax = 3

    /// Somebody changed what the draft rests on.
    private struct Outdated: Error {}

    /// Folds a new plan version into the projections; what `rebuild` does when it comes to one.
    static func fold(
        _ next: PlanIndex, previous: PlanIndex, stamp: CommitStamp, _ session: PostgresSession
    ) throws -> (changes: [FoldEffects.Change], announcements: [StatusPayload.Announcement]) {
        let (fold, effects) = try PlanDraft.compute(
            next, previous: previous, stamp: stamp, session)
        let announcements = try ProjectionStore.save(effects, of: fold, stamp: stamp, session)
        try ObservationStore.replan(next, previous: previous, session)
        return (effects.changes, announcements)
    }
}
