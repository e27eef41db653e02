-- Drift: what a feed sends that its connector doesn't know, once per connector version; and versions in explain.
SET ROLE paraplu_owner;

CREATE TABLE operations.drift (
    feed text NOT NULL,
    connector_version integer NOT NULL REFERENCES operations.connector_version,
    code text NOT NULL,
    path text NOT NULL,
    commit bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    stream_id integer NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (feed, connector_version, code, path)
);
COMMENT ON TABLE operations.drift IS
    'Where a feed''s messages left its connector''s definition: the first sight of each code and path, per version. Never a value';
COMMENT ON COLUMN operations.drift.code IS 'unknown_field, unknown_code, type, version or a warning''s; more where the version has as many rows as it may';
COMMENT ON COLUMN operations.drift.path IS 'Where in the document, in declared names, with * for the places in arrays';
COMMENT ON COLUMN operations.drift.commit IS 'The commit that saw it first';
COMMENT ON COLUMN operations.drift.stream_id IS 'With position: the message in which it was seen first';

GRANT SELECT ON operations.drift TO paraplu_reader;
GRANT SELECT (connector_version, digest) ON operations.connector_version TO paraplu_reader;
GRANT SELECT (connector_version) ON journal.entry TO paraplu_reader;
RESET ROLE;

CREATE VIEW report_v1.drift WITH (security_barrier) AS
    SELECT d.feed, encode(v.digest, 'hex') AS connector_version, d.code, d.path, st.topic, st.partition,
        d.position AS "offset", st.generation, d.commit, d.recorded_at, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM operations.drift AS d
    JOIN operations.connector_version AS v USING (connector_version)
    JOIN journal.stream AS st USING (stream_id)
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.drift IS 'What feeds send that their connectors don''t know, at first sight, per version of the connector; never a value';

DO $$
DECLARE
    col record;
BEGIN
    FOR col IN SELECT * FROM (VALUES
        ('feed', 'The feed'),
        ('connector_version', 'The version of the connector: the digest of its definition, in hexadecimal digits'),
        ('code', 'unknown_field, unknown_code, type, version or a warning''s; more where there is more than is kept'),
        ('path', 'The place in the message, in declared names, with * for the places in arrays'),
        ('topic', 'The Kafka topic of the message in which it was seen first'),
        ('partition', 'The partition'),
        ('offset', 'The offset of the message'),
        ('generation', 'Rises when the topic was made again'),
        ('commit', 'The commit that saw it first'),
        ('recorded_at', 'When it was recorded here'),
        ('watermark_commit', 'The answer is complete up to this commit'),
        ('watermark_recorded_at', 'The answer is complete up to this moment')
    ) AS m (name, meaning)
    LOOP
        EXECUTE format('COMMENT ON COLUMN report_v1.drift.%I IS %L', col.name, col.meaning);
    END LOOP;
END
$$;
ALTER VIEW report_v1.drift OWNER TO paraplu_reader;
GRANT SELECT ON report_v1.drift TO paraplu_report, paraplu_operator, paraplu_app;

-- As before, with the version of the connector that made the record of its message; null for the office's own.
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
    SELECT f.action_id, coalesce(nullif(st.topic, ''), st.kind), st.partition, f.position, e.event_id, f.reporter,
        f.body ->> 'kind', nullif(f.item, ''), f.as_of, c.recorded_at,
        (ARRAY['applied', 'duplicate', 'stale', 'rejected', 'parked'])[e.outcome],
        coalesce(d.disposition, 'effective'), f.body, w.commit, w.recorded_at, encode(v.digest, 'hex')
    FROM latest AS f
    JOIN journal.entry AS e USING (stream_id, position)
    JOIN journal.stream AS st USING (stream_id)
    JOIN journal.commit AS c ON c.number = f.commit
    LEFT JOIN progress.disposition AS d USING (stream_id, position, record)
    LEFT JOIN operations.connector_version AS v ON v.connector_version = e.connector_version
    CROSS JOIN report_v1.watermark AS w
    ORDER BY f.action_id, f.as_of DESC, st.topic, st.partition, f.position
$$;
COMMENT ON FUNCTION report_v1.explain(text) IS 'The messages behind a status: programme, goal/…, line/… or action/…';
ALTER FUNCTION report_v1.explain(text) OWNER TO paraplu_reader;
REVOKE EXECUTE ON FUNCTION report_v1.explain(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report_v1.explain(text) TO paraplu_report, paraplu_operator, paraplu_app;
