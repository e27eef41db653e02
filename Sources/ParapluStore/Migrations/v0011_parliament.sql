-- Parliament: documents, commitments linked to actions, the calendar of rounds; and the plan's indicators and code list of forms.
SET ROLE paraplu_owner;

CREATE TABLE plan.indicator (
    indicator_id text PRIMARY KEY,
    n integer NOT NULL UNIQUE CHECK (n >= 0),
    name_nl text NOT NULL,
    name_en text NOT NULL,
    unit text NOT NULL,
    aggregation text NOT NULL,
    direction text NOT NULL,
    source text REFERENCES plan.organisation DEFERRABLE INITIALLY DEFERRED,
    is_about_minors boolean NOT NULL,
    note text NOT NULL,
    provenance text NOT NULL CHECK (provenance IN ('found', 'illustrative'))
);
COMMENT ON TABLE plan.indicator IS 'What is counted, by whom with authority, and how it may be read (indicator)';
COMMENT ON COLUMN plan.indicator.indicator_id IS 'The indicator''s stable identifier';
COMMENT ON COLUMN plan.indicator.n IS 'Its place in the plan';
COMMENT ON COLUMN plan.indicator.name_nl IS 'Name in Dutch';
COMMENT ON COLUMN plan.indicator.name_en IS 'Name in English';
COMMENT ON COLUMN plan.indicator.unit IS 'What is counted';
COMMENT ON COLUMN plan.indicator.aggregation IS 'Which figures of it may be added';
COMMENT ON COLUMN plan.indicator.direction IS 'Which way it is to move, if any';
COMMENT ON COLUMN plan.indicator.source IS 'The one organisation whose figures are the indicator''s; null where every reporter has its own part';
COMMENT ON COLUMN plan.indicator.is_about_minors IS 'National totals only, by form of exploitation';
COMMENT ON COLUMN plan.indicator.note IS 'Must be shown wherever a figure of it is shown; empty where nothing must';
COMMENT ON COLUMN plan.indicator.provenance IS 'Whether it was found in a source or is illustrative';

CREATE TABLE plan.indicator_target (
    indicator_id text NOT NULL REFERENCES plan.indicator DEFERRABLE INITIALLY DEFERRED,
    period text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    value_thousandths bigint NOT NULL,
    provenance text NOT NULL CHECK (provenance IN ('found', 'illustrative')),
    PRIMARY KEY (indicator_id, period),
    CHECK (first_day <= last_day)
);
COMMENT ON TABLE plan.indicator_target IS 'What an indicator is to be in a period (streefwaarde)';
COMMENT ON COLUMN plan.indicator_target.indicator_id IS 'The indicator';
COMMENT ON COLUMN plan.indicator_target.period IS 'As it is written: 2026, 2026-H1, 2026-Q2, 2026-05 or 2026-2028';
COMMENT ON COLUMN plan.indicator_target.first_day IS 'The period''s first day';
COMMENT ON COLUMN plan.indicator_target.last_day IS 'The period''s last day';
COMMENT ON COLUMN plan.indicator_target.value_thousandths IS 'The value times 1,000, so that it is exact';
COMMENT ON COLUMN plan.indicator_target.provenance IS 'Whether it was found in a source or is illustrative';

