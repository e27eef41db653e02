-- Milestones as the fold has them now, against the first and the latest baseline. All of it can be computed again.
SET ROLE paraplu_owner;

CREATE TABLE progress.milestone (
    action_id text NOT NULL,
    milestone_id text NOT NULL,
    status text NOT NULL CHECK (status IN ('GEPLAND', 'BEREIKT_GEMELD', 'BEREIKT', 'VERVALLEN')),
    as_of date NOT NULL,
    due date,
    is_refused boolean NOT NULL,
    commit bigint NOT NULL,
    PRIMARY KEY (action_id, milestone_id)
);
COMMENT ON TABLE progress.milestone IS 'What stands of each milestone of which its action''s holder spoke (mijlpaal)';
COMMENT ON COLUMN progress.milestone.as_of IS 'The day of which the holder''s latest word on it speaks';
COMMENT ON COLUMN progress.milestone.due IS 'The latest date on which it is due, where a report moved it; else the plan''s';
COMMENT ON COLUMN progress.milestone.is_refused IS 'The programme office refused that it is reached, and the holder said nothing since';
COMMENT ON COLUMN progress.milestone.commit IS 'The commit that last changed a milestone of the action';

GRANT SELECT ON progress.milestone TO paraplu_reader;
RESET ROLE;

-- The due day itself is not late; what is reached or dropped is late no more.
CREATE VIEW report_v1.milestone WITH (security_barrier) AS
    SELECT m.milestone_id, m.action_id, a.code, a.line_id AS line, m.title_nl, m.kind, m.is_critical, s.status, s.as_of,
        m.baseline_due, s.current_due, s.current_due - m.baseline_due AS moved_days,
        CASE WHEN s.is_open THEN greatest(w.today - m.baseline_due, 0) ELSE 0 END AS late_days_first,
        CASE WHEN s.is_open THEN greatest(w.today - s.current_due, 0) ELSE 0 END AS late_days_latest,
        s.is_open AND w.today > m.baseline_due AND s.current_due > m.baseline_due AS is_rebaselined, s.is_refused,
        m.provenance, w.today AS evaluated_on, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM plan.milestone AS m
    JOIN plan.action AS a USING (action_id)
    LEFT JOIN progress.milestone AS p USING (action_id, milestone_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(p.status, 'GEPLAND') AS status, p.as_of, coalesce(p.due, m.current_due) AS current_due,
            coalesce(p.status, 'GEPLAND') = 'GEPLAND' AS is_open, coalesce(p.is_refused, false) AS is_refused) AS s
    CROSS JOIN (
        SELECT commit, recorded_at, (recorded_at AT TIME ZONE 'Europe/Amsterdam')::date AS today
        FROM report_v1.watermark) AS w;
COMMENT ON VIEW report_v1.milestone IS 'Every milestone of the plan, and how late it is against the first and the latest date';

DO $$
DECLARE
    col record;
BEGIN
    FOR col IN SELECT * FROM (VALUES
        ('milestone_id', 'The milestone''s stable identifier'),
        ('action_id', 'The action''s stable identifier'),
        ('code', 'The code that people know the action by'),
        ('line', 'The action line'),
        ('title_nl', 'Title in Dutch, as in the plan in force'),
        ('kind', 'milestone (qualitative) or target (quantitative)'),
        ('is_critical', 'Whether being late makes the action red at once'),
        ('status', 'How far it is (list milestone_status)'),
        ('as_of', 'The day of which the holder''s latest word on it speaks; null where there is none'),
        ('baseline_due', 'The first date on which it was due; kept for ever'),
        ('current_due', 'The latest date: of the holder''s report that moved it, else of the plan'),
        ('moved_days', 'By how many days the latest date lies behind the first'),
        ('late_days_first', 'Days late against the first date; 0 where it is reached, dropped or in time'),
        ('late_days_latest', 'Days late against the latest date; 0 where it is reached, dropped or in time'),
        ('is_rebaselined', 'Late against the first date, though the latest was moved behind it (flag HERIJKT)'),
        ('is_refused', 'The programme office refused that it is reached, and the holder said nothing since'),
        ('provenance', 'Whether it was found in a source or is illustrative'),
        ('evaluated_on', 'The day in Amsterdam at which lateness was judged'),
        ('watermark_commit', 'The answer is complete up to this commit'),
        ('watermark_recorded_at', 'The answer is complete up to this moment')
    ) AS m (name, meaning)
    LOOP
        EXECUTE format('COMMENT ON COLUMN report_v1.milestone.%I IS %L', col.name, col.meaning);
    END LOOP;
END
$$;
ALTER VIEW report_v1.milestone OWNER TO paraplu_reader;
GRANT SELECT ON report_v1.milestone TO paraplu_report, paraplu_operator, paraplu_app;
