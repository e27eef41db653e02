internal import CLibYAML

/// YAML as our configuration and connector definitions use it: one document of mappings, sequences and scalars.
///
/// What makes YAML surprising is refused: anchors and aliases, tags, several documents, equal keys, keys that are no
/// scalars.
///
/// - Source: YAML 1.1 as libyaml reads it, <https://pyyaml.org/wiki/LibYAML>.
package enum YAMLDocument {
    /// The largest file: 1 MiB.
    package static let bytesMax = 1 << 20

    /// The deepest nesting of mappings and sequences: 32.
    package static let depthMax = 32

    /// The most nodes, keys included: 50,000.
    package static let nodesMax = 50_000

    /// Parses `bytes`, UTF-8, into the document's root.
    ///
    /// - Parameter file: The name that errors carry.
    /// - Throws: `YAMLError` with the place of what is wrong or refused.
    package static func parse(_ bytes: [UInt8], file: String) throws(YAMLError) -> YAMLNode {
        guard bytes.count <= bytesMax else {
            throw YAMLError(file: file, line: 1, column: 1, message: "larger than \(bytesMax) bytes")
        }
        // libyaml asserts that there is an input, and an empty array need not have an address.
        guard !bytes.isEmpty else {
            throw YAMLError(file: file, line: 1, column: 1, message: "the file holds no document")
        }
        // `withUnsafeBufferPointer` does not carry typed errors through in Swift 6.0.
        let result = bytes.withUnsafeBufferPointer { input -> Result<YAMLNode, YAMLError> in
            do throws(YAMLError) {
                return .success(try EventReader(input: input, file: file).document())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Parses `text` into the document's root; see `parse(_:file:)` for bytes.
    package static func parse(_ text: String, file: String) throws(YAMLError) -> YAMLNode {
        try parse(Array(text.utf8), file: file)
    }
}

/// Builds nodes from libyaml's events; must not outlive its input.
private final class EventReader {
    private let input: UnsafeBufferPointer<UInt8>
    private let file: String
    // On the heap, since libyaml keeps pointers into it.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private var event = yaml_event_t()
    private var nodeCount = 0

    init(input: UnsafeBufferPointer<UInt8>, file: String) {
        self.input = input
        self.file = file
        precondition(yaml_parser_initialize(parser) == 1, "libyaml has no memory for a parser")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        // Deleting an event clears it, so that one deleted already stays as it is.
        yaml_event_delete(&event)
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    func document() throws(YAMLError) -> YAMLNode {
        try next()  // stream start
        try next()
        guard event.type == YAML_DOCUMENT_START_EVENT else { throw refusal("the file holds no document") }
        let directives = event.data.document_start.tag_directives
        guard directives.start == directives.end else { throw refusal("tag directives are not taken") }
        try next()
        let root = try node(depth: 0)
        try next()  // document end
        try next()
        guard event.type == YAML_STREAM_END_EVENT else { throw refusal("more than one document") }
        return root
    }

    /// The node whose first event is the present one.
    private func node(depth: Int) throws(YAMLError) -> YAMLNode {
        let line = Int(event.start_mark.line) + 1
        let column = Int(event.start_mark.column) + 1
        nodeCount += 1
        guard nodeCount <= YAMLDocument.nodesMax else { throw refusal("more than \(YAMLDocument.nodesMax) nodes") }
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            try refuse(anchor: scalar.anchor, tag: scalar.tag)
            let text = String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            return YAMLNode(content: .scalar(text, isPlain: isPlain), line: line, column: column)
        case YAML_SEQUENCE_START_EVENT:
            try refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag)
            return YAMLNode(content: .sequence(try elements(depth: depth + 1)), line: line, column: column)
        case YAML_MAPPING_START_EVENT:
            try refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag)
            return YAMLNode(content: .mapping(try entries(depth: depth + 1)), line: line, column: column)
        case YAML_ALIAS_EVENT:
            throw refusal("aliases are not taken")
        default:
            throw refusal("a value was expected")
        }
    }

    private func elements(depth: Int) throws(YAMLError) -> [YAMLNode] {
        try check(depth: depth)
        var nodes: [YAMLNode] = []
        while true {
            try next()
            if event.type == YAML_SEQUENCE_END_EVENT { return nodes }
            nodes.append(try node(depth: depth))
        }
    }

    private func entries(depth: Int) throws(YAMLError) -> [YAMLNode.Entry] {
        try check(depth: depth)
        var entries: [YAMLNode.Entry] = []
        var keys: Set<String> = []
        while true {
            try next()
            if event.type == YAML_MAPPING_END_EVENT { return entries }
            if event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT {
                throw refusal("a key must be a scalar")
            }
            let key = try node(depth: depth)
            guard keys.insert(key.text ?? "").inserted else { throw refusal("the key is there already") }
            try next()
            entries.append(YAMLNode.Entry(key: key, value: try node(depth: depth)))
        }
    }

    private func check(depth: Int) throws(YAMLError) {
        guard depth <= YAMLDocument.depthMax else {
            throw refusal("nested deeper than \(YAMLDocument.depthMax) levels")
        }
    }

    private func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?
    ) throws(YAMLError) {
        if anchor != nil { throw refusal("anchors are not taken") }
        if tag != nil { throw refusal("tags are not taken") }
    }

    /// A refusal of the present event.
    private func refusal(_ message: String) -> YAMLError {
        YAMLError(
            file: file, line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1, message: message
        )
    }

    /// Goes on to the next event.
    private func next() throws(YAMLError) {
        yaml_event_delete(&event)
        guard yaml_parser_parse(parser, &event) == 1 else { throw parserError() }
    }

    /// What libyaml says it stumbled on; its texts name no contents.
    private func parserError() -> YAMLError {
        let message = parser.pointee.problem.map { String(cString: $0) } ?? "cannot be read"
        guard parser.pointee.error == YAML_READER_ERROR else {
            let mark = parser.pointee.problem_mark
            return YAMLError(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1, message: message)
        }
        // The reader, which decodes ahead of the scanner, gives an offset in bytes only.
        let before = input.prefix(Int(parser.pointee.problem_offset))
        let line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1
        return YAMLError(file: file, line: line, column: column, message: message)
    }
}
