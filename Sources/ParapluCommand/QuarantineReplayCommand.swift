internal import JSON
internal import ParapluConfiguration
internal import ParapluModel
internal import ParapluPipeline
internal import ParapluStore
internal import Postgres

extension Command {
    private static let dryRun = Option("dry-run", nil, "say what would become of each message, and change nothing")

    /// The command `paraplu quarantine replay`.
    static let quarantineReplay = Command(
        "quarantine replay", operands: "[TOPIC:PARTITION:OFFSET…]", 0...1000,
        summary: "bring refused messages in, with the connectors in force now",
        details: """
            Each message is decoded again from its bytes as received. What is taken now is applied as if it had come now,
            once, and its sender gets a receipt; what was sent again meanwhile is a duplicate or stale. Of what is still
            refused nothing is written. Of messages of which nothing is kept only their sender can send them again. Who
            decided and why is kept in the journal. The service goes on meanwhile.
            """,
        example: "paraplu quarantine replay --feed jenv/voortgang --code unknown_code --reason \"the code was added\"",
        options: [.reason, .actor, dryRun] + Option.quarantineSelection
    ) { call in
        let isDryRun = call.has(dryRun)
        let reason = isDryRun ? "" : try call.required(.reason)
        let limit = try call.quarantineLimit()
        let choice = try call.quarantineChoice()
        var desk = QuarantineDesk(
            prefix: try call.services.configuration().topicPrefix, events: try call.services.events(),
            countMin: try call.services.configuration().countMin)
        let outcomes = try call.services.withDatabase { session in
            defer { call.terminal.endProgress() }
            let selection = try choice.selection(session)
            for message in selection.messages ?? [] where message.state == .dismissed {
                throw InputError(
                    "\(message.place) was dismissed, and a dismissed message stays out; ask its sender to send it again"
                )
            }
            return try call.pages(of: selection, limit: limit, isWhole: isDryRun, session) { messages in
                isDryRun
                    ? try desk.preview(messages, session)
                    : try desk.replay(messages, actor: call.actor, reason: reason, session)
            }
        }
        call.show(outcomes.map { QuarantineOutcome($0, $1) }, isDryRun: isDryRun, limit: limit)
        return .done
    }
}

extension Invocation {
    /// Goes through a selection in pages of one commit each, and returns what was made of each message.
    ///
    /// - Parameter isWhole: Whether all messages are handed over at once.
    func pages<Outcome>(
        of selection: QuarantineSelection, limit: Int, isWhole: Bool, _ session: PostgresSession,
        _ body: ([QuarantinedMessage]) throws -> [Outcome]
    ) throws -> [(QuarantinedMessage, Outcome)] {
        var done: [(QuarantinedMessage, Outcome)] = []
        var last: QuarantinedMessage?
        while done.count < limit {
            let count = isWhole ? limit : min(limit - done.count, QuarantineReplay.perCommitMax)
            let messages = try Quarantine.messages(selection, after: last, limit: count, session)
            guard let end = messages.last else { break }
            done += zip(messages, try body(messages))
            terminal.progress("\(done.count) messages")
            last = end
        }
        return done
    }
}

extension QuarantineReplay.Refusal: CustomStringConvertible {
    /// What is in the way, and what can be done.
    package var description: String {
        switch self {
        case .connectorsChanged(let commit):
            "other connectors were put in force at commit \(commit), and again; nothing more was brought in: call it again"
        }
    }
}

extension ConnectorSet.Unusable: CustomStringConvertible {
    /// Which definitions this program can't use, and what can be done.
    package var description: String {
        "the connectors in force of \(feeds.joined(separator: ", ")) are of another version of the programs; use that of"
            + " the running daemons"
    }
}
