import Digest
import JSON
import ParapluModel
package import Postgres

/// `paraplu verify`: proves that nothing of the journal was changed, added or removed.
///
/// It walks every stream and computes its chain again from the entries and their facts, compares bodies and kept payloads
/// with their digests, and compares the chain with the streams' heads and with the heads in published cuts; the snapshots of
/// frozen rounds it compares with their hashes, versions of the plan and settlements with their entries. Cuts are compared as
/// recorded here, and as they stand on their topic by `compare`. What it doesn't cover: an entry's event id, which the kept
/// payload has. One transaction's view, rows streamed: memory doesn't grow with the journal.
package struct Verification: Sendable {
    /// What is wrong, as a stable code.
    package enum Code: String, CaseIterable, Sendable {
        /// The entry isn't what its chain hash covers: it, its facts or the entry before it was changed.
        case chain
        /// The body of a fact isn't what its digest covers.
        case factBody = "fact_body"
        /// A column of a fact says something else than its body.
        case factColumns = "fact_columns"
        /// An entry hasn't as many facts as it says.
        case factCount = "fact_count"
        /// A kept payload isn't what its digest covers.
        case payload
        /// Positions without an entry that no loss accounts for.
        case missing
        /// Positions that are accounted for twice.
        case overlap
        /// The stream's head isn't its last entry's.
        case head
        /// A published cut names another chain than the journal has there.
        case cut
        /// A cut on the topic isn't of this journal: another chain there, another hash, or a commit that it doesn't have.
        case publishedCut = "published_cut"
        /// A version of the plan isn't what its entry applied, or one is missing or has no entry.
        case plan
        /// A settlement isn't what its entry decided, or one of the two is missing.
        case settlement
        /// The snapshot of a frozen round isn't what its hash covers, or the journal names another hash.
        case snapshot
        /// A commit number is missing or too many, its time doesn't rise, its day isn't its time's, or its epoch falls.
        case commit
        /// An entry of a commit that isn't recorded.
        case commitOfEntry = "commit_of_entry"
    }

    /// One thing wrong, and where.
    package struct Finding: Hashable, Sendable {
        /// What is wrong.
        package let code: Code
        /// The stream; 0 where it is about commits, cuts as such, plans, settlements and snapshots.
        package let stream: Int32
        /// The position; for commits, cuts as such and plans the commit's number, for snapshots that of the freeze, for
        /// settlements the position in their stream.
        package let position: Int64

        package init(code: Code, stream: Int32, position: Int64) {
            self.code = code
            self.stream = stream
            self.position = position
        }
    }

    /// The first findings, at most `findingsMax`, in the order in which they were found.
    package private(set) var findings: [Finding] = []
    /// How many there were in all.
    package private(set) var findingsTotal = 0
    /// The entries of all streams that were walked.
    package private(set) var entries: Int64 = 0
    /// The facts of those entries, whose bodies and columns were compared.
    package private(set) var facts: Int64 = 0
    /// The payloads that are still kept and were compared.
    package private(set) var payloads: Int64 = 0
    /// The heads in recorded cuts that were compared: of each cut one for every stream.
    package private(set) var cuts: Int64 = 0
    /// The snapshots of frozen rounds that were compared with their hashes.
    package private(set) var snapshots: Int64 = 0
    /// The settlements that were compared with their entries, one without the other among them.
    package internal(set) var settlements: Int64 = 0
    /// The cuts of the topic that were compared.
    package internal(set) var publishedCuts: Int64 = 0
    /// Of those, how many are of a history of the database that was replaced.
    package internal(set) var replacedCuts: Int64 = 0

    /// The most findings that are kept.
    package static let findingsMax = 1_000

    /// Whether nothing wrong was found.
    package var isSound: Bool { findingsTotal == 0 }

    private static let streams = Statement(
        "SELECT stream_id, first_position, next_position, chain FROM journal.stream ORDER BY stream_id",
        name: "verify_streams")
    private static let walk = Statement(
        """
        SELECT e.position, e.commit, e.n, e.outcome, e.connector_version, e.received_at, e.message_key, e.records,
            e.payload_digest, e.chain, f.record, f.identity, f.digest, f.body, f.kind, coalesce(f.action_id, f.indicator_id), f.reporter, f.as_of,
            f.report_order, f.commit, f.n, p.stream_id, p.key, p.headers, p.value
        FROM journal.entry AS e
        LEFT JOIN journal.fact AS f ON f.stream_id = $1 AND f.position = e.position
        LEFT JOIN journal.payload AS p ON p.stream_id = $1 AND p.position = e.position
        WHERE e.stream_id = $1 ORDER BY e.position, f.record
        """, name: "verify_walk")
    private static let strays = Statement(
        """
        SELECT f.stream_id, f.position FROM journal.fact AS f
        WHERE NOT EXISTS (SELECT FROM journal.entry AS e WHERE e.stream_id = f.stream_id AND e.position = f.position)
        """, name: "verify_strays")
    private static let gaps = Statement(
        """
        WITH covered AS (
            SELECT position AS first, position + 1 AS next FROM journal.entry WHERE stream_id = $1
            UNION ALL SELECT first_position, next_position FROM operations.loss WHERE stream_id = $1
            UNION ALL SELECT $3, $3)
        SELECT previous, first FROM (
            SELECT first, max(next) OVER (ORDER BY first, next ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous
            FROM (SELECT * FROM covered UNION ALL SELECT $2, $2) AS c) AS g
        WHERE previous <> first ORDER BY first
        """, name: "verify_gaps")
    private static let commits = Statement(
        """
        SELECT number FROM (
            SELECT number, recorded_at, evaluated_on, epoch, lag(number, 1, 0::bigint) OVER w AS before,
                lag(recorded_at, 1, '-infinity') OVER w AS time_before, lag(epoch, 1, epoch) OVER w AS epoch_before
            FROM (SELECT number, recorded_at, evaluated_on, epoch FROM journal.commit
                UNION ALL SELECT number + 1, 'infinity', NULL, epoch FROM operations.commit_clock) AS c
            WINDOW w AS (ORDER BY number)) AS c
        WHERE number <> before + 1 OR recorded_at <= time_before OR epoch < epoch_before
            OR evaluated_on <> (recorded_at AT TIME ZONE 'Europe/Amsterdam')::date
        ORDER BY number
        """, name: "verify_commits")
    private static let unrecorded = Statement(
        """
        SELECT DISTINCT ON (e.commit) e.stream_id, e.position FROM journal.entry AS e
        WHERE NOT EXISTS (SELECT FROM journal.commit AS c WHERE c.number = e.commit) ORDER BY e.commit
        """, name: "verify_unrecorded")
    private static let cutHeads = Statement(
        """
        SELECT h.stream_id, h.next, encode(e.chain, 'hex') IS DISTINCT FROM h.chain AND
            NOT (e.chain IS NULL AND h.chain = repeat('00', 32)) OR coalesce(e.commit > h.commit, false)
            OR EXISTS (SELECT FROM journal.entry AS l
                WHERE l.stream_id = h.stream_id AND l.position >= h.next AND l.commit <= h.commit)
        FROM (
            SELECT c.commit, CASE WHEN j ->> 'stream_id' ~ '^[0-9]{1,9}$' THEN (j ->> 'stream_id')::integer ELSE 0 END
                AS stream_id, CASE WHEN j ->> 'next' ~ '^[0-9]{1,18}$' THEN (j ->> 'next')::bigint ELSE 0 END AS next,
                j ->> 'chain' AS chain
            FROM outbox.cut AS c
            CROSS JOIN LATERAL (SELECT coalesce(c.payload -> 'journal_heads', c.payload -> 'data' -> 'journal_heads') AS heads) AS p
            CROSS JOIN LATERAL json_array_elements(
                CASE WHEN json_typeof(p.heads) = 'array' THEN p.heads ELSE '[]' END) AS j
        ) AS h
        LEFT JOIN LATERAL (
            SELECT e.chain, e.commit FROM journal.entry AS e WHERE e.stream_id = h.stream_id AND e.position < h.next
            ORDER BY e.position DESC LIMIT 1) AS e ON true
        """, name: "verify_cuts")

    private static let frozenRounds = Statement(
        """
        SELECT r.round_id, r.frozen_commit, r.hash, EXISTS (
            SELECT FROM journal.entry AS e
            JOIN journal.stream AS s USING (stream_id)
            JOIN journal.payload AS p USING (stream_id, position)
            WHERE e.commit = r.frozen_commit AND s.kind = 'office'
                AND position(convert_to(encode(r.hash, 'hex'), 'UTF8') IN p.headers) > 0)
        FROM plan.round AS r WHERE r.frozen_commit IS NOT NULL ORDER BY r.as_of
        """, name: "verify_rounds")
    private static let snapshot = Statement(
        """
        SELECT subject, payload FROM progress.snapshot WHERE round_id = $1 ORDER BY subject COLLATE "C"
        """, name: "verify_snapshot")

    private struct Stream {
        let id: Int32
        let first: Int64
        let next: Int64
        let chain: SHA256Digest
    }

    /// Verifies the whole journal.
    ///
    /// - Parameter progress: Is told after every 10,000 entries how many positions were walked, and of how many.
    package static func run(
        _ session: PostgresSession, progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    ) throws -> Verification {
        var verification = Verification()
        try session.transaction(isolation: .repeatableReadReadOnly) {
            let streams = try session.execute(streams).map { row in
                Stream(
                    id: row.int4(0), first: row.int8(1), next: row.int8(2),
                    chain: SHA256Digest(bytes: row.bytes(3)) ?? .zero)
            }
            let total = streams.reduce(0) { $0 + $1.next - $1.first }
            var done: Int64 = 0
            for stream in streams {
                let before = done
                try verification.walk(stream, session) { progress(before + $0, total) }
                try session.forEachRow(gaps, [.int4(stream.id), .int8(stream.first), .int8(stream.next)]) { row in
                    let (previous, first) = (row.int8(0), row.int8(1))
                    verification.find(previous < first ? .missing : .overlap, stream.id, min(previous, first))
                }
                done += stream.next - stream.first
                progress(done, total)
            }
            try session.forEachRow(strays) { verification.find(.factCount, $0.int4(0), $0.int8(1)) }
            try session.forEachRow(commits) { verification.find(.commit, 0, $0.int8(0)) }
            try session.forEachRow(unrecorded) { verification.find(.commitOfEntry, $0.int4(0), $0.int8(1)) }
            try session.forEachRow(cutHeads) { row in
                verification.cuts += 1
                if row.bool(2) { verification.find(.cut, row.int4(0), row.int8(1)) }
            }
            try verification.compareSnapshots(session)
            try verification.compareDecisions(session)
        }
        return verification
    }

    /// Every frozen round's snapshot has the hash that the journal's entry names.
    private mutating func compareSnapshots(_ session: PostgresSession) throws {
        for round in try session.execute(Verification.frozenRounds) {
            var subjects: [(subject: String, payload: [UInt8])] = []
            try session.forEachRow(Verification.snapshot, [.text(round.string(0))]) { row in
                subjects.append((row.string(0), row.bytes(1)))
            }
            snapshots += 1
            if !round.bool(3) || RoundPicture.hash(of: subjects).bytes != round.bytes(2) {
                find(.snapshot, 0, round.int8(1))
            }
        }
    }

    mutating func find(_ code: Code, _ stream: Int32, _ position: Int64) {
        findingsTotal += 1
        guard findings.count < Verification.findingsMax else { return }
        findings.append(Finding(code: code, stream: stream, position: position))
    }

    private mutating func walk(_ stream: Stream, _ session: PostgresSession, _ progress: (Int64) -> Void) throws {
        var walker = ChainWalker(stream: stream.id)
        var wrong: [(Code, Int64)] = []
        try session.forEachRow(Verification.walk, [.int4(stream.id)]) { row in
            walker.take(row) { wrong.append(($0, $1)) }
            for (code, position) in wrong { find(code, stream.id, position) }
            wrong.removeAll(keepingCapacity: true)
            if walker.isAtNewEntry && walker.entries % 10_000 == 0 { progress(walker.entries) }
        }
        walker.finish { wrong.append(($0, $1)) }
        for (code, position) in wrong { find(code, stream.id, position) }
        entries += walker.entries
        facts += walker.facts
        payloads += walker.payloads
        if walker.chain != stream.chain { find(.head, stream.id, stream.next) }
    }
}

