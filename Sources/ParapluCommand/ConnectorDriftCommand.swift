internal import JSON
internal import ParapluModel
internal import ParapluStore

extension Command {
    private static let feed = Option("feed", "FEED", "only this feed's")
    private static let limit = Option("limit", "N", "at most so many (default: 1000)")

    /// The command `paraplu connector drift`.
    static let connectorDrift = Command(
        "connector drift", summary: "show what feeds send that their connectors don't know",
        details: """
            Unknown fields, codes and versions, and changed types: each place once per version of the connector, with the
            message in which it was seen first. Never a value; an unknown field stands at what holds it.
            """,
        example: "paraplu connector drift --feed jenv/voortgang",
        options: [feed, limit]
    ) { call in
        let count = try call.number(limit, in: 1...100_000) ?? 1000
        let feed = try call[feed].map { (text: String) throws -> FeedID in
            guard let feed = FeedID(text) else { throw UsageError("--feed takes <organisation>/<feed>") }
            return feed
        }
        let rows = try call.services.withDatabase { try DriftStore.list(feed: feed, limit: Int64(count), $0) }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.list("drift", rows) { row, json in json.object { row.write(in: &$0) } }
                })
            return .done
        }
        var table = Table(columns: [
            .init("FEED"), .init("VERSION"), .init("CODE"), .init("PATH", isFlexible: true), .init("FIRST SEEN"),
            .init("AT"),
        ])
        for row in rows {
            table.add([
                row.feed.rawValue, Connectors.short(row.connectorVersion), row.code, row.path.isEmpty ? "–" : row.path,
                "\(row.topic):\(row.partition):\(row.offset)", row.recordedAt.description,
            ])
        }
        call.terminal.print(table)
        if rows.count == count { call.terminal.say("there may be more: --limit") }
        return .done
    }
}

extension DriftStore.Row {
    /// The members of a row as JSON.
    fileprivate func write(in json: inout JSONWriter) {
        json.text("feed", feed.rawValue)
        json.text("connector_version", connectorVersion)
        json.text("code", code)
        json.text("path", path)
        json.text("topic", topic)
        json.number("partition", partition)
        json.number("offset", offset)
        json.number("commit", commit)
        json.text("recorded_at", recordedAt.description)
    }
}
