internal import YAML

extension DefinitionReader {
    /// A mapping of the definition, which knows what was asked of it: the rest is refused.
    final class Map {
        let whole: YAMLNode
        private let entries: [YAMLNode.Entry]
        private var asked: Set<String> = []
        private let name: String

        init(_ node: YAMLNode, _ name: String, _ reader: inout DefinitionReader) {
            whole = node
            self.name = name
            entries = node.mapping ?? []
            if node.mapping == nil { reader.note(node, .invalidValue, "\(name) is a mapping of keys to values") }
        }

        /// The value of a key, without a finding where it is missing.
        func peek(_ key: String) -> YAMLNode? { entries.first { $0.name == key }?.value }

        func node(_ key: String, isRequired: Bool, _ reader: inout DefinitionReader) -> YAMLNode? {
            asked.insert(key)
            if let node = peek(key) { return node }
            if isRequired { reader.note(whole, .missingKey, "\(name) needs “\(key)”") }
            return nil
        }

        func text(_ key: String, _ reader: inout DefinitionReader) -> String? {
            guard let node = node(key, isRequired: false, &reader) else { return nil }
            if let text = node.text { return text }
            reader.note(node, .invalidValue, "“\(key)” is one value")
            return nil
        }

        /// The value of a required key, where it has the form.
        func checked<Value>(
            _ key: String, _ expected: String, _ reader: inout DefinitionReader, _ make: (String) -> Value?
        ) -> Value? {
            guard let node = node(key, isRequired: true, &reader) else { return nil }
            if let value = node.text.flatMap(make) { return value }
            reader.note(node, .invalidValue, "“\(key)” is not what it should be", hint: expected)
            return nil
        }

        /// The value of an optional key, where it has the form.
        func optional<Value>(
            _ key: String, _ expected: String, _ reader: inout DefinitionReader, _ make: (String) -> Value?
        ) -> Value? {
            peek(key) == nil
                ? node(key, isRequired: false, &reader).flatMap { _ in nil } : checked(key, expected, &reader, make)
        }

        func number(_ key: String, _ range: ClosedRange<Int>, _ standard: Int, _ reader: inout DefinitionReader) -> Int
        {
            optional(key, "\(range.lowerBound) to \(range.upperBound)", &reader) { text in
                Int(text).flatMap { range.contains($0) ? $0 : nil }
            } ?? standard
        }

        func choice<Choice: RawRepresentable & CaseIterable>(
            _ key: String, _ standard: Choice, _ reader: inout DefinitionReader
        ) -> Choice where Choice.RawValue == String {
            let expected = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            return optional(key, expected, &reader) { Choice(rawValue: $0) } ?? standard
        }

        func items(_ key: String, isRequired: Bool, _ reader: inout DefinitionReader) -> [YAMLNode]? {
            guard let node = node(key, isRequired: isRequired, &reader) else { return nil }
            if let items = node.sequence { return items }
            reader.note(node, .invalidValue, "“\(key)” is a list")
            return nil
        }

        /// Notes each key that nobody asked for.
        func refuseTheRest(_ reader: inout DefinitionReader) {
            for entry in entries where !asked.contains(entry.name) {
                reader.note(
                    entry.key, .unknownKey, "“\(entry.name)” is no key of \(name)",
                    hint: asked.sorted().joined(separator: ", "))
            }
        }
    }
}

extension YAMLNode.Entry {
    /// The key's text; keys are scalars.
    var name: String { key.text ?? "" }
}

extension YAMLNode {
    var place: ConnectorDefinition.Place { .init(line: line, column: column) }
}
