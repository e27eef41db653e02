internal import Foundation
internal import JSON
internal import ParapluConnectors
internal import YAML

/// The AsyncAPI document of all topics: what Paraplu publishes as a base document has it, what it takes in as the
/// connectors have it.
struct AsyncAPIDocument {
    /// The largest base document, in bytes.
    private static let bytesMax = 4 << 20

    private let base: JSONTree
    private let file: String

    /// - Throws: `InputError` where the file can't be read, or is no AsyncAPI 3 document in YAML.
    init(base file: String) throws {
        self.file = file
        let bytes = try FileBytes.read(file, bytesMax: AsyncAPIDocument.bytesMax)
        do throws(YAMLError) {
            base = AsyncAPIDocument.tree(try YAMLDocument.parse(bytes, file: file))
        } catch {
            throw InputError("\(error)")
        }
        guard case .string(let version)? = base["asyncapi"], version.hasPrefix("3.") else {
            throw InputError("\(file): this is no AsyncAPI 3 document; --base names one with the outbound topics")
        }
    }

    /// What the base document puts in front of topics: what stands before `.out.`.
    var prefix: String {
        for member in base["channels"]?.members ?? [] {
            if case .string(let address)? = member.value["address"], let range = address.range(of: ".out.") {
                return String(address[..<range.lowerBound])
            }
        }
        return "stm"
    }

    /// The document with these feeds for its inbound half.
    func document(_ feeds: [ConnectorAsyncAPI]) -> JSONTree {
        // Paraplu sends on the outbound channels; those that it receives from are made anew.
        let sending = (base["operations"]?.members ?? []).filter { $0.value["action"] == .string("send") }
        let references = Set(sending.compactMap { $0.value["channel"]?["$ref"] })
        let outbound = (base["channels"]?.members ?? []).filter { member in
            references.contains(.string("#/channels/\(member.name)"))
        }.map { JSONTree.Member($0.name, withPartners(of: feeds, $0.value)) }
        let channels = feeds.map { JSONTree.Member($0.name, $0.channel) } + outbound
        let receiving = feeds.map { feed in
            JSONTree.Member("receive" + feed.name.prefix(1).uppercased() + feed.name.dropFirst(), feed.operation)
        }
        let document = base.setting("channels", .object(channels))
            .setting("operations", .object(receiving + sending))
        return document.setting("components", components(usedBy: [.object(channels), .object(sending)]))
    }

    /// A channel whose address has the partner in it, with the partners of these feeds.
    private func withPartners(of feeds: [ConnectorAsyncAPI], _ channel: JSONTree) -> JSONTree {
        guard let parameters = channel["parameters"], let partner = parameters["partner"] else { return channel }
        let names = JSONTree.strings(Set(feeds.map(\.partner)).sorted())
        return channel.setting("parameters", parameters.setting("partner", partner.setting("enum", names)))
    }

    /// The components that are referred to, directly or by another one.
    private func components(usedBy roots: [JSONTree]) -> JSONTree {
        var used: Set<String> = []
        var next = roots
        while let tree = next.popLast() {
            for reference in AsyncAPIDocument.references(in: tree) where used.insert(reference).inserted {
                if let target = component(reference) { next.append(target) }
            }
        }
        let kinds = (base["components"]?.members ?? []).compactMap { kind -> JSONTree.Member? in
            let kept = kind.value.members.filter { used.contains("#/components/\(kind.name)/\($0.name)") }
            return kept.isEmpty ? nil : .init(kind.name, .object(kept))
        }
        return .object(kinds)
    }

    private func component(_ reference: String) -> JSONTree? {
        let parts = reference.split(separator: "/")
        guard parts.count == 4, parts[0] == "#", parts[1] == "components" else { return nil }
        return base["components"]?[String(parts[2])]?[String(parts[3])]
    }

    private static func references(in tree: JSONTree) -> [String] {
        switch tree {
        case .object(let members):
            members.flatMap { member -> [String] in
                if member.name == "$ref", case .string(let reference) = member.value { return [reference] }
                return references(in: member.value)
            }
        case .array(let elements): elements.flatMap { references(in: $0) }
        case .string, .integer, .bool, .null, .number: []
        }
    }

    /// A YAML document as JSON, as YAML's core schema reads plain scalars: whole numbers, true, false, null.
    private static func tree(_ node: YAMLNode) -> JSONTree {
        switch node.content {
        case .mapping(let entries): .object(entries.map { .init($0.key.text ?? "", tree($0.value)) })
        case .sequence(let nodes): .array(nodes.map { tree($0) })
        case .scalar(let text, _):
            if let number = node.int {
                .integer(Int64(number))
            } else if let value = node.bool {
                .bool(value)
            } else if node.isNull {
                .null
            } else {
                .string(text)
            }
        }
    }
}
