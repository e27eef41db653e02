internal import JSON
internal import ParapluConnectors

extension Command {
    /// The command `paraplu connector test`.
    static let connectorTest = Command(
        "connector test", operands: "[DIR]", 0...1, summary: "run the examples that stand beside the connectors",
        details: """
            Each examples/<case>.input.* is decoded and compared with <case>.expected.json or <case>.rejected.json; lines
            that differ are shown, - expected and + received. Exit code 1 where one fails.
            """,
        example: "paraplu connector test connectors"
    ) { call in
        let scope = Connectors.Scope(try Connectors.directory(call))
        let results =
            if let feed = scope.feed, let folder = scope.folder {
                [ConnectorExamples.run(feed: feed, folder: folder)]
            } else {
                ConnectorExamples.run(scope.root)
            }
        let examples = results.flatMap(\.results)
        if call.isJSON {
            call.terminal.print(json: json(results))
        } else {
            for feed in results {
                for finding in feed.findings { call.terminal.print("\(finding)\n") }
                for result in feed.results where !result.passes {
                    call.terminal.print("\(result.file): \(feed.feed) \(result.name) failed\n")
                    for line in result.difference { call.terminal.print("  \(line)\n") }
                }
            }
            var table = Table(columns: [
                .init("FEED"), .init("EXAMPLES", isRight: true), .init("FAILED", isRight: true),
            ])
            for feed in results {
                let failed = feed.results.count { !$0.passes }
                table.add([
                    .init(feed.feed), .init(String(feed.results.count)),
                    .init(String(failed), feed.passes ? .plain : .red),
                ])
            }
            call.terminal.print(table)
        }
        let hasPassed = results.allSatisfy(\.passes)
        call.terminal.say("\(examples.count) examples, \(examples.count { !$0.passes }) failed")
        if examples.isEmpty { throw CommandFailure("there are no examples") }
        return hasPassed ? .done : .failed
    }

    private static func json(_ results: [ConnectorExamples.FeedResult]) -> [UInt8] {
        JSONWriter.object { json in
            json.list("feeds", results) { feed, json in
                json.object { json in
                    json.text("feed", feed.feed)
                    json.flag("passes", feed.passes)
                    json.list("findings", feed.findings) { finding, json in json.object { finding.write(in: &$0) } }
                    json.list("examples", feed.results) { result, json in
                        json.object { json in
                            json.text("name", result.name)
                            json.text("file", result.file)
                            json.flag("passes", result.passes)
                            json.texts("difference", result.difference)
                        }
                    }
                }
            }
        }
    }
}
