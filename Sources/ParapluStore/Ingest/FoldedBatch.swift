import ParapluModel
import ParapluRules
import Postgres

/// What folding a batch works with, kept from batch to batch: the projections at hand, and memory for the rows.
struct FoldWork: Sendable {
    var fold: ProgressFold
    var timeline = CopyBuffer()
    var outbox = CopyBuffer()

    /// Without a plan and projections.
    init() {
        fold = ProgressFold(plan: PlanIndex(commit: 0, plan: nil))
    }
}

/// What the fold makes of a batch, encoded: the rows of the projections and of the outbox.
///
/// Pure.
struct FoldedBatch: Sendable {
    let rows: ProjectionRows
    let outbox: OutboxWriter
    /// How many subjects have a new revision.
    let statusChanges: Int

    /// - Parameters:
    ///   - work: Its fold has the projections of the facts' actions, and is after the batch when this returns.
    ///   - decisions: What becomes of each message.
    ///   - facts: The facts that take effect, in order.
    ///   - figures: What figures came to, where it isn't plainly effect.
    init(
        _ work: inout FoldWork, _ batch: IntakeBatch, _ decisions: [Decision], facts: [FoldFact],
        histories: [ActionID: [FoldFact]], figures: [(FactCoordinates, Disposition)], stamp: CommitStamp,
        events: EventFactory
    ) {
        let effects = work.fold.fold(stamp, facts: facts, histories: histories, cause: .report)
        rows = ProjectionRows(effects, of: work.fold, stamp: stamp, reusing: &work.timeline)
        statusChanges = effects.changes.count
        var outbox = OutboxWriter(stamp: stamp, events: events, reusing: &work.outbox)
        let coordinates = BatchCoordinates(batch)
        outbox.add(
            rows.announcements, effects.changes, coordinates: coordinates,
            eventIDs: { coordinates.eventID(of: $0) })
        outbox.addReceipts(batch, decisions, dispositions: effects.dispositions + figures)
        self.outbox = outbox
    }

    /// Gives the rows' memory back for the next batch.
    func giveBack(to work: inout FoldWork) {
        work.timeline = rows.timeline
        work.outbox = outbox.buffer
    }
}
