package import Digest
package import ParapluModel
import ParapluRules
package import Postgres

/// The picture of a round: every subject's status on its day as known now, and whose reports came.
///
/// Computed from the journal and the projections alone, so that `rebuild` comes to the same bytes.
package struct RoundPicture: Sendable {
    /// Which reports were due from an organisation, and which came.
    package struct Completeness: Hashable, Sendable {
        /// The reports that were due: one of each counted action that was neither complete nor stopped.
        package var expected: Int32 = 0
        /// Of those, came by the end of the round's last day for reports.
        package var onTime: Int32 = 0
        /// Of those, came after that day and before the freeze.
        package var late: Int32 = 0
        /// Of those, didn't come before the freeze.
        package var missing: Int32 { expected - onTime - late }
    }

    /// Each subject with its status as JSON, in the byte order of subjects.
    package let subjects: [(subject: String, payload: [UInt8])]
    /// By organisation, for holders of whom a report was due.
    package let completeness: [OrganisationID: Completeness]

    /// SHA-256 over the subjects in order, each as `<subject>\n<SHA-256 of the payload, hex>\n`.
    package var hash: SHA256Digest { RoundPicture.hash(of: subjects) }

    static func hash(of subjects: [(subject: String, payload: [UInt8])]) -> SHA256Digest {
        var hasher = SHA256()
        for (subject, payload) in subjects {
            Array("\(subject)\n\(SHA256.digest(payload))\n".utf8).withUnsafeBytes { hasher.update($0) }
        }
        return hasher.finalize()
    }

    private static let arrived = Statement(
        """
        SELECT f.action_id, f.reporter, bool_or(c.recorded_at < (($3::date + 1)::timestamp AT TIME ZONE 'Europe/Amsterdam'))
        FROM journal.fact AS f
        JOIN journal.entry AS e USING (stream_id, position)
        JOIN journal.commit AS c ON c.number = f.commit
        LEFT JOIN journal.settlement AS s ON s.stream_id = f.stream_id AND s.settled_position = f.position
        LEFT JOIN disposition AS d ON d.stream_id = f.stream_id AND d.position = f.position AND d.record = f.record
        WHERE f.as_of > $1 AND f.as_of <= $2 AND f.commit < $4 AND f.kind = ANY($5) AND d.disposition IS NULL
            AND (e.outcome IN (1, 3) OR (s.kind IN ('resolved', 'replayed') AND s.commit < $4))
        GROUP BY f.action_id, f.reporter
        """, name: "round_arrived")

    /// - Parameters:
    ///   - round: The round, and the day of the one before; nil where it is the first.
    ///   - commit: What was committed before it counts.
    static func compute(
        _ round: RoundStore.Round, after previous: CalendarDate?, plan: PlanIndex,
        before commit: Int64, _ session: PostgresSession
    ) throws -> RoundPicture {
        let statuses = try statuses(on: round.asOf, plan: plan, before: commit, session)
        var counts: [Subject: RollupCounts] = [:]
        for subject in plan.titles.keys { counts[subject] = RollupCounts() }
        var subjects: [(subject: String, payload: [UInt8])] = []
        subjects.reserveCapacity(statuses.count + counts.count)
        for (action, status) in statuses {
            let subject = Subject.action(action.id)
            subjects.append((subject.description, StatusPayload.snapshot(of: subject, .action(status))))
            let contribution = RollupContribution(of: action, status: status, on: round.asOf)
            for subject in PlanIndex.rollups(of: action) { counts[subject, default: RollupCounts()].add(contribution) }
        }
        for (subject, counts) in counts {
            let status = rollup(counts, settings: plan.settings)
            subjects.append((subject.description, StatusPayload.snapshot(of: subject, .rollup(status))))
        }
        subjects.sort { $0.subject.utf8.lexicographicallyPrecedes($1.subject.utf8) }
        return RoundPicture(
            subjects: subjects,
            completeness: try completeness(
                round, after: previous,
                cadenceMonths: plan.plan?.programme.cadenceMonths ?? Programme.cadenceMonthsStandard, statuses,
                before: commit, session))
    }

    private static func statuses(
        on day: CalendarDate, plan: PlanIndex, before commit: Int64, _ session: PostgresSession
    ) throws -> [(PlannedAction, ActionStatus)] {
        let projections = try ProjectionStore.actions(plan.actions.keys, session)
        let late = projections.filter { $0.value.state.lastKey.map { $0.asOf > day } ?? false }.map(\.key)
        let histories = try ProjectionStore.histories(late, before: commit, session)
        return plan.actions.values.compactMap { action in
            guard let projection = projections[action.id] else { return nil }
            if let history = histories[action.id] {
                let timeline = timeline(
                    of: action, facts: history.map(\.fact), organisations: plan.organisations, settings: plan.settings)
                return (action, timeline.status(on: day))
            }
            let row = projection.state.row(
                validFrom: day, plan: action, organisations: plan.organisations, settings: plan.settings)
            return (action, row.status)
        }
    }

    /// A report is due of every action that is counted and neither complete nor stopped, from its holder on that day.
    private static func completeness(
        _ round: RoundStore.Round, after previous: CalendarDate?, cadenceMonths: Int,
        _ statuses: [(PlannedAction, ActionStatus)], before commit: Int64, _ session: PostgresSession
    ) throws -> [OrganisationID: Completeness] {
        struct Report: Hashable {
            let action: ActionID
            let reporter: OrganisationID
        }
        var kinds = BinaryArray(.int2)
        for kind in RecordKind.withdrawable { kinds.append(int2: kind.code) }
        let from = previous ?? round.asOf.adding(months: -cadenceMonths)
        var isOnTime: [Report: Bool] = [:]
        let rows = try session.execute(
            arrived,
            [
                .date(from.daysSince2000), .date(round.asOf.daysSince2000), .date(round.freezeOn.daysSince2000),
                .int8(commit), .array(kinds),
            ])
        for row in rows {
            let report = Report(
                action: ActionID(unchecked: row.string(0)), reporter: OrganisationID(unchecked: row.string(1)))
            isOnTime[report] = row.bool(2)
        }
        var completeness: [OrganisationID: Completeness] = [:]
        for (action, status) in statuses {
            guard action.policyType != .historical, status.lifecycle != .complete, status.lifecycle != .stopped,
                let holder = status.holder
            else { continue }
            completeness[holder, default: Completeness()].expected += 1
            switch isOnTime[Report(action: action.id, reporter: holder)] {
            case true?: completeness[holder]?.onTime += 1
            case false?: completeness[holder]?.late += 1
            case nil: break
            }
        }
        return completeness
    }
}

