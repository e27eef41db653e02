-- What plans say of themselves since: the cadence, official numbers, former names of organisations, and budgets.
SET ROLE paraplu_owner;

ALTER TABLE plan.programme ADD COLUMN cadence_months smallint NOT NULL DEFAULT 6 CHECK (cadence_months BETWEEN 1 AND 24);
COMMENT ON COLUMN plan.programme.cadence_months IS 'How many months a round''s day comes after that of the round before, where nothing else is said of it';
ALTER TABLE plan.action ADD COLUMN official_number text CHECK (octet_length(official_number) BETWEEN 1 AND 64);
COMMENT ON COLUMN plan.action.official_number IS 'The number that the government gives it; null where it gives none';

CREATE TABLE plan.organisation_name (
    organisation_id text NOT NULL REFERENCES plan.organisation DEFERRABLE INITIALLY DEFERRED,
    name_nl text NOT NULL,
    name_en text NOT NULL,
    abbreviation text NOT NULL,
    valid_from date,
    valid_until date NOT NULL,
    PRIMARY KEY (organisation_id, valid_until),
    CHECK (valid_from < valid_until)
);
COMMENT ON TABLE plan.organisation_name IS 'What organisations were called before; plan.organisation has the present name';
COMMENT ON COLUMN plan.organisation_name.organisation_id IS 'The organisation''s stable identifier';
COMMENT ON COLUMN plan.organisation_name.name_nl IS 'Name in Dutch';
COMMENT ON COLUMN plan.organisation_name.name_en IS 'Name in English';
COMMENT ON COLUMN plan.organisation_name.abbreviation IS 'Short name; empty where there was none';
COMMENT ON COLUMN plan.organisation_name.valid_from IS 'The first day of the name; null where it follows on the name before, or on the first day of the organisation';
COMMENT ON COLUMN plan.organisation_name.valid_until IS 'The day from which the organisation is called otherwise';

CREATE TABLE plan.budget (
    budget_id text PRIMARY KEY,
    n integer NOT NULL UNIQUE CHECK (n >= 0),
    subject text NOT NULL,
    year smallint NOT NULL CHECK (year BETWEEN 2000 AND 2100),
    kind text NOT NULL CHECK (kind IN ('STRUCTUREEL', 'INCIDENTEEL')),
    amount_eur bigint NOT NULL CHECK (amount_eur BETWEEN 0 AND 1000000000000),
    status text NOT NULL CHECK (status IN ('INDICATIEF', 'VASTGELEGD')),
    document text REFERENCES plan.document DEFERRABLE INITIALLY DEFERRED,
    provenance text NOT NULL CHECK (provenance IN ('found', 'illustrative'))
);
COMMENT ON TABLE plan.budget IS 'Budgets of the plan in force (budget): shown, and never a reason for a colour';
COMMENT ON COLUMN plan.budget.budget_id IS 'The budget''s stable identifier';
COMMENT ON COLUMN plan.budget.n IS 'Its place in the plan';
COMMENT ON COLUMN plan.budget.subject IS 'What it is for: programme, goal/…, line/… or action/…';
COMMENT ON COLUMN plan.budget.year IS 'The calendar year in which it is to be spent';
COMMENT ON COLUMN plan.budget.kind IS 'Whether it comes back every year (list budget_kind)';
COMMENT ON COLUMN plan.budget.amount_eur IS 'The amount in whole euros';
COMMENT ON COLUMN plan.budget.status IS 'Whether it is owed or no more than expected (list budget_status)';
COMMENT ON COLUMN plan.budget.document IS 'The document of Parliament that names it; null where none does';
COMMENT ON COLUMN plan.budget.provenance IS 'Whether it was found in a source or is illustrative';
GRANT SELECT ON plan.organisation_name, plan.budget TO paraplu_reader;
RESET ROLE;

CREATE VIEW report_v1.programme WITH (security_barrier) AS
    SELECT p.programme_id, p.title_nl, p.title_en, p.dossier, p.presented_on, p.coordinator,
        p.cadence_months::integer AS cadence_months, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM plan.programme AS p CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.programme IS 'The programme by the plan in force: one row';
