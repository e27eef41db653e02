-- How the service runs: connectors, feeds, quarantine, parked messages, instances.
SET ROLE paraplu_owner;

CREATE TABLE operations.connector_version (
    connector_version integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed text NOT NULL,
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    owner text NOT NULL,
    topic text NOT NULL,
    purpose text NOT NULL,
    legal_basis text NOT NULL,
    retention_months smallint NOT NULL CHECK (retention_months > 0),
    definition text NOT NULL
);
COMMENT ON TABLE operations.connector_version IS 'Every definition that was ever active, as it was written';

CREATE TABLE operations.activation (
    commit bigint PRIMARY KEY,
    connector_versions integer[] NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32)
);
COMMENT ON TABLE operations.activation IS 'Which definitions were in force from a commit on; each is an entry of the office stream';

CREATE TABLE operations.feed (
    feed text PRIMARY KEY,
    owner text NOT NULL,
    topic text NOT NULL,
    connector_version integer NOT NULL REFERENCES operations.connector_version,
    outcome_window text NOT NULL DEFAULT '' CHECK (outcome_window ~ '^[.x]{0,100}$'),
    held_since timestamptz,
    held_code text,
    held_reason text,
    held_partition integer,
    held_first bigint,
    held_next bigint CHECK (held_first < held_next),
    CHECK ((held_since IS NULL) = (held_code IS NULL)),
    CHECK (held_since IS NOT NULL OR (held_partition, held_first, held_next) IS NOT DISTINCT FROM (NULL, NULL, NULL)),
    CHECK ((held_first IS NULL) = (held_next IS NULL) AND (held_first IS NULL OR held_partition IS NOT NULL))
);
COMMENT ON TABLE operations.feed IS 'One row per feed in force: whether it is held, and why';
COMMENT ON COLUMN operations.feed.held_partition IS 'The partition whose log is the reason, where one is';
COMMENT ON COLUMN operations.feed.held_first IS 'The first offset that can''t be read; up to but not including held_next';
COMMENT ON COLUMN operations.feed.outcome_window IS 'The latest outcomes, newest last: x rejected, . not';

CREATE TABLE operations.rejection (
    stream_id integer NOT NULL,
    position bigint NOT NULL,
    commit bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    feed text NOT NULL,
    owner text NOT NULL,
    connector_version integer,
    stage text NOT NULL,
    code text NOT NULL,
    path text NOT NULL,
    violations json NOT NULL,
    event_id text,
    payload_bytes bigint NOT NULL,
    payload_kept boolean NOT NULL,
    PRIMARY KEY (stream_id, position)
);
COMMENT ON TABLE operations.rejection IS 'The quarantine: every refused message with stage, code and place. Never a value of the message';
CREATE INDEX rejection_feed ON operations.rejection (feed, recorded_at);

CREATE TABLE operations.parked (
    stream_id integer NOT NULL,
    position bigint NOT NULL,
    commit bigint NOT NULL,
    n integer NOT NULL,
    parked_at timestamptz NOT NULL,
    feed text NOT NULL,
    missing text[] NOT NULL CHECK (cardinality(missing) > 0),
    PRIMARY KEY (stream_id, position)
);
COMMENT ON TABLE operations.parked IS 'Messages that wait for an action or organisation of the plan; a settlement takes the row away';
CREATE INDEX parked_order ON operations.parked (commit, n);

CREATE TABLE operations.instance (
    instance text PRIMARY KEY,
    boot uuid NOT NULL,
    started_at timestamptz NOT NULL
);
COMMENT ON TABLE operations.instance IS 'The latest start under each instance id: a namesake that finds another boot ends (F9)';

CREATE TABLE operations.loss (
    stream_id integer NOT NULL,
    first_position bigint NOT NULL,
    next_position bigint NOT NULL,
    commit bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('hole', 'retention', 'skipped')),
    PRIMARY KEY (stream_id, first_position),
    CHECK (first_position < next_position)
);
COMMENT ON TABLE operations.loss IS 'Ranges of offsets without a journal entry: holes of the log''s own, and losses';
-- Ends sessions that hold the named rows while they wait for a client that fell silent (F10): the way past a zombie.
--
-- Only sessions of the service's own roles, in a transaction older than the given time, that wait for their client.
CREATE FUNCTION operations.end_silent_holders(older_than interval) RETURNS integer
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(pg_terminate_backend(a.pid))::integer
    FROM pg_stat_activity AS a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
        AND a.usename IN ('paraplu_app', 'paraplu_operator')
        AND a.wait_event_type = 'Client' AND a.xact_start IS NOT NULL
        AND greatest(a.state_change, a.query_start) < clock_timestamp() - greatest(older_than, interval '3 seconds')
        AND EXISTS (
            SELECT FROM pg_locks AS l
            WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation' AND l.mode IN ('RowShareLock', 'RowExclusiveLock')
                AND l.relation IN ('journal.stream'::regclass, 'operations.commit_clock'::regclass, 'outbox.lease'::regclass))
$$;
GRANT EXECUTE ON FUNCTION operations.end_silent_holders(interval) TO paraplu_app, paraplu_operator;
RESET ROLE;
