import Digest
import ParapluModel
import ParapluRules
package import Postgres

/// Applies parked messages once the plan has what they wait for, and refuses those that waited too long.
///
/// In order of parking, some hundreds a commit, so that it holds the clock for a moment only. What it does is an entry of
/// the settlement stream; the intake outcome stays `parked`.
package enum Settler {
    /// What one round did.
    package struct Round: Hashable, Sendable {
        /// How many messages were applied: the plan has what they waited for.
        package var resolved = 0
        /// How many messages were refused: they waited too long.
        package var refused = 0
        /// Whether more may be waiting.
        package var isFull = false
    }

    /// The most messages that one commit settles.
    package static let perCommitMax = 300

    private static let find = Statement(
        """
        SELECT p.stream_id, p.position, st.topic, st.partition, coalesce(r.original_position, p.position), p.feed,
            e.event_id, p.missing, st.generation
        FROM operations.parked AS p
        JOIN journal.entry AS e USING (stream_id, position)
        LEFT JOIN journal.replayed AS r USING (stream_id, position)
        JOIN journal.stream AS st ON st.stream_id = coalesce(r.original_stream_id, p.stream_id)
        WHERE p.parked_at < clock_timestamp() - make_interval(days => $1) OR NOT EXISTS (
            SELECT FROM unnest(p.missing) AS m (subject)
            WHERE NOT EXISTS (SELECT FROM plan.action AS a WHERE 'action/' || a.action_id = m.subject)
                AND NOT EXISTS (SELECT FROM plan.indicator AS i WHERE 'indicator/' || i.indicator_id = m.subject)
                AND NOT EXISTS (
                    SELECT FROM plan.organisation AS o WHERE 'organisation/' || o.organisation_id = m.subject))
        ORDER BY p.commit, p.n LIMIT $2
        """, name: "find_settleable")
    private static let count = Statement("SELECT count(*) FROM operations.parked", name: "count_parked")
    private static let facts = Statement(
        """
        SELECT f.stream_id, f.position, f.record, f.identity, f.body
        FROM unnest($1::integer[], $2::bigint[]) WITH ORDINALITY AS u (stream_id, position, place)
        JOIN journal.fact AS f USING (stream_id, position)
        ORDER BY u.place, f.record
        """, name: "parked_facts")
    private static let insert = Statement(
        """
        INSERT INTO journal.settlement (position, commit, stream_id, settled_position, kind, code, actor, reason)
        SELECT u.position, $1, u.stream_id, u.settled, u.kind, u.code, 'settler', u.reason
        FROM unnest($2::bigint[], $3::integer[], $4::bigint[], $5::text[], $6::text[], $7::text[])
            AS u (position, stream_id, settled, kind, code, reason)
        """, name: "insert_settlements")
    private static let unpark = Statement(
        """
        DELETE FROM operations.parked AS p USING unnest($1::integer[], $2::bigint[]) AS u (stream_id, position)
        WHERE p.stream_id = u.stream_id AND p.position = u.position
        """, name: "unpark")

    private struct Candidate {
        let stream: Int32
        let position: Int64
        let isResolvable: Bool
        var receipt: EventFactory.Receipt
        let partner: String
    }

    /// Settles what can be settled, in one commit; nothing is written where nothing can.
    ///
    /// - Parameter parkedDaysMax: After so many days a message is refused.
    package static func settle(
        parkedDaysMax: Int, events: EventFactory, _ session: PostgresSession
    ) throws -> Round {
        let isWorth = try session.execute(find, [.int4(Int32(parkedDaysMax)), .int8(1)]).count > 0
        guard isWorth else { return Round() }
        return try CommitClock.transaction(session) {
            var stream = try OwnStream.lock(.settlement, session)
            let reading = try CommitClock.take(session)
            let plan = try PlanStore.index(at: reading.planCommit, session)
            let candidates = try session.execute(
                find, [.int4(Int32(parkedDaysMax)), .int8(Int64(perCommitMax))]
            ).map { read($0, plan) }
            guard !candidates.isEmpty else { return nil }

            var outbox = OutboxWriter(stamp: reading.stamp, events: events)
            let effects = try fold(candidates.filter(\.isResolvable), plan, reading.stamp, session)
            try write(candidates, &stream, reading.stamp, session)
            var coordinates = BatchCoordinates()
            for candidate in candidates {
                coordinates.add(
                    origin: MessagePlace(
                        topic: candidate.receipt.topic, partition: candidate.receipt.partition,
                        offset: candidate.receipt.offset, generation: candidate.receipt.generation),
                    eventID: candidate.receipt.eventID,
                    ofStream: candidate.stream, position: candidate.position)
            }
            outbox.add(
                effects.announcements, effects.changes, coordinates: coordinates,
                eventIDs: { coordinates.eventID(of: $0) })
            let ineffective = OutboxWriter.problems(effects.dispositions)
            for var candidate in candidates {
                candidate.receipt.dispositions =
                    ineffective[MessageCoordinates(stream: candidate.stream, position: candidate.position)] ?? []
                outbox.addReceipt(candidate.receipt, partner: candidate.partner)
            }
            _ = try OutboxStore.prepare(for: reading.stamp.number, session)
            try outbox.write(session)
            let resolved = candidates.count { $0.isResolvable }
            return Round(
                resolved: resolved, refused: candidates.count - resolved, isFull: candidates.count == perCommitMax)
        } ?? Round()
    }

    /// How many messages wait.
    package static func waiting(_ session: PostgresSession) throws -> Int64 {
        try session.execute(count).first?.int8(0) ?? 0
    }

    private static func read(_ row: Row, _ plan: PlanIndex) -> Candidate {
        let missing = row.textArray(7)
        let isResolvable = missing.allSatisfy { subject in
            plan.knows(subject)
        }
        let feed = row.string(5)
        return Candidate(
            stream: row.int4(0), position: row.int8(1), isResolvable: isResolvable,
            receipt: EventFactory.Receipt(
                topic: row.string(2), partition: row.int4(3), offset: row.int8(4),
                generation: row.int4(8), outcome: isResolvable ? "resolved" : "refused", eventID: row.stringOrNil(6),
                rejection: isResolvable ? nil : Rejection(.unresolved), missing: isResolvable ? [] : missing,
                dispositions: []),
            partner: String(feed.prefix { $0 != "/" }))
    }

    private static func fold(
        _ resolvable: [Candidate], _ plan: PlanIndex, _ stamp: CommitStamp,
        _ session: PostgresSession
    ) throws -> SettledEffects {
        guard !resolvable.isEmpty else { return SettledEffects() }
        return try fold(
            facts: try read(resolvable.map { ($0.stream, $0.position) }, session), plan, stamp, session)
    }

    /// Folds facts that a settlement made effective; also what `rebuild` does when it comes to one.
    static func fold(
        facts: [FoldFact], _ plan: PlanIndex, _ stamp: CommitStamp,
        _ session: PostgresSession
    ) throws -> SettledEffects {
        let (facts, observations) = facts.split()
        var fold = ProgressFold(plan: plan)
        let histories = try FoldLoader.load(&fold, for: facts, stamp: stamp, session)
        return try SettledEffects.take(
            IntakeFacts(facts: facts, observations: observations, histories: histories), &fold, stamp: stamp, session)
    }

    /// The facts of these messages, in the order given.
    static func read(
        _ messages: [(stream: Int32, position: Int64)], _ session: PostgresSession
    ) throws -> [FoldFact] {
        var streams = BinaryArray(.int4)
        var positions = BinaryArray(.int8)
        for message in messages {
            streams.append(int4: message.stream)
            positions.append(int8: message.position)
        }
        return try session.execute(facts, [.array(streams), .array(positions)]).map { row in
            FoldFact(
                record: try JournalReader.record(row.bytes(4)), identity: ShortHash(row.uuid(3)),
                coordinates: FactCoordinates(stream: row.int4(0), position: row.int8(1), record: row.int2(2)))
        }
    }

    private static func write(
        _ candidates: [Candidate], _ stream: inout OwnStream, _ stamp: CommitStamp, _ session: PostgresSession
    ) throws {
        var places = BinaryArray(.int8)
        var streams = BinaryArray(.int4)
        var positions = BinaryArray(.int8)
        var kinds = BinaryArray(.text)
        var codes = BinaryArray(.text)
        var reasons = BinaryArray(.text)
        for candidate in candidates {
            let kind = candidate.isResolvable ? "resolved" : "refused"
            places.append(
                int8: stream.add(
                    headers: [
                        ("decision", "message.\(kind)"), ("stream", String(candidate.stream)),
                        ("position", String(candidate.position)),
                    ], value: [], stamp: stamp))
            streams.append(int4: candidate.stream)
            positions.append(int8: candidate.position)
            kinds.append(text: kind)
            if candidate.isResolvable {
                codes.appendNull()
            } else {
                codes.append(text: RejectionCode.unresolved.rawValue)
            }
            reasons.append(
                text: candidate.isResolvable ? "the plan has what it waited for" : "it waited too long for the plan")
        }
        try stream.write(stamp, session)
        try session.execute(
            insert,
            [
                .int8(stamp.number), .array(places), .array(streams), .array(positions), .array(kinds), .array(codes),
                .array(reasons),
            ])
        try session.execute(unpark, [.array(streams), .array(positions)])
    }
}
