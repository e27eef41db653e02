package import ParapluModel
import ParapluRules
package import Postgres

/// Reads the projections; `ProjectionStore+Save.swift` writes them.
///
/// Every statement on the tables of `progress` is in these two.
///
/// The statements name their tables without a schema. A session's search path says which projections they mean: the live
/// ones (`progress`), or the temporary ones that a rebuild fills beside them.
package enum ProjectionStore {
    private static let useLive = Statement("SET search_path = progress, plan, pg_temp", prepare: false)
    private static let loadActions = Statement(
        """
        SELECT action_id, state, published, contribution, revision, epoch, next_step FROM action_state WHERE action_id = ANY($1)
        """, name: "load_actions")
    private static let loadRollups = Statement(
        """
        SELECT r.subject, r.counts, coalesce(s.revision, 0), coalesce(s.epoch, 0)
        FROM rollup AS r LEFT JOIN status AS s USING (subject)
        """, name: "load_rollups")
    private static let loadHistory = Statement(
        """
        SELECT f.stream_id, f.position, f.record, f.identity, f.body
        FROM journal.fact AS f
        JOIN journal.entry AS e USING (stream_id, position)
        LEFT JOIN journal.settlement AS s ON s.stream_id = f.stream_id AND s.settled_position = f.position
        WHERE f.action_id = ANY($1) AND f.commit < $2
            AND (e.outcome IN (1, 3) OR (s.kind IN ('resolved', 'replayed') AND s.commit < $2))
        """, name: "load_history")

    /// Makes the session's statements mean the live projections.
    package static func useLiveProjections(_ session: PostgresSession) throws {
        try session.execute(useLive)
    }

    /// The projections of these actions, as far as they have one.
    package static func actions(
        _ ids: some Collection<ActionID>, _ session: PostgresSession
    ) throws -> [ActionID: ActionProjection] {
        guard !ids.isEmpty else { return [:] }
        var names = BinaryArray(.text)
        for id in ids { names.append(text: id.rawValue) }
        var found: [ActionID: ActionProjection] = [:]
        for row in try session.execute(loadActions, [.array(names)]) {
            guard let state = try? ActionState(decoding: row.bytes(1)),
                let published = ActionStatus(decoding: row.bytes(2)),
                let contribution = RollupContribution(decoding: row.bytes(3))
            else { throw StoreError.unreadableProjection(table: "action_state") }
            found[ActionID(unchecked: row.string(0))] = ActionProjection(
                state: state, published: published, contribution: contribution, epoch: row.int4(5),
                revision: row.int8(4), nextStep: row.dateOrNil(6).map(CalendarDate.init(daysSince2000:)))
        }
        return found
    }

    /// The projections of all roll-ups.
    ///
    /// - Parameter plan: The plan under which they were announced.
    package static func rollups(
        of plan: PlanIndex, _ session: PostgresSession
    ) throws -> [Subject: RollupProjection] {
        var found: [Subject: RollupProjection] = [:]
        for row in try session.execute(loadRollups) {
            guard let subject = Subject(row.string(0)), let counts = RollupCounts(decoding: row.bytes(1)) else {
                throw StoreError.unreadableProjection(table: "rollup")
            }
            let revision = row.int8(2)
            found[subject] = RollupProjection(
                counts: counts, published: revision == 0 ? nil : rollup(counts, settings: plan.settings),
                epoch: row.int4(3),
                revision: revision)
        }
        return found
    }

    /// Every effective fact of these actions that was journalled before that commit; an action without any has none.
    package static func histories(
        _ ids: some Collection<ActionID>, before commit: Int64, _ session: PostgresSession
    ) throws -> [ActionID: [FoldFact]] {
        guard !ids.isEmpty else { return [:] }
        var names = BinaryArray(.text)
        var histories: [ActionID: [FoldFact]] = [:]
        for id in ids {
            names.append(text: id.rawValue)
            histories[id] = []
        }
        for row in try session.execute(loadHistory, [.array(names), .int8(commit)]) {
            let record = try JournalReader.record(row.bytes(4))
            histories[record.action, default: []].append(
                FoldFact(
                    record: record, identity: ShortHash(row.uuid(3)),
                    coordinates: FactCoordinates(stream: row.int4(0), position: row.int8(1), record: row.int2(2))))
        }
        return histories
    }
}
