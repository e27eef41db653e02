internal import JSON
internal import ParapluRules
internal import ParapluStore

extension Command {
    private static let compare = Option("compare", nil, "compare with the live projections and change nothing")
    private static let swap = Option(
        "swap", nil, "where they differ, make the live ones what the journal gives, at one commit; takes --reason")

    /// The command `paraplu rebuild`.
    static let rebuild = Command(
        "rebuild", summary: "compute all projections again from the journal, beside the live ones",
        details: """
            Folds the whole journal into temporary tables and compares them with the live ones, the plan's included, byte
            for byte, while the service goes on. --compare changes nothing and holds up nobody but a plan that is being
            applied; exit code 1 on a difference. --swap exchanges the rows that differ; who decided and why is kept in the
            journal. Where a status becomes another, everything is announced again in a new revision epoch.
            """,
        example: "paraplu rebuild --compare", options: [compare, swap, .reason, .actor]
    ) { call in
        guard call.has(compare) != call.has(swap) else { throw UsageError("one of --compare and --swap is required") }
        let reason = call.has(swap) ? try call.required(.reason) : ""
        let result = try call.services.withDatabase(isLong: true) { replaying in
            try call.services.withDatabase(isLong: true) { reading in
                defer { call.terminal.endProgress() }
                let progress = { (done: Int64, total: Int64) in
                    call.terminal.progress("replayed \(done) of \(total) commits")
                }
                guard call.has(swap) else {
                    return try Rebuild.compare(
                        replaying: replaying, reading: reading,
                        progress: progress)
                }
                return try Rebuild.swap(
                    replaying: replaying, reading: reading,
                    events: try call.services.events(), actor: call.actor, reason: reason, progress: progress)
            }
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.number("commit", result.commit)
                    json.number("facts", result.facts)
                    json.flag("swapped", call.has(swap) && !result.isEqual)
                    json.list("differences", result.differences) { difference, json in
                        json.object { json in
                            json.text("table", difference.table)
                            json.number("rows", difference.rows)
                            json.texts("keys", difference.keys)
                        }
                    }
                })
        } else if !result.isEqual {
            var table = Table(columns: [.init("TABLE"), .init("ROWS", isRight: true), .init("FIRST KEYS")])
            for difference in result.differences {
                table.add([difference.table, String(difference.rows), difference.keys.joined(separator: ", ")])
            }
            call.terminal.print(table)
        }
        call.terminal.say(
            "replayed \(result.commit) commits with \(result.facts) facts: "
                + (result.isEqual
                    ? "equal"
                    : call.has(swap)
                        ? "\(result.differences.count) tables differed and were made equal"
                        : "\(result.differences.count) tables differ"))
        return result.isEqual || call.has(swap) ? .done : .failed
    }
}
