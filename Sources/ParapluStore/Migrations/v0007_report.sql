-- report_v1: the contract with report jobs. Columns are added, never changed; every answer carries the watermark.
--
-- Views and functions belong to paraplu_reader, which nobody logs in as and which alone may read what they need.
SET ROLE paraplu_owner;
GRANT CREATE ON SCHEMA report_v1 TO paraplu_reader;
GRANT SELECT (number, recorded_at, singleton) ON operations.commit_clock TO paraplu_reader;
GRANT SELECT ON plan.programme, plan.goal, plan.line, plan.action, plan.action_role, plan.organisation, plan.milestone,
    progress.timeline, progress.status, progress.disposition, progress.finding TO paraplu_reader;
GRANT SELECT (stream_id, kind, topic, partition, generation, first_position, next_position, applied, duplicate, stale,
    rejected, parked, holes, lost) ON journal.stream TO paraplu_reader;
GRANT SELECT (commit, n, stream_id, position, outcome, event_id, received_at) ON journal.entry TO paraplu_reader;
GRANT SELECT ON journal.fact, journal.commit TO paraplu_reader;
GRANT SELECT (stream_id, settled_position, kind) ON journal.settlement TO paraplu_reader;
GRANT SELECT ON operations.rejection, operations.parked TO paraplu_reader;
RESET ROLE;

CREATE VIEW report_v1.watermark WITH (security_barrier) AS
    SELECT number AS commit, recorded_at FROM operations.commit_clock;
COMMENT ON VIEW report_v1.watermark IS 'The latest commit: what every other answer is complete up to';

-- The status of every action as announced last, with the day and the message it rests on.
CREATE VIEW report_v1.action_status WITH (security_barrier) AS
    SELECT a.action_id, a.code, a.title_nl, a.title_en, a.display_note_nl, a.line_id AS line, s.holder, s.lifecycle,
        s.rating, s.reported_rating, s.data_state, s.flags, s.reasons, t.as_of, t.recorded_at, s.revision, s.epoch,
        s.evaluated_on, a.policy_type, a.provenance, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
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
COMMENT ON VIEW report_v1.action_status IS 'One row per action: its three axes as announced last';
COMMENT ON COLUMN report_v1.action_status.display_note_nl IS 'Must be shown wherever the title is shown';
COMMENT ON COLUMN report_v1.action_status.rating IS 'The effective rating: the worst of the reported one and the floors';
COMMENT ON COLUMN report_v1.action_status.as_of IS 'The day of which the holder''s latest report speaks';
COMMENT ON COLUMN report_v1.action_status.recorded_at IS 'When that was recorded here';
COMMENT ON COLUMN report_v1.action_status.evaluated_on IS 'The day at which due and stale were judged';

CREATE VIEW report_v1.rollup_status WITH (security_barrier) AS
    SELECT s.subject, coalesce(l.title_nl, g.title_nl, p.title_nl) AS title_nl,
        coalesce(l.title_en, g.title_en, p.title_en) AS title_en, s.lifecycle, s.rating, s.reasons,
        s.payload -> 'counts' AS counts, (s.payload ->> 'coverage_percent')::integer AS coverage_percent,
        (s.payload ->> 'percent_complete')::integer AS percent_complete, s.recorded_at, s.revision, s.epoch,
        s.evaluated_on, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM progress.status AS s
    CROSS JOIN report_v1.watermark AS w
    LEFT JOIN plan.line AS l ON s.subject = 'line/' || l.line_id
    LEFT JOIN plan.goal AS g ON s.subject = 'goal/' || g.goal_id
    LEFT JOIN plan.programme AS p ON s.subject = 'programme'
    WHERE s.subject NOT LIKE 'action/%';
COMMENT ON VIEW report_v1.rollup_status IS 'Lines, goals and the programme, with the counts behind each colour';

CREATE VIEW report_v1.organisation_completeness WITH (security_barrier) AS
    SELECT o.organisation_id, o.name_nl, o.name_en, o.abbreviation, o.tooi,
        count(*) AS actions_held,
        count(*) FILTER (WHERE s.data_state = 'ACTUEEL') AS actions_current,
        count(*) FILTER (WHERE s.data_state = 'VEROUDERD') AS actions_stale,
        count(*) FILTER (WHERE s.data_state = 'ONTBREEKT') AS actions_missing,
        max(s.as_of) AS latest_as_of, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM report_v1.action_status AS s
    JOIN plan.organisation AS o ON o.organisation_id = s.holder
    CROSS JOIN report_v1.watermark AS w
    GROUP BY o.organisation_id, w.commit, w.recorded_at;
COMMENT ON VIEW report_v1.organisation_completeness IS 'Per action holder: how many of its actions have a current report';

CREATE VIEW report_v1.rejections WITH (security_barrier) AS
    SELECT st.topic, st.partition, r.position AS "offset", st.generation, r.feed, r.owner, r.stage, r.code, r.path,
        r.violations, r.event_id, r.recorded_at, r.payload_bytes, r.payload_kept, se.kind AS settlement,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM operations.rejection AS r
    JOIN journal.stream AS st USING (stream_id)
    LEFT JOIN journal.settlement AS se ON se.stream_id = r.stream_id AND se.settled_position = r.position
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.rejections IS 'What was refused, where, and why; never a value of the message';

