-- What is kept for a person stays until then, and payloads go when their retention ends.
SET ROLE paraplu_owner;

ALTER TABLE outbox.set_aside ADD COLUMN topic text;
UPDATE outbox.set_aside AS s SET topic = e.topic FROM outbox.event AS e WHERE e.commit = s.commit AND e.n = s.n;
COMMENT ON COLUMN outbox.set_aside.topic IS 'Of the row, as in outbox.event; null where a daemon from before it set the row aside';

-- Makes the partitions for the commits from the given one on, and drops those that were sent, are older than kept and
-- hold nothing that was set aside.
CREATE OR REPLACE FUNCTION outbox.prepare(from_commit bigint, keep_from bigint) RETURNS void
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
        IF old.first + size <= least(keep_from, (SELECT sent_commit FROM outbox.lease))
            AND NOT EXISTS (
                SELECT FROM outbox.set_aside AS s WHERE s.commit >= old.first AND s.commit < old.first + size)
        THEN
            EXECUTE format('DROP TABLE outbox.%I', old.relname);
        END IF;
    END LOOP;
END
$$;

COMMENT ON TABLE journal.payload IS
    'Bytes, key and headers as received, by retention class and month; journal.drop_ended_payloads drops a partition when its retention ended';

-- Drops payload partitions whose retention ended for every row, the oldest first, and returns how many.
CREATE FUNCTION journal.drop_ended_payloads(most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    today constant date := (clock_timestamp() AT TIME ZONE 'Europe/Amsterdam')::date;
    old record;
    dropped integer := 0;
BEGIN
    FOR old IN
        SELECT p.relname
        FROM (
            SELECT c.relname, substring(c.relname FROM '^payload_r(\d+)_')::integer AS months,
                to_date(substring(c.relname FROM '_(\d{4}_\d{2})$'), 'YYYY_MM') AS month
            FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'journal.payload'::regclass) AS p
        -- The last day of the month is kept for as many months as its first.
        WHERE p.month + make_interval(months => p.months + 1) <= today
        ORDER BY p.month, p.months LIMIT most
    LOOP
        EXECUTE format('DROP TABLE journal.%I', old.relname);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;
REVOKE ALL ON FUNCTION journal.drop_ended_payloads(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION journal.drop_ended_payloads(integer) TO paraplu_app;
RESET ROLE;
