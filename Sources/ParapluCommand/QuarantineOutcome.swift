internal import JSON
internal import ParapluModel
internal import ParapluPipeline
internal import ParapluStore

/// What became of one refused message, or would, in words.
struct QuarantineOutcome {
    let message: QuarantinedMessage
    /// One word: what became of it.
    let result: String
    private var refusal: (code: RejectionCode, path: String)?
    private var missing: [String]?
    /// What can be done about it; nil where nothing has to be.
    private var remedy: String?

    /// The outcome of a replay.
    init(_ message: QuarantinedMessage, _ fate: QuarantineDesk.Fate) {
        self.message = message
        switch fate {
        case .taken(let outcome, let missing):
            result = outcome.rawValue
            if outcome == .parked { self.missing = missing }
        case .refused(let code, let path):
            result = "refused"
            refusal = (code, path)
            remedy = code.remedy
        case .payloadGone:
            result = "payload_gone"
            let end = message.isPayloadKept ? " any more." : "."
            remedy = "Ask the sender to send it again: nothing of it is kept" + end
        case .noConnector:
            result = "no_connector"
            remedy = "Put a connector for its topic in force."
        case .settled(let state):
            result = "already_\(state.rawValue)"
        }
    }

    /// The outcome of a dismissal.
    ///
    /// - Parameter before: What had become of it before; nil where it was open.
    init(_ message: QuarantinedMessage, dismissedUnless before: QuarantinedMessage.State?) {
        self.message = message
        result = before.map { "already_\($0.rawValue)" } ?? "dismissed"
    }

    var detail: String {
        if let missing { return "waits for " + missing.joined(separator: ", ") }
        guard let (code, path) = refusal else { return remedy ?? "" }
        return path.isEmpty ? code.rawValue : "\(code.rawValue) at \(path)"
    }

    func write(in json: inout JSONWriter) {
        json.text("topic", message.place.topic)
        json.number("partition", message.place.partition)
        json.number("offset", message.place.offset)
        json.number("generation", message.place.generation)
        json.text("feed", message.feed.rawValue)
        json.text("refused_as", message.code)
        json.text("result", result)
        if let (code, path) = refusal {
            json.text("code", code.rawValue)
            json.text("path", path)
        }
        if let missing { json.texts("waits_for", missing) }
        json.text("remedy", remedy)
    }
}

extension Invocation {
    /// Shows what became of each message, and the sums.
    func show(_ outcomes: [QuarantineOutcome], isDryRun: Bool, limit: Int) {
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
