import ParapluModel
import ParapluRules
package import Postgres

extension ProjectionStore {
    private static let closeRows = Statement(
        """
        UPDATE timeline AS t SET known_until = $1
        FROM unnest($2::text[], $3::date[]) AS c (action_id, valid_from)
        WHERE t.action_id = c.action_id AND t.valid_from = c.valid_from AND t.known_until IS NULL
        """, name: "close_rows")
    private static let copyRows = Statement(
        """
        COPY timeline (action_id, valid_from, known_from, commit, epoch, revision, lifecycle, rating, reported_rating,
            data_state, flags, reasons, holder, as_of, stream_id, position, steps, last_known_rating)
        FROM STDIN (FORMAT binary)
        """)
    private static let saveActions = Statement(
        """
        INSERT INTO action_state AS a (action_id, commit, state, published, contribution, revision, epoch, next_step)
        SELECT u.action_id, $1, u.state, u.published, u.contribution, u.revision, u.epoch, u.next_step
        FROM unnest($2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[], $7::integer[], $8::date[])
            AS u (action_id, state, published, contribution, revision, epoch, next_step)
        ON CONFLICT (action_id) DO UPDATE SET commit = EXCLUDED.commit, state = EXCLUDED.state,
            published = EXCLUDED.published, contribution = EXCLUDED.contribution, revision = EXCLUDED.revision,
            epoch = EXCLUDED.epoch, next_step = EXCLUDED.next_step
        """, name: "save_actions")
    private static let saveStatuses = Statement(
        """
        INSERT INTO status AS s (subject, bucket, lifecycle, rating, reported_rating, data_state, flags, reasons, holder,
            as_of, evaluated_on, recorded_at, commit, epoch, revision, payload_hash, payload)
        SELECT u.subject, u.bucket, u.lifecycle, u.rating, u.reported_rating, u.data_state,
            string_to_array(u.flags, ' '), string_to_array(u.reasons, ' '), u.holder, u.as_of, $1, $2, $3, u.epoch,
            u.revision, u.payload_hash, u.payload
        FROM unnest($4::text[], $5::smallint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
            $12::text[], $13::date[], $14::integer[], $15::bigint[], $16::bytea[], $17::json[])
            AS u (subject, bucket, lifecycle, rating, reported_rating, data_state, flags, reasons, holder, as_of, epoch,
                revision, payload_hash, payload)
        ON CONFLICT (subject) DO UPDATE SET lifecycle = EXCLUDED.lifecycle, rating = EXCLUDED.rating,
            reported_rating = EXCLUDED.reported_rating, data_state = EXCLUDED.data_state, flags = EXCLUDED.flags,
            reasons = EXCLUDED.reasons, holder = EXCLUDED.holder, as_of = EXCLUDED.as_of,
            evaluated_on = EXCLUDED.evaluated_on, recorded_at = EXCLUDED.recorded_at, commit = EXCLUDED.commit,
            epoch = EXCLUDED.epoch, revision = EXCLUDED.revision, payload_hash = EXCLUDED.payload_hash,
            payload = EXCLUDED.payload
        """, name: "save_statuses")
    private static let clearRisks = Statement("DELETE FROM risk WHERE action_id = ANY($1)", name: "clear_risks")
    private static let saveRisks = Statement(
        """
        INSERT INTO risk (action_id, risk, level, response, owner, commit)
        SELECT u.action_id, u.risk, u.level, u.response, u.owner, $1
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
            AS u (action_id, risk, level, response, owner)
        """, name: "save_risks")
    private static let clearConflicts = Statement(
        "DELETE FROM conflict WHERE action_id = ANY($1)", name: "clear_conflicts")
    private static let saveConflicts = Statement(
        """
        INSERT INTO conflict (action_id, n, party, milestone, opened_on, closed_on, closing, commit)
        SELECT u.action_id, u.n, u.party, u.milestone, u.opened_on, u.closed_on, u.closing, $1
        FROM unnest($2::text[], $3::smallint[], $4::text[], $5::text[], $6::date[], $7::date[], $8::text[])
            AS u (action_id, n, party, milestone, opened_on, closed_on, closing)
        """, name: "save_conflicts")
    private static let clearMilestones = Statement(
        "DELETE FROM milestone WHERE action_id = ANY($1)", name: "clear_milestones")
    private static let saveMilestones = Statement(
        """
        INSERT INTO milestone (action_id, milestone_id, status, as_of, due, is_refused, reached_on, evidence, commit)
        SELECT u.action_id, u.milestone_id, u.status, u.as_of, u.due, u.is_refused, u.reached_on, u.evidence, $1
        FROM unnest($2::text[], $3::text[], $4::text[], $5::date[], $6::date[], $7::boolean[], $8::date[], $9::text[])
            AS u (action_id, milestone_id, status, as_of, due, is_refused, reached_on, evidence)
        """, name: "save_milestones")
    private static let saveRollups = Statement(
        """
        INSERT INTO rollup AS r (subject, commit, counts)
        SELECT u.subject, $1, u.counts FROM unnest($2::text[], $3::bytea[]) AS u (subject, counts)
        ON CONFLICT (subject) DO UPDATE SET commit = EXCLUDED.commit, counts = EXCLUDED.counts
        """, name: "save_rollups")
    private static let saveRollupRevisions = Statement(
        """
        INSERT INTO rollup_revision (subject, epoch, revision, commit, recorded_at, evaluated_on, payload)
        SELECT u.subject, u.epoch, u.revision, $1, $2, $3, u.payload
        FROM unnest($4::text[], $5::integer[], $6::bigint[], $7::json[]) AS u (subject, epoch, revision, payload)
        """, name: "save_rollup_revisions")
    private static let clearDispositions = Statement(
        """
        DELETE FROM disposition AS d USING unnest($1::integer[], $2::bigint[], $3::smallint[]) AS u (s, p, r)
        WHERE (d.stream_id, d.position, d.record) = (u.s, u.p, u.r)
        """, name: "clear_dispositions")
    private static let saveDispositions = Statement(
        """
        INSERT INTO disposition (stream_id, position, record, commit, disposition)
        SELECT u.s, u.p, u.r, $1, u.d FROM unnest($2::integer[], $3::bigint[], $4::smallint[], $5::text[]) AS u (s, p, r, d)
        """, name: "save_dispositions")
    private static let saveSuperseded = Statement(
        """
        INSERT INTO disposition AS d (stream_id, position, record, commit, disposition)
        SELECT f.stream_id, f.position, f.record, $1, 'superseded'
        FROM journal.fact AS f WHERE f.identity = ANY($2)
            AND NOT EXISTS (SELECT FROM journal.fact AS g WHERE g.identity = f.identity AND g.key_use > f.key_use)
        ON CONFLICT (stream_id, position, record) DO UPDATE
            SET disposition = EXCLUDED.disposition, commit = EXCLUDED.commit
        """, name: "save_superseded")
    private static let saveFindings = Statement(
        """
        INSERT INTO finding (stream_id, position, record, commit, code)
        SELECT u.s, u.p, u.r, $1, $5 FROM unnest($2::integer[], $3::bigint[], $4::smallint[]) AS u (s, p, r)
        """, name: "save_findings")
    private static let saveCorrections = Statement(
        """
        INSERT INTO correction (round_id, action_id, commit, recorded_at, before, after)
        SELECT u.round_id, u.action_id, $1, $2, coalesce(c.after, s.payload), u.payload
        FROM unnest($3::text[], $4::text[], $5::json[]) AS u (round_id, action_id, payload)
        JOIN snapshot AS s ON s.round_id = u.round_id AND s.subject = 'action/' || u.action_id
        LEFT JOIN LATERAL (
            SELECT c.after FROM correction AS c WHERE c.round_id = u.round_id AND c.action_id = u.action_id
            ORDER BY c.commit DESC LIMIT 1) AS c ON true
        WHERE coalesce(c.after, s.payload)::text <> u.payload::text
        """, name: "save_corrections")

