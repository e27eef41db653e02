package import ParapluModel
package import Postgres

/// Reads the outbox in commit order, and keeps the lease and the watermark of the one active relay.
package enum OutboxStore {
    /// The right to relay, until it is taken over.
    package struct Lease: Hashable, Sendable {
        /// The fence: it rises each time the lease is taken, and under an earlier one nothing is renewed or settled.
        package let epoch: Int64
        /// Every row up to here is settled.
        package var watermark: Watermark
    }

    /// A place in the outbox: a commit and a row of it.
    package struct Watermark: Hashable, Comparable, Sendable {
        /// The number of the commit that wrote the row.
        package var commit: Int64
        /// The row's place within its commit, from 0; -1 for before its first.
        package var n: Int32

        package init(commit: Int64, n: Int32) {
            self.commit = commit
            self.n = n
        }

        /// Whether the left place comes first: by commit, then by row.
        package static func < (left: Watermark, right: Watermark) -> Bool {
            (left.commit, left.n) < (right.commit, right.n)
        }
    }

    /// A message to send.
    package struct Event: Sendable {
        /// Where the row stands in the outbox.
        package let place: Watermark
        /// The topic without prefix and version: `status`, `changes`, `receipts.<partner>`.
        package let topic: String
        /// The message's key: the subject; for a receipt the event id, or the coordinates.
        package let key: String
        /// The revision epoch of the commit.
        package let epoch: Int32
        /// The number of the announced revision within its epoch; 0 for a receipt.
        package let revision: Int64
        /// When the commit that wrote the row was recorded.
        package let recordedAt: Timestamp
        /// The message's value: for the status topic the status event's data, else a structured event.
        package let payload: [UInt8]
    }

    /// How much waits.
    package struct Backlog: Hashable, Sendable {
        /// How many rows wait behind the watermark.
        package let rows: Int64
        /// When the first commit of which a row waits was recorded; nil where none does.
        package let oldest: Timestamp?
    }

    /// The commits whose rows share a partition; `outbox.prepare` has the same number.
    private static let partitionCommits: Int64 = 20_000

    private static let takeLease = Statement(
        """
        UPDATE outbox.lease SET instance = $1, boot = $2, epoch = epoch + 1, renewed_at = clock_timestamp()
        WHERE name = 'relay' AND (renewed_at < clock_timestamp() - interval '5 seconds' OR (instance = $1 AND boot = $2))
        RETURNING epoch, sent_commit, sent_n
        """, name: "take_lease")
    private static let renewLease = Statement(
        """
        UPDATE outbox.lease SET renewed_at = clock_timestamp() WHERE name = 'relay' AND epoch = $1
        """, name: "renew_lease")
    private static let releaseLease = Statement(
        "UPDATE outbox.lease SET renewed_at = 'epoch' WHERE name = 'relay' AND epoch = $1", name: "release_lease")
    private static let read = Statement(
        """
        SELECT e.commit, e.n, e.topic, e.key, e.epoch, e.revision, c.recorded_at, e.payload
        FROM outbox.event AS e JOIN journal.commit AS c ON c.number = e.commit
        WHERE (e.commit, e.n) > ($1, $2) AND e.commit <= $3
        ORDER BY e.commit, e.n LIMIT $4
        """, name: "read_outbox")
    private static let settle = Statement(
        """
        UPDATE outbox.lease SET sent_commit = $2, sent_n = $3, sent = sent + $4, renewed_at = clock_timestamp()
        WHERE name = 'relay' AND epoch = $1
        """, name: "settle_outbox")
    private static let setAside = Statement(
        """
        INSERT INTO outbox.set_aside (commit, n, code, topic, since) VALUES ($1, $2, $3, $4, clock_timestamp())
        ON CONFLICT DO NOTHING
        """, name: "set_aside")
    /// A daemon from before v0016 writes no topic; its row is still there.
    private static let hasStatusAside = Statement(
        """
        SELECT EXISTS (SELECT FROM outbox.set_aside AS s WHERE coalesce(s.topic, (
            SELECT e.topic FROM outbox.event AS e WHERE e.commit = s.commit AND e.n = s.n), '') NOT LIKE 'receipts.%')
        """, name: "has_status_aside")
    /// A commit's rows are numbered from zero without a gap, so its last one tells how many there are.
    private static let backlog = Statement(
        """
        SELECT coalesce(sum(e.rows), 0)::bigint, min(c.recorded_at)
        FROM outbox.lease AS l
        JOIN journal.commit AS c ON c.number >= l.sent_commit
        CROSS JOIN LATERAL (
            SELECT e.n - CASE WHEN c.number = l.sent_commit THEN l.sent_n ELSE -1 END FROM outbox.event AS e
            WHERE e.commit = c.number ORDER BY e.n DESC LIMIT 1) AS e (rows)
        WHERE e.rows > 0
        """, name: "outbox_backlog")
    private static let preparePartitions = Statement("SELECT outbox.prepare($1, $2)", name: "prepare_outbox")

    /// Takes the lease where nobody renewed it for five seconds, or it is ours; nil where another holds it.
    package static func takeLease(
        instance: String, boot: ShortHash, _ session: PostgresSession
    ) throws -> Lease? {
        try session.execute(takeLease, [.text(instance), .uuid(boot.high, boot.low)]).first.map { row in
            Lease(epoch: row.int8(0), watermark: Watermark(commit: row.int8(1), n: row.int4(2)))
        }
    }

    /// Renews the lease; false where another took it.
    package static func renew(_ lease: Lease, _ session: PostgresSession) throws -> Bool {
        try session.execute(renewLease, [.int8(lease.epoch)]).affected == 1
    }

    /// Gives the lease back, so that another needn't wait for it.
    package static func release(_ lease: Lease, _ session: PostgresSession) throws {
        try session.execute(releaseLease, [.int8(lease.epoch)])
    }

    /// The rows after a place, up to and with a commit, in order.
    package static func events(
        after place: Watermark, upTo commit: Int64, limit: Int, _ session: PostgresSession
    ) throws -> [Event] {
        try session.execute(read, [.int8(place.commit), .int4(place.n), .int8(commit), .int8(Int64(limit))])
            .map { row in
                Event(
                    place: Watermark(commit: row.int8(0), n: row.int4(1)), topic: row.string(2), key: row.string(3),
                    epoch: row.int4(4), revision: row.int8(5),
                    recordedAt: Timestamp(microsecondsSince2000: row.timestamp(6)), payload: row.bytes(7))
            }
    }

    /// Moves the watermark; false where another has the lease.
    package static func settle(
        _ lease: Lease, to place: Watermark, sent: Int, _ session: PostgresSession
    ) throws -> Bool {
        try session.execute(
            settle, [.int8(lease.epoch), .int8(place.commit), .int4(place.n), .int8(Int64(sent))]
        ).affected == 1
    }

    /// Keeps a row that the broker refuses for good, for a person.
    package static func setAside(_ event: Event, code: String, _ session: PostgresSession) throws {
        try session.execute(
            setAside, [.int8(event.place.commit), .int4(event.place.n), .text(code), .text(event.topic)])
    }

    /// Whether a status or change waits for a person, which stops the cuts.
    package static func hasStatusAside(_ session: PostgresSession) throws -> Bool {
        try session.execute(hasStatusAside).first?.bool(0) ?? false
    }

    /// What wasn't sent yet.
    package static func backlog(_ session: PostgresSession) throws -> Backlog {
        guard let row = try session.execute(backlog).first else { return Backlog(rows: 0, oldest: nil) }
        return Backlog(
            rows: row.int8(0), oldest: row.timestampOrNil(1).map(Timestamp.init(microsecondsSince2000:)))
    }

    /// Makes the partitions that commits from this one on need, and returns the first commit that needs more.
    static func prepare(for commit: Int64, _ session: PostgresSession) throws -> Int64 {
        try session.execute(preparePartitions, [.int8(commit), .int8(0)])
        return (commit / partitionCommits + 1) * partitionCommits
    }

    /// Drops the partitions whose rows were sent, but for the latest ones and those with rows set aside.
    package static func clean(_ session: PostgresSession) throws {
        let latest = try CommitClock.read(session).stamp.number
        try session.execute(preparePartitions, [.int8(latest), .int8(latest - partitionCommits)])
    }
}
