internal import Charsets
internal import YAML

extension DefinitionReader {
    private enum Kind: String, CaseIterable {
        case json, csv, xml
    }

    /// The section `format`, as far as it can be read.
    mutating func readFormat(_ map: Map) -> ConnectorDefinition.Format {
        var format = ConnectorDefinition.Format()
        guard let node = map.node("format", isRequired: true, &self) else { return format }
        let section = Map(node, "format", &self)
        let kind = section.choice("kind", Kind.json, &self)
        switch kind {
        case .json: break
        case .csv: format.kind = .csv(readTableFormat(section))
        case .xml: format.kind = .xml(readXMLFormat(section))
        }
        refuseKeys(of: Kind.allCases.filter { $0 != kind }, section)
        format.envelope = section.choice("envelope", ConnectorEnvelope.none, &self)
        if format.envelope == .cloudEvents {
            format.profile = section.choice("profile", EventProfile.cloudEvents, &self)
            switch section.checked(
                "mode", "structured, binary or both", &self,
                { ["structured", "binary", "both"].contains($0) ? $0 : nil })
            {
            case "structured": format.acceptsStructured = true
            case "binary": format.acceptsBinary = true
            default: (format.acceptsStructured, format.acceptsBinary) = (true, true)
            }
            if kind != .json, format.acceptsStructured, let mode = section.peek("mode") {
                note(
                    mode, .invalidOperator, "an event in structured mode is JSON, and so is its data",
                    hint: "“mode: binary” carries \(kind.rawValue)")
            }
        }
        format.bytesMax = section.number("bytes_max", 64...16_777_216, format.bytesMax, &self)
        format.depthMax = section.number("depth_max", 1...64, format.depthMax, &self)
        format.nodesMax = section.number("nodes_max", 1...1_000_000, format.nodesMax, &self)
        section.refuseTheRest(&self)
        return format
    }

    /// Refuses, with the reason, the keys that only other kinds have.
    private mutating func refuseKeys(of kinds: [Kind], _ section: Map) {
        for kind in kinds {
            let keys =
                switch kind {
                case .json: [String]()
                case .csv: ["separator", "encoding"]
                case .xml: ["root", "namespaces"]
                }
            for key in keys {
                guard section.peek(key) != nil, let node = section.node(key, isRequired: false, &self) else { continue }
                note(node, .unknownKey, "“\(key)” goes with “kind: \(kind.rawValue)”", hint: "leave it out")
            }
        }
    }

    // MARK: CSV

    private mutating func readTableFormat(_ section: Map) -> PayloadFormat.TableFormat {
        var format = PayloadFormat.TableFormat()
        format.separator =
            section.optional("separator", "one ASCII character, such as \";\" or \"\\t\"", &self) {
                DefinitionReader.separator($0)
            } ?? format.separator
        let encodings: [Charset] = [.utf8, .windows1252]
        format.encoding =
            section.optional("encoding", encodings.map(\.rawValue).joined(separator: ", "), &self) { text in
                encodings.first { $0.rawValue == text }
            } ?? format.encoding
        return format
    }

    /// The byte of a separator: a tab or ASCII punctuation that is no quote.
    private static func separator(_ text: String) -> UInt8? {
        guard text.utf8.count == 1, let byte = text.utf8.first else { return nil }
        let isPunctuation = (0x21...0x7E).contains(byte) && !text.allSatisfy { $0.isLetter || $0.isNumber }
        return byte == 0x09 || (isPunctuation && byte != UInt8(ascii: "\"")) ? byte : nil
    }

    // MARK: XML

    private mutating func readXMLFormat(_ section: Map) -> PayloadFormat.XMLFormat {
        var format = PayloadFormat.XMLFormat()
        if let node = section.node("namespaces", isRequired: false, &self) {
            if node.mapping == nil {
                note(node, .invalidValue, "“namespaces” says what each prefix stands for", hint: "{ v: \"urn:…\" }")
            }
            for entry in node.mapping ?? [] {
                guard let name = entry.value.text, !name.isEmpty, name.utf8.count <= 256 else {
                    note(entry.value, .invalidValue, "a namespace is a text of at most 256 bytes")
                    continue
                }
                if !DefinitionReader.isXMLName(entry.name) || ["xml", "xmlns"].contains(entry.name) {
                    note(entry.key, .invalidValue, "“\(entry.name)” cannot be a prefix", hint: "letters and digits")
                }
                if format.namespaces.contains(where: { $0.name == name }) {
                    note(entry.value, .duplicate, "the namespace has a prefix already")
                }
                format.namespaces.append(.init(prefix: entry.name, name: name))
            }
        }
        if let root = section.checked("root", "the root element, such as v:voortgang", &self, { $0 }),
            let node = section.peek("root")
        {
            format.root = root
            if !DefinitionReader.isElement(root, format) || root.hasPrefix("xml:") {
                note(node, .invalidValue, "“\(root)” is no element", hint: "a declared prefix, a colon and a name")
            }
        }
        return format
    }

    /// Notes a path that no document of the payload's format can have.
    mutating func refuseUnnamable(_ segments: [String], _ node: YAMLNode) {
        switch payload {
        case .json: break
        case .csv:
            if segments.first != "rows" || (segments.count > 1 && segments[1] != "*") || segments.count > 3 {
                note(
                    node, .pathConflict, "a table has rows, and a row the header's fields",
                    hint: "“each: /rows” for the record, and the header's name as path")
            }
        case .xml(let format):
            for (index, segment) in segments.enumerated() {
                let isLast = index == segments.count - 1
                if segment == "*" || (isLast && segment == "#text") || DefinitionReader.isElement(segment, format)
                    || (isLast && segment.hasPrefix("@")
                        && DefinitionReader.isElement(String(segment.dropFirst()), format))
                {
                    continue
                }
                note(
                    node, .pathConflict, "“\(segment)” is no element, attribute or text",
                    hint: "v:name with a prefix of “namespaces”, @name or #text at the end")
            }
        }
    }

    /// Whether a text names an element: a name, or a declared prefix, a colon and a name.
    private static func isElement(_ text: String, _ format: PayloadFormat.XMLFormat) -> Bool {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.last, isXMLName(name) else { return false }
        return parts.count == 1 || parts[0] == "xml" || format.namespaces.contains { $0.prefix == parts[0] }
    }

    /// Whether a text is a name without a colon, as far as definitions need to know.
    ///
    /// - Source: Namespaces in XML 1.0, production 4 (NCName); letters are all beyond ASCII.
    private static func isXMLName(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") || byte >= 0x80 }
        return isLetter(first)
            && text.utf8.allSatisfy {
                isLetter($0) || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
    }
}
