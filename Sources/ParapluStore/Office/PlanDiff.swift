package import ParapluModel

/// What differs between two versions of a plan, in lines for a person.
///
///     ~ action ACT-103 planned_end: 2027-01-01 → 2027-06-30
///     + action ACT-777 “Voorlichting in de horeca”
package enum PlanDiff {
    /// The differences, in order of the plan's parts; none where the versions are equal.
    ///
    /// - Parameter old: The plan in force, or nil before the first.
    package static func lines(from old: Plan?, to new: Plan) -> [String] {
        var diff = Lines()
        diff.member("plan", "", "name", old?.name, new.name)
        diff.member("plan", "", "version", old?.version, new.version)
        diff.members("programme", "", old.map { fields(of: $0.programme) } ?? [], fields(of: new.programme))
        diff.list("goal", old?.goals ?? [], new.goals, \.id.rawValue, fields)
        diff.list("line", old?.lines ?? [], new.lines, \.id.rawValue, fields)
        diff.list("organisation", old?.organisations ?? [], new.organisations, \.id.rawValue, fields)
        diff.list("action", old?.actions ?? [], new.actions, \.id.rawValue, fields)
        diff.list(
            "milestone", old?.actions.flatMap(\.milestones) ?? [], new.actions.flatMap(\.milestones), \.id.rawValue,
            fields)
        diff.list("indicator", old?.indicators ?? [], new.indicators, \.id.rawValue, fields)
        diff.list("exploitation form", old?.exploitationForms ?? [], new.exploitationForms, \.id.rawValue, fields)
        diff.list(
            "breakdown code", old?.breakdownCodes ?? [], new.breakdownCodes,
            { "\($0.breakdown.dimension.rawValue) \($0.breakdown.category)" }, fields)
        diff.list("document", old?.documents ?? [], new.documents, \.number.rawValue, fields)
        diff.list("commitment", old?.commitments ?? [], new.commitments, \.id.rawValue, fields)
        diff.list("budget", old?.budgets ?? [], new.budgets, \.id.rawValue, fields)
        diff.list("round", old?.rounds ?? [], new.rounds, \.id.rawValue, fields)
        diff.members("rules", "", fields(of: old?.rules ?? .standard), fields(of: new.rules))
        if diff.lines.isEmpty, let old, old != new { diff.lines.append("~ plan: the order of its parts") }
        return diff.lines
    }

    /// A member's name and its value as text; the first one is what a new thing is shown by.
    typealias Fields = [(name: String, value: String)]

    private static func fields(of programme: Programme) -> Fields {
        [
            ("title_nl", programme.titleNL), ("title_en", programme.titleEN), ("id", programme.id),
            ("dossier", programme.dossier), ("presented_on", programme.presentedOn.description),
            ("coordinator", programme.coordinator.rawValue), ("cadence_months", String(programme.cadenceMonths)),
        ]
    }

    /// Of a first plan only what differs from the standard is shown.
    private static func fields(of rules: RuleSettings) -> Fields {
        RuleSetting.allCases.map { ($0.rawValue, String(rules[keyPath: $0.path])) }
            + [("count_min", String(rules.countMin))]
    }

    private static func fields(of goal: StrategicGoal) -> Fields {
        [("title_nl", goal.titleNL), ("title_en", goal.titleEN), ("number", String(goal.number))]
    }

    private static func fields(of line: ActionLine) -> Fields {
        [
            ("title_nl", line.titleNL), ("title_en", line.titleEN), ("number", String(line.number)),
            ("goals", line.goals.map(\.rawValue).joined(separator: ", ")),
        ]
    }

    private static func fields(of organisation: Organisation) -> Fields {
        [
            ("name_nl", organisation.nameNL), ("name_en", organisation.nameEN),
            ("abbreviation", organisation.abbreviation),
            ("former_names", organisation.formerNames.map(text).joined(separator: ", ")), ("kind", organisation.kind),
            ("tooi", organisation.tooi?.rawValue ?? "–"), ("oin", organisation.oin?.rawValue ?? "–"),
            ("exists_from", text(organisation.existsFrom)), ("exists_until", text(organisation.existsUntil)),
            ("successor", organisation.successor?.rawValue ?? "–"), ("parent", organisation.parent?.rawValue ?? "–"),
            ("provenance", organisation.provenance.rawValue),
        ]
    }

    private static func fields(of action: PlannedAction) -> Fields {
        [
            ("title_nl", action.titleNL), ("title_en", action.titleEN), ("code", action.code),
            ("official_number", action.officialNumber ?? "–"), ("line", action.line.rawValue),
            ("goals", action.goals.map(\.rawValue).joined(separator: ", ")),
            ("exploitation_forms", action.exploitationForms.map(\.rawValue).joined(separator: ", ")),
            ("policy_type", action.policyType.rawValue), ("provenance", action.provenance.rawValue),
            ("display_note_nl", action.displayNoteNL), ("planned_start", text(action.plannedStart)),
            ("planned_end", text(action.plannedEnd)), ("is_critical", String(action.isCritical)),
            ("roles", action.roles.map(text).joined(separator: ", ")),
            ("milestones", action.milestones.map(\.id.rawValue).joined(separator: ", ")),
        ]
    }

    private static func fields(of milestone: PlannedMilestone) -> Fields {
        [
            ("title_nl", milestone.titleNL), ("kind", milestone.kind),
            ("baseline_due", milestone.baselineDue.description), ("current_due", milestone.currentDue.description),
            ("is_critical", String(milestone.isCritical)), ("provenance", milestone.provenance.rawValue),
        ]
    }

    static func text(_ date: CalendarDate?) -> String { date?.description ?? "–" }

    private static func text(_ name: FormerName) -> String {
        var text = "“\(name.nameNL)” (“\(name.nameEN)”"
        if !name.abbreviation.isEmpty { text += ", \(name.abbreviation)" }
        return text + ") [\(PlanDiff.text(name.validFrom)), \(name.validUntil))"
    }

    private static func text(_ role: ActionRole) -> String {
        var text = "\(role.role.rawValue) \(role.organisation.rawValue)"
        if role.validFrom != nil || role.validUntil != nil {
            text += " [\(PlanDiff.text(role.validFrom)), \(PlanDiff.text(role.validUntil)))"
        }
        return text
    }

    /// The lines found so far.
    private struct Lines {
        var lines: [String] = []

        mutating func member(_ kind: String, _ id: String, _ name: String, _ old: String?, _ new: String) {
            guard old != new else { return }
            let subject = id.isEmpty ? kind : "\(kind) \(id)"
            lines.append(old.map { "~ \(subject) \(name): \($0) → \(new)" } ?? "+ \(subject) \(name): \(new)")
        }

        mutating func members(_ kind: String, _ id: String, _ old: Fields, _ new: Fields) {
            for (index, field) in new.enumerated() {
                member(kind, id, field.name, index < old.count ? old[index].value : nil, field.value)
            }
        }

        mutating func list<Element>(
            _ kind: String, _ old: [Element], _ new: [Element], _ id: (Element) -> String,
            _ fields: (Element) -> Fields
        ) {
            let before = Dictionary(old.map { (id($0), $0) }, uniquingKeysWith: { first, _ in first })
            let after = Set(new.map(id))
            for element in old where !after.contains(id(element)) {
                lines.append("- \(kind) \(id(element)) “\(fields(element).first?.value ?? "")”")
            }
            for element in new {
                if let earlier = before[id(element)] {
                    members(kind, id(element), fields(earlier), fields(element))
                } else {
                    lines.append("+ \(kind) \(id(element)) “\(fields(element).first?.value ?? "")”")
                }
            }
        }
    }
}
