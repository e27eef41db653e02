internal import JSON
internal import ParapluModel
internal import ParapluStore

extension Command {
    private static let dryRun = Option("dry-run", nil, "say which messages would be dismissed, and change nothing")

    /// The command `paraplu quarantine dismiss`.
    static let quarantineDismiss = Command(
        "quarantine dismiss", operands: "[TOPIC:PARTITION:OFFSET…]", 0...1000,
        summary: "decide that refused messages are not brought in",
        details: """
            They leave quarantine list, and can't be replayed any more; a corrected one that is sent again gets in as
            ever. Who decided and why is kept in the journal.
            """,
        example: "paraplu quarantine dismiss stm.in.jenv.voortgang.v1:0:1042 --reason \"a test message\"",
        options: [.reason, .actor, dryRun] + Option.quarantineSelection
    ) { call in
        let isDryRun = call.has(dryRun)
        let reason = isDryRun ? "" : try call.required(.reason)
        let limit = try call.quarantineLimit()
        let choice = try call.quarantineChoice()
        let outcomes = try call.services.withDatabase { session in
            defer { call.terminal.endProgress() }
            let selection = try choice.selection(session)
            return try call.pages(of: selection, limit: limit, isWhole: isDryRun, session) { messages in
                guard isDryRun else {
                    return try QuarantineDismissal.dismiss(messages, actor: call.actor, reason: reason, session)
                }
                return messages.map { $0.state == .open ? nil : $0.state }
            }
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.flag("dry_run", isDryRun)
                    json.list("messages", outcomes) { outcome, json in
                        json.object { json in
                            json.text("topic", outcome.0.place.topic)
                            json.number("partition", outcome.0.place.partition)
                            json.number("offset", outcome.0.place.offset)
                            json.number("generation", outcome.0.generation)
                            json.text("feed", outcome.0.feed.rawValue)
                            json.text("refused_as", outcome.0.code)
                            json.text("result", result(of: outcome.1))
                        }
                    }
                })
        } else if !outcomes.isEmpty {
            var table = Table(columns: [
                .init("MESSAGE"), .init("FEED"), .init("REFUSED AS"), .init(isDryRun ? "WOULD BE" : "RESULT"),
            ])
            for (message, before) in outcomes {
                table.add([
                    message.place.description, message.feed.rawValue, message.code, result(of: before),
                ])
            }
            call.terminal.print(table)
        }
        let dismissed = outcomes.count { $0.1 == nil }
        call.terminal.say(
            outcomes.isEmpty
                ? "no refused message fits"
                : isDryRun ? "dry run, nothing was changed: \(dismissed) would be dismissed" : "\(dismissed) dismissed")
        if outcomes.count == limit { call.terminal.say("there may be more: --limit") }
        return .done
    }

    private static func result(of before: QuarantinedMessage.State?) -> String {
        before.map { "already_\($0.rawValue)" } ?? "dismissed"
    }
}
