internal import JSON

/// A plan as a JSON document: what `paraplu plan apply` reads.
///
/// The document may hold much more than the plan (sources, indicators, notes), so that unknown members are left out; a
/// member that is given twice is refused. All problems are reported together, each with a JSON Pointer.
package enum PlanDocument {
    /// The largest document, in bytes: a hundred times the reference plan.
    package static let bytesMax = 16 << 20

    /// The plan in the document.
    ///
    /// Roles come from `action_holder_id` and `involved_org_ids`, and from `roles` (`org_id`, `role`, `valid_from`,
    /// `valid_until`) where the document has them. Where an organisation ends and names its successor, the successor
    /// takes over the roles that have no dates of their own from that day.
    ///
    /// - Parameter file: the document's name in errors.
    /// - Throws: `PlanDocumentError` with all problems.
    package static func parse(_ bytes: [UInt8], file: String) throws(PlanDocumentError) -> Plan {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONParser.document(
                of: bytes, limits: JSONLimits(bytesMax: bytesMax, depthMax: 32, nodesMax: 2_000_000))
        } catch {
            throw PlanDocumentError(
                file: file, problems: [.init(path: "", message: "this is no JSON that we read: \(error)")])
        }
        let reader = PlanReader()
        let plan = reader.plan(document.root)
        guard let plan, reader.problems.isEmpty else { throw PlanDocumentError(file: file, problems: reader.problems) }
        return plan
    }
}

/// Why a document is no plan: everything that is wrong with it.
package struct PlanDocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One thing that is wrong, and where, as a JSON Pointer (RFC 6901).
    package struct Problem: Hashable, Sendable {
        package let path: String
        package let message: String

        package init(path: String, message: String) {
            self.path = path
            self.message = message
        }
    }

    package let file: String
    package let problems: [Problem]

    /// One line per problem: file, path, message.
    package var description: String {
        problems.map { "\(file)#\($0.path): \($0.message)" }.joined(separator: "\n")
    }
}

