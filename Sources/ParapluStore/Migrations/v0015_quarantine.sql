-- What became of refused messages: which were brought in again or dismissed, and where what was brought in was received.
SET ROLE paraplu_owner;

CREATE VIEW journal.replayed AS
    SELECT st.stream_id, s.position, s.stream_id AS original_stream_id, s.settled_position AS original_position
    FROM journal.settlement AS s
    JOIN journal.stream AS st ON st.kind = 'settlement'
    WHERE s.kind = 'replayed';
COMMENT ON VIEW journal.replayed IS
    'Entries of the settlement stream that brought a refused message in, with the entry of its receipt';
REVOKE INSERT ON journal.replayed FROM paraplu_app, paraplu_operator;

-- Selections go through the quarantine in order of commit.
CREATE INDEX rejection_commit ON operations.rejection (commit, stream_id, position);

GRANT SELECT (position, commit) ON journal.settlement TO paraplu_reader;
GRANT SELECT (connector_version, digest) ON operations.connector_version TO paraplu_reader;
GRANT SELECT (connector_version) ON journal.entry TO paraplu_reader;
GRANT SELECT ON journal.replayed TO paraplu_reader;
RESET ROLE;

CREATE OR REPLACE VIEW report_v1.rejections WITH (security_barrier) AS
    SELECT st.topic, st.partition, r.position AS "offset", st.generation, r.feed, r.owner, r.stage, r.code, r.path,
        r.violations, r.event_id, r.recorded_at, r.payload_bytes, r.payload_kept, se.kind AS settlement,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at, coalesce(se.kind, 'open') AS state,
        c.recorded_at AS settled_at,
        CASE WHEN se.kind = 'replayed'
            THEN (ARRAY['applied', 'duplicate', 'stale', 'rejected', 'parked'])[e.outcome] END AS replayed_as
    FROM operations.rejection AS r
    JOIN journal.stream AS st USING (stream_id)
    LEFT JOIN journal.settlement AS se ON se.stream_id = r.stream_id AND se.settled_position = r.position
    LEFT JOIN journal.commit AS c ON c.number = se.commit
    LEFT JOIN journal.stream AS ss ON ss.kind = 'settlement'
    LEFT JOIN journal.entry AS e ON e.stream_id = ss.stream_id AND e.position = se.position
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON COLUMN report_v1.rejections.state IS 'open while it waits for a person; replayed or dismissed since';
COMMENT ON COLUMN report_v1.rejections.settled_at IS 'When that was decided; null while it is open';
COMMENT ON COLUMN report_v1.rejections.replayed_as IS 'What became of it when it was brought in: applied, duplicate, stale or parked';

CREATE OR REPLACE VIEW report_v1.finding WITH (security_barrier) AS
    SELECT f.code, st.topic, st.partition, coalesce(r.original_position, f.position) AS "offset", f.record, x.action_id,
        x.reporter, x.body ->> 'kind' AS kind, x.as_of, c.recorded_at, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM progress.finding AS f
    JOIN journal.fact AS x USING (stream_id, position, record)
    LEFT JOIN journal.replayed AS r USING (stream_id, position)
    JOIN journal.stream AS st ON st.stream_id = coalesce(r.original_stream_id, f.stream_id)
    JOIN journal.commit AS c ON c.number = f.commit
    CROSS JOIN report_v1.watermark AS w;

CREATE OR REPLACE VIEW report_v1.indicator_figure WITH (security_barrier) AS
    SELECT o.indicator_id, o.period, o.period_first, o.period_last, nullif(o.dimension, '') AS dimension,
        nullif(o.category, '') AS category, o.series, o.reporter, o.vintage, o.is_latest, o.unit, o.stage, o.value, o.flag,
        o.as_of, c.recorded_at, st.topic, st.partition, coalesce(r.original_position, o.position) AS "offset", o.record,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM progress.observation AS o
    JOIN journal.commit AS c ON c.number = o.commit
    LEFT JOIN journal.replayed AS r USING (stream_id, position)
    JOIN journal.stream AS st ON st.stream_id = coalesce(r.original_stream_id, o.stream_id)
    CROSS JOIN report_v1.watermark AS w
    WHERE o.series <> 'none';

-- As before; what was brought in again is named by where it was received.
DROP FUNCTION report_v1.explain(text);
CREATE FUNCTION report_v1.explain(subject text)
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
        SELECT f.*, concat_ws(' ', f.body ->> 'party', f.body ->> 'milestone', f.body ->> 'risk', f.body ->> 'item') AS item
        FROM actions AS a
        JOIN journal.fact AS f USING (action_id)
        JOIN journal.entry AS e USING (stream_id, position)
        LEFT JOIN journal.settlement AS s ON s.stream_id = f.stream_id AND s.settled_position = f.position
        WHERE e.outcome IN (1, 3) OR s.kind IN ('resolved', 'replayed')
    ), latest AS (
        SELECT DISTINCT ON (f.action_id, f.reporter, f.kind, f.item) f.*
        FROM facts AS f
        ORDER BY f.action_id, f.reporter, f.kind, f.item, f.as_of DESC, f.report_order DESC, f.identity DESC
    )
    SELECT f.action_id, coalesce(nullif(st.topic, ''), st.kind), st.partition,
        coalesce(r.original_position, f.position), e.event_id, f.reporter,
        f.body ->> 'kind', nullif(f.item, ''), f.as_of, c.recorded_at,
        (ARRAY['applied', 'duplicate', 'stale', 'rejected', 'parked'])[e.outcome],
        coalesce(d.disposition, 'effective'), f.body, w.commit, w.recorded_at, encode(v.digest, 'hex')
    FROM latest AS f
    JOIN journal.entry AS e USING (stream_id, position)
    LEFT JOIN progress.disposition AS d USING (stream_id, position, record)
    LEFT JOIN journal.replayed AS r USING (stream_id, position)
    JOIN journal.stream AS st ON st.stream_id = coalesce(r.original_stream_id, f.stream_id)
    JOIN journal.commit AS c ON c.number = f.commit
    LEFT JOIN operations.connector_version AS v ON v.connector_version = e.connector_version
    CROSS JOIN report_v1.watermark AS w
    ORDER BY f.action_id, f.as_of DESC, st.topic, st.partition, 4
$$;
COMMENT ON FUNCTION report_v1.explain(text) IS 'The messages behind a status: programme, goal/…, line/… or action/…';
ALTER FUNCTION report_v1.explain(text) OWNER TO paraplu_reader;
REVOKE EXECUTE ON FUNCTION report_v1.explain(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report_v1.explain(text) TO paraplu_report, paraplu_operator, paraplu_app;
