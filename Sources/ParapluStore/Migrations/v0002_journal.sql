-- The journal: streams, entries, payloads and facts. Nothing changes a projection without an entry here.
SET ROLE paraplu_owner;

CREATE TABLE journal.commit (
    number bigint PRIMARY KEY,
    recorded_at timestamptz NOT NULL,
    evaluated_on date NOT NULL,
    epoch integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('partition', 'office', 'clock', 'settlement'))
);
COMMENT ON TABLE journal.commit IS 'One row per commit that wrote to the journal: what the fold needs of the clock';
COMMENT ON COLUMN journal.commit.evaluated_on IS 'The day in Europe/Amsterdam at which the commit evaluated status';
CREATE INDEX commit_recorded_at ON journal.commit (recorded_at);

CREATE TABLE journal.stream (
    stream_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('partition', 'office', 'clock', 'settlement')),
    topic text NOT NULL DEFAULT '' CHECK ((kind = 'partition') = (topic <> '')),
    partition integer NOT NULL DEFAULT 0 CHECK (partition >= 0),
    generation integer NOT NULL DEFAULT 1 CHECK (generation > 0),
    topic_uuid text,
    is_current boolean NOT NULL DEFAULT true,
    feed text,
    first_position bigint NOT NULL,
    next_position bigint NOT NULL,
    chain bytea NOT NULL CHECK (octet_length(chain) = 32),
    applied bigint NOT NULL DEFAULT 0 CHECK (applied >= 0),
    duplicate bigint NOT NULL DEFAULT 0 CHECK (duplicate >= 0),
    stale bigint NOT NULL DEFAULT 0 CHECK (stale >= 0),
    rejected bigint NOT NULL DEFAULT 0 CHECK (rejected >= 0),
    parked bigint NOT NULL DEFAULT 0 CHECK (parked >= 0),
    holes bigint NOT NULL DEFAULT 0 CHECK (holes >= 0),
    lost bigint NOT NULL DEFAULT 0 CHECK (lost >= 0),
    instance text,
    boot uuid,
    claim_epoch bigint NOT NULL DEFAULT 0,
    UNIQUE (kind, topic, partition, generation),
    CHECK (next_position >= first_position),
    -- Invariant 2: with holes and losses the outcomes add up to the position.
    CHECK (next_position - first_position = applied + duplicate + stale + rejected + parked + holes + lost)
) WITH (fillfactor = 40);
COMMENT ON TABLE journal.stream IS
    'One row per stream: a Kafka partition with its generation, or office, clock, settlement. Position, fence and balance';
COMMENT ON COLUMN journal.stream.topic_uuid IS 'The cluster''s id of the topic, where it was told: another id is another log (F30)';
COMMENT ON COLUMN journal.stream.next_position IS 'The next offset to journal: where a consumer starts, whatever Kafka''s group says';
COMMENT ON COLUMN journal.stream.chain IS 'Hash of the latest entry, chained to all before it';
COMMENT ON COLUMN journal.stream.holes IS 'Offsets that hold no message: control records, or compacted away, by the connector''s contract';
COMMENT ON COLUMN journal.stream.lost IS 'Offsets that retention or a recorded skip took; each is alarmed';
COMMENT ON COLUMN journal.stream.instance IS 'The daemon that claimed the partition';
COMMENT ON COLUMN journal.stream.boot IS 'That daemon''s start, so that a namesake is told apart';
COMMENT ON COLUMN journal.stream.claim_epoch IS 'Rises at every claim; a commit under another epoch is refused (Invariant 6)';
CREATE UNIQUE INDEX stream_current ON journal.stream (topic, partition) WHERE kind = 'partition' AND is_current;
GRANT UPDATE ON journal.stream TO paraplu_app, paraplu_operator;
INSERT INTO journal.stream (kind, first_position, next_position, chain) VALUES
    ('office', 0, 0, decode(repeat('00', 32), 'hex')),
    ('clock', 0, 0, decode(repeat('00', 32), 'hex')),
    ('settlement', 0, 0, decode(repeat('00', 32), 'hex'));

CREATE TABLE journal.entry (
    commit bigint NOT NULL,
    n integer NOT NULL CHECK (n >= 0),
    stream_id integer NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),
    outcome smallint NOT NULL CHECK (outcome BETWEEN 1 AND 5),
    connector_version integer,
    received_at timestamptz NOT NULL,
    event_id text CHECK (octet_length(event_id) <= 512),
    message_key uuid,
    key_use smallint NOT NULL DEFAULT 0,
    records smallint NOT NULL CHECK (records >= 0),
    payload_digest bytea NOT NULL CHECK (octet_length(payload_digest) = 32),
    chain bytea NOT NULL CHECK (octet_length(chain) = 32),
    PRIMARY KEY (stream_id, position),
    -- Only what took effect or may still take it occupies its key; a refused message's correction gets in.
    CHECK (message_key IS NULL OR outcome IN (1, 3, 5))
);
COMMENT ON TABLE journal.entry IS
    'Every message received, once: coordinates, digests, outcome. Append-only, kept for ever. Its row is the proof against loss and doubling';
