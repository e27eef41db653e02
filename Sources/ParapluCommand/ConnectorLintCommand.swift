internal import JSON
internal import ParapluConnectors
internal import ParapluModel

extension Command {
    private static let plan = Option("plan", "FILE", "also compare organisations with those of this plan document")

    /// The command `paraplu connector lint`.
    static let connectorLint = Command(
        "connector lint", operands: "[DIR]", 0...1, summary: "check the connector definitions",
        details: """
            DIR holds <organisation>/<feed>/connector.yaml, or is the folder of one feed; without it, the configured
            directory, or ./connectors where there is no configuration. Findings have file, line and column; on a terminal
            the line stands below. --output sarif is for code hosts and editors. Exit code 1 where there are any.
            """,
        example: "paraplu connector lint connectors", options: [.watch, plan], outputs: ["table", "json", "sarif"]
    ) { call in
        let directory = try Connectors.directory(call)
        return try call.repeating(below: directory) { try lint(directory, call) }
    }

    private static func lint(_ directory: String, _ call: Invocation) throws -> ExitCode {
        let scope = Connectors.Scope(directory)
        let catalog = ConnectorCatalog.load(directory: scope.root).catalog
        let document = try call[plan].map { file in
            try PlanDocument.parse(try FileBytes.read(file, bytesMax: PlanDocument.bytesMax), file: file)
        }
        let findings = ConnectorLint.findings(in: scope.root, plan: document).filter { finding in
            scope.folder.map { finding.file.hasPrefix($0 + "/") || finding.file == $0 } ?? true
        }
        switch call.output {
        case "json":
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.list("findings", findings) { finding, json in json.object { finding.write(in: &$0) } }
                })
        case "sarif": call.terminal.print(json: SARIF.log(of: findings, version: Version.text))
        default: FindingText.show(findings, on: call.terminal)
        }
        let count = catalog.connectors.count { scope.feed == nil || $0.feed.rawValue == scope.feed }
        call.terminal.say("\(count) connectors, \(findings.count) findings")
        if count == 0, findings.isEmpty { throw CommandFailure("there is no connector in \(directory)") }
        return findings.isEmpty ? .done : .failed
    }
}

extension Finding {
    /// The members of a finding as JSON.
    func write(in json: inout JSONWriter) {
        json.text("file", file)
        json.number("line", line)
        json.number("column", column)
        json.text("code", code.rawValue)
        json.text("message", message)
        json.text("hint", hint.isEmpty ? nil : hint)
    }
}
