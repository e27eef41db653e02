package import Digest
package import ParapluModel
package import ParapluRules
package import Postgres

/// Reads and writes the projections: every statement on the tables of `progress`.
///
/// The statements name their tables without a schema. A session's search path says which projections they mean: the live
/// ones (`progress`), or the temporary ones that a rebuild fills beside them.
package enum ProjectionStore {
    private static let useLive = Statement("SET search_path = progress, pg_temp", prepare: false)
    private static let loadActions = Statement(
        """
        SELECT action_id, state, published, contribution, revision, epoch FROM action_state WHERE action_id = ANY($1)
        """, name: "load_actions")
    private static let loadRollups = Statement(
        """
        SELECT r.subject, r.counts, coalesce(s.revision, 0), coalesce(s.epoch, 0)
        FROM rollup AS r LEFT JOIN status AS s USING (subject)
        """, name: "load_rollups")
    private static let loadHistory = Statement(
        """
        SELECT f.stream_id, f.position, f.record, f.identity, f.body
        FROM journal.fact AS f
        JOIN journal.entry AS e USING (stream_id, position)
        LEFT JOIN journal.settlement AS s ON s.stream_id = f.stream_id AND s.settled_position = f.position
        WHERE f.action_id = ANY($1) AND f.commit < $2
            AND (e.outcome IN (1, 3) OR (s.kind IN ('resolved', 'replayed') AND s.commit < $2))
        """, name: "load_history")
    private static let closeRows = Statement(
        """
        UPDATE timeline AS t SET known_until = $1
        FROM unnest($2::text[], $3::date[]) AS c (action_id, valid_from)
        WHERE t.action_id = c.action_id AND t.valid_from = c.valid_from AND t.known_until IS NULL
        """, name: "close_rows")
    private static let copyRows = Statement(
        """
        COPY timeline (action_id, valid_from, known_from, commit, epoch, revision, lifecycle, rating, reported_rating,
            data_state, flags, reasons, holder, as_of, stream_id, position, steps) FROM STDIN (FORMAT binary)
        """)
    private static let saveActions = Statement(
        """
        INSERT INTO action_state AS a (action_id, commit, state, published, contribution, revision, epoch)
        SELECT u.action_id, $1, u.state, u.published, u.contribution, u.revision, u.epoch
        FROM unnest($2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[], $7::integer[])
            AS u (action_id, state, published, contribution, revision, epoch)
        ON CONFLICT (action_id) DO UPDATE SET commit = EXCLUDED.commit, state = EXCLUDED.state,
            published = EXCLUDED.published, contribution = EXCLUDED.contribution, revision = EXCLUDED.revision,
            epoch = EXCLUDED.epoch
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
    private static let saveLate = Statement(
        """
        INSERT INTO finding (stream_id, position, record, commit, code)
        SELECT u.s, u.p, u.r, $1, 'late' FROM unnest($2::integer[], $3::bigint[], $4::smallint[]) AS u (s, p, r)
        """, name: "save_late")

    /// Makes the session's statements mean the live projections.
    package static func useLiveProjections(_ session: PostgresSession) throws {
        try session.execute(useLive)
    }

    /// The projections of these actions, as far as they have one.
    package static func actions(
        _ ids: some Collection<ActionID>, _ session: PostgresSession
    ) throws -> [ActionID: ActionProjection] {
        guard !ids.isEmpty else { return [:] }
        var names = BinaryArray(.text)
        for id in ids { names.append(text: id.rawValue) }
        var found: [ActionID: ActionProjection] = [:]
        for row in try session.execute(loadActions, [.array(names)]) {
            guard let state = try? ActionState(decoding: row.bytes(1)), let published = ActionStatus(decoding: row.bytes(2)),
                let contribution = RollupContribution(decoding: row.bytes(3))
            else { throw StoreError.unreadableProjection(table: "action_state") }
            found[ActionID(unchecked: row.string(0))] = ActionProjection(
                state: state, published: published, contribution: contribution, epoch: row.int4(5),
                revision: row.int8(4))
        }
        return found
    }

    /// The projections of all roll-ups.
    package static func rollups(
        settings: RuleSettings, _ session: PostgresSession
    ) throws -> [Subject: RollupProjection] {
        var found: [Subject: RollupProjection] = [:]
        for row in try session.execute(loadRollups) {
            guard let subject = Subject(row.string(0)), let counts = RollupCounts(decoding: row.bytes(1)) else {
                throw StoreError.unreadableProjection(table: "rollup")
            }
            let revision = row.int8(2)
            found[subject] = RollupProjection(
                counts: counts, published: revision == 0 ? nil : rollup(counts, settings: settings), epoch: row.int4(3),
                revision: revision)
        }
        return found
    }

    /// Every effective fact of these actions that was journalled before that commit; an action without any has none.
    package static func histories(
        _ ids: some Collection<ActionID>, before commit: Int64, _ session: PostgresSession
    ) throws -> [ActionID: [FoldFact]] {
        guard !ids.isEmpty else { return [:] }
        var names = BinaryArray(.text)
        var histories: [ActionID: [FoldFact]] = [:]
        for id in ids {
            names.append(text: id.rawValue)
            histories[id] = []
        }
        for row in try session.execute(loadHistory, [.array(names), .int8(commit)]) {
            let record = try JournalReader.record(row.bytes(4))
            histories[record.action, default: []].append(
                FoldFact(
                    record: record, identity: ShortHash(row.uuid(3)),
                    coordinates: FactCoordinates(stream: row.int4(0), position: row.int8(1), record: row.int2(2))))
        }
        return histories
    }

    /// Writes what a commit changed, as sets, and returns the announced payloads for the outbox.
    package static func save(
        _ effects: FoldEffects, of fold: ProgressFold, stamp: CommitStamp, _ session: PostgresSession
    ) throws -> [StatusPayload.Announcement] {
        let commit = Parameter.int8(stamp.number)
        let recordedAt = Parameter.timestamp(stamp.recordedAt.microsecondsSince2000)
        if !effects.closedRows.isEmpty {
            var actions = BinaryArray(.text)
            var days = BinaryArray(.date)
            for (action, day) in effects.closedRows {
                actions.append(text: action.rawValue)
                days.append(date: day.daysSince2000)
            }
            try session.execute(closeRows, [recordedAt, .array(actions), .array(days)])
        }
        if !effects.newRows.isEmpty { try copy(effects.newRows, stamp, session) }
        if !effects.actions.isEmpty { try saveActions(effects.actions, fold, commit, session) }
        if !effects.rollups.isEmpty {
            var subjects = BinaryArray(.text)
            var counts = BinaryArray(.bytea)
            var bytes: [UInt8] = []
            for subject in effects.rollups {
                bytes.removeAll(keepingCapacity: true)
                fold.rollups[subject]?.counts.encode(into: &bytes)
                subjects.append(text: subject.description)
                counts.append(bytes: bytes)
            }
            try session.execute(saveRollups, [commit, .array(subjects), .array(counts)])
        }
        try saveDispositions(effects, commit, session)
        return try saveStatuses(effects.changes, fold.plan, stamp, session)
    }

    private static func copy(
        _ rows: [FoldEffects.Row], _ stamp: CommitStamp, _ session: PostgresSession
    ) throws {
        var buffer = CopyBuffer()
        for row in rows {
            let status = row.row.status
            buffer.beginRow(columns: 17)
            buffer.append(text: row.action.rawValue)
            buffer.append(date: row.row.validFrom.daysSince2000)
            buffer.append(timestamp: stamp.recordedAt.microsecondsSince2000)
            buffer.append(int8: stamp.number)
            buffer.append(int4: row.epoch)
            buffer.append(int8: row.revision)
            buffer.append(text: status.lifecycle.rawValue)
            buffer.append(text: status.rating.rawValue)
            if let reported = status.reportedRating { buffer.append(text: reported.rawValue) } else { buffer.appendNull() }
            buffer.append(text: status.dataState.rawValue)
            buffer.append(textArray: status.flags.map(\.rawValue))
            buffer.append(textArray: status.reasons.map(\.description))
            if let holder = status.holder { buffer.append(text: holder.rawValue) } else { buffer.appendNull() }
            if let asOf = status.asOf { buffer.append(date: asOf.daysSince2000) } else { buffer.appendNull() }
            if let cause = row.cause {
                buffer.append(int4: cause.stream)
                buffer.append(int8: cause.position)
            } else {
                buffer.appendNull()
                buffer.appendNull()
            }
            buffer.append(utf8: StatusPayload.steps(of: row.row))
        }
        _ = try session.copyIn(copyRows, buffer)
    }

    private static func saveActions(
        _ ids: [ActionID], _ fold: ProgressFold, _ commit: Parameter, _ session: PostgresSession
    ) throws {
        var names = BinaryArray(.text)
        var states = BinaryArray(.bytea)
        var published = BinaryArray(.bytea)
        var contributions = BinaryArray(.bytea)
        var revisions = BinaryArray(.int8)
        var epochs = BinaryArray(.int4)
        var bytes: [UInt8] = []
        for id in ids {
            guard let projection = fold.actions[id] else { preconditionFailure("a changed action has a projection") }
            names.append(text: id.rawValue)
            bytes.removeAll(keepingCapacity: true)
            projection.state.encode(into: &bytes)
            states.append(bytes: bytes)
            bytes.removeAll(keepingCapacity: true)
            projection.published.encode(into: &bytes)
            published.append(bytes: bytes)
            bytes.removeAll(keepingCapacity: true)
            projection.contribution.encode(into: &bytes)
            contributions.append(bytes: bytes)
            revisions.append(int8: projection.revision)
            epochs.append(int4: projection.epoch)
        }
        try session.execute(
            saveActions,
            [commit, .array(names), .array(states), .array(published), .array(contributions), .array(revisions),
                .array(epochs)])
    }

    private static func saveDispositions(
        _ effects: FoldEffects, _ commit: Parameter, _ session: PostgresSession
    ) throws {
        if !effects.dispositions.isEmpty {
            var all = CoordinateArrays()
            var ineffective = CoordinateArrays()
            var codes = BinaryArray(.text)
            for (coordinates, disposition) in effects.dispositions {
                all.append(coordinates)
                guard disposition != .effective else { continue }
                ineffective.append(coordinates)
                codes.append(text: disposition.rawValue)
            }
            try session.execute(clearDispositions, all.parameters)
            if codes.count > 0 {
                try session.execute(saveDispositions, [commit] + ineffective.parameters + [.array(codes)])
            }
        }
        if !effects.superseded.isEmpty {
            var identities = BinaryArray(.uuid)
            for key in effects.superseded { identities.append(uuidHigh: key.identityHigh, low: key.identityLow) }
            try session.execute(saveSuperseded, [commit, .array(identities)])
        }
        if !effects.late.isEmpty {
            var late = CoordinateArrays()
            for coordinates in effects.late { late.append(coordinates) }
            try session.execute(saveLate, [commit] + late.parameters)
        }
    }

    private static func saveStatuses(
        _ changes: [FoldEffects.Change], _ plan: PlanIndex, _ stamp: CommitStamp, _ session: PostgresSession
    ) throws -> [StatusPayload.Announcement] {
        guard !changes.isEmpty else { return [] }
        var columns = StatusColumns()
        var rollups = RollupRevisionColumns()
        var announcements: [StatusPayload.Announcement] = []
        announcements.reserveCapacity(changes.count)
        for change in changes {
            let announcement = StatusPayload.announcement(of: change, plan: plan, stamp: stamp)
            columns.append(change, announcement)
            if case .rollup = change.new { rollups.append(change, announcement) }
            announcements.append(announcement)
        }
        let when: [Parameter] = [
            .date(stamp.evaluatedOn.daysSince2000), .timestamp(stamp.recordedAt.microsecondsSince2000),
            .int8(stamp.number),
        ]
        try session.execute(saveStatuses, when + columns.parameters)
        if rollups.count > 0 {
            try session.execute(saveRollupRevisions, [when[2], when[1], when[0]] + rollups.parameters)
        }
        return announcements
    }
}

/// Coordinates of records as three arrays.
private struct CoordinateArrays {
    private var streams = BinaryArray(.int4)
    private var positions = BinaryArray(.int8)
    private var records = BinaryArray(.int2)

    mutating func append(_ coordinates: FactCoordinates) {
        streams.append(int4: coordinates.stream)
        positions.append(int8: coordinates.position)
        records.append(int2: coordinates.record)
    }

    var parameters: [Parameter] { [.array(streams), .array(positions), .array(records)] }
}

/// The columns of `status`, each an array.
private struct StatusColumns {
    private var subjects = BinaryArray(.text)
    private var buckets = BinaryArray(.int2)
    private var texts = [BinaryArray](repeating: BinaryArray(.text), count: 7)
    private var days = BinaryArray(.date)
    private var epochs = BinaryArray(.int4)
    private var revisions = BinaryArray(.int8)
    private var hashes = BinaryArray(.bytea)
    private var payloads = BinaryArray(.json)

    mutating func append(_ change: FoldEffects.Change, _ announcement: StatusPayload.Announcement) {
        subjects.append(text: announcement.subject)
        buckets.append(int2: announcement.bucket)
        let words: [String?]
        var asOf: CalendarDate?
        switch change.new {
        case .action(let status):
            words = [
                status.lifecycle.rawValue, status.rating.rawValue, status.reportedRating?.rawValue,
                status.dataState.rawValue, status.flags.map(\.rawValue).joined(separator: " "),
                status.reasons.map(\.description).joined(separator: " "), status.holder?.rawValue,
            ]
            asOf = status.asOf
        case .rollup(let status):
            words = [
                status.lifecycle?.rawValue, status.rating?.rawValue, nil, nil, "",
                status.reasons.map(\.rawValue).joined(separator: " "), nil,
            ]
        }
        for (index, word) in words.enumerated() {
            if let word { texts[index].append(text: word) } else { texts[index].appendNull() }
        }
        if let asOf { days.append(date: asOf.daysSince2000) } else { days.appendNull() }
        epochs.append(int4: change.epoch)
        revisions.append(int8: change.revision)
        hashes.append(bytes: announcement.hash.bytes)
        payloads.append(utf8: announcement.payload)
    }

    var parameters: [Parameter] {
        [.array(subjects), .array(buckets)] + texts.map { .array($0) }
            + [.array(days), .array(epochs), .array(revisions), .array(hashes), .array(payloads)]
    }
}

/// The columns of `rollup_revision`, each an array.
private struct RollupRevisionColumns {
    private var subjects = BinaryArray(.text)
    private var epochs = BinaryArray(.int4)
    private var revisions = BinaryArray(.int8)
    private var payloads = BinaryArray(.json)

    var count: Int { subjects.count }

    mutating func append(_ change: FoldEffects.Change, _ announcement: StatusPayload.Announcement) {
        subjects.append(text: announcement.subject)
        epochs.append(int4: change.epoch)
        revisions.append(int8: change.revision)
        payloads.append(utf8: announcement.payload)
    }

    var parameters: [Parameter] { [.array(subjects), .array(epochs), .array(revisions), .array(payloads)] }
}
