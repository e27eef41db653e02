internal import CSimdJSON

/// A JSON parser that keeps its memory from text to text.
///
/// Strict where JSON leaves room: no duplicate member names, no byte order mark, no NUL in strings, no lone surrogates.
/// Numbers stay as written, so that nothing is rounded. Any value may be the root.
///
/// One parser serves one thread at a time. Its documents live until its next parse; reading a node later than that is
/// a mistake of ours and traps.
///
/// - Source: RFC 8259; RFC 7493 (I-JSON) for duplicates and surrogates.
package final class JSONParser {
    /// The bytes that must be readable behind a text that is lent rather than copied: 64.
    package static let paddingBytes = Int(CSIMDJSON_PADDING)

    private let limits: JSONLimits
    private let parser: OpaquePointer

    /// The first node of the document, meaningful while `isCurrent(generation)`.
    private var nodes: UnsafePointer<csimdjson_node>?

    /// Counts parses, so that a node knows whether its document still stands.
    private var generation: UInt32 = 0

    /// Makes a parser; memory for texts is taken when they come, within `limits`.
    package init(limits: JSONLimits = JSONLimits()) {
        let created = csimdjson_parser_create(
            UInt32(limits.bytesMax), UInt32(limits.depthMax), UInt32(limits.nodesMax), UInt64.random(in: .min ... .max))
        guard let created else { preconditionFailure("no memory for a parser") }
        self.limits = limits
        self.parser = created
    }

    deinit {
        csimdjson_parser_destroy(parser)
    }

    /// Parses `bytes` into a document that lives until the next parse.
    ///
    /// - Parameter padded: promises that `paddingBytes` bytes behind `bytes` are readable, whatever they hold, and that
    ///   all of it stays in place as long as the document is read. Then nothing is copied.
    /// - Throws: `JSONError` with the offset of the failure.
    package func parse(_ bytes: UnsafeRawBufferPointer, padded: Bool = false) throws(JSONError) -> JSONDocument {
        generation &+= 1
        nodes = nil
        guard bytes.count <= limits.bytesMax else { throw .tooLarge(bytes: bytes.count) }
        guard let start = bytes.baseAddress, !bytes.isEmpty else { throw .truncated(offset: 0) }
        let result = csimdjson_parse(
            parser, start.assumingMemoryBound(to: UInt8.self), bytes.count, padded)
        let offset = Int(result.offset)
        switch result.status {
        case CSIMDJSON_OK:
            nodes = csimdjson_nodes(parser)
            return JSONDocument(root: JSONNode(owner: self, index: 0, generation: generation))
        case CSIMDJSON_TRUNCATED: throw .truncated(offset: offset)
        case CSIMDJSON_TOO_DEEP: throw .tooDeep(offset: offset)
        case CSIMDJSON_TOO_LARGE: throw .tooLarge(bytes: bytes.count)
        case CSIMDJSON_TOO_MANY_NODES: throw .tooManyNodes(offset: offset)
        case CSIMDJSON_DUPLICATE_MEMBER: throw .duplicateMember(offset: offset)
        case CSIMDJSON_INVALID_ENCODING: throw .invalidEncoding(offset: offset)
        case CSIMDJSON_NO_MEMORY: preconditionFailure("no memory for a text within the limits")
        default: throw .malformed(offset: offset)
        }
    }

    /// Parses `bytes`, copied, into a document that lives until the next parse.
    ///
    /// - Throws: `JSONError` with the offset of the failure.
    package func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONDocument {
        // `withUnsafeBytes` does not carry typed errors through in Swift 6.0.
        let result = bytes.withUnsafeBytes { raw -> Result<JSONDocument, JSONError> in
            do throws(JSONError) { return .success(try parse(raw)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Parses `bytes` into a document that lives as long as anybody holds it or one of its nodes.
    ///
    /// - Throws: `JSONError` with the offset of the failure.
    package static func document(of bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONDocument
    {
        try JSONParser(limits: limits).parse(bytes)
    }

    /// The node at `index` of the document of parse `generation`.
    @inline(__always)
    func node(at index: Int, generation: UInt32) -> UnsafePointer<csimdjson_node> {
        guard let nodes, generation == self.generation else {
            preconditionFailure("the parser has gone on to another text")
        }
        return nodes + index
    }
}

/// A parsed JSON text.
package struct JSONDocument {
    /// The outermost value.
    package let root: JSONNode
}
