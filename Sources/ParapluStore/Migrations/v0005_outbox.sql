-- What is to be sent, in commit order, and how far it was.
SET ROLE paraplu_owner;

CREATE TABLE outbox.event (
    commit bigint NOT NULL,
    n integer NOT NULL CHECK (n >= 0),
    topic text NOT NULL,
    key text NOT NULL,
    epoch integer NOT NULL,
    revision bigint NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (commit, n)
) PARTITION BY RANGE (commit);
COMMENT ON TABLE outbox.event IS 'One row per message to send; its rows commit with the change they report (Invariant 4)';
COMMENT ON COLUMN outbox.event.topic IS 'status, changes, or receipts.<partner>: the topic without prefix and version';
COMMENT ON COLUMN outbox.event.key IS 'The subject; for a receipt the event id or the coordinates';

CREATE TABLE outbox.lease (
    name text PRIMARY KEY CHECK (name = 'relay'),
    instance text,
    boot uuid,
    epoch bigint NOT NULL DEFAULT 0,
    renewed_at timestamptz NOT NULL,
    sent_commit bigint NOT NULL DEFAULT 0,
    sent_n integer NOT NULL DEFAULT -1,
    sent bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
COMMENT ON TABLE outbox.lease IS 'Who relays, and the watermark: every row up to (sent_commit, sent_n) is settled';
INSERT INTO outbox.lease (name, renewed_at) VALUES ('relay', 'epoch');

CREATE TABLE outbox.set_aside (
    commit bigint NOT NULL,
    n integer NOT NULL,
    code text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (commit, n)
);
COMMENT ON TABLE outbox.set_aside IS 'Rows that the broker refuses for good: kept for a person, alarmed; a status row stops the cuts';

CREATE TABLE outbox.cut (
    commit bigint PRIMARY KEY,
    recorded_at timestamptz NOT NULL,
    subjects integer NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    payload json NOT NULL
);
COMMENT ON TABLE outbox.cut IS 'Every completeness marker that was published, with the journal''s heads at its commit';

-- Makes the partitions for the commits from the given one on, and drops those that were sent and are older than kept.
CREATE FUNCTION outbox.prepare(from_commit bigint, keep_from bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    size constant bigint := 20000;
    lower bigint := from_commit / size * size;
    old record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('paraplu outbox partition'));
    FOR i IN 0..1 LOOP
        IF to_regclass(format('outbox.event_%s', lower + i * size)) IS NULL THEN
            EXECUTE format('CREATE TABLE outbox.%I PARTITION OF outbox.event FOR VALUES FROM (%s) TO (%s)',
                format('event_%s', lower + i * size), lower + i * size, lower + (i + 1) * size);
        END IF;
    END LOOP;
    FOR old IN
        SELECT c.relname, substring(c.relname FROM 'event_(\d+)$')::bigint AS first
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'outbox.event'::regclass
    LOOP
        IF old.first + size <= least(keep_from, (SELECT sent_commit FROM outbox.lease)) THEN
            EXECUTE format('DROP TABLE outbox.%I', old.relname);
        END IF;
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION outbox.prepare(bigint, bigint) TO paraplu_app, paraplu_operator;
SELECT outbox.prepare(0, 0);
RESET ROLE;