/// Reads a plan and collects what is wrong.
private final class PlanReader {
    private(set) var problems: [PlanDocumentError.Problem] = []
    private var organisations: [OrganisationID: Organisation] = [:]
    private var goals: Set<GoalID> = []
    private var lines: Set<ActionLineID> = []
    private var presentedOn: CalendarDate?

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
        let organisations = list(root, "organisations", "") { node, path in self.organisation(node, path) }
        for (index, organisation) in organisations.enumerated() {
            if let successor = organisation.successor, self.organisations[successor] == nil {
                note("/organisations/\(index)/successor", "no organisation of the plan")
            }
        }
        let programme = programme(root["programme"])
        var codes: Set<String> = []
        var actionIDs: Set<ActionID> = []
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
        guard let name, let version, let programme else { return nil }
        return Plan(
            name: name, version: version, programme: programme, goals: goals, lines: lines,
            organisations: organisations,
            actions: actions)
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
        guard let id, let titleNL, let titleEN, let dossier, let presentedOn, let coordinator else { return nil }
        return Programme(
            id: id, titleNL: titleNL, titleEN: titleEN, dossier: dossier, presentedOn: presentedOn,
            coordinator: coordinator)
    }

    private func goal(_ node: JSONNode, _ path: String) -> StrategicGoal? {
        let id = identifier(node, "id", path).map { GoalID(unchecked: $0) }
        let number = integer(node, "number", path)
        let titleNL = text(node, node["title_nl"] == nil ? "short_title_nl" : "title_nl", path)
        let titleEN = text(node, "title_en", path)
        guard let id, let number, let titleNL, let titleEN else { return nil }
        if !goals.insert(id).inserted { note(path + "/id", "another goal has this id") }
        return StrategicGoal(id: id, number: number, titleNL: titleNL, titleEN: titleEN)
    }

    private func line(_ node: JSONNode, _ path: String) -> ActionLine? {
        let id = identifier(node, "id", path).map { ActionLineID(unchecked: $0) }
        let number = integer(node, "number", path)
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
        guard let id, let nameNL, let nameEN, let kind, let provenance else { return nil }
        let organisation = Organisation(
            id: id, nameNL: nameNL, nameEN: nameEN, abbreviation: present(node, "abbreviation")?.string ?? "",
            kind: kind, tooi: tooi,
            oin: oin, existsFrom: from, existsUntil: until, successor: successor, provenance: provenance)
        if organisations.updateValue(organisation, forKey: id) != nil {
            note(path + "/id", "another organisation has this id")
        }
        return organisation
    }

    private func action(_ node: JSONNode, _ path: String) -> PlannedAction? {
        let id = identifier(node, "id", path).map { ActionID(unchecked: $0) }
        let code = text(node, "code", path)
        let titleNL = text(node, "title_nl", path)
        let titleEN = text(node, "title_en", path)
        let line = identifier(node, "line_id", path).map { ActionLineID(unchecked: $0) }
        if let line, !lines.contains(line) { note(path + "/line_id", "no action line of the plan") }
        let policyType = self.code(node, "policy_type", path, PolicyType.init(rawValue:))
        let provenance = provenance(node, path)
        let start = date(node, "planned_start", path)
        let end = date(node, "planned_end", path)
        if let start, let end, end < start { note(path + "/planned_end", "before the planned start") }
        let roles = roles(node, path)
        let milestones =
            present(node, "milestones") == nil
            ? [] : list(node, "milestones", path) { node, path in self.milestone(node, path) }
        let tied = goalReferences(node, path)
        let isCritical = flag(node, "critical", path)
        guard let id, let code, let titleNL, let titleEN, let line, let policyType, let provenance else { return nil }
        return PlannedAction(
            id: id, code: code, titleNL: titleNL, titleEN: titleEN, line: line, goals: tied, policyType: policyType,
            provenance: provenance, displayNoteNL: present(node, "display_note_nl")?.string ?? "", plannedStart: start,
            plannedEnd: end,
            isCritical: isCritical, roles: roles, milestones: milestones)
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

    // MARK: Roles

    private func roles(_ node: JSONNode, _ path: String) -> [ActionRole] {
        var dated: [ActionRole] = []
        if present(node, "roles") != nil {
            dated = list(node, "roles", path) { node, path in self.role(node, path) }
        }
        let datedHolders = dated.filter { $0.role == .actionHolder }
        var plain: [ActionRole] = []
        if present(node, "action_holder_id") != nil || datedHolders.isEmpty {
            let holder = organisationReference(node["action_holder_id"], path + "/action_holder_id")
            if let holder, datedHolders.isEmpty {
                plain.append(ActionRole(organisation: holder, role: .actionHolder))
            } else if let holder, !datedHolders.contains(where: { $0.organisation == holder }) {
                note(path + "/action_holder_id", "“roles” names other holders")
            }
        }
        if let involved = present(node, "involved_org_ids") {
            if involved.kind != .array { note(path + "/involved_org_ids", "an array is needed here") }
            for (index, element) in involved.elements.enumerated() {
                guard let id = organisationReference(element, "\(path)/involved_org_ids/\(index)") else { continue }
                plain.append(ActionRole(organisation: id, role: .involved))
            }
        }
        let roles = withSuccessors(plain) + dated
        checkHolders(roles.filter { $0.role == .actionHolder }, path)
        return roles
    }

    private func role(_ node: JSONNode, _ path: String) -> ActionRole? {
        let member = node["organisation_id"] == nil ? "org_id" : "organisation_id"
        let id = organisationReference(node[name: member], "\(path)/\(member)")
        let role = code(node, "role", path, OrganisationRole.init(rawValue:))
        let from = date(node, "valid_from", path)
        let until = date(node, "valid_until", path)
        checkOrder(from, until, path)
        guard let id, let role else { return nil }
        return ActionRole(organisation: id, role: role, validFrom: from, validUntil: until)
    }

    /// The roles, each ended where its organisation ends, and taken over by the successor from that day.
    ///
    /// A successor that becomes the holder is no longer merely involved.
    private func withSuccessors(_ roles: [ActionRole]) -> [ActionRole] {
        var all: [ActionRole] = []
        for role in roles {
            var role = role
            // Bounded by the number of organisations, so that a ring of successors ends.
            for _ in 0..<max(organisations.count, 1) {
                guard let organisation = organisations[role.organisation], let until = organisation.existsUntil,
                    let successor = organisation.successor, role.validFrom.map({ $0 < until }) ?? true
                else { break }
                role.validUntil = until
                all.append(role)
                role = ActionRole(organisation: successor, role: role.role, validFrom: until)
            }
            all.append(role)
        }
        for (index, role) in all.enumerated() where role.role == .involved {
            for holder in all where holder.role == .actionHolder && holder.organisation == role.organisation {
                guard let from = holder.validFrom, role.validUntil == nil, role.validFrom.map({ $0 < from }) ?? true
                else { continue }
                all[index].validUntil = from
            }
        }
        return all.enumerated().filter { index, role in
            // The same organisation twice from one day, once through a predecessor, is one role.
            !all[..<index].contains(role)
                && !(role.role == .involved
                    && all.contains {
                        $0.role == .actionHolder && $0.organisation == role.organisation
                            && $0.validFrom == role.validFrom
                    })
        }.map(\.element)
    }

    /// Exactly one holder on every day of the plan: the first from its beginning, the last without end, no gap, no overlap.
    private func checkHolders(_ holders: [ActionRole], _ path: String) {
        let sorted = holders.sorted { ($0.validFrom ?? .distantPast) < ($1.validFrom ?? .distantPast) }
        guard let first = sorted.first, let last = sorted.last else {
            return note(path, "an action has an action holder")
        }
        if let from = first.validFrom, from > presentedOn ?? .distantPast {
            note(path, "no action holder before \(from)")
        }
        for (earlier, later) in zip(sorted, sorted.dropFirst())
        where earlier.validUntil != later.validFrom || later.validFrom == nil {
            note(path, "two action holders or none about \(later.validFrom ?? earlier.validUntil ?? .distantPast)")
        }
        if let until = last.validUntil { note(path, "no action holder from \(until)") }
    }

    // MARK: Values

    private func note(_ path: String, _ message: String) {
        problems.append(.init(path: path, message: message))
    }

    /// The member where it is there and not null.
    private func present(_ node: JSONNode?, _ name: String) -> JSONNode? {
        guard let member = node?[name: name], !member.isNull else { return nil }
        return member
    }

    private func list<Value>(_ node: JSONNode, _ name: String, _ path: String, _ read: (JSONNode, String) -> Value?)
        -> [Value]
    {
        guard let member = present(node, name), member.kind == .array else {
            note("\(path)/\(name)", "an array is needed here")
            return []
        }
        return member.elements.enumerated().compactMap { index, element in
            guard element.kind == .object else {
                note("\(path)/\(name)/\(index)", "an object is needed here")
                return nil
            }
            return read(element, "\(path)/\(name)/\(index)")
        }
    }

    private func text(_ node: JSONNode?, _ name: String, _ path: String) -> String? {
        guard let text = present(node, name)?.string, !text.isEmpty else {
            note("\(path)/\(name)", "a text is needed here")
            return nil
        }
        return text
    }

    private func identifier(_ node: JSONNode, _ name: String, _ path: String) -> String? {
        guard let text = text(node, name, path) else { return nil }
        guard isIdentifier(utf8: text.utf8) else {
            note("\(path)/\(name)", "1 to 64 of a-z A-Z 0-9 . _ : / -")
            return nil
        }
        return text
    }

    private func integer(_ node: JSONNode, _ name: String, _ path: String) -> Int? {
        guard let number = node[name: name]?.int64 else {
            note("\(path)/\(name)", "a whole number is needed here")
            return nil
        }
        return Int(number)
    }

    private func flag(_ node: JSONNode, _ name: String, _ path: String) -> Bool {
        guard let member = present(node, name) else { return false }
        if member.bool == nil { note("\(path)/\(name)", "true or false is needed here") }
        return member.bool ?? false
    }

    private func date(_ node: JSONNode, _ name: String, _ path: String, isRequired: Bool = false) -> CalendarDate? {
        guard let member = present(node, name) else {
            if isRequired { note("\(path)/\(name)", "a date is needed here") }
            return nil
        }
        guard let date = member.utf8.flatMap({ CalendarDate(iso: $0) }), CalendarDate.accepted.contains(date) else {
            note("\(path)/\(name)", "an existing date is needed here, as yyyy-mm-dd")
            return nil
        }
        return date
    }

    private func code<Code>(_ node: JSONNode, _ name: String, _ path: String, _ make: (String) -> Code?) -> Code? {
        guard let code = present(node, name)?.string.flatMap(make) else {
            note("\(path)/\(name)", "a code of its list is needed here")
            return nil
        }
        return code
    }

    private func provenance(_ node: JSONNode, _ path: String) -> Provenance? {
        code(node, "provenance", path, Provenance.init(rawValue:))
    }

    private func organisationReference(_ node: JSONNode?, _ path: String) -> OrganisationID? {
        guard let id = node?.string.flatMap({ OrganisationID($0) }), organisations[id] != nil else {
            note(path, "no organisation of the plan")
            return nil
        }
        return id
    }

    private func goalReferences(_ node: JSONNode, _ path: String) -> [GoalID] {
        guard let member = present(node, "goal_ids"), member.kind == .array else {
            note(path + "/goal_ids", "an array is needed here")
            return []
        }
        return member.elements.enumerated().compactMap { index, element in
            guard let id = element.string.flatMap({ GoalID($0) }), goals.contains(id) else {
                note("\(path)/goal_ids/\(index)", "no goal of the plan")
                return nil
            }
            return id
        }
    }

    private func checkOrder(_ from: CalendarDate?, _ until: CalendarDate?, _ path: String) {
        if let from, let until, until <= from { note(path + "/valid_until", "not behind valid_from") }
    }
}
