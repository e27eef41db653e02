internal import JSON

/// Reads a plan and collects what is wrong.
final class PlanReader {
    private(set) var problems: [PlanDocumentError.Problem] = []
    private(set) var organisations: [OrganisationID: Organisation] = [:]
    private(set) var goals: Set<GoalID> = []
    private(set) var lines: Set<ActionLineID> = []
    private(set) var actionIDs: Set<ActionID> = []
    private(set) var presentedOn: CalendarDate?

    /// Notes what is wrong, and what would be right.
    func note(_ path: String, _ message: String) {
        problems.append(.init(path: path, message: message))
    }

    func plan(_ root: JSONNode) -> Plan? {
        guard root.kind == .object else {
            note("", "a plan is an object")
            return nil
        }
        let meta = root["meta"]
        let name = text(meta, "name", "/meta")
        let version = text(meta, "version", "/meta")
        let goals = list(root, "goals", "") { node, path in self.goal(node, path) }
        let lines = list(root, "action_lines", "") { node, path in self.line(node, path) }
        checkUnique(goals.map(\.number), "/goals", "number")
        checkUnique(lines.map(\.number), "/action_lines", "number")
        let organisations = list(root, "organisations", "") { node, path in self.organisation(node, path) }
        for (index, organisation) in organisations.enumerated() {
            if let successor = organisation.successor, self.organisations[successor] == nil {
                note("/organisations/\(index)/successor", "no organisation of the plan")
            }
            if let parent = organisation.parent, self.organisations[parent] == nil || parent == organisation.id {
                note("/organisations/\(index)/parent", "no other organisation of the plan")
            }
        }
        let programme = programme(root["programme"])
        var codes: Set<String> = []
        var milestoneIDs: Set<MilestoneID> = []
        let actions = list(root, "actions", "") { node, path in self.action(node, path) }
        for (index, action) in actions.enumerated() {
            if !actionIDs.insert(action.id).inserted { note("/actions/\(index)/id", "another action has this id") }
            if !codes.insert(action.code).inserted { note("/actions/\(index)/code", "another action has this code") }
            for (number, milestone) in action.milestones.enumerated() where !milestoneIDs.insert(milestone.id).inserted
            {
                note("/actions/\(index)/milestones/\(number)/id", "another milestone has this id")
            }
        }
        if actions.isEmpty { note("/actions", "a plan has at least one action") }
        let indicators = indicators(root)
        let forms = exploitationForms(root)
        let formIDs = Set(forms.map(\.id))
        for (index, action) in actions.enumerated() {
            for (place, form) in action.exploitationForms.enumerated() where !formIDs.contains(form) {
                note("/actions/\(index)/exploitation_form_ids/\(place)", "no exploitation form of the plan")
            }
        }
        let breakdowns = breakdownCodes(root)
        let documents = documents(root)
        let numbers = Set(documents.map(\.number))
        let commitments = commitments(root, documents: numbers)
        let budgets = budgets(root, documents: numbers)
        let rounds = rounds(root, documents: numbers)
        let rules = rules(root)
        guard let name, let version, let programme else { return nil }
        return Plan(
            name: name, version: version, programme: programme, goals: goals, lines: lines,
            organisations: organisations, actions: actions, indicators: indicators, exploitationForms: forms,
            breakdownCodes: breakdowns,
            documents: documents, commitments: commitments, budgets: budgets, rounds: rounds, rules: rules)
    }

    // MARK: Parts

    private func programme(_ node: JSONNode?) -> Programme? {
        let path = "/programme"
        guard let node, node.kind == .object else {
            note(path, "an object is needed here")
            return nil
        }
        let id = text(node, "id", path)
        let titleNL = text(node, "title_nl", path)
        let titleEN = text(node, "title_en", path)
        let dossier = text(node, "dossier", path)
        presentedOn = date(node, "presented_on", path, isRequired: true)
        let coordinator = organisationReference(node["coordinating_org_id"], path + "/coordinating_org_id")
        let cadence = cadenceMonths(node, path)
        guard let id, let titleNL, let titleEN, let dossier, let presentedOn, let coordinator else { return nil }
        return Programme(
            id: id, titleNL: titleNL, titleEN: titleEN, dossier: dossier, presentedOn: presentedOn,
            coordinator: coordinator, cadenceMonths: cadence)
    }

    private func cadenceMonths(_ programme: JSONNode, _ path: String) -> Int {
        let path = path + "/reporting"
        guard let reporting = present(programme, "reporting") else { return Programme.cadenceMonthsStandard }
        guard reporting.kind == .object else {
            note(path, "an object is needed here")
            return Programme.cadenceMonthsStandard
        }
        guard let member = present(reporting, "cadence_months") else { return Programme.cadenceMonthsStandard }
        return wholeNumber(member, path + "/cadence_months", in: Programme.cadenceMonthsBounds)
            ?? Programme.cadenceMonthsStandard
    }

    private func goal(_ node: JSONNode, _ path: String) -> StrategicGoal? {
        let id = identifier(node, "id", path).map { GoalID(unchecked: $0) }
        let number = wholeNumber(node["number"], path + "/number", in: Plan.numberBounds)
        let titleNL = text(node, node["title_nl"] == nil ? "short_title_nl" : "title_nl", path)
        let titleEN = text(node, "title_en", path)
        guard let id, let number, let titleNL, let titleEN else { return nil }
        if !goals.insert(id).inserted { note(path + "/id", "another goal has this id") }
        return StrategicGoal(id: id, number: number, titleNL: titleNL, titleEN: titleEN)
    }

