package import ParapluModel

/// What differs between two versions of the plan, for a person to read before applying the later one.
package struct PlanDiff: Hashable, Sendable {
    /// One thing of the plan that was added, changed or removed.
    package enum Entry: Hashable, Sendable {
        /// Such as `action act-1`, with its title.
        case added(subject: String, title: String)
        case removed(subject: String, title: String)
        /// The fields that differ, each with both values as text.
        case changed(subject: String, fields: [Field])
    }

    /// A field that differs; a value that is absent is empty.
    package struct Field: Hashable, Sendable {
        package let name: String
        package let old: String
        package let new: String
    }

    /// In the order programme, goals, lines, organisations, actions, milestones; within each by identifier.
    package let entries: [Entry]

    package var isEmpty: Bool { entries.isEmpty }

    /// What changes where `new` takes the place of `old`; nil where there was no plan.
    package init(from old: Plan?, to new: Plan) {
        var entries: [Entry] = []
        PlanDiff.compare(old.map(PlanDiff.head) ?? [], PlanDiff.head(new), &entries)
        for list in [PlanDiff.goals, PlanDiff.lines, PlanDiff.organisations, PlanDiff.actions, PlanDiff.milestones] {
            PlanDiff.compare(old.map(list) ?? [], list(new), &entries)
        }
        self.entries = entries
    }

    /// A line per addition and removal, and one per changed field: `~ action act-1: rating a → b`.
    package var lines: [String] {
        entries.flatMap { entry -> [String] in
            switch entry {
            case .added(let subject, let title): ["+ \(subject): \(title)"]
            case .removed(let subject, let title): ["- \(subject): \(title)"]
            case .changed(let subject, let fields):
                fields.map { "~ \(subject): \($0.name) \(PlanDiff.shown($0.old)) → \(PlanDiff.shown($0.new))" }
            }
        }
    }

    /// One thing as names and texts, in the order in which they are shown.
    private struct Item {
        let subject: String
        let title: String
        let fields: [(name: String, value: String)]
    }

    private static func compare(_ old: [Item], _ new: [Item], _ entries: inout [Entry]) {
        let before = Dictionary(old.map { ($0.subject, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Dictionary(new.map { ($0.subject, $0) }, uniquingKeysWith: { first, _ in first })
        for subject in Set(before.keys).union(after.keys).sorted() {
            switch (before[subject], after[subject]) {
            case (nil, let item?): entries.append(.added(subject: subject, title: item.title))
            case (let item?, nil): entries.append(.removed(subject: subject, title: item.title))
            case (let old?, let new?):
                let fields = zip(old.fields, new.fields).filter { $0.value != $1.value }.map {
                    Field(name: $0.name, old: $0.value, new: $1.value)
                }
                if !fields.isEmpty { entries.append(.changed(subject: subject, fields: fields)) }
            case (nil, nil): break
            }
        }
    }

    private static func head(_ plan: Plan) -> [Item] {
        [
            Item(
                subject: "programme", title: plan.programme.titleNL,
                fields: [
                    ("id", plan.programme.id), ("title_nl", plan.programme.titleNL),
                    ("title_en", plan.programme.titleEN), ("dossier", plan.programme.dossier),
                    ("presented_on", plan.programme.presentedOn.description),
                    ("coordinator", plan.programme.coordinator.rawValue),
                ])
        ]
    }

    private static func goals(_ plan: Plan) -> [Item] {
        plan.goals.map { goal in
            Item(
                subject: "goal \(goal.id)", title: goal.titleNL,
                fields: [("number", "\(goal.number)"), ("title_nl", goal.titleNL), ("title_en", goal.titleEN)])
        }
    }

    private static func lines(_ plan: Plan) -> [Item] {
        plan.lines.map { line in
            Item(
                subject: "line \(line.id)", title: line.titleNL,
                fields: [
                    ("number", "\(line.number)"), ("title_nl", line.titleNL), ("title_en", line.titleEN),
                    ("goals", line.goals.map(\.rawValue).joined(separator: ", ")),
                ])
        }
    }

    private static func organisations(_ plan: Plan) -> [Item] {
        plan.organisations.map { organisation in
            Item(
                subject: "organisation \(organisation.id)", title: organisation.nameNL,
                fields: [
                    ("name_nl", organisation.nameNL), ("name_en", organisation.nameEN),
                    ("abbreviation", organisation.abbreviation), ("kind", organisation.kind),
                    ("tooi", organisation.tooi?.rawValue ?? ""), ("oin", organisation.oin?.rawValue ?? ""),
                    ("exists_from", text(organisation.existsFrom)), ("exists_until", text(organisation.existsUntil)),
                    ("successor", organisation.successor?.rawValue ?? ""),
                    ("provenance", organisation.provenance.rawValue),
                ])
        }
    }

    private static func actions(_ plan: Plan) -> [Item] {
        plan.actions.map { action in
            Item(
                subject: "action \(action.id)", title: action.titleNL,
                fields: [
                    ("code", action.code), ("title_nl", action.titleNL), ("title_en", action.titleEN),
                    ("line", action.line.rawValue), ("goals", action.goals.map(\.rawValue).joined(separator: ", ")),
                    ("policy_type", action.policyType.rawValue), ("provenance", action.provenance.rawValue),
                    ("display_note_nl", action.displayNoteNL), ("planned_start", text(action.plannedStart)),
                    ("planned_end", text(action.plannedEnd)), ("is_critical", "\(action.isCritical)"),
                    ("roles", action.roles.map(text).joined(separator: ", ")),
                ])
        }
    }

    private static func milestones(_ plan: Plan) -> [Item] {
        plan.actions.flatMap { action in
            action.milestones.map { milestone in
                Item(
                    subject: "milestone \(action.id) \(milestone.id)", title: milestone.titleNL,
                    fields: [
                        ("title_nl", milestone.titleNL), ("kind", milestone.kind),
                        ("baseline_due", milestone.baselineDue.description),
                        ("current_due", milestone.currentDue.description), ("is_critical", "\(milestone.isCritical)"),
                        ("provenance", milestone.provenance.rawValue),
                    ])
            }
        }
    }

    private static func text(_ date: CalendarDate?) -> String { date?.description ?? "" }

    /// A role with its days, as `org-jenv ACTIEHOUDER 2025-01-01..2026-01-01`.
    private static func text(_ role: ActionRole) -> String {
        let days =
            role.validFrom == nil && role.validUntil == nil ? "" : " \(text(role.validFrom))..\(text(role.validUntil))"
        return "\(role.organisation) \(role.role.rawValue)\(days)"
    }

    private static func shown(_ value: String) -> String { value.isEmpty ? "(none)" : "“\(value)”" }
}
