package import ParapluModel
package import ParapluRules
package import Postgres

/// Announces what time alone brings: a due date that passed, a report that grew stale.
///
/// Every action's projection names the first day on which its announced status is another without any message. When that
/// day has come in Amsterdam, one commit judges those actions again, as an entry of the `clock` stream. The commit clock's
/// row makes it happen once, whichever daemon comes first: whoever comes second finds no such action any more. A daemon
/// that was down on the day announces it when it is back; `status_as_of` knew it all the time.
package enum ProgrammeClock {
    /// What one commit announced.
    package struct Round: Hashable, Sendable {
        /// The actions that were judged again.
        package var actions = 0
        package var statusChanges = 0
        /// Nothing was due.
        package static let nothing = Round()
        /// Whether there may be more.
        package var isFull: Bool { actions == ProgrammeClock.perCommitMax }
    }

    /// The most actions that one commit judges again.
    package static let perCommitMax = 2_000

    private static let isDue = Statement(
        """
        SELECT EXISTS (SELECT FROM action_state
            WHERE next_step <= (clock_timestamp() AT TIME ZONE 'Europe/Amsterdam')::date)
        """, name: "is_step_due")
    private static let due = Statement(
        """
        SELECT action_id FROM action_state WHERE next_step <= $1 ORDER BY action_id COLLATE "C" LIMIT $2
        """, name: "due_steps")

    /// Announces the steps that have come, in one commit; nothing is written where none has.
    package static func advance(
        events: EventFactory, settings: RuleSettings, _ session: PostgresSession
    ) throws -> Round {
        guard try session.execute(isDue).first?.bool(0) ?? false else { return .nothing }
        return try CommitClock.transaction(session) {
            var stream = try OwnStream.lock(.clock, session)
            let reading = try CommitClock.take(session)
            let plan = try PlanStore.index(at: reading.planCommit, session)
            let folded = try evaluate(plan, settings: settings, stamp: reading.stamp, session)
            guard folded.actions > 0 else { return nil }
            _ = stream.add(
                headers: [
                    ("decision", "time.evaluated"), ("evaluated_on", reading.stamp.evaluatedOn.description),
                    ("actions", String(folded.actions)),
                ], value: [], stamp: reading.stamp)
            try stream.write(reading.stamp, session)
            var outbox = OutboxWriter(stamp: reading.stamp, events: events)
            outbox.add(folded.announcements, folded.changes, coordinates: BatchCoordinates([:]))
            _ = try OutboxStore.prepare(for: reading.stamp.number, session)
            try outbox.write(session)
            return Round(actions: folded.actions, statusChanges: folded.changes.count)
        } ?? .nothing
    }

    /// Judges the actions whose step has come on the stamp's day; also what `rebuild` does when it comes to such a commit.
    static func evaluate(
        _ plan: PlanIndex, settings: RuleSettings, stamp: CommitStamp, _ session: PostgresSession
    ) throws -> (actions: Int, changes: [FoldEffects.Change], announcements: [StatusPayload.Announcement]) {
        let ids = try session.execute(
            due, [.date(stamp.evaluatedOn.daysSince2000), .int8(Int64(perCommitMax))]
        ).map { ActionID(unchecked: $0.string(0)) }
        guard !ids.isEmpty else { return (0, [], []) }
        var fold = ProgressFold(plan: plan, settings: settings)
        fold.actions = try ProjectionStore.actions(ids, session)
        fold.rollups = try ProjectionStore.rollups(settings: settings, session)
        let histories = try ProjectionStore.histories(
            ids.filter { fold.needsHistory($0, on: stamp.evaluatedOn) }, before: stamp.number, session)
        let effects = fold.reevaluate(ids, histories: histories, stamp: stamp)
        return (ids.count, effects.changes, try ProjectionStore.save(effects, of: fold, stamp: stamp, session))
    }
}
