-- Indicators: what is said of figures, every word kept, and what of it may be shown.
SET ROLE paraplu_owner;

ALTER TABLE journal.fact ALTER COLUMN action_id DROP NOT NULL;
ALTER TABLE journal.fact ADD COLUMN indicator_id text;
ALTER TABLE journal.fact ADD CHECK (num_nonnulls(action_id, indicator_id) = 1);
COMMENT ON COLUMN journal.fact.action_id IS 'The action that the record reports on; null where it is about an indicator';
COMMENT ON COLUMN journal.fact.indicator_id IS 'The indicator that the record is about; null where it reports on an action';

CREATE TABLE progress.observation (
    stream_id integer NOT NULL,
    position bigint NOT NULL,
    record smallint NOT NULL,
    indicator_id text NOT NULL,
    period text NOT NULL,
    period_first date NOT NULL,
    period_last date NOT NULL CHECK (period_last >= period_first),
    dimension text NOT NULL,
    category text NOT NULL CHECK ((dimension = '') = (category = '')),
    reporter text NOT NULL,
    as_of date NOT NULL,
    report_order bigint NOT NULL,
    series text NOT NULL CHECK (series IN ('authoritative', 'secondary', 'part', 'none')),
    disposition text NOT NULL,
    vintage integer NOT NULL CHECK (vintage >= 0),
    is_latest boolean NOT NULL,
    unit text NOT NULL,
    stage text NOT NULL CHECK (stage IN ('provisional', 'revised', 'definitive', 'restated')),
    value numeric CHECK (value >= 0),
    flag text NOT NULL CHECK (flag IN ('OK', 'X', 'S1', 'S2', 'R', 'NA')),
    commit bigint NOT NULL,
    PRIMARY KEY (stream_id, position, record),
    CHECK ((value IS NOT NULL) = (flag IN ('OK', 'R'))),
    CHECK ((series = 'none') = (vintage = 0)),
    CHECK (NOT is_latest OR vintage > 0)
);
COMMENT ON TABLE progress.observation IS 'Every word on a figure of an indicator, with its series and vintage, and what of it may be shown (waarneming)';
COMMENT ON COLUMN progress.observation.series IS 'Of the indicator''s one source, of another organisation, one of several parts, or none';
COMMENT ON COLUMN progress.observation.vintage IS 'Which word of its reporter on this cell it is, in the reporter''s order; 0 where it takes no part';
COMMENT ON COLUMN progress.observation.value IS 'The figure, unless the flag says why there is none; suppressed ones are nowhere in the database, or in the journal alone where a later word made them tell of another';
COMMENT ON COLUMN progress.observation.flag IS 'OK, R rounded; X unknown, NA cannot occur, S1 a small count, S2 would give a small count away';
COMMENT ON COLUMN progress.observation.commit IS 'The commit that brought it';
CREATE INDEX observation_figure ON progress.observation (indicator_id, period);

CREATE TABLE plan.breakdown_code (
    dimension text NOT NULL,
    code text NOT NULL,
    n integer NOT NULL UNIQUE CHECK (n >= 0),
    name_nl text NOT NULL,
    name_en text NOT NULL,
    valid_from date,
    valid_until date,
    provenance text NOT NULL CHECK (provenance IN ('found', 'illustrative')),
    PRIMARY KEY (dimension, code),
    CHECK (valid_from < valid_until)
);
COMMENT ON TABLE plan.breakdown_code IS 'Codes by which figures are broken down, besides forms of exploitation and organisations';
COMMENT ON COLUMN plan.breakdown_code.dimension IS 'The list';
COMMENT ON COLUMN plan.breakdown_code.code IS 'The code';
COMMENT ON COLUMN plan.breakdown_code.n IS 'Its place in the plan';
COMMENT ON COLUMN plan.breakdown_code.name_nl IS 'Name in Dutch';
COMMENT ON COLUMN plan.breakdown_code.name_en IS 'Name in English';
COMMENT ON COLUMN plan.breakdown_code.valid_from IS 'The first day on which it is in use; null where it always was';
COMMENT ON COLUMN plan.breakdown_code.valid_until IS 'The day from which it is no longer in use; null where it still is';
COMMENT ON COLUMN plan.breakdown_code.provenance IS 'Whether it was found in a source or is illustrative';
GRANT SELECT ON progress.observation, plan.breakdown_code TO paraplu_reader;
RESET ROLE;

