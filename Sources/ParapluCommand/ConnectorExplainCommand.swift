internal import Digest
internal import JSON
internal import ParapluConnectors
internal import ParapluModel

extension Command {
    private static let headers = Option("headers", "FILE", "the message's headers, a JSON list of [name, value] pairs")
    private static let key = Option("key", "TEXT", "the message's key")

    /// The command `paraplu connector explain`.
    static let connectorExplain = Command(
        "connector explain", operands: "DEFINITION|FOLDER MESSAGE", 2...2,
        summary: "show every step of one message through a connector",
        details: """
            MESSAGE is a file, or - for standard input; where its name ends in .input.*, headers and key are taken from the files
            beside it, as connector test does. Values of the message are shown, but for what the privacy scan finds in them.
            Nothing is kept and no service is asked. Exit code 1 where the message is refused.
            """,
        example: "paraplu connector explain connectors/szw/actieplan message.json --headers headers.json",
        options: [headers, key]
    ) { call in
        let connector = try connector(call.operands[0])
        let message = try message(call, bytesMax: connector.bytesMax)
        let explanation = message.explain(connector)
        if call.isJSON {
            call.terminal.print(json: json(explanation, connector))
        } else {
            let text = ExplanationText(usesColor: call.terminal.usesColor, width: call.terminal.width)
            call.terminal.print(text.text(of: explanation, connector))
        }
        return explanation.code == nil ? .done : .failed
    }

    /// The connector of a definition's file or of a folder.
    private static func connector(_ path: String) throws -> Connector {
        let file = FileBytes.isDirectory(path) ? path + "/connector.yaml" : path
        let bytes = try FileBytes.read(file, bytesMax: Connector.definitionBytesMax)
        let (connector, findings) = Connector.make(file: file, bytes: bytes)
        guard let connector else {
            throw InputError("the definition has problems\n" + findings.map(\.description).joined(separator: "\n"))
        }
        return connector
    }

    private static func message(_ call: Invocation, bytesMax: Int) throws -> StoredMessage {
        let path = call.operands[1]
        // One byte more than is taken, so that a message that is too large is explained too.
        let value = path.hasSuffix(".null") ? nil : try FileBytes.read(path, bytesMax: max(bytesMax + 1, 16 << 20))
        let stem = path.lastComponentStem.map { String($0) }
        var pairs: [ExampleFile.Header] = []
        if let file = call[headers] ?? stem.map({ $0 + ".headers.json" }).flatMap({ FileBytes.exists($0) ? $0 : nil }) {
            guard let read = ExampleFile.headers(try FileBytes.read(file, bytesMax: 1 << 20)) else {
                throw InputError("\(file): this is no JSON list of [name, value] pairs")
            }
            pairs = read
        }
        var keyBytes = call[key].map { Array($0.utf8) }
        if keyBytes == nil, let file = stem.map({ $0 + ".key" }), FileBytes.exists(file) {
            keyBytes = try FileBytes.read(file, bytesMax: 1 << 16)
        }
        return StoredMessage(value: value, key: keyBytes, headers: pairs.map { ($0.name, $0.value) })
    }

    private static func json(_ explanation: MessageExplanation, _ connector: Connector) -> [UInt8] {
        func facts(_ facts: [MessageExplanation.Fact]) -> JSONTree {
            .array(facts.map { .members(["name": .string($0.name), "value": .string($0.value)]) })
        }
        let steps = explanation.steps.map { step in
            JSONTree.members([
                "step": .string(step.kind.rawValue), "title": .string(step.title), "facts": facts(step.facts),
                "fields": .array(
                    step.fields.map { field in
                        .members([
                            "name": .string(field.name), "operator": .string(field.operation),
                            "reads": facts(field.reads), "result": field.result.map { .string($0) } ?? .null,
                            "violations": .strings(field.violations),
                        ])
                    }),
                "violations": .strings(step.violations),
            ])
        }
        return JSONWriter.object { json in
            json.text("feed", connector.feed.rawValue)
            json.text("version", connector.version.description)
            json.text("refused", explanation.code)
            json.list("steps", steps) { step, json in step.write(to: &json) }
            json.member("document")
            (explanation.document ?? .null).write(to: &json)
            json.member("outcome")
            json.raw(explanation.outcome)
            json.list("records", explanation.records) { record, json in
                json.object { json in
                    json.member("record")
                    json.raw(record.json)
                    json.text("identity", record.identity)
                    json.text("digest", record.digest)
                }
            }
        }
    }
}

extension String {
    /// What stands before `.input.` of an example's path; nil for another file.
    fileprivate var lastComponentStem: Substring? {
        guard let dot = lastIndex(of: "."), self[..<dot].hasSuffix(".input") else { return nil }
        return self[..<dot].dropLast(".input".count)
    }
}

/// An explanation on a terminal.
struct ExplanationText {
    let usesColor: Bool
    let width: Int?

    func text(of explanation: MessageExplanation, _ connector: Connector) -> String {
        var text = "\(connector.feed) \(connector.shortVersion), \(connector.formatText)\n"
        for step in explanation.steps {
            text += "\n" + Table.styled(step.kind.rawValue, .heading, usesColor) + "  \(step.title)\n"
            var facts = Table(columns: [.init(""), .init(""), .init("", isFlexible: true)], hasHeader: false)
            for fact in step.facts { facts.add(["", fact.name, fact.value]) }
            text += facts.text(width: width, usesColor: usesColor)
            if !step.fields.isEmpty { text += fields(step.fields) }
            let inFields = Set(step.fields.flatMap(\.violations))
            for violation in step.violations where !inFields.contains(violation) { text += wrong(violation) }
        }
        if let code = explanation.code {
            text += "\n" + Table.styled("refused: \(code)", .red, usesColor) + "\n"
        } else {
            text += "\n" + Table.styled("taken: \(explanation.records.count) records", .green, usesColor) + "\n"
        }
        for record in explanation.records {
            text += "  " + String(decoding: record.json, as: UTF8.self) + "\n"
            text += "  identity \(record.identity), digest \(record.digest)\n"
        }
        return text
    }

    private func fields(_ fields: [MessageExplanation.Field]) -> String {
        var table = Table(columns: [
            .init(""), .init("FIELD"), .init("READS", isFlexible: true), .init("OPERATOR", isFlexible: true),
            .init("RESULT"),
        ])
        for field in fields {
            let reads = field.reads.map { field.reads.count == 1 ? $0.value : "\($0.name) \($0.value)" }
            let style: Table.Style =
                field.result == nil || !field.violations.isEmpty ? .red : field.result == "absent" ? .faint : .plain
            table.add([
                .init(""), .init(field.name), .init(reads.joined(separator: ", ")), .init(field.operation),
                .init(field.violations.isEmpty ? field.result ?? "refused" : "refused", style),
            ])
        }
        return table.text(width: width, usesColor: usesColor)
            + fields.flatMap(\.violations).map { wrong($0) }.joined()
    }

    private func wrong(_ violation: String) -> String { "  " + Table.styled("✗ \(violation)", .red, usesColor) + "\n" }
}
