internal import JSON
internal import ParapluModel
internal import ParapluStore

extension Command {
    private static let feed = Option("feed", "FEED", "only this feed's")
    private static let code = Option("code", "CODE", "only those with this code, such as unknown_field")
    private static let all = Option("all", nil, "also those that were replayed or dismissed since")
    private static let limit = Option("limit", "N", "at most so many (default: 100)")

    /// The command `paraplu quarantine list`.
    static let quarantineList = Command(
        "quarantine list", summary: "show the refused messages, the latest first",
        details: """
            Never a value of a message: only where it stands, why it was refused, and at which place in it. Those that are
            open wait for a person: quarantine replay brings them in, quarantine dismiss leaves them out.
            """,
        example: "paraplu quarantine list --feed jenv/voortgang --code unknown_code --limit 20",
        options: [feed, code, all, limit]
    ) { call in
        let count = try call.number(limit, in: 1...100_000) ?? 100
        let rejections = try call.services.withDatabase {
            try QuarantineReader.list(feed: call[feed], code: call[code], isAll: call.has(all), limit: Int64(count), $0)
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.list("rejections", rejections) { rejection, json in json.object { rejection.write(in: &$0) } }
                })
            return .done
        }
        var table = Table(columns: [
            .init("MESSAGE"), .init("FEED"), .init("STAGE"), .init("CODE"), .init("PATH", isFlexible: true),
            .init("RECORDED AT"), .init("STATE"),
        ])
        for rejection in rejections {
            table.add([
                "\(rejection.topic):\(rejection.partition):\(rejection.offset)", rejection.feed, rejection.stage,
                rejection.code, rejection.path, rejection.recordedAt.description, rejection.state.rawValue,
            ])
        }
        call.terminal.print(table)
        if rejections.count == count { call.terminal.say("there may be more: --limit") }
        return .done
    }
}

extension QuarantineReader.Rejection {
    /// The members of a refused message as JSON.
    func write(in json: inout JSONWriter) {
        json.text("topic", topic)
        json.number("partition", partition)
        json.number("offset", offset)
        json.number("generation", generation)
        json.text("feed", feed)
        json.text("owner", owner)
        json.text("stage", stage)
        json.text("code", code)
        json.text("path", path)
        json.member("violations")
        json.raw(violations)
        json.text("event_id", eventID)
        json.text("recorded_at", recordedAt.description)
        json.number("payload_bytes", payloadBytes)
        json.flag("payload_kept", isPayloadKept)
        json.text("settlement", state == .open ? nil : state.rawValue)
        json.text("state", state.rawValue)
        json.text("settled_at", settledAt?.description)
        json.text("replayed_as", replayedAs)
    }
}
