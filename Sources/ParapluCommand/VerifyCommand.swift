internal import JSON
internal import Kafka
internal import ParapluStore

extension Command {
    /// The command `paraplu verify`.
    static let verify = Command(
        "verify", summary: "prove that nothing in the journal was changed or removed",
        details: """
            Computes every stream's chain again, compares bodies and kept payloads with their digests, the chains with the
            heads in published cuts, plans and settlements with their entries, and the snapshots of frozen rounds with their
            hashes. It reads the whole journal, in one snapshot, and after it the latest cuts from their topic, which who
            changes the database can't change. Exit code 1 on a finding, 3 where the topic could not be read.
            """,
        example: "paraplu verify --output json"
    ) { call in
        var unread: KafkaError?
        let result = try call.services.withDatabase(isLong: true) { session in
            defer { call.terminal.endProgress() }
            var verification = try Verification.run(session) { done, total in
                call.terminal.progress("verified \(done) of \(total) positions")
            }
            do {
                try call.services.cutsTopic().forEachBatch { try verification.compare($0, session) }
            } catch let error as KafkaError {
                unread = error
            }
            return verification
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.number("entries", result.entries)
                    json.number("facts", result.facts)
                    json.number("payloads", result.payloads)
                    json.number("cuts", result.cuts)
                    json.number("snapshots", result.snapshots)
                    json.number("settlements", result.settlements)
                    json.number("published_cuts", result.publishedCuts)
                    json.number("replaced_cuts", result.replacedCuts)
                    json.flag("topic_read", unread == nil)
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
            "verified \(result.entries) entries, \(result.facts) facts, \(result.payloads) payloads,"
                + " \(result.cuts) heads in cuts, \(result.snapshots) snapshots, \(result.settlements) settlements,"
                + " \(result.publishedCuts) cuts on their topic: \(result.findingsTotal) findings")
        if result.replacedCuts > 0 {
            call.terminal.say(
                "\(result.replacedCuts) cuts on the topic are of a history of the database that was replaced")
        }
        guard result.isSound else { return .failed }
        if let unread {
            call.terminal.say("the cuts' topic could not be read: \(Explanation.text(of: unread))")
            return .unreachable
        }
        return .done
    }
}
