-- The plan in its latest version. Every version is an entry of the office stream; these tables are its projection.
SET ROLE paraplu_owner;

CREATE TABLE plan.version (
    commit bigint PRIMARY KEY,
    name text NOT NULL,
    version text NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    actor text NOT NULL,
    reason text NOT NULL,
    document json NOT NULL,
    plan json NOT NULL
);
COMMENT ON TABLE plan.version IS 'Every version of the plan as it was applied';
COMMENT ON COLUMN plan.version.document IS 'The plan as it was given';
COMMENT ON COLUMN plan.version.plan IS 'The plan as the fold takes it, so that a rebuild reads back exactly what was applied';

CREATE TABLE plan.programme (
    programme_id text PRIMARY KEY,
    title_nl text NOT NULL,
    title_en text NOT NULL,
    dossier text NOT NULL,
    presented_on date NOT NULL,
    coordinator text NOT NULL
);
CREATE TABLE plan.goal (
    goal_id text PRIMARY KEY,
    number integer NOT NULL UNIQUE,
    title_nl text NOT NULL,
    title_en text NOT NULL
);
CREATE TABLE plan.line (
    line_id text PRIMARY KEY,
    number integer NOT NULL UNIQUE,
    title_nl text NOT NULL,
    title_en text NOT NULL,
    goals text[] NOT NULL
);
CREATE TABLE plan.organisation (
    organisation_id text PRIMARY KEY,
    name_nl text NOT NULL,
    name_en text NOT NULL,
    abbreviation text NOT NULL,
    kind text NOT NULL,
    tooi text,
    oin text CHECK (oin ~ '^[0-9]{8}[0-9A-Z]{12}$'),
    exists_from date,
    exists_until date,
    successor text,
    provenance text NOT NULL CHECK (provenance IN ('found', 'illustrative')),
    CHECK (exists_from < exists_until)
);
CREATE TABLE plan.action (
    action_id text PRIMARY KEY,
    code text NOT NULL UNIQUE,
    title_nl text NOT NULL,
    title_en text NOT NULL,
    line_id text NOT NULL REFERENCES plan.line DEFERRABLE INITIALLY DEFERRED,
    goals text[] NOT NULL,
    policy_type text NOT NULL,
    provenance text NOT NULL CHECK (provenance IN ('found', 'illustrative')),
    display_note_nl text NOT NULL,
    planned_start date,
    planned_end date,
    is_critical boolean NOT NULL,
    -- Illustrative actions are marked as such wherever they are shown.
    CHECK (provenance = 'found' OR (action_id LIKE 'ill-%' AND code LIKE '%-ILL') OR display_note_nl <> '')
);
COMMENT ON COLUMN plan.action.display_note_nl IS 'Must be shown wherever the title is shown';
COMMENT ON COLUMN plan.action.is_critical IS 'Whether a red rating of it makes its roll-ups red';
CREATE TABLE plan.action_role (
    action_id text NOT NULL REFERENCES plan.action DEFERRABLE INITIALLY DEFERRED,
    n smallint NOT NULL,
    organisation_id text NOT NULL REFERENCES plan.organisation DEFERRABLE INITIALLY DEFERRED,
    role text NOT NULL,
    valid_from date,
    valid_until date,
    PRIMARY KEY (action_id, n),
    CHECK (valid_from < valid_until)
);
COMMENT ON TABLE plan.action_role IS 'Who holds an action and who is involved, from valid_from up to but not including valid_until';
CREATE TABLE plan.milestone (
    milestone_id text NOT NULL,
    action_id text NOT NULL REFERENCES plan.action DEFERRABLE INITIALLY DEFERRED,
    n smallint NOT NULL,
    title_nl text NOT NULL,
    kind text NOT NULL,
    baseline_due date NOT NULL,
    current_due date NOT NULL,
    is_critical boolean NOT NULL,
    provenance text NOT NULL CHECK (provenance IN ('found', 'illustrative')),
    PRIMARY KEY (action_id, milestone_id)
);
COMMENT ON COLUMN plan.milestone.baseline_due IS 'The first date on which it was due, kept for ever';
COMMENT ON COLUMN plan.milestone.current_due IS 'The latest date by the plan; a report can move it further';
RESET ROLE;
