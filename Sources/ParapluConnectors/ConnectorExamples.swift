internal import JSON
internal import ParapluModel

/// The examples that stand beside a connector: what a message gives, or why it is refused.
///
/// `examples/<case>.input.json` (or `.csv`, `.xml`, `.bin`, or an empty `.null` for a message without a value), with
/// `<case>.headers.json` (a list of name and value pairs) and `<case>.key` where needed, beside `<case>.expected.json` or
/// `<case>.rejected.json`.
package enum ConnectorExamples {
    /// What became of one example.
    package struct Result: Sendable {
        /// The case's name: the file's, without its ending.
        package let name: String
        /// The files that it compares, for messages.
        package let file: String
        /// The lines that differ, `-` expected and `+` received; empty where it passes.
        package let difference: [String]

        package var passes: Bool { difference.isEmpty }
    }

    /// The examples of one feed.
    package struct FeedResult: Sendable {
        package let feed: String
        package let findings: [Finding]
        package let results: [Result]

        package var passes: Bool { findings.isEmpty && results.allSatisfy(\.passes) }
    }

    /// The largest example, in bytes.
    private static let bytesMax = 16 << 20

    /// Runs all examples of all feeds below a directory.
    package static func run(_ directory: String) -> [FeedResult] {
        var findings: [Finding] = []
        let folders = ConnectorCatalog.feedFolders(in: directory, &findings)
        let feeds = folders.map { run(feed: $0.feed, folder: $0.path) }
        return findings.isEmpty ? feeds : feeds + [FeedResult(feed: directory, findings: findings, results: [])]
    }

    /// Runs the examples of one feed.
    package static func run(feed: String, folder: String) -> FeedResult {
        let file = folder + "/connector.yaml"
        guard let bytes = ConnectorFiles.read(file, bytesMax: Connector.definitionBytesMax) else {
            let finding = Finding(file: file, line: 1, column: 1, code: .unreadable, message: "the file cannot be read")
            return FeedResult(feed: feed, findings: [finding], results: [])
        }
        let (connector, findings) = Connector.make(file: file, bytes: bytes)
        guard let connector else { return FeedResult(feed: feed, findings: findings, results: []) }
        let decoder = MessageDecoder()
        let examples = folder + "/examples"
        let names = ConnectorFiles.names(in: examples) ?? []
        let results = names.compactMap { name -> Result? in
            guard let input = inputEndings.first(where: { name.hasSuffix($0) }) else { return nil }
            return run(
                String(name.dropLast(input.count)), input: "\(examples)/\(name)", in: examples, connector, decoder)
        }
        return FeedResult(feed: feed, findings: [], results: results)
    }

    /// The messages of a feed's folder that are expected to give records, in order of their names.
    package static func good(in folder: String) -> [ExampleMessage] {
        let examples = folder + "/examples"
        let names = ConnectorFiles.names(in: examples) ?? []
        return names.compactMap { name in
            guard let ending = inputEndings.first(where: { name.hasSuffix($0) }) else { return nil }
            let example = String(name.dropLast(ending.count))
            guard names.contains(example + ".expected.json") else { return nil }
            return ExampleMessage(name: example, input: "\(examples)/\(name)", folder: examples)
        }
    }

    private static let inputEndings = [".input.json", ".input.csv", ".input.xml", ".input.bin", ".input.null"]

    private static func run(
        _ name: String, input: String, in folder: String, _ connector: Connector, _ decoder: MessageDecoder
    ) -> Result {
        func failed(_ file: String, _ message: String) -> Result {
            Result(name: name, file: file, difference: ["! " + message])
        }
        let expectedFile = "\(folder)/\(name).expected.json"
        let rejectedFile = "\(folder)/\(name).rejected.json"
        let expected = ConnectorFiles.read(expectedFile, bytesMax: bytesMax)
        let rejected = ConnectorFiles.read(rejectedFile, bytesMax: bytesMax)
        let file = rejected == nil ? expectedFile : rejectedFile
        guard let golden = expected ?? rejected, expected == nil || rejected == nil else {
            return failed(expectedFile, "there is exactly one of \(name).expected.json and \(name).rejected.json")
        }
        guard let message = ExampleMessage(name: name, input: input, folder: folder) else {
            return failed(input, "the input, the headers or the key cannot be read")
        }
        let received = outcome(of: message, connector, decoder)
        if received.isRejected != (rejected != nil) {
            return Result(name: name, file: file, difference: flattened(received.json).map { "+ " + $0 })
        }
        guard let root = try? JSONParser.document(of: golden).root else { return failed(file, "this is no JSON") }
        return Result(name: name, file: file, difference: difference(flattened(root), flattened(received.json)))
    }

    /// What a message gives, as the golden files have it: `{"records": […]}`, or `{"code", "violations"}`.
    package static func outcome(
        of message: ExampleMessage, _ connector: Connector, _ decoder: MessageDecoder
    ) -> (isRejected: Bool, json: [UInt8]) {
        var buffer = IntakeBuffer()
        let intake = message.decode(connector, decoder, into: &buffer)
        var writer = JSONWriter()
        writer.beginObject()
        if let rejection = intake.rejection {
            writer.member("code")
            writer.string(rejection.code.rawValue)
            if !intake.isText {
                writer.member("is_text")
                writer.bool(false)
            }
            writer.member("violations")
            writer.beginArray()
            for violation in rejection.violations {
                writer.beginObject()
                writer.member("code")
                writer.string(violation.code.rawValue)
                writer.member("path")
                writer.string(violation.path)
                if let offset = violation.byteOffset {
                    writer.member("byte_offset")
                    writer.integer(offset)
                }
                if let expected = violation.expected {
                    writer.member("expected")
                    writer.string(expected)
                }
                writer.endObject()
            }
            writer.endArray()
        } else {
            if let id = intake.eventID {
                writer.member("event_id")
                writer.string(id)
            }
            if !intake.warnings.isEmpty {
                writer.member("warnings")
                writer.beginArray()
                for code in intake.warnings.codes { writer.string(code) }
                writer.endArray()
            }
            writer.member("records")
            writer.beginArray()
            for record in buffer.records[intake.records] { writer.raw(Array(buffer.bytes[record.json])) }
            writer.endArray()
        }
        writer.endObject()
        return (intake.rejection != nil, writer.bytes)
    }

    /// The lines of one text that are missing in the other, both ways, in order.
    private static func difference(_ expected: [String], _ received: [String]) -> [String] {
        received.difference(from: expected).map { change in
            switch change {
            case .remove(_, let line, _): "- " + line
            case .insert(_, let line, _): "+ " + line
            }
        }
    }

    private static func flattened(_ json: [UInt8]) -> [String] {
        guard let root = try? JSONParser.document(of: json).root else { return [] }
        return flattened(root)
    }

    /// One line per value: its path, and the value; members in order of their names, which JSON gives no meaning.
    private static func flattened(_ node: JSONNode, _ path: String = "") -> [String] {
        switch node.kind {
        case .object:
            node.count == 0
                ? [path + " = {}"]
                : node.members.sorted { $0.name < $1.name }.flatMap { flattened($0.value, "\(path)/\($0.name)") }
        case .array:
            node.count == 0 ? [path + " = []"] : node.elements.enumerated().flatMap { flattened($1, "\(path)/\($0)") }
        case .string: ["\(path) = \"\(node.string ?? "")\""]
        case .number: ["\(path) = \(node.rawNumber.map { String(decoding: $0, as: UTF8.self) } ?? "")"]
        case .true: [path + " = true"]
        case .false: [path + " = false"]
        case .null: [path + " = null"]
        }
    }
}

