import ParapluModel
package import Postgres

/// The one row that puts all writers in one order.
package enum CommitClock {
    /// What taking the clock tells a writer.
    package struct Reading: Hashable, Sendable {
        /// The number, time, day and epoch under which the commit writes.
        package let stamp: CommitStamp
        /// The commit that applied the plan in force; 0 before the first.
        package let planCommit: Int64
        /// The commit that activated the connectors in force; 0 before the first.
        package let connectorsCommit: Int64
    }

    private static let takeClock = Statement(
        """
        UPDATE operations.commit_clock
        SET number = number + 1, recorded_at = greatest(clock_timestamp(), recorded_at + interval '1 microsecond')
        RETURNING number, recorded_at, (recorded_at AT TIME ZONE 'Europe/Amsterdam')::date, epoch, plan_commit,
            connectors_commit
        """, name: "take_clock")
    private static let readClock = Statement(
        """
        SELECT number, recorded_at, (recorded_at AT TIME ZONE 'Europe/Amsterdam')::date, epoch, plan_commit,
            connectors_commit
        FROM operations.commit_clock
        """, name: "read_clock")
    private static let readToday = Statement(
        "SELECT (clock_timestamp() AT TIME ZONE 'Europe/Amsterdam')::date", name: "today")
    private static let recordCommit = Statement(
        """
        INSERT INTO journal.commit (number, recorded_at, evaluated_on, epoch, kind) VALUES ($1, $2, $3, $4, $5)
        """, name: "record_commit")

    /// Takes the next commit number and holds the clock until the transaction ends.
    ///
    /// Positions are locked and payloads copied before, so that the serial part of a commit is short.
    package static func take(_ session: PostgresSession) throws -> Reading {
        guard let row = try session.execute(takeClock).first else { throw StoreError.readOnly }
        return reading(row)
    }

    /// The latest commit, without taking the clock.
    package static func read(_ session: PostgresSession) throws -> Reading {
        guard let row = try session.execute(readClock).first else {
            throw StoreError.unknown(kind: "row", name: "operations.commit_clock")
        }
        return reading(row)
    }

    /// The day in Amsterdam by the database's clock: on which a commit now would evaluate status.
    static func today(_ session: PostgresSession) throws -> CalendarDate {
        guard let row = try session.execute(readToday).first else { throw StoreError.readOnly }
        return CalendarDate(daysSince2000: row.date(0))
    }

    /// Journals that the commit happened, for the fold.
    package static func record(_ stamp: CommitStamp, kind: StreamKind, _ session: PostgresSession) throws {
        try session.execute(
            recordCommit,
            [
                .int8(stamp.number), .timestamp(stamp.recordedAt.microsecondsSince2000),
                .date(stamp.evaluatedOn.daysSince2000), .int4(stamp.epoch), .text(kind.rawValue),
            ])
    }

    /// Runs `body` in a transaction that commits where it returns something, and leaves no trace where it returns nil.
    ///
    /// So a writer that took the clock and then finds nothing to do gives its number back: numbers have no gap.
    package static func transaction<T>(_ session: PostgresSession, orNothing body: () throws -> T?) throws -> T? {
        do {
            return try session.transaction {
                guard let value = try body() else { throw NothingToCommit() }
                return value
            }
        } catch is NothingToCommit {
            return nil
        }
    }

    private struct NothingToCommit: Error {}

    private static func reading(_ row: Row) -> Reading {
        Reading(
            stamp: CommitStamp(
                number: row.int8(0), recordedAt: Timestamp(microsecondsSince2000: row.timestamp(1)),
                evaluatedOn: CalendarDate(daysSince2000: row.date(2)), epoch: row.int4(3)),
            planCommit: row.int8(4), connectorsCommit: row.int8(5))
    }
}

/// The kinds of streams that the journal chains.
package enum StreamKind: String, CaseIterable, Sendable {
    /// A Kafka partition.
    case partition
    /// Decisions of the programme office and of operators: plan apply, activations, resume, epochs.
    case office
    /// Evaluations that time brought.
    case clock
    /// What became of parked and refused messages later.
    case settlement
}
