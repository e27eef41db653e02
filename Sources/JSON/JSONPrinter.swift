/// A JSON value over several lines, for files that people read and compare.
package enum JSONPrinter {
    /// The value with two spaces per level, one member or element a line, and a line break at its end.
    ///
    /// Strings and numbers stay what they are.
    /// - Parameter sortsMembers: Whether members stand in the order of their names rather than of the text.
    package static func text(of node: JSONNode, sortsMembers: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        append(node, indent: 0, sortsMembers, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private static func append(_ node: JSONNode, indent: Int, _ sortsMembers: Bool, to bytes: inout [UInt8]) {
        switch node.kind {
        case .object where node.count > 0:
            var members = Array(node.members)
            if sortsMembers { members.sort { $0.name < $1.name } }
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                newLine(index == 0, indent + 1, &bytes)
                string(member.nameUTF8, &bytes)
                bytes += Array(" : ".utf8)
                append(member.value, indent: indent + 1, sortsMembers, to: &bytes)
            }
            newLine(true, indent, &bytes)
            bytes.append(UInt8(ascii: "}"))
        case .array where node.count > 0:
            bytes.append(UInt8(ascii: "["))
            for (index, element) in node.elements.enumerated() {
                newLine(index == 0, indent + 1, &bytes)
                append(element, indent: indent + 1, sortsMembers, to: &bytes)
            }
            newLine(true, indent, &bytes)
            bytes.append(UInt8(ascii: "]"))
        case .object: bytes += Array("{}".utf8)
        case .array: bytes += Array("[]".utf8)
        case .string: if let text = node.utf8 { string(text, &bytes) }
        case .number: if let text = node.rawNumber { bytes += text }
        case .true: bytes += Array("true".utf8)
        case .false: bytes += Array("false".utf8)
        case .null: bytes += Array("null".utf8)
        }
    }

    private static func newLine(_ isFirst: Bool, _ indent: Int, _ bytes: inout [UInt8]) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\n"))
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: indent * 2)
    }

    private static func string(_ text: UnsafeRawBufferPointer, _ bytes: inout [UInt8]) {
        var writer = JSONWriter(capacity: text.count + 2)
        writer.string(utf8: text)
        bytes += writer.bytes
    }
}
