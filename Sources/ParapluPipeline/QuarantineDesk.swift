import Digest
import ParapluConnectors
package import ParapluModel
package import ParapluStore
package import Postgres

/// Decodes refused messages again with the connectors in force, and brings in what is taken now.
///
/// Everything but the fold is computed before the commit clock is taken; where somebody activates other connectors
/// meanwhile, the messages are decoded once more.
package struct QuarantineDesk {
    /// What became of one message, or would.
    package enum Fate: Hashable, Sendable {
        /// It is taken, with that outcome; a parked one waits for what is named.
        case taken(Outcome, missing: [String])
        /// It is still refused: the code, and where.
        case refused(RejectionCode, path: String)
        /// Nothing of it is kept, or no longer, so that only its sender can send it again.
        case payloadGone
        /// No connector in force reads its topic.
        case noConnector
        /// A person decided on it before.
        case settled(QuarantinedMessage.State)
    }

    private let prefix: String
    private let countMin: Int64
    private let events: EventFactory
    private var connectors: ConnectorSet?

    /// How often messages are decoded, where the connectors change under way.
    private static let attemptsMax = 3

    /// - Parameters:
    ///   - prefix: Of topic names.
    ///   - countMin: The smallest count of people that may be kept.
    package init(prefix: String, events: EventFactory, countMin: Int64) {
        self.prefix = prefix
        self.events = events
        self.countMin = countMin
    }

    /// Brings messages in, in one commit, and returns what became of each.
    ///
    /// A message that the database refuses for its data is found by halves and stays refused, like at intake.
    ///
    /// - Parameters:
    ///   - messages: Each once, at most `QuarantineReplay.perCommitMax`.
    ///   - actor, reason: Who decides and why, for the journal.
    /// - Throws: `ConnectorSet.Unusable`, `QuarantineReplay.Refusal`, `PostgresError`.
    package mutating func replay(
        _ messages: [QuarantinedMessage], actor: String, reason: String, _ session: PostgresSession
    ) throws -> [Fate] {
        do {
            return try decoded(messages, session) { [events] batch, messages in
                try QuarantineReplay.apply(
                    batch, of: messages, actor: actor, reason: reason, events: events, session)
            }
        } catch let error as PostgresError where FailurePolicy.verdict(on: error) == .reject {
            guard messages.count > 1 else { return [.refused(.database, path: "")] }
            let middle = messages.count / 2
            return try replay(Array(messages[..<middle]), actor: actor, reason: reason, session)
                + replay(Array(messages[middle...]), actor: actor, reason: reason, session)
        }
    }

    /// What `replay` would do now with all of these messages; nothing is written.
    package mutating func preview(_ messages: [QuarantinedMessage], _ session: PostgresSession) throws -> [Fate] {
        try decoded(messages, session) { batch, messages in
            try QuarantineReplay.preview(batch, of: messages, session)
        }
    }

    /// Decodes the messages and hands over those that could be read, as steps 3 to 6 leave them.
    private mutating func decoded(
        _ messages: [QuarantinedMessage], _ session: PostgresSession,
        _ body: (IntakeBatch, [QuarantinedMessage]) throws -> [QuarantineReplay.Fate]
    ) throws -> [Fate] {
        try PlanStore.check(countMin: countMin, session)
        for attempt in 1... {
            let set = try connectors(session)
            var draft = Draft(set, countMin: countMin, messages)
            try draft.decode(session)
            do {
                return draft.fates(with: try body(draft.batch, draft.readable))
            } catch is QuarantineReplay.Refusal where attempt < QuarantineDesk.attemptsMax {
                connectors = nil
            }
        }
        preconditionFailure("the last attempt returns or throws")
    }

    private mutating func connectors(_ session: PostgresSession) throws -> ConnectorSet {
        if let connectors { return connectors }
        let made = try ConnectorSet(try ConnectorStore.active(session), prefix: prefix)
        connectors = made
        return made
    }

    /// Messages on their way from the journal to a batch.
    private struct Draft {
        private let set: ConnectorSet
        private let decoders: [MessageDecoder]
        private let messages: [QuarantinedMessage]
        /// Of each message that can't be read, why; nil for the readable ones.
        private var unreadable: [Fate?]
        private(set) var readable: [QuarantinedMessage] = []
        private(set) var batch: IntakeBatch

        init(_ set: ConnectorSet, countMin: Int64, _ messages: [QuarantinedMessage]) {
            self.set = set
            self.messages = messages
            decoders = set.items.map { _ in MessageDecoder(countMin: countMin) }
            unreadable = messages.map { message in
                if message.state != .open { return .settled(message.state) }
                return set.index(ofTopic: message.place.topic) == nil ? .noConnector : .payloadGone
            }
            batch = IntakeBatch(
                streams: [], messages: [], records: [], bodies: [], arena: [], gaps: [],
                connectors: set.items.map(\.active), connectorsCommit: set.commit)
        }

        /// Reads and decodes what is kept, one payload in memory at a time.
        mutating func decode(_ session: PostgresSession) throws {
            var buffer = IntakeBuffer()
            try Quarantine.forEachPayload(of: messages, session) { index, key, headers, value in
                let message = messages[index]
                guard unreadable[index] == .payloadGone, let place = set.index(ofTopic: message.place.topic) else {
                    return
                }
                let intake = StoredMessage(value: value, key: key, frames: headers).decode(
                    set.items[place].connector, decoders[place], into: &buffer)
                unreadable[index] = nil
                readable.append(message)
                batch.messages.append(
                    IntakeMessage(
                        stream: 0, position: message.position, receivedAt: Timestamp(microsecondsSince2000: 0),
                        key: nil, headers: 0..<0, value: nil, connector: place,
                        eventID: intake.eventID.flatMap { $0.utf8.count <= 512 ? $0 : nil },
                        messageKey: intake.messageKey.map { ShortHash($0) }, payloadDigest: .zero,
                        records: intake.records, rejection: intake.rejection))
            }
            batch.records = buffer.records.map { mapped in
                IntakeRecord(
                    record: mapped.record, identity: ShortHash(mapped.identity), digest: mapped.digest,
                    body: mapped.json)
            }
            batch.bodies = buffer.bytes
        }

        /// What becomes of each message, given what becomes of the readable ones.
        func fates(with decided: [QuarantineReplay.Fate]) -> [Fate] {
            precondition(decided.count == readable.count, "what can be read is decided on")
            var rest = decided.makeIterator()
            return unreadable.map { fate in
                if let fate { return fate }
                switch rest.next() {
                case .taken(let outcome, let missing): return .taken(outcome, missing: missing)
                case .refused(let rejection):
                    let first = rejection.violations.first { $0.code == rejection.code }
                    return .refused(rejection.code, path: first?.path ?? "")
                case .settled(let state): return .settled(state)
                case nil: return .payloadGone
                }
            }
        }
    }
}
