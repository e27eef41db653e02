-- Risks and conflicts of actions, as the fold has them now. All of it can be computed again from the journal.
SET ROLE paraplu_owner;

CREATE TABLE progress.risk (
    action_id text NOT NULL,
    risk text NOT NULL,
    level text NOT NULL CHECK (level IN ('LAAG', 'MIDDEL', 'HOOG')),
    commit bigint NOT NULL,
    PRIMARY KEY (action_id, risk)
);
COMMENT ON TABLE progress.risk IS 'The risks that the holder of an action says stand';
COMMENT ON COLUMN progress.risk.commit IS 'The commit that last changed the risks or conflicts of the action';

CREATE TABLE progress.conflict (
    action_id text NOT NULL,
    n smallint NOT NULL CHECK (n >= 0),
    party text NOT NULL,
    milestone text,
    opened_on date NOT NULL,
    closed_on date,
    closing text CHECK (closing IN ('EENS', 'UITSPRAAK_ACTIEHOUDER', 'UITSPRAAK_BETROKKENE')),
    commit bigint NOT NULL,
    PRIMARY KEY (action_id, n),
    CHECK (closed_on >= opened_on),
    CHECK ((closed_on IS NULL) = (closing IS NULL))
);
COMMENT ON TABLE progress.conflict IS
    'Contradictions between the holder and an involved organisation, in the order in which they opened';
COMMENT ON COLUMN progress.conflict.milestone IS 'The milestone that the party denies; null where it rates delivery worse than the holder';
COMMENT ON COLUMN progress.conflict.opened_on IS 'The day of which the party spoke';
COMMENT ON COLUMN progress.conflict.closing IS 'A newer report of the holder agrees, or what the programme office ruled; null while it is open';
COMMENT ON COLUMN progress.conflict.commit IS 'The commit that last changed the risks or conflicts of the action';

-- At most one open conflict of a party about one thing.
CREATE UNIQUE INDEX conflict_open ON progress.conflict (action_id, party, milestone) NULLS NOT DISTINCT
    WHERE closing IS NULL;

GRANT SELECT ON progress.risk, progress.conflict TO paraplu_reader;
RESET ROLE;

CREATE VIEW report_v1.conflict WITH (security_barrier) AS
    SELECT c.action_id, a.code, c.party, c.milestone, c.opened_on, c.closed_on, c.closing,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM progress.conflict AS c
    JOIN plan.action AS a USING (action_id)
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.conflict IS
    'Where an involved organisation contradicts the holder; open while closing is null, and the action is BETWIST so long';

CREATE VIEW report_v1.risk WITH (security_barrier) AS
    SELECT r.action_id, a.code, r.risk, r.level, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM progress.risk AS r
    JOIN plan.action AS a USING (action_id)
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.risk IS 'The risks that stand; a grave one (HOOG) leaves the action at amber at best';

-- As before, and of every item, and with decisions of the programme office: their topic is "office".
CREATE OR REPLACE FUNCTION report_v1.explain(subject text)
    RETURNS TABLE (
        action_id text, topic text, partition integer, "offset" bigint, event_id text, reporter text, kind text,
        item text, as_of date, recorded_at timestamptz, outcome text, disposition text, body json,
        watermark_commit bigint, watermark_recorded_at timestamptz)
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
        coalesce(d.disposition, 'effective'), f.body, w.commit, w.recorded_at
    FROM latest AS f
    JOIN journal.entry AS e USING (stream_id, position)
    JOIN journal.stream AS st USING (stream_id)
    JOIN journal.commit AS c ON c.number = f.commit
    LEFT JOIN progress.disposition AS d USING (stream_id, position, record)
    CROSS JOIN report_v1.watermark AS w
    ORDER BY f.action_id, f.as_of DESC, st.topic, st.partition, f.position
$$;

ALTER VIEW report_v1.conflict OWNER TO paraplu_reader;
ALTER VIEW report_v1.risk OWNER TO paraplu_reader;
GRANT SELECT ON report_v1.conflict, report_v1.risk TO paraplu_report, paraplu_operator, paraplu_app;
