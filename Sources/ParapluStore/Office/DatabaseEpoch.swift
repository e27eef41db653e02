import ParapluModel
package import Postgres

/// Begins a new revision epoch where what was announced isn't what the database has: its own history was replaced, by a
/// failover or a restore, or a rebuild made another status of the same journal.
///
/// Revisions that were announced may not be in the history that goes on, and would be given again for something else
/// (F40). In the new epoch they begin at one, and everything is announced again, so that no reader keeps a lost one.
package enum DatabaseEpoch {
    /// What the check found.
    package enum Outcome: Hashable, Sendable {
        /// The first time: the database's identity was taken down.
        case recorded
        /// The same history as before.
        case unchanged
        /// Another history: the epoch that began, and the subjects that were announced again.
        case raised(epoch: Int32, subjects: Int)
    }

    private static let identity = Statement(
        """
        SELECT s.system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), c.system_identifier, c.timeline
        FROM pg_control_system() AS s, operations.commit_clock AS c
        """, name: "database_identity")
    private static let raiseClock = Statement(
        "UPDATE operations.commit_clock SET epoch = epoch + 1", name: "raise_epoch")
    private static let store = Statement(
        "UPDATE operations.commit_clock SET system_identifier = $1, timeline = $2, epoch = $3", name: "store_identity")

    /// Compares the database with the one that the epoch belongs to; a daemon does so after each connection.
    package static func check(
        events: EventFactory, _ session: PostgresSession
    ) throws -> Outcome {
        guard let before = try read(session) else {
            throw StoreError.unknown(kind: "row", name: "operations.commit_clock")
        }
        guard before.isChanged else { return .unchanged }
        return try CommitClock.transaction(session) {
            var stream = try OwnStream.lock(.office, session)
            let reading = try CommitClock.take(session)
            // Another daemon may have seen it first.
            guard let now = try read(session), now.isChanged else { return nil }
            let isFirst = now.stored == nil
            let epoch = isFirst ? reading.stamp.epoch : reading.stamp.epoch + 1
            let stamp = CommitStamp(
                number: reading.stamp.number, recordedAt: reading.stamp.recordedAt,
                evaluatedOn: reading.stamp.evaluatedOn, epoch: epoch)
            try session.execute(
                store, [.int8(now.actual.system), .text(now.actual.timeline), .int4(epoch)])
            _ = stream.add(
                headers: [
                    ("decision", isFirst ? "epoch.recorded" : "epoch.raised"), ("actor", "paraplud"),
                    ("system_identifier", String(UInt64(bitPattern: now.actual.system))),
                    ("timeline", now.actual.timeline), ("epoch", String(epoch)),
                ], value: [], stamp: stamp)
            try stream.write(stamp, session)
            guard !isFirst else { return .recorded }
            let plan = try PlanStore.index(at: reading.planCommit, session)
            let subjects = try announce(plan, events: events, stamp: stamp, session)
            return .raised(epoch: epoch, subjects: subjects)
        } ?? .unchanged
    }

    /// Raises the epoch of the clock, within the caller's commit, and returns the commit's stamp in it.
    static func raise(_ stamp: CommitStamp, _ session: PostgresSession) throws -> CommitStamp {
        try session.execute(raiseClock)
        return CommitStamp(
            number: stamp.number, recordedAt: stamp.recordedAt, evaluatedOn: stamp.evaluatedOn, epoch: stamp.epoch + 1)
    }

    /// Announces every subject in the stamp's epoch, to the outbox, and returns how many.
    static func announce(
        _ plan: PlanIndex, events: EventFactory, stamp: CommitStamp, _ session: PostgresSession
    ) throws -> Int {
        let effects = try reannounce(plan, stamp: stamp, session)
        var outbox = OutboxWriter(stamp: stamp, events: events)
        outbox.add(effects.announcements, effects.changes, coordinates: BatchCoordinates())
        _ = try OutboxStore.prepare(for: stamp.number, session)
        try outbox.write(session)
        return effects.changes.count
    }

    /// Announces every subject again; also what `rebuild` does when it comes to a new epoch.
    static func reannounce(
        _ plan: PlanIndex, stamp: CommitStamp, _ session: PostgresSession
    ) throws -> (changes: [FoldEffects.Change], announcements: [StatusPayload.Announcement]) {
        var fold = ProgressFold(plan: plan)
        fold.actions = try ProjectionStore.actions(plan.actions.keys, session)
        fold.rollups = try ProjectionStore.rollups(of: plan, session)
        let effects = fold.reannounce(stamp)
        return (effects.changes, try ProjectionStore.save(effects, of: fold, stamp: stamp, session))
    }

    private struct Identity: Equatable {
        let system: Int64
        let timeline: String
    }

    private struct Reading {
        let actual: Identity
        let stored: Identity?
        var isChanged: Bool { stored != actual }
    }

    private static func read(_ session: PostgresSession) throws -> Reading? {
        try session.execute(identity).first.map { row in
            Reading(
                actual: Identity(system: row.int8(0), timeline: row.string(1)),
                stored: row.int8OrNil(2).flatMap { system in
                    row.stringOrNil(3).map { Identity(system: system, timeline: $0) }
                })
        }
    }
}
