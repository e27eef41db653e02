package import Digest
package import ParapluModel
package import Postgres

/// Writes entries, facts and payloads of one commit, and computes the chain.
package struct JournalWriter: ~Copyable {
    private static let copyPayloads = Statement(
        """
        COPY journal.payload (retention_months, stored_on, stream_id, position, key, headers, value)
        FROM STDIN (FORMAT binary)
        """)
    private static let copyEntries = Statement(
        """
        COPY journal.entry (commit, n, stream_id, position, outcome, connector_version, received_at, event_id,
            message_key, key_use, records, payload_digest, chain) FROM STDIN (FORMAT binary)
        """)
    private static let copyFacts = Statement(
        """
        COPY journal.fact (commit, n, record, stream_id, position, kind, action_id, indicator_id, reporter, as_of,
            report_order, identity, key_use, digest, body) FROM STDIN (FORMAT binary)
        """)
    private static let preparePayload = Statement(
        "SELECT journal.prepare_payload($1, $2)", name: "prepare_payload")
    private static let dropEndedPayloads = Statement(
        "SELECT journal.drop_ended_payloads($1)", name: "drop_ended_payloads")

    private var entries: CopyBuffer
    private var facts: CopyBuffer
    private var hasher = SHA256()
    private var n: Int32 = 0

    package init() {
        entries = CopyBuffer()
        facts = CopyBuffer()
    }

    /// Begins in the memory that an earlier one gave back.
    init(reusing memory: inout (entries: CopyBuffer, facts: CopyBuffer)) {
        entries = CopyBuffer(reusing: &memory.entries)
        facts = CopyBuffer(reusing: &memory.facts)
    }

    /// Gives its memory back; what was added is forgotten.
    consuming func giveBack(to memory: inout (entries: CopyBuffer, facts: CopyBuffer)) {
        memory = (entries, facts)
    }

    /// Copies payloads of messages; before the clock is taken, so that this part of a commit scales out.
    ///
    /// - Parameter payloads: In each row's order: retention, day, stream, position, key, headers, value.
    package static func copy(payloads: CopyBuffer, _ session: PostgresSession) throws {
        guard payloads.rowCount > 0 else { return }
        _ = try session.copyIn(copyPayloads, payloads)
    }

    /// Makes the partition of a retention class and the month of a day, where it doesn't exist.
    package static func prepare(retentionMonths: Int16, day: CalendarDate, _ session: PostgresSession) throws {
        try session.execute(preparePayload, [.int2(retentionMonths), .date(day.daysSince2000)])
    }

    /// Drops payloads whose retention ended: of a class and a month together, once it ended for the month's last day.
    ///
    /// Digests and facts stay, so that chain and projections are whole without them.
    ///
    /// - Parameter most: How many months at most, the oldest first.
    /// - Returns: how many; fewer than `most` where none is left.
    package static func dropEndedPayloads(most: Int, _ session: PostgresSession) throws -> Int {
        try session.execute(dropEndedPayloads, [.int4(Int32(most))]).first.map { Int($0.int4(0)) } ?? 0
    }

    /// One message's entry in the journal.
    package struct Entry {
        /// The stream's id in `journal.stream`.
        package var stream: Int32
        /// The entry's position in the stream; of a Kafka partition the message's offset.
        package var position: Int64
        /// What became of the message at intake; given once.
        package var outcome: Outcome
        /// The number of the definition in `operations.connector_version`; nil where no connector read it.
        package var connectorVersion: Int32?
        /// The broker's timestamp of the message; for streams of our own the commit's recorded time.
        package var receivedAt: Timestamp
        /// The event's own id; nil where it has none, or where it may not be named.
        package var eventID: String?
        /// The first half of the SHA-256 over (owner, source, id); nil where the message has no id.
        ///
        /// It is written only where the outcome holds keys.
        package var messageKey: ShortHash?
        /// Which use of the key it is: 0 for the first, one more after each that was refused for good.
        package var keyUse: Int16
        /// The SHA-256 over key, headers and value; keyed where nothing of them may be kept.
        package var payloadDigest: SHA256Digest

        package init(
            stream: Int32, position: Int64, outcome: Outcome, connectorVersion: Int32? = nil, receivedAt: Timestamp,
            eventID: String? = nil, messageKey: ShortHash? = nil, keyUse: Int16 = 0, payloadDigest: SHA256Digest
        ) {
            self.stream = stream
            self.position = position
            self.outcome = outcome
            self.connectorVersion = connectorVersion
            self.receivedAt = receivedAt
            self.eventID = eventID
            self.messageKey = messageKey
            self.keyUse = keyUse
            self.payloadDigest = payloadDigest
        }
    }

    /// Adds an entry with its new facts, and returns its stream's chain with it.
    ///
    /// - Parameters:
    ///   - records: The new records, each with the use of its identity.
    ///   - body: Lends a record's canonical bytes.
    package mutating func add(
        _ entry: Entry, records: [(index: Int, use: Int16)], of batch: [IntakeRecord], bodies: [UInt8],
        chain: SHA256Digest, commit: Int64
    ) -> (chain: SHA256Digest, n: Int32) {
        let place = n
        n += 1
        let next = ChainLink(
            previous: chain, stream: entry.stream, position: entry.position, commit: commit, n: place,
            outcome: entry.outcome, connectorVersion: entry.connectorVersion ?? 0, receivedAt: entry.receivedAt,
            messageKey: entry.messageKey, payloadDigest: entry.payloadDigest
        ).digest(&hasher, facts: records.lazy.map { (batch[$0.index].identity, batch[$0.index].digest) })
        entries.beginRow(columns: 13)
        entries.append(int8: commit)
        entries.append(int4: place)
        entries.append(int4: entry.stream)
        entries.append(int8: entry.position)
        entries.append(int2: entry.outcome.code)
        if let version = entry.connectorVersion { entries.append(int4: version) } else { entries.appendNull() }
        entries.append(timestamp: entry.receivedAt.microsecondsSince2000)
        if let id = entry.eventID { entries.append(text: id) } else { entries.appendNull() }
        if let key = entry.messageKey, entry.outcome.holdsKeys {
            entries.append(uuidHigh: key.high, low: key.low)
        } else {
            entries.appendNull()
        }
        entries.append(int2: entry.keyUse)
        entries.append(int2: Int16(records.count))
        entry.payloadDigest.withUnsafeBytes { entries.append(bytes: $0) }
        next.withUnsafeBytes { entries.append(bytes: $0) }
        for (place, record) in records.enumerated() {
            add(batch[record.index], use: record.use, place: Int16(place), entry, bodies, commit: commit, n: n - 1)
        }
        return (next, place)
    }

    private mutating func add(
        _ record: IntakeRecord, use: Int16, place: Int16, _ entry: Entry, _ bodies: [UInt8], commit: Int64, n: Int32
    ) {
        facts.beginRow(columns: 15)
        facts.append(int8: commit)
        facts.append(int4: n)
        facts.append(int2: place)
        facts.append(int4: entry.stream)
        facts.append(int8: entry.position)
        facts.append(int2: record.record.kind.code)
        if let indicator = record.record.indicator {
            facts.appendNull()
            facts.append(text: indicator.rawValue)
        } else {
            facts.append(text: record.record.action.rawValue)
            facts.appendNull()
        }
        facts.append(text: record.record.reporter.rawValue)
        facts.append(date: record.record.asOf.daysSince2000)
        facts.append(int8: record.record.order)
        facts.append(uuidHigh: record.identity.high, low: record.identity.low)
        facts.append(int2: use)
        record.digest.withUnsafeBytes { facts.append(bytes: $0) }
        facts.append(utf8: bodies[record.body])
    }

    /// Copies the entries and facts that were added.
    package mutating func write(_ session: PostgresSession) throws {
        if entries.rowCount > 0 { _ = try session.copyIn(JournalWriter.copyEntries, entries) }
        if facts.rowCount > 0 { _ = try session.copyIn(JournalWriter.copyFacts, facts) }
    }
}

