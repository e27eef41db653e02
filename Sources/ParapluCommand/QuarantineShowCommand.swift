internal import JSON
internal import ParapluModel
internal import ParapluStore

extension Command {
    private static let payload = Option(
        "payload", nil, "write the message's bytes, where they are kept, and nothing else")

    /// The command `paraplu quarantine show`.
    static let quarantineShow = Command(
        "quarantine show", operands: "TOPIC:PARTITION:OFFSET", 1...1,
        summary: "show why one message was refused, and what became of it",
        details: """
            All violations, each with its place and what would be accepted. --payload writes the value as it was received,
            byte for byte; of messages with personal data nothing was kept.
            """,
        example: "paraplu quarantine show stm.in.jenv.voortgang.v1:0:1042", options: [payload]
    ) { call in
        let place = try MessagePlace(written: call.operands[0])
        return try call.services.withDatabase { session in
            let found = try QuarantineReader.find(
                topic: place.topic, partition: place.partition, offset: place.offset, session)
            guard let rejection = found else { throw InputError("no message was refused at \(call.operands[0])") }
            guard !call.has(payload) else {
                guard rejection.isPayloadKept, let kept = try QuarantineReader.payload(of: rejection, session) else {
                    throw CommandFailure("nothing of this message is kept")
                }
                call.terminal.print(bytes: kept.value ?? [])
                return .done
            }
            let history = try QuarantineReader.history(of: rejection, session)
            if call.isJSON {
                call.terminal.print(
                    json: JSONWriter.object { json in
                        rejection.write(in: &json)
                        json.list("history", history) { event, json in json.object { event.write(in: &$0) } }
                    })
            } else {
                show(rejection, call)
                show(history, call)
            }
            return .done
        }
    }

    private static func show(_ rejection: QuarantineReader.Rejection, _ call: Invocation) {
        var table = Table(columns: [.init(""), .init("")], hasHeader: false)
        table.add(["message", "\(rejection.topic):\(rejection.partition):\(rejection.offset)"])
        table.add(["feed", "\(rejection.feed), of \(rejection.owner)"])
        table.add(["refused", "\(rejection.code) at stage \(rejection.stage)"])
        table.add(["event id", rejection.eventID ?? "–"])
        table.add(["recorded at", rejection.recordedAt.description])
        table.add(["payload", "\(rejection.payloadBytes) bytes, \(rejection.isPayloadKept ? "kept" : "not kept")"])
        table.add(["state", rejection.state.rawValue])
        call.terminal.print(table)
        guard let root = try? JSONParser.document(of: rejection.violations).root else { return }
        for violation in root.elements {
            let code = violation["code"]?.string ?? ""
            let path = violation["path"]?.string ?? ""
            var line = "\n\(path.isEmpty ? "the message as a whole" : path): \(code)"
            if let offset = violation["byte_offset"]?.int64 { line += ", at byte \(offset)" }
            if let expected = violation["expected"]?.string { line += "\n  accepted: \(expected)" }
            if let remedy = RejectionCode(rawValue: code)?.remedy { line += "\n  hint: \(remedy)" }
            call.terminal.print(line + "\n")
        }
    }

    private static func show(_ history: [QuarantineReader.Event], _ call: Invocation) {
        var table = Table(columns: [
            .init("EVENT"), .init("RECORDED AT"), .init("COMMIT", isRight: true), .init("CONNECTOR"), .init("ACTOR"),
            .init("REASON", isFlexible: true),
        ])
        for event in history {
            table.add([
                event.kind + (event.replayedAs.map { ", \($0)" } ?? ""), event.recordedAt.description,
                String(event.commit), event.connectorVersion.map { String($0.prefix(12)) } ?? "–", event.actor ?? "–",
                event.reason ?? "–",
            ])
        }
        call.terminal.print("\n")
        call.terminal.print(table)
    }
}

extension QuarantineReader.Event {
    /// The members of one event of a message's history as JSON.
    fileprivate func write(in json: inout JSONWriter) {
        json.text("event", kind)
        json.text("recorded_at", recordedAt.description)
        json.number("commit", commit)
        json.text("replayed_as", replayedAs)
        json.text("connector_version", connectorVersion)
        json.text("actor", actor)
        json.text("reason", reason)
    }
}

extension MessagePlace {
    /// The place that is written TOPIC:PARTITION:OFFSET or TOPIC:PARTITION:OFFSET:gGENERATION; a topic's name holds no colon.
    init(written text: String) throws(UsageError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let generation = parts.count == 4 && parts[3].first == "g" ? Int32(parts[3].dropFirst()) : nil
        guard parts.count == (generation == nil ? 3 : 4), !parts[0].isEmpty, let partition = Int32(parts[1]),
            partition >= 0,
            let offset = Int64(parts[2]), offset >= 0, generation ?? 1 >= 1
        else {
            throw UsageError(
                "a message is written TOPIC:PARTITION:OFFSET, such as stm.in.jenv.voortgang.v1:0:1042, and :g2 behind it where"
                    + " the topic was made again")
        }
        self.init(topic: String(parts[0]), partition: partition, offset: offset, generation: generation)
    }
}
