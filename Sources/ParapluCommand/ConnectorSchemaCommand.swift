internal import JSON
internal import ParapluConnectors
internal import ParapluModel

extension Command {
    private static let outputDirectory = Option(
        "output-dir", "DIR", "write a file per feed there (default: standard output)")
    private static let asyncAPI = Option("asyncapi", nil, "write one AsyncAPI document of all topics instead")
    private static let base = Option(
        "base", "FILE", "the AsyncAPI document with the outbound topics (default: asyncapi.yaml)")

    /// The command `paraplu connector schema`.
    static let connectorSchema = Command(
        "connector schema", operands: "[DIR]...", 0...1_000,
        summary: "write what feeds accept as JSON Schema, or all topics as AsyncAPI",
        details: """
            DIR is the folder of a feed, or of all. A schema (2020-12) is of the message's value, for CSV and XML of the
            document read from it. Every message that is taken is valid; one that is refused may be valid too, for reasons
            that JSON Schema can't say. --asyncapi takes the outbound half from --base, and examples from the feeds.
            """,
        example: "paraplu connector schema connectors --output-dir schemas",
        options: [outputDirectory, asyncAPI, base]
    ) { call in
        let feeds = try feeds(call)
        if call.has(asyncAPI) {
            let document = try AsyncAPIDocument(base: call[base] ?? "asyncapi.yaml")
            let parts = feeds.map { ConnectorAsyncAPI($0.connector, folder: $0.folder, prefix: document.prefix) }
            try write(document.document(parts), "asyncapi.json", call)
            return .done
        }
        for (connector, _) in feeds {
            let name = connector.feed.rawValue.map { $0 == "/" ? "." : $0 }
            try write(ConnectorSchema(connector).document, "\(String(name)).schema.json", call)
        }
        return .done
    }

    private static func write(_ tree: JSONTree, _ name: String, _ call: Invocation) throws {
        guard let directory = call[outputDirectory] else {
            call.terminal.print(bytes: tree.printed)
            return
        }
        try FileBytes.makeDirectory(directory)
        try FileBytes.write(tree.printed, to: "\(directory)/\(name)")
        call.terminal.say("wrote \(directory)/\(name)")
    }

    /// The connectors that are meant, all of them right, each with its folder.
    private static func feeds(_ call: Invocation) throws -> [(connector: Connector, folder: String)] {
        let directories = call.operands.isEmpty ? [try Connectors.directory(call)] : call.operands
        var feeds: [(connector: Connector, folder: String)] = []
        for directory in directories {
            guard FileBytes.isDirectory(directory) else { throw InputError("\(directory): there is no such directory") }
            let scope = Connectors.Scope(directory)
            let (catalog, findings) = ConnectorCatalog.load(directory: scope.root)
            if let finding = findings.first(where: {
                scope.folder == nil || $0.file.hasPrefix((scope.folder ?? "") + "/")
            }) {
                throw InputError("\(finding)")
            }
            for connector in catalog.connectors where scope.feed == nil || connector.feed.rawValue == scope.feed {
                feeds.append((connector, "\(scope.root)/\(connector.feed.rawValue)"))
            }
        }
        if feeds.isEmpty { throw CommandFailure("there is no connector in \(directories.joined(separator: ", "))") }
        return feeds
    }
}
