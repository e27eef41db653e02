-- Schemas, roles and the one order that every writer keeps.
--
-- Roles are the cluster's, so that a second database of the same cluster finds them; nobody logs in as the owner.
DO $roles$
DECLARE
    wanted text;
BEGIN
    -- Roles are shared between databases and advisory locks aren't: two databases that migrate at once take turns here.
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
    END IF;
    FOREACH wanted IN ARRAY ARRAY['paraplu_owner', 'paraplu_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
    FOREACH wanted IN ARRAY ARRAY['paraplu_app', 'paraplu_operator', 'paraplu_report', 'paraplu_monitor'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', wanted);
        END IF;
    END LOOP;
    EXECUTE 'GRANT pg_signal_backend, pg_monitor TO paraplu_owner';
    EXECUTE 'GRANT pg_monitor TO paraplu_monitor';
    EXECUTE 'GRANT paraplu_reader TO paraplu_owner';
    EXECUTE format('GRANT paraplu_owner TO %I', current_user);
    -- Server-side bounds: a client that falls silent holds a row of everybody's no longer than this.
    EXECUTE 'ALTER ROLE paraplu_app SET idle_in_transaction_session_timeout = ''30s''';
    EXECUTE 'ALTER ROLE paraplu_operator SET idle_in_transaction_session_timeout = ''60s''';
    EXECUTE 'ALTER ROLE paraplu_report SET default_transaction_read_only = on';
    EXECUTE 'ALTER ROLE paraplu_report SET statement_timeout = ''60s''';
    -- Every statement is short; compiling one costs more than it could ever win, and estimates of new tables ask for it.
    FOREACH wanted IN ARRAY ARRAY['paraplu_app', 'paraplu_operator', 'paraplu_report', 'paraplu_monitor'] LOOP
        EXECUTE format('ALTER ROLE %I SET jit = off', wanted);
    END LOOP;
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO paraplu_operator', current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO paraplu_owner', current_database());
END
$roles$;

SET ROLE paraplu_owner;

CREATE SCHEMA operations;
CREATE SCHEMA journal;
CREATE SCHEMA plan;
CREATE SCHEMA progress;
CREATE SCHEMA outbox;
CREATE SCHEMA report_v1;

COMMENT ON SCHEMA operations IS 'How the service runs: the commit clock, feeds, rejections, parked messages, cuts';
COMMENT ON SCHEMA journal IS 'What was received and decided: append-only, chained per stream';
COMMENT ON SCHEMA plan IS 'The plan in its latest version, a projection of the journal''s office stream';
COMMENT ON SCHEMA progress IS 'Status in valid and known time: a projection, a fold over the journal';
COMMENT ON SCHEMA outbox IS 'What is to be sent, in commit order';
COMMENT ON SCHEMA report_v1 IS 'The contract with report jobs: columns are added, never changed';

GRANT USAGE ON SCHEMA operations, journal, plan, progress, outbox TO paraplu_app, paraplu_operator, paraplu_reader;
GRANT USAGE ON SCHEMA report_v1 TO paraplu_report, paraplu_operator, paraplu_reader, paraplu_app;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA operations, plan, progress, outbox
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO paraplu_app, paraplu_operator;
-- The journal is append-only for everybody who logs in; only the heads of its streams move.
ALTER DEFAULT PRIVILEGES IN SCHEMA journal GRANT SELECT, INSERT ON TABLES TO paraplu_app, paraplu_operator;

CREATE TABLE operations.commit_clock (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    number bigint NOT NULL CHECK (number >= 0),
    recorded_at timestamptz NOT NULL,
    plan_commit bigint NOT NULL DEFAULT 0,
    connectors_commit bigint NOT NULL DEFAULT 0,
    epoch integer NOT NULL DEFAULT 1 CHECK (epoch > 0),
    system_identifier bigint,
    timeline text
) WITH (fillfactor = 10);
COMMENT ON TABLE operations.commit_clock IS
    'The one row that every writer locks, after its positions and payloads, and holds to COMMIT: commit order is the number';
COMMENT ON COLUMN operations.commit_clock.number IS 'The number of the latest commit';
COMMENT ON COLUMN operations.commit_clock.recorded_at IS 'Its recorded time; rises strictly from commit to commit';
COMMENT ON COLUMN operations.commit_clock.plan_commit IS 'The commit that applied the plan version in force; 0 before the first';
COMMENT ON COLUMN operations.commit_clock.connectors_commit IS 'The commit that activated the connectors in force; 0 before the first';
COMMENT ON COLUMN operations.commit_clock.epoch IS 'The revision epoch: rises when the database''s own history was replaced (F40)';
COMMENT ON COLUMN operations.commit_clock.system_identifier IS 'The database system that the epoch belongs to';
COMMENT ON COLUMN operations.commit_clock.timeline IS 'Its write-ahead log''s timeline, eight hexadecimal digits';
INSERT INTO operations.commit_clock (number, recorded_at) VALUES (0, 'epoch');

RESET ROLE;
