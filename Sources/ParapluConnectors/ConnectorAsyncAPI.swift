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
            !$0.isRejected && ($0.value?.count ?? 0) <= ConnectorAsyncAPI.exampleBytesMax
        }
    }

    /// The channel's name: `szwActieplan`.
    package var name: String {
        let parts = connector.feed.rawValue.split { !($0.isLetter || $0.isNumber) }
        return parts.enumerated().map { $0.offset == 0 ? String($0.element) : $0.element.capitalizedFirst }.joined()
    }

    /// The first part of the feed's name, which receipts are sent by.
    package var partner: String { String(connector.feed.rawValue.prefix { $0 != "/" }) }

    /// The feed's channel: its topic's address and clean-up policy, its purpose and its messages.
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

    /// The operation by which the daemon receives the channel's messages.
    package var operation: JSONTree {
        .members([
            "action": .string("receive"),
            "channel": .members(["$ref": .string("#/channels/\(name)")]),
            "tags": .array([.members(["name": .string("inbound")])]),
        ])
    }

    private var messages: [(name: String, message: JSONTree)] {
        let withValue = examples.filter { $0.value != nil }
        var messages: [(String, JSONTree)] = []
        if connector.envelope == .none {
            messages.append(
                ("message", message("A message", connector.mediaType, headers: nil, schema.payload, withValue)))
        }
        if connector.acceptsStructured {
            let fitting = withValue.filter { isStructured($0) }
            let type = JSONTree.members([
                "type": .string("string"),
                "description": .string("application/cloudevents+json, in any case, with or without a charset"),
            ])
            let headers = object(["content-type"], [.init("content-type", type)])
            messages.append(
                (
                    "structured",
                    message(
                        "An event in structured mode", "application/cloudevents+json", headers: headers,
                        schema.structured, fitting)
                ))
        }
        if connector.acceptsBinary {
            let binary = withValue.filter { !isStructured($0) }
            // Where the version is something else than the type, any type is taken.
            let types = schema.types.isEmpty ? [nil] : schema.types.map { Optional($0) }
            for (number, type) in types.enumerated() {
                let fitting = binary.filter { type == nil || $0.header("ce_type") == type }
                messages.append(
                    (
                        types.count == 1 ? "binary" : "binary\(number + 1)",
                        message(
                            "\(type ?? "An event") in binary mode", connector.mediaType,
                            headers: binaryHeaders(types: type.map { [$0] } ?? [], ofTombstone: false),
                            schema.data(ofType: type), fitting)
                    ))
            }
        }
        if let tombstone { messages.append(("tombstone", tombstone)) }
        return messages
    }

    /// The message without a value; nil where the feed gives it no meaning.
    private var tombstone: JSONTree? {
        let records = connector.parsed.records.filter(\.isOfTombstone)
        guard !records.isEmpty else { return nil }
        let types = records.flatMap { record -> [String] in
            if case .attribute(.type, let values)? = record.condition { values } else { [] }
        }
        let headers = connector.envelope == .none ? nil : binaryHeaders(types: types, ofTombstone: true)
        return message(
            "A message without a value", connector.mediaType, headers: headers,
            .members(["type": .string("null")]), examples.filter { $0.value == nil })
    }

    /// The headers of an event in binary mode: what every event has, and each attribute that the definition reads.
    ///
    /// - Parameter types: The types that are taken; none for any.
    private func binaryHeaders(types: [String], ofTombstone: Bool) -> JSONTree {
        let attributes = AttributeUse(connector.parsed, ofTombstone: ofTombstone)
        var schemas: [EventAttribute: JSONTree] = [:]
        if case .attribute(let attribute, let accepted) = connector.parsed.version, attribute != .type {
            schemas[attribute] = .members(["enum": .strings(accepted)])
        }
        if types.count == 1 {
            schemas[.type] = .members(["const": .string(types[0])])
        } else if !types.isEmpty {
            schemas[.type] = .members(["enum": .strings(types)])
        }
        let shown: Set<EventAttribute> = [.specversion, .id, .source, .type, .time]
        let required = attributes.required.union([.specversion, .id, .source, .type])
        func name(_ attribute: EventAttribute) -> String { "ce_" + attribute.rawValue }
        let properties = EventAttribute.allCases.filter { shown.union(attributes.all).contains($0) }.map {
            JSONTree.Member(name($0), schemas[$0] ?? ConnectorSchema.schema(of: $0))
        }
        return object(EventAttribute.allCases.filter { required.contains($0) }.map(name), properties)
    }

    private func message(
        _ title: String, _ contentType: String, headers: JSONTree?, _ payload: JSONTree, _ examples: [ExampleFile]
    ) -> JSONTree {
        // What isn't JSON is text here; what its document holds is said by the schema beside it.
        let isTombstone = payload["type"] == .string("null")
        let isText = !connector.isJSON && contentType == connector.mediaType && !isTombstone
        let shown = examples.prefix(ConnectorAsyncAPI.examplesMax).compactMap { example(_: $0) }
        return .members([
            "name": .string("\(connector.feed): \(title)"), "title": .string(title),
            "contentType": .string(contentType), "headers": headers,
            "payload": isText ? .members(["type": .string("string")]) : payload,
            "x-document": isText ? payload : nil,
            "examples": shown.isEmpty ? nil : .array(shown),
            "bindings": .members([
                "kafka": .members(["bindingVersion": .string("0.5.0"), "key": key(ofTombstone: isTombstone)])
            ]),
        ])
    }

    private func key(ofTombstone: Bool) -> JSONTree {
        let rule: String
        switch connector.plan.key {
        case .none: rule = "No key is asked for; one that is given is kept and scanned."
        case .attribute(let attribute): rule = "The attribute \(attribute.rawValue)."
        case .slot(let slot):
            let path = connector.plan.tables.path(ofSlot: slot)
            rule =
                ofTombstone
                ? "The key of the messages that it follows, which is their \(path)." : "The value of \(path)."
        }
        return .members(["type": .string("string"), "description": .string(rule)])
    }

    private func example(_ file: ExampleFile) -> JSONTree? {
        guard let payload = file.value.map({ payload($0) }) ?? .null else { return nil }
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
