internal import JSON

/// Who holds an action and who is involved, on which days.
extension PlanReader {
    func roles(_ node: JSONNode, _ path: String) -> [ActionRole] {
        let dated = optionalList(node, "roles", path, countMax: PlannedAction.listCountMax) { node, path in
            self.role(node, path)
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
        let role: OrganisationRole? = code(node, "role", path)
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
}
