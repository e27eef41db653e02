import ParapluModel
import Postgres

/// Compares the live tables with the temporary ones, both ways.
enum RebuildComparison {
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
            "milestone",
            Statement(
                """
                SELECT DISTINCT concat_ws(' ', action_id, milestone_id) FROM (
                    (TABLE progress.milestone EXCEPT TABLE pg_temp.milestone)
                    UNION ALL (TABLE pg_temp.milestone EXCEPT TABLE progress.milestone)) AS d ORDER BY 1
                """)
        ),
        (
            "snapshot",
            Statement(
                """
                SELECT DISTINCT concat_ws(' ', round_id, subject) FROM (
                    (SELECT round_id, subject, t::text FROM progress.snapshot AS t
                        EXCEPT SELECT round_id, subject, t::text FROM pg_temp.snapshot AS t)
                    UNION ALL (SELECT round_id, subject, t::text FROM pg_temp.snapshot AS t
                        EXCEPT SELECT round_id, subject, t::text FROM progress.snapshot AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "completeness",
            Statement(
                """
                SELECT DISTINCT concat_ws(' ', round_id, organisation_id) FROM (
                    (TABLE progress.completeness EXCEPT TABLE pg_temp.completeness)
                    UNION ALL (TABLE pg_temp.completeness EXCEPT TABLE progress.completeness)) AS d ORDER BY 1
                """)
        ),
        (
            "correction",
            Statement(
                """
                SELECT DISTINCT concat_ws(' ', round_id, action_id, commit) FROM (
                    (SELECT round_id, action_id, commit, t::text FROM progress.correction AS t
                        EXCEPT SELECT round_id, action_id, commit, t::text FROM pg_temp.correction AS t)
                    UNION ALL (SELECT round_id, action_id, commit, t::text FROM pg_temp.correction AS t
                        EXCEPT SELECT round_id, action_id, commit, t::text FROM progress.correction AS t)) AS d
                ORDER BY 1
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
        (
            "observation",
            Statement(
                """
                SELECT DISTINCT concat_ws(' ', stream_id, position, record) FROM (
                    (TABLE progress.observation EXCEPT TABLE pg_temp.observation)
                    UNION ALL (TABLE pg_temp.observation EXCEPT TABLE progress.observation)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.version",
            Statement(
                """
                SELECT DISTINCT commit::text FROM (
                    (SELECT commit, t::text FROM plan.version AS t EXCEPT SELECT commit, t::text FROM pg_temp.version AS t)
                    UNION ALL (SELECT commit, t::text FROM pg_temp.version AS t
                        EXCEPT SELECT commit, t::text FROM plan.version AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.round",
            Statement(
                """
                SELECT DISTINCT round_id FROM (
                    (SELECT round_id, t::text FROM plan.round AS t EXCEPT SELECT round_id, t::text FROM pg_temp.round AS t)
                    UNION ALL (SELECT round_id, t::text FROM pg_temp.round AS t
                        EXCEPT SELECT round_id, t::text FROM plan.round AS t)) AS d ORDER BY 1
                """)
        ),
    ]

    /// Per table that may be exchanged: the rows that go, and those that come.
    private static let exchanges: [String: (remove: Statement, add: Statement)] = [
        "action_state": (
            Statement(
                """
                DELETE FROM progress.action_state AS t WHERE NOT EXISTS (
                    SELECT FROM pg_temp.action_state AS n WHERE n.action_id = t.action_id
                        AND n::text = t::text)
                """),
            Statement(
                """
                INSERT INTO progress.action_state SELECT * FROM pg_temp.action_state AS n WHERE NOT EXISTS (
                    SELECT FROM progress.action_state AS t WHERE n.action_id = t.action_id)
                """)
        ),
        "timeline": (
            Statement(
                """
                DELETE FROM progress.timeline AS t WHERE NOT EXISTS (
                    SELECT FROM pg_temp.timeline AS n WHERE n.action_id = t.action_id AND n.valid_from = t.valid_from AND n.known_from = t.known_from
                        AND n::text = t::text)
                """),
            Statement(
                """
                INSERT INTO progress.timeline SELECT * FROM pg_temp.timeline AS n WHERE NOT EXISTS (
                    SELECT FROM progress.timeline AS t WHERE n.action_id = t.action_id AND n.valid_from = t.valid_from AND n.known_from = t.known_from)
                """)
        ),
        "status": (
            Statement(
                """
                DELETE FROM progress.status AS t WHERE NOT EXISTS (
                    SELECT FROM pg_temp.status AS n WHERE n.subject = t.subject
                        AND n::text = t::text)
                """),
            Statement(
                """
                INSERT INTO progress.status SELECT * FROM pg_temp.status AS n WHERE NOT EXISTS (
                    SELECT FROM progress.status AS t WHERE n.subject = t.subject)
                """)
        ),
        "risk": (
            Statement(
                """
                DELETE FROM progress.risk AS t WHERE NOT EXISTS (
                    SELECT FROM pg_temp.risk AS n WHERE n.action_id = t.action_id AND n.risk = t.risk
                        AND n::text = t::text)
                """),
            Statement(
                """
                INSERT INTO progress.risk SELECT * FROM pg_temp.risk AS n WHERE NOT EXISTS (
                    SELECT FROM progress.risk AS t WHERE n.action_id = t.action_id AND n.risk = t.risk)
                """)
        ),
        "conflict": (
            Statement(
                """
                DELETE FROM progress.conflict AS t WHERE NOT EXISTS (
                    SELECT FROM pg_temp.conflict AS n WHERE n.action_id = t.action_id AND n.n = t.n
                        AND n::text = t::text)
                """),
            Statement(
                """
                INSERT INTO progress.conflict SELECT * FROM pg_temp.conflict AS n WHERE NOT EXISTS (
                    SELECT FROM progress.conflict AS t WHERE n.action_id = t.action_id AND n.n = t.n)
                """)
        ),
        "milestone": (
            Statement(
                """
                DELETE FROM progress.milestone AS t WHERE NOT EXISTS (
                    SELECT FROM pg_temp.milestone AS n WHERE n.action_id = t.action_id
                        AND n.milestone_id = t.milestone_id AND n::text = t::text)
                """),
            Statement(
                """
                INSERT INTO progress.milestone SELECT * FROM pg_temp.milestone AS n WHERE NOT EXISTS (
                    SELECT FROM progress.milestone AS t WHERE n.action_id = t.action_id
                        AND n.milestone_id = t.milestone_id)
                """)
        ),
        "rollup": (
            Statement(
                """
                DELETE FROM progress.rollup AS t WHERE NOT EXISTS (
                    SELECT FROM pg_temp.rollup AS n WHERE n.subject = t.subject
                        AND n::text = t::text)
                """),
            Statement(
                """
                INSERT INTO progress.rollup SELECT * FROM pg_temp.rollup AS n WHERE NOT EXISTS (
                    SELECT FROM progress.rollup AS t WHERE n.subject = t.subject)
                """)
        ),
        "rollup_revision": (
            Statement(
                """
                DELETE FROM progress.rollup_revision AS t WHERE NOT EXISTS (
                    SELECT FROM pg_temp.rollup_revision AS n WHERE n.subject = t.subject AND n.epoch = t.epoch AND n.revision = t.revision
                        AND n::text = t::text)
                """),
            Statement(
                """
                INSERT INTO progress.rollup_revision SELECT * FROM pg_temp.rollup_revision AS n WHERE NOT EXISTS (
                    SELECT FROM progress.rollup_revision AS t WHERE n.subject = t.subject AND n.epoch = t.epoch AND n.revision = t.revision)
                """)
        ),
        "disposition": (
            Statement(
                """
                DELETE FROM progress.disposition AS t WHERE NOT EXISTS (
                    SELECT FROM pg_temp.disposition AS n WHERE n.stream_id = t.stream_id AND n.position = t.position AND n.record = t.record
                        AND n::text = t::text)
                """),
            Statement(
                """
                INSERT INTO progress.disposition SELECT * FROM pg_temp.disposition AS n WHERE NOT EXISTS (
                    SELECT FROM progress.disposition AS t WHERE n.stream_id = t.stream_id AND n.position = t.position AND n.record = t.record)
                """)
        ),
        "finding": (
            Statement(
                """
                DELETE FROM progress.finding AS t WHERE NOT EXISTS (
                    SELECT FROM pg_temp.finding AS n WHERE n.stream_id = t.stream_id AND n.position = t.position AND n.record = t.record AND n.code = t.code
                        AND n::text = t::text)
                """),
            Statement(
                """
                INSERT INTO progress.finding SELECT * FROM pg_temp.finding AS n WHERE NOT EXISTS (
                    SELECT FROM progress.finding AS t WHERE n.stream_id = t.stream_id AND n.position = t.position AND n.record = t.record AND n.code = t.code)
                """)
        ),
        "observation": (
            Statement(
                """
                DELETE FROM progress.observation AS t WHERE NOT EXISTS (
                    SELECT FROM pg_temp.observation AS n WHERE n.stream_id = t.stream_id AND n.position = t.position AND n.record = t.record
                        AND n::text = t::text)
                """),
            Statement(
                """
                INSERT INTO progress.observation SELECT * FROM pg_temp.observation AS n WHERE NOT EXISTS (
                    SELECT FROM progress.observation AS t WHERE n.stream_id = t.stream_id AND n.position = t.position AND n.record = t.record)
                """)
        ),
    ]

    /// What nobody may change: rows that are missing come back, a row that differs is restored from a backup.
    private static let supplements: [String: Statement] = [
        "plan.version": Statement("INSERT INTO plan.version SELECT * FROM pg_temp.version ON CONFLICT DO NOTHING"),
        "plan.round": Statement("INSERT INTO plan.round SELECT * FROM pg_temp.round ON CONFLICT DO NOTHING"),
        "plan.action_history": PlanComparison.addHistory,
    ]

    private static let readAnother = Statement(
        """
        SELECT EXISTS (
            SELECT FROM progress.status AS s JOIN pg_temp.status AS c USING (subject) WHERE s.payload::text <> c.payload::text)
        """)

    /// Whether the journal gives another status of some subject than the one that is there, and was announced.
    static func isStatusAnother(_ session: PostgresSession) throws -> Bool {
        try session.execute(readAnother).first?.bool(0) ?? false
    }

    /// Whether a table's rows may be exchanged, or come back where they are missing; those of frozen rounds never are.
    static func isExchanged(_ table: String) -> Bool {
        exchanges[table] != nil || supplements[table] != nil || PlanComparison.tables.contains(table)
    }

    /// Makes the live rows of these tables those that were computed.
    ///
    /// - Parameter plan: The plan in force by the journal.
    /// - Returns: Those among them that still differ, in rows that nobody may change.
    static func exchange(_ tables: [String], plan: Plan?, _ session: PostgresSession) throws -> [String] {
        for case let (remove, add)? in tables.map({ exchanges[$0] }) {
            try session.execute(remove)
            try session.execute(add)
        }
        for case let add? in tables.map({ supplements[$0] }) { try session.execute(add) }
        if let plan, tables.contains(where: PlanComparison.tables.contains) { try PlanWriter.write(plan, session) }
        guard tables.contains(where: { supplements[$0] != nil }) else { return [] }
        return try differences(from: plan, session).map(\.table).filter { supplements[$0] != nil }
    }

    /// Where the live tables differ from the computed ones, and the plan's from the plan that is in force by the journal.
    static func differences(from plan: Plan?, _ session: PostgresSession) throws -> [Rebuild.Difference] {
        try differences(session) + PlanComparison.differences(from: plan, session)
    }

    private static func differences(_ session: PostgresSession) throws -> [Rebuild.Difference] {
        try tables.compactMap { name, statement in try difference(name, statement, session) }
    }

    /// How a table differs by a statement that gives the keys of its rows that do, or nil.
    static func difference(
        _ table: String, _ statement: Statement, _ session: PostgresSession
    ) throws -> Rebuild.Difference? {
        var rows: Int64 = 0
        var keys: [String] = []
        try session.forEachRow(statement) { row in
            rows += 1
            if keys.count < Rebuild.keysMax { keys.append(row.string(0)) }
        }
        return rows > 0 ? Rebuild.Difference(table: table, rows: rows, keys: keys) : nil
    }
}
