package import Digest
package import ParapluModel
package import Postgres

/// Writes entries of our own streams: `office`, `clock` and `settlement`.
///
/// Nothing changes a projection without one.
package struct OwnStream: ~Copyable {
    private static let lockRow = Statement(
        """
        SELECT stream_id, next_position, chain, current_date FROM journal.stream WHERE kind = $1 AND is_current FOR UPDATE
        """, name: "lock_own_stream")
    private static let advance = Statement(
        """
        UPDATE journal.stream SET next_position = $2, chain = $3, applied = applied + $4, duplicate = duplicate + $5,
            stale = stale + $6, parked = parked + $7
        WHERE stream_id = $1
        """, name: "advance_own_stream")

    /// Which of our own streams it is.
    package let kind: StreamKind
    /// The stream's id in `journal.stream`.
    package let streamID: Int32
    private let first: Int64
    private var next: Int64
    private var chain: SHA256Digest
    private let day: CalendarDate
    private var outcomes: [Outcome: Int64] = [:]
    private var payloads = CopyBuffer()
    private var journal = JournalWriter()

    /// Entries of our own are kept as long as the journal itself: a hundred years.
    private static let retentionMonths: Int16 = 1200

    /// Locks the stream's head; before the clock is taken, like every position.
    package static func lock(_ kind: StreamKind, _ session: PostgresSession) throws -> OwnStream {
        guard let row = try session.execute(OwnStream.lockRow, [.text(kind.rawValue)]).first else {
            throw StoreError.unknown(kind: "stream", name: kind.rawValue)
        }
        let today = CalendarDate(daysSince2000: row.date(3))
        // Before the clock: making a partition waits for writers, some of whom wait for the clock.
        try JournalWriter.prepare(retentionMonths: OwnStream.retentionMonths, day: today, session)
        return OwnStream(
            kind, streamID: row.int4(0), next: row.int8(1), chain: SHA256Digest(bytes: row.bytes(2)) ?? .zero,
            day: today)
    }

    /// Doesn't throw: Swift 6.0 can't verify a throwing initialiser of a type that isn't copyable.
    private init(_ kind: StreamKind, streamID: Int32, next: Int64, chain: SHA256Digest, day: CalendarDate) {
        self.kind = kind
        self.streamID = streamID
        first = next
        self.next = next
        self.chain = chain
        self.day = day
    }

    /// The position that the next entry gets.
    package var nextPosition: Int64 { next }

    /// Adds an entry and returns its position.
    ///
    /// - Parameters:
    ///   - headers: What is decided, who decides and why, as name and value.
    ///   - value: What it is decided on, such as the plan's document.
    package mutating func add(
        headers: [(name: String, value: String)], value: [UInt8], stamp: CommitStamp
    ) -> Int64 {
        add(headers: headers, value: value, Content(), stamp: stamp).position
    }

    /// Adds an entry whose decision is a record, and returns the fact that it is.
    ///
    /// - Precondition: the record's identity is its own; its time at the source is the commit's.
    package mutating func add(
        headers: [(name: String, value: String)], record: CanonicalRecord, stamp: CommitStamp
    ) -> FoldFact {
        let body = CanonicalRecordCodec.bytes(of: record)
        var hasher = SHA256()
        let identity = ShortHash(record.identity(using: &hasher))
        let content = Content(
            records: [IntakeRecord(record: record, identity: identity, digest: record.digest, body: 0..<body.count)],
            uses: [(0, 0)], bodies: body)
        let position = add(headers: headers, value: body, content, stamp: stamp).position
        return FoldFact(
            record: record, identity: identity,
            coordinates: FactCoordinates(stream: streamID, position: position, record: 0))
    }

    /// Adds what became of a message that is brought in again, and returns its place in the commit.
    ///
    /// The entry has the message's keys and records; its payload stays where it was received.
    ///
    /// - Precondition: the message has the stream's next position.
    mutating func add(
        headers: [(name: String, value: String)], message: IntakeMessage, _ decision: Decision, of batch: IntakeBatch,
        stamp: CommitStamp
    ) -> Int32 {
        precondition(message.position == next, "positions of a stream rise")
        return add(
            headers: headers, value: [],
            Content(
                outcome: decision.outcome, connectorVersion: batch.connectors[message.connector].number,
                eventID: message.eventID, messageKey: message.messageKey, keyUse: decision.keyUse ?? 0,
                records: batch.records, uses: decision.records, bodies: batch.bodies),
            stamp: stamp
        ).n
    }

    /// What an entry says beside its headers.
    private struct Content {
        var outcome = Outcome.applied
        var connectorVersion: Int32?
        var eventID: String?
        var messageKey: ShortHash?
        var keyUse: Int16 = 0
        var records: [IntakeRecord] = []
        /// The records that are new, each with the use of its identity.
        var uses: [(index: Int, use: Int16)] = []
        /// The records' canonical bytes.
        var bodies: [UInt8] = []
    }

    private mutating func add(
        headers: [(name: String, value: String)], value: [UInt8], _ content: Content, stamp: CommitStamp
    ) -> (position: Int64, n: Int32) {
        let framed = OwnStream.frame(headers)
        let position = next
        payloads.beginRow(columns: 7)
        payloads.append(int2: OwnStream.retentionMonths)
        payloads.append(date: day.daysSince2000)
        payloads.append(int4: streamID)
        payloads.append(int8: position)
        payloads.appendNull()
        payloads.append(bytes: framed)
        payloads.append(bytes: value)
        var hasher = PayloadDigest()
        let digest = hasher.digest(key: nil, headers: framed[...], value: value[...])
        let n: Int32
        (chain, n) = journal.add(
            JournalWriter.Entry(
                stream: streamID, position: position, outcome: content.outcome,
                connectorVersion: content.connectorVersion, receivedAt: stamp.recordedAt, eventID: content.eventID,
                messageKey: content.messageKey, keyUse: content.keyUse, payloadDigest: digest),
            records: content.uses, of: content.records, bodies: content.bodies, chain: chain, commit: stamp.number)
        outcomes[content.outcome, default: 0] += 1
        next += 1
        return (position, n)
    }

    /// Writes the entries that were added, the commit, and the stream's head.
    package mutating func write(_ stamp: CommitStamp, _ session: PostgresSession) throws {
        guard next > first else { return }
        try JournalWriter.copy(payloads: payloads, session)
        try journal.write(session)
        try CommitClock.record(stamp, kind: kind, session)
        try session.execute(
            OwnStream.advance,
            [.int4(streamID), .int8(next), .bytes(chain.bytes)]
                + [Outcome.applied, .duplicate, .stale, .parked].map { .int8(outcomes[$0] ?? 0) })
    }

    /// Headers in the journal's framing: name length, name, value length, value; lengths of 32 bits, big endian.
    private static func frame(_ headers: [(name: String, value: String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for header in headers {
            for text in [header.name, header.value] {
                withUnsafeBytes(of: UInt32(text.utf8.count).bigEndian) { bytes.append(contentsOf: $0) }
                bytes.append(contentsOf: text.utf8)
            }
        }
        return bytes
    }
}

/// The digest of a message's bytes: key, headers and value, each with its length, so that they can't run together.
package struct PayloadDigest: ~Copyable {
    private var hasher = SHA256()

    package init() {}

    /// SHA-256 over the three parts; a null key or value differs from an empty one.
    package mutating func digest(
        key: ArraySlice<UInt8>?, headers: ArraySlice<UInt8>, value: ArraySlice<UInt8>?
    ) -> SHA256Digest {
        add(key)
        add(headers)
        add(value)
        return hasher.finalize()
    }

    private mutating func add(_ part: ArraySlice<UInt8>?) {
        guard let part else {
            hasher.update(integer: .max)
            return
        }
        hasher.update(integer: UInt64(part.count))
        part.withUnsafeBytes { hasher.update($0) }
    }
}
