import ParapluModel
import Postgres

/// Compares the tables of the plan in force with what the journal's plan gives.
///
/// They are written as applying the plan writes them, beside copies of the live rows, and that is rolled back: so there is
/// one way to write a plan, and none to compare it by.
enum PlanComparison {
    private static let copyLive: StaticString = """
        SAVEPOINT plan_comparison;
        CREATE TEMP TABLE live_programme AS TABLE plan.programme;
        CREATE TEMP TABLE live_goal AS TABLE plan.goal;
        CREATE TEMP TABLE live_line AS TABLE plan.line;
        CREATE TEMP TABLE live_organisation AS TABLE plan.organisation;
        CREATE TEMP TABLE live_organisation_name AS TABLE plan.organisation_name;
        CREATE TEMP TABLE live_action AS TABLE plan.action;
        CREATE TEMP TABLE live_action_role AS TABLE plan.action_role;
        CREATE TEMP TABLE live_milestone AS TABLE plan.milestone;
        CREATE TEMP TABLE live_indicator AS TABLE plan.indicator;
        CREATE TEMP TABLE live_indicator_target AS TABLE plan.indicator_target;
        CREATE TEMP TABLE live_exploitation_form AS TABLE plan.exploitation_form;
        CREATE TEMP TABLE live_breakdown_code AS TABLE plan.breakdown_code;
        CREATE TEMP TABLE live_document AS TABLE plan.document;
        CREATE TEMP TABLE live_document_citation AS TABLE plan.document_citation;
        CREATE TEMP TABLE live_commitment AS TABLE plan.commitment;
        CREATE TEMP TABLE live_budget AS TABLE plan.budget;
        CREATE TEMP TABLE live_planned_round AS TABLE plan.planned_round;
        """
    private static let rollBack: StaticString =
        "ROLLBACK TO SAVEPOINT plan_comparison; RELEASE SAVEPOINT plan_comparison"

    /// The tables, as differences name them.
    static var tables: Set<String> { Set(statements.map(\.table)) }

    /// Where the live tables differ from the plan; nothing is changed.
    static func differences(from plan: Plan?, _ session: PostgresSession) throws -> [Rebuild.Difference] {
        guard let plan else { return [] }
        try session.executeScript(copyLive.description)
        try PlanWriter.write(plan, session)
        let differences = try statements.compactMap { table, statement in
            try RebuildComparison.difference(table, statement, session)
        }
        try session.executeScript(rollBack.description)
        let kept = try RebuildComparison.difference("plan.action_history", history, session)
        return differences + [kept].compactMap { $0 }
    }

    /// Adds what is missing of what the versions said of actions, as applying them one after the other keeps it.
    static let addHistory = Statement(
        """
        WITH said AS (
            SELECT a.id, c.recorded_at, a.code, a.title_nl, a.title_en, a.display_note_nl, a.line,
                ARRAY(SELECT json_array_elements_text(a.goals)) AS goals, a.policy_type, a.provenance
            FROM pg_temp.version AS v
            JOIN journal.commit AS c ON c.number = v.commit
            CROSS JOIN LATERAL json_to_recordset(v.plan -> 'actions') AS a (id text, code text, title_nl text,
                title_en text, display_note_nl text, line text, goals json, policy_type text, provenance text)
        ), compared AS (
            SELECT s.*, (code, title_nl, title_en, display_note_nl, line, goals, policy_type, provenance)
                = lag((code, title_nl, title_en, display_note_nl, line, goals, policy_type, provenance))
                    OVER (PARTITION BY id ORDER BY recorded_at) AS is_same
            FROM said AS s
        )
        INSERT INTO plan.action_history
        SELECT id, recorded_at, lead(recorded_at) OVER (PARTITION BY id ORDER BY recorded_at), code, title_nl, title_en,
            display_note_nl, line, goals, policy_type, provenance
        FROM compared WHERE is_same IS NOT TRUE
        ON CONFLICT DO NOTHING
        """)

