-- The numbers that the rules leave open, of every version of the plan.
SET ROLE paraplu_owner;
GRANT SELECT (commit, version, plan) ON plan.version TO paraplu_reader;
RESET ROLE;

-- A version that was applied before there were settings has the standard ones.
CREATE VIEW report_v1.rule_setting WITH (security_barrier) AS
    SELECT s.name, v.version AS plan_version, v.known_from, v.known_until,
        coalesce((v.plan -> 'rules' ->> s.name)::integer, s.standard) AS value, s.standard, s.unit, s.meaning_nl,
        s.meaning_en, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM (
        SELECT v.version, v.plan, c.recorded_at AS known_from, lead(c.recorded_at) OVER (ORDER BY v.commit) AS known_until
        FROM plan.version AS v JOIN journal.commit AS c ON c.number = v.commit) AS v
    CROSS JOIN (VALUES
        ('stale_after_months', 6, 'months', 'Na zoveel maanden, met de dagen respijt, is de melding van de actiehouder verouderd',
            'After so many months, with the days of grace, the holder''s word is stale'),
        ('missing_after_months', 12, 'months', 'Na zoveel maanden, met de dagen respijt, telt zij als ontbrekend',
            'After so many months, with the days of grace, it counts as missing'),
        ('grace_days', 30, 'days', 'Dagen respijt, ook na het geplande begin van een actie die niet is begonnen',
            'Days of grace, also after the planned start of an action that hasn''t begun'),
        ('long_overdue_days', 90, 'days', 'Zoveel dagen te laat is nog oranje, een dag meer is rood',
            'So many days late are still amber, one more is red'),
        ('red_share_percent', 25, 'percent', 'Vanaf dit aandeel rode acties is het geheel rood',
            'From this share of red actions on the whole is red'),
        ('amber_share_percent', 25, 'percent', 'Vanaf dit aandeel oranje acties is het geheel oranje',
            'From this share of amber actions on the whole is amber'),
        ('grey_share_percent', 20, 'percent', 'Vanaf dit aandeel grijze acties is het geheel oranje',
            'From this share of grey actions on the whole is amber'),
        ('grey_majority_percent', 50, 'percent', 'Boven dit aandeel grijze acties is het geheel grijs',
            'Above this share of grey actions the whole is grey'),
        ('count_min', 5, 'count', 'Een kleiner aantal mensen wordt onderdrukt',
            'A smaller count of people is suppressed')
    ) AS s (name, standard, unit, meaning_nl, meaning_en)
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.rule_setting IS 'The numbers by which status is judged and figures are suppressed, of every version of the plan';
COMMENT ON COLUMN report_v1.rule_setting.name IS 'The setting, as the member rules of a plan''s document has it; count_min is the deployment''s';
COMMENT ON COLUMN report_v1.rule_setting.plan_version IS 'The version of the plan, by its document';
COMMENT ON COLUMN report_v1.rule_setting.known_from IS 'When that version was applied: from then on statuses of every day are judged by it';
COMMENT ON COLUMN report_v1.rule_setting.known_until IS 'When a later version was; null while it is in force';
COMMENT ON COLUMN report_v1.rule_setting.value IS 'Its value in that version';
COMMENT ON COLUMN report_v1.rule_setting.standard IS 'Its value where nobody sets it';
COMMENT ON COLUMN report_v1.rule_setting.unit IS 'months, days, percent or count';
COMMENT ON COLUMN report_v1.rule_setting.meaning_nl IS 'What it says, in Dutch';
COMMENT ON COLUMN report_v1.rule_setting.meaning_en IS 'What it says, in English';
ALTER VIEW report_v1.rule_setting OWNER TO paraplu_reader;
GRANT SELECT ON report_v1.rule_setting TO paraplu_report, paraplu_operator, paraplu_app;
COMMENT ON COLUMN report_v1.rule_setting.watermark_commit IS 'The answer is complete up to this commit';
COMMENT ON COLUMN report_v1.rule_setting.watermark_recorded_at IS 'The answer is complete up to this moment';
