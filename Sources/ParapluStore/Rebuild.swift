import Digest
import ParapluModel
package import ParapluRules
package import Postgres

/// `paraplu rebuild --compare`: computes all projections again from the journal, beside the live ones, and compares.
///
/// The replay writes through the same statements as the service, into temporary tables that its session's search path puts
/// before the live ones; a second session streams the facts in order of commit. Nothing live is touched or held up.
package struct Rebuild: Sendable {
    /// How the live rows of one table differ from the computed ones.
    package struct Difference: Hashable, Sendable {
        package let table: String
        /// The rows that only one of the two has, or that differ.
        package let rows: Int64
        /// Their first keys, at most `keysMax`.
        package let keys: [String]
    }

    /// The last commit that was replayed and compared.
    package let commit: Int64
    /// The facts that were folded.
    package let facts: Int64
    /// The tables that differ; none where all is well.
    package let differences: [Difference]

    package var isEqual: Bool { differences.isEmpty }

    /// The most keys that are named of each table.
    package static let keysMax = 10
    /// The commits whose facts are read in one statement, so that the server sorts little at a time.
    private static let window: Int64 = 2_000

    private static let setUp: StaticString = """
        SET TimeZone = 'UTC';
        SET search_path = pg_temp;
        CREATE TEMP TABLE action_state (LIKE progress.action_state INCLUDING ALL);
        CREATE TEMP TABLE timeline (LIKE progress.timeline INCLUDING ALL);
        CREATE TEMP TABLE status (LIKE progress.status INCLUDING ALL);
        CREATE TEMP TABLE risk (LIKE progress.risk INCLUDING ALL);
        CREATE TEMP TABLE conflict (LIKE progress.conflict INCLUDING ALL);
        CREATE TEMP TABLE rollup (LIKE progress.rollup INCLUDING ALL);
        CREATE TEMP TABLE rollup_revision (LIKE progress.rollup_revision INCLUDING ALL);
        CREATE TEMP TABLE disposition (LIKE progress.disposition INCLUDING ALL);
        CREATE TEMP TABLE finding (LIKE progress.finding INCLUDING ALL);
        SET search_path = pg_temp, progress;
        """
    private static let tearDown: StaticString = """
        SET search_path = progress, pg_temp;
        DROP TABLE IF EXISTS pg_temp.action_state, pg_temp.timeline, pg_temp.status, pg_temp.risk,
            pg_temp.conflict, pg_temp.rollup, pg_temp.rollup_revision, pg_temp.disposition, pg_temp.finding;
        """
    private static let commits = Statement(
        """
        SELECT c.number, c.recorded_at, c.evaluated_on, c.epoch, c.kind, v.commit IS NOT NULL, f.stream_id, f.position,
            f.record, f.identity, f.body
        FROM journal.commit AS c
        LEFT JOIN plan.version AS v ON v.commit = c.number
        LEFT JOIN (
            SELECT f.commit, f.n, f.stream_id, f.position, f.record, f.identity, f.body
            FROM journal.fact AS f JOIN journal.entry AS e USING (stream_id, position)
            WHERE f.commit > $1 AND f.commit <= $2 AND e.outcome IN (1, 3)) AS f ON f.commit = c.number
        WHERE c.number > $1 AND c.number <= $2
        ORDER BY c.number, f.n, f.record
        """, name: "rebuild_commits")
    private static let settled = Statement(
        """
        SELECT stream_id, settled_position FROM journal.settlement
        WHERE commit = $1 AND kind IN ('resolved', 'replayed') ORDER BY position
        """, name: "rebuild_settled")

    /// Replays and compares.
    ///
    /// - Parameters:
    ///   - replaying: A session that may make temporary tables, outside a transaction; it is left as it was.
    ///   - reading: Another session of the same database, to stream the journal from.
    ///   - progress: Is told after each window of commits how far it is, and of how many.
    /// - Throws: `StoreError` where the journal can't be read back; `PostgresError`.
    package static func compare(
        replaying: PostgresSession, reading: PostgresSession, settings: RuleSettings,
        progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    ) throws -> Rebuild {
        try replaying.executeScript(setUp.description)
        defer { try? replaying.executeScript(tearDown.description) }
        var replay = Replay(settings: settings)
        // The service goes on: what it commits meanwhile is caught up with, the last of it within the final snapshot.
        while true {
            let latest = try CommitClock.read(reading).stamp.number
            guard latest - replay.commit > window else { break }
            try replaying.transaction {
                try run(&replay, upTo: replay.commit + window, replaying: replaying, reading: reading)
            }
            progress(replay.commit, latest)
        }
        return try replaying.transaction(isolation: .repeatableRead) {
            let latest = try CommitClock.read(replaying).stamp.number
            try run(&replay, upTo: latest, replaying: replaying, reading: reading)
            progress(latest, latest)
            return Rebuild(
                commit: latest, facts: replay.facts, differences: try Comparison.differences(replaying))
        }
    }

    /// Replays a window of commits, fact by fact as they are read.
    private static func run(
        _ replay: inout Replay, upTo last: Int64, replaying: PostgresSession, reading: PostgresSession
    ) throws {
        guard last > replay.commit else { return }
        try reading.forEachRow(commits, [.int8(replay.commit), .int8(last)]) { row in
            if replay.pending?.stamp.number != row.int8(0) {
                try replay.finish(replaying)
                guard let kind = StreamKind(rawValue: row.string(4)) else {
                    throw StoreError.unknown(kind: "stream", name: row.string(4))
                }
                replay.pending = Replay.Commit(
                    stamp: CommitStamp(
                        number: row.int8(0), recordedAt: Timestamp(microsecondsSince2000: row.timestamp(1)),
                        evaluatedOn: CalendarDate(daysSince2000: row.date(2)), epoch: row.int4(3)),
                    kind: kind, bringsPlan: row.bool(5))
            }
            guard !row.isNull(6) else { return }
            replay.pending?.facts.append(
                FoldFact(
                    record: try JournalReader.record(row.bytes(10)), identity: ShortHash(row.uuid(9)),
                    coordinates: FactCoordinates(stream: row.int4(6), position: row.int8(7), record: row.int2(8))))
        }
        try replay.finish(replaying)
        replay.commit = last
    }

    /// The fold over the commits, and the one that is being read.
    private struct Replay {
        struct Commit {
            let stamp: CommitStamp
            let kind: StreamKind
            let bringsPlan: Bool
            var facts: [FoldFact] = []
        }

        var pending: Commit?
        var commit: Int64 = 0
        var facts: Int64 = 0
        private var fold: ProgressFold
        private var hasRollups = false
        private var epoch: Int32?

        init(settings: RuleSettings) {
            fold = ProgressFold(plan: PlanIndex(commit: 0, plan: nil), settings: settings)
        }

        /// Folds the commit that was read to its end.
        mutating func finish(_ session: PostgresSession) throws {
            guard let commit = pending else { return }
            pending = nil
            let stamp = commit.stamp
            facts += Int64(commit.facts.count)
            switch commit.kind {
            case .partition:
                if !commit.facts.isEmpty { try take(commit.facts, stamp, cause: .report, session) }
            case .settlement:
                let messages = try session.execute(Rebuild.settled, [.int8(stamp.number)]).map {
                    (stream: $0.int4(0), position: $0.int8(1))
                }
                if !messages.isEmpty {
                    let settled = try Settler.read(messages, session)
                    facts += Int64(settled.count)
                    _ = try Settler.fold(facts: settled, fold.plan, fold.settings, stamp, session)
                    forget()
                }
            case .office:
                if !commit.facts.isEmpty {
                    try take(commit.facts, stamp, cause: .decision, session)
                } else if commit.bringsPlan {
                    let next = try PlanStore.index(at: stamp.number, session)
                    _ = try PlanStore.fold(next, previous: fold.plan, settings: fold.settings, stamp: stamp, session)
                    fold.plan = next
                    forget()
                } else if let epoch, stamp.epoch > epoch {
                    _ = try DatabaseEpoch.reannounce(fold.plan, settings: fold.settings, stamp: stamp, session)
                    forget()
                }
            case .clock:
                _ = try ProgrammeClock.evaluate(fold.plan, settings: fold.settings, stamp: stamp, session)
                forget()
            }
            epoch = stamp.epoch
        }

        private mutating func take(
            _ facts: [FoldFact], _ stamp: CommitStamp, cause: ChangeCause, _ session: PostgresSession
        ) throws {
            if !hasRollups {
                fold.rollups = try ProjectionStore.rollups(settings: fold.settings, session)
                hasRollups = true
            }
            let histories = try FoldLoader.load(&fold, for: facts, stamp: stamp, session)
            let effects = fold.fold(stamp, facts: facts, histories: histories, cause: cause)
            _ = try ProjectionStore.save(effects, of: fold, stamp: stamp, session)
            if fold.actions.count > IngestWriter.cachedActionsMax { fold.actions.removeAll() }
        }

        /// Forgets what another fold has changed in the tables.
        private mutating func forget() {
            fold.actions.removeAll()
            hasRollups = false
        }
    }
}

