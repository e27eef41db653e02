import Digest
package import ParapluModel
import ParapluRules
package import Postgres

/// Brings refused messages in that were decoded again, as if they had come now: the same repeats, the same fold.
///
/// What is taken is an entry of the settlement stream, with the message's keys and records; its intake outcome stays as it
/// was. Of what is still refused nothing is written.
package enum QuarantineReplay {
    /// What became of one message, or would.
    package enum Fate: Hashable, Sendable {
        /// It is taken, with that outcome: applied, duplicate, stale or parked.
        case taken(Outcome, missing: [String])
        /// It is still refused, and stays where it is.
        case refused(Rejection)
        /// A person decided on it before.
        case settled(QuarantinedMessage.State)
    }

    /// Why messages weren't brought in, where it is no failure.
    package enum Refusal: Error, Hashable, Sendable {
        /// The connectors in force aren't those that decoded them: decode them again.
        case connectorsChanged(commit: Int64)
    }

    /// The most messages that one commit brings in, so that it holds the clock for a moment only.
    package static let perCommitMax = 300

    /// Brings messages in, in one commit; nothing is written where none is taken.
    ///
    /// - Parameters:
    ///   - batch: The messages as steps 3 to 6 leave them now, one for each of `messages`; its streams are left out.
    ///   - messages: Which they are, each once, at most `perCommitMax`.
    ///   - actor, reason: Who decides and why, for the journal.
    /// - Returns: What became of each.
    /// - Throws: `Refusal`; `PostgresError`, after which nothing is written, or with `.commitUnknown` all or nothing.
    package static func apply(
        _ batch: IntakeBatch, of messages: [QuarantinedMessage], actor: String, reason: String, events: EventFactory,
        _ session: PostgresSession
    ) throws -> [Fate] {
        precondition(messages.count <= perCommitMax, "a commit brings some hundreds in")
        guard batch.messages.contains(where: { $0.rejection == nil }) else { return refusals(of: batch) }
        // Before the clock; read again under it where somebody applied another one meanwhile.
        var plan = try PlanStore.index(at: try CommitClock.read(session).planCommit, session)
        var fates: [Fate] = []
        _ = try CommitClock.transaction(session) { () -> Bool? in
            var stream = try OwnStream.lock(.settlement, session)
            let settled = try Quarantine.settled(messages, session)
            let reading = try CommitClock.take(session)
            guard reading.connectorsCommit == batch.connectorsCommit else {
                throw Refusal.connectorsChanged(commit: reading.connectorsCommit)
            }
            if plan.commit != reading.planCommit { plan = try PlanStore.index(at: reading.planCommit, session) }
            var draft = Draft(stream: stream.streamID, first: stream.nextPosition)
            try draft.decide(batch, messages, settled, plan: plan, stamp: reading.stamp, session)
            var fold = ProgressFold(plan: plan)
            let facts = try IntakeFacts.take(
                draft.batch, &draft.decisions, &fold, stamp: reading.stamp, session)
            fates = draft.fates
            guard !draft.taken.isEmpty else { return nil }
            // The journal first: what a later word of the same commit overtook is found there.
            try write(draft, &stream, actor: actor, reason: reason, reading.stamp, session)
            let effects = try SettledEffects.take(facts, &fold, stamp: reading.stamp, session)
            try publish(draft, effects, events: events, reading.stamp, session)
            return true
        }
        return fates
    }

    /// What `apply` would do now with all of these messages, without taking the clock; nothing is written.
    ///
    /// - Throws: as `apply`.
    package static func preview(
        _ batch: IntakeBatch, of messages: [QuarantinedMessage], _ session: PostgresSession
    ) throws -> [Fate] {
        try session.transaction(isolation: .repeatableReadReadOnly) {
            let reading = try CommitClock.read(session)
            guard reading.connectorsCommit == batch.connectorsCommit else {
                throw Refusal.connectorsChanged(commit: reading.connectorsCommit)
            }
            let stamp = CommitStamp(
                number: reading.stamp.number + 1, recordedAt: reading.stamp.recordedAt,
                evaluatedOn: try CommitClock.today(session), epoch: reading.stamp.epoch)
            let plan = try PlanStore.index(at: reading.planCommit, session)
            var draft = Draft(stream: 0, first: 0)
            try draft.decide(
                batch, messages, try Quarantine.settled(messages, session), plan: plan, stamp: stamp, session)
            var fold = ProgressFold(plan: plan)
            _ = try IntakeFacts.take(draft.batch, &draft.decisions, &fold, stamp: stamp, session)
            return draft.fates
        }
    }

    private static func refusals(of batch: IntakeBatch) -> [Fate] {
        batch.messages.compactMap { $0.rejection.map { .refused($0) } }
    }

    /// What is to be written: the messages that are taken, at their places in the settlement stream.
    private struct Draft {
        private let stream: Int32
        private let first: Int64
        /// Of all messages, the taken ones' by `taken`.
        private var others: [Fate?] = []
        /// The messages that are taken, in order, as places in the list of all.
        private(set) var taken: [QuarantinedMessage] = []
        var batch = IntakeBatch(
            streams: [], messages: [], records: [], bodies: [], arena: [], gaps: [], connectors: [],
            connectorsCommit: 0)
        var decisions: [Decision] = []

        init(stream: Int32, first: Int64) {
            self.stream = stream
            self.first = first
        }

        /// Decides message by message, those apart on which somebody decided before.
        mutating func decide(
            _ all: IntakeBatch, _ messages: [QuarantinedMessage],
            _ settled: [MessageCoordinates: QuarantinedMessage.State], plan: PlanIndex, stamp: CommitStamp,
            _ session: PostgresSession
        ) throws {
            batch = all
            batch.messages.removeAll()
            batch.streams = [
                Claim(
                    streamID: stream, topic: StreamKind.settlement.rawValue, partition: 0, generation: 1, epoch: 0,
                    next: first, chain: .zero)
            ]
            var decider = Decider(
                known: try KnownKeys.read(of: all, session), plan: plan, today: stamp.evaluatedOn)
            for (message, known) in zip(all.messages, messages) {
                if let state = settled[known.coordinates] {
                    others.append(.settled(state))
                    continue
                }
                let decision = decider.decide(message, of: all)
                if let rejection = decision.rejection {
                    others.append(.refused(rejection))
                    continue
                }
                var message = message
                message.stream = 0
                message.position = first + Int64(taken.count)
                batch.messages.append(message)
                decisions.append(decision)
                taken.append(known)
                others.append(nil)
            }
        }

        /// What becomes of each message, in the order in which all were given.
        var fates: [Fate] {
            var decided = decisions.makeIterator()
            return others.map { fate in
                if let fate { return fate }
                guard let decision = decided.next() else { preconditionFailure("what is taken is decided on") }
                return .taken(decision.outcome, missing: decision.missing)
            }
        }
    }

    private static func write(
        _ draft: Draft, _ stream: inout OwnStream, actor: String, reason: String, _ stamp: CommitStamp,
        _ session: PostgresSession
    ) throws {
        var settlements = SettlementWriter(.replayed, actor: actor, reason: reason)
        var parked = ParkedWriter(stamp: stamp)
        for (index, known) in draft.taken.enumerated() {
            let (message, decision) = (draft.batch.messages[index], draft.decisions[index])
            let connector = draft.batch.connectors[message.connector]
            let headers =
                settlements.headers(of: known)
                + [("outcome", decision.outcome.rawValue), ("connector_version", connector.digest.description)]
            let n = stream.add(headers: headers, message: message, decision, of: draft.batch, stamp: stamp)
            settlements.add(known, at: message.position)
            if decision.outcome == .parked {
                parked.add(
                    message, stream: stream.streamID, n: n, feed: connector.feed, missing: decision.missing)
            }
        }
        try stream.write(stamp, session)
        try settlements.write(stamp, session)
        try parked.write(session)
    }

    /// Adds what follows to the outbox: statuses, changes named by where the messages were received, and receipts.
    private static func publish(
        _ draft: Draft, _ effects: SettledEffects, events: EventFactory, _ stamp: CommitStamp,
        _ session: PostgresSession
    ) throws {
        var coordinates = BatchCoordinates(draft.batch)
        var outbox = OutboxWriter(stamp: stamp, events: events)
        let ineffective = OutboxWriter.problems(effects.dispositions)
        for (known, message) in zip(draft.taken, draft.batch.messages) {
            coordinates.add(
                origin: known.place, ofStream: draft.batch.streams[message.stream].streamID, position: message.position)
        }
        outbox.add(
            effects.announcements, effects.changes, coordinates: coordinates,
            eventIDs: { coordinates.eventID(of: $0) })
        for (index, known) in draft.taken.enumerated() {
            let (message, decision) = (draft.batch.messages[index], draft.decisions[index])
            outbox.addReceipt(
                EventFactory.Receipt(
                    topic: known.place.topic, partition: known.place.partition, offset: known.place.offset,
                    generation: known.place.generation ?? 1, outcome: QuarantinedMessage.State.replayed.rawValue,
                    replayedAs: decision.outcome,
                    eventID: message.eventID, rejection: nil, missing: decision.missing,
                    dispositions: ineffective[
                        MessageCoordinates(
                            stream: draft.batch.streams[message.stream].streamID, position: message.position)] ?? []),
                partner: draft.batch.connectors[message.connector].partner)
        }
        _ = try OutboxStore.prepare(for: stamp.number, session)
        try outbox.write(session)
    }
}
