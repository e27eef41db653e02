import ParapluModel
import ParapluRules
import Postgres

/// The facts that the messages of a commit bring, in order, and the past of the actions of which one came late.
struct IntakeFacts: Sendable {
    let facts: [FoldFact]
    let observations: [FoldFact]
    let histories: [ActionID: [FoldFact]]

    /// Takes what the applied messages of a batch say, and marks those that are stale.
    ///
    /// - Parameters:
    ///   - decisions: What becomes of each message; `applied` becomes `stale` where every record was overtaken.
    ///   - fold: Gets the projections of the facts' actions.
    static func take(
        _ batch: IntakeBatch, _ decisions: inout [Decision], _ fold: inout ProgressFold, stamp: CommitStamp,
        _ session: PostgresSession
    ) throws -> IntakeFacts {
        var facts: [FoldFact] = []
        var observations: [FoldFact] = []
        facts.reserveCapacity(batch.records.count)
        var ranges: [(decision: Int, facts: Range<Int>)] = []
        for (index, message) in batch.messages.enumerated() where decisions[index].outcome == .applied {
            let first = facts.count
            for (place, record) in decisions[index].records.enumerated() {
                let intake = batch.records[record.index]
                let fact = FoldFact(
                    record: intake.record, identity: intake.identity,
                    coordinates: FactCoordinates(
                        stream: batch.streams[message.stream].streamID, position: message.position,
                        record: Int16(place)))
                // Every word on a figure is a vintage of it, so that none is stale.
                if intake.record.indicator == nil { facts.append(fact) } else { observations.append(fact) }
            }
            ranges.append((index, first..<facts.count))
        }
        let histories = try FoldLoader.load(&fold, for: facts, stamp: stamp, session)
        var staleness = Staleness(histories.values.joined().map(\.fact))
        for (index, range) in ranges where !range.isEmpty {
            var isStale = true
            if batch.messages[index].records.contains(where: { batch.records[$0].record.indicator != nil }) {
                isStale = false
            }
            for fact in facts[range] where !staleness.isSuperseded(fact.fact) { isStale = false }
            if isStale { decisions[index].outcome = .stale }
            for fact in facts[range] { staleness.add(fact.fact) }
        }
        return IntakeFacts(facts: facts, observations: observations, histories: histories)
    }
}
