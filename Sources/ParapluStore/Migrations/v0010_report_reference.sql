-- report_v1: organisations, quality findings and code lists, and what every column means.

CREATE VIEW report_v1.organisation WITH (security_barrier) AS
    SELECT o.organisation_id, o.name_nl, o.name_en, o.abbreviation, o.kind, o.tooi, o.oin, o.exists_from, o.exists_until,
        o.successor, o.provenance, count(r.action_id) FILTER (WHERE r.role = 'ACTIEHOUDER') AS actions_held,
        count(r.action_id) FILTER (WHERE r.role <> 'ACTIEHOUDER') AS actions_involved, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM plan.organisation AS o
    CROSS JOIN report_v1.watermark AS w
    LEFT JOIN plan.action_role AS r ON r.organisation_id = o.organisation_id
        AND coalesce(r.valid_from <= (w.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date, true)
        AND coalesce(r.valid_until > (w.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date, true)
    GROUP BY o.organisation_id, w.commit, w.recorded_at;
COMMENT ON VIEW report_v1.organisation IS 'Every organisation of the plan, with the roles that it has today';

CREATE VIEW report_v1.finding WITH (security_barrier) AS
    SELECT f.code, st.topic, st.partition, f.position AS "offset", f.record, x.action_id, x.reporter,
        x.body ->> 'kind' AS kind, x.as_of, c.recorded_at, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM progress.finding AS f
    JOIN journal.stream AS st USING (stream_id)
    JOIN journal.fact AS x USING (stream_id, position, record)
    JOIN journal.commit AS c ON c.number = f.commit
    CROSS JOIN report_v1.watermark AS w;
COMMENT ON VIEW report_v1.finding IS 'What is to be known of an applied record''s quality: late, after_freeze';

CREATE VIEW report_v1.code_list WITH (security_barrier) AS
    SELECT l.list, l.code, l.label_nl, l.label_en, w.commit AS watermark_commit, w.recorded_at AS watermark_recorded_at
    FROM report_v1.watermark AS w CROSS JOIN (VALUES
        ('lifecycle', 'NIET_GESTART', 'nog niet gestart', 'not started'),
        ('lifecycle', 'LOOPT', 'loopt', 'under way'),
        ('lifecycle', 'GEPAUZEERD', 'gepauzeerd', 'paused'),
        ('lifecycle', 'AFGEROND_GEMELD', 'afgerond gemeld', 'reported complete'),
        ('lifecycle', 'AFGEROND', 'afgerond', 'complete (accepted)'),
        ('lifecycle', 'GESTOPT', 'gestopt', 'stopped'),
        ('lifecycle', 'ONBEKEND', 'onbekend', 'unknown'),
        ('rating', 'GROEN', 'groen', 'green'),
        ('rating', 'ORANJE', 'oranje', 'amber'),
        ('rating', 'ROOD', 'rood', 'red'),
        ('rating', 'GRIJS', 'grijs (geen oordeel)', 'grey (no rating)'),
        ('data_state', 'ACTUEEL', 'actueel', 'current'),
        ('data_state', 'VEROUDERD', 'verouderd', 'stale'),
        ('data_state', 'ONTBREEKT', 'ontbreekt', 'missing'),
        ('flag', 'HERIJKT', 'herijkt', 'rebaselined'),
        ('flag', 'BETWIST', 'betwist', 'disputed'),
        ('milestone_status', 'GEPLAND', 'gepland', 'planned'),
        ('milestone_status', 'BEREIKT_GEMELD', 'bereikt gemeld', 'reported reached'),
        ('milestone_status', 'BEREIKT', 'bereikt', 'reached (accepted)'),
        ('milestone_status', 'VERVALLEN', 'vervallen', 'dropped'),
        ('risk_level', 'LAAG', 'laag', 'low'),
        ('risk_level', 'MIDDEL', 'middel', 'medium'),
        ('risk_level', 'HOOG', 'hoog', 'high'),
        ('conflict_closing', 'EENS', 'actiehouder is het eens', 'the holder agrees'),
        ('conflict_closing', 'UITSPRAAK_ACTIEHOUDER', 'uitspraak voor de actiehouder', 'ruled for the holder'),
        ('conflict_closing', 'UITSPRAAK_BETROKKENE', 'uitspraak voor de betrokkene', 'ruled for the involved organisation'),
        ('reason', 'CAPACITEIT', 'capaciteit', 'capacity'),
        ('reason', 'FINANCIERING', 'financiering', 'funding'),
        ('reason', 'WETGEVING', 'wetgeving', 'legislation'),
        ('reason', 'SAMENWERKING', 'samenwerking', 'cooperation'),
        ('reason', 'GEGEVENSDELING', 'gegevensdeling', 'data sharing'),
        ('reason', 'AFHANKELIJKHEID', 'afhankelijkheid van anderen', 'dependency on others'),
        ('reason', 'INKOOP', 'inkoop', 'procurement'),
        ('reason', 'PRIORITEIT', 'prioriteit', 'priority'),
        ('reason', 'POLITIEK_BESLUIT', 'politiek besluit', 'political decision'),
        ('reason', 'OVERIG', 'overig', 'other'),
        ('role', 'ACTIEHOUDER', 'actiehouder', 'action holder'),
        ('role', 'BETROKKEN', 'betrokken organisatie', 'involved organisation'),
        ('role', 'FINANCIER', 'financier', 'funder'),
        ('role', 'COORDINATOR', 'coördinerend ministerie', 'coordinating ministry'),
        ('role', 'BRONHOUDER', 'bronhouder van cijfers', 'authoritative figure source')
    ) AS l (list, code, label_nl, label_en);
COMMENT ON VIEW report_v1.code_list IS 'The codes of the other answers, in Dutch and English';

-- One name has one meaning in every view; a view that says more of a column has its own words.
DO $$
DECLARE
    col record;
BEGIN
    FOR col IN
        SELECT c.oid, c.relname, a.attname, m.meaning
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'report_v1'
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN (VALUES
            ('action_id', 'The action''s stable identifier'),
            ('code', 'The code that people know it by'),
            ('title_nl', 'Title in Dutch, as in the plan in force'),
            ('title_en', 'Title in English, as in the plan in force'),
            ('display_note_nl', 'Must be shown wherever the title is shown'),
            ('line', 'The action line'),
            ('holder', 'The action holder, as far as it exists; null where there is none'),
            ('lifecycle', 'How far it is (list lifecycle)'),
            ('rating', 'The effective rating (list rating); null where nothing is active'),
            ('reported_rating', 'The rating as the holder reported it'),
            ('data_state', 'Whether the holder''s word is current (list data_state)'),
            ('flags', 'What else is to be known (list flag)'),
            ('reasons', 'Why: codes, with what they are about behind a colon'),
            ('as_of', 'The day of which the report speaks'),
            ('recorded_at', 'When it was recorded here'),
            ('revision', 'The number of the announced status, within its epoch'),
            ('epoch', 'The revision epoch: rises when the database''s own history was replaced'),
            ('evaluated_on', 'The day at which due and stale were judged'),
            ('policy_type', 'What the action is to the plan, which says whether it counts'),
            ('provenance', 'Whether it was found in a source or is illustrative'),
            ('subject', 'programme, goal/…, line/… or action/…'),
            ('counts', 'The counts behind the colour'),
            ('coverage_percent', 'The share of actions with a current report'),
            ('percent_complete', 'Accepted milestones of those that were not dropped'),
            ('organisation_id', 'The organisation''s stable identifier'),
            ('name_nl', 'Name in Dutch'),
            ('name_en', 'Name in English'),
            ('abbreviation', 'Short name'),
            ('kind', 'What kind it is of'),
            ('tooi', 'Identifier in TOOI, the register of government organisations'),
            ('oin', 'Organisation identification number'),
            ('exists_from', 'The first day of its existence; null where it is open'),
            ('exists_until', 'The day from which it exists no more; null where it is open'),
            ('successor', 'The organisation that took over'),
            ('actions_held', 'Actions of which it is the holder'),
            ('actions_involved', 'Actions on which it has another role'),
            ('actions_current', 'Of those held, with a current report'),
            ('actions_stale', 'Of those held, with a stale report'),
            ('actions_missing', 'Of those held, without a report that counts'),
            ('actions_corrected', 'Actions of which something was said later of that day'),
            ('latest_as_of', 'The latest day of which it reported'),
            ('topic', 'The Kafka topic'),
            ('partition', 'The partition'),
            ('offset', 'The offset of the message'),
            ('generation', 'Rises when the topic was made again'),
            ('record', 'The record''s place in its message, from 0'),
            ('reporter', 'The organisation that reports'),
            ('feed', 'The feed: partner and name'),
            ('owner', 'The organisation that owns the feed'),
            ('stage', 'The step that refused it'),
            ('path', 'The place of the first violation, a JSON Pointer'),
            ('violations', 'All violations: code, path, and what would be accepted'),
            ('event_id', 'The message''s own id; null where it may not be named'),
            ('payload_bytes', 'How large the message was'),
            ('payload_kept', 'Whether its bytes are kept'),
            ('settlement', 'What became of it later; null while it waits for a person'),
            ('first', 'The first offset that belongs to the balance'),
            ('next', 'The next offset to be read'),
            ('journalled', 'Messages in the journal'),
            ('applied', 'Messages that were taken'),
            ('duplicate', 'Messages that were known already'),
            ('stale', 'Messages that were overtaken before they came'),
            ('rejected', 'Messages that were refused'),
            ('parked', 'Messages that wait for an action or organisation'),
            ('holes', 'Offsets that hold no message'),
            ('lost', 'Offsets that nobody can read any more'),
            ('party', 'The involved organisation'),
            ('milestone', 'The milestone that it denies; null where it rates delivery worse'),
            ('opened_on', 'The day of which the involved organisation spoke'),
            ('closed_on', 'The day from which it is closed; null while it is open'),
            ('closing', 'How it ended (list conflict_closing); null while it is open'),
            ('risk', 'The risk, as the holder numbers it'),
            ('level', 'How grave it is (list risk_level)'),
            ('round_id', 'The reporting round'),
            ('round_as_of', 'The day of which the round speaks'),
            ('label', 'What people call it'),
            ('freeze_on', 'The last day on which a report is on time'),
            ('letter', 'The letter to Parliament'),
            ('opened_at', 'When it was opened'),
            ('frozen_at', 'When it was frozen; null while it is open'),
            ('hash', 'SHA-256 over the snapshot, which the journal names too'),
            ('subjects', 'How many subjects the snapshot has'),
            ('expected', 'Reports that were due'),
            ('on_time', 'Of those, came by the end of freeze_on'),
            ('late', 'Of those, came later and before the freeze'),
            ('missing', 'Of those, did not come before the freeze'),
            ('modified_since', 'Whether something else is known of that day now'),
            ('corrected', 'What is known now, where it was corrected'),
            ('before', 'What was known of that day before'),
            ('after', 'What is known of that day since'),
            ('list', 'The name of the list'),
            ('label_nl', 'What the code means, in Dutch'),
            ('label_en', 'What the code means, in English'),
            ('commit', 'The number of the latest commit'),
            ('watermark_commit', 'The answer is complete up to this commit'),
            ('watermark_recorded_at', 'The answer is complete up to this moment')
        ) AS m (name, meaning) ON m.name = a.attname
        WHERE c.relkind = 'v' AND col_description(c.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN report_v1.%I.%I IS %L', col.relname, col.attname, col.meaning);
    END LOOP;
END
$$;
COMMENT ON COLUMN report_v1.finding.code IS 'late: came after a report of a later day; after_freeze: of a day whose round was frozen';
COMMENT ON COLUMN report_v1.finding.kind IS 'The kind of record';
COMMENT ON COLUMN report_v1.rejections.code IS 'Why, as a stable code';
COMMENT ON COLUMN report_v1.code_list.code IS 'The code';

ALTER VIEW report_v1.organisation OWNER TO paraplu_reader;
ALTER VIEW report_v1.finding OWNER TO paraplu_reader;
ALTER VIEW report_v1.code_list OWNER TO paraplu_reader;
GRANT SELECT ON report_v1.organisation, report_v1.finding, report_v1.code_list
    TO paraplu_report, paraplu_operator, paraplu_app;