CREATE TABLE plan.exploitation_form (
    form_id text PRIMARY KEY,
    n integer NOT NULL UNIQUE CHECK (n >= 0),
    code text NOT NULL UNIQUE,
    name_nl text NOT NULL,
    name_en text NOT NULL,
    parent text REFERENCES plan.exploitation_form DEFERRABLE INITIALLY DEFERRED,
    valid_from date,
    valid_until date,
    is_in_force boolean NOT NULL,
    provenance text NOT NULL CHECK (provenance IN ('found', 'illustrative')),
    CHECK (valid_from < valid_until),
    CHECK (parent <> form_id)
);
COMMENT ON TABLE plan.exploitation_form IS 'Forms of exploitation (uitbuitingsvorm): an open, dated, hierarchical code list';
COMMENT ON COLUMN plan.exploitation_form.form_id IS 'The form''s stable identifier';
COMMENT ON COLUMN plan.exploitation_form.n IS 'Its place in the plan';
COMMENT ON COLUMN plan.exploitation_form.code IS 'The code that people know it by';
COMMENT ON COLUMN plan.exploitation_form.name_nl IS 'Name in Dutch';
COMMENT ON COLUMN plan.exploitation_form.name_en IS 'Name in English';
COMMENT ON COLUMN plan.exploitation_form.parent IS 'The form of which it is a part';
COMMENT ON COLUMN plan.exploitation_form.valid_from IS 'The first day on which it is in use; null where it always was, or where it is not in force';
COMMENT ON COLUMN plan.exploitation_form.valid_until IS 'The day from which it is no longer in use; null where it still is';
COMMENT ON COLUMN plan.exploitation_form.is_in_force IS 'Whether it is in use at all: some forms wait for their act';
COMMENT ON COLUMN plan.exploitation_form.provenance IS 'Whether it was found in a source or is illustrative';

CREATE TABLE plan.document (
    number text PRIMARY KEY CHECK (number ~ '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$'),
    dated_on date NOT NULL,
    kind text NOT NULL,
    title_nl text NOT NULL,
    provenance text NOT NULL CHECK (provenance IN ('found', 'illustrative'))
);
COMMENT ON TABLE plan.document IS 'Documents of Parliament (Kamerstuk)';
COMMENT ON COLUMN plan.document.number IS 'Dossier and number, such as 28638-257';
COMMENT ON COLUMN plan.document.dated_on IS 'The day it bears';
COMMENT ON COLUMN plan.document.kind IS 'What kind it is of, in Parliament''s own words';
COMMENT ON COLUMN plan.document.title_nl IS 'Title in Dutch';
COMMENT ON COLUMN plan.document.provenance IS 'Whether it was found in a source or is illustrative';

CREATE TABLE plan.document_citation (
    number text NOT NULL REFERENCES plan.document DEFERRABLE INITIALLY DEFERRED,
    n integer NOT NULL CHECK (n >= 0),
    cited_number text NOT NULL CHECK (cited_number ~ '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$'),
    resolved_number text NOT NULL REFERENCES plan.document DEFERRABLE INITIALLY DEFERRED,
    date_cited date,
    note_nl text NOT NULL,
    provenance text NOT NULL CHECK (provenance IN ('found', 'illustrative')),
    PRIMARY KEY (number, n)
);
COMMENT ON TABLE plan.document_citation IS 'References in documents that differ from what they mean: as written and as resolved, both kept';
COMMENT ON COLUMN plan.document_citation.number IS 'The document that cites';
COMMENT ON COLUMN plan.document_citation.n IS 'The citation''s place among those of the document';
COMMENT ON COLUMN plan.document_citation.cited_number IS 'The number as it is written';
COMMENT ON COLUMN plan.document_citation.resolved_number IS 'The document that is meant';
COMMENT ON COLUMN plan.document_citation.date_cited IS 'The date as it is written, where it isn''t the document''s; null where nothing is to be said of it';
COMMENT ON COLUMN plan.document_citation.note_nl IS 'What else is to be known of it; empty where nothing is';
COMMENT ON COLUMN plan.document_citation.provenance IS 'Whether it was found in a source or is illustrative';