    private func line(_ node: JSONNode, _ path: String) -> ActionLine? {
        let id = identifier(node, "id", path).map { ActionLineID(unchecked: $0) }
        let number = wholeNumber(node["number"], path + "/number", in: Plan.numberBounds)
        let titleNL = text(node, "title_nl", path)
        let titleEN = text(node, "title_en", path)
        let tied = goalReferences(node, path)
        guard let id, let number, let titleNL, let titleEN else { return nil }
        if !lines.insert(id).inserted { note(path + "/id", "another action line has this id") }
        return ActionLine(id: id, number: number, titleNL: titleNL, titleEN: titleEN, goals: tied)
    }

    private func organisation(_ node: JSONNode, _ path: String) -> Organisation? {
        let id = identifier(node, "id", path).map { OrganisationID(unchecked: $0) }
        let nameNL = text(node, "official_name_nl", path)
        let nameEN = text(node, "name_en", path)
        let kind = text(node, "kind", path)
        let provenance = provenance(node, path)
        let from = date(node, "valid_from", path)
        let until = date(node, "valid_until", path)
        checkOrder(from, until, path)
        var oin: OIN?
        var tooi: TOOI?
        if let identifiers = node["identifiers"], !identifiers.isNull {
            let path = path + "/identifiers"
            if let member = present(identifiers, "tooi") {
                tooi = member.string.flatMap { TOOI($0) }
                if tooi == nil { note(path + "/tooi", "no TOOI identifier") }
            }
            for name in ["test_oin", "oin"] {
                guard let member = present(identifiers, name) else { continue }
                oin = (member.string ?? member["value"]?.string).flatMap { OIN($0) }
                if oin == nil { note("\(path)/\(name)", "no OIN") }
            }
        }
        var successor: OrganisationID?
        if present(node, "successor") != nil {
            successor = identifier(node, "successor", path).map { OrganisationID(unchecked: $0) }
        }
        let parent =
            present(node, "parent") == nil
            ? nil : identifier(node, "parent", path).map { OrganisationID(unchecked: $0) }
        let names = formerNames(node, path, from: from, until: until)
        guard let id, let nameNL, let nameEN, let kind, let provenance else { return nil }
        let organisation = Organisation(
            id: id, nameNL: nameNL, nameEN: nameEN, abbreviation: present(node, "abbreviation")?.string ?? "",
            formerNames: names, kind: kind, tooi: tooi, oin: oin, existsFrom: from, existsUntil: until,
            successor: successor, parent: parent, provenance: provenance)
        if organisations.updateValue(organisation, forKey: id) != nil {
            note(path + "/id", "another organisation has this id")
        }
        return organisation
    }

    private func action(_ node: JSONNode, _ path: String) -> PlannedAction? {
        let id = identifier(node, "id", path).map { ActionID(unchecked: $0) }
        let code = text(node, "code", path)
        let officialNumber = optionalText(node, "official_number", path)
        if let officialNumber, officialNumber.utf8.count > PlannedAction.officialNumberBytesMax {
            note(path + "/official_number", "at most \(PlannedAction.officialNumberBytesMax) bytes")
        }
        let titleNL = text(node, "title_nl", path)
        let titleEN = text(node, "title_en", path)
        let line = identifier(node, "line_id", path).map { ActionLineID(unchecked: $0) }
        if let line, !lines.contains(line) { note(path + "/line_id", "no action line of the plan") }
        let policyType: PolicyType? = self.code(node, "policy_type", path)
        let provenance = provenance(node, path)
        let start = date(node, "planned_start", path)
        let end = date(node, "planned_end", path)
        if let start, let end, end < start { note(path + "/planned_end", "before the planned start") }
        let roles = roles(node, path)
        let milestones = optionalList(node, "milestones", path, countMax: PlannedAction.listCountMax) { node, path in
            self.milestone(node, path)
        }
        let tied = goalReferences(node, path)
        let forms = identifiers(node, "exploitation_form_ids", path).map(ExploitationFormID.init(unchecked:))
        let isCritical = flag(node, "critical", path)
        let displayNoteNL = present(node, "display_note_nl")?.string ?? ""
        if let id, let code, provenance == .illustrative, displayNoteNL.isEmpty,
            !(id.rawValue.hasPrefix("ill-") && code.hasSuffix("-ILL"))
        {
            note(path + "/display_note_nl", "an illustrative action has a note, or an id “ill-…” and a code “…-ILL”")
        }
        guard let id, let code, let titleNL, let titleEN, let line, let policyType, let provenance else { return nil }
        return PlannedAction(
            id: id, code: code, officialNumber: officialNumber, titleNL: titleNL, titleEN: titleEN, line: line,
            goals: tied,
            exploitationForms: forms, policyType: policyType, provenance: provenance,
            displayNoteNL: displayNoteNL, plannedStart: start, plannedEnd: end, isCritical: isCritical, roles: roles,
            milestones: milestones)
    }

    private func milestone(_ node: JSONNode, _ path: String) -> PlannedMilestone? {
        let id = identifier(node, "id", path).map { MilestoneID(unchecked: $0) }
        let titleNL = text(node, "title_nl", path)
        let kind = text(node, "kind", path)
        let baseline = date(node, "baseline_due", path, isRequired: true)
        let current = date(node, "current_due", path, isRequired: true)
        let provenance = provenance(node, path)
        let isCritical = flag(node, "critical", path)
        guard let id, let titleNL, let kind, let baseline, let current, let provenance else { return nil }
        return PlannedMilestone(
            id: id, titleNL: titleNL, kind: kind, baselineDue: baseline, currentDue: current, isCritical: isCritical,
            provenance: provenance)
    }
}
