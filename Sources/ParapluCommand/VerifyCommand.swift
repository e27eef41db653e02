internal import JSON
internal import ParapluStore

extension Command {
    /// The command `paraplu verify`.
    static let verify = Command(
        "verify", summary: "prove that nothing in the journal was changed or removed",
        details: """
            Computes every stream's chain again, compares bodies and kept payloads with their digests, and the chains with
            the heads in published cuts, and the snapshots of frozen rounds with their hashes. It reads the whole journal, in one snapshot. Exit code 1 on a finding.
            """,
        example: "paraplu verify --output json"
    ) { call in
        let result = try call.services.withDatabase(isLong: true) { session in
            defer { call.terminal.endProgress() }
            return try Verification.run(session) { done, total in
                call.terminal.progress("verified \(done) of \(total) positions")
            }
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.number("entries", result.entries)
                    json.number("facts", result.facts)
                    json.number("payloads", result.payloads)
                    json.number("cuts", result.cuts)
                    json.number("snapshots", result.snapshots)
                    json.number("findings_total", result.findingsTotal)
                    json.list("findings", result.findings) { finding, json in
                        json.object { json in
                            json.text("code", finding.code.rawValue)
                            json.number("stream", finding.stream)
                            json.number("position", finding.position)
                        }
                    }
                })
        } else if !result.findings.isEmpty {
            var table = Table(columns: [
                .init("FINDING"), .init("STREAM", isRight: true), .init("POSITION", isRight: true),
            ])
            for finding in result.findings {
                table.add([finding.code.rawValue, String(finding.stream), String(finding.position)])
            }
            call.terminal.print(table)
        }
        call.terminal.say(
            "verified \(result.entries) entries, \(result.facts) facts, \(result.payloads) payloads, \(result.cuts) cuts,"
                + " \(result.snapshots) snapshots: \(result.findingsTotal) findings")
        return result.isSound ? .done : .failed
    }
}
