internal import CSV
internal import Charsets
package import JSON

/// Turns a CSV payload into the document that paths name: `{"rows":[{"<header>":"<field>",…},…]}`, an empty field null.
///
/// The first row is the header, whose names are unique and not empty; every other row has as many fields. Fields stay
/// text: what is a number or a day, the connector says.
///
/// One per thread: it keeps its memory, bounded by `PayloadFormat.documentBytesFactor`, from payload to payload.
package final class TableTranscoder {
    private let format: PayloadFormat.TableFormat
    private let documentBytesMax: Int
    private let fieldsMax: Int
    private var writer = JSONWriter(capacity: 4_096)
    /// The header's names as members, written once for all rows.
    private var members: [[UInt8]] = []
    /// A field in UTF-8, where the payload is not.
    private var decoded: [UInt8] = []

    /// A transcoder for a connector's payloads; nil where these are no CSV.
    package init?(_ connector: Connector) {
        guard case .csv(let format) = connector.payload else { return nil }
        self.format = format
        documentBytesMax = connector.documentLimits.bytesMax
        fieldsMax = min(connector.limits.nodesMax, 1_024)
    }

    /// The document of the payload that was transcoded last.
    package var document: [UInt8] { writer.bytes }

    /// Transcodes a payload.
    ///
    /// Bytes that are no UTF-8 come through, for the JSON parser to refuse; see `undecodableOffset(in:)`.
    ///
    /// - Parameter aside: Gets the header's names, which no member of the document shows where there is no row.
    /// - Throws: `JSONError` with an offset in the payload; `tooLarge` with the document's size.
    package func transcode(
        _ payload: UnsafeRawBufferPointer, aside: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONError) {
        let markCount = format.encoding == .utf8 && payload.starts(with: Charset.mark) ? Charset.mark.count : 0
        let table = UnsafeRawBufferPointer(rebasing: payload[markCount...])
        let reader = CSVReader(table, separator: format.separator, fieldsMax: fieldsMax)
        guard try next(reader, markCount) else { throw .truncated(offset: payload.count) }
        try readHeader(reader, payload, markCount, aside)
        writer.removeAll()
        writer.beginObject()
        writer.member("rows")
        writer.beginArray()
        while try next(reader, markCount) {
            guard reader.fieldCount == members.count else { throw .malformed(offset: reader.rowOffset + markCount) }
            try writeRow(reader, payload)
            if writer.bytes.count > documentBytesMax { throw .tooLarge(bytes: writer.bytes.count) }
        }
        writer.endArray()
        writer.endObject()
    }

    /// Where the first bytes are that the payload's encoding does not have, or a NUL; nil where there are none.
    package func undecodableOffset(in payload: UnsafeRawBufferPointer) -> Int? {
        format.encoding.undecodableOffset(in: payload)
    }

    private func next(_ reader: CSVReader, _ markCount: Int) throws(JSONError) -> Bool {
        do throws(CSVError) {
            return try reader.next()
        } catch {
            switch error {
            case .malformed(let offset): throw .malformed(offset: offset + markCount)
            case .truncated(let offset): throw .truncated(offset: offset + markCount)
            case .tooManyFields(let offset): throw .tooManyNodes(offset: offset + markCount)
            }
        }
    }

    private func readHeader(
        _ reader: CSVReader, _ payload: UnsafeRawBufferPointer, _ markCount: Int,
        _ aside: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONError) {
        members.removeAll(keepingCapacity: true)
        var seen: Set<[UInt8]> = []
        for index in 0..<reader.fieldCount {
            let name = try text(reader.field(index), payload)
            if name.isEmpty { throw .malformed(offset: reader.rowOffset + markCount) }
            if !seen.insert(Array(name)).inserted { throw .duplicateMember(offset: reader.rowOffset + markCount) }
            var member = JSONWriter(capacity: name.count + 3)
            name.withUnsafeBytes { (name: UnsafeRawBufferPointer) in
                aside(name)
                member.member(utf8: name)
            }
            members.append(member.bytes)
        }
    }

    private func writeRow(_ reader: CSVReader, _ payload: UnsafeRawBufferPointer) throws(JSONError) {
        writer.beginObject()
        for index in members.indices {
            writer.member(json: members[index])
            let field = try text(reader.field(index), payload)
            if field.isEmpty {
                writer.null()
            } else {
                field.withUnsafeBytes { writer.string(utf8: $0) }
            }
        }
        writer.endObject()
    }

    /// A field in UTF-8.
    private func text(
        _ field: ArraySlice<UInt8>, _ payload: UnsafeRawBufferPointer
    ) throws(JSONError) -> ArraySlice<UInt8> {
        guard format.encoding != .utf8, field.contains(where: { $0 >= 0x80 }) else { return field }
        decoded.removeAll(keepingCapacity: true)
        guard field.withUnsafeBytes({ format.encoding.append($0, to: &decoded) }) else {
            throw .invalidEncoding(offset: undecodableOffset(in: payload) ?? 0)
        }
        return decoded[...]
    }
}