CREATE VIEW report_v1.indicator WITH (security_barrier) AS
    SELECT i.indicator_id, i.name_nl, i.name_en, i.unit, i.aggregation, i.direction, i.source, i.is_about_minors, i.note,
        i.provenance, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM plan.indicator AS i CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.indicator IS 'Every indicator of the plan: what is counted, by whom with authority, and how it may be read';

CREATE VIEW report_v1.indicator_target WITH (security_barrier) AS
    SELECT t.indicator_id, t.period, trim_scale(t.value_thousandths / 1000.0) AS value, t.provenance, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM plan.indicator_target AS t CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.indicator_target IS 'What an indicator is to be in a period, where the plan says so';

CREATE VIEW report_v1.indicator_figure WITH (security_barrier) AS
    SELECT o.indicator_id, o.period, o.period_first, o.period_last, nullif(o.dimension, '') AS dimension,
        nullif(o.category, '') AS category, o.series, o.reporter, o.vintage, o.is_latest, o.unit, o.stage, o.value, o.flag,
        o.as_of, c.recorded_at, st.topic, st.partition, o.position AS "offset", o.record, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM progress.observation AS o
    JOIN journal.commit AS c ON c.number = o.commit
    JOIN journal.stream AS st USING (stream_id)
    CROSS JOIN report_v1.watermark AS w
    WHERE o.series <> 'none';
COMMENT ON VIEW report_v1.indicator_figure IS
    'Every vintage of every figure that takes part; small counts are suppressed, and what would give them away';

CREATE VIEW report_v1.breakdown_code WITH (security_barrier) AS
    SELECT c.dimension, c.code, c.name_nl, c.name_en, c.valid_from, c.valid_until, c.is_in_force, c.provenance,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM (
        SELECT 'uitbuitingsvorm' AS dimension, form_id AS code, name_nl, name_en, valid_from, valid_until, is_in_force,
            provenance
        FROM plan.exploitation_form
        UNION ALL
        SELECT dimension, code, name_nl, name_en, valid_from, valid_until, true, provenance FROM plan.breakdown_code) AS c
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.breakdown_code IS
    'The codes by which figures are broken down, with the days between which each is in use; organisations are another view';

-- Only where the indicator says so are reporters added; a suppressed part makes the sum unknown.
CREATE VIEW report_v1.indicator_sum WITH (security_barrier) AS
    SELECT o.indicator_id, o.period, CASE WHEN bool_and(o.value IS NOT NULL) THEN sum(o.value) END AS value,
        count(*) AS reporters, count(*) FILTER (WHERE o.value IS NULL) AS unknown, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM progress.observation AS o
    JOIN plan.indicator AS i ON i.indicator_id = o.indicator_id AND i.aggregation = 'sum_across_reporters'
    CROSS JOIN report_v1.watermark AS w
    WHERE o.is_latest AND o.series = 'part' AND o.dimension = ''
    GROUP BY o.indicator_id, o.period, w.commit, w.recorded_at;
COMMENT ON VIEW report_v1.indicator_sum IS 'The sum over all reporters, of indicators whose parts may be added; of others there is none';

