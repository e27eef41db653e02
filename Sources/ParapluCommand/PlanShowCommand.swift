internal import JSON
internal import ParapluModel
internal import ParapluStore

extension Command {
    /// The command `paraplu plan show`.
    static let planShow = Command(
        "plan show", operands: "[ACTION]", 0...1, summary: "show the plan in force, or one action of it",
        details: "ACTION is an action's id or code.", example: "paraplu plan show act-1-01"
    ) { call in
        let index = try call.services.withDatabase { try PlanStore.current($0) }
        guard let plan = index.plan else { throw StoreError.noPlan }
        if call.isJSON, call.operands.isEmpty {
            call.terminal.print(json: PlanCodec.bytes(of: plan))
            return .done
        }
        guard let name = call.operands.first else {
            show(plan, at: index.commit, call)
            return .done
        }
        let bare = name.hasPrefix("action/") ? String(name.dropFirst("action/".count)) : name
        guard let action = plan.actions.first(where: { $0.id.rawValue == bare || $0.code == bare }) else {
            throw InputError("the plan has no action “\(name)”")
        }
        let commitments = plan.commitments.filter { $0.action == action.id }
        let budgets = plan.budgets.filter { $0.action == action.id }
        if call.isJSON {
            call.terminal.print(json: json(action, commitments, budgets))
        } else {
            show(action, commitments, budgets, call)
        }
        return .done
    }

    private static func show(_ plan: Plan, at commit: Int64, _ call: Invocation) {
        call.terminal.print("\(plan.name), version \(plan.version), in force from commit \(commit)\n")
        let months = plan.programme.cadenceMonths
        call.terminal.print("a round every \(months == 1 ? "month" : "\(months) months")\n\n")
        var table = Table(columns: [
            .init("ACTION"), .init("CODE"), .init("TITLE", isFlexible: true), .init("HOLDER"), .init("TYPE"),
            .init("START"), .init("END"), .init("MILESTONES", isRight: true), .init("PROVENANCE"),
        ])
        for line in plan.lines {
            table.add(heading: "\(line.id.rawValue) \(line.titleNL)")
            for action in plan.actions where action.line == line.id {
                table.add([
                    action.id.rawValue, action.code, action.titleNL,
                    action.roles.filter { $0.role == .actionHolder }.map(\.organisation.rawValue).joined(
                        separator: " "),
                    action.policyType.rawValue, action.plannedStart?.description ?? "–",
                    action.plannedEnd?.description ?? "–", String(action.milestones.count), action.provenance.rawValue,
                ])
            }
        }
        call.terminal.print(table)
        let notes = plan.actions.reduce(into: [String]()) { notes, action in
            if !action.displayNoteNL.isEmpty, !notes.contains(action.displayNoteNL) {
                notes.append(action.displayNoteNL)
            }
        }
        call.terminal.print("\n")
        for note in notes {
            let codes = plan.actions.filter { $0.displayNoteNL == note }.map(\.code)
            call.terminal.print("\(codes.joined(separator: ", ")): \(note)\n")
        }
        showFormerNames(plan.organisations, call)
        show(plan.budgets, call)
        show(plan.rules, call)
    }

    private static func showFormerNames(_ organisations: [Organisation], _ call: Invocation) {
        var table = Table(columns: [
            .init("ORGANISATION"), .init("FORMER NAME", isFlexible: true), .init("ABBREVIATION"), .init("FROM"),
            .init("UNTIL"),
        ])
        for organisation in organisations {
            for name in organisation.formerNames {
                table.add([
                    organisation.id.rawValue, name.nameNL, name.abbreviation.isEmpty ? "–" : name.abbreviation,
                    name.validFrom?.description ?? "–", name.validUntil.description,
                ])
            }
        }
        guard !table.isEmpty else { return }
        call.terminal.print("\n")
        call.terminal.print(table)
    }

    private static func show(_ budgets: [Budget], _ call: Invocation) {
        guard !budgets.isEmpty else { return }
        var table = Table(columns: [
            .init("BUDGET"), .init("FOR"), .init("YEAR"), .init("KIND"), .init("EUR", isRight: true), .init("STATUS"),
            .init("DOCUMENT"), .init("PROVENANCE"),
        ])
        for budget in budgets {
            table.add([
                budget.id.rawValue, budget.link.description, String(budget.year), budget.kind.rawValue,
                String(budget.amountEUR), budget.status.rawValue, budget.document?.rawValue ?? "–",
                budget.provenance.rawValue,
            ])
        }
        call.terminal.print("\n")
        call.terminal.print(table)
    }

