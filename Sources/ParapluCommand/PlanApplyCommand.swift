internal import JSON
internal import ParapluConfiguration
internal import ParapluModel
internal import ParapluRules
internal import ParapluStore

extension Command {
    private static let dryRun = Option("dry-run", nil, "show the differences and change nothing")

    /// The command `paraplu plan apply`.
    static let planApply = Command(
        "plan apply", operands: "FILE", 1...1, summary: "make a plan document the plan in force",
        details: """
            Shows what differs from the plan in force, applies it in one commit, and folds what it changes. The document,
            who applied it and why are kept in the journal. An action can't be taken out: give it policy_type historical.
            A milestone and its baseline_due can't be either: move current_due, or have the holder report it VERVALLEN.
            FILE is JSON; - reads standard input. The same plan again changes nothing.
            """,
        example: "paraplu plan apply plan-2026.json --reason \"council decision of 3 March\"",
        options: [.reason, .actor, dryRun]
    ) { call in
        let isDryRun = call.has(dryRun)
        let reason = isDryRun ? "" : try call.required(.reason)
        let file = call.operands[0]
        let document = try FileBytes.read(file, bytesMax: PlanDocument.bytesMax)
        var plan = try PlanDocument.parse(document, file: file)
        plan.rules.countMin = try call.services.configuration().countMin
        let events = try call.services.events()
        return try call.services.withDatabase { session in
            let reading = try CommitClock.read(session)
            let previous = try PlanStore.index(at: reading.planCommit, session).plan
            let lines = PlanDiff.lines(from: previous, to: plan)
            if !call.isJSON { for line in lines { call.terminal.print(line + "\n") } }
            if isDryRun { try PlanStore.check(plan, after: previous) }
            let applied =
                isDryRun
                ? nil
                : try PlanStore.apply(
                    plan, document: document, actor: call.actor, reason: reason, events: events, session)
            if call.isJSON {
                report(plan, lines, applied, call)
            } else if let applied {
                call.terminal.say(
                    "plan \(plan.name) \(plan.version) is in force from commit \(applied.commit);"
                        + " \(applied.statusChanges) statuses changed")
            } else {
                call.terminal.say(
                    isDryRun
                        ? "dry run: nothing was changed (\(lines.count) differences)"
                        : "nothing to do: this is the plan in force")
            }
            return .done
        }
    }

    private static func report(_ plan: Plan, _ lines: [String], _ applied: PlanStore.Applied?, _ call: Invocation) {
        var json = JSONWriter()
        json.beginObject()
        json.member("name")
        json.string(plan.name)
        json.member("version")
        json.string(plan.version)
        json.member("differences")
        json.beginArray()
        for line in lines { json.string(line) }
        json.endArray()
        json.member("applied")
        if let applied {
            json.beginObject()
            json.member("commit")
            json.integer(applied.commit)
            json.member("status_changes")
            json.integer(applied.statusChanges)
            json.endObject()
        } else {
            json.null()
        }
        json.endObject()
        call.terminal.print(json: json.bytes)
    }
}