CREATE VIEW report_v1.balance WITH (security_barrier) AS
    SELECT topic, partition, generation, first_position AS first, next_position AS next,
        applied + duplicate + stale + rejected + parked AS journalled, applied, duplicate, stale, rejected, parked,
        holes, lost, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM journal.stream CROSS JOIN report_v1.watermark AS w
    WHERE kind = 'partition';
COMMENT ON VIEW report_v1.balance IS 'Per partition: next − first = journalled + holes + lost';

-- What was true on a day, as it was known at a moment; final for every moment up to the watermark's.
CREATE FUNCTION report_v1.status_as_of(valid_on date, known_on timestamptz)
    RETURNS TABLE (
        action_id text, code text, title_nl text, title_en text, display_note_nl text, line text, holder text,
        lifecycle text, rating text, reported_rating text, data_state text, flags text[], reasons text[], as_of date,
        recorded_at timestamptz, revision bigint, epoch integer, evaluated_on date, policy_type text, provenance text,
        watermark_commit bigint, watermark_recorded_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.action_id, a.code, a.title_nl, a.title_en, a.display_note_nl, a.line_id,
        CASE WHEN p.holder IS NULL THEN t.holder ELSE nullif(p.holder, '') END, coalesce(p.lifecycle, t.lifecycle),
        coalesce(p.rating, t.rating), t.reported_rating, coalesce(p.data_state, t.data_state),
        coalesce(string_to_array(p.flags, ','), t.flags), coalesce(r.reasons, t.reasons), t.as_of, t.known_from,
        t.revision, t.epoch, valid_on, a.policy_type, a.provenance, w.commit, w.recorded_at
    FROM plan.action AS a
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
$$;
COMMENT ON FUNCTION report_v1.status_as_of(date, timestamptz) IS
    'Every action''s status on a day, as known at a moment: one index probe per action; the same answer for ever';

-- The messages behind a subject's status: per reporter, kind and item the latest in valid time, and whether it counts.
CREATE FUNCTION report_v1.explain(subject text)
    RETURNS TABLE (
        action_id text, topic text, partition integer, "offset" bigint, event_id text, reporter text, kind text,
        item text, as_of date, recorded_at timestamptz, outcome text, disposition text, body json,
        watermark_commit bigint, watermark_recorded_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH actions AS (
        SELECT a.action_id FROM plan.action AS a
        WHERE subject = 'programme' OR subject = 'action/' || a.action_id OR subject = 'line/' || a.line_id
            OR EXISTS (SELECT FROM unnest(a.goals) AS g WHERE subject = 'goal/' || g)
    ), latest AS (
        SELECT DISTINCT ON (f.action_id, f.reporter, f.kind, f.body ->> 'milestone') f.*
        FROM actions AS a
        JOIN journal.fact AS f USING (action_id)
        JOIN journal.entry AS e USING (stream_id, position)
        LEFT JOIN journal.settlement AS s ON s.stream_id = f.stream_id AND s.settled_position = f.position
        WHERE e.outcome IN (1, 3) OR s.kind IN ('resolved', 'replayed')
        ORDER BY f.action_id, f.reporter, f.kind, f.body ->> 'milestone', f.as_of DESC, f.report_order DESC, f.identity DESC
    )
    SELECT f.action_id, st.topic, st.partition, f.position, e.event_id, f.reporter, f.body ->> 'kind',
        f.body ->> 'milestone', f.as_of, c.recorded_at,
        (ARRAY['applied', 'duplicate', 'stale', 'rejected', 'parked'])[e.outcome],
        coalesce(d.disposition, 'effective'), f.body, w.commit, w.recorded_at
    FROM latest AS f
    JOIN journal.entry AS e USING (stream_id, position)
    JOIN journal.stream AS st USING (stream_id)
    JOIN journal.commit AS c ON c.number = f.commit
    LEFT JOIN progress.disposition AS d USING (stream_id, position, record)
    CROSS JOIN report_v1.watermark AS w
    ORDER BY f.action_id, f.as_of DESC, st.topic, st.partition, f.position
$$;
COMMENT ON FUNCTION report_v1.explain(text) IS 'The messages behind a status: programme, goal/…, line/… or action/…';

ALTER VIEW report_v1.watermark OWNER TO paraplu_reader;
ALTER VIEW report_v1.action_status OWNER TO paraplu_reader;
ALTER VIEW report_v1.rollup_status OWNER TO paraplu_reader;
ALTER VIEW report_v1.organisation_completeness OWNER TO paraplu_reader;
ALTER VIEW report_v1.rejections OWNER TO paraplu_reader;
ALTER VIEW report_v1.balance OWNER TO paraplu_reader;
ALTER FUNCTION report_v1.status_as_of(date, timestamptz) OWNER TO paraplu_reader;
ALTER FUNCTION report_v1.explain(text) OWNER TO paraplu_reader;
REVOKE EXECUTE ON FUNCTION report_v1.status_as_of(date, timestamptz), report_v1.explain(text) FROM PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA report_v1 TO paraplu_report, paraplu_operator, paraplu_app;
GRANT EXECUTE ON FUNCTION report_v1.status_as_of(date, timestamptz), report_v1.explain(text)
    TO paraplu_report, paraplu_operator, paraplu_app;
