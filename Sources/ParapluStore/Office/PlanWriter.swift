import Digest
import ParapluModel
import Postgres

/// Writes a plan version into the tables of the plan in force.
enum PlanWriter {
    /// From what refers to what is referred to.
    private static let clear = [
        Statement("DELETE FROM plan.planned_round"), Statement("DELETE FROM plan.budget"),
        Statement("DELETE FROM plan.commitment"),
        Statement("DELETE FROM plan.document_citation"), Statement("DELETE FROM plan.document"),
        Statement("DELETE FROM plan.indicator_target"), Statement("DELETE FROM plan.indicator"),
        Statement("DELETE FROM plan.exploitation_form"), Statement("DELETE FROM plan.breakdown_code"),
        Statement("DELETE FROM plan.milestone"),
        Statement("DELETE FROM plan.action_role"), Statement("DELETE FROM plan.action"),
        Statement("DELETE FROM plan.line"), Statement("DELETE FROM plan.goal"),
        Statement("DELETE FROM plan.organisation_name"), Statement("DELETE FROM plan.organisation"),
        Statement("DELETE FROM plan.programme"),
    ]
    private static let insertVersion = Statement(
        """
        INSERT INTO version (commit, name, version, digest, actor, reason, document, plan)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """)
    private static let insertProgramme = Statement(
        """
        INSERT INTO plan.programme (programme_id, title_nl, title_en, dossier, presented_on, coordinator,
            cadence_months)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """)
    private static let closeHistory = Statement(
        """
        UPDATE plan.action_history AS h SET known_until = $1
        WHERE h.known_until IS NULL AND NOT EXISTS (
            SELECT FROM plan.action AS a
            WHERE (a.action_id, a.code, a.title_nl, a.title_en, a.display_note_nl, a.line_id, a.goals, a.policy_type,
                    a.provenance)
                = (h.action_id, h.code, h.title_nl, h.title_en, h.display_note_nl, h.line_id, h.goals, h.policy_type,
                    h.provenance))
        """)
    private static let openHistory = Statement(
        """
        INSERT INTO plan.action_history (action_id, known_from, code, title_nl, title_en, display_note_nl, line_id, goals,
            policy_type, provenance)
        SELECT a.action_id, $1, a.code, a.title_nl, a.title_en, a.display_note_nl, a.line_id, a.goals, a.policy_type,
            a.provenance
        FROM plan.action AS a
        WHERE NOT EXISTS (
            SELECT FROM plan.action_history AS h WHERE h.action_id = a.action_id AND h.known_until IS NULL)
        """)
    private static let setClock = Statement("UPDATE operations.commit_clock SET plan_commit = $1")
    private static let copyGoals = Statement(
        "COPY plan.goal (goal_id, number, title_nl, title_en) FROM STDIN (FORMAT binary)")
    private static let copyLines = Statement(
        "COPY plan.line (line_id, number, title_nl, title_en, goals) FROM STDIN (FORMAT binary)")
    private static let copyOrganisations = Statement(
        """
        COPY plan.organisation (organisation_id, name_nl, name_en, abbreviation, kind, tooi, oin, exists_from,
            exists_until, successor, provenance, parent) FROM STDIN (FORMAT binary)
        """)
    private static let copyOrganisationNames = Statement(
        """
        COPY plan.organisation_name (organisation_id, name_nl, name_en, abbreviation, valid_from, valid_until)
            FROM STDIN (FORMAT binary)
        """)
    private static let copyActions = Statement(
        """
        COPY plan.action (action_id, code, title_nl, title_en, line_id, goals, policy_type, provenance, display_note_nl,
            planned_start, planned_end, is_critical, exploitation_forms, official_number) FROM STDIN (FORMAT binary)
        """)
    private static let copyRoles = Statement(
        """
        COPY plan.action_role (action_id, n, organisation_id, role, valid_from, valid_until) FROM STDIN (FORMAT binary)
        """)
    private static let copyMilestones = Statement(
        """
        COPY plan.milestone (milestone_id, action_id, n, title_nl, kind, baseline_due, current_due, is_critical,
            provenance) FROM STDIN (FORMAT binary)
        """)

    /// Replaces the plan in force, and keeps the version as it was given.
    static func replace(
        with plan: Plan, document: [UInt8], actor: String, reason: String, stamp: CommitStamp,
        _ session: PostgresSession
    ) throws {
        try keep(
            plan, bytes: PlanCodec.bytes(of: plan), document: document, actor: actor, reason: reason,
            commit: stamp.number, session)
        try write(plan, session)
        let recordedAt = Parameter.timestamp(stamp.recordedAt.microsecondsSince2000)
        try session.execute(closeHistory, [recordedAt])
        try session.execute(openHistory, [recordedAt])
        try session.execute(setClock, [.int8(stamp.number)])
    }

    /// Keeps a version as it was given; what `rebuild` does too, in its own table.
    ///
    /// - Parameter bytes: The plan as `PlanCodec` wrote it when it was applied.
    static func keep(
        _ plan: Plan, bytes: [UInt8], document: [UInt8], actor: String, reason: String, commit: Int64,
        _ session: PostgresSession
    ) throws {
        try session.execute(
            insertVersion,
            [
                .int8(commit), .text(plan.name), .text(plan.version), .bytes(SHA256.digest(document).bytes),
                .text(actor), .text(reason), .json(document), .json(bytes),
            ])
    }

