internal import JSON
internal import ParapluRules
internal import ParapluStore

extension Command {
    private static let compare = Option(
        "compare", nil, "compare with the live projections and change nothing (required)")

    /// The command `paraplu rebuild`.
    static let rebuild = Command(
        "rebuild", summary: "compute all projections again from the journal, beside the live ones",
        details: """
            Folds the whole journal into temporary tables and compares them with the live ones, byte for byte. Nothing
            live is touched or held up. Exit code 1 on a difference.
            """,
        example: "paraplu rebuild --compare", options: [compare]
    ) { call in
        guard call.has(compare) else { throw UsageError("--compare is required: nothing else is done yet") }
        let result = try call.services.withDatabase { replaying in
            try call.services.withDatabase { reading in
                defer { call.terminal.endProgress() }
                return try Rebuild.compare(replaying: replaying, reading: reading, settings: .standard) { done, total in
                    call.terminal.progress("replayed \(done) of \(total) commits")
                }
            }
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.number("commit", result.commit)
                    json.number("facts", result.facts)
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
                + (result.isEqual ? "equal" : "\(result.differences.count) tables differ"))
        return result.isEqual ? .done : .failed
    }
}
