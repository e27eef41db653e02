import JSON
package import ParapluModel

/// The bytes in which the store keeps a plan version, and back: exactly the plan that was applied, order included.
package enum PlanCodec {
    /// The plan as compact JSON.
    package static func bytes(of plan: Plan) -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        text("name", plan.name, in: &json)
        text("version", plan.version, in: &json)
        json.member("programme")
        json.beginObject()
        text("id", plan.programme.id, in: &json)
        text("title_nl", plan.programme.titleNL, in: &json)
        text("title_en", plan.programme.titleEN, in: &json)
        text("dossier", plan.programme.dossier, in: &json)
        text("presented_on", plan.programme.presentedOn.description, in: &json)
        text("coordinator", plan.programme.coordinator.rawValue, in: &json)
        json.member("cadence_months")
        json.integer(plan.programme.cadenceMonths)
        json.endObject()
        list("goals", plan.goals, in: &json) { goal, json in
            text("id", goal.id.rawValue, in: &json)
            json.member("number")
            json.integer(goal.number)
            text("title_nl", goal.titleNL, in: &json)
            text("title_en", goal.titleEN, in: &json)
        }
        list("lines", plan.lines, in: &json) { line, json in
            text("id", line.id.rawValue, in: &json)
            json.member("number")
            json.integer(line.number)
            text("title_nl", line.titleNL, in: &json)
            text("title_en", line.titleEN, in: &json)
            texts("goals", line.goals.map(\.rawValue), in: &json)
        }
        list("organisations", plan.organisations, in: &json, write)
        list("actions", plan.actions, in: &json, write)
        list("indicators", plan.indicators, in: &json, write)
        list("exploitation_forms", plan.exploitationForms, in: &json, write)
        list("breakdown_codes", plan.breakdownCodes, in: &json, write)
        list("documents", plan.documents, in: &json, write)
        list("commitments", plan.commitments, in: &json, write)
        list("budgets", plan.budgets, in: &json, write)
        list("rounds", plan.rounds, in: &json, write)
        json.member("rules")
        json.beginObject()
        write(plan.rules, in: &json)
        json.endObject()
        json.endObject()
        return json.bytes
    }

    /// The plan of such bytes, or nil for any others.
    ///
    /// Versions that were applied before there were indicators, commitments, budgets, former names and official numbers have
    /// none, and earlier ones without settings or a cadence have the standard ones, as they had then.
    package static func plan(from bytes: [UInt8]) -> Plan? {
        let limits = JSONLimits(bytesMax: 1 << 28, depthMax: 16, nodesMax: 1 << 26)
        guard let root = try? JSONParser.document(of: bytes, limits: limits).root else { return nil }
        let reader = PlanReader(root)
        guard let head = root["programme"] else { return nil }
        let programme = PlanReader(head)
        guard let name = reader.text("name"), let version = reader.text("version"), let id = programme.text("id"),
            let titleNL = programme.text("title_nl"), let titleEN = programme.text("title_en"),
            let dossier = programme.text("dossier"), let presentedOn = programme.date("presented_on"),
            let coordinator = programme.text("coordinator"), let goals = reader.list("goals", goal),
            let lines = reader.list("lines", line), let organisations = reader.list("organisations", organisation),
            let actions = reader.list("actions", action),
            let indicators = reader.listOrEmpty("indicators", indicator),
            let forms = reader.listOrEmpty("exploitation_forms", exploitationForm),
            let codes = reader.listOrEmpty("breakdown_codes", breakdownCode),
            let documents = reader.listOrEmpty("documents", document),
            let commitments = reader.listOrEmpty("commitments", commitment),
            let budgets = reader.listOrEmpty("budgets", budget),
            let rounds = reader.listOrEmpty("rounds", round), let rules = rules(root["rules"])
        else { return nil }
        return Plan(
            name: name, version: version,
            programme: Programme(
                id: id, titleNL: titleNL, titleEN: titleEN, dossier: dossier, presentedOn: presentedOn,
                coordinator: OrganisationID(unchecked: coordinator),
                cadenceMonths: programme.number("cadence_months") ?? Programme.cadenceMonthsStandard), goals: goals,
            lines: lines,
            organisations: organisations, actions: actions, indicators: indicators, exploitationForms: forms,
            breakdownCodes: codes,
            documents: documents, commitments: commitments, budgets: budgets, rounds: rounds, rules: rules)
    }

    private static func write(_ action: PlannedAction, in json: inout JSONWriter) {
        text("id", action.id.rawValue, in: &json)
        text("code", action.code, in: &json)
        text("official_number", action.officialNumber, in: &json)
        text("title_nl", action.titleNL, in: &json)
        text("title_en", action.titleEN, in: &json)
        text("line", action.line.rawValue, in: &json)
        texts("goals", action.goals.map(\.rawValue), in: &json)
        if !action.exploitationForms.isEmpty {
            texts("exploitation_forms", action.exploitationForms.map(\.rawValue), in: &json)
        }
        text("policy_type", action.policyType.rawValue, in: &json)
        text("provenance", action.provenance.rawValue, in: &json)
        text("display_note_nl", action.displayNoteNL, in: &json)
        text("planned_start", action.plannedStart?.description, in: &json)
        text("planned_end", action.plannedEnd?.description, in: &json)
        flag("is_critical", action.isCritical, in: &json)
        list("roles", action.roles, in: &json) { role, json in
            text("organisation", role.organisation.rawValue, in: &json)
            text("role", role.role.rawValue, in: &json)
            text("valid_from", role.validFrom?.description, in: &json)
            text("valid_until", role.validUntil?.description, in: &json)
        }
        list("milestones", action.milestones, in: &json) { milestone, json in
            text("id", milestone.id.rawValue, in: &json)
            text("title_nl", milestone.titleNL, in: &json)
            text("kind", milestone.kind, in: &json)
            text("baseline_due", milestone.baselineDue.description, in: &json)
            text("current_due", milestone.currentDue.description, in: &json)
            flag("is_critical", milestone.isCritical, in: &json)
            text("provenance", milestone.provenance.rawValue, in: &json)
        }
    }

    private static func goal(_ node: PlanReader) -> StrategicGoal? {
        guard let id = node.text("id"), let number = node.number("number"), let titleNL = node.text("title_nl"),
            let titleEN = node.text("title_en")
        else { return nil }
        return StrategicGoal(id: GoalID(unchecked: id), number: number, titleNL: titleNL, titleEN: titleEN)
    }

    private static func line(_ node: PlanReader) -> ActionLine? {
        guard let id = node.text("id"), let number = node.number("number"), let titleNL = node.text("title_nl"),
            let titleEN = node.text("title_en"), let goals = node.texts("goals")
        else { return nil }
        return ActionLine(
            id: ActionLineID(unchecked: id), number: number, titleNL: titleNL, titleEN: titleEN,
            goals: goals.map(GoalID.init(unchecked:)))
    }

    private static func action(_ node: PlanReader) -> PlannedAction? {
        guard let id = node.text("id"), let code = node.text("code"), let titleNL = node.text("title_nl"),
            let titleEN = node.text("title_en"), let line = node.text("line"), let goals = node.texts("goals"),
            let policyType = node.text("policy_type").flatMap(PolicyType.init(rawValue:)),
            let provenance = node.text("provenance").flatMap(Provenance.init(rawValue:)),
            let note = node.text("display_note_nl"), let isCritical = node.flag("is_critical"),
            let roles = node.list("roles", role), let milestones = node.list("milestones", milestone)
        else { return nil }
        return PlannedAction(
            id: ActionID(unchecked: id), code: code, officialNumber: node.text("official_number"), titleNL: titleNL,
            titleEN: titleEN,
            line: ActionLineID(unchecked: line), goals: goals.map(GoalID.init(unchecked:)),
            exploitationForms: (node.texts("exploitation_forms") ?? []).map(ExploitationFormID.init(unchecked:)),
            policyType: policyType, provenance: provenance, displayNoteNL: note,
            plannedStart: node.date("planned_start"),
            plannedEnd: node.date("planned_end"), isCritical: isCritical, roles: roles, milestones: milestones)
    }

    private static func role(_ node: PlanReader) -> ActionRole? {
        guard let organisation = node.text("organisation"),
            let role = node.text("role").flatMap(OrganisationRole.init(rawValue:))
        else { return nil }
        return ActionRole(
            organisation: OrganisationID(unchecked: organisation), role: role, validFrom: node.date("valid_from"),
            validUntil: node.date("valid_until"))
    }

    private static func milestone(_ node: PlanReader) -> PlannedMilestone? {
        guard let id = node.text("id"), let titleNL = node.text("title_nl"), let kind = node.text("kind"),
            let baselineDue = node.date("baseline_due"), let currentDue = node.date("current_due"),
            let isCritical = node.flag("is_critical"),
            let provenance = node.text("provenance").flatMap(Provenance.init(rawValue:))
        else { return nil }
        return PlannedMilestone(
            id: MilestoneID(unchecked: id), titleNL: titleNL, kind: kind, baselineDue: baselineDue,
            currentDue: currentDue, isCritical: isCritical, provenance: provenance)
    }

    /// Writes a text; what is absent is left out.
    static func text(_ name: StaticString, _ value: String?, in json: inout JSONWriter) {
        guard let value else { return }
        json.member(name)
        json.string(value)
    }

    static func flag(_ name: StaticString, _ value: Bool, in json: inout JSONWriter) {
        json.member(name)
        json.bool(value)
    }

    static func texts(_ name: StaticString, _ values: [String], in json: inout JSONWriter) {
        json.member(name)
        StatusPayload.strings(values, in: &json)
    }

    static func list<Element>(
        _ name: StaticString, _ elements: [Element], in json: inout JSONWriter,
        _ write: (Element, inout JSONWriter) -> Void
    ) {
        json.member(name)
        json.beginArray()
        for element in elements {
            json.beginObject()
            write(element, &json)
            json.endObject()
        }
        json.endArray()
    }
}
