import Digest
import ParapluModel
import ParapluRules
package import Postgres

/// `paraplu rebuild`: computes all projections again from the journal, beside the live ones, compares, and may exchange.
///
/// The replay writes through the same statements as the service, into temporary tables that its session's search path puts
/// before the live ones; a second session streams the facts in order of commit. Nothing but the journal is read for it: plans
/// and rounds come from the office's entries. Comparing leaves nothing changed and holds up no writer; a plan that is being
/// applied at that moment may wait for its end.
package struct Rebuild: Sendable {
    /// How the live rows of one table differ from the computed ones.
    package struct Difference: Hashable, Sendable {
        /// The table's name: without the schema where that is `progress`, else with it.
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

    /// Whether the live projections are what the journal gives.
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
        CREATE TEMP TABLE milestone (LIKE progress.milestone INCLUDING ALL);
        CREATE TEMP TABLE snapshot (LIKE progress.snapshot INCLUDING ALL);
        CREATE TEMP TABLE completeness (LIKE progress.completeness INCLUDING ALL);
        CREATE TEMP TABLE correction (LIKE progress.correction INCLUDING ALL);
        CREATE TEMP TABLE rollup (LIKE progress.rollup INCLUDING ALL);
        CREATE TEMP TABLE rollup_revision (LIKE progress.rollup_revision INCLUDING ALL);
        CREATE TEMP TABLE disposition (LIKE progress.disposition INCLUDING ALL);
        CREATE TEMP TABLE finding (LIKE progress.finding INCLUDING ALL);
        CREATE TEMP TABLE observation (LIKE progress.observation INCLUDING ALL);
        CREATE TEMP TABLE version (LIKE plan.version INCLUDING ALL);
        CREATE TEMP TABLE round (LIKE plan.round INCLUDING ALL);
        SET search_path = pg_temp, progress, plan;
        """
    private static let tearDown: StaticString = """
        SET search_path = progress, plan, pg_temp;
        DROP TABLE IF EXISTS pg_temp.action_state, pg_temp.timeline, pg_temp.status, pg_temp.risk, pg_temp.conflict,
            pg_temp.milestone,
            pg_temp.snapshot, pg_temp.completeness, pg_temp.correction, pg_temp.rollup, pg_temp.rollup_revision,
            pg_temp.disposition, pg_temp.finding, pg_temp.observation, pg_temp.version, pg_temp.round;
        """
    private static let commits = Statement(
        """
        SELECT c.number, c.recorded_at, c.evaluated_on, c.epoch, c.kind, f.stream_id, f.position, f.record, f.identity,
            f.body
        FROM journal.commit AS c
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
        WHERE commit = $1 AND kind = 'resolved' ORDER BY position
        """, name: "rebuild_settled")

    /// Replays and compares.
    ///
    /// - Parameters:
    ///   - replaying: A session that may make temporary tables, outside a transaction; it is left as it was.
    ///   - reading: Another session of the same database, to stream the journal from.
    ///   - progress: Is told after each window of commits how far it is, and of how many.
    /// - Throws: `StoreError` where the journal can't be read back; `PostgresError`.
    package static func compare(
        replaying: PostgresSession, reading: PostgresSession,
        progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    ) throws -> Rebuild {
        try replaying.executeScript(setUp.description)
        defer { try? replaying.executeScript(tearDown.description) }
        var replay = Replay()
        return try compare(&replay, replaying: replaying, reading: reading, progress)
    }

    /// Replays and compares, and where the live projections differ makes them what the journal gives, at one commit.
    ///
    /// That commit is an entry of the `office` stream. Writers wait only while the rows that differ are exchanged; where
    /// nothing differs nothing is written. Where a status becomes another, readers of the topics have been told the one
    /// before: a new revision epoch begins, in which everything is announced again.
    ///
    /// - Parameter actor, reason: Who decides and why, for the journal.
    /// - Returns: What differed, and was exchanged.
    /// - Throws: `StoreError.frozenDiffers` where rows of frozen rounds differ too: they stay as they are, and everything else was
    ///   exchanged.
    package static func swap(
        replaying: PostgresSession, reading: PostgresSession, events: EventFactory,
        actor: String, reason: String, progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    ) throws -> Rebuild {
        try replaying.executeScript(setUp.description)
        defer { try? replaying.executeScript(tearDown.description) }
        var replay = Replay()
        let compared = try compare(&replay, replaying: replaying, reading: reading, progress)
        guard !compared.isEqual else { return compared }
        var swapped = compared
        // Tables with rows that nobody may change, and that differ.
        var unchanged: [String] = []
        _ = try CommitClock.transaction(replaying) { () -> Bool? in
            var stream = try OwnStream.lock(.office, replaying)
            let reading = (clock: try CommitClock.take(replaying), journal: reading)
            var stamp = reading.clock.stamp
            try run(&replay, upTo: stamp.number - 1, replaying: replaying, reading: reading.journal)
            swapped = Rebuild(
                commit: stamp.number - 1, facts: replay.facts,
                differences: try RebuildComparison.differences(from: replay.plan, replaying))
            let tables = swapped.differences.map(\.table).filter(RebuildComparison.isExchanged)
            guard !tables.isEmpty else { return nil }
            if try RebuildComparison.isStatusAnother(replaying) { stamp = try DatabaseEpoch.raise(stamp, replaying) }
            unchanged = try RebuildComparison.exchange(tables, plan: replay.plan, replaying)
            _ = stream.add(
                headers: [
                    ("decision", "projections.rebuilt"), ("actor", actor), ("reason", reason),
                    (
                        "tables",
                        swapped.differences.filter { tables.contains($0.table) }.map { "\($0.table) \($0.rows)" }
                            .joined(separator: ", ")
                    ),
                ], value: [], stamp: stamp)
            try stream.write(stamp, replaying)
            if stamp.epoch > reading.clock.stamp.epoch {
                try ProjectionStore.useLiveProjections(replaying)
                _ = try DatabaseEpoch.announce(
                    try PlanStore.index(at: reading.clock.planCommit, replaying), events: events, stamp: stamp,
                    replaying)
            }
            return true
        }
        let frozen = swapped.differences.map(\.table).filter { !RebuildComparison.isExchanged($0) } + unchanged
        guard frozen.isEmpty else { throw StoreError.frozenDiffers(tables: frozen) }
        return swapped
    }

    private static func compare(
        _ replay: inout Replay, replaying: PostgresSession, reading: PostgresSession,
        _ progress: (_ done: Int64, _ total: Int64) -> Void
    ) throws -> Rebuild {
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
                commit: latest, facts: replay.facts,
                differences: try RebuildComparison.differences(from: replay.plan, replaying))
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
                    kind: kind)
            }
            guard !row.isNull(5) else { return }
            replay.pending?.facts.append(
                FoldFact(
                    record: try JournalReader.record(row.bytes(9)), identity: ShortHash(row.uuid(8)),
                    coordinates: FactCoordinates(stream: row.int4(5), position: row.int8(6), record: row.int2(7))))
        }
        try replay.finish(replaying)
        replay.commit = last
    }

    /// The fold over the commits, and the one that is being read.
    private struct Replay {
        struct Commit {
            let stamp: CommitStamp
            let kind: StreamKind
            var facts: [FoldFact] = []
        }

        var pending: Commit?
        var commit: Int64 = 0
        var facts: Int64 = 0
        private var fold = ProgressFold(plan: PlanIndex(commit: 0, plan: nil))
        /// The plan in force after the commits that were folded.
        var plan: Plan? { fold.plan.plan }
        private var hasRollups = false
        private var epoch: Int32?

        /// Folds the commit that was read to its end.
        mutating func finish(_ session: PostgresSession) throws {
            guard let commit = pending else { return }
            pending = nil
            let stamp = commit.stamp
            facts += Int64(commit.facts.count)
            switch commit.kind {
            case .partition:
                if !commit.facts.isEmpty { try take(commit.facts, stamp, cause: .report, session) }
            case .settlement where !commit.facts.isEmpty:
                // What was brought in again has its facts in the settlement stream's own entries.
                _ = try Settler.fold(facts: commit.facts, fold.plan, stamp, session)
                forget()
            case .settlement:
                let messages = try session.execute(Rebuild.settled, [.int8(stamp.number)]).map {
                    (stream: $0.int4(0), position: $0.int8(1))
                }
                if !messages.isEmpty {
                    let settled = try Settler.read(messages, session)
                    facts += Int64(settled.count)
                    _ = try Settler.fold(facts: settled, fold.plan, stamp, session)
                    forget()
                }
            case .office:
                if !commit.facts.isEmpty {
                    try take(commit.facts, stamp, cause: .decision, session)
                } else {
                    try decide(try OfficeEntry.read(ofCommit: stamp.number, session), stamp, session)
                }
            case .clock:
                _ = try ProgrammeClock.evaluate(fold.plan, stamp: stamp, session)
                forget()
            }
            epoch = stamp.epoch
        }

        private mutating func take(
            _ facts: [FoldFact], _ stamp: CommitStamp, cause: ChangeCause, _ session: PostgresSession
        ) throws {
            if !hasRollups {
                fold.rollups = try ProjectionStore.rollups(of: fold.plan, session)
                hasRollups = true
            }
            let (facts, observations) = facts.split()
            _ = try ObservationStore.take(
                observations, plan: fold.plan, stamp: stamp, session)
            guard !facts.isEmpty else { return }
            let histories = try FoldLoader.load(&fold, for: facts, stamp: stamp, session)
            let effects = fold.fold(stamp, facts: facts, histories: histories, cause: cause)
            _ = try ProjectionStore.save(effects, of: fold, stamp: stamp, session)
            if fold.actions.count > IngestWriter.cachedActionsMax { fold.actions.removeAll() }
        }

        /// Does again what the office decided other than by a fact.
        private mutating func decide(
            _ entry: OfficeEntry, _ stamp: CommitStamp, _ session: PostgresSession
        ) throws {
            switch entry.decision {
            case "plan.applied":
                let plan = try entry.plan()
                try PlanWriter.keep(
                    plan, bytes: entry.bytes(of: plan), document: entry.value, actor: try entry.text("actor"),
                    reason: try entry.text("reason"), commit: stamp.number, session)
                let next = PlanIndex(commit: stamp.number, plan: plan)
                _ = try PlanStore.fold(next, previous: fold.plan, stamp: stamp, session)
                fold.plan = next
                forget()
            case "round.opened":
                try RoundStore.replay(entry, stamp: stamp, session)
            case "round.frozen":
                try RoundFreeze.replay(entry, plan: fold.plan, stamp: stamp, session)
                fold.frozenRounds = try RoundStore.frozen(before: stamp.number + 1, session)
                forget()
            default:
                guard let epoch, stamp.epoch > epoch else { return }
                _ = try DatabaseEpoch.reannounce(fold.plan, stamp: stamp, session)
                forget()
            }
        }

        /// Forgets what another fold has changed in the tables.
        private mutating func forget() {
            fold.actions.removeAll()
            hasRollups = false
        }
    }
}