CREATE TABLE plan.commitment (
    commitment_id text PRIMARY KEY,
    n integer NOT NULL UNIQUE CHECK (n >= 0),
    kind text NOT NULL CHECK (kind IN ('motie', 'toezegging', 'amendement')),
    title_nl text NOT NULL,
    number text,
    date_text text NOT NULL,
    dated_on date NOT NULL,
    outcome text,
    due date,
    subject text NOT NULL CHECK (subject = 'programme' OR subject ~ '^(goal|line|action)/.'),
    action_id text REFERENCES plan.action DEFERRABLE INITIALLY DEFERRED,
    cited_document text,
    document text REFERENCES plan.document DEFERRABLE INITIALLY DEFERRED,
    provenance text NOT NULL CHECK (provenance IN ('found', 'illustrative')),
    CHECK (CASE WHEN subject LIKE 'action/%' THEN action_id IS NOT NULL AND subject = 'action/' || action_id
        ELSE action_id IS NULL END)
);
CREATE INDEX commitment_action ON plan.commitment (action_id) WHERE action_id IS NOT NULL;
COMMENT ON TABLE plan.commitment IS 'Motions, promises to Parliament and amendments, and what they are about';
COMMENT ON COLUMN plan.commitment.commitment_id IS 'The commitment''s stable identifier';
COMMENT ON COLUMN plan.commitment.n IS 'Its place in the plan';
COMMENT ON COLUMN plan.commitment.kind IS 'motie, toezegging or amendement';
COMMENT ON COLUMN plan.commitment.title_nl IS 'Title in Dutch';
COMMENT ON COLUMN plan.commitment.number IS 'The number under which it is known itself; null where none was found';
COMMENT ON COLUMN plan.commitment.date_text IS 'Its date as the source states it: a day, or no more than a month';
COMMENT ON COLUMN plan.commitment.dated_on IS 'That day, or the first one of the month';
COMMENT ON COLUMN plan.commitment.outcome IS 'What became of it, in Parliament''s own words; null where that was not found';
COMMENT ON COLUMN plan.commitment.due IS 'The day by which it is to be met; null where there is none';
COMMENT ON COLUMN plan.commitment.subject IS 'What it is about: programme, goal/…, line/… or action/…';
COMMENT ON COLUMN plan.commitment.action_id IS 'The action, where it is about one: that needs a document reference to be stopped';
COMMENT ON COLUMN plan.commitment.cited_document IS 'The number of the document it stands in, as sources cite it';
COMMENT ON COLUMN plan.commitment.document IS 'The document it does stand in';
COMMENT ON COLUMN plan.commitment.provenance IS 'Whether it was found in a source or is illustrative';

CREATE TABLE plan.planned_round (
    round_id text PRIMARY KEY CHECK (round_id ~ '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$'),
    label_nl text NOT NULL CHECK (octet_length(label_nl) <= 200),
    as_of date NOT NULL UNIQUE,
    as_of_provenance text NOT NULL CHECK (as_of_provenance IN ('found', 'illustrative')),
    freeze_on date NOT NULL,
    freeze_on_provenance text NOT NULL CHECK (freeze_on_provenance IN ('found', 'illustrative')),
    letter text REFERENCES plan.document DEFERRABLE INITIALLY DEFERRED,
    letter_date date,
    provenance text NOT NULL CHECK (provenance IN ('found', 'illustrative')),
    CHECK (freeze_on >= as_of)
);
COMMENT ON TABLE plan.planned_round IS 'The calendar of reporting as the plan has it; plan.round has the rounds that were opened';
COMMENT ON COLUMN plan.planned_round.round_id IS 'The reporting round';
COMMENT ON COLUMN plan.planned_round.label_nl IS 'What people call it, in Dutch';
COMMENT ON COLUMN plan.planned_round.as_of IS 'The day of which the round speaks (peildatum)';
COMMENT ON COLUMN plan.planned_round.as_of_provenance IS 'Whether that day was found in a source or is illustrative';
COMMENT ON COLUMN plan.planned_round.freeze_on IS 'The last day on which a report is on time';
COMMENT ON COLUMN plan.planned_round.freeze_on_provenance IS 'Whether that day was found in a source or is illustrative';
COMMENT ON COLUMN plan.planned_round.letter IS 'The letter to Parliament; null before it has a number';
COMMENT ON COLUMN plan.planned_round.letter_date IS 'The day of the letter';
COMMENT ON COLUMN plan.planned_round.provenance IS 'Whether the round was found in a source or is illustrative';

GRANT SELECT ON plan.indicator, plan.indicator_target, plan.exploitation_form, plan.document, plan.document_citation,
    plan.commitment, plan.planned_round TO paraplu_reader;
RESET ROLE;