CREATE VIEW report_v1.indicator_finding WITH (security_barrier) AS
    WITH latest AS (SELECT * FROM progress.observation WHERE is_latest)
    SELECT f.code, f.indicator_id, f.period, f.dimension, f.category, f.reporter, f.value, f.other, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM report_v1.watermark AS w CROSS JOIN (
        SELECT 'figure_two_counts' AS code, a.indicator_id, a.period, nullif(a.dimension, '') AS dimension,
            nullif(a.category, '') AS category, b.reporter, a.value, b.value AS other
        FROM latest AS a
        JOIN latest AS b USING (indicator_id, period, dimension, category)
        WHERE a.series = 'authoritative' AND b.series = 'secondary' AND a.value <> b.value
        UNION ALL
        SELECT 'figure_restated', a.indicator_id, a.period, nullif(a.dimension, ''), nullif(a.category, ''), a.reporter,
            a.value, b.value
        FROM latest AS a
        JOIN LATERAL (
            SELECT e.value FROM progress.observation AS e
            WHERE e.indicator_id = a.indicator_id AND e.period = a.period AND e.dimension = a.dimension
                AND e.category = a.category AND e.reporter = a.reporter AND e.vintage BETWEEN 1 AND a.vintage - 1
                AND e.value IS NOT NULL
            ORDER BY e.vintage DESC LIMIT 1) AS b ON b.value <> a.value
        UNION ALL
        SELECT 'figure_not_additive', t.indicator_id, t.period, p.dimension, NULL, t.reporter, t.value, p.value
        FROM latest AS t
        JOIN (
            SELECT l.indicator_id, l.period, l.reporter, l.dimension, sum(l.value) AS value
            FROM latest AS l WHERE l.dimension <> '' AND l.unit <> 'percent'
            GROUP BY l.indicator_id, l.period, l.reporter, l.dimension
            HAVING bool_and(l.value IS NOT NULL)) AS p
            ON p.indicator_id = t.indicator_id AND p.period = t.period AND p.reporter = t.reporter
        WHERE t.dimension = '' AND t.value <> p.value
        UNION ALL
        SELECT 'figure_suppressed', l.indicator_id, l.period, nullif(l.dimension, ''), nullif(l.category, ''), l.reporter,
            NULL, NULL
        FROM latest AS l WHERE l.flag IN ('S1', 'S2')
        UNION ALL
        SELECT 'reports_not_persons', r.indicator_id, l.period, NULL, NULL, l.reporter, sum(l.value), NULL
        FROM plan.indicator AS r
        JOIN latest AS l ON l.indicator_id = r.indicator_id AND l.series = 'authoritative' AND l.dimension <> ''
        WHERE r.aggregation = 'reports_not_persons'
        GROUP BY r.indicator_id, l.period, l.dimension, l.reporter
        HAVING bool_and(l.value IS NOT NULL)
        UNION ALL
        SELECT o.disposition, o.indicator_id, o.period, nullif(o.dimension, ''), nullif(o.category, ''), o.reporter, NULL, NULL
        FROM progress.observation AS o WHERE o.series = 'none'
    ) AS f;
COMMENT ON VIEW report_v1.indicator_finding IS
    'What is to be known of figures before they are read: two counts, restated, parts that do not add up, suppressed';

DO $$
BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW report_v1.code_list WITH (security_barrier) AS '
        || rtrim(pg_get_viewdef('report_v1.code_list'::regclass), '; ')
        || $sql$
    UNION ALL
    SELECT l.list, l.code, l.label_nl, l.label_en, w.commit, w.recorded_at
    FROM report_v1.watermark AS w CROSS JOIN (VALUES
        ('value_flag', 'OK', 'waarde', 'value'),
        ('value_flag', 'R', 'afgerond op vijftal', 'rounded to five'),
        ('value_flag', 'X', 'onbekend, onvoldoende betrouwbaar of geheim', 'unknown, unreliable or secret'),
        ('value_flag', 'NA', 'kan niet voorkomen', 'not applicable'),
        ('value_flag', 'S1', 'onderdrukt: klein aantal', 'suppressed: small count'),
        ('value_flag', 'S2', 'onderdrukt: secundair', 'suppressed: secondary'),
        ('stage', 'provisional', 'voorlopig', 'provisional'),
        ('stage', 'revised', 'nader voorlopig', 'revised provisional'),
        ('stage', 'definitive', 'definitief', 'definitive'),
        ('stage', 'restated', 'herzien', 'restated'),
        ('series', 'authoritative', 'van de bronhouder', 'of the one source'),
        ('series', 'secondary', 'van een ander', 'of another organisation'),
        ('series', 'part', 'deel van een optelbaar cijfer', 'part of a figure that may be added')
    ) AS l (list, code, label_nl, label_en)$sql$;
