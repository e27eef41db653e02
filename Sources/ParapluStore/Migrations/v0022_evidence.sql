-- What holders say besides: the document that shows that a milestone was reached, and what is done about a risk, and by whom.
SET ROLE paraplu_owner;
ALTER TABLE progress.milestone ADD COLUMN evidence text CHECK (octet_length(evidence) <= 64);
COMMENT ON COLUMN progress.milestone.evidence IS 'The document of Parliament that shows it, by the holder''s word; null where it isn''t reached, or none was named';
ALTER TABLE progress.risk ADD COLUMN response text CHECK (response IN ('VERMIJDEN', 'BEPERKEN', 'OVERDRAGEN', 'ACCEPTEREN')),
    ADD COLUMN owner text CHECK (octet_length(owner) <= 64);
COMMENT ON COLUMN progress.risk.response IS 'What is done about it (list risk_response); null where the holder doesn''t say';
COMMENT ON COLUMN progress.risk.owner IS 'The organisation that deals with it; null where the holder names none';
RESET ROLE;

-- As before, and with the evidence.
CREATE OR REPLACE VIEW report_v1.milestone WITH (security_barrier) AS
    SELECT m.milestone_id, m.action_id, a.code, a.line_id AS line, m.title_nl, m.kind, m.is_critical, s.status, s.as_of,
        m.baseline_due, s.current_due, s.current_due - m.baseline_due AS moved_days,
        CASE WHEN s.is_open THEN greatest(w.today - m.baseline_due, 0) ELSE 0 END AS late_days_first,
        CASE WHEN s.is_open THEN greatest(w.today - s.current_due, 0) ELSE 0 END AS late_days_latest,
        s.is_open AND w.today > m.baseline_due AND s.current_due > m.baseline_due AS is_rebaselined, s.is_refused,
        m.provenance, w.today AS evaluated_on, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at,
        p.reached_on, p.evidence
    FROM plan.milestone AS m
    JOIN plan.action AS a USING (action_id)
    LEFT JOIN progress.milestone AS p USING (action_id, milestone_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(p.status, 'GEPLAND') AS status, p.as_of, coalesce(p.due, m.current_due) AS current_due,
            coalesce(p.status, 'GEPLAND') = 'GEPLAND' AS is_open, coalesce(p.is_refused, false) AS is_refused) AS s
    CROSS JOIN (
        SELECT commit, recorded_at, (recorded_at AT TIME ZONE 'Europe/Amsterdam')::date AS today
        FROM report_v1.watermark) AS w;
COMMENT ON COLUMN report_v1.milestone.evidence IS
    'The document of Parliament that shows that it was reached, by the holder''s word; null where it isn''t, or where none was named';

-- As before, and with what is done about it, and by whom.
CREATE OR REPLACE VIEW report_v1.risk WITH (security_barrier) AS
    SELECT r.action_id, a.code, r.risk, r.level, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at,
        r.response, r.owner
    FROM progress.risk AS r
    JOIN plan.action AS a USING (action_id)
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON COLUMN report_v1.risk.response IS 'What is done about it (list risk_response); null where the holder doesn''t say';
COMMENT ON COLUMN report_v1.risk.owner IS 'The organisation that deals with it; null where the holder names none';

-- The codes as before, and those of that.
DO $$
BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW report_v1.code_list WITH (security_barrier) AS '
        || rtrim(pg_get_viewdef('report_v1.code_list'::regclass), '; ')
        || $sql$
    UNION ALL
    SELECT l.list, l.code, l.label_nl, l.label_en, w.commit, w.recorded_at
    FROM report_v1.watermark AS w CROSS JOIN (VALUES
        ('risk_response', 'VERMIJDEN', 'vermijden', 'avoid'),
        ('risk_response', 'BEPERKEN', 'beperken', 'reduce'),
        ('risk_response', 'OVERDRAGEN', 'overdragen', 'transfer'),
        ('risk_response', 'ACCEPTEREN', 'accepteren', 'accept')
    ) AS l (list, code, label_nl, label_en)$sql$;
END
$$;
