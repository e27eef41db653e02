import ParapluModel
package import Postgres

/// Writes the outbox rows of one commit.
///
/// Invariant 4: they commit with the change they report.
package struct OutboxWriter {
    private static let copyEvents = Statement(
        "COPY outbox.event (commit, n, topic, key, epoch, revision, payload) FROM STDIN (FORMAT binary)")

    private let stamp: CommitStamp
    private let events: EventFactory
    private(set) var buffer: CopyBuffer
    private var n: Int32 = 0

    package init(stamp: CommitStamp, events: EventFactory) {
        var memory = CopyBuffer()
        self.init(stamp: stamp, events: events, reusing: &memory)
    }

    /// - Parameter memory: For the rows.
    init(stamp: CommitStamp, events: EventFactory, reusing memory: inout CopyBuffer) {
        self.stamp = stamp
        self.events = events
        buffer = CopyBuffer(reusing: &memory)
    }

    /// How many rows were added.
    package var count: Int { Int(n) }

    /// Adds two rows per revision: the status, and the change that led to it.
    mutating func add(
        _ announcements: [StatusPayload.Announcement], _ changes: [FoldEffects.Change], coordinates: BatchCoordinates,
        eventIDs: (FactCoordinates) -> String? = { _ in nil }
    ) {
        for (announcement, change) in zip(announcements, changes) {
            add(
                topic: "status", key: announcement.subject, epoch: change.epoch, revision: change.revision,
                payload: announcement.payload)
            add(
                topic: "changes", key: announcement.subject, epoch: change.epoch, revision: change.revision,
                payload: events.change(
                    change, announcement, stamp: stamp, coordinates: coordinates, eventIDs: eventIDs))
        }
    }

    /// Adds the receipts that the batch's connectors ask for: of problems, or of every message.
    mutating func addReceipts(
        _ batch: IntakeBatch, _ decisions: [Decision], dispositions: [(FactCoordinates, Disposition)]
    ) {
        let without = OutboxWriter.problems(dispositions)
        for (index, message) in batch.messages.enumerated() {
            let decision = decisions[index]
            let connector = batch.connectors[message.connector]
            let claim = batch.streams[message.stream]
            let ineffective =
                without[MessageCoordinates(stream: claim.streamID, position: message.position)] ?? []
            let isProblem: Bool
            switch decision.outcome {
            case .rejected, .parked, .stale: isProblem = true
            case .applied: isProblem = !ineffective.isEmpty
            case .duplicate: isProblem = false
            }
            guard isProblem || connector.receiptsForAll else { continue }
            addReceipt(
                EventFactory.Receipt(
                    topic: claim.topic, partition: claim.partition, offset: message.position,
                    generation: claim.generation, outcome: decision.outcome.rawValue, eventID: message.eventID,
                    rejection: decision.rejection,
                    missing: decision.missing, dispositions: ineffective),
                partner: connector.partner)
        }
    }

    /// Adds one receipt, keyed by the event id, or by the coordinates where there is none or it may not be named.
    mutating func addReceipt(_ receipt: EventFactory.Receipt, partner: String) {
        var receipt = receipt
        if receipt.rejection?.forbidsPayload ?? false { receipt.eventID = nil }
        add(
            topic: "receipts.\(partner)",
            key: receipt.eventID ?? receipt.coordinates, epoch: stamp.epoch,
            revision: 0, payload: events.receipt(receipt, at: stamp.recordedAt))
    }

    /// Copies the rows that were added.
    package func write(_ session: PostgresSession) throws {
        if buffer.rowCount > 0 { _ = try session.copyIn(OutboxWriter.copyEvents, buffer) }
    }

    private mutating func add(topic: String, key: String, epoch: Int32, revision: Int64, payload: [UInt8]) {
        buffer.beginRow(columns: 7)
        buffer.append(int8: stamp.number)
        buffer.append(int4: n)
        buffer.append(text: topic)
        buffer.append(text: key)
        buffer.append(int4: epoch)
        buffer.append(int8: revision)
        buffer.append(bytes: payload)
        n += 1
    }

    /// The records without effect that their publishers want to know of, by message.
    static func problems(
        _ dispositions: [(FactCoordinates, Disposition)]
    ) -> [MessageCoordinates: [(record: Int16, disposition: Disposition)]] {
        var problems: [MessageCoordinates: [(record: Int16, disposition: Disposition)]] = [:]
        for (fact, disposition) in dispositions where isProblem(disposition) {
            problems[MessageCoordinates(stream: fact.stream, position: fact.position), default: []]
                .append((fact.record, disposition))
        }
        return problems
    }

    /// Whether a publisher wants to know of it: its word had no effect for a reason that it can mend.
    static func isProblem(_ disposition: Disposition) -> Bool {
        switch disposition {
        case .noRole, .ceasedBody, .unknownMilestone, .documentMissing, .tooMany, .unitMismatch, .unknownBreakdown,
            .breakdownNotAllowed:
            true
        case .effective, .observation, .superseded, .notReported, .openMilestone, .noConflict, .secondarySeries: false
        }
    }
}