    /// What the versions said of actions, each at its own moment, against what is kept of that.
    private static let history = Statement(
        """
        WITH version AS (
            SELECT v.plan, c.recorded_at FROM pg_temp.version AS v JOIN journal.commit AS c ON c.number = v.commit
        ), said AS (
            SELECT a.id AS key, v.recorded_at, a.code, a.title_nl, a.title_en, a.display_note_nl, a.line,
                ARRAY(SELECT json_array_elements_text(a.goals)), a.policy_type, a.provenance
            FROM version AS v
            CROSS JOIN LATERAL json_to_recordset(v.plan -> 'actions') AS a (id text, code text, title_nl text,
                title_en text, display_note_nl text, line text, goals json, policy_type text, provenance text)
        ), kept AS (
            SELECT h.action_id AS key, v.recorded_at, h.code, h.title_nl, h.title_en, h.display_note_nl, h.line_id,
                h.goals, h.policy_type, h.provenance
            FROM version AS v
            JOIN plan.action_history AS h ON h.known_from <= v.recorded_at
                AND (h.known_until IS NULL OR h.known_until > v.recorded_at)
        )
        SELECT DISTINCT key FROM (
            (SELECT * FROM said EXCEPT SELECT * FROM kept) UNION ALL (SELECT * FROM kept EXCEPT SELECT * FROM said)
        ) AS d ORDER BY 1
        """)