    private static func show(_ rules: RuleSettings, _ call: Invocation) {
        var table = Table(columns: [.init("RULE"), .init("VALUE", isRight: true), .init("STANDARD", isRight: true)])
        for setting in RuleSetting.allCases {
            let (value, standard) = (rules[keyPath: setting.path], RuleSettings.standard[keyPath: setting.path])
            table.add([setting.rawValue, String(value), String(standard)])
        }
        table.add(["count_min", String(rules.countMin), String(RuleSettings.standard.countMin)])
        call.terminal.print("\n")
        call.terminal.print(table)
    }

    private static func show(
        _ action: PlannedAction, _ commitments: [Commitment], _ budgets: [Budget], _ call: Invocation
    ) {
        var table = Table(columns: [.init(""), .init("")], hasHeader: false)
        let number = action.officialNumber.map { ", official number \($0)" } ?? ""
        table.add(["action", "\(action.id) (\(action.code)\(number))"])
        table.add(["title", action.titleNL])
        table.add(["title, English", action.titleEN])
        if !action.displayNoteNL.isEmpty { table.add(["note", action.displayNoteNL]) }
        table.add(["line", action.line.rawValue])
        table.add(["goals", action.goals.map(\.rawValue).joined(separator: ", ")])
        if !action.exploitationForms.isEmpty {
            table.add(["forms", action.exploitationForms.map(\.rawValue).joined(separator: ", ")])
        }
        table.add(["policy type", action.policyType.rawValue])
        table.add(["provenance", action.provenance.rawValue])
        table.add(["planned", "\(action.plannedStart?.description ?? "–") to \(action.plannedEnd?.description ?? "–")"])
        if action.isCritical { table.add(["critical", "yes"]) }
        for role in action.roles {
            var text = "\(role.organisation) (\(role.role.rawValue))"
            if let from = role.validFrom { text += " from \(from)" }
            if let until = role.validUntil { text += " until \(until)" }
            table.add(["role", text])
        }
        for milestone in action.milestones {
            var text = "\(milestone.id) \(milestone.titleNL): due \(milestone.currentDue)"
            if milestone.currentDue != milestone.baselineDue { text += " (first \(milestone.baselineDue))" }
            if milestone.isCritical { text += ", critical" }
            table.add(["milestone", text])
        }
        for commitment in commitments {
            let what = "\(commitment.kind.rawValue) of \(commitment.date)"
            table.add(["commitment", "\(commitment.id) \(commitment.titleNL) (\(what))"])
        }
        for budget in budgets {
            let what = "\(budget.kind.rawValue), \(budget.status.rawValue)"
            table.add(["budget", "\(budget.id) of \(budget.year): \(budget.amountEUR) euros (\(what))"])
        }
        call.terminal.print(table)
    }

    private static func json(_ action: PlannedAction, _ commitments: [Commitment], _ budgets: [Budget]) -> [UInt8] {
        JSONWriter.object { json in
            json.text("id", action.id.rawValue)
            json.text("code", action.code)
            json.text("official_number", action.officialNumber)
            json.text("title_nl", action.titleNL)
            json.text("title_en", action.titleEN)
            json.text("display_note_nl", action.displayNoteNL)
            json.text("line", action.line.rawValue)
            json.texts("goals", action.goals.map(\.rawValue))
            json.texts("exploitation_forms", action.exploitationForms.map(\.rawValue))
            json.text("policy_type", action.policyType.rawValue)
            json.text("provenance", action.provenance.rawValue)
            json.text("planned_start", action.plannedStart?.description)
            json.text("planned_end", action.plannedEnd?.description)
            json.flag("is_critical", action.isCritical)
            json.texts("commitments", commitments.map(\.id.rawValue))
            json.texts("budgets", budgets.map(\.id.rawValue))
            json.list("roles", action.roles) { role, json in
                json.object { json in
                    json.text("organisation", role.organisation.rawValue)
                    json.text("role", role.role.rawValue)
                    json.text("valid_from", role.validFrom?.description)
                    json.text("valid_until", role.validUntil?.description)
                }
            }
            json.list("milestones", action.milestones) { milestone, json in
                json.object { json in
                    json.text("id", milestone.id.rawValue)
                    json.text("title_nl", milestone.titleNL)
                    json.text("kind", milestone.kind)
                    json.text("baseline_due", milestone.baselineDue.description)
                    json.text("current_due", milestone.currentDue.description)
                    json.flag("is_critical", milestone.isCritical)
                    json.text("provenance", milestone.provenance.rawValue)
                }
            }
        }
    }
}
