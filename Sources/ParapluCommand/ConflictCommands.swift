internal import JSON
internal import ParapluModel
internal import ParapluStore

extension Command {
    private static let action = Option("action", "ID", "only this action's")
    private static let all = Option("all", nil, "those that ended too")
    private static let limit = Option("limit", "N", "at most so many (default: 1000)")
    private static let milestone = Option(
        "milestone", "ID", "the milestone that it is about (default: the rating of delivery)")
    private static let inFavourOf = Option("for", "holder|party", "who is right (required)")

    /// The command `paraplu conflict list`.
    static let conflictList = Command(
        "conflict list", summary: "show where involved organisations contradict the holder",
        details: """
            A conflict opens when an involved organisation rates delivery worse than the holder, or denies a milestone. It
            closes by a newer report of the holder that agrees, by a withdrawal, or by a ruling; never by time alone.
            """,
        example: "paraplu conflict list --all --action act-1-01",
        options: [action, all, limit]
    ) { call in
        let count = try call.number(limit, in: 1...100_000) ?? 1000
        let id: ActionID? = try call.identifier(action)
        let conflicts = try call.services.withDatabase { session in
            try ConflictReader.list(of: id, closed: call.has(all), limit: Int64(count), session)
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.list("conflicts", conflicts) { conflict, json in json.object { conflict.write(in: &$0) } }
                })
            return .done
        }
        var table = Table(columns: [
            .init("ACTION"), .init("CODE"), .init("PARTY"), .init("MILESTONE"), .init("OPENED ON"), .init("CLOSED ON"),
            .init("CLOSING"),
        ])
        for conflict in conflicts {
            table.add([
                conflict.action.rawValue, conflict.code, conflict.party.rawValue, conflict.milestone?.rawValue ?? "–",
                conflict.openedOn.description, conflict.closedOn?.description ?? "–", conflict.closing ?? "–",
            ])
        }
        call.terminal.print(table)
        if conflicts.count == count { call.terminal.say("there may be more: --limit") }
        return .done
    }

    /// The command `paraplu conflict rule`.
    static let conflictRule = Command(
        "conflict rule", operands: "ACTION PARTY", 2...2, summary: "rule on an open conflict",
        details: """
            The ruling closes the conflict; it changes neither report. Who ruled and why is kept in the journal. ACTION is an
            action's id or code, PARTY the involved organisation's id.
            """,
        example: "paraplu conflict rule act-1-01 org-comensha --for holder --reason \"the figures were of last year\"",
        options: [.reason, .actor, milestone, inFavourOf, .asOf, .dryRun]
    ) { call in
        guard let party = OrganisationID(call.operands[1]) else {
            throw InputError("“\(call.operands[1])” is no organisation's id")
        }
        let verdict: ConflictVerdict
        switch try call.required(inFavourOf) {
        case "holder": verdict = .holder
        case "party": verdict = .party
        case let other: throw UsageError("--for takes holder or party, not “\(other)”")
        }
        return try call.decide(
            .ruling(ConflictRuling(party: party, milestone: try call.identifier(milestone), verdict: verdict)))
    }
}

extension ConflictReader.Row {
    /// The members of a conflict as JSON.
    func write(in json: inout JSONWriter) {
        json.text("action_id", action.rawValue)
        json.text("code", code)
        json.text("party", party.rawValue)
        json.text("milestone", milestone?.rawValue)
        json.text("opened_on", openedOn.description)
        json.text("closed_on", closedOn?.description)
        json.text("closing", closing)
    }
}
