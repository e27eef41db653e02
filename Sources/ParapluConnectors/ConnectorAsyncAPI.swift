package import JSON
internal import ParapluModel

/// A feed's topic in the words of AsyncAPI: channel, messages with payload and examples, operation.
///
/// - Source: AsyncAPI 3.0.0, and its Kafka bindings 0.5.0.
package struct ConnectorAsyncAPI {
    /// The most examples of a message, and the largest one, in bytes.
    private static let examplesMax = 3
    private static let exampleBytesMax = 8_192

    private let connector: Connector
    private let schema: ConnectorSchema
    private let examples: [ExampleFile]
    private let prefix: String

    /// - Parameters:
    ///   - folder: The feed's folder, for its examples.
    ///   - prefix: What the deployment puts in front of topics.
    package init(_ connector: Connector, folder: String, prefix: String) {
        self.connector = connector
        self.prefix = prefix
        schema = ConnectorSchema(connector)
        examples = ExampleFile.all(in: folder).filter {
            !$0.isRejected && ($0.value?.count ?? .max) <= ConnectorAsyncAPI.exampleBytesMax
        }
    }

    /// The channel's name: `szwActieplan`.
    package var name: String {
        let parts = connector.feed.rawValue.split { !($0.isLetter || $0.isNumber) }
        return parts.enumerated().map { $0.offset == 0 ? String($0.element) : $0.element.capitalizedFirst }.joined()
    }

    /// The first part of the feed's name, which receipts are sent by.
    package var partner: String { String(connector.feed.rawValue.prefix { $0 != "/" }) }

    package var channel: JSONTree {
        let policy = connector.offsets == .compacted ? "compact" : "delete"
        return .members([
            "address": .string("\(prefix).\(connector.topic)"),
            "title": .string("\(connector.feed), \(connector.formatText)"),
            "description": .string(connector.purpose),
            "messages": .object(messages.map { .init($0.name, $0.message) }),
            "bindings": .members([
                "kafka": .members([
                    "bindingVersion": .string("0.5.0"),
                    "topicConfiguration": .members(["cleanup.policy": .strings([policy])]),
                ])
            ]),
        ])
    }

    package var operation: JSONTree {
        .members([
            "action": .string("receive"),
            "channel": .members(["$ref": .string("#/channels/\(name)")]),
            "tags": .array([.members(["name": .string("inbound")])]),
        ])
    }

    private var messages: [(name: String, message: JSONTree)] {
        var messages: [(String, JSONTree)] = []
        if connector.envelope == .none {
            return [("message", message("A message", connector.mediaType, headers: nil, schema.payload, examples))]
        }
        if connector.acceptsStructured {
            let fitting = examples.filter { isStructured($0) }
            let headers = object(["content-type"], [.init("content-type", .members(["type": .string("string")]))])
            messages.append(
                (
                    "structured",
                    message(
                        "An event in structured mode", "application/cloudevents+json", headers: headers,
                        schema.structured, fitting)
                ))
        }
        guard connector.acceptsBinary else { return messages }
        let types = connector.acceptedVersions
        for (number, type) in types.enumerated() {
            let fitting = examples.filter { !isStructured($0) && $0.header("ce_type") == type }
            let headers = object(
                ["ce_specversion", "ce_id", "ce_source", "ce_type"],
                [
                    .init("ce_specversion", .members(["const": .string("1.0")])),
                    .init("ce_id", .members(["type": .string("string")])),
                    .init("ce_source", .members(["type": .string("string")])),
                    .init("ce_type", .members(["const": .string(type)])),
                    .init("ce_time", .members(["type": .string("string"), "format": .string("date-time")])),
                ])
            messages.append(
                (
                    types.count == 1 ? "binary" : "binary\(number + 1)",
                    message(
                        "\(type) in binary mode", connector.mediaType, headers: headers, schema.data(ofType: type),
                        fitting)
                ))
        }
        return messages
    }

    private func message(
        _ title: String, _ contentType: String, headers: JSONTree?, _ payload: JSONTree, _ examples: [ExampleFile]
    ) -> JSONTree {
        // What isn't JSON is text here; what its document holds is said by the schema beside it.
        let isText = !connector.isJSON && contentType == connector.mediaType
        let shown = examples.prefix(ConnectorAsyncAPI.examplesMax).compactMap { example(_: $0) }
        return .members([
            "name": .string("\(connector.feed): \(title)"), "title": .string(title),
            "contentType": .string(contentType), "headers": headers,
            "payload": isText ? .members(["type": .string("string")]) : payload,
            "x-document": isText ? payload : nil,
            "examples": shown.isEmpty ? nil : .array(shown),
            "bindings": .members(["kafka": .members(["bindingVersion": .string("0.5.0"), "key": key])]),
        ])
    }

    private var key: JSONTree {
        let rule: String
        switch connector.plan.key {
        case .none: rule = "No key is asked for; one that is given is kept and scanned."
        case .attribute(let attribute): rule = "The attribute \(attribute.rawValue)."
        case .slot(let slot): rule = "The value of \(connector.plan.tables.path(ofSlot: slot))."
        }
        return .members(["type": .string("string"), "description": .string(rule)])
    }

    private func example(_ file: ExampleFile) -> JSONTree? {
        guard let value = file.value, let payload = payload(value) else { return nil }
        // A header that is repeated has no place in an object: the first one is shown.
        var headers: [JSONTree.Member] = []
        for header in file.headers where !headers.contains(where: { $0.name == header.name }) {
            if let value = header.value { headers.append(.init(header.name, .string(value))) }
        }
        return .members([
            "name": .string(file.name), "headers": headers.isEmpty ? nil : .object(headers), "payload": payload,
        ])
    }

    /// The value of an example; nil where it can't be shown.
    private func payload(_ value: [UInt8]) -> JSONTree? {
        if !connector.isJSON { return String(validating: value, as: UTF8.self).map { .string($0) } }
        return (try? JSONParser.document(of: value).root).map { JSONTree($0) }
    }

    private func object(_ required: [String], _ properties: [JSONTree.Member]) -> JSONTree {
        .members([
            "type": .string("object"), "properties": .object(properties), "required": .strings(required),
        ])
    }

    private func isStructured(_ file: ExampleFile) -> Bool {
        file.header("content-type")?.lowercased().hasPrefix("application/cloudevents") ?? false
    }
}

extension Substring {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
