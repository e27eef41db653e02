internal import JSON
internal import ParapluConnectors

extension Command {
    private static let accept = Option("accept", nil, "write what was received into the files that differ; review them")

    /// The command `paraplu connector test`.
    static let connectorTest = Command(
        "connector test", operands: "[DIR]", 0...1, summary: "run the examples that stand beside the connectors",
        details: """
            DIR is as for connector lint. Each examples/<case>.input.* is decoded and compared with <case>.expected.json or
            <case>.rejected.json; each value that differs is shown, - expected and + received. --accept takes what was
            received as right, also for an input without either file. Exit code 1 where one fails.
            """,
        example: "paraplu connector test connectors", options: [.watch, accept]
    ) { call in
        let directory = try Connectors.directory(call)
        if call.has(accept), call.has(.watch) { throw UsageError("--accept is for one run, not for --watch") }
        return try call.repeating(below: directory) { try test(directory, call) }
    }

    private static func test(_ directory: String, _ call: Invocation) throws -> ExitCode {
        let scope = Connectors.Scope(directory)
        func run() -> [ConnectorExamples.FeedResult] {
            if let feed = scope.feed, let folder = scope.folder {
                return [ConnectorExamples.run(feed: feed, folder: folder)]
            }
            return ConnectorExamples.run(scope.root)
        }
        var results = run()
        var written: [String] = []
        if call.has(accept) {
            for result in results.flatMap(\.results) { written += try ExampleAcceptance.accept(result) }
            if !written.isEmpty { results = run() }
        }
        let examples = results.flatMap(\.results)
        if call.isJSON {
            call.terminal.print(json: json(results, written))
        } else {
            for line in written { call.terminal.print(line + "\n") }
            show(results, on: call.terminal)
        }
        let hasPassed = results.allSatisfy(\.passes)
        call.terminal.say("\(examples.count) examples, \(examples.count { !$0.passes }) failed")
        if examples.isEmpty, hasPassed { throw CommandFailure("there are no examples") }
        return hasPassed ? .done : .failed
    }

    private static func show(_ results: [ConnectorExamples.FeedResult], on terminal: Terminal) {
        for feed in results {
            FindingText.show(feed.findings, on: terminal)
            for result in feed.results where !result.passes {
                // The feed's folder: what the file's own folder, examples, lies in.
                let folder = result.file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
                terminal.print(
                    DifferenceText.text(
                        of: result, feed: feed.feed,
                        command: result.received == nil
                            ? nil : "paraplu connector test --accept \(folder.joined(separator: "/"))",
                        usesColor: terminal.usesColor))
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
        terminal.print(table)
    }

    private static func json(_ results: [ConnectorExamples.FeedResult], _ written: [String]) -> [UInt8] {
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
                            json.text("problem", result.problem)
                            json.list("changes", result.changes) { change, json in
                                json.object { json in
                                    json.text("path", change.path)
                                    json.text("expected", change.expected)
                                    json.text("received", change.received)
                                }
                            }
                        }
                    }
                }
            }
            json.texts("accepted", written)
        }
    }
}

/// What differs in one example, as text.
enum DifferenceText {
    /// The example's file, feed and name, then a line per value, `-` expected and `+` received, with values aligned.
    ///
    /// - Parameter command: What takes the difference as right; nil where nothing does.
    static func text(
        of result: ConnectorExamples.Result, feed: String, command: String?, usesColor: Bool
    ) -> String {
        var text = "\(result.file): \(feed) \(result.name): "
        text +=
            (result.problem
                ?? (result.changes.count == 1 ? "one value differs" : "\(result.changes.count) values differ"))
        text += "\n"
        let width = min(60, result.changes.map(\.path.count).max() ?? 0)
        for change in result.changes {
            var place = change.path + String(repeating: " ", count: max(0, width - change.path.count))
            if let expected = change.expected {
                text += "  \(place)  " + Table.styled("- \(shown(expected))", .red, usesColor) + "\n"
                place = String(repeating: " ", count: place.count)
            }
            if let received = change.received {
                text += "  \(place)  " + Table.styled("+ \(shown(received))", .green, usesColor) + "\n"
            }
        }
        if let command { text += "  if that is right: \(command)\n" }
        return text
    }

    /// A value without what could play with a terminal.
    private static func shown(_ value: String) -> String { String(value.map { $0.isControl ? "?" : $0 }) }
}

/// Taking what was received as what is expected.
enum ExampleAcceptance {
    /// Writes the golden file of an example that fails, and returns what was done, one line each.
    ///
    /// A refused message's file is `<case>.rejected.json`, a taken one's `<case>.expected.json`; the other goes.
    /// - Throws: `InputError` where a file can't be written.
    static func accept(_ result: ConnectorExamples.Result) throws -> [String] {
        guard !result.passes, let received = result.received else { return [] }
        let slash = result.file.lastIndex(of: "/").map { result.file[...$0] } ?? ""
        let (keep, drop) = received.isRejected ? ("rejected", "expected") : ("expected", "rejected")
        var lines: [String] = []
        let other = "\(slash)\(result.name).\(drop).json"
        if FileBytes.exists(other) {
            try FileBytes.remove(other)
            lines.append("removed \(other)")
        }
        let file = "\(slash)\(result.name).\(keep).json"
        try FileBytes.write(ConnectorExamples.golden(received.json), to: file)
        return lines + ["wrote \(file)"]
    }
}