/// Computes a stream's chain again from rows of entries with their facts, in order.
private struct ChainWalker: ~Copyable {
    private let stream: Int32
    private(set) var chain = SHA256Digest.zero
    private(set) var entries: Int64 = 0
    private(set) var facts: Int64 = 0
    private(set) var payloads: Int64 = 0
    private(set) var isAtNewEntry = false
    private var link: ChainLink?
    private var stored = SHA256Digest.zero
    private var records: [(ShortHash, SHA256Digest)] = []
    private var recordsExpected = 0
    private var hasher = SHA256()
    private var payloadDigest = PayloadDigest()
    private let parser = JSONParser()

    init(stream: Int32) { self.stream = stream }

    mutating func take(_ row: Row, _ find: (Verification.Code, Int64) -> Void) {
        let position = row.int8(0)
        isAtNewEntry = link?.position != position
        if isAtNewEntry {
            finish(find)
            begin(row, position, find)
        }
        guard !row.isNull(10) else { return }
        facts += 1
        let digest = SHA256Digest(bytes: row.bytes(12)) ?? .zero
        records.append((ShortHash(row.uuid(11)), digest))
        if row.withBytes(13, { SHA256.digest($0) }) != digest { find(.factBody, position) }
        if !columnsAgree(row) { find(.factColumns, position) }
    }