    /// Makes the tables those of the plan.
    static func write(_ plan: Plan, _ session: PostgresSession) throws {
        for statement in clear { try session.execute(statement) }
        try session.execute(
            insertProgramme,
            [
                .text(plan.programme.id), .text(plan.programme.titleNL), .text(plan.programme.titleEN),
                .text(plan.programme.dossier), .date(plan.programme.presentedOn.daysSince2000),
                .text(plan.programme.coordinator.rawValue), .int2(Int16(plan.programme.cadenceMonths)),
            ])
        try copyOutline(plan, session)
        try copyOrganisations(plan, session)
        try copyActions(plan, session)
        try copyIndicators(plan, session)
        try copyParliament(plan, session)
    }

    private static func copyOutline(_ plan: Plan, _ session: PostgresSession) throws {
        var goals = CopyBuffer()
        for goal in plan.goals {
            goals.beginRow(columns: 4)
            goals.append(text: goal.id.rawValue)
            goals.append(int4: Int32(goal.number))
            goals.append(text: goal.titleNL)
            goals.append(text: goal.titleEN)
        }
        _ = try session.copyIn(copyGoals, goals)
        var lines = CopyBuffer()
        for line in plan.lines {
            lines.beginRow(columns: 5)
            lines.append(text: line.id.rawValue)
            lines.append(int4: Int32(line.number))
            lines.append(text: line.titleNL)
            lines.append(text: line.titleEN)
            lines.append(textArray: line.goals.map(\.rawValue))
        }
        _ = try session.copyIn(copyLines, lines)
    }

    private static func copyOrganisations(_ plan: Plan, _ session: PostgresSession) throws {
        var organisations = CopyBuffer()
        var names = CopyBuffer()
        for organisation in plan.organisations {
            organisations.beginRow(columns: 12)
            organisations.append(text: organisation.id.rawValue)
            organisations.append(text: organisation.nameNL)
            organisations.append(text: organisation.nameEN)
            organisations.append(text: organisation.abbreviation)
            organisations.append(text: organisation.kind)
            organisations.append(optional: organisation.tooi?.rawValue)
            organisations.append(optional: organisation.oin?.rawValue)
            organisations.append(optional: organisation.existsFrom)
            organisations.append(optional: organisation.existsUntil)
            organisations.append(optional: organisation.successor?.rawValue)
            organisations.append(text: organisation.provenance.rawValue)
            organisations.append(optional: organisation.parent?.rawValue)
            for name in organisation.formerNames {
                names.beginRow(columns: 6)
                names.append(text: organisation.id.rawValue)
                names.append(text: name.nameNL)
                names.append(text: name.nameEN)
                names.append(text: name.abbreviation)
                names.append(optional: name.validFrom)
                names.append(date: name.validUntil.daysSince2000)
            }
        }
        _ = try session.copyIn(copyOrganisations, organisations)
        _ = try session.copyIn(copyOrganisationNames, names)
    }

    private static func copyActions(_ plan: Plan, _ session: PostgresSession) throws {
        var actions = CopyBuffer()
        var roles = CopyBuffer()
        var milestones = CopyBuffer()
        for action in plan.actions {
            actions.beginRow(columns: 14)
            actions.append(text: action.id.rawValue)
            actions.append(text: action.code)
            actions.append(text: action.titleNL)
            actions.append(text: action.titleEN)
            actions.append(text: action.line.rawValue)
            actions.append(textArray: action.goals.map(\.rawValue))
            actions.append(text: action.policyType.rawValue)
            actions.append(text: action.provenance.rawValue)
            actions.append(text: action.displayNoteNL)
            actions.append(optional: action.plannedStart)
            actions.append(optional: action.plannedEnd)
            actions.append(bool: action.isCritical)
            actions.append(textArray: action.exploitationForms.map(\.rawValue))
            actions.append(optional: action.officialNumber)
            for (n, role) in action.roles.enumerated() {
                roles.beginRow(columns: 6)
                roles.append(text: action.id.rawValue)
                roles.append(int2: Int16(n))
                roles.append(text: role.organisation.rawValue)
                roles.append(text: role.role.rawValue)
                roles.append(optional: role.validFrom)
                roles.append(optional: role.validUntil)
            }
            for (n, milestone) in action.milestones.enumerated() {
                milestones.beginRow(columns: 9)
                milestones.append(text: milestone.id.rawValue)
                milestones.append(text: action.id.rawValue)
                milestones.append(int2: Int16(n))
                milestones.append(text: milestone.titleNL)
                milestones.append(text: milestone.kind)
                milestones.append(date: milestone.baselineDue.daysSince2000)
                milestones.append(date: milestone.currentDue.daysSince2000)
                milestones.append(bool: milestone.isCritical)
                milestones.append(text: milestone.provenance.rawValue)
            }
        }
        _ = try session.copyIn(copyActions, actions)
        _ = try session.copyIn(copyRoles, roles)
        _ = try session.copyIn(copyMilestones, milestones)
    }
}

extension CopyBuffer {
    /// Appends the text, or NULL.
    mutating func append(optional text: String?) {
        if let text { append(text: text) } else { appendNull() }
    }

    /// Appends the day, or NULL.
    mutating func append(optional date: CalendarDate?) {
        if let date { append(date: date.daysSince2000) } else { appendNull() }
    }
}
