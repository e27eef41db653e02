package import Digest
package import ParapluModel
package import ParapluRules
package import Postgres

/// Reads the plan in force, and applies new versions of it as entries of the office stream.
package enum PlanStore {
    /// What applying a plan did.
    package struct Applied: Hashable, Sendable {
        package let commit: Int64
        package let statusChanges: Int
    }

    private static let version = Statement(
        "SELECT name, version FROM plan.version WHERE commit = $1", name: "plan_version")
    private static let programme = Statement(
        "SELECT programme_id, title_nl, title_en, dossier, presented_on, coordinator FROM plan.programme")
    private static let goals = Statement(
        "SELECT goal_id, number, title_nl, title_en FROM plan.goal ORDER BY number")
    private static let lines = Statement(
        "SELECT line_id, number, title_nl, title_en, goals FROM plan.line ORDER BY number")
    private static let organisations = Statement(
        """
        SELECT organisation_id, name_nl, name_en, abbreviation, kind, tooi, oin, exists_from, exists_until, successor,
            provenance
        FROM plan.organisation ORDER BY organisation_id
        """)
    private static let actions = Statement(
        """
        SELECT action_id, code, title_nl, title_en, line_id, goals, policy_type, provenance, display_note_nl,
            planned_start, planned_end, is_critical
        FROM plan.action ORDER BY action_id
        """)
    private static let roles = Statement(
        "SELECT action_id, organisation_id, role, valid_from, valid_until FROM plan.action_role ORDER BY action_id, n")
    private static let milestones = Statement(
        """
        SELECT action_id, milestone_id, title_nl, kind, baseline_due, current_due, is_critical, provenance
        FROM plan.milestone ORDER BY action_id, n
        """)

    /// The plan that the commit applied, which must be the one in force; an empty index for commit 0.
    package static func index(at commit: Int64, _ session: PostgresSession) throws -> PlanIndex {
        guard commit > 0 else { return PlanIndex(commit: 0, plan: nil) }
        return PlanIndex(commit: commit, plan: try read(at: commit, session))
    }

    /// The plan in force.
    ///
    /// - Throws: `StoreError.noPlan` where none was applied yet.
    package static func current(_ session: PostgresSession) throws -> PlanIndex {
        let reading = try CommitClock.read(session)
        guard reading.planCommit > 0 else { throw StoreError.noPlan }
        return try index(at: reading.planCommit, session)
    }

    private static func read(at commit: Int64, _ session: PostgresSession) throws -> Plan {
        guard let version = try session.execute(version, [.int8(commit)]).first,
            let head = try session.execute(programme).first
        else { throw StoreError.noPlan }
        var rolesByAction: [String: [ActionRole]] = [:]
        for row in try session.execute(roles) {
            rolesByAction[row.string(0), default: []].append(
                ActionRole(
                    organisation: OrganisationID(unchecked: row.string(1)),
                    role: try code(OrganisationRole(rawValue: row.string(2)), "action_role"),
                    validFrom: date(row.dateOrNil(3)), validUntil: date(row.dateOrNil(4))))
        }
        var milestonesByAction: [String: [PlannedMilestone]] = [:]
        for row in try session.execute(milestones) {
            milestonesByAction[row.string(0), default: []].append(
                PlannedMilestone(
                    id: MilestoneID(unchecked: row.string(1)), titleNL: row.string(2), kind: row.string(3),
                    baselineDue: CalendarDate(daysSince2000: row.date(4)),
                    currentDue: CalendarDate(daysSince2000: row.date(5)), isCritical: row.bool(6),
                    provenance: try code(Provenance(rawValue: row.string(7)), "milestone")))
        }
        return Plan(
            name: version.string(0), version: version.string(1),
            programme: Programme(
                id: head.string(0), titleNL: head.string(1), titleEN: head.string(2), dossier: head.string(3),
                presentedOn: CalendarDate(daysSince2000: head.date(4)),
                coordinator: OrganisationID(unchecked: head.string(5))),
            goals: try session.execute(goals).map { row in
                StrategicGoal(
                    id: GoalID(unchecked: row.string(0)), number: Int(row.int4(1)), titleNL: row.string(2),
                    titleEN: row.string(3))
            },
            lines: try session.execute(lines).map { row in
                ActionLine(
                    id: ActionLineID(unchecked: row.string(0)), number: Int(row.int4(1)), titleNL: row.string(2),
                    titleEN: row.string(3), goals: row.textArray(4).map(GoalID.init(unchecked:)))
            },
            organisations: try session.execute(organisations).map { row in
                Organisation(
                    id: OrganisationID(unchecked: row.string(0)), nameNL: row.string(1), nameEN: row.string(2),
                    abbreviation: row.string(3), kind: row.string(4), tooi: row.stringOrNil(5).flatMap(TOOI.init),
                    oin: row.stringOrNil(6).flatMap(OIN.init), existsFrom: date(row.dateOrNil(7)),
                    existsUntil: date(row.dateOrNil(8)),
                    successor: row.stringOrNil(9).map(OrganisationID.init(unchecked:)),
                    provenance: try code(Provenance(rawValue: row.string(10)), "organisation"))
            },
            actions: try session.execute(actions).map { row in
                PlannedAction(
                    id: ActionID(unchecked: row.string(0)), code: row.string(1), titleNL: row.string(2),
                    titleEN: row.string(3), line: ActionLineID(unchecked: row.string(4)),
                    goals: row.textArray(5).map(GoalID.init(unchecked:)),
                    policyType: try code(PolicyType(rawValue: row.string(6)), "action"),
                    provenance: try code(Provenance(rawValue: row.string(7)), "action"), displayNoteNL: row.string(8),
                    plannedStart: date(row.dateOrNil(9)), plannedEnd: date(row.dateOrNil(10)), isCritical: row.bool(11),
                    roles: rolesByAction[row.string(0)] ?? [], milestones: milestonesByAction[row.string(0)] ?? [])
            })
    }

    /// Applies a plan: journals it, makes it the one in force, and folds what it changes.
    ///
    /// - Parameters:
    ///   - document: The plan as it was given, which the journal keeps.
    ///   - actor, reason: Who applies it and why.
    /// - Returns: nil where the plan in force is the same.
    package static func apply(
        _ plan: Plan, document: [UInt8], actor: String, reason: String, events: EventFactory, settings: RuleSettings,
        _ session: PostgresSession
    ) throws -> Applied? {
        try session.transaction {
            var stream = try OwnStream.lock(.office, session)
            let reading = try CommitClock.take(session)
            let previous = try index(at: reading.planCommit, session)
            guard previous.plan != plan else { return nil }
            let next = PlanIndex(commit: reading.stamp.number, plan: plan)
            let removed = previous.actions.keys.filter { next.actions[$0] == nil }.sorted()
            guard removed.isEmpty else { throw StoreError.actionsRemoved(removed) }

            _ = stream.add(
                headers: [("decision", "plan.applied"), ("actor", actor), ("reason", reason)], value: document,
                stamp: reading.stamp)
            try stream.write(reading.stamp, session)
            try PlanWriter.replace(
                with: plan, document: document, actor: actor, reason: reason, stamp: reading.stamp, session)
            let effects = try fold(next, previous: previous, settings: settings, stamp: reading.stamp, session)
            var outbox = OutboxWriter(stamp: reading.stamp, events: events)
            outbox.add(effects.announcements, effects.changes, coordinates: BatchCoordinates([:]))
            _ = try OutboxStore.prepare(for: reading.stamp.number, session)
            try outbox.write(session)
            return Applied(commit: reading.stamp.number, statusChanges: effects.changes.count)
        }
    }

    /// Folds a new plan version into the projections; also what `rebuild` does when it comes to one.
    static func fold(
        _ next: PlanIndex, previous: PlanIndex, settings: RuleSettings, stamp: CommitStamp, _ session: PostgresSession
    ) throws -> (changes: [FoldEffects.Change], announcements: [StatusPayload.Announcement]) {
        let isRestaffed = previous.organisations != next.organisations
        let replanned = next.actions.values.filter { isRestaffed || previous.actions[$0.id] != $0 }.map(\.id).sorted()
        var fold = ProgressFold(plan: next, settings: settings)
        fold.actions = try ProjectionStore.actions(replanned, session)
        fold.rollups = try ProjectionStore.rollups(settings: settings, session)
        let histories = try ProjectionStore.histories(replanned, before: stamp.number, session)
        let effects = fold.fold(
            stamp, facts: [], histories: histories, replanned: replanned, previous: previous, cause: .plan)
        return (effects.changes, try ProjectionStore.save(effects, of: fold, stamp: stamp, session))
    }

    private static func date(_ days: Int32?) -> CalendarDate? { days.map(CalendarDate.init(daysSince2000:)) }

    private static func code<Code>(_ code: Code?, _ table: String) throws -> Code {
        guard let code else { throw StoreError.unreadableProjection(table: table) }
        return code
    }
}
