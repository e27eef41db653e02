internal import Digest
internal import JSON
internal import ParapluConnectors
internal import ParapluModel

extension Command {
    /// The command `paraplu connector list`.
    static let connectorList = Command(
        "connector list", operands: "[DIR]", 0...1, summary: "show the connectors: who sends what, in which form",
        details: """
            DIR is as for connector lint. The table has a line for each feed; --output json has all that an operator needs of a
            definition: purpose, legal basis, principal, OIN, limits, versions. Exit code 1 where a definition is wrong.
            """,
        example: "paraplu connector list connectors --output json"
    ) { call in
        let scope = Connectors.Scope(try Connectors.directory(call))
        let (catalog, findings) = ConnectorCatalog.load(directory: scope.root)
        let connectors = catalog.connectors.filter { scope.feed == nil || $0.feed.rawValue == scope.feed }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.list("connectors", connectors) { connector, json in
                        json.object { connector.write(in: &$0, folder: "\(scope.root)/\(connector.feed.rawValue)") }
                    }
                })
        } else {
            call.terminal.print(table(connectors, scope.root))
        }
        guard findings.isEmpty else {
            call.terminal.say("\(findings.count) findings; see: paraplu connector lint \(scope.root)")
            return .failed
        }
        if connectors.isEmpty { throw CommandFailure("there is no connector in \(scope.folder ?? scope.root)") }
        return .done
    }

    private static func table(_ connectors: [Connector], _ root: String) -> Table {
        var table = Table(columns: [
            .init("FEED"), .init("ORGANISATION"), .init("TOPIC"), .init("FORMAT"), .init("KINDS", isFlexible: true),
            .init("MONTHS", isRight: true), .init("VERSION"), .init("GOOD", isRight: true),
            .init("REFUSED", isRight: true),
        ])
        for connector in connectors {
            let counts = ConnectorExamples.counts(in: "\(root)/\(connector.feed.rawValue)")
            table.add([
                connector.feed.rawValue, connector.owner.rawValue, connector.topic, connector.formatText,
                connector.kinds.map(\.rawValue).joined(separator: ", "), String(connector.retentionMonths),
                connector.shortVersion, String(counts.good), String(counts.refused),
            ])
        }
        return table
    }
}

extension Connector {
    /// The members of a connector as JSON.
    fileprivate func write(in json: inout JSONWriter, folder: String) {
        json.text("feed", feed.rawValue)
        json.text("folder", folder)
        json.text("version", version.description)
        json.object("owner") { json in
            json.text("organisation", owner.rawValue)
            json.text("oin", ownerOIN.rawValue)
            json.text("tooi", ownerTOOI?.rawValue)
            json.text("principal", principal)
        }
        json.text("topic", topic)
        json.text("purpose", purpose)
        json.text("legal_basis", legalBasis)
        json.number("retention_months", retentionMonths)
        json.text("receipts", receipts.rawValue)
        json.text("offsets", offsets.rawValue)
        json.object("format") { json in
            json.text("name", formatText)
            json.text("envelope", envelope.rawValue)
            json.text("mode", modeText)
            json.number("bytes_max", bytesMax)
            json.number("depth_max", depthMax)
            json.number("nodes_max", nodesMax)
        }
        json.texts("versions", acceptedVersions)
        json.texts("identity", identityNames)
        json.texts("kinds", kinds.map(\.rawValue))
        json.member("actions")
        if let actions {
            json.beginArray()
            for action in actions { json.string(action.rawValue) }
            json.endArray()
        } else {
            json.string("any")
        }
        let counts = ConnectorExamples.counts(in: folder)
        json.object("examples") { json in
            json.number("good", counts.good)
            json.number("refused", counts.refused)
        }
    }
}
