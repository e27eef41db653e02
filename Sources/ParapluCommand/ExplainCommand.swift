internal import JSON
internal import ParapluModel
internal import ParapluStore

extension Command {
    /// The command `paraplu explain`.
    static let explain = Command(
        "explain", operands: "SUBJECT", 1...1, summary: "show why a status is what it is, and the messages behind it",
        details: """
            The status with its reasons, then per reporter, kind and item the latest message and the one that counts, where
            it stands in Kafka, whether it counts: effective, or why not, and the version of the connector that read it. For
            what the programme office decided, by whom and why. JSON has the canonical record of each message too.
            """,
        example: "paraplu explain action/act-1-01"
    ) { call in
        try call.services.withDatabase { session in
            let now = try StatusReader.current(session)
            let selection = try StatusSelection(call.operands[0], now)
            guard let subject = selection.subject else { return .invalidInput }
            let picture = now.part(of: subject)
            let messages = try StatusReader.messages(behind: subject, session)
            if call.isJSON {
                call.terminal.print(json: json(subject, picture, messages))
                return .done
            }
            describe(subject, picture, try PlanStore.current(session).settings, call)
            call.terminal.print("\n")
            guard !messages.isEmpty else {
                call.terminal.print("no message was received about it\n")
                return .done
            }
            call.terminal.print(table(messages))
            let decisions = decisions(messages)
            if !decisions.isEmpty {
                call.terminal.print("\n")
                call.terminal.print(decisions)
            }
            return .done
        }
    }

    private static func describe(
        _ subject: Subject, _ picture: StatusReader.Picture, _ rules: RuleSettings, _ call: Invocation
    ) {
        var table = Table(columns: [.init(""), .init("")], hasHeader: false)
        var reasons: [String] = []
        if let action = picture.actions.first, case .action = subject {
            table.add(["subject", "\(subject) (\(action.code))"])
            table.add(["title", action.titleNL])
            if !action.displayNoteNL.isEmpty { table.add(["note", action.displayNoteNL]) }
            table.add(["holder", StatusTable.holder(of: action)])
            table.add(["lifecycle", action.lifecycle ?? "–"])
            table.add([.init("rating"), StatusTable.rating(action.rating, lastKnown: action.lastKnownRating)])
            table.add(["reported rating", action.reportedRating ?? "–"])
            table.add(["data state", action.dataState ?? "–"])
            if !action.flags.isEmpty { table.add(["flags", action.flags.joined(separator: " ")]) }
            table.add(["as of", action.asOf?.description ?? "–"])
            table.add(["evaluated on", action.evaluatedOn.description])
            table.add(["revision", "\(action.epoch).\(action.revision)"])
            reasons = action.reasons
        } else if let rollup = picture.rollups.first(where: { $0.subject == subject }) {
            let counts = StatusCounts(rollup.counts)
            table.add(["subject", subject.description])
            table.add(["title", rollup.titleNL])
            table.add(["lifecycle", rollup.lifecycle ?? "–"])
            table.add([.init("rating"), StatusTable.rating(rollup.rating)])
            table.add([
                "actions",
                "\(counts.total), of which \(counts.active) active: \(counts.colours)",
            ])
            let apart = StatusPart(rollup.apart)
            if apart.counts.total > 0 {
                table.add([
                    "apart",
                    "\(apart.rating ?? "–"), \(apart.counts.total) of which \(apart.counts.active) active: "
                        + apart.counts.colours,
                ])
            }
            table.add(["current reports", rollup.coveragePercent.map { "\($0) %" } ?? "–"])
            table.add(["evaluated on", rollup.evaluatedOn.description])
            reasons = rollup.reasons
        }
        for (index, reason) in reasons.enumerated() {
            table.add([index == 0 ? "because" : "", "\(reason): \(ReasonText.sentence(of: reason, rules: rules))"])
        }
        call.terminal.print(table)
    }

    private static func table(_ messages: [StatusReader.Message]) -> Table {
        var table = Table(columns: [
            .init("ACTION"), .init("TOPIC"), .init("PARTITION", isRight: true), .init("OFFSET", isRight: true),
            .init("EVENT ID", isFlexible: true), .init("REPORTER"), .init("KIND"), .init("ITEM"), .init("AS OF"),
            .init("OUTCOME"), .init("DISPOSITION"), .init("CONNECTOR"),
        ])
        for message in messages {
            table.add([
                message.action.rawValue, message.topic, String(message.partition), String(message.offset),
                message.eventID ?? "–", message.reporter.rawValue, message.kind, message.item ?? "–",
                message.asOf.description, message.outcome, message.disposition,
                Connectors.short(message.connectorVersion),
            ])
        }
        return table
    }

    /// What the programme office decided, by whom and why.
    private static func decisions(_ messages: [StatusReader.Message]) -> Table {
        var table = Table(columns: [
            .init("ACTION"), .init("DECISION"), .init("ITEM"), .init("VERDICT"), .init("AS OF"), .init("ACTOR"),
            .init("REASON"),
        ])
        for message in messages {
            guard let decision = message.decision else { continue }
            table.add([
                message.action.rawValue, message.kind, message.item ?? "–", decision.verdict,
                message.asOf.description, decision.actor, decision.reason,
            ])
        }
        return table
    }

    private static func json(
        _ subject: Subject, _ picture: StatusReader.Picture, _ messages: [StatusReader.Message]
    ) -> [UInt8] {
        JSONWriter.object { json in
            StatusJSON.write(picture.watermark, in: &json)
            json.text("subject", subject.description)
            json.object("status") { json in
                if case .action = subject, let action = picture.actions.first {
                    StatusJSON.write(action, in: &json)
                } else if let rollup = picture.rollups.first(where: { $0.subject == subject }) {
                    StatusJSON.write(rollup, in: &json)
                }
            }
            json.list("messages", messages) { message, json in
                json.object { json in
                    json.text("action_id", message.action.rawValue)
                    json.text("topic", message.topic)
                    json.number("partition", message.partition)
                    json.number("offset", message.offset)
                    json.text("event_id", message.eventID)
                    json.text("reporter", message.reporter.rawValue)
                    json.text("kind", message.kind)
                    json.text("item", message.item)
                    json.text("as_of", message.asOf.description)
                    json.text("recorded_at", message.recordedAt.description)
                    json.text("outcome", message.outcome)
                    json.text("disposition", message.disposition)
                    json.text("connector_version", message.connectorVersion)
                    json.text("actor", message.decision?.actor)
                    json.text("reason", message.decision?.reason)
                    json.member("record")
                    json.raw(message.body)
                }
            }
        }
    }
}
