import Digest
import ParapluModel
package import Postgres

/// Compares the cuts that stand on their topic with the journal.
///
/// Who rewrites the journal and computes its chains anew can rewrite `outbox.cut` too, but not what readers were told.
extension Verification {
    private static let cuts = Statement(
        """
        SELECT u.place, EXISTS (
                SELECT FROM journal.commit AS c WHERE c.number = u.commit AND c.recorded_at = u.recorded_at),
            EXISTS (
                SELECT FROM (
                    SELECT c.epoch, c.recorded_at AS last, lead(c.recorded_at) OVER w AS first, lead(c.epoch) OVER w AS next
                    FROM journal.commit AS c WINDOW w AS (ORDER BY c.number)) AS b
                WHERE b.next > b.epoch AND u.recorded_at > b.last AND u.recorded_at < b.first),
            EXISTS (SELECT FROM outbox.cut AS k WHERE k.commit = u.commit AND k.hash <> u.hash)
        FROM unnest($1::bigint[], $2::timestamptz[], $3::bytea[]) WITH ORDINALITY AS u (commit, recorded_at, hash, place)
        ORDER BY u.place
        """, name: "verify_published_cuts")
    /// The heads that aren't the journal's: another chain there, entries of later commits before it, or of earlier ones after.
    private static let heads = Statement(
        """
        SELECT h.stream_id, h.next
        FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::bytea[]) AS h (commit, stream_id, next, chain)
        LEFT JOIN LATERAL (
            SELECT e.chain, e.commit FROM journal.entry AS e WHERE e.stream_id = h.stream_id AND e.position < h.next
            ORDER BY e.position DESC LIMIT 1) AS e ON true
        WHERE coalesce(e.chain, decode(repeat('00', 32), 'hex')) <> h.chain OR e.commit > h.commit
            OR EXISTS (SELECT FROM journal.entry AS l
                WHERE l.stream_id = h.stream_id AND l.position >= h.next AND l.commit <= h.commit)
        """, name: "verify_published_heads")

    /// Compares cuts with the journal and counts them; may be called again with more of them.
    ///
    /// Where the database's history was replaced (a restore, a failover), cuts of the commits that were lost by it can't be
    /// in the journal: they were recorded between the last commit of an epoch and the first of the next.
    ///
    /// - Parameter published: At most some hundreds.
    package mutating func compare(_ published: [PublishedCut], _ session: PostgresSession) throws {
        var commits = BinaryArray(.int8)
        var moments = BinaryArray(.timestamptz)
        var hashes = BinaryArray(.bytea)
        for cut in published {
            commits.append(int8: cut.commit)
            moments.append(timestamp: cut.recordedAt.microsecondsSince2000)
            hashes.append(bytes: cut.hash.bytes)
        }
        var known: [PublishedCut] = []
        let rows = try session.execute(Verification.cuts, [.array(commits), .array(moments), .array(hashes)])
        for (cut, row) in zip(published, rows) {
            publishedCuts += 1
            if row.bool(1) {
                known.append(cut)
                if row.bool(3) { find(.publishedCut, 0, cut.commit) }
            } else if row.bool(2) {
                replacedCuts += 1
            } else {
                find(.publishedCut, 0, cut.commit)
            }
        }
        try compareHeads(known, session)
    }

    private mutating func compareHeads(_ cuts: [PublishedCut], _ session: PostgresSession) throws {
        var commits = BinaryArray(.int8)
        var streams = BinaryArray(.int4)
        var nexts = BinaryArray(.int8)
        var chains = BinaryArray(.bytea)
        for cut in cuts {
            for head in cut.heads {
                commits.append(int8: cut.commit)
                streams.append(int4: head.stream)
                nexts.append(int8: head.next)
                chains.append(bytes: head.chain.bytes)
            }
        }
        let parameters: [Parameter] = [.array(commits), .array(streams), .array(nexts), .array(chains)]
        for row in try session.execute(Verification.heads, parameters) {
            find(.publishedCut, row.int4(0), row.int8(1))
        }
    }
}