COMMENT ON COLUMN journal.entry.n IS 'Its place within the commit';
COMMENT ON COLUMN journal.entry.outcome IS '1 applied, 2 duplicate, 3 stale, 4 rejected, 5 parked; given once (Invariant 2)';
COMMENT ON COLUMN journal.entry.received_at IS 'The broker''s timestamp of the message; for streams of our own the recorded time';
COMMENT ON COLUMN journal.entry.message_key IS 'First half of the SHA-256 over (owner, source, id): finds a repeat; null where the message occupies no key';
COMMENT ON COLUMN journal.entry.key_use IS 'Counts the messages that used the key after an earlier one was refused for good';
COMMENT ON COLUMN journal.entry.payload_digest IS 'SHA-256 over key, headers and value; keyed where nothing of them may be kept';
COMMENT ON COLUMN journal.entry.chain IS 'SHA-256 over the chain before it and this entry''s digests, so that erasing payloads leaves the chain whole';
CREATE UNIQUE INDEX entry_message_key ON journal.entry (message_key, key_use) WHERE message_key IS NOT NULL;
CREATE INDEX entry_commit ON journal.entry USING brin (commit) WITH (pages_per_range = 32);

CREATE TABLE journal.payload (
    retention_months smallint NOT NULL CHECK (retention_months > 0),
    stored_on date NOT NULL,
    stream_id integer NOT NULL,
    position bigint NOT NULL,
    key bytea,
    headers bytea,
    value bytea,
    PRIMARY KEY (stream_id, position, retention_months, stored_on)
) PARTITION BY RANGE (retention_months, stored_on);
COMMENT ON TABLE journal.payload IS
    'Bytes, key and headers as received, by retention class and month; a partition is dropped when its retention ends';
COMMENT ON COLUMN journal.payload.headers IS 'Framed: name length, name, value length or ffffffff for null, value; lengths of 32 bits, big endian';

CREATE TABLE journal.fact (
    commit bigint NOT NULL,
    n integer NOT NULL,
    record smallint NOT NULL CHECK (record >= 0),
    stream_id integer NOT NULL,
    position bigint NOT NULL,
    kind smallint NOT NULL,
    action_id text NOT NULL,
    reporter text NOT NULL,
    as_of date NOT NULL,
    report_order bigint NOT NULL,
    identity uuid NOT NULL,
    key_use smallint NOT NULL DEFAULT 0,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    body json NOT NULL,
    PRIMARY KEY (stream_id, position, record)
);
COMMENT ON TABLE journal.fact IS 'The canonical records of applied, stale and parked messages. Append-only, kept for ever';
COMMENT ON COLUMN journal.fact.kind IS 'The number of the record kind';
COMMENT ON COLUMN journal.fact.report_order IS 'The reporter''s sequence number, else the source''s time: orders reports of one day';
COMMENT ON COLUMN journal.fact.identity IS 'First half of the SHA-256 over what identifies the record: finds a repeat in another message';
COMMENT ON COLUMN journal.fact.digest IS 'SHA-256 of the canonical record''s bytes, which body holds';
CREATE UNIQUE INDEX fact_identity ON journal.fact (identity, key_use);
CREATE INDEX fact_action ON journal.fact (action_id, as_of);
CREATE INDEX fact_commit ON journal.fact USING brin (commit) WITH (pages_per_range = 32);

CREATE TABLE journal.settlement (
    position bigint PRIMARY KEY,
    commit bigint NOT NULL,
    stream_id integer NOT NULL,
    settled_position bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('resolved', 'refused', 'replayed', 'dismissed')),
    code text,
    actor text NOT NULL,
    reason text NOT NULL,
    UNIQUE (stream_id, settled_position)
);
COMMENT ON TABLE journal.settlement IS
    'What became of a parked or rejected message later; the intake outcome and the balance stay as they were';
CREATE INDEX settlement_commit ON journal.settlement (commit);

-- Makes the payload partition of a retention class and a month, where it doesn't exist.
CREATE FUNCTION journal.prepare_payload(months smallint, on_day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    month date := date_trunc('month', on_day)::date;
    name text := format('payload_r%s_%s', months, to_char(month, 'YYYY_MM'));
BEGIN
    IF months NOT BETWEEN 1 AND 1200 OR on_day NOT BETWEEN '2020-01-01' AND '2200-01-01' THEN
        RAISE EXCEPTION 'retention of % months on % is out of range', months, on_day;
    END IF;
    IF to_regclass('journal.' || name) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('paraplu payload partition'));
        EXECUTE format(
            'CREATE TABLE IF NOT EXISTS journal.%I PARTITION OF journal.payload FOR VALUES FROM (%L, %L) TO (%L, %L)',
            name, months, month, months, (month + interval '1 month')::date);
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION journal.prepare_payload(smallint, date) TO paraplu_app, paraplu_operator;

RESET ROLE;