CREATE VIEW report_v1.document WITH (security_barrier) AS
    SELECT d.number, d.dated_on, d.kind, d.title_nl, d.provenance, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM plan.document AS d
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.document IS 'The documents of Parliament that the plan refers to';
COMMENT ON COLUMN report_v1.document.number IS 'Dossier and number, such as 28638-257';
COMMENT ON COLUMN report_v1.document.dated_on IS 'The day it bears';
COMMENT ON COLUMN report_v1.document.kind IS 'What kind it is of, in Parliament''s own words';
COMMENT ON COLUMN report_v1.document.title_nl IS 'Title in Dutch';

CREATE VIEW report_v1.document_citation WITH (security_barrier) AS
    SELECT c.number, c.cited_number, c.resolved_number, c.date_cited, d.dated_on AS resolved_dated_on, c.note_nl,
        c.provenance, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM plan.document_citation AS c
    JOIN plan.document AS d ON d.number = c.resolved_number
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.document_citation IS
    'References in documents that differ from what they mean: as written and as resolved';
COMMENT ON COLUMN report_v1.document_citation.number IS 'The document that cites';
COMMENT ON COLUMN report_v1.document_citation.cited_number IS 'The number as it is written';
COMMENT ON COLUMN report_v1.document_citation.resolved_number IS 'The document that is meant';
COMMENT ON COLUMN report_v1.document_citation.date_cited IS 'The date as it is written, where it isn''t the document''s';
COMMENT ON COLUMN report_v1.document_citation.resolved_dated_on IS 'The day that the document bears';
COMMENT ON COLUMN report_v1.document_citation.note_nl IS 'What else is to be known of it, in Dutch';

CREATE VIEW report_v1.commitment WITH (security_barrier) AS
    SELECT c.commitment_id, c.kind, c.title_nl, c.number, c.date_text, c.dated_on, c.outcome, c.due, c.subject,
        c.cited_document, c.document, c.provenance, c.action_id, a.code, s.holder, s.lifecycle, s.rating, s.data_state,
        s.flags, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM plan.commitment AS c
    LEFT JOIN plan.action AS a USING (action_id)
    LEFT JOIN progress.status AS s ON s.subject = 'action/' || c.action_id
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.commitment IS
    'Motions, promises and amendments, what they are about, and where that is one action its present status';
COMMENT ON COLUMN report_v1.commitment.commitment_id IS 'The commitment''s stable identifier';
COMMENT ON COLUMN report_v1.commitment.kind IS 'What it is (list commitment_kind)';
COMMENT ON COLUMN report_v1.commitment.title_nl IS 'Title in Dutch';
COMMENT ON COLUMN report_v1.commitment.number IS 'The number under which it is known itself; null where none was found';
COMMENT ON COLUMN report_v1.commitment.date_text IS 'Its date as the source states it: a day, or no more than a month';
COMMENT ON COLUMN report_v1.commitment.dated_on IS 'That day, or the first one of the month';
COMMENT ON COLUMN report_v1.commitment.outcome IS 'What became of it, in Parliament''s own words; null where that was not found';
COMMENT ON COLUMN report_v1.commitment.due IS 'The day by which it is to be met; null where there is none';
COMMENT ON COLUMN report_v1.commitment.subject IS 'What it is about: programme, goal/…, line/… or action/…';
COMMENT ON COLUMN report_v1.commitment.cited_document IS 'The number of the document it stands in, as sources cite it';
COMMENT ON COLUMN report_v1.commitment.document IS 'The document it does stand in';
COMMENT ON COLUMN report_v1.commitment.action_id IS 'The action, where it is about one; the columns behind it are that action''s';

CREATE VIEW report_v1.planned_round WITH (security_barrier) AS
    SELECT p.round_id, p.label_nl, p.as_of, p.as_of_provenance, p.freeze_on, p.freeze_on_provenance, p.letter,
        p.letter_date, p.provenance, r.opened_at, r.frozen_at, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM plan.planned_round AS p
    LEFT JOIN plan.round AS r USING (round_id)
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.planned_round IS
    'The calendar of reporting as the plan has it; report_v1.round has the rounds as they were opened';
