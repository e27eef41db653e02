package import ParapluModel
import ParapluRules
package import Postgres

/// Takes a decision of the programme office on an action: an entry of the `office` stream whose record is folded like any
/// other, so that a rebuild comes to the same.
package enum OfficeDecision {
    /// What was decided, or would be.
    package struct Outcome: Hashable, Sendable {
        /// The number of the commit that decided it, or that would have.
        package let commit: Int64
        /// How many subjects have a new revision by it, or would have.
        package let statusChanges: Int
        /// The decision as the journal has it.
        package let record: CanonicalRecord
    }

    /// Why the decision can't be taken; nothing was written.
    package enum Refusal: Error, Hashable, Sendable {
        /// It is of a day that hasn't come: the day in Amsterdam.
        case future(today: CalendarDate)
        /// It would have no effect, and why: `not_reported`, `open_milestone`, `unknown_milestone`, `no_conflict`.
        case noEffect(Disposition, open: [MilestoneID])
        /// It is decided so already.
        case nothingNew
    }

    /// Decides, in one commit.
    ///
    /// - Parameters:
    ///   - content: An assessment or a ruling.
    ///   - asOf: The day of the decision; nil for today in Amsterdam.
    ///   - actor, reason: Who decides and why, for the journal.
    ///   - isDryRun: Whether it is only tried, and leaves no trace.
    /// - Throws: `Refusal`, `StoreError.unknown`, `StoreError.noPlan`.
    package static func decide(
        _ content: CanonicalRecord.Content, on action: ActionID, asOf: CalendarDate?, actor: String, reason: String,
        isDryRun: Bool, events: EventFactory, _ session: PostgresSession
    ) throws -> Outcome {
        var outcome: Outcome?
        _ = try CommitClock.transaction(session) { () -> Bool? in
            var stream = try OwnStream.lock(.office, session)
            let reading = try CommitClock.take(session)
            let stamp = reading.stamp
            if let asOf, asOf > stamp.evaluatedOn { throw Refusal.future(today: stamp.evaluatedOn) }
            let plan = try PlanStore.index(at: reading.planCommit, session)
            guard let programme = plan.plan?.programme else { throw StoreError.noPlan }
            guard let planned = plan.actions[action] else {
                throw StoreError.unknown(kind: "action", name: action.rawValue)
            }
            let record = CanonicalRecord(
                reporter: programme.coordinator, action: action, asOf: asOf ?? stamp.evaluatedOn,
                recordedAtSource: stamp.recordedAt, content: content)
            let fact = stream.add(
                headers: [("decision", record.kind.rawValue), ("actor", actor), ("reason", reason)], record: record,
                stamp: stamp)

            var fold = ProgressFold(plan: plan)
            fold.rollups = try ProjectionStore.rollups(of: plan, session)
            fold.frozenRounds = try RoundStore.frozen(before: stamp.number, session)
            let histories = try FoldLoader.load(&fold, for: [fact], stamp: stamp, session)
            let open = fold.actions[action]?.state.openMilestones(of: planned) ?? []
            // A second ruling of one day would take the place of the first; a conflict is ruled on once.
            if case .ruling(let ruling) = content, !(fold.actions[action]?.state.isOpen(ruling) ?? false) {
                throw Refusal.noEffect(.noConflict, open: open)
            }
            let effects = fold.fold(stamp, facts: [fact], histories: histories, cause: .decision)
            let disposition = effects.dispositions.last { $0.0 == fact.coordinates }?.1 ?? .effective
            guard disposition == .effective else { throw Refusal.noEffect(disposition, open: open) }
            guard !effects.newRows.isEmpty || !effects.closedRows.isEmpty else { throw Refusal.nothingNew }

            outcome = Outcome(commit: stamp.number, statusChanges: effects.changes.count, record: record)
            guard !isDryRun else { return nil }
            try stream.write(stamp, session)
            let announcements = try ProjectionStore.save(effects, of: fold, stamp: stamp, session)
            var outbox = OutboxWriter(stamp: stamp, events: events)
            outbox.add(
                announcements, effects.changes,
                coordinates: BatchCoordinates(own: stream.streamID, .office))
            _ = try OutboxStore.prepare(for: stamp.number, session)
            try outbox.write(session)
            return true
        }
        guard let outcome else { throw StoreError.readOnly }
        return outcome
    }
}
