-- What answers lacked: the last known colour, what is rolled up apart, the plan as it was known, and who decided what.
SET ROLE paraplu_owner;

ALTER TABLE progress.timeline ADD COLUMN last_known_rating text;
COMMENT ON COLUMN progress.timeline.last_known_rating IS 'The colour that would be shown if the data were current; null where they are, or where there is none';
ALTER TABLE progress.milestone ADD COLUMN reached_on date;
COMMENT ON COLUMN progress.milestone.reached_on IS 'The day on which the holder says it was reached; null where it isn''t, or where no day was given';
ALTER TABLE plan.action ADD COLUMN exploitation_forms text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN plan.action.exploitation_forms IS 'The forms of exploitation that it is about; none where it is about all';
ALTER TABLE plan.organisation ADD COLUMN parent text;
COMMENT ON COLUMN plan.organisation.parent IS 'The organisation of which it is a part; null where it is part of none';

-- An answer as of an earlier moment is told in the words of the plan of that moment.
CREATE TABLE plan.action_history (
    action_id text NOT NULL,
    known_from timestamptz NOT NULL,
    known_until timestamptz,
    code text NOT NULL,
    title_nl text NOT NULL,
    title_en text NOT NULL,
    display_note_nl text NOT NULL,
    line_id text NOT NULL,
    goals text[] NOT NULL,
    policy_type text NOT NULL,
    provenance text NOT NULL,
    PRIMARY KEY (action_id, known_from),
    CHECK (known_from < known_until)
);
COMMENT ON TABLE plan.action_history IS 'What every version of the plan said of an action, as known from when until when';
COMMENT ON COLUMN plan.action_history.known_from IS 'When the version of the plan that says so was applied';
COMMENT ON COLUMN plan.action_history.known_until IS 'When a later version said something else; null while it stands';
REVOKE DELETE ON plan.action_history FROM paraplu_app, paraplu_operator;
INSERT INTO plan.action_history
    SELECT a.id, v.known_from, v.known_until, a.code, a.title_nl, a.title_en, a.display_note_nl, a.line,
        ARRAY(SELECT json_array_elements_text(a.goals)), a.policy_type, a.provenance
    FROM (
        SELECT v.plan, c.recorded_at AS known_from, lead(c.recorded_at) OVER (ORDER BY v.commit) AS known_until
        FROM plan.version AS v JOIN journal.commit AS c ON c.number = v.commit) AS v
    CROSS JOIN LATERAL json_to_recordset(v.plan -> 'actions') AS a (id text, code text, title_nl text, title_en text,
        display_note_nl text, line text, goals json, policy_type text, provenance text);

