internal import JSON
internal import ParapluConnectors

extension Command {
    /// The command `paraplu connector lint`.
    static let connectorLint = Command(
        "connector lint", operands: "[DIR]", 0...1, summary: "check the connector definitions",
        details: """
            DIR holds <organisation>/<feed>/connector.yaml; without it, the configured directory, or ./connectors where
            there is no configuration. Findings have file, line and column. Exit code 1 where there are any.
            """,
        example: "paraplu connector lint connectors"
    ) { call in
        let directory = try Connectors.directory(call)
        let findings = ConnectorLint.findings(in: directory)
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.list("findings", findings) { finding, json in json.object { finding.write(in: &$0) } }
                })
        } else {
            for finding in findings { call.terminal.print("\(finding)\n") }
        }
        let count = ConnectorCatalog.load(directory: directory).catalog.connectors.count
        call.terminal.say("\(count) connectors, \(findings.count) findings")
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
