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
            settings: try call.services.settings())
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
        call.show(outcomes.map { ReplayOutcome(message: $0, fate: $1) }, isDryRun: isDryRun, limit: limit)
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

    /// Shows what became of each message, and the sums.
    fileprivate func show(_ outcomes: [ReplayOutcome], isDryRun: Bool, limit: Int) {
        if isJSON {
            terminal.print(
                json: JSONWriter.object { json in
                    json.flag("dry_run", isDryRun)
                    json.list("messages", outcomes) { outcome, json in json.object { outcome.write(in: &$0) } }
                })
        } else if !outcomes.isEmpty {
            var table = Table(columns: [
                .init("MESSAGE"), .init("FEED"), .init("REFUSED AS"), .init(isDryRun ? "WOULD BE" : "RESULT"),
                .init("DETAIL", isFlexible: true),
            ])
            for outcome in outcomes {
                table.add([
                    outcome.message.place.description, outcome.message.feed.rawValue, outcome.message.code,
                    outcome.result, outcome.detail,
                ])
            }
            terminal.print(table)
        }
        let counts = Dictionary(grouping: outcomes, by: \.result).sorted { $0.key < $1.key }
        let sums = counts.map { "\($0.value.count) \($0.key)" }.joined(separator: ", ")
        terminal.say(
            outcomes.isEmpty
                ? "no refused message fits" : (isDryRun ? "dry run, nothing was changed: " : "") + sums)
        if outcomes.count == limit { terminal.say("there may be more: --limit") }
    }
}

/// What became of one message, in words.
private struct ReplayOutcome {
    let message: QuarantinedMessage
    let fate: QuarantineDesk.Fate

    /// One word: what became of it.
    var result: String {
        switch fate {
        case .taken(let outcome, _): outcome.rawValue
        case .refused: "refused"
        case .payloadGone: "payload_gone"
        case .noConnector: "no_connector"
        case .settled(let state): "already_\(state.rawValue)"
        }
    }

    /// What can be done about it; nil where nothing has to be.
    var remedy: String? {
        switch fate {
        case .refused(let code, _): code.remedy
        case .payloadGone: "Ask the sender to send it again: nothing of it is kept" + (isKept ? " any more." : ".")
        case .noConnector: "Put a connector for its topic in force."
        case .taken, .settled: nil
        }
    }

    private var isKept: Bool { message.isPayloadKept }

    var detail: String {
        switch fate {
        case .taken(.parked, let missing): "waits for " + missing.joined(separator: ", ")
        case .refused(let code, let path): path.isEmpty ? code.rawValue : "\(code.rawValue) at \(path)"
        case .payloadGone, .noConnector: remedy ?? ""
        case .taken, .settled: ""
        }
    }

    func write(in json: inout JSONWriter) {
        json.text("topic", message.place.topic)
        json.number("partition", message.place.partition)
        json.number("offset", message.place.offset)
        json.number("generation", message.generation)
        json.text("feed", message.feed.rawValue)
        json.text("refused_as", message.code)
        json.text("result", result)
        if case .refused(let code, let path) = fate {
            json.text("code", code.rawValue)
            json.text("path", path)
        }
        if case .taken(.parked, let missing) = fate { json.texts("waits_for", missing) }
        json.text("remedy", remedy)
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