COMMENT ON COLUMN report_v1.planned_round.label_nl IS 'What people call it, in Dutch';
COMMENT ON COLUMN report_v1.planned_round.as_of IS 'The day of which the round speaks';
COMMENT ON COLUMN report_v1.planned_round.as_of_provenance IS 'Whether that day was found in a source or is illustrative';
COMMENT ON COLUMN report_v1.planned_round.freeze_on_provenance IS 'Whether that day was found in a source or is illustrative';
COMMENT ON COLUMN report_v1.planned_round.letter IS 'The letter to Parliament; null before it has a number';
COMMENT ON COLUMN report_v1.planned_round.letter_date IS 'The day of the letter';
COMMENT ON COLUMN report_v1.planned_round.opened_at IS 'When it was opened; null where it was not yet';

-- As before, and with the plan's calendar: a letter has its number long after its round was opened.
CREATE OR REPLACE VIEW report_v1.round WITH (security_barrier) AS
    SELECT r.round_id, r.label, r.as_of, r.freeze_on, coalesce(r.letter, p.letter) AS letter, r.opened_at, r.frozen_at,
        encode(r.hash, 'hex') AS hash, r.subjects, coalesce(c.expected, 0) AS expected, coalesce(c.on_time, 0) AS on_time,
        coalesce(c.late, 0) AS late, coalesce(c.missing, 0) AS missing, coalesce(x.corrected, 0) AS actions_corrected,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at,
        coalesce(d.dated_on, p.letter_date) AS letter_date, p.round_id IS NOT NULL AS is_planned
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
COMMENT ON COLUMN report_v1.round.letter IS 'The letter to Parliament, as given when it was opened, else by the plan';
COMMENT ON COLUMN report_v1.round.letter_date IS 'The day of the letter, where it is known';
COMMENT ON COLUMN report_v1.round.is_planned IS 'Whether the plan''s calendar has the round';

-- The codes as before, and what a commitment is.
DO $$
BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW report_v1.code_list WITH (security_barrier) AS '
        || rtrim(pg_get_viewdef('report_v1.code_list'::regclass), '; ')
        || $sql$
    UNION ALL
    SELECT l.list, l.code, l.label_nl, l.label_en, w.commit, w.recorded_at
    FROM report_v1.watermark AS w CROSS JOIN (VALUES
        ('commitment_kind', 'motie', 'motie', 'motion'),
        ('commitment_kind', 'toezegging', 'toezegging', 'promise to Parliament'),
        ('commitment_kind', 'amendement', 'amendement', 'amendment')
    ) AS l (list, code, label_nl, label_en)$sql$;
END
$$;

-- Columns that mean here what they mean in the other views.
DO $$
DECLARE
    col record;
BEGIN
    FOR col IN
        SELECT c.relname, a.attname, m.meaning
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN LATERAL (
            SELECT col_description(o.oid, b.attnum) AS meaning
            FROM unnest(ARRAY['report_v1.action_status', 'report_v1.round']::regclass[]) WITH ORDINALITY AS o (oid, place)
            JOIN pg_attribute AS b ON b.attrelid = o.oid AND b.attname = a.attname
            WHERE col_description(o.oid, b.attnum) IS NOT NULL
            ORDER BY o.place LIMIT 1) AS m ON true
        WHERE c.relnamespace = 'report_v1'::regnamespace
            AND c.relname IN ('document', 'document_citation', 'commitment', 'planned_round')
            AND col_description(c.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN report_v1.%I.%I IS %L', col.relname, col.attname, col.meaning);
    END LOOP;
END
$$;

ALTER VIEW report_v1.document OWNER TO paraplu_reader;
ALTER VIEW report_v1.document_citation OWNER TO paraplu_reader;
ALTER VIEW report_v1.commitment OWNER TO paraplu_reader;
ALTER VIEW report_v1.planned_round OWNER TO paraplu_reader;
GRANT SELECT ON report_v1.document, report_v1.document_citation, report_v1.commitment, report_v1.planned_round
    TO paraplu_report, paraplu_operator, paraplu_app;