/// Compares the live tables with the temporary ones, both ways.
private enum Comparison {
    private static let tables: [(name: String, statement: Statement)] = [
        (
            "action_state",
            Statement(
                """
                SELECT DISTINCT action_id FROM (
                    (SELECT action_id, t::text FROM progress.action_state AS t
                        EXCEPT SELECT action_id, t::text FROM pg_temp.action_state AS t)
                    UNION ALL (SELECT action_id, t::text FROM pg_temp.action_state AS t
                        EXCEPT SELECT action_id, t::text FROM progress.action_state AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "timeline",
            Statement(
                """
                SELECT DISTINCT concat_ws(' ', action_id, valid_from, known_from) FROM (
                    (SELECT action_id, valid_from, known_from, t::text FROM progress.timeline AS t
                        EXCEPT SELECT action_id, valid_from, known_from, t::text FROM pg_temp.timeline AS t)
                    UNION ALL (SELECT action_id, valid_from, known_from, t::text FROM pg_temp.timeline AS t
                        EXCEPT SELECT action_id, valid_from, known_from, t::text FROM progress.timeline AS t)) AS d
                ORDER BY 1
                """)
        ),
        (
            "status",
            Statement(
                """
                SELECT DISTINCT subject FROM (
                    (SELECT subject, t::text FROM progress.status AS t
                        EXCEPT SELECT subject, t::text FROM pg_temp.status AS t)
                    UNION ALL (SELECT subject, t::text FROM pg_temp.status AS t
                        EXCEPT SELECT subject, t::text FROM progress.status AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "risk",
            Statement(
                """
                SELECT DISTINCT concat_ws(' ', action_id, risk) FROM (
                    (TABLE progress.risk EXCEPT TABLE pg_temp.risk)
                    UNION ALL (TABLE pg_temp.risk EXCEPT TABLE progress.risk)) AS d ORDER BY 1
                """)
        ),
        (
            "conflict",
            Statement(
                """
                SELECT DISTINCT concat_ws(' ', action_id, n) FROM (
                    (TABLE progress.conflict EXCEPT TABLE pg_temp.conflict)
                    UNION ALL (TABLE pg_temp.conflict EXCEPT TABLE progress.conflict)) AS d ORDER BY 1
                """)
        ),
        (
            "rollup",
            Statement(
                """
                SELECT DISTINCT subject FROM (
                    (SELECT subject, t::text FROM progress.rollup AS t
                        EXCEPT SELECT subject, t::text FROM pg_temp.rollup AS t)
                    UNION ALL (SELECT subject, t::text FROM pg_temp.rollup AS t
                        EXCEPT SELECT subject, t::text FROM progress.rollup AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "rollup_revision",
            Statement(
                """
                SELECT DISTINCT concat_ws(' ', subject, epoch, revision) FROM (
                    (SELECT subject, epoch, revision, t::text FROM progress.rollup_revision AS t
                        EXCEPT SELECT subject, epoch, revision, t::text FROM pg_temp.rollup_revision AS t)
                    UNION ALL (SELECT subject, epoch, revision, t::text FROM pg_temp.rollup_revision AS t
                        EXCEPT SELECT subject, epoch, revision, t::text FROM progress.rollup_revision AS t)) AS d
                ORDER BY 1
                """)
        ),
        (
            "disposition",
            Statement(
                """
                SELECT DISTINCT concat_ws(' ', stream_id, position, record) FROM (
                    (TABLE progress.disposition EXCEPT TABLE pg_temp.disposition)
                    UNION ALL (TABLE pg_temp.disposition EXCEPT TABLE progress.disposition)) AS d ORDER BY 1
                """)
        ),
        (
            "finding",
            Statement(
                """
                SELECT DISTINCT concat_ws(' ', stream_id, position, record, code) FROM (
                    (TABLE progress.finding EXCEPT TABLE pg_temp.finding)
                    UNION ALL (TABLE pg_temp.finding EXCEPT TABLE progress.finding)) AS d ORDER BY 1
                """)
        ),
    ]

    static func differences(_ session: PostgresSession) throws -> [Rebuild.Difference] {
        var differences: [Rebuild.Difference] = []
        for (name, statement) in tables {
            var rows: Int64 = 0
            var keys: [String] = []
            try session.forEachRow(statement) { row in
                rows += 1
                if keys.count < Rebuild.keysMax { keys.append(row.string(0)) }
            }
            if rows > 0 { differences.append(Rebuild.Difference(table: name, rows: rows, keys: keys)) }
        }
        return differences
    }
}
