import JSON
package import Postgres

/// Invariant 2, counted again: what each partition's row says against what the journal holds.
///
/// For every partition `next − first = journalled + holes + lost`, and `journalled` is the sum of the five outcomes. The
/// counters come from the position rows; the entries and the recorded gaps are counted, so it reads the whole journal.
package struct Balance: Hashable, Sendable {
    /// One partition, as it was counted.
    package struct Line: Hashable, Sendable {
        /// The Kafka topic, with its prefix.
        package let topic: String
        /// The partition's number within the topic, from 0.
        package let partition: Int32
        /// Rises when the topic was made again.
        package let generation: Int32
        /// The first offset that belongs to the balance: where the partition was read from.
        package let first: Int64
        /// The next offset to be journalled; every one from `first` up to it is accounted for.
        package let next: Int64
        /// The messages that the journal holds, of whatever outcome, as counted.
        package let journalled: Int64
        /// The entries that were taken, as counted.
        package let applied: Int64
        /// The entries that were known already, as counted.
        package let duplicate: Int64
        /// The entries that were overtaken before they came, as counted.
        package let stale: Int64
        /// The entries that were refused at intake, as counted; what was brought in again since is still among them.
        package let rejected: Int64
        /// The entries that waited for the plan at intake, as counted; what was settled since is still among them.
        package let parked: Int64
        /// The offsets of recorded gaps that never held a message, as counted.
        package let holes: Int64
        /// The offsets of recorded gaps that retention or a recorded skip took, as counted.
        package let lost: Int64

        /// The offsets that nothing accounts for; negative where some are accounted for twice.
        package var difference: Int64 { next - first - journalled - holes - lost }
    }

    /// A counter of a position row that isn't what was counted.
    package struct Finding: Hashable, Sendable {
        /// The Kafka topic, with its prefix.
        package let topic: String
        /// The partition's number within the topic, from 0.
        package let partition: Int32
        /// The counter's column in `journal.stream`.
        package let counter: String
        /// What the position row says.
        package let counterValue: Int64
        /// What the entries, or the recorded gaps, add up to.
        package let counted: Int64
    }

    /// Every partition, by topic, partition and generation.
    package let partitions: [Line]
    /// The counters that aren't what was counted, in the order of the partitions; none where all is well.
    package let findings: [Finding]

    /// How many offsets and counts don't add up; 0 where all is well.
    package var difference: Int64 {
        partitions.reduce(0) { $0 + Int64($1.difference.magnitude) }
            + findings.reduce(0) { $0 + Int64(($1.counterValue - $1.counted).magnitude) }
    }

    private static let count = Statement(
        """
        SELECT s.topic, s.partition, s.generation, s.first_position, s.next_position, s.applied, s.duplicate, s.stale,
            s.rejected, s.parked, s.holes, s.lost, e.applied, e.duplicate, e.stale, e.rejected, e.parked, l.holes, l.lost
        FROM journal.stream AS s
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE outcome = 1) AS applied, count(*) FILTER (WHERE outcome = 2) AS duplicate,
                count(*) FILTER (WHERE outcome = 3) AS stale, count(*) FILTER (WHERE outcome = 4) AS rejected,
                count(*) FILTER (WHERE outcome = 5) AS parked
            FROM journal.entry WHERE stream_id = s.stream_id) AS e
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(next_position - first_position) FILTER (WHERE kind = 'hole'), 0)::bigint AS holes,
                coalesce(sum(next_position - first_position) FILTER (WHERE kind <> 'hole'), 0)::bigint AS lost
            FROM operations.loss WHERE stream_id = s.stream_id) AS l
        WHERE s.kind = 'partition'
        ORDER BY s.topic, s.partition, s.generation
        """, name: "count_balance")

    /// Counts all partitions, in one statement and so in one snapshot.
    package static func read(_ session: PostgresSession) throws -> Balance {
        let counters = ["applied", "duplicate", "stale", "rejected", "parked", "holes", "lost"]
        var lines: [Line] = []
        var findings: [Finding] = []
        for row in try session.execute(count) {
            let counted = (12..<19).map { row.int8($0) }
            lines.append(
                Line(
                    topic: row.string(0), partition: row.int4(1), generation: row.int4(2), first: row.int8(3),
                    next: row.int8(4), journalled: counted[..<5].reduce(0, +), applied: counted[0],
                    duplicate: counted[1], stale: counted[2], rejected: counted[3], parked: counted[4],
                    holes: counted[5], lost: counted[6]))
            for (index, counter) in counters.enumerated() where row.int8(5 + index) != counted[index] {
                findings.append(
                    Finding(
                        topic: row.string(0), partition: row.int4(1), counter: counter,
                        counterValue: row.int8(5 + index), counted: counted[index]))
            }
        }
        return Balance(partitions: lines, findings: findings)
    }

    /// The form that `paraplu balance --output json` prints.
    package var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("partitions")
        json.beginArray()
        for line in partitions {
            json.beginObject()
            json.member("topic")
            json.string(line.topic)
            let numbers: [(StaticString, Int64)] = [
                ("partition", Int64(line.partition)), ("first", line.first), ("next", line.next),
                ("journalled", line.journalled), ("applied", line.applied), ("duplicate", line.duplicate),
                ("stale", line.stale), ("rejected", line.rejected), ("parked", line.parked), ("holes", line.holes),
                ("lost", line.lost),
            ]
            for (name, number) in numbers {
                json.member(name)
                json.integer(number)
            }
            json.endObject()
        }
        json.endArray()
        json.member("difference")
        json.integer(difference)
        json.endObject()
        return json.bytes
    }
}