/// A message as an example has it: value, key and headers.
package struct ExampleMessage: Sendable {
    /// The value with 64 bytes of room behind it; nil for a tombstone.
    private let padded: [UInt8]?
    /// The key; nil where the message has none.
    package let key: [UInt8]?
    /// The headers, as `HeaderFrames`.
    package let headers: [UInt8]

    /// How many bytes the value has; nil for a tombstone.
    package var byteCount: Int? { padded.map { $0.count - 64 } }

    package init(value: [UInt8]?, key: [UInt8]? = nil, headers: [(name: String, value: String?)] = []) {
        var frames: [UInt8] = []
        for header in headers {
            HeaderFrames.append(name: Array(header.name.utf8), value: header.value.map { Array($0.utf8) }, to: &frames)
        }
        self.init(value: value, key: key, frames: frames)
    }

    /// A message whose headers are framed already.
    package init(value: [UInt8]?, key: [UInt8]?, frames: [UInt8]) {
        padded = value.map { $0 + [UInt8](repeating: 0x20, count: 64) }
        self.key = key
        headers = frames
    }

    /// The value; nil for a tombstone.
    package var value: [UInt8]? { padded.map { Array($0.dropLast(64)) } }

    /// Reads an example; nil where a file of it can't be read.
    package init?(name: String, input: String, folder: String) {
        guard let value = ConnectorFiles.read(input, bytesMax: 16 << 20) else { return nil }
        var pairs: [(name: String, value: String?)] = []
        if let bytes = ConnectorFiles.read("\(folder)/\(name).headers.json", bytesMax: 1 << 20) {
            guard let root = try? JSONParser.document(of: bytes).root, root.kind == .array else { return nil }
            for pair in root.elements {
                let parts = Array(pair.elements)
                guard parts.count == 2, let name = parts[0].string else { return nil }
                pairs.append((name, parts[1].string))
            }
        }
        self.init(
            value: input.hasSuffix(".null") ? nil : value,
            key: ConnectorFiles.read("\(folder)/\(name).key", bytesMax: 1 << 16),
            headers: pairs)
    }

    /// Decodes the message.
    package func decode(_ connector: Connector, _ decoder: MessageDecoder, into buffer: inout IntakeBuffer) -> Intake {
        lend(key) { key in
            lend(padded) { padded in
                headers.withUnsafeBytes { headers in
                    let value = padded.map { UnsafeRawBufferPointer(rebasing: $0[..<($0.count - 64)]) }
                    return decoder.decode(connector, value: value, key: key, headers: headers, into: &buffer)
                }
            }
        }
    }

    private func lend<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard let bytes else { return body(nil) }
        return bytes.withUnsafeBytes { body($0) }
    }
}