/// Freezes rounds: an entry of the `office` stream with the picture's hash, and the picture in rows that never change.
package enum RoundFreeze {
    private static let copySnapshot = Statement(
        "COPY snapshot (round_id, subject, payload) FROM STDIN (FORMAT binary)")
    private static let copyCompleteness = Statement(
        """
        COPY completeness (round_id, organisation_id, expected, on_time, late, missing) FROM STDIN (FORMAT binary)
        """)
    private static let closeRound = Statement(
        """
        UPDATE round SET frozen_commit = $2, frozen_at = $3, hash = $4, subjects = $5, signed_off_by = $6 WHERE round_id = $1
        """)
    private static let isTouched = Statement(
        "SELECT EXISTS (SELECT FROM journal.commit WHERE number > $1 AND kind <> 'clock')", name: "journal_touched")

    /// How often the picture is computed before the clock is taken; the last time also under it, where it must be.
    private static let draftsMax = 3

    /// The picture of a round as it is now, before its last day for reports too.
    package static func preview(
        _ id: RoundID, _ session: PostgresSession
    ) throws -> (round: RoundStore.Round, picture: RoundPicture, commit: Int64) {
        let draft = try draft(id, isFinal: false, session)
        return (draft.round, draft.picture, draft.commit)
    }

    private static func draft(
        _ id: RoundID, isFinal: Bool, _ session: PostgresSession
    ) throws -> (round: RoundStore.Round, picture: RoundPicture, commit: Int64, plan: PlanIndex) {
        try session.transaction(isolation: .repeatableReadReadOnly) {
            let reading = try CommitClock.read(session)
            guard reading.planCommit > 0 else { throw StoreError.noPlan }
            let plan = try PlanStore.index(at: reading.planCommit, session)
            let rounds = try RoundStore.list(session)
            let (round, previous) = try find(
                id, in: rounds, today: try CommitClock.today(session), isFinal: isFinal)
            let picture = try RoundPicture.compute(
                round, after: previous, plan: plan, before: reading.stamp.number + 1, session)
            return (round, picture, reading.stamp.number, plan)
        }
    }

    /// Freezes a round.
    ///
    /// The picture is computed before the clock is taken, and again under it only where others kept writing.
    ///
    /// - Parameter signer: The organisation that signs the snapshot off, one of the plan's that exists; where nil the one that
    ///   coordinates the programme.
    /// - Throws: `RoundStore.Refusal`, `StoreError.unknown`, `StoreError.noPlan`.
    package static func freeze(
        _ id: RoundID, signer: OrganisationID?, actor: String, reason: String, _ session: PostgresSession
    ) throws -> RoundStore.Frozen {
        for attempt in 1...draftsMax {
            let draft = try draft(id, isFinal: true, session)
            do {
                return try session.transaction {
                    var stream = try OwnStream.lock(.office, session)
                    let reading = try CommitClock.take(session)
                    let stamp = reading.stamp
                    var (picture, plan) = (draft.picture, draft.plan)
                    if try stamp.number != draft.commit + 1
                        && session.execute(isTouched, [.int8(draft.commit)]).first?.bool(0) ?? true
                    {
                        guard attempt == draftsMax else { throw Outdated() }
                        plan = try PlanStore.index(at: reading.planCommit, session)
                        let (round, previous) = try find(
                            id, in: try RoundStore.list(session), today: stamp.evaluatedOn, isFinal: true)
                        picture = try RoundPicture.compute(
                            round, after: previous, plan: plan, before: stamp.number, session)
                    }
                    let signer = try self.signer(signer, of: plan, on: stamp.evaluatedOn)
                    let hash = picture.hash
                    _ = stream.add(
                        headers: [
                            ("decision", "round.frozen"), ("round", id.rawValue), ("hash", "\(hash)"),
                            ("subjects", String(picture.subjects.count)), ("signed_off_by", signer.rawValue),
                            ("actor", actor), ("reason", reason),
                        ], value: [], stamp: stamp)
                    try stream.write(stamp, session)
                    let frozen = RoundStore.Frozen(
                        commit: stamp.number, at: stamp.recordedAt, hash: hash, subjects: Int32(picture.subjects.count),
                        signer: signer)
                    try close(id, frozen, session)
                    try write(picture, of: id, session)
                    return frozen
                }
            } catch is Outdated {
                continue
            }
        }
        preconditionFailure("the last attempt computes under the clock")
    }

    /// Computes again what a freeze left, and writes it; what `rebuild` does when it comes to one.
    ///
    /// Hash and count are the entry's: where the picture is another, the snapshot differs and not the round.
    static func replay(
        _ entry: OfficeEntry, plan: PlanIndex, stamp: CommitStamp, _ session: PostgresSession
    ) throws {
        let rounds = try RoundStore.list(session)
        let id = RoundID(unchecked: try entry.text("round"))
        guard let index = rounds.firstIndex(where: { $0.id == id }),
            let hash = SHA256Digest(hex: try entry.text("hash")), let subjects = Int32(try entry.text("subjects"))
        else { throw StoreError.unreadableDecision(commit: stamp.number) }
        let picture = try RoundPicture.compute(
            rounds[index], after: index > 0 ? rounds[index - 1].asOf : nil, plan: plan,
            before: stamp.number, session)
        try close(
            id,
            RoundStore.Frozen(
                commit: stamp.number, at: stamp.recordedAt, hash: hash, subjects: subjects,
                signer: entry.optionalText("signed_off_by").map(OrganisationID.init(unchecked:))), session)
        try write(picture, of: id, session)
    }

    /// Who signs off: an organisation, never a person.
    private static func signer(
        _ named: OrganisationID?, of plan: PlanIndex, on today: CalendarDate
    ) throws -> OrganisationID {
        guard let coordinator = plan.plan?.programme.coordinator else { throw StoreError.noPlan }
        let signer = named ?? coordinator
        guard plan.organisations.existence(of: signer, on: today) == .exists else {
            throw RoundStore.Refusal.signer(signer, today: today)
        }
        return signer
    }

    private static func close(_ id: RoundID, _ frozen: RoundStore.Frozen, _ session: PostgresSession) throws {
        try session.execute(
            closeRound,
            [
                .text(id.rawValue), .int8(frozen.commit), .timestamp(frozen.at.microsecondsSince2000),
                .bytes(frozen.hash.bytes), .int4(frozen.subjects), frozen.signer.map { .text($0.rawValue) } ?? .null,
            ])
    }

    private static func write(_ picture: RoundPicture, of id: RoundID, _ session: PostgresSession) throws {
        var snapshot = CopyBuffer()
        for (subject, payload) in picture.subjects {
            snapshot.beginRow(columns: 3)
            snapshot.append(text: id.rawValue)
            snapshot.append(text: subject)
            snapshot.append(bytes: payload)
        }
        _ = try session.copyIn(copySnapshot, snapshot)
        var completeness = CopyBuffer()
        for (organisation, count) in picture.completeness.sorted(by: { $0.key < $1.key }) {
            completeness.beginRow(columns: 6)
            completeness.append(text: id.rawValue)
            completeness.append(text: organisation.rawValue)
            for number in [count.expected, count.onTime, count.late, count.missing] {
                completeness.append(int4: number)
            }
        }
        if completeness.rowCount > 0 { _ = try session.copyIn(copyCompleteness, completeness) }
    }

    /// The round that is to be frozen, and the day of the one before it.
    ///
    /// - Parameter isFinal: Whether it is frozen now: not before its last day for reports, which others still count on.
    private static func find(
        _ id: RoundID, in rounds: [RoundStore.Round], today: CalendarDate, isFinal: Bool
    ) throws -> (RoundStore.Round, CalendarDate?) {
        guard let index = rounds.firstIndex(where: { $0.id == id }) else {
            throw StoreError.unknown(kind: "round", name: id.rawValue)
        }
        let round = rounds[index]
        guard !round.isFrozen else { throw RoundStore.Refusal.frozen(round) }
        if let earlier = rounds[..<index].first(where: { !$0.isFrozen }) {
            throw RoundStore.Refusal.earlierOpen(earlier)
        }
        guard round.asOf <= today else { throw RoundStore.Refusal.future(today: today) }
        guard !isFinal || round.freezeOn <= today else { throw RoundStore.Refusal.beforeFreeze(round, today: today) }
        return (round, index > 0 ? rounds[index - 1].asOf : nil)
    }

    /// Somebody changed what the draft rests on.
    private struct Outdated: Error {}
}
