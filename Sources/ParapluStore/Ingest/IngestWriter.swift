import Digest
package import ParapluModel
package import Postgres

/// Step 7: writes batches, each in one transaction, and keeps the projections at hand between them.
///
/// It belongs to one connection. Between two commits of its own it trusts what it
/// holds; a commit number that isn't the next says that somebody else wrote, and everything is read again.
package struct IngestWriter: Sendable {
    /// Messages of one feed that a batch refused with one code, and where the first of them was.
    package struct Refused: Sendable {
        /// The feed that sent them.
        package let feed: FeedID
        /// The code of the rejection that they have in common.
        package let code: RejectionCode
        /// How many there were in the batch, at least 1.
        package let count: Int
        /// The Kafka topic of the first of them.
        package let topic: String
        /// The partition of the first of them.
        package let partition: Int32
        /// The offset of the first of them.
        package let offset: Int64
    }

    /// What settles a batch, once and for all.
    package struct Result: Sendable {
        /// The clock's reading under which the batch was committed.
        package var stamp: CommitStamp
        /// The claims as they are after the batch.
        package var claims: [Claim]
        /// How many messages had which outcome, by connector (an index into the batch's).
        package var outcomes: [Int: [Outcome: Int]]
        /// Rejections by feed and code, in no order.
        package var rejections: [Refused]
        /// Feeds that this batch's rejections closed.
        package var held: [FeedID]
        /// What its messages left their connectors' definitions in, where nobody saw that before.
        package var drift: [DriftSighting]
        /// How many subjects have a new revision.
        package var statusChanges: Int
        /// How many messages it left to send: two of each new revision, and the receipts.
        package var outboxRows: Int
    }

    /// Why a batch wasn't written, where it is no failure.
    package enum Refusal: Error, Sendable {
        /// Another claimed partitions of it, or they were repositioned: the claims that still hold, by stream.
        case fenced(holding: [Int32])
        /// The connectors in force aren't those it was mapped with.
        case connectorsChanged(commit: Int64)
        /// Its feed is held from this message on (an index into the batch's messages), or all of it where held before.
        case held(feed: FeedID, from: Int)
    }

    private static let fence = Statement(
        """
        SELECT s.stream_id, current_date FROM journal.stream AS s
        JOIN unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bytea[]) AS c (stream_id, epoch, next, chain)
            USING (stream_id)
        WHERE s.claim_epoch = c.epoch AND s.next_position = c.next AND s.chain = c.chain AND s.is_current
            AND s.instance = $5 AND s.boot = $6
        ORDER BY s.stream_id FOR UPDATE OF s
        """, name: "fence")
    private static let advance = Statement(
        """
        UPDATE journal.stream AS s SET next_position = u.next, chain = u.chain, applied = s.applied + u.applied,
            duplicate = s.duplicate + u.duplicate, stale = s.stale + u.stale, rejected = s.rejected + u.rejected,
            parked = s.parked + u.parked, holes = s.holes + u.holes, lost = s.lost + u.lost
        FROM unnest($1::integer[], $2::bigint[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
            $8::bigint[], $9::bigint[], $10::bigint[])
            AS u (stream_id, next, chain, applied, duplicate, stale, rejected, parked, holes, lost)
        WHERE s.stream_id = u.stream_id
        """, name: "advance")

    private let instance: String
    private let boot: ShortHash
    private let events: EventFactory
    private let window: RejectionWindow.Limit?
    private var work = FoldWork()
    private var journalMemory = (entries: CopyBuffer(), facts: CopyBuffer())
    private var payloads = CopyBuffer()
    private var feeds: [FeedID: FeedStore.State] = [:]
    /// The commit after which everything at hand is right, and the session that wrote it; nil where nothing is.
    private var trusted: (commit: Int64, session: Int)?
    private var preparedPayloads: Set<Int16> = []
    private var preparedOn: CalendarDate?
    private var outboxPreparedUntil: Int64 = 0

    /// The most action projections that are kept at hand; about 1 KB each.
    package static let cachedActionsMax = 100_000

    /// - Parameters:
    ///   - instance, boot: Who claims, as `Claims` has it.
    ///   - window: When a feed is held for its rejections; nil for never.
    package init(
        instance: String, boot: ShortHash, events: EventFactory, window: RejectionWindow.Limit?
    ) {
        self.instance = instance
        self.boot = boot
        self.events = events
        self.window = window
    }

    /// Writes a batch in one transaction.
    ///
    /// - Throws: `Refusal`, after which nothing of the batch is written and the caller decides; `PostgresError`; with
    ///   `.commitUnknown` the caller looks at the positions before it repeats anything (F12).
    package mutating func apply(_ batch: IntakeBatch, _ session: PostgresSession) throws -> Result {
        do {
            let result = try session.transaction { try write(batch, session) }
            trusted = (result.stamp.number, session.number)
            if work.fold.actions.count > IngestWriter.cachedActionsMax { work.fold.actions.removeAll() }
            return result
        } catch {
            // What was prepared is rolled back with the rest.
            trusted = nil
            preparedPayloads.removeAll()
            outboxPreparedUntil = 0
            throw error
        }
    }

    private mutating func write(_ batch: IntakeBatch, _ session: PostgresSession) throws -> Result {
        // Through another session another server may answer, with a history of its own behind the same numbers (F40).
        if trusted?.session != session.number {
            trusted = nil
            preparedPayloads.removeAll()
            outboxPreparedUntil = 0
        }
        let today = try lock(batch.streams, session)
        try copyPayloads(of: batch, on: today, session)
        let reading = try CommitClock.take(session)
        guard reading.connectorsCommit == batch.connectorsCommit else {
            throw Refusal.connectorsChanged(commit: reading.connectorsCommit)
        }
        let stamp = reading.stamp
        try refresh(reading, batch, session)

        var decider = Decider(
            known: try KnownKeys.read(of: batch, session), plan: work.fold.plan, today: stamp.evaluatedOn)
        var decisions: [Decision] = []
        decisions.reserveCapacity(batch.messages.count)
        var held: [FeedID] = []
        for (index, message) in batch.messages.enumerated() {
            let feed = batch.connectors[message.connector].feed
            let decision = decider.decide(message, of: batch)
            if var state = feeds[feed] {
                guard !state.isHeld else { throw Refusal.held(feed: feed, from: index) }
                if let window, state.window.append(isRejected: decision.outcome == .rejected, limit: window) {
                    state.isHeld = true
                    held.append(feed)
                }
                feeds[feed] = state
            }
            decisions.append(decision)
        }

        let facts = try IntakeFacts.take(batch, &decisions, &work.fold, stamp: stamp, session)
        // Reads words of earlier commits only, and may so come before the journal.
        let figures = try ObservationStore.take(
            facts.observations, plan: work.fold.plan, stamp: stamp, session)
        // It comes back after the journal is written, or is made again after a failure.
        let folding = Aside(lending: lendWork()) { [events, decisions] work in
            FoldedBatch(
                &work, batch, decisions, facts: facts.facts, histories: facts.histories, figures: figures,
                stamp: stamp, events: events)
        }

        var journal = JournalWriter(reusing: &journalMemory)
        var tally = BatchTally(batch)
        var rejections = RejectionWriter(stamp: stamp)
        var parked = ParkedWriter(stamp: stamp)
        var drift = DriftGatherer()
        for (index, message) in batch.messages.enumerated() {
            let decision = decisions[index]
            let claim = batch.streams[message.stream]
            let connector = batch.connectors[message.connector]
            let mayName = !(decision.rejection?.forbidsPayload ?? false)
            let (chain, n) = journal.add(
                JournalWriter.Entry(
                    stream: claim.streamID, position: message.position, outcome: decision.outcome,
                    connectorVersion: connector.number, receivedAt: message.receivedAt,
                    eventID: mayName ? message.eventID : nil, messageKey: message.messageKey,
                    keyUse: decision.keyUse ?? 0, payloadDigest: message.payloadDigest),
                records: decision.records, of: batch.records, bodies: batch.bodies,
                chain: tally.chain(of: message.stream), commit: stamp.number)
            tally.add(message, decision, chain: chain)
            if let rejection = decision.rejection {
                rejections.add(message, rejection, stream: claim.streamID, connector)
                drift.add(rejection, stream: claim.streamID, position: message.position, connector)
            }
            if !message.warnings.isEmpty {
                drift.add(message.warnings, stream: claim.streamID, position: message.position, connector)
            }
            if decision.outcome == .parked {
                parked.add(message, stream: claim.streamID, n: n, feed: connector.feed, missing: decision.missing)
            }
        }
        for gap in batch.gaps { tally.add(gap) }
        try journal.write(session)
        journal.giveBack(to: &journalMemory)
        try CommitClock.record(stamp, kind: .partition, session)
        try rejections.write(session)
        let seen = try DriftStore.keep(drift.sightings, stamp, session)
        try parked.write(session)
        try LossStore.record(batch.gaps, of: batch.streams, stamp, session)

        try prepareOutbox(stamp, session)

        let (back, folded) = folding.wait()
        work = back
        try ProjectionStore.write(folded.rows, stamp: stamp, session)
        try folded.outbox.write(session)
        folded.giveBack(to: &work)
        try FeedStore.save(&feeds, held: held, stamp: stamp, session)
        try session.execute(IngestWriter.advance, tally.parameters)
        return Result(
            stamp: stamp, claims: tally.claims, outcomes: tally.outcomes,
            rejections: tally.rejections.map { refused, refusals in
                let claim = batch.streams[refusals.stream]
                return Refused(
                    feed: batch.connectors[refused.connector].feed, code: refused.code, count: refusals.count,
                    topic: claim.topic, partition: claim.partition, offset: refusals.position)
            },
            held: held, drift: seen,
            statusChanges: folded.statusChanges, outboxRows: folded.outbox.count)
    }

    /// The work without a copy: one of no plan stays in its place.
    private mutating func lendWork() -> FoldWork {
        var lent = FoldWork()
        swap(&lent, &work)
        return lent
    }

    /// Locks the batch's positions where they are what the claims say.
    ///
    /// Invariants 1 and 6.
    ///
    /// - Returns: The database's day, by which payloads are partitioned.
    private func lock(_ claims: [Claim], _ session: PostgresSession) throws -> CalendarDate {
        var ids = BinaryArray(.int4)
        var epochs = BinaryArray(.int8)
        var nexts = BinaryArray(.int8)
        var chains = BinaryArray(.bytea)
        for claim in claims {
            ids.append(int4: claim.streamID)
            epochs.append(int8: claim.epoch)
            nexts.append(int8: claim.next)
            chains.append(bytes: claim.chain.bytes)
        }
        let locked = try session.execute(
            IngestWriter.fence,
            [
                .array(ids), .array(epochs), .array(nexts), .array(chains), .text(instance), .uuid(boot.high, boot.low),
            ])
        guard locked.count == claims.count, let first = locked.first else {
            throw Refusal.fenced(holding: locked.map { $0.int4(0) })
        }
        return CalendarDate(daysSince2000: first.date(1))
    }

    private mutating func copyPayloads(of batch: IntakeBatch, on today: CalendarDate, _ session: PostgresSession) throws
    {
        var buffer = CopyBuffer(reusing: &payloads)
        if preparedOn != today {
            preparedPayloads.removeAll()
            preparedOn = today
        }
        for message in batch.messages {
            guard message.keepsPayload else { continue }
            let months = batch.connectors[message.connector].retentionMonths
            if preparedPayloads.insert(months).inserted {
                try JournalWriter.prepare(retentionMonths: months, day: today, session)
            }
            buffer.beginRow(columns: 7)
            buffer.append(int2: months)
            buffer.append(date: today.daysSince2000)
            buffer.append(int4: batch.streams[message.stream].streamID)
            buffer.append(int8: message.position)
            if let key = message.key { buffer.append(bytes: batch.arena[key]) } else { buffer.appendNull() }
            if message.headers.isEmpty {
                buffer.appendNull()
            } else {
                buffer.append(bytes: batch.arena[message.headers])
            }
            if let value = message.value { buffer.append(bytes: batch.arena[value]) } else { buffer.appendNull() }
        }
        try JournalWriter.copy(payloads: buffer, session)
        payloads = buffer
    }

    /// Reads again what another writer may have changed.
    private mutating func refresh(_ reading: CommitClock.Reading, _ batch: IntakeBatch, _ session: PostgresSession)
        throws
    {
        if trusted?.commit != reading.stamp.number - 1 {
            work.fold.actions.removeAll(keepingCapacity: true)
            if work.fold.plan.commit != reading.planCommit {
                work.fold.plan = try PlanStore.index(at: reading.planCommit, session)
            }
            work.fold.rollups = try ProjectionStore.rollups(of: work.fold.plan, session)
            work.fold.frozenRounds = try RoundStore.frozen(before: reading.stamp.number, session)
            feeds.removeAll()
        }
        let unknown = batch.connectors.filter { feeds[$0.feed] == nil }.map(\.feed)
        if !unknown.isEmpty {
            for (feed, state) in try FeedStore.states(of: unknown, session) { feeds[feed] = state }
        }
    }

    private mutating func prepareOutbox(_ stamp: CommitStamp, _ session: PostgresSession) throws {
        guard stamp.number >= outboxPreparedUntil else { return }
        outboxPreparedUntil = try OutboxStore.prepare(for: stamp.number, session)
    }
}
