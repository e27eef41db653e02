import Digest
import ParapluModel
import Postgres

/// Compares what the journal's own entries say with the tables that say it again: versions of the plan, and settlements.
///
/// Entries and payloads were compared with their chains before; so each entry is right, and the rows are held against it.
extension Verification {
    private static let versions = Statement(
        """
        SELECT commit, name, version, digest, actor, reason, document, plan FROM plan.version ORDER BY commit
        """, name: "verify_versions")
    /// Entries of our own are kept as long as the journal: each still has its payload.
    private static let unversioned = Statement(
        """
        SELECT e.commit FROM journal.stream AS s
        JOIN journal.entry AS e USING (stream_id)
        LEFT JOIN journal.payload AS p USING (stream_id, position)
        WHERE s.kind = 'office' AND (p.stream_id IS NULL OR position('plan.applied'::bytea IN p.headers) > 0)
            AND NOT EXISTS (SELECT FROM plan.version AS v WHERE v.commit = e.commit)
        ORDER BY e.commit
        """, name: "verify_unversioned")
    private static let settlements = Statement(
        """
        SELECT coalesce(e.position, x.position), x.commit, x.stream_id, x.settled_position, x.kind, x.actor, x.reason,
            e.commit, p.headers
        FROM (
            SELECT e.position, e.commit, e.stream_id FROM journal.stream AS s JOIN journal.entry AS e USING (stream_id)
            WHERE s.kind = 'settlement') AS e
        LEFT JOIN journal.payload AS p USING (stream_id, position)
        FULL JOIN journal.settlement AS x ON x.position = e.position
        ORDER BY 1
        """, name: "verify_settlements")

    mutating func compareDecisions(_ session: PostgresSession) throws {
        var versions: [(commit: Int64, isRight: (OfficeEntry) -> Bool)] = []
        for row in try session.execute(Verification.versions) {
            let texts = (name: row.string(1), version: row.string(2), actor: row.string(4), reason: row.string(5))
            let (digest, document, plan) = (row.bytes(3), row.bytes(6), row.bytes(7))
            versions.append(
                (
                    row.int8(0),
                    { entry in
                        guard entry.decision == "plan.applied", let applied = try? entry.plan() else { return false }
                        return applied.name == texts.name && applied.version == texts.version
                            && SHA256.digest(entry.value).bytes == digest && entry.value == document
                            && PlanCodec.plan(from: plan) == applied && (try? entry.text("actor")) == texts.actor
                            && (try? entry.text("reason")) == texts.reason
                    }
                ))
        }
        for (commit, isRight) in versions {
            let entry = try? OfficeEntry.read(ofCommit: commit, session)
            if !(entry.map(isRight) ?? false) { find(.plan, 0, commit) }
        }
        try session.forEachRow(Verification.unversioned) { find(.plan, 0, $0.int8(0)) }
        try session.forEachRow(Verification.settlements) { row in
            settlements += 1
            if !Verification.agrees(row) { find(.settlement, 0, row.int8(0)) }
        }
    }

    /// Whether a settlement says what its entry says: what is decided, on which message, by whom and why.
    private static func agrees(_ row: Row) -> Bool {
        guard !row.isNull(1), !row.isNull(7), !row.isNull(8), row.int8(1) == row.int8(7),
            let entry = OfficeEntry(headers: row.bytes(8), value: [], commit: row.int8(7))
        else { return false }
        return entry.decision == "message.\(row.string(4))" && (try? entry.text("stream")) == String(row.int4(2))
            && (try? entry.text("position")) == String(row.int8(3))
            // The settler's entries name nobody.
            && (try? entry.text("actor")) ?? "settler" == row.string(5)
            && ((try? entry.text("reason")) ?? row.string(6)) == row.string(6)
    }
}
