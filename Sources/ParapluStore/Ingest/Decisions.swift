package import Digest
package import ParapluModel

/// What the journal already knows of the keys of a batch.
package struct KnownKeys: Sendable {
    /// A message key that an earlier message used.
    package struct Message: Sendable {
        /// Which use of the key the latest is: 0 for the first, one more after each that was refused for good.
        package var use: Int16
        /// Whether that message still occupies it; not after it was refused for good.
        package var holds: Bool
    }

    /// A record identity that an earlier record used.
    package struct Record: Sendable {
        /// Which use of the identity the latest is: 0 for the first, one more after each that was refused for good.
        package var use: Int16
        /// Whether that record still occupies it; not after its message was refused for good.
        package var holds: Bool
        /// The SHA-256 of that record's canonical bytes: another one under the same identity is no repeat.
        package var digest: SHA256Digest
    }

    /// The latest use of each message key of the batch; a key that none used is absent.
    package var messages: [ShortHash: Message] = [:]
    /// The latest use of each record identity of the batch; an identity that none used is absent.
    package var records: [ShortHash: Record] = [:]

    package init() {}
}

/// What is to become of one message.
package struct Decision: Sendable {
    /// What the journal records of the message; `applied` may still become `stale`.
    package var outcome: Outcome
    /// Why it is refused; nil unless the outcome is `rejected`.
    package var rejection: Rejection?
    /// The records that are new, as indices into the batch's records, and the use of each one's identity.
    package var records: [(index: Int, use: Int16)] = []
    /// The use of the message's key, where it occupies it.
    package var keyUse: Int16?
    /// What a parked message waits for.
    package var missing: [String] = []
}

/// Decides message by message what becomes of a batch: repeats by both keys, unknown references.
///
/// Pure, and independent of how messages fall into batches: what it decided of one message is known to the next.
/// Whether a message is stale is decided after it, with the states at hand.
package struct Decider {
    private var known: KnownKeys
    private let plan: PlanIndex
    /// The last day of which a message may speak.
    private let lastDay: CalendarDate

    /// How many days ahead a message may speak of: such a report waits for its day, a later day is a slip of the pen.
    package static let daysAheadMax = 31

    /// - Parameter today: The day on which the commit evaluates status.
    package init(known: KnownKeys, plan: PlanIndex, today: CalendarDate) {
        self.known = known
        self.plan = plan
        lastDay = today.adding(days: Decider.daysAheadMax)
    }

    /// The decision on the next message in order.
    package mutating func decide(_ message: IntakeMessage, of batch: IntakeBatch) -> Decision {
        if let rejection = message.rejection { return Decision(outcome: .rejected, rejection: rejection) }
        let isKnown = message.messageKey.map { known.messages[$0]?.holds ?? false } ?? false
        var fresh: [(index: Int, use: Int16)] = []
        var inMessage: [ShortHash: SHA256Digest] = [:]
        for index in message.records {
            let record = batch.records[index]
            if let earlier = known.records[record.identity], earlier.holds {
                guard earlier.digest == record.digest else { return reused }
                continue
            }
            if message.records.count > 1 {
                if let twin = inMessage[record.identity] {
                    guard twin == record.digest else { return reused }
                    continue
                }
                inMessage[record.identity] = record.digest
            }
            fresh.append((index, (known.records[record.identity]?.use ?? -1) + 1))
        }
        guard !isKnown || fresh.isEmpty else { return reused }
        if fresh.contains(where: { batch.records[$0.index].record.asOf > lastDay }) {
            return Decision(
                outcome: .rejected, rejection: Rejection(.futureAsOf, expected: "a day up to \(lastDay)"))
        }
        if fresh.isEmpty && (isKnown || !message.records.isEmpty) { return Decision(outcome: .duplicate) }

        var missing: [String] = []
        for (index, _) in fresh {
            for subject in plan.missing(for: batch.records[index].record) where !missing.contains(subject) {
                missing.append(subject)
            }
        }
        var decision = Decision(outcome: missing.isEmpty ? .applied : .parked, records: fresh, missing: missing)
        if let key = message.messageKey {
            let use = (known.messages[key]?.use ?? -1) + 1
            decision.keyUse = use
            known.messages[key] = KnownKeys.Message(use: use, holds: true)
        }
        for (index, use) in fresh {
            let record = batch.records[index]
            known.records[record.identity] = KnownKeys.Record(use: use, holds: true, digest: record.digest)
        }
        return decision
    }

    private var reused: Decision { Decision(outcome: .rejected, rejection: Rejection(.idReused)) }
}
