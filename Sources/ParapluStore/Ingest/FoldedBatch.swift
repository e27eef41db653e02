import ParapluModel

/// What the fold makes of a batch, encoded: the rows of the projections and of the outbox. Pure.
struct FoldedBatch: Sendable {
    /// The fold after the batch.
    let fold: ProgressFold
    let rows: ProjectionRows
    let outbox: OutboxWriter
    /// How many subjects have a new revision.
    let statusChanges: Int

    /// - Parameters:
    ///   - decisions: What becomes of each message.
    ///   - facts: The facts that take effect, in order; their projections are in the fold.
    init(
        _ fold: consuming ProgressFold, _ batch: IntakeBatch, _ decisions: [Decision], facts: [FoldFact],
        histories: [ActionID: [FoldFact]], stamp: CommitStamp, events: EventFactory
    ) {
        var lent = fold
        let effects = lent.fold(stamp, facts: facts, histories: histories, cause: .report)
        rows = ProjectionRows(effects, of: lent, stamp: stamp)
        self.fold = lent
        statusChanges = effects.changes.count
        var outbox = OutboxWriter(stamp: stamp, events: events)
        let coordinates = BatchCoordinates(batch)
        outbox.add(
            rows.announcements, effects.changes, coordinates: coordinates,
            eventIDs: { coordinates.eventID(of: $0) })
        outbox.addReceipts(batch, decisions, dispositions: effects.dispositions)
        self.outbox = outbox
    }
}