/// What an entry's chain hash covers, in the one encoding that writers and `paraplu verify` share.
package struct ChainLink: Sendable {
    /// The stream's chain before this entry; zeros before the first.
    package let previous: SHA256Digest
    /// The stream's id in `journal.stream`.
    package let stream: Int32
    /// The entry's position in the stream; of a Kafka partition the message's offset.
    package let position: Int64
    /// The number of the commit that writes it.
    package let commit: Int64
    /// The entry's place within the commit, from 0.
    package let n: Int32
    /// What became of the message at intake.
    package let outcome: Outcome
    /// The number of the definition in `operations.connector_version`; 0 where no connector read it.
    package let connectorVersion: Int32
    /// The broker's timestamp of the message; for streams of our own the commit's recorded time.
    package let receivedAt: Timestamp
    /// The first half of the SHA-256 over (owner, source, id); nil where the message has no id.
    ///
    /// It counts only where the outcome holds keys.
    package let messageKey: ShortHash?
    /// The SHA-256 over key, headers and value; keyed where nothing of them may be kept.
    package let payloadDigest: SHA256Digest

    /// The chain with this entry.
    ///
    /// Every part has a fixed width, so that no two entries have the same bytes. A key that the entry doesn't occupy
    /// counts as none.
    package func digest(
        _ hasher: inout SHA256, facts: some Sequence<(ShortHash, SHA256Digest)>
    ) -> SHA256Digest {
        previous.withUnsafeBytes { hasher.update($0) }
        hasher.update(integer: UInt64(UInt32(bitPattern: stream)) << 32 | UInt64(UInt32(bitPattern: n)))
        hasher.update(integer: UInt64(bitPattern: position))
        hasher.update(integer: UInt64(bitPattern: commit))
        hasher.update(
            integer: UInt64(UInt16(bitPattern: outcome.code)) << 32 | UInt64(UInt32(bitPattern: connectorVersion)))
        hasher.update(integer: UInt64(bitPattern: receivedAt.microsecondsSince2000))
        let key = outcome.holdsKeys ? messageKey : nil
        hasher.update(integer: key?.high ?? 0)
        hasher.update(integer: key?.low ?? 0)
        payloadDigest.withUnsafeBytes { hasher.update($0) }
        for (identity, digest) in facts {
            hasher.update(integer: identity.high)
            hasher.update(integer: identity.low)
            digest.withUnsafeBytes { hasher.update($0) }
        }
        return hasher.finalize()
    }
}