-- A header of an entry of our own streams. Framed: name length, name, value length, value; 32 bits each, big endian.
CREATE FUNCTION journal.header(framed bytea, wanted text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    place integer := 1;
    size integer;
    name text;
BEGIN
    WHILE place < octet_length(framed) LOOP
        size := ('x' || encode(substring(framed FROM place FOR 4), 'hex'))::bit(32)::integer;
        name := convert_from(substring(framed FROM place + 4 FOR size), 'UTF8');
        place := place + 4 + size;
        size := ('x' || encode(substring(framed FROM place FOR 4), 'hex'))::bit(32)::integer;
        IF name = wanted THEN
            RETURN convert_from(substring(framed FROM place + 4 FOR size), 'UTF8');
        END IF;
        place := place + 4 + size;
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION journal.header(bytea, text) IS 'The value of a header of an entry of our own streams; null where it has none of that name';
-- Whoever reads a view runs the functions in it; this one knows nothing but what it is given.
GRANT EXECUTE ON FUNCTION journal.header(bytea, text) TO paraplu_reader, paraplu_report, paraplu_app, paraplu_operator;

CREATE VIEW journal.decision AS
    SELECT e.commit, e.position, journal.header(p.headers, 'decision') AS kind,
        CASE WHEN f.action_id IS NOT NULL THEN 'action/' || f.action_id
            WHEN journal.header(p.headers, 'round') IS NOT NULL THEN 'round/' || journal.header(p.headers, 'round')
            WHEN journal.header(p.headers, 'feed') IS NOT NULL THEN 'feed/' || journal.header(p.headers, 'feed')
            WHEN journal.header(p.headers, 'decision') = 'plan.applied' THEN 'programme' END AS subject,
        nullif(concat_ws(' ', f.body ->> 'party', f.body ->> 'milestone'), '') AS item, f.body ->> 'verdict' AS verdict,
        coalesce(f.as_of, journal.header(p.headers, 'as_of')::date) AS as_of, c.recorded_at, f.reporter AS decided_for,
        journal.header(p.headers, 'reason') AS reason, journal.header(p.headers, 'actor') AS actor
    FROM journal.stream AS st
    JOIN journal.entry AS e USING (stream_id)
    JOIN journal.commit AS c ON c.number = e.commit
    LEFT JOIN journal.payload AS p USING (stream_id, position)
    LEFT JOIN journal.fact AS f USING (stream_id, position)
    WHERE st.kind = 'office';
COMMENT ON VIEW journal.decision IS 'Every entry of the office stream: what was decided, on what, by whom and why. For operators: an actor may be a person';
REVOKE INSERT ON journal.decision FROM paraplu_app, paraplu_operator;

GRANT SELECT (commit, kind, subject, item, verdict, as_of, recorded_at, decided_for, reason) ON journal.decision
    TO paraplu_reader;
GRANT SELECT ON plan.action_history, progress.rollup_revision TO paraplu_reader;
RESET ROLE;

-- As before, with the colour before the data went stale, and the forms of exploitation.
CREATE OR REPLACE VIEW report_v1.action_status WITH (security_barrier) AS
    SELECT a.action_id, a.code, a.title_nl, a.title_en, a.display_note_nl, a.line_id AS line, s.holder, s.lifecycle,
        s.rating, s.reported_rating, s.data_state, s.flags, s.reasons, t.as_of, t.recorded_at, s.revision, s.epoch,
        s.evaluated_on, a.policy_type, a.provenance, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at,
        s.payload ->> 'last_known_rating' AS last_known_rating, a.exploitation_forms
    FROM plan.action AS a
    CROSS JOIN report_v1.watermark AS w
    JOIN progress.status AS s ON s.subject = 'action/' || a.action_id
    LEFT JOIN LATERAL (
        SELECT t.as_of, t.known_from AS recorded_at
        FROM progress.timeline AS t
        WHERE t.action_id = a.action_id AND t.known_until IS NULL
            AND t.valid_from <= (w.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date
        ORDER BY t.valid_from DESC, t.known_from DESC
        LIMIT 1) AS t ON true;
COMMENT ON COLUMN report_v1.action_status.last_known_rating IS
    'Where the data are not current: the colour that would be shown if they were; null where there is none';
COMMENT ON COLUMN report_v1.action_status.exploitation_forms IS
    'The forms of exploitation that it is about (dimension uitbuitingsvorm of breakdown_code); none where it is about all';

-- As before, with what is rolled up apart.
CREATE OR REPLACE VIEW report_v1.rollup_status WITH (security_barrier) AS
    SELECT s.subject, coalesce(l.title_nl, g.title_nl, p.title_nl) AS title_nl,
        coalesce(l.title_en, g.title_en, p.title_en) AS title_en, s.lifecycle, s.rating, s.reasons,
        s.payload -> 'counts' AS counts, (s.payload ->> 'coverage_percent')::integer AS coverage_percent,
        (s.payload ->> 'percent_complete')::integer AS percent_complete, s.recorded_at, s.revision, s.epoch,
        s.evaluated_on, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at, s.payload -> 'apart' AS apart
    FROM progress.status AS s
    CROSS JOIN report_v1.watermark AS w
    LEFT JOIN plan.line AS l ON s.subject = 'line/' || l.line_id
    LEFT JOIN plan.goal AS g ON s.subject = 'goal/' || g.goal_id
    LEFT JOIN plan.programme AS p ON s.subject = 'programme'
    WHERE s.subject NOT LIKE 'action/%';
COMMENT ON COLUMN report_v1.rollup_status.counts IS
    'The plan''s actions: total, by lifecycle, rating and data state; what the colour follows from are active_rating, of the active actions alone, and critical_red';
COMMENT ON COLUMN report_v1.rollup_status.apart IS
    'Standing policy, legislation and regional items, with the same members: shown beside the plan''s actions, and without a say in the colour';
COMMENT ON COLUMN report_v1.rollup_status.percent_complete IS
    'Accepted milestones of those that were not dropped, in whole percent; null where there is none';

CREATE VIEW report_v1.rollup_history WITH (security_barrier) AS
    SELECT r.subject, r.epoch, r.revision, r.recorded_at, r.evaluated_on, r.payload ->> 'title_nl' AS title_nl,
        r.payload ->> 'title_en' AS title_en, r.payload ->> 'lifecycle' AS lifecycle, r.payload ->> 'rating' AS rating,
        ARRAY(SELECT json_array_elements_text(r.payload -> 'reasons')) AS reasons, r.payload -> 'counts' AS counts,
        (r.payload ->> 'coverage_percent')::integer AS coverage_percent,
        (r.payload ->> 'percent_complete')::integer AS percent_complete, r.payload -> 'apart' AS apart,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM progress.rollup_revision AS r
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.rollup_history IS 'Every revision of every line, goal and the programme, as it was announced';

-- As before, with the last known colour and what is rolled up apart; a roll-up is modified where an action below it is.
CREATE OR REPLACE VIEW report_v1.round_status WITH (security_barrier) AS
    WITH modified AS MATERIALIZED (
        SELECT c.round_id, h.line_id, h.goals
        FROM (
            SELECT DISTINCT ON (c.round_id, c.action_id) c.round_id, c.action_id, c.after
            FROM progress.correction AS c
            ORDER BY c.round_id, c.action_id, c.commit DESC) AS c
        JOIN progress.snapshot AS s ON s.round_id = c.round_id AND s.subject = 'action/' || c.action_id
        JOIN plan.round AS r ON r.round_id = c.round_id
        JOIN plan.action_history AS h ON h.action_id = c.action_id AND h.known_from <= r.frozen_at
            AND (h.known_until IS NULL OR h.known_until > r.frozen_at)
        WHERE c.after::text <> s.payload::text AND h.policy_type <> 'historical'
    )
    SELECT s.round_id, r.as_of AS round_as_of, s.subject, s.payload ->> 'holder' AS holder,
        s.payload ->> 'lifecycle' AS lifecycle, s.payload ->> 'rating' AS rating,
        s.payload ->> 'reported_rating' AS reported_rating, s.payload ->> 'data_state' AS data_state,
        s.payload -> 'flags' AS flags, s.payload -> 'reasons' AS reasons, (s.payload ->> 'as_of')::date AS as_of,
        s.payload -> 'counts' AS counts, (s.payload ->> 'coverage_percent')::integer AS coverage_percent,
        (s.payload ->> 'percent_complete')::integer AS percent_complete,
        CASE WHEN s.subject LIKE 'action/%' THEN coalesce(c.after::text <> s.payload::text, false)
            ELSE EXISTS (
                SELECT FROM modified AS m
                WHERE m.round_id = s.round_id AND (s.subject IN ('programme', 'line/' || m.line_id)
                    OR EXISTS (SELECT FROM unnest(m.goals) AS g WHERE s.subject = 'goal/' || g)))
            END AS modified_since, c.after AS corrected,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at,
        s.payload ->> 'last_known_rating' AS last_known_rating, s.payload -> 'apart' AS apart
    FROM progress.snapshot AS s
    JOIN plan.round AS r USING (round_id)
    CROSS JOIN report_v1.watermark AS w
    LEFT JOIN LATERAL (
        SELECT c.after FROM progress.correction AS c
        WHERE c.round_id = s.round_id AND s.subject = 'action/' || c.action_id
        ORDER BY c.commit DESC LIMIT 1) AS c ON true;
COMMENT ON COLUMN report_v1.round_status.modified_since IS
    'Of an action: what is known now of the round''s day is something else, and corrected has it; of a line, a goal or the programme: that holds of an action below it';
COMMENT ON COLUMN report_v1.round_status.corrected IS 'What is known now of an action, where it was corrected; null for lines, goals and the programme';
COMMENT ON COLUMN report_v1.round_status.counts IS
    'The plan''s actions as rollup_status has them; null for actions';
COMMENT ON COLUMN report_v1.round_status.as_of IS 'The day of which the holder''s latest report speaks; null for lines, goals and the programme';
COMMENT ON COLUMN report_v1.round.as_of IS 'The day of which the round speaks';
COMMENT ON COLUMN report_v1.round_completeness.as_of IS 'The day of which the round speaks';

-- As before, with the day on which the holder says that it was reached.
CREATE OR REPLACE VIEW report_v1.milestone WITH (security_barrier) AS
    SELECT m.milestone_id, m.action_id, a.code, a.line_id AS line, m.title_nl, m.kind, m.is_critical, s.status, s.as_of,
        m.baseline_due, s.current_due, s.current_due - m.baseline_due AS moved_days,
        CASE WHEN s.is_open THEN greatest(w.today - m.baseline_due, 0) ELSE 0 END AS late_days_first,
        CASE WHEN s.is_open THEN greatest(w.today - s.current_due, 0) ELSE 0 END AS late_days_latest,
        s.is_open AND w.today > m.baseline_due AND s.current_due > m.baseline_due AS is_rebaselined, s.is_refused,
        m.provenance, w.today AS evaluated_on, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at,
        p.reached_on
    FROM plan.milestone AS m
    JOIN plan.action AS a USING (action_id)
    LEFT JOIN progress.milestone AS p USING (action_id, milestone_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(p.status, 'GEPLAND') AS status, p.as_of, coalesce(p.due, m.current_due) AS current_due,
            coalesce(p.status, 'GEPLAND') = 'GEPLAND' AS is_open, coalesce(p.is_refused, false) AS is_refused) AS s
    CROSS JOIN (
        SELECT commit, recorded_at, (recorded_at AT TIME ZONE 'Europe/Amsterdam')::date AS today
        FROM report_v1.watermark) AS w;
COMMENT ON COLUMN report_v1.milestone.reached_on IS
    'The day on which the holder says it was reached; null unless it is BEREIKT_GEMELD or BEREIKT, or where no day was given';

CREATE OR REPLACE VIEW report_v1.organisation WITH (security_barrier) AS
    SELECT o.organisation_id, o.name_nl, o.name_en, o.abbreviation, o.kind, o.tooi, o.oin, o.exists_from, o.exists_until,
        o.successor, o.provenance, count(DISTINCT r.action_id) FILTER (WHERE r.role = 'ACTIEHOUDER') AS actions_held,
        count(DISTINCT r.action_id) FILTER (WHERE r.role <> 'ACTIEHOUDER') AS actions_involved,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at, o.parent
    FROM plan.organisation AS o
    CROSS JOIN report_v1.watermark AS w
    LEFT JOIN plan.action_role AS r ON r.organisation_id = o.organisation_id
        AND coalesce(r.valid_from <= (w.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date, true)
        AND coalesce(r.valid_until > (w.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date, true)
    GROUP BY o.organisation_id, w.commit, w.recorded_at;
COMMENT ON COLUMN report_v1.organisation.parent IS 'The organisation of which it is a part; null where it is part of none';

-- Without the actor, who may be a person: journal.decision has it, for operators.
CREATE VIEW report_v1.decision WITH (security_barrier) AS
    SELECT d.kind, d.subject, d.item, d.verdict, d.as_of, d.recorded_at, d.decided_for, d.reason,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM journal.decision AS d
    CROSS JOIN report_v1.watermark AS w
    WHERE d.kind IN ('assessment.made', 'conflict.ruled', 'round.opened', 'round.frozen', 'plan.applied');
COMMENT ON VIEW report_v1.decision IS 'What the programme office decided, and why; who typed it in is no report''s business';

-- As before, in the words of the plan of that moment, and with the colour before the data went stale.
DROP FUNCTION report_v1.status_as_of(date, timestamptz);
CREATE FUNCTION report_v1.status_as_of(valid_on date, known_on timestamptz)
    RETURNS TABLE (
        action_id text, code text, title_nl text, title_en text, display_note_nl text, line text, holder text,
        lifecycle text, rating text, reported_rating text, data_state text, flags text[], reasons text[], as_of date,
        recorded_at timestamptz, revision bigint, epoch integer, evaluated_on date, policy_type text, provenance text,
        watermark_commit bigint, watermark_recorded_at timestamptz, last_known_rating text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.action_id, a.code, a.title_nl, a.title_en, a.display_note_nl, a.line_id,
        CASE WHEN p.holder IS NULL THEN t.holder ELSE nullif(p.holder, '') END, coalesce(p.lifecycle, t.lifecycle),
        coalesce(p.rating, t.rating), t.reported_rating, coalesce(p.data_state, t.data_state),
        coalesce(string_to_array(p.flags, ','), t.flags), coalesce(r.reasons, t.reasons), t.as_of, t.known_from,
        t.revision, t.epoch, valid_on, a.policy_type, a.provenance, w.commit, w.recorded_at,
        CASE WHEN p.last_known IS NULL THEN t.last_known_rating ELSE nullif(p.last_known, '') END
    FROM plan.action_history AS a
    CROSS JOIN report_v1.watermark AS w
    CROSS JOIN LATERAL (
        SELECT * FROM progress.timeline AS t
        WHERE t.action_id = a.action_id AND t.valid_from <= valid_on AND t.known_from <= known_on
            AND (t.known_until IS NULL OR t.known_until > known_on)
        ORDER BY t.valid_from DESC, t.known_from DESC
        LIMIT 1) AS t
    -- The words of the steps that have come, in order; of each kind the last one holds.
    LEFT JOIN LATERAL (
        SELECT array_agg(w.word ORDER BY s.place, w.place) AS words
        FROM string_to_table(t.steps, E'\n') WITH ORDINALITY AS s (step, place)
        CROSS JOIN LATERAL string_to_table(substr(s.step, 12), ' ') WITH ORDINALITY AS w (word, place)
        WHERE left(s.step, 10)::date <= valid_on) AS u ON true
    LEFT JOIN LATERAL (
        SELECT
            (array_agg(value ORDER BY place DESC) FILTER (WHERE name = 'holder'))[1] AS holder,
            (array_agg(value ORDER BY place DESC) FILTER (WHERE name = 'lifecycle'))[1] AS lifecycle,
            (array_agg(value ORDER BY place DESC) FILTER (WHERE name = 'rating'))[1] AS rating,
            (array_agg(value ORDER BY place DESC) FILTER (WHERE name = 'last_known'))[1] AS last_known,
            (array_agg(value ORDER BY place DESC) FILTER (WHERE name = 'data_state'))[1] AS data_state,
            (array_agg(value ORDER BY place DESC) FILTER (WHERE name = 'flags'))[1] AS flags
        FROM unnest(u.words) WITH ORDINALITY AS x (word, place)
        CROSS JOIN LATERAL (SELECT split_part(word, '=', 1), split_part(word, '=', 2)) AS v (name, value)
        WHERE word LIKE '%=%') AS p ON u.words IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT coalesce(array_agg(reason ORDER BY reason COLLATE "C") FILTER (WHERE sign = '+'), '{}') AS reasons
        FROM (
            SELECT DISTINCT ON (reason) reason, sign
            FROM (
                SELECT reason, '+', 0 FROM unnest(t.reasons) AS reason
                UNION ALL
                SELECT substr(word, 2), left(word, 1), place FROM unnest(u.words) WITH ORDINALITY AS x (word, place)
                WHERE left(word, 1) IN ('+', '-')) AS said (reason, sign, place)
            ORDER BY reason, place DESC) AS last) AS r ON u.words IS NOT NULL
    WHERE a.known_from <= known_on AND (a.known_until IS NULL OR a.known_until > known_on)
$$;
COMMENT ON FUNCTION report_v1.status_as_of(date, timestamptz) IS
    'Every action''s status on a day, as known at a moment, in the words of the plan of that moment: one index probe per action; for a moment up to the watermark''s the same answer for ever';
ALTER FUNCTION report_v1.status_as_of(date, timestamptz) OWNER TO paraplu_reader;
REVOKE EXECUTE ON FUNCTION report_v1.status_as_of(date, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report_v1.status_as_of(date, timestamptz) TO paraplu_report, paraplu_operator, paraplu_app;

-- As before, and where the latest message of a reporter, kind and item has no effect, also the latest one that has.
CREATE OR REPLACE FUNCTION report_v1.explain(subject text)
    RETURNS TABLE (
        action_id text, topic text, partition integer, "offset" bigint, event_id text, reporter text, kind text,
        item text, as_of date, recorded_at timestamptz, outcome text, disposition text, body json,
        watermark_commit bigint, watermark_recorded_at timestamptz, connector_version text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH actions AS (
        SELECT a.action_id FROM plan.action AS a
        WHERE subject = 'programme' OR subject = 'action/' || a.action_id OR subject = 'line/' || a.line_id
            OR EXISTS (SELECT FROM unnest(a.goals) AS g WHERE subject = 'goal/' || g)
    ), facts AS (
        SELECT f.*, concat_ws(' ', f.body ->> 'party', f.body ->> 'milestone', f.body ->> 'risk', f.body ->> 'item') AS item,
            e.outcome, e.event_id, e.connector_version,
            -- A report of a day that hasn't come says nothing of today.
            CASE WHEN f.as_of > (w.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date
                    AND coalesce(d.disposition, 'observation') = 'observation' THEN 'not_yet'
                ELSE coalesce(d.disposition, 'effective') END AS disposition
        FROM actions AS a
        CROSS JOIN report_v1.watermark AS w
        JOIN journal.fact AS f USING (action_id)
        JOIN journal.entry AS e USING (stream_id, position)
        LEFT JOIN progress.disposition AS d USING (stream_id, position, record)
        LEFT JOIN journal.settlement AS s ON s.stream_id = f.stream_id AND s.settled_position = f.position
        WHERE e.outcome IN (1, 3) OR s.kind IN ('resolved', 'replayed')
    ), listed AS (
        (SELECT DISTINCT ON (f.action_id, f.reporter, f.kind, f.item) f.stream_id, f.position, f.record
        FROM facts AS f
        ORDER BY f.action_id, f.reporter, f.kind, f.item, f.as_of DESC, f.report_order DESC, f.identity DESC)
        UNION
        (SELECT DISTINCT ON (f.action_id, f.reporter, f.kind, f.item) f.stream_id, f.position, f.record
        FROM facts AS f
        WHERE f.disposition IN ('effective', 'observation')
        ORDER BY f.action_id, f.reporter, f.kind, f.item, f.as_of DESC, f.report_order DESC, f.identity DESC)
    )
    SELECT f.action_id, coalesce(nullif(st.topic, ''), st.kind), st.partition,
        coalesce(r.original_position, f.position), f.event_id, f.reporter,
        f.body ->> 'kind', nullif(f.item, ''), f.as_of, c.recorded_at,
        (ARRAY['applied', 'duplicate', 'stale', 'rejected', 'parked'])[f.outcome],
        f.disposition, f.body, w.commit, w.recorded_at, encode(v.digest, 'hex')
    FROM listed AS l
    JOIN facts AS f USING (stream_id, position, record)
    LEFT JOIN journal.replayed AS r USING (stream_id, position)
    JOIN journal.stream AS st ON st.stream_id = coalesce(r.original_stream_id, f.stream_id)
    JOIN journal.commit AS c ON c.number = f.commit
    LEFT JOIN operations.connector_version AS v ON v.connector_version = f.connector_version
    CROSS JOIN report_v1.watermark AS w
    ORDER BY f.action_id, f.as_of DESC, st.topic, st.partition, 4
$$;
COMMENT ON FUNCTION report_v1.explain(text) IS
    'The messages behind a status: programme, goal/…, line/… or action/…. Per reporter, kind and item the latest one, and the one that counts';

ALTER VIEW report_v1.rollup_history OWNER TO paraplu_reader;
ALTER VIEW report_v1.decision OWNER TO paraplu_reader;
GRANT SELECT ON report_v1.rollup_history, report_v1.decision TO paraplu_report, paraplu_operator, paraplu_app;

COMMENT ON TABLE plan.programme IS 'The programme: one row';
COMMENT ON TABLE plan.goal IS 'Strategic goals (strategisch doel)';
COMMENT ON TABLE plan.line IS 'Action lines (actielijn), each tied to one or more goals';
COMMENT ON TABLE plan.organisation IS 'Organisations with their identifiers and the days between which they exist; offices, never persons';
COMMENT ON TABLE plan.action IS 'Actions (actie) as the plan in force has them';
COMMENT ON TABLE plan.milestone IS 'Milestones (mijlpaal) as the plan in force has them, with the first and the latest date';

-- Every column says what it is: first what one means in its table, then what a name means wherever nothing else is said.
DO $$
DECLARE
    col record;
BEGIN
    FOR col IN
        SELECT n.nspname, c.relname, a.attname, coalesce(own.meaning, any_table.meaning) AS meaning
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN (VALUES
            ('journal.commit.number', 'Its number; one more than that of the commit before it'),
            ('journal.commit.kind', 'Which stream wrote: partition, office, clock or settlement'),
            ('journal.decision.subject', 'What it is about: programme, action/…, round/… or feed/…; null where it is about none of them'),
            ('journal.decision.position', 'Its position in the office stream'),
            ('journal.decision.kind', 'What was decided, such as assessment.made or round.frozen'),
            ('journal.entry.connector_version', 'The definition that the message was mapped with; null for entries of our own'),
            ('journal.entry.records', 'How many canonical records it brought'),
            ('journal.fact.n', 'Its message''s place within the commit'),
            ('journal.fact.as_of', 'The day of which the record speaks'),
            ('journal.fact.key_use', 'Counts the records that used the identity after an earlier one was refused for good'),
            ('journal.fact.body', 'The canonical record, byte for byte'),
            ('journal.payload.retention_months', 'How long it is kept, in months: the class that the connector names'),
            ('journal.payload.stored_on', 'The day on which it was stored, from which its retention counts'),
            ('journal.payload.key', 'The message''s key as received; null where it had none'),
            ('journal.payload.value', 'The message''s value as received; null where it had none'),
            ('journal.replayed.position', 'Its position in that stream'),
            ('journal.replayed.stream_id', 'The settlement stream'),
            ('journal.replayed.original_stream_id', 'The stream in which the refused message was received'),
            ('journal.replayed.original_position', 'The refused message''s position there'),
            ('journal.settlement.position', 'Its position in the settlement stream'),
            ('journal.settlement.stream_id', 'The stream of the message that was settled'),
            ('journal.settlement.settled_position', 'That message''s position'),
            ('journal.settlement.kind', 'resolved or refused, of a parked message; replayed or dismissed, of a rejected one'),
            ('journal.settlement.code', 'Why it was refused, or with which code it was rejected; null where there is none'),
            ('journal.stream.stream_id', 'The number of the stream, for all tables'),
            ('journal.stream.kind', 'partition, or one of our own: office, clock, settlement'),
            ('journal.stream.topic', 'The Kafka topic; empty for streams of our own'),
            ('journal.stream.partition', 'The partition; 0 for streams of our own'),
            ('journal.stream.generation', 'Rises when the topic was made again, so that offsets begin anew'),
            ('journal.stream.is_current', 'Whether it is the latest generation'),
            ('journal.stream.feed', 'The feed that the topic belongs to; null for streams of our own'),
            ('journal.stream.first_position', 'The first offset that belongs to the balance'),
            ('operations.activation.commit', 'The commit from which they were in force'),
            ('operations.activation.connector_versions', 'The versions in force'),
            ('operations.activation.digest', 'SHA-256 over the digests of those versions'),
            ('operations.commit_clock.singleton', 'True: there is one row'),
            ('operations.connector_version.connector_version', 'The number of the version, for all tables'),
            ('operations.connector_version.digest', 'SHA-256 of the definition, by which versions are named'),
            ('operations.connector_version.topic', 'The topic, without its prefix'),
            ('operations.connector_version.purpose', 'What the data are for (doelbinding)'),
            ('operations.connector_version.legal_basis', 'On what ground they may be processed (grondslag)'),
            ('operations.connector_version.retention_months', 'How many months payloads are kept'),
            ('operations.connector_version.definition', 'The definition as it was written'),
            ('operations.drift.recorded_at', 'When that was recorded'),
            ('operations.feed.topic', 'The topic, without its prefix'),
            ('operations.feed.held_since', 'Since when it is held; null while it runs'),
            ('operations.feed.held_code', 'Why it is held, as a stable code'),
            ('operations.feed.held_reason', 'Why it is held, in words'),
            ('operations.feed.held_next', 'The first offset behind those that can''t be read'),
            ('operations.instance.instance', 'The instance id'),
            ('operations.instance.boot', 'The latest start under that id'),
            ('operations.instance.started_at', 'When that was'),
            ('operations.loss.first_position', 'The first offset of the range'),
            ('operations.loss.next_position', 'The first offset behind the range'),
            ('operations.loss.kind', 'hole: no message was there; retention or skipped: one was lost'),
            ('operations.parked.n', 'Its place within that commit'),
            ('operations.parked.parked_at', 'When it was parked'),
            ('operations.parked.missing', 'What it waits for: action/…, indicator/… or organisation/…'),
            ('operations.rejection.stage', 'The step that refused it'),
            ('operations.rejection.code', 'Why, as a stable code'),
            ('operations.rejection.path', 'The place of the first violation, a JSON Pointer'),
            ('outbox.cut.commit', 'The commit up to which it is complete'),
            ('outbox.cut.subjects', 'How many subjects there are'),
            ('outbox.cut.hash', 'SHA-256 over all statuses, as the cut''s message has it'),
            ('outbox.cut.payload', 'The marker as it was published'),
            ('outbox.event.commit', 'The commit that wrote it'),
            ('outbox.event.n', 'Its place within the commit'),
            ('outbox.event.payload', 'What is sent, byte for byte'),
            ('outbox.lease.name', 'relay: there is one row'),
            ('outbox.lease.instance', 'The daemon that holds the lease; null before the first'),
            ('outbox.lease.boot', 'That daemon''s start'),
            ('outbox.lease.epoch', 'Rises when the lease changes hands'),
            ('outbox.lease.renewed_at', 'When the holder last said that it is there'),
            ('outbox.lease.sent_commit', 'The commit of the last row that is settled'),
            ('outbox.lease.sent_n', 'That row''s place within its commit'),
            ('outbox.lease.sent', 'How many rows were settled so far'),
            ('outbox.set_aside.commit', 'The commit of the row'),
            ('outbox.set_aside.n', 'The row''s place within its commit'),
            ('outbox.set_aside.code', 'Why the broker refuses it'),
            ('outbox.set_aside.since', 'When it was set aside'),
            ('plan.action_role.n', 'Its place among the action''s roles'),
            ('plan.action_role.valid_from', 'The first day of the role; null where it always was'),
            ('plan.action_role.valid_until', 'The day from which the role ends; null where it stands'),
            ('plan.goal.number', 'Its number in the plan'),
            ('plan.line.number', 'Its number in the plan'),
            ('plan.line.goals', 'The goals that it serves'),
            ('plan.milestone.n', 'Its place among the action''s milestones'),
            ('plan.milestone.kind', 'milestone (qualitative) or target (quantitative)'),
            ('plan.milestone.is_critical', 'Whether being late makes the action red at once'),
            ('plan.programme.programme_id', 'The programme''s stable identifier'),
            ('plan.programme.dossier', 'The dossier of Parliament'),
            ('plan.programme.presented_on', 'The day on which it was presented to Parliament'),
            ('plan.programme.coordinator', 'The coordinating organisation, for which the programme office decides'),
            ('plan.round.opened_commit', 'The commit that opened it'),
            ('plan.round.opened_at', 'When that was'),
            ('plan.round.frozen_commit', 'The commit that froze it; null while it is open'),
            ('plan.round.frozen_at', 'When that was; null while it is open'),
            ('plan.version.commit', 'The commit that applied it'),
            ('plan.version.name', 'The plan''s name'),
            ('plan.version.version', 'The version as its authors number it'),
            ('plan.version.digest', 'SHA-256 of the document'),
            ('progress.action_state.commit', 'The commit that last changed the row'),
            ('progress.action_state.revision', 'The number of the announced status, within its epoch'),
            ('progress.completeness.expected', 'Reports that were due'),
            ('progress.completeness.on_time', 'Of those, came by the end of the last day of the round'),
            ('progress.completeness.missing', 'Of those, did not come before it was frozen'),
            ('progress.conflict.n', 'Its place among the action''s conflicts'),
            ('progress.correction.commit', 'The commit that learnt of it'),
            ('progress.correction.before', 'What was known of that day before'),
            ('progress.correction.after', 'What is known of that day since'),
            ('progress.disposition.commit', 'The commit that judged so'),
            ('progress.disposition.disposition', 'Why the record has no effect, as a stable code'),
            ('progress.finding.commit', 'The commit that found it'),
            ('progress.finding.code', 'late: came after a report of a later day; after_freeze: of a day whose round was frozen'),
            ('progress.milestone.status', 'How far it is'),
            ('progress.observation.as_of', 'The day on which it was stated'),
            ('progress.observation.report_order', 'The reporter''s sequence number, else the source''s time: orders words of one day'),
            ('progress.observation.dimension', 'By what it is broken down; empty for the whole'),
            ('progress.observation.category', 'The part; empty for the whole'),
            ('progress.observation.disposition', 'effective, or why it takes no part'),
            ('progress.observation.stage', 'How final it is by its source''s word'),
            ('progress.rollup.commit', 'The commit that last changed the row'),
            ('progress.rollup.counts', 'The counts of the plan''s actions and of those apart, in the rules'' own encoding'),
            ('progress.rollup_revision.payload', 'The status event''s data, byte for byte'),
            ('progress.snapshot.payload', 'The status on that day, as JSON'),
            ('progress.status.as_of', 'The latest day of which the holder reports; null where it never did'),
            ('progress.status.commit', 'The commit that announced it'),
            ('progress.status.payload_hash', 'SHA-256 of the payload, of which a cut''s hash is made'),
            ('progress.timeline.as_of', 'The latest day of which the holder reports; null where it never did'),
            ('progress.timeline.valid_from', 'The day from which it was so; -infinity for what holds before the first report'),
            ('progress.timeline.known_from', 'The recorded time of the commit that wrote the row'),
            ('progress.timeline.commit', 'The commit that wrote the row'),
            ('progress.timeline.position', 'The position of that message'),
            ('progress.timeline.rating', 'The effective rating on that day: the worst of the reported one and the floors'),
            ('report_v1.decision.as_of', 'The day of the decision, or of which the round speaks; null where there is none'),
            ('report_v1.decision.kind', 'assessment.made, conflict.ruled, round.opened, round.frozen or plan.applied'),
            ('report_v1.decision.subject', 'What it is about: programme, action/… or round/…'),
            ('report_v1.decision.reason', 'Why, in the office''s own words'),
            ('report_v1.rollup_history.subject', 'programme, goal/… or line/…'),
            ('report_v1.rollup_history.title_nl', 'Title in Dutch, as it was announced'),
            ('report_v1.rollup_history.title_en', 'Title in English, as it was announced'),
            ('report_v1.rollup_history.recorded_at', 'When it was recorded here and announced'),
            ('report_v1.round_status.apart', 'Standing policy, legislation and regional items as rollup_status has them; null for actions'),
            ('report_v1.round_status.last_known_rating', 'Where the data were not current: the colour that would have been shown if they had been')
        ) AS own (place, meaning) ON own.place = n.nspname || '.' || c.relname || '.' || a.attname
        LEFT JOIN (VALUES
            ('abbreviation', 'Short name; empty where there is none'),
            ('action_id', 'The action''s stable identifier'),
            ('actor', 'Who decided: a login name or what was given for it'),
            ('apart', 'Standing policy, legislation and regional items, rolled up apart'),
            ('applied', 'Messages that were taken'),
            ('as_of', 'The day of which it speaks'),
            ('closed_on', 'The day from which it is closed; null while it is open'),
            ('code', 'The code that people know it by'),
            ('commit', 'The number of the commit'),
            ('connector_version', 'The version of the connector; null where it was not mapped by one'),
            ('counts', 'The plan''s actions, counted: what the colour follows from and more'),
            ('coverage_percent', 'The share of actions with a current report'),
            ('data_state', 'Whether the holder''s word is current (list data_state)'),
            ('decided_for', 'The organisation for which it was decided: the programme''s coordinator; null for rounds and plans'),
            ('display_note_nl', 'Must be shown wherever the title is shown'),
            ('duplicate', 'Messages that were known already'),
            ('epoch', 'The revision epoch: rises when the database''s own history was replaced'),
            ('evaluated_on', 'The day at which due and stale were judged'),
            ('event_id', 'The message''s own id; null where it has none or may not be named'),
            ('exists_from', 'The first day of its existence; null where it always was'),
            ('exists_until', 'The day from which it exists no more; null where it still does'),
            ('feed', 'The feed: partner and name'),
            ('flags', 'What else is to be known (list flag)'),
            ('goal_id', 'The goal''s stable identifier'),
            ('goals', 'The goals in which it is counted'),
            ('holder', 'The action holder, as far as it exists; null where there is none'),
            ('indicator_id', 'The indicator'),
            ('is_latest', 'Whether it is the reporter''s last word on this figure'),
            ('item', 'The milestone, and of a ruling the party, that it is about; null where it is about the whole'),
            ('kind', 'What kind it is of'),
            ('label', 'What people call it'),
            ('level', 'How grave it is (list risk_level)'),
            ('lifecycle', 'How far it is (list lifecycle)'),
            ('line_id', 'The action line'),
            ('milestone_id', 'The milestone''s stable identifier'),
            ('name_en', 'Name in English'),
            ('name_nl', 'Name in Dutch'),
            ('oin', 'Organisation identification number; null where none was found'),
            ('organisation_id', 'The organisation''s stable identifier'),
            ('owner', 'The organisation that owns the feed'),
            ('parked', 'Messages that wait for an action or organisation'),
            ('party', 'The involved organisation'),
            ('payload_bytes', 'How large the message was'),
            ('payload_kept', 'Whether its bytes are kept'),
            ('percent_complete', 'Accepted milestones of those that were not dropped, in whole percent; null where there is none'),
            ('period', 'What the figure is about: 2023, 2023-H1, 2023-Q2, 2023-05 or 2019-2023'),
            ('period_first', 'The first day of the period'),
            ('period_last', 'The last day of the period'),
            ('planned_end', 'The day by which it is to be done by the plan; null where none was found'),
            ('planned_start', 'The day on which it is to begin by the plan; null where none was found'),
            ('policy_type', 'What the action is to the plan, which says whether it counts'),
            ('position', 'The position in the stream: for a partition the offset'),
            ('provenance', 'Whether it was found in a source or is illustrative'),
            ('rating', 'The effective rating (list rating); null where nothing is active'),
            ('reason', 'Why, as it was given'),
            ('reasons', 'Why: codes, with what they are about behind a colon'),
            ('record', 'The record''s place in its message, from 0'),
            ('recorded_at', 'When it was recorded here'),
            ('rejected', 'Messages that were refused'),
            ('reported_rating', 'The rating as the holder reported it; null where there is none'),
            ('reporter', 'The organisation that reports'),
            ('revision', 'The number of the announced status, within its epoch'),
            ('risk', 'The risk, as the holder numbers it'),
            ('role', 'What the organisation is to the action (list role)'),
            ('round_id', 'The reporting round'),
            ('stale', 'Messages that were overtaken before they came'),
            ('stream_id', 'The stream of the message'),
            ('subject', 'What it is about: programme, goal/…, line/… or action/…'),
            ('subjects', 'How many subjects it has; null before there is a snapshot'),
            ('successor', 'The organisation that took over; null where none did'),
            ('title_en', 'Title in English'),
            ('title_nl', 'Title in Dutch'),
            ('tooi', 'Identifier in TOOI, the register of government organisations; null where none was found'),
            ('unit', 'What is counted'),
            ('verdict', 'GEACCEPTEERD or AFGEWEZEN, or for whom it was ruled: ACTIEHOUDER or BETROKKENE; null where nothing was judged'),
            ('violations', 'All violations: code, path, and what would be accepted'),
            ('watermark_commit', 'The answer is complete up to this commit'),
            ('watermark_recorded_at', 'The answer is complete up to this moment')
        ) AS any_table (name, meaning) ON any_table.name = a.attname
        WHERE n.nspname IN ('journal', 'operations', 'outbox', 'plan', 'progress', 'report_v1')
            AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition AND col_description(c.oid, a.attnum) IS NULL
            AND coalesce(own.meaning, any_table.meaning) IS NOT NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', col.nspname, col.relname, col.attname, col.meaning);
    END LOOP;
END
$$;
