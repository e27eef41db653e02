-- Reporting rounds: the calendar, what was frozen, and what became of it later.
SET ROLE paraplu_owner;

CREATE TABLE plan.round (
    round_id text PRIMARY KEY CHECK (round_id ~ '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$'),
    label text NOT NULL CHECK (octet_length(label) <= 200),
    as_of date NOT NULL UNIQUE,
    freeze_on date NOT NULL,
    letter text CHECK (octet_length(letter) <= 64),
    opened_commit bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    frozen_commit bigint,
    frozen_at timestamptz,
    hash bytea CHECK (octet_length(hash) = 32),
    subjects integer CHECK (subjects > 0),
    CHECK (freeze_on >= as_of),
    CHECK (frozen_commit > opened_commit),
    CHECK (num_nulls(frozen_commit, frozen_at, hash, subjects) IN (0, 4))
);
COMMENT ON TABLE plan.round IS 'The calendar of reporting to Parliament; each row was opened and frozen by entries of the office stream';
COMMENT ON COLUMN plan.round.as_of IS 'The day of which the round speaks (peildatum)';
COMMENT ON COLUMN plan.round.freeze_on IS 'The last day on which a report is on time; the day in Europe/Amsterdam';
COMMENT ON COLUMN plan.round.letter IS 'The letter to Parliament, as a document number';
COMMENT ON COLUMN plan.round.hash IS
    'SHA-256 over the snapshot''s subjects in byte order, each as <subject>\n<SHA-256 of the payload, hex>\n; the journal''s entry names it too';

CREATE TABLE progress.snapshot (
    round_id text NOT NULL,
    subject text NOT NULL,
    payload json NOT NULL,
    PRIMARY KEY (round_id, subject)
);
COMMENT ON TABLE progress.snapshot IS 'The status of every subject on the day of a round, as known when it was frozen (peilopname); never changed';

CREATE TABLE progress.completeness (
    round_id text NOT NULL,
    organisation_id text NOT NULL,
    expected integer NOT NULL CHECK (expected >= 0),
    on_time integer NOT NULL CHECK (on_time >= 0),
    late integer NOT NULL CHECK (late >= 0),
    missing integer NOT NULL CHECK (missing >= 0),
    PRIMARY KEY (round_id, organisation_id),
    CHECK (expected = on_time + late + missing)
);
COMMENT ON TABLE progress.completeness IS 'Which reports were due from whom for a round, and which came, as known when it was frozen';
COMMENT ON COLUMN progress.completeness.late IS 'Came after the last day of the round, and before it was frozen';

CREATE TABLE progress.correction (
    round_id text NOT NULL,
    action_id text NOT NULL,
    commit bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    before json NOT NULL,
    after json NOT NULL,
    PRIMARY KEY (round_id, action_id, commit)
);
COMMENT ON TABLE progress.correction IS 'What was said after a round was frozen and changes what an action was on its day (rectificatie)';

-- What was frozen stays: nobody who logs in may change or remove it.
REVOKE UPDATE, DELETE ON progress.snapshot, progress.completeness, progress.correction FROM paraplu_app, paraplu_operator;
REVOKE DELETE ON plan.round FROM paraplu_app, paraplu_operator;

GRANT SELECT ON plan.round, progress.snapshot, progress.completeness, progress.correction TO paraplu_reader;
RESET ROLE;

CREATE VIEW report_v1.round WITH (security_barrier) AS
    SELECT r.round_id, r.label, r.as_of, r.freeze_on, r.letter, r.opened_at, r.frozen_at, encode(r.hash, 'hex') AS hash,
        r.subjects, coalesce(c.expected, 0) AS expected, coalesce(c.on_time, 0) AS on_time, coalesce(c.late, 0) AS late,
        coalesce(c.missing, 0) AS missing, coalesce(x.corrected, 0) AS actions_corrected,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM plan.round AS r
    CROSS JOIN report_v1.watermark AS w
    LEFT JOIN (
        SELECT round_id, sum(expected) AS expected, sum(on_time) AS on_time, sum(late) AS late, sum(missing) AS missing
        FROM progress.completeness GROUP BY round_id) AS c USING (round_id)
    LEFT JOIN (
        SELECT round_id, count(DISTINCT action_id) AS corrected FROM progress.correction GROUP BY round_id) AS x
        USING (round_id);
COMMENT ON VIEW report_v1.round IS 'The rounds; hash, counts and corrections once one is frozen';

CREATE VIEW report_v1.round_completeness WITH (security_barrier) AS
    SELECT c.round_id, r.as_of, c.organisation_id, o.name_nl, o.name_en, c.expected, c.on_time, c.late, c.missing,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM progress.completeness AS c
    JOIN plan.round AS r USING (round_id)
    LEFT JOIN plan.organisation AS o USING (organisation_id)
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.round_completeness IS 'Per frozen round and action holder: the reports due, and whether they came in time';

CREATE VIEW report_v1.round_status WITH (security_barrier) AS
    SELECT s.round_id, r.as_of AS round_as_of, s.subject, s.payload ->> 'holder' AS holder,
        s.payload ->> 'lifecycle' AS lifecycle, s.payload ->> 'rating' AS rating,
        s.payload ->> 'reported_rating' AS reported_rating, s.payload ->> 'data_state' AS data_state,
        s.payload -> 'flags' AS flags, s.payload -> 'reasons' AS reasons, (s.payload ->> 'as_of')::date AS as_of,
        s.payload -> 'counts' AS counts, (s.payload ->> 'coverage_percent')::integer AS coverage_percent,
        (s.payload ->> 'percent_complete')::integer AS percent_complete,
        coalesce(c.after::text <> s.payload::text, false) AS modified_since, c.after AS corrected,
        w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM progress.snapshot AS s
    JOIN plan.round AS r USING (round_id)
    CROSS JOIN report_v1.watermark AS w
    LEFT JOIN LATERAL (
        SELECT c.after FROM progress.correction AS c
        WHERE c.round_id = s.round_id AND s.subject = 'action/' || c.action_id
        ORDER BY c.commit DESC LIMIT 1) AS c ON true;
COMMENT ON VIEW report_v1.round_status IS 'Every subject as a frozen round has it';
COMMENT ON COLUMN report_v1.round_status.modified_since IS 'What is known now of the round''s day is something else; corrected has it';

CREATE VIEW report_v1.round_correction WITH (security_barrier) AS
    SELECT c.round_id, c.action_id, c.recorded_at, c.before, c.after, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM progress.correction AS c
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.round_correction IS 'Correction notes: what changed the day of a frozen round later, and when that was recorded';

ALTER VIEW report_v1.round OWNER TO paraplu_reader;
ALTER VIEW report_v1.round_completeness OWNER TO paraplu_reader;
ALTER VIEW report_v1.round_status OWNER TO paraplu_reader;
ALTER VIEW report_v1.round_correction OWNER TO paraplu_reader;
GRANT SELECT ON report_v1.round, report_v1.round_completeness, report_v1.round_status, report_v1.round_correction
    TO paraplu_report, paraplu_operator, paraplu_app;
