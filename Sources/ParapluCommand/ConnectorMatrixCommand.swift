internal import JSON
internal import ParapluConnectors
internal import ParapluModel

extension Command {
    /// The command `paraplu connector matrix`.
    static let connectorMatrix = Command(
        "connector matrix", operands: "[DIR]", 0...1, summary: "show which feed uses which format and operator",
        details: """
            DIR holds <organisation>/<feed>/connector.yaml. Exit code 1 where two feeds read the same paths, which should be one
            feed, or where fewer than two feeds use a format or an operator, which should not be one.
            """,
        example: "paraplu connector matrix connectors"
    ) { call in
        let scope = Connectors.Scope(try Connectors.directory(call))
        let (catalog, findings) = ConnectorCatalog.load(directory: scope.root)
        guard findings.isEmpty else {
            throw InputError("\(findings.count) findings; see: paraplu connector lint \(scope.root)")
        }
        if catalog.connectors.isEmpty { throw CommandFailure("there is no connector in \(scope.root)") }
        let matrix = ConnectorMatrix(catalog.connectors)
        if call.isJSON {
            call.terminal.print(json: json(matrix))
        } else {
            call.terminal.print(table("FORMAT", matrix.formats.map { ($0.name, $0.feeds) }))
            call.terminal.print("\n")
            call.terminal.print(table("OPERATOR", matrix.operators.map { ($0.name.rawValue, $0.feeds) }))
        }
        for problem in matrix.problems { call.terminal.say(problem) }
        call.terminal.say("\(matrix.usages.count) feeds, \(matrix.problems.count) problems")
        return matrix.problems.isEmpty ? .done : .failed
    }

    private static func table(_ title: String, _ rows: [(String, [FeedID])]) -> Table {
        var table = Table(columns: [.init(title), .init("USERS", isRight: true), .init("FEEDS", isFlexible: true)])
        for (name, feeds) in rows {
            table.add([
                .init(name), .init(String(feeds.count), feeds.count < ConnectorMatrix.usersMin ? .red : .plain),
                .init(feeds.map(\.rawValue).joined(separator: ", ")),
            ])
        }
        return table
    }

    private static func json(_ matrix: ConnectorMatrix) -> [UInt8] {
        JSONWriter.object { json in
            json.list("feeds", matrix.usages) { usage, json in
                json.object { json in
                    json.text("feed", usage.feed.rawValue)
                    json.texts("formats", usage.formats)
                    json.texts("operators", ConnectorOperator.allCases.filter(usage.operators.contains).map(\.rawValue))
                    json.texts("paths", usage.paths)
                }
            }
            json.list("formats", matrix.formats) { format, json in
                json.object { json in
                    json.text("name", format.name)
                    json.texts("feeds", format.feeds.map(\.rawValue))
                }
            }
            json.list("operators", matrix.operators) { entry, json in
                json.object { json in
                    json.text("name", entry.name.rawValue)
                    json.text("group", entry.name.group.rawValue)
                    json.texts("feeds", entry.feeds.map(\.rawValue))
                }
            }
            json.texts("problems", matrix.problems)
        }
    }
}
