/// A value of a YAML document, with its place in the file.
///
/// Scalars are text; what a text means is the reader's to say, with `int`, `bool` and `isNull` as helpers.
package struct YAMLNode: Sendable, Hashable {
    /// What a node holds.
    package enum Content: Sendable, Hashable {
        /// Keys, which are scalars and differ, with their values, in the order of the file.
        case mapping([Entry])

        /// Values in order.
        case sequence([YAMLNode])

        /// A text; plain when written without quotes and not as a block.
        case scalar(String, isPlain: Bool)
    }

    /// A key of a mapping and its value.
    package struct Entry: Sendable, Hashable {
        /// The key, a scalar that no other entry of the mapping has.
        package let key: YAMLNode
        /// What the key stands for, of any kind.
        package let value: YAMLNode
    }

    /// What the node holds.
    package let content: Content

    /// The line on which the node begins, from 1.
    package let line: Int

    /// The column at which the node begins, in characters from 1.
    package let column: Int

    package init(content: Content, line: Int, column: Int) {
        self.content = content
        self.line = line
        self.column = column
    }

    /// The entries of a mapping; nil for other nodes.
    package var mapping: [Entry]? {
        guard case .mapping(let entries) = content else { return nil }
        return entries
    }

    /// The values of a sequence; nil for other nodes.
    package var sequence: [YAMLNode]? {
        guard case .sequence(let nodes) = content else { return nil }
        return nodes
    }

    /// The text of a scalar, quoted or not; nil for other nodes.
    package var text: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }

    /// The text of a plain scalar.
    private var plain: String? {
        guard case .scalar(let text, isPlain: true) = content else { return nil }
        return text
    }

    /// A plain scalar in decimal digits, without sign `+`, leading zeros, `_` or other bases; otherwise nil.
    package var int: Int? {
        guard let plain, let value = Int(plain), String(value) == plain else { return nil }
        return value
    }

    /// A plain `true` or `false`, and nothing else that YAML 1.1 takes for one; otherwise nil.
    package var bool: Bool? {
        switch plain {
        case "true": true
        case "false": false
        default: nil
        }
    }

    /// Whether the node is a plain scalar that is empty, `~` or `null`.
    package var isNull: Bool {
        guard let plain else { return false }
        return plain.isEmpty || plain == "~" || plain == "null"
    }

    /// The value of `key` in a mapping; nil without one, and for other nodes.
    package subscript(key: String) -> YAMLNode? {
        mapping?.first { $0.key.text == key }?.value
    }
}

/// Why a file is not the YAML that we take, and where.
package struct YAMLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file's name, as the caller gave it.
    package let file: String

    /// The line, from 1.
    package let line: Int

    /// The column, in characters from 1.
    package let column: Int

    /// What is wrong, without the file's contents.
    package let message: String

    package init(file: String, line: Int, column: Int, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `file:line:column: message`, as compilers write it.
    package var description: String { "\(file):\(line):\(column): \(message)" }
}