/// What a folder of connectors lacks.
package enum ConnectorLint {
    /// The fewest examples of a feed: good ones, and as many that are refused.
    package static let examplesMin = 4

    /// All findings about the connectors below a directory: definitions, folders, examples' presence.
    package static func findings(in directory: String) -> [Finding] {
        var (_, findings) = ConnectorCatalog.load(directory: directory)
        var folderFindings: [Finding] = []
        for folder in ConnectorCatalog.feedFolders(in: directory, &folderFindings) {
            let names = ConnectorFiles.names(in: folder.path) ?? []
            if !names.contains("README.md") {
                findings.append(
                    incomplete(folder.path, "the feed has no README.md", "say what the feed is and who sends it"))
            }
            let examples = ConnectorFiles.names(in: folder.path + "/examples") ?? []
            for (ending, what) in [(".expected.json", "good"), (".rejected.json", "refused")]
            where examples.filter({ $0.hasSuffix(ending) }).count < examplesMin {
                findings.append(
                    incomplete(
                        folder.path + "/examples", "fewer than \(examplesMin) \(what) examples",
                        "examples/<case>.input.* beside <case>\(ending)"))
            }
        }
        return findings
    }

    private static func incomplete(_ file: String, _ message: String, _ hint: String) -> Finding {
        Finding(file: file, line: 1, column: 1, code: .incomplete, message: message, hint: hint)
    }
}
