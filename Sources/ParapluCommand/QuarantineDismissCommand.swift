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
        call.show(
            outcomes.map { QuarantineOutcome($0, dismissedUnless: $1) }, isDryRun: isDryRun, limit: limit)
        return .done
    }
}
