internal import Digest
internal import JSON
internal import ParapluModel

/// A message that was kept, by the journal or as an example: value, key and headers.
package struct StoredMessage: Sendable {
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

    /// A message whose headers are framed already, as the journal keeps them.
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

    /// Decodes the message, then tells every step of it.
    package func explain(_ connector: Connector) -> MessageExplanation {
        let decoder = MessageDecoder()
        let outcome = ConnectorExamples.outcome(of: self, connector, decoder).json
        var buffer = IntakeBuffer()
        let intake = decode(connector, decoder, into: &buffer)
        let records = buffer.records[intake.records].map { record in
            MessageExplanation.Record(
                json: Array(buffer.bytes[record.json]), digest: record.digest.description,
                identity: [record.identity.0, record.identity.1].map { word in
                    let digits = String(word, radix: 16)
                    return String(repeating: "0", count: 16 - digits.count) + digits
                }.joined())
        }
        let (steps, document) = lend(key) { key in
            lend(padded) { padded in
                headers.withUnsafeBytes { headers in
                    let value = padded.map { UnsafeRawBufferPointer(rebasing: $0[..<($0.count - 64)]) }
                    return decoder.explain(connector, value: value, key: key, headers: headers)
                }
            }
        }
        // What a record's fields say together is judged behind the last step.
        let told = Set(steps.flatMap { $0.violations + $0.fields.flatMap(\.violations) })
        let untold = (intake.rejection?.violations ?? []).map(MessageDecoder.text).filter { !told.contains($0) }
        let last = MessageExplanation.Step(kind: .rest, title: "of the records' fields together", violations: untold)
        return MessageExplanation(
            steps: untold.isEmpty ? steps : steps + [last], code: intake.rejection?.code.rawValue, outcome: outcome,
            records: records, document: document)
    }

    private func lend<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard let bytes else { return body(nil) }
        return bytes.withUnsafeBytes { body($0) }
    }
}
