import Foundation
import JSON
import ParapluConnectors
import ParapluTesting
import YAML

/// `asyncapi.yaml` as it is kept, and whether a message is one that it describes.
struct AsyncAPIFile {
    let root: JSONTree
    private let validator: SchemaValidator

    /// The repository's own.
    static func kept() throws -> AsyncAPIFile {
        let path = Workplace.root + "/asyncapi.yaml"
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        return AsyncAPIFile(tree(try YAMLDocument.parse(bytes, file: path)))
    }

    private init(_ root: JSONTree) {
        self.root = root
        validator = SchemaValidator(root: root) { reference in
            guard let data = FileManager.default.contents(atPath: Workplace.root + "/" + reference) else { return nil }
            return (try? JSONParser.document(of: Array(data)).root).map { JSONTree($0) }
        }
    }

    /// A YAML document as JSON, as YAML's core schema reads plain scalars, fractions apart.
    private static func tree(_ node: YAMLNode) -> JSONTree {
        switch node.content {
        case .mapping(let entries): .object(entries.map { .init($0.key.text ?? "", tree($0.value)) })
        case .sequence(let nodes): .array(nodes.map { tree($0) })
        case .scalar(let text, let isPlain):
            if let number = node.int {
                .integer(Int64(number))
            } else if let value = node.bool {
                .bool(value)
            } else if node.isNull {
                .null
            } else if isPlain, text.contains("."), Double(text) != nil {
                .number(text)
            } else {
                .string(text)
            }
        }
    }

    /// What stands at a place, with what it refers to in its place.
    func at(_ names: String...) -> JSONTree? {
        names.reduce(root) { (tree: JSONTree?, name: String) in tree.flatMap { resolved($0) }?[name] }.map(resolved)
    }

    /// The texts of an enumeration, in order of the alphabet.
    func choices(_ names: String...) -> [String] {
        let schema = names.reduce(root) { (tree: JSONTree?, name: String) in tree.flatMap { resolved($0) }?[name] }
        guard case .array(let values)? = schema?["enum"] else { return [] }
        return values.compactMap { value -> String? in
            if case .string(let text) = value { return text }
            return nil
        }.sorted()
    }

    private func resolved(_ tree: JSONTree) -> JSONTree {
        guard case .string(let reference)? = tree["$ref"], let target = validator.target(reference) else { return tree }
        return resolved(target)
    }

    /// The messages of the channel at an address.
    private func messages(at address: String) -> [JSONTree] {
        let channel = (root["channels"]?.members ?? []).first { $0.value["address"] == .string(address) }?.value
        return (channel?["messages"]?.members ?? []).map { resolved($0.value) }
    }

    /// A message as a publisher sends it.
    struct Sent {
        /// Nil for a message without a value; any text where it is no JSON.
        var value: [UInt8]?
        var key: [UInt8]?
        var headers: [ExampleFile.Header]
    }

    /// Whether a message is one of those that the channel of a topic describes.
    func describes(_ message: Sent, topic: String) -> Bool {
        let payload = AsyncAPIFile.payload(message.value)
        // A header that is repeated has no place in an object: the first one stands for it.
        let headers = message.headers.reduce(into: [JSONTree.Member]()) { members, header in
            guard let value = header.value, !members.contains(where: { $0.name == header.name }) else { return }
            members.append(.init(header.name, .string(value)))
        }
        return messages(at: "stm.\(topic)").contains { description in
            guard let schema = description["payload"], validator.errors(payload, schema).isEmpty else { return false }
            if let schema = description["headers"], !validator.errors(.object(headers), schema).isEmpty { return false }
            guard let key = description["bindings"].map(resolved)?["kafka"]?["key"] else { return false }
            return isKey(message.key, key, payload: payload, headers: headers)
        }
    }

    /// The value as JSON, without members that are null, which means absent.
    private static func payload(_ value: [UInt8]?) -> JSONTree {
        guard let value else { return .null }
        guard let root = try? JSONParser.document(of: value).root else { return .string("") }
        return withoutNulls(JSONTree(root))
    }

    private static func withoutNulls(_ tree: JSONTree) -> JSONTree {
        switch tree {
        case .object(let members):
            .object(
                members.filter { $0.value != .null }.map { JSONTree.Member($0.name, withoutNulls($0.value)) })
        case .array(let elements): .array(elements.map(withoutNulls))
        case .string, .integer, .bool, .null, .number: tree
        }
    }

    /// Whether a key is the one that is described: the value of an attribute, or of what its path names.
    private func isKey(
        _ key: [UInt8]?, _ schema: JSONTree, payload: JSONTree, headers: [JSONTree.Member]
    ) -> Bool {
        guard schema["type"] != nil else { return true }
        guard let key, case .string(let description)? = schema["description"] else { return false }
        let text = JSONTree.string(String(decoding: key, as: UTF8.self))
        let words = description.split(separator: " ").map(String.init)
        guard description.hasPrefix("The value of "), let name = words.last else {
            return validator.errors(text, schema).isEmpty
        }
        if description.contains("attribute") {
            return [payload[name], headers.first { $0.name == "ce_\(name)" }?.value].contains(text)
        }
        return name.split(separator: ".").reduce(payload) { (tree: JSONTree?, name: Substring) in
            tree?[String(name)]
        } == text
    }
}
