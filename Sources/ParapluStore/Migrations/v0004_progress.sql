-- Status in valid and known time. All of it can be computed again from the journal.
SET ROLE paraplu_owner;

CREATE TABLE progress.action_state (
    action_id text PRIMARY KEY,
    commit bigint NOT NULL,
    state bytea NOT NULL,
    published bytea NOT NULL,
    contribution bytea NOT NULL,
    revision bigint NOT NULL,
    epoch integer NOT NULL,
    next_step date
) WITH (fillfactor = 50);
COMMENT ON TABLE progress.action_state IS 'Where the fold of each action stands, so that the next report continues it';
COMMENT ON COLUMN progress.action_state.state IS 'The accumulator after the latest report in valid time, in the rules'' own encoding';
COMMENT ON COLUMN progress.action_state.published IS 'The status that was announced last';
COMMENT ON COLUMN progress.action_state.contribution IS 'What the announced status adds to the roll-ups';
COMMENT ON COLUMN progress.action_state.next_step IS
    'The first day after the announced status was judged on which time alone makes it another; the clock announces that then';

CREATE TABLE progress.timeline (
    action_id text NOT NULL,
    valid_from date NOT NULL,
    known_from timestamptz NOT NULL,
    known_until timestamptz,
    commit bigint NOT NULL,
    epoch integer NOT NULL,
    revision bigint NOT NULL,
    lifecycle text NOT NULL,
    rating text NOT NULL,
    reported_rating text,
    data_state text NOT NULL,
    flags text[] NOT NULL,
    reasons text[] NOT NULL,
    holder text,
    as_of date,
    stream_id integer,
    position bigint,
    steps text,
    PRIMARY KEY (action_id, valid_from, known_from),
    CHECK (known_from < known_until),
    CHECK ((stream_id IS NULL) = (position IS NULL))
);
COMMENT ON TABLE progress.timeline IS
    'What was true from when, as known from when until when. A row holds from valid_from until the next row of the action known at the same time';
COMMENT ON COLUMN progress.timeline.known_until IS 'When a later commit replaced the row; null while it stands';
COMMENT ON COLUMN progress.timeline.revision IS 'The revision of the action''s announced status after the commit that wrote the row';
COMMENT ON COLUMN progress.timeline.steps IS 'What time alone brings after valid_from, computed ahead: a line for each day on which something changes, with what does; null where nothing will';
COMMENT ON COLUMN progress.timeline.stream_id IS 'The stream of the message that made the row; null where the plan made it';

CREATE TABLE progress.status (
    subject text PRIMARY KEY,
    bucket smallint NOT NULL CHECK (bucket BETWEEN 0 AND 4095),
    lifecycle text,
    rating text,
    reported_rating text,
    data_state text,
    flags text[] NOT NULL,
    reasons text[] NOT NULL,
    holder text,
    as_of date,
    evaluated_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    commit bigint NOT NULL,
    epoch integer NOT NULL,
    revision bigint NOT NULL CHECK (revision > 0),
    payload_hash bytea NOT NULL CHECK (octet_length(payload_hash) = 32),
    payload json NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE progress.status IS 'The consolidated status of every subject as announced last: what the status topic holds';
COMMENT ON COLUMN progress.status.bucket IS 'First twelve bits of the SHA-256 of the subject: the part of a cut''s hash that it belongs to';
COMMENT ON COLUMN progress.status.payload IS 'The status event''s data, byte for byte';

CREATE TABLE progress.rollup (
    subject text PRIMARY KEY,
    commit bigint NOT NULL,
    counts bytea NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE progress.rollup IS 'The counts behind each roll-up, so that a changed action is added and taken off';

CREATE TABLE progress.rollup_revision (
    subject text NOT NULL,
    epoch integer NOT NULL,
    revision bigint NOT NULL,
    commit bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    evaluated_on date NOT NULL,
    payload json NOT NULL,
    PRIMARY KEY (subject, epoch, revision)
);
COMMENT ON TABLE progress.rollup_revision IS 'Every revision of every roll-up';

CREATE TABLE progress.disposition (
    stream_id integer NOT NULL,
    position bigint NOT NULL,
    record smallint NOT NULL,
    commit bigint NOT NULL,
    disposition text NOT NULL,
    PRIMARY KEY (stream_id, position, record)
);
COMMENT ON TABLE progress.disposition IS
    'Why an applied record has no effect on the status, where it has none; computed again by the fold, so a plan version can change it';

CREATE TABLE progress.finding (
    stream_id integer NOT NULL,
    position bigint NOT NULL,
    record smallint NOT NULL,
    commit bigint NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (stream_id, position, record, code)
);
COMMENT ON TABLE progress.finding IS 'What is to be known of an applied record''s quality, such as late';
RESET ROLE;