    /// Writes what a commit changed, as sets, and returns the announced payloads for the outbox.
    package static func save(
        _ effects: FoldEffects, of fold: ProgressFold, stamp: CommitStamp, _ session: PostgresSession
    ) throws -> [StatusPayload.Announcement] {
        let rows = ProjectionRows(effects, of: fold, stamp: stamp)
        try write(rows, stamp: stamp, session)
        return rows.announcements
    }

    /// Writes the rows of a commit, a statement for each table that changes.
    static func write(_ rows: ProjectionRows, stamp: CommitStamp, _ session: PostgresSession) throws {
        let commit = Parameter.int8(stamp.number)
        let recordedAt = Parameter.timestamp(stamp.recordedAt.microsecondsSince2000)
        if rows.closed.count > 0 { try session.execute(closeRows, [recordedAt] + rows.closed.parameters) }
        if rows.timeline.rowCount > 0 { _ = try session.copyIn(copyRows, rows.timeline) }
        if rows.actions.count > 0 { try session.execute(saveActions, [commit] + rows.actions.parameters) }
        if rows.contradicted.count > 0 {
            try session.execute(clearRisks, [.array(rows.contradicted)])
            try session.execute(clearConflicts, [.array(rows.contradicted)])
            if rows.risks.count > 0 { try session.execute(saveRisks, [commit] + rows.risks.parameters) }
            if rows.conflicts.count > 0 { try session.execute(saveConflicts, [commit] + rows.conflicts.parameters) }
        }
        if rows.milestoned.count > 0 {
            try session.execute(clearMilestones, [.array(rows.milestoned)])
            if rows.milestones.count > 0 { try session.execute(saveMilestones, [commit] + rows.milestones.parameters) }
        }
        if rows.rollups.count > 0 { try session.execute(saveRollups, [commit] + rows.rollups.parameters) }
        if rows.settled.count > 0 { try session.execute(clearDispositions, rows.settled.parameters) }
        if rows.dispositions.count > 0 {
            try session.execute(saveDispositions, [commit] + rows.dispositions.parameters)
        }
        if rows.superseded.count > 0 { try session.execute(saveSuperseded, [commit, .array(rows.superseded)]) }
        for (code, places) in [("late", rows.late), ("after_freeze", rows.afterFreeze)] where places.count > 0 {
            try session.execute(saveFindings, [commit] + places.parameters + [.text(code)])
        }
        if rows.restated.count > 0 {
            try session.execute(saveCorrections, [commit, recordedAt] + rows.restated.parameters)
        }
        let evaluatedOn = Parameter.date(stamp.evaluatedOn.daysSince2000)
        if rows.statuses.count > 0 {
            try session.execute(saveStatuses, [evaluatedOn, recordedAt, commit] + rows.statuses.parameters)
        }
        if rows.revisions.count > 0 {
            try session.execute(saveRollupRevisions, [commit, recordedAt, evaluatedOn] + rows.revisions.parameters)
        }
    }
}
