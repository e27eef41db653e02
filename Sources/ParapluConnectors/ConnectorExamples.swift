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
        /// The file that says what is expected, for messages.
        package let file: String
        /// What is wrong with the example as a whole, in a sentence; nil where only values differ, or nothing.
        package let problem: String?
        /// The values that differ.
        package let changes: [Change]
        /// What the message gives; nil where it could not be read.
        package let received: Received?

        /// Whether the message gave exactly what was expected.
        package var passes: Bool { problem == nil && changes.isEmpty }

        /// The lines that differ, `-` expected and `+` received, `!` for the problem; empty where it passes.
        package var difference: [String] {
            (problem.map { ["! " + $0] } ?? [])
                + changes.flatMap { change in
                    [
                        change.expected.map { "- \(change.path) = \($0)" },
                        change.received.map { "+ \(change.path) = \($0)" },
                    ].compactMap { $0 }
                }
        }
    }

    /// A value that is not what was expected.
    package struct Change: Hashable, Sendable {
        /// Where it is in the file, as a JSON Pointer.
        package let path: String
        /// As JSON; nil where there is to be none.
        package let expected: String?
        /// As JSON; nil where there is none.
        package let received: String?
    }

    /// What a message gave, as the golden files have it.
    package struct Received: Sendable {
        /// Whether the message was refused.
        package let isRejected: Bool
        /// What it gave, as JSON: `{"records": […]}`, or `{"code", "violations"}`.
        package let json: [UInt8]
    }

    /// The examples of one feed.
    package struct FeedResult: Sendable {
        /// The feed by its folder; of what is wrong with the directory itself, the directory.
        package let feed: String
        /// What is wrong with the definition; no example is run unless it is empty.
        package let findings: [Finding]
        /// What became of each example, in order of the input files' names.
        package let results: [Result]

        /// Whether the definition has no findings and every example passes.
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
    package static func good(in folder: String) -> [StoredMessage] {
        let examples = folder + "/examples"
        let names = ConnectorFiles.names(in: examples) ?? []
        return names.compactMap { name in
            guard let ending = inputEndings.first(where: { name.hasSuffix($0) }) else { return nil }
            let example = String(name.dropLast(ending.count))
            guard names.contains(example + ".expected.json") else { return nil }
            return StoredMessage(name: example, input: "\(examples)/\(name)", folder: examples)
        }
    }

    private static let inputEndings = [".input.json", ".input.csv", ".input.xml", ".input.bin", ".input.null"]

    private static func run(
        _ name: String, input: String, in folder: String, _ connector: Connector, _ decoder: MessageDecoder
    ) -> Result {
        func failed(_ file: String, _ message: String) -> Result {
            Result(name: name, file: file, problem: message, changes: [], received: nil)
        }
        let expectedFile = "\(folder)/\(name).expected.json"
        let rejectedFile = "\(folder)/\(name).rejected.json"
        let expected = ConnectorFiles.read(expectedFile, bytesMax: bytesMax)
        let rejected = ConnectorFiles.read(rejectedFile, bytesMax: bytesMax)
        let file = rejected == nil ? expectedFile : rejectedFile
        guard let message = StoredMessage(name: name, input: input, folder: folder) else {
            return failed(input, "the input, the headers or the key cannot be read")
        }
        let outcome = outcome(of: message, connector, decoder)
        let received = Received(isRejected: outcome.isRejected, json: outcome.json)
        func different(_ problem: String?, _ changes: [Change]) -> Result {
            Result(name: name, file: file, problem: problem, changes: changes, received: received)
        }
        guard let golden = expected ?? rejected, expected == nil || rejected == nil else {
            return different("there is exactly one of \(name).expected.json and \(name).rejected.json", [])
        }
        if received.isRejected != (rejected != nil) {
            let problem = received.isRejected ? "is to be taken, and is refused" : "is to be refused, and is taken"
            return different(problem, changes([], flattened(received.json)))
        }
        guard let root = try? JSONParser.document(of: golden).root else {
            return different("\(name)\(rejected == nil ? ".expected" : ".rejected").json is no JSON", [])
        }
        return different(nil, changes(flattened(root), flattened(received.json)))
    }

    /// What a message gives, as the golden files have it: `{"records": […]}`, or `{"code", "violations"}`.
    package static func outcome(
        of message: StoredMessage, _ connector: Connector, _ decoder: MessageDecoder
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

    /// What stands in a golden file for a JSON text: members in order of their names, one value a line.
    package static func golden(_ json: [UInt8]) -> [UInt8] {
        guard let root = try? JSONParser.document(of: json, limits: goldenLimits).root else { return json }
        return JSONPrinter.text(of: root, sortsMembers: true)
    }

    private static let goldenLimits = JSONLimits(bytesMax: bytesMax, nodesMax: 1 << 20)

    /// The paths at which two texts have different values, in order of the first, then of the second.
    private static func changes(_ expected: [Leaf], _ received: [Leaf]) -> [Change] {
        let values = Dictionary(received.map { ($0.path, $0.value) }, uniquingKeysWith: { first, _ in first })
        let known = Set(expected.map(\.path))
        let gone = expected.compactMap { leaf -> Change? in
            let value = values[leaf.path]
            return value == leaf.value ? nil : Change(path: leaf.path, expected: leaf.value, received: value)
        }
        let new = received.filter { !known.contains($0.path) }
        return gone + new.map { Change(path: $0.path, expected: nil, received: $0.value) }
    }

    /// A value that has no values in it, with its path.
    private struct Leaf {
        var path: String
        var value: String
    }

    /// A document's values, a line each: its path, and the value as JSON.
    package static func lines(_ json: [UInt8]) -> [String] { flattened(json).map { "\($0.path) = \($0.value)" } }

    private static func flattened(_ json: [UInt8]) -> [Leaf] {
        guard let root = try? JSONParser.document(of: json, limits: goldenLimits).root else { return [] }
        return flattened(root)
    }

    /// One leaf per value; members in order of their names, which JSON gives no meaning.
    private static func flattened(_ node: JSONNode, _ path: String = "") -> [Leaf] {
        switch node.kind {
        case .object where node.count > 0:
            return node.members.sorted { $0.name < $1.name }.flatMap { flattened($0.value, "\(path)/\($0.name)") }
        case .array where node.count > 0:
            return node.elements.enumerated().flatMap { flattened($1, "\(path)/\($0)") }
        case .object, .array, .string, .number, .true, .false, .null:
            return [Leaf(path: path, value: String(decoding: JSONPrinter.text(of: node).dropLast(), as: UTF8.self))]
        }
    }
}