    /// Compares the entry that was taken last with its chain hash.
    mutating func finish(_ find: (Verification.Code, Int64) -> Void) {
        guard let link else { return }
        self.link = nil
        if records.count != recordsExpected { find(.factCount, link.position) }
        if link.digest(&hasher, facts: records) != stored { find(.chain, link.position) }
        // What is stored goes on, so that one change is one finding.
        chain = stored
    }

    private mutating func begin(_ row: Row, _ position: Int64, _ find: (Verification.Code, Int64) -> Void) {
        entries += 1
        records.removeAll(keepingCapacity: true)
        recordsExpected = Int(row.int2(7))
        stored = SHA256Digest(bytes: row.bytes(9)) ?? .zero
        let expected = SHA256Digest(bytes: row.bytes(8)) ?? .zero
        guard let outcome = Outcome(code: row.int2(3)) else {
            find(.chain, position)
            return
        }
        link = ChainLink(
            previous: chain, stream: stream, position: position, commit: row.int8(1), n: row.int4(2), outcome: outcome,
            connectorVersion: row.int4OrNil(4) ?? 0, receivedAt: Timestamp(microsecondsSince2000: row.timestamp(5)),
            messageKey: row.uuidOrNil(6).map { ShortHash($0) }, payloadDigest: expected)
        guard !row.isNull(21) else { return }
        payloads += 1
        let (key, headers, value) = (row.bytesOrNil(22), row.bytesOrNil(23) ?? [], row.bytesOrNil(24))
        let digest = payloadDigest.digest(key: key.map { $0[...] }, headers: headers[...], value: value.map { $0[...] })
        if digest != expected { find(.payload, position) }
    }

    /// Whether the columns of a fact say what its body says: the digest covers the body alone.
    private func columnsAgree(_ row: Row) -> Bool {
        let record = row.withBytes(13) { try? CanonicalRecordCodec.record(from: $0, using: parser) }
        guard let record else { return false }
        let subject = record.indicator?.rawValue ?? record.action.rawValue
        return row.int2(14) == record.kind.code && row.string(15) == subject
            && row.string(16) == record.reporter.rawValue && row.date(17) == record.asOf.daysSince2000
            && row.int8(18) == record.order && row.int8(19) == row.int8(1) && row.int4(20) == row.int4(2)
    }
}
