-- Who signed a frozen round off: an organisation, never a person.
SET ROLE paraplu_owner;
ALTER TABLE plan.round ADD COLUMN signed_off_by text CHECK (octet_length(signed_off_by) <= 64),
    ADD CHECK (signed_off_by IS NULL OR frozen_commit IS NOT NULL);
COMMENT ON COLUMN plan.round.signed_off_by IS 'The organisation that signed the snapshot off; null while it is open, or where it was frozen before that was kept';
RESET ROLE;

-- As before, and with who signed it off.
CREATE OR REPLACE VIEW report_v1.round WITH (security_barrier) AS
    SELECT r.round_id, r.label, r.as_of, r.freeze_on, coalesce(r.letter, p.letter) AS letter, r.opened_at, r.frozen_at,
        encode(r.hash, 'hex') AS hash, r.subjects, coalesce(c.expected, 0) AS expected, coalesce(c.on_time, 0) AS on_time,
        coalesce(c.late, 0) AS late, coalesce(c.missing, 0) AS missing, coalesce(x.corrected, 0) AS actions_corrected,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at,
        coalesce(d.dated_on, p.letter_date) AS letter_date, p.round_id IS NOT NULL AS is_planned, r.signed_off_by
    FROM plan.round AS r
    CROSS JOIN report_v1.watermark AS w
    LEFT JOIN plan.planned_round AS p USING (round_id)
    LEFT JOIN plan.document AS d ON d.number = coalesce(r.letter, p.letter)
    LEFT JOIN (
        SELECT round_id, sum(expected) AS expected, sum(on_time) AS on_time, sum(late) AS late, sum(missing) AS missing
        FROM progress.completeness GROUP BY round_id) AS c USING (round_id)
    LEFT JOIN (
        SELECT round_id, count(DISTINCT action_id) AS corrected FROM progress.correction GROUP BY round_id) AS x
        USING (round_id);
COMMENT ON COLUMN report_v1.round.signed_off_by IS 'The organisation that signed the snapshot off; null while it is open, or where it was frozen before that was kept';
