/// A JSON value to be built part by part and then written: for documents whose shape is not fixed.
///
/// Members keep the order in which they are given.
package indirect enum JSONTree: Sendable, Hashable {
    case object([Member])
    case array([JSONTree])
    case string(String)
    case integer(Int64)
    case bool(Bool)
    case null
    /// A number as it is written.
    case number(String)

    /// A member of an object.
    package struct Member: Sendable, Hashable {
        /// The member's name, not escaped.
        package let name: String
        /// What stands behind the name.
        package let value: JSONTree

        package init(_ name: String, _ value: JSONTree) {
            self.name = name
            self.value = value
        }
    }

    /// An object of pairs; those without a value are left out.
    package static func members(_ pairs: KeyValuePairs<String, JSONTree?>) -> JSONTree {
        .object(pairs.compactMap { name, value in value.map { Member(name, $0) } })
    }

    /// An array of strings.
    package static func strings(_ texts: [String]) -> JSONTree { .array(texts.map { .string($0) }) }

    /// The tree of a parsed value.
    package init(_ node: JSONNode) { self.init(node.value) }

    /// The value of a document that somebody holds.
    package init(_ node: JSONValue) {
        self =
            switch node.kind {
            case .object:
                .object(node.members.map { Member(String(decoding: $0.name, as: UTF8.self), JSONTree($0.value)) })
            case .array: .array(node.elements.map { JSONTree($0) })
            case .string: .string(node.string ?? "")
            case .number: .number(node.rawNumber.map { String(decoding: $0, as: UTF8.self) } ?? "0")
            case .true: .bool(true)
            case .false: .bool(false)
            case .null: .null
            }
    }

    /// The members of an object; none for other values.
    package var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// The value of a member; nil without one.
    package subscript(_ name: String) -> JSONTree? { members.first { $0.name == name }?.value }

    /// The object with a member added, or another value for it.
    package func setting(_ name: String, _ value: JSONTree) -> JSONTree {
        var members = members
        if let index = members.firstIndex(where: { $0.name == name }) {
            members[index] = Member(name, value)
        } else {
            members.append(Member(name, value))
        }
        return .object(members)
    }

    /// Writes the value.
    package func write(to json: inout JSONWriter) {
        switch self {
        case .object(let members):
            json.beginObject()
            for member in members {
                json.member(name: member.name)
                member.value.write(to: &json)
            }
            json.endObject()
        case .array(let elements):
            json.beginArray()
            for element in elements { element.write(to: &json) }
            json.endArray()
        case .string(let text): json.string(text)
        case .integer(let number): json.integer(number)
        case .bool(let value): json.bool(value)
        case .null: json.null()
        case .number(let text): json.raw(Array(text.utf8))
        }
    }

    /// The value as one line.
    package var bytes: [UInt8] {
        var json = JSONWriter()
        write(to: &json)
        return json.bytes
    }

    /// The value over several lines, for files that people read.
    package var printed: [UInt8] {
        let limits = JSONLimits(bytesMax: 1 << 28, depthMax: 256, nodesMax: 1 << 24)
        guard let root = try? JSONParser.document(of: bytes, limits: limits).root else {
            preconditionFailure("what is written here is JSON, within bounds")
        }
        return JSONPrinter.text(of: root)
    }
}
