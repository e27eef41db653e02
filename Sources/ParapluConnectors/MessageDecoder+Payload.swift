internal import Charsets
internal import JSON
internal import ParapluModel
internal import XML

/// What turns payloads of one format into documents.
enum PayloadTranscoder {
    case table(TableTranscoder)
    case xml(XMLTranscoder)
}

extension MessageDecoder {
    /// The value's root, or nil with a violation; then its bytes are scanned as they came.
    ///
    /// CSV and XML become a document first, which the JSON parser then reads within the same bounds.
    func parse(_ value: UnsafeRawBufferPointer, _ isText: inout Bool) -> JSONValue? {
        var hasOffset = true
        do throws(JSONError) {
            if value.count > connector.bytesMax { throw .tooLarge(bytes: value.count) }
            guard let transcoder = payloadTranscoder() else { return try parser.parse(value, padded: true).root.value }
            let aside = { (text: UnsafeRawBufferPointer) -> Void in
                if PrivacyScanner.pattern(in: text) != nil { self.note(.personalData, "body") }
            }
            switch transcoder {
            case .table(let table):
                try table.transcode(value, aside: aside)
                hasOffset = false
                return try parser.parse(table.document).root.value
            case .xml(let xml):
                guard try xml.transcode(value, aside: aside) else {
                    note(.type, expected: "the root element \(xml.root)")
                    return nil
                }
                hasOffset = false
                return try parser.parse(xml.document).root.value
            }
        } catch {
            isText = self.isText(value)
            if PrivacyScanner.pattern(in: value) != nil { note(.personalData, "body") }
            // The offsets of the second step are the document's, which nobody but us has seen.
            note(error, in: value, hasOffset: hasOffset)
            return nil
        }
    }

    /// Whether a value is text in the encoding that its feed declares, or XML itself.
    ///
    /// In each of these a byte below 0x80 is ASCII, so that the scan sees what is there; with a NUL in it, it is none of
    /// them.
    private func isText(_ value: UnsafeRawBufferPointer) -> Bool {
        switch connector.payload {
        case .json: Charset.utf8.undecodableOffset(in: value) == nil
        case .csv(let format): format.encoding.undecodableOffset(in: value) == nil
        case .xml: XMLDocument.isText(value)
        }
    }

    private func note(_ error: JSONError, in value: UnsafeRawBufferPointer, hasOffset: Bool) {
        func byteOffset(_ offset: Int) -> Int? { hasOffset ? offset : nil }
        switch error {
        case .malformed(let offset), .truncated(let offset): note(.decode, byteOffset: byteOffset(offset))
        case .tooDeep(let offset):
            note(.depth, byteOffset: byteOffset(offset), expected: "at most \(connector.limits.depthMax) levels")
        case .tooLarge:
            if value.count > connector.bytesMax {
                note(.size, expected: "at most \(connector.bytesMax) bytes")
            } else {
                note(.size, expected: "at most \(connector.documentLimits.bytesMax) bytes with each row's names")
            }
        case .tooManyNodes(let offset):
            note(
                .size, byteOffset: byteOffset(offset),
                expected: "at most \(connector.limits.nodesMax) values and names")
        case .duplicateMember(let offset): note(.ambiguous, byteOffset: byteOffset(offset))
        case .invalidEncoding(let offset):
            var offset = byteOffset(offset)
            if offset == nil, case .table(let table)? = payloadTranscoder() {
                offset = table.undecodableOffset(in: value)
            }
            note(.encoding, byteOffset: offset)
        }
    }

    private var parser: JSONParser {
        let limits = connector.documentLimits
        for entry in parsers where entry.limits == limits { return entry.parser }
        let parser = JSONParser(limits: limits)
        // Bounded: connectors choose limits freely, and a parser keeps memory for them.
        if parsers.count == 16 { parsers.removeFirst() }
        parsers.append((limits, parser))
        return parser
    }

    /// What turns the payloads of the connector at hand into documents; nil where they are JSON already.
    private func payloadTranscoder() -> PayloadTranscoder? {
        if connector.payload == .json { return nil }
        if let transcoder, transcoder.connector === connector { return transcoder.transcoder }
        let made =
            TableTranscoder(connector).map { PayloadTranscoder.table($0) }
            ?? XMLTranscoder(connector).map { PayloadTranscoder.xml($0) }
        transcoder = made.map { (connector, $0) }
        return made
    }
}
