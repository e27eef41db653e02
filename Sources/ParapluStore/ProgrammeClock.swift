package import ParapluModel
import ParapluRules
package import Postgres

/// Announces what time alone brings: a due date that passed, a report that grew stale.
///
/// Every action's projection names the first day on which its announced status is another without any message. When that
/// day has come in Amsterdam, one commit judges those actions again, as an entry of the `clock` stream. The commit clock's
/// row makes it happen once, whichever daemon comes first: whoever comes second finds no such action any more. A daemon
/// that was down on the day announces it when it is back; `status_as_of` knew it all the time.
///
/// A commit judges on its own day, so a step is always after it: only the beginning of a day can make one due. Once the
/// commit clock was held on a day and nothing was found, nothing is due before the next one, and no index is needed.
package enum ProgrammeClock {
    /// What one commit announced.
    package struct Round: Hashable, Sendable {
        /// The actions that were judged again.
        package var actions: Int
        /// How many subjects, roll-ups among them, have a new revision.
        package var statusChanges: Int
        /// The day up to and with which nothing is due any more; nil where there may be more.
        package var through: CalendarDate?

        package init(actions: Int = 0, statusChanges: Int = 0, through: CalendarDate? = nil) {
            self.actions = actions
            self.statusChanges = statusChanges
            self.through = through
        }
    }

    /// The most actions that one commit judges again.
    package static let perCommitMax = 2_000

    private static let due = Statement(
        """
        SELECT action_id FROM action_state WHERE next_step <= $1 ORDER BY action_id COLLATE "C" LIMIT $2
        """, name: "due_steps")

    /// Announces the steps that have come, in one commit; nothing is written where none has.
    ///
    /// - Parameter through: What an earlier round through this session said; nil at first.
    package static func advance(
        through: CalendarDate?, events: EventFactory, _ session: PostgresSession
    ) throws -> Round {
        if let through, try CommitClock.today(session) <= through { return Round(through: through) }
        var looked: CalendarDate?
        let round = try CommitClock.transaction(session) { () -> Round? in
            var stream = try OwnStream.lock(.clock, session)
            let reading = try CommitClock.take(session)
            let plan = try PlanStore.index(at: reading.planCommit, session)
            let folded = try evaluate(plan, stamp: reading.stamp, session)
            looked = folded.actions < perCommitMax ? reading.stamp.evaluatedOn : nil
            guard folded.actions > 0 else { return nil }
            _ = stream.add(
                headers: [
                    ("decision", "time.evaluated"), ("evaluated_on", reading.stamp.evaluatedOn.description),
                    ("actions", String(folded.actions)),
                ], value: [], stamp: reading.stamp)
            try stream.write(reading.stamp, session)
            var outbox = OutboxWriter(stamp: reading.stamp, events: events)
            outbox.add(folded.announcements, folded.changes, coordinates: BatchCoordinates())
            _ = try OutboxStore.prepare(for: reading.stamp.number, session)
            try outbox.write(session)
            return Round(actions: folded.actions, statusChanges: folded.changes.count)
        }
        var result = round ?? Round()
        result.through = looked
        return result
    }

    /// Judges the actions whose step has come on the stamp's day; also what `rebuild` does when it comes to such a commit.
    static func evaluate(
        _ plan: PlanIndex, stamp: CommitStamp, _ session: PostgresSession
    ) throws -> (actions: Int, changes: [FoldEffects.Change], announcements: [StatusPayload.Announcement]) {
        let ids = try session.execute(
            due, [.date(stamp.evaluatedOn.daysSince2000), .int8(Int64(perCommitMax))]
        ).map { ActionID(unchecked: $0.string(0)) }
        guard !ids.isEmpty else { return (0, [], []) }
        var fold = ProgressFold(plan: plan)
        fold.actions = try ProjectionStore.actions(ids, session)
        fold.rollups = try ProjectionStore.rollups(of: plan, session)
        let histories = try ProjectionStore.histories(
            ids.filter { fold.needsHistory($0, on: stamp.evaluatedOn) }, before: stamp.number, session)
        let effects = fold.reevaluate(ids, histories: histories, stamp: stamp)
        return (ids.count, effects.changes, try ProjectionStore.save(effects, of: fold, stamp: stamp, session))
    }
}