    private static let statements: [(table: String, statement: Statement)] = [
        (
            "plan.programme",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT programme_id AS key, t::text FROM plan.programme AS t
                        EXCEPT SELECT programme_id, t::text FROM pg_temp.live_programme AS t)
                    UNION ALL (SELECT programme_id, t::text FROM pg_temp.live_programme AS t
                        EXCEPT SELECT programme_id, t::text FROM plan.programme AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.goal",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT goal_id AS key, t::text FROM plan.goal AS t
                        EXCEPT SELECT goal_id, t::text FROM pg_temp.live_goal AS t)
                    UNION ALL (SELECT goal_id, t::text FROM pg_temp.live_goal AS t
                        EXCEPT SELECT goal_id, t::text FROM plan.goal AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.line",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT line_id AS key, t::text FROM plan.line AS t
                        EXCEPT SELECT line_id, t::text FROM pg_temp.live_line AS t)
                    UNION ALL (SELECT line_id, t::text FROM pg_temp.live_line AS t
                        EXCEPT SELECT line_id, t::text FROM plan.line AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.organisation",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT organisation_id AS key, t::text FROM plan.organisation AS t
                        EXCEPT SELECT organisation_id, t::text FROM pg_temp.live_organisation AS t)
                    UNION ALL (SELECT organisation_id, t::text FROM pg_temp.live_organisation AS t
                        EXCEPT SELECT organisation_id, t::text FROM plan.organisation AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.organisation_name",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT concat_ws(' ', organisation_id, valid_until) AS key, t::text FROM plan.organisation_name AS t
                        EXCEPT SELECT concat_ws(' ', organisation_id, valid_until), t::text FROM pg_temp.live_organisation_name AS t)
                    UNION ALL (SELECT concat_ws(' ', organisation_id, valid_until), t::text FROM pg_temp.live_organisation_name AS t
                        EXCEPT SELECT concat_ws(' ', organisation_id, valid_until), t::text FROM plan.organisation_name AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.action",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT action_id AS key, t::text FROM plan.action AS t
                        EXCEPT SELECT action_id, t::text FROM pg_temp.live_action AS t)
                    UNION ALL (SELECT action_id, t::text FROM pg_temp.live_action AS t
                        EXCEPT SELECT action_id, t::text FROM plan.action AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.action_role",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT concat_ws(' ', action_id, n) AS key, t::text FROM plan.action_role AS t
                        EXCEPT SELECT concat_ws(' ', action_id, n), t::text FROM pg_temp.live_action_role AS t)
                    UNION ALL (SELECT concat_ws(' ', action_id, n), t::text FROM pg_temp.live_action_role AS t
                        EXCEPT SELECT concat_ws(' ', action_id, n), t::text FROM plan.action_role AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.milestone",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT concat_ws(' ', action_id, milestone_id) AS key, t::text FROM plan.milestone AS t
                        EXCEPT SELECT concat_ws(' ', action_id, milestone_id), t::text FROM pg_temp.live_milestone AS t)
                    UNION ALL (SELECT concat_ws(' ', action_id, milestone_id), t::text FROM pg_temp.live_milestone AS t
                        EXCEPT SELECT concat_ws(' ', action_id, milestone_id), t::text FROM plan.milestone AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.indicator",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT indicator_id AS key, t::text FROM plan.indicator AS t
                        EXCEPT SELECT indicator_id, t::text FROM pg_temp.live_indicator AS t)
                    UNION ALL (SELECT indicator_id, t::text FROM pg_temp.live_indicator AS t
                        EXCEPT SELECT indicator_id, t::text FROM plan.indicator AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.indicator_target",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT concat_ws(' ', indicator_id, period) AS key, t::text FROM plan.indicator_target AS t
                        EXCEPT SELECT concat_ws(' ', indicator_id, period), t::text FROM pg_temp.live_indicator_target AS t)
                    UNION ALL (SELECT concat_ws(' ', indicator_id, period), t::text FROM pg_temp.live_indicator_target AS t
                        EXCEPT SELECT concat_ws(' ', indicator_id, period), t::text FROM plan.indicator_target AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.exploitation_form",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT form_id AS key, t::text FROM plan.exploitation_form AS t
                        EXCEPT SELECT form_id, t::text FROM pg_temp.live_exploitation_form AS t)
                    UNION ALL (SELECT form_id, t::text FROM pg_temp.live_exploitation_form AS t
                        EXCEPT SELECT form_id, t::text FROM plan.exploitation_form AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.breakdown_code",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT concat_ws(' ', dimension, code) AS key, t::text FROM plan.breakdown_code AS t
                        EXCEPT SELECT concat_ws(' ', dimension, code), t::text FROM pg_temp.live_breakdown_code AS t)
                    UNION ALL (SELECT concat_ws(' ', dimension, code), t::text FROM pg_temp.live_breakdown_code AS t
                        EXCEPT SELECT concat_ws(' ', dimension, code), t::text FROM plan.breakdown_code AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.document",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT number AS key, t::text FROM plan.document AS t
                        EXCEPT SELECT number, t::text FROM pg_temp.live_document AS t)
                    UNION ALL (SELECT number, t::text FROM pg_temp.live_document AS t
                        EXCEPT SELECT number, t::text FROM plan.document AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.document_citation",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT concat_ws(' ', number, n) AS key, t::text FROM plan.document_citation AS t
                        EXCEPT SELECT concat_ws(' ', number, n), t::text FROM pg_temp.live_document_citation AS t)
                    UNION ALL (SELECT concat_ws(' ', number, n), t::text FROM pg_temp.live_document_citation AS t
                        EXCEPT SELECT concat_ws(' ', number, n), t::text FROM plan.document_citation AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.commitment",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT commitment_id AS key, t::text FROM plan.commitment AS t
                        EXCEPT SELECT commitment_id, t::text FROM pg_temp.live_commitment AS t)
                    UNION ALL (SELECT commitment_id, t::text FROM pg_temp.live_commitment AS t
                        EXCEPT SELECT commitment_id, t::text FROM plan.commitment AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.budget",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT budget_id AS key, t::text FROM plan.budget AS t
                        EXCEPT SELECT budget_id, t::text FROM pg_temp.live_budget AS t)
                    UNION ALL (SELECT budget_id, t::text FROM pg_temp.live_budget AS t
                        EXCEPT SELECT budget_id, t::text FROM plan.budget AS t)) AS d ORDER BY 1
                """)
        ),
        (
            "plan.planned_round",
            Statement(
                """
                SELECT DISTINCT key FROM (
                    (SELECT round_id AS key, t::text FROM plan.planned_round AS t
                        EXCEPT SELECT round_id, t::text FROM pg_temp.live_planned_round AS t)
                    UNION ALL (SELECT round_id, t::text FROM pg_temp.live_planned_round AS t
                        EXCEPT SELECT round_id, t::text FROM plan.planned_round AS t)) AS d ORDER BY 1
                """)
        ),
    ]
}
