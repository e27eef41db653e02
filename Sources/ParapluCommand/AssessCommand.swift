internal import JSON
internal import ParapluModel
internal import ParapluRules
internal import ParapluStore

extension Command {
    private static let milestone = Option(
        "milestone", "ID", "the milestone that is judged (default: the action itself)")
    private static let accept = Option("accept", nil, "it is done")
    private static let refuse = Option("refuse", nil, "it is not done")

    /// The command `paraplu assess`.
    static let assess = Command(
        "assess", operands: "ACTION", 1...1, summary: "accept or refuse what a holder reported as done",
        details: """
            Done takes two steps: the holder reports it, the programme office accepts. An action can't be accepted while
            one of its milestones is open and not dropped. Who decided and why is kept in the journal. ACTION is an
            action's id or code.
            """,
        example: "paraplu assess act-1-01 --milestone ms-1-01-1 --accept --reason \"seen in operation on 3 March\"",
        options: [.reason, .actor, milestone, accept, refuse, .asOf, .dryRun]
    ) { call in
        guard call.has(accept) != call.has(refuse) else { throw UsageError("one of --accept and --refuse is required") }
        let assessment = Assessment(
            milestone: try call.identifier(milestone), verdict: call.has(accept) ? .accepted : .refused)
        return try call.decide(.assessment(assessment))
    }
}

extension Option {
    static let asOf = Option("as-of", "DATE", "the day from which it holds (default: today)")
    static let dryRun = Option("dry-run", nil, "say what would be decided, and change nothing")
}

extension Invocation {
    /// The identifier that an option gives, or nil.
    func identifier<ID: Identifier>(_ option: Option) throws -> ID? {
        guard let text = self[option] else { return nil }
        guard let id = ID(text) else { throw InputError("“\(text)” is no identifier (--\(option.name))") }
        return id
    }

    /// Takes a decision of the programme office on the action that the first operand names.
    func decide(_ content: CanonicalRecord.Content) throws -> ExitCode {
        let isDryRun = has(.dryRun)
        let reason = isDryRun ? "" : try required(.reason)
        let asOf = try date(.asOf)
        let events = try services.events()
        let outcome = try services.withDatabase { session in
            let plan = try PlanStore.current(session)
            let name = operands[0]
            let known = plan.actions.values.first { $0.id.rawValue == name || $0.code == name }
            guard let action = known?.id else { throw StoreError.unknown(kind: "action", name: name) }
            return try OfficeDecision.decide(
                content, on: action, asOf: asOf, actor: actor, reason: reason, isDryRun: isDryRun, events: events,
                session)
        }
        if isJSON {
            terminal.print(
                json: JSONWriter.object { json in
                    json.number("commit", isDryRun ? nil : outcome.commit)
                    json.number("status_changes", outcome.statusChanges)
                    json.flag("dry_run", isDryRun)
                    json.member("record")
                    json.raw(CanonicalRecordCodec.bytes(of: outcome.record))
                })
        }
        terminal.say(
            isDryRun
                ? "dry run: nothing was changed (\(outcome.statusChanges) statuses would)"
                : "decided at commit \(outcome.commit), as of \(outcome.record.asOf); \(outcome.statusChanges) statuses changed"
        )
        return .done
    }
}

extension OfficeDecision.Refusal: CustomStringConvertible {
    /// Why it can't be decided, and what can be done.
    package var description: String {
        switch self {
        case .future(let today): "a decision can't be of a day that hasn't come; today is \(today)"
        case .nothingNew: "it is decided so already; paraplu explain shows it"
        case .noEffect(.openMilestone, let open):
            "open_milestone: the action can't be accepted while \(open.map(\.rawValue).joined(separator: ", ")) is open;"
                + " its holder reports a milestone as reached or dropped"
        case .noEffect(.notReported, _):
            "not_reported: as of that day the holder hasn't reported it as done, so there is nothing to judge"
        case .noEffect(.unknownMilestone, _):
            "unknown_milestone: the action has no such milestone; see paraplu plan show"
        case .noEffect(.noConflict, _):
            "no_conflict: as of that day no such conflict is open; see paraplu conflict list --all"
        case .noEffect(let disposition, _): "\(disposition.rawValue): it would have no effect"
        }
    }
}