COMMENT ON COLUMN report_v1.programme.programme_id IS 'The programme''s identifier';
COMMENT ON COLUMN report_v1.programme.title_nl IS 'Title in Dutch';
COMMENT ON COLUMN report_v1.programme.title_en IS 'Title in English';
COMMENT ON COLUMN report_v1.programme.dossier IS 'Its dossier at Parliament';
COMMENT ON COLUMN report_v1.programme.presented_on IS 'The day on which the plan was presented to Parliament';
COMMENT ON COLUMN report_v1.programme.coordinator IS 'The organisation that coordinates it';
COMMENT ON COLUMN report_v1.programme.cadence_months IS 'How many months a round''s day comes after that of the round before, where nothing else is said of it';
COMMENT ON COLUMN report_v1.programme.watermark_commit IS 'The answer is complete up to this commit';
COMMENT ON COLUMN report_v1.programme.watermark_recorded_at IS 'The answer is complete up to this moment';

-- Begin and end follow from the timeline as it is known now. A row's lifecycle holds to the next row: time alone brings
-- colours and data states, and no lifecycle.
CREATE VIEW report_v1.action WITH (security_barrier) AS
    SELECT a.action_id, a.code, a.official_number, a.title_nl, a.title_en, a.display_note_nl, a.line_id AS line, a.goals,
        a.exploitation_forms, a.policy_type, a.is_critical, a.planned_start, a.planned_end, d.actual_start, d.actual_end,
        a.provenance, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM plan.action AS a
    CROSS JOIN report_v1.watermark AS w
    CROSS JOIN LATERAL (
        SELECT min(t.valid_from) FILTER (WHERE t.lifecycle NOT IN ('NIET_GESTART', 'ONBEKEND')) AS actual_start,
            min(t.valid_from) FILTER (WHERE t.unfinished = 0) AS actual_end
        FROM (
            -- From today back: how many rows up to this one aren't at an end.
            SELECT t.valid_from, t.lifecycle, count(*) FILTER (WHERE t.lifecycle NOT IN ('AFGEROND', 'GESTOPT'))
                OVER (ORDER BY t.valid_from DESC ROWS UNBOUNDED PRECEDING) AS unfinished
            FROM progress.timeline AS t
            WHERE t.action_id = a.action_id AND t.known_until IS NULL
                AND t.valid_from <= (w.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date) AS t) AS d;
COMMENT ON VIEW report_v1.action IS 'Every action of the plan in force, with the days on which it was to begin and end and those on which it did';
COMMENT ON COLUMN report_v1.action.action_id IS 'The action''s stable identifier';
COMMENT ON COLUMN report_v1.action.code IS 'The code that people know it by';
COMMENT ON COLUMN report_v1.action.official_number IS 'The number that the government gives it; null where it gives none';
COMMENT ON COLUMN report_v1.action.title_nl IS 'Title in Dutch';
COMMENT ON COLUMN report_v1.action.title_en IS 'Title in English';
COMMENT ON COLUMN report_v1.action.display_note_nl IS 'Must be shown wherever the title is shown';
COMMENT ON COLUMN report_v1.action.line IS 'The action line';
COMMENT ON COLUMN report_v1.action.goals IS 'The goals in which it is counted';
COMMENT ON COLUMN report_v1.action.exploitation_forms IS 'The forms of exploitation that it is about (dimension uitbuitingsvorm of breakdown_code); none where it is about all';
COMMENT ON COLUMN report_v1.action.policy_type IS 'What the action is to the plan, which says whether it counts';
COMMENT ON COLUMN report_v1.action.is_critical IS 'Whether a red rating of it makes its roll-ups red';
COMMENT ON COLUMN report_v1.action.planned_start IS 'The day on which it is to begin by the plan; null where none was found';
COMMENT ON COLUMN report_v1.action.planned_end IS 'The day by which it is to be done by the plan; null where none was found';
COMMENT ON COLUMN report_v1.action.actual_start IS 'The first day on which, as known now, it was neither NIET_GESTART nor ONBEKEND; null where there was none yet';
COMMENT ON COLUMN report_v1.action.actual_end IS 'The day since which, as known now, it is AFGEROND or GESTOPT without a break; null where it is neither today';
COMMENT ON COLUMN report_v1.action.provenance IS 'Whether it was found in a source or is illustrative';
COMMENT ON COLUMN report_v1.action.watermark_commit IS 'The answer is complete up to this commit';
COMMENT ON COLUMN report_v1.action.watermark_recorded_at IS 'The answer is complete up to this moment';

CREATE VIEW report_v1.organisation_name WITH (security_barrier) AS
    SELECT n.organisation_id, n.name_nl, n.name_en, n.abbreviation, n.valid_from, n.valid_until,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM (
        SELECT organisation_id, f.name_nl, f.name_en, f.abbreviation, coalesce(f.valid_from,
                lag(f.valid_until) OVER (PARTITION BY organisation_id ORDER BY f.valid_until), o.exists_from) AS valid_from,
            f.valid_until
        FROM plan.organisation_name AS f JOIN plan.organisation AS o USING (organisation_id)
        UNION ALL
        SELECT o.organisation_id, o.name_nl, o.name_en, o.abbreviation, coalesce(f.valid_until, o.exists_from), o.exists_until
        FROM plan.organisation AS o
        LEFT JOIN (SELECT organisation_id, max(valid_until) AS valid_until FROM plan.organisation_name GROUP BY 1) AS f
            USING (organisation_id)) AS n
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.organisation_name IS 'What every organisation is called and was called before, with the days between which: at most one row of it holds on any day';
COMMENT ON COLUMN report_v1.organisation_name.organisation_id IS 'The organisation''s stable identifier';
COMMENT ON COLUMN report_v1.organisation_name.name_nl IS 'Name in Dutch';
COMMENT ON COLUMN report_v1.organisation_name.name_en IS 'Name in English';
COMMENT ON COLUMN report_v1.organisation_name.abbreviation IS 'Short name; empty where there is none';
COMMENT ON COLUMN report_v1.organisation_name.valid_from IS 'The first day of the name; null where it was always called so';
COMMENT ON COLUMN report_v1.organisation_name.valid_until IS 'The day from which it is called otherwise, or exists no more; null where it still is called so';
COMMENT ON COLUMN report_v1.organisation_name.watermark_commit IS 'The answer is complete up to this commit';
COMMENT ON COLUMN report_v1.organisation_name.watermark_recorded_at IS 'The answer is complete up to this moment';

CREATE VIEW report_v1.budget WITH (security_barrier) AS
    SELECT b.budget_id, b.subject, b.year::integer AS year, b.kind, b.amount_eur, b.status, b.document, b.provenance,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM plan.budget AS b CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.budget IS 'Every budget of the plan in force; no figure of money colours anything';
COMMENT ON COLUMN report_v1.budget.budget_id IS 'The budget''s stable identifier';
COMMENT ON COLUMN report_v1.budget.subject IS 'What it is for: programme, goal/…, line/… or action/…';
COMMENT ON COLUMN report_v1.budget.year IS 'The calendar year in which it is to be spent';
COMMENT ON COLUMN report_v1.budget.kind IS 'Whether it comes back every year (list budget_kind)';
COMMENT ON COLUMN report_v1.budget.amount_eur IS 'The amount in whole euros';
COMMENT ON COLUMN report_v1.budget.status IS 'Whether it is owed or no more than expected (list budget_status)';
COMMENT ON COLUMN report_v1.budget.document IS 'The document of Parliament that names it; null where none does';
COMMENT ON COLUMN report_v1.budget.provenance IS 'Whether it was found in a source or is illustrative';
COMMENT ON COLUMN report_v1.budget.watermark_commit IS 'The answer is complete up to this commit';
COMMENT ON COLUMN report_v1.budget.watermark_recorded_at IS 'The answer is complete up to this moment';

-- Each version's budgets against those of the version before. A version that was applied before there were any has none.
CREATE VIEW report_v1.budget_change WITH (security_barrier) AS
    WITH version AS MATERIALIZED (
        SELECT row_number() OVER (ORDER BY v.commit) AS n, v.version, c.recorded_at, v.plan -> 'budgets' AS budgets
        FROM plan.version AS v JOIN journal.commit AS c ON c.number = v.commit
    ), budget AS MATERIALIZED (
        SELECT v.n, b.id, b.year, b.kind, b.amount_eur, b.status
        FROM version AS v
        CROSS JOIN LATERAL json_to_recordset(v.budgets) AS b (id text, year integer, kind text, amount_eur bigint, status text)
    )
    SELECT b.id AS budget_id, v.recorded_at AS known_from, v.version AS plan_version, b.amount_eur_before, b.amount_eur_after,
        b.status_before, b.status_after, b.year_before, b.year_after, b.kind_before, b.kind_after, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM (
        SELECT id, next AS n, old.amount_eur AS amount_eur_before, new.amount_eur AS amount_eur_after,
            old.status AS status_before, new.status AS status_after, old.year AS year_before, new.year AS year_after,
            old.kind AS kind_before, new.kind AS kind_after
        FROM (SELECT *, n + 1 AS next FROM budget) AS old
        FULL JOIN (SELECT *, n AS next FROM budget) AS new USING (id, next)
        WHERE (old.amount_eur, old.status, old.year, old.kind) IS DISTINCT FROM (new.amount_eur, new.status, new.year, new.kind)
    ) AS b
    -- What the latest version has is left out by none.
    JOIN version AS v USING (n)
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.budget_change IS 'What every version of the plan made of a budget (mutatie): added, left out, or of another amount, status, year or kind than before';
COMMENT ON COLUMN report_v1.budget_change.budget_id IS 'The budget''s stable identifier';
COMMENT ON COLUMN report_v1.budget_change.known_from IS 'When the version that says so was applied';
COMMENT ON COLUMN report_v1.budget_change.plan_version IS 'That version of the plan, by its document';
COMMENT ON COLUMN report_v1.budget_change.amount_eur_before IS 'The amount in the version before, in whole euros; null where that had no such budget';
COMMENT ON COLUMN report_v1.budget_change.amount_eur_after IS 'The amount from then on, in whole euros; null where the budget was left out';
COMMENT ON COLUMN report_v1.budget_change.status_before IS 'The status in the version before (list budget_status); null where that had no such budget';
COMMENT ON COLUMN report_v1.budget_change.status_after IS 'The status from then on; null where the budget was left out';
COMMENT ON COLUMN report_v1.budget_change.year_before IS 'The calendar year in the version before; null where that had no such budget';
COMMENT ON COLUMN report_v1.budget_change.year_after IS 'The calendar year from then on; null where the budget was left out';
COMMENT ON COLUMN report_v1.budget_change.kind_before IS 'The kind in the version before (list budget_kind); null where that had no such budget';
COMMENT ON COLUMN report_v1.budget_change.kind_after IS 'The kind from then on; null where the budget was left out';
COMMENT ON COLUMN report_v1.budget_change.watermark_commit IS 'The answer is complete up to this commit';
COMMENT ON COLUMN report_v1.budget_change.watermark_recorded_at IS 'The answer is complete up to this moment';

-- The codes as before, and those of budgets.
DO $$
BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW report_v1.code_list WITH (security_barrier) AS '
        || rtrim(pg_get_viewdef('report_v1.code_list'::regclass), '; ')
        || $sql$
    UNION ALL
    SELECT l.list, l.code, l.label_nl, l.label_en, w.commit, w.recorded_at
    FROM report_v1.watermark AS w CROSS JOIN (VALUES
        ('budget_kind', 'STRUCTUREEL', 'structureel', 'structural'),
        ('budget_kind', 'INCIDENTEEL', 'incidenteel', 'one-off'),
        ('budget_status', 'INDICATIEF', 'indicatief', 'indicative'),
        ('budget_status', 'VASTGELEGD', 'vastgelegd', 'committed')
    ) AS l (list, code, label_nl, label_en)$sql$;
END
$$;

ALTER VIEW report_v1.programme OWNER TO paraplu_reader;
ALTER VIEW report_v1.action OWNER TO paraplu_reader;
ALTER VIEW report_v1.organisation_name OWNER TO paraplu_reader;
ALTER VIEW report_v1.budget OWNER TO paraplu_reader;
ALTER VIEW report_v1.budget_change OWNER TO paraplu_reader;
GRANT SELECT ON report_v1.programme, report_v1.action, report_v1.organisation_name, report_v1.budget,
    report_v1.budget_change TO paraplu_report, paraplu_operator, paraplu_app;