END
$$;

DO $$
DECLARE
    col record;
BEGIN
    FOR col IN
        SELECT c.relname, a.attname, m.meaning
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'report_v1'
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN (VALUES
            ('indicator_id', 'The indicator''s stable identifier'),
            ('name_nl', 'Name in Dutch'),
            ('name_en', 'Name in English'),
            ('unit', 'What is counted'),
            ('aggregation', 'Which figures may be added'),
            ('direction', 'Which way it is to move; counts of victims have none, and colour nothing'),
            ('source', 'The one organisation whose figures are the indicator''s; null where every reporter has a part'),
            ('is_about_minors', 'Whether it is told as national totals by form of exploitation only'),
            ('note', 'Must be shown wherever the figure is shown'),
            ('provenance', 'Whether it was found in a source or is illustrative'),
            ('period', 'What the figure is about: 2023, 2023-H1, 2023-Q2, 2023-05 or 2019-2023'),
            ('period_first', 'The first day of the period'),
            ('period_last', 'The last day of the period'),
            ('dimension', 'By what it is broken down; null for the whole'),
            ('category', 'The part; null for the whole'),
            ('series', 'Whose word it is (list series)'),
            ('reporter', 'The organisation that reports'),
            ('vintage', 'Which word of its reporter on this figure it is, from 1'),
            ('is_latest', 'Whether it is the reporter''s last word on this figure'),
            ('stage', 'How final it is by its source''s word (list stage)'),
            ('value', 'The figure; null where the flag says that there is none'),
            ('flag', 'What the figure is, or why there is none (list value_flag)'),
            ('as_of', 'The day on which it was stated'),
            ('recorded_at', 'When it was recorded here'),
            ('topic', 'The Kafka topic'),
            ('partition', 'The partition'),
            ('offset', 'The offset of the message'),
            ('record', 'The record''s place in its message, from 0'),
            ('reporters', 'How many reported'),
            ('unknown', 'Of those, without a figure that may be shown'),
            ('code', 'What is to be known'),
            ('valid_from', 'The first day on which it is in use; null where it always was'),
            ('valid_until', 'The day from which it is no longer in use; null where it still is'),
            ('is_in_force', 'Whether it is in use at all: some forms wait for their act'),
            ('other', 'The other count, the earlier figure, or the sum of the parts'),
            ('watermark_commit', 'The answer is complete up to this commit'),
            ('watermark_recorded_at', 'The answer is complete up to this moment')
        ) AS m (name, meaning) ON m.name = a.attname
        WHERE c.relkind = 'v' AND (c.relname LIKE 'indicator%' OR c.relname = 'breakdown_code')
    LOOP
        EXECUTE format('COMMENT ON COLUMN report_v1.%I.%I IS %L', col.relname, col.attname, col.meaning);
    END LOOP;
END
$$;

COMMENT ON COLUMN report_v1.breakdown_code.code IS 'The code';
COMMENT ON COLUMN report_v1.breakdown_code.dimension IS 'The list';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['breakdown_code', 'indicator', 'indicator_target', 'indicator_figure', 'indicator_sum', 'indicator_finding']
    LOOP
        EXECUTE format('ALTER VIEW report_v1.%I OWNER TO paraplu_reader', name);
        EXECUTE format('GRANT SELECT ON report_v1.%I TO paraplu_report, paraplu_operator, paraplu_app', name);
    END LOOP;
END
$$;
