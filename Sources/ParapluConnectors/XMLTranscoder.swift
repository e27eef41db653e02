package import JSON
internal import XML

/// Turns an XML payload into the document that paths name, which begins inside the root element.
///
/// An element is the member `prefix:name`, with the connector's prefix for its namespace, or `name` without one; an
/// attribute `@name`. Text is the element's value, or its `#text` beside attributes, beside elements, or where the
/// connector reads `#text`; without outer white space, and null where nothing is left. An element that a record goes
/// through is an array. What has a namespace that the connector does not know becomes `{namespace}name`, which no
/// connector can declare. Attributes of `xsi` are left out: an empty element is null with `xsi:nil` and without.
///
/// One per thread: it keeps its memory, bounded by `PayloadFormat.documentBytesFactor`, from payload to payload.
///
/// - Source: ADR 0030.
package final class XMLTranscoder {
    private let format: PayloadFormat.XMLFormat
    /// Whose tables are `plan`.
    private let owner: ConnectorPlan
    private let plan: ConnectorPlan.Tables
    private let limits: XMLLimits
    private let documentBytesMax: Int
    private var writer = JSONWriter(capacity: 4_096)

    // The payload at hand.
    private var nodes: [XMLNode] = []
    /// The prefixes of its namespaces: nil for one that the connector does not know.
    private var prefixes: [[UInt8]?] = []
    private var namespaces: [[UInt8]] = []
    /// The place of the namespace `xsi` among them.
    private var instanceNamespace: Int?
    /// The elements that were written before their turn: those of an array, with its first.
    private var isWritten: [Bool] = []
    private var isTooLarge = false
    /// The name that is being written, and text in several pieces.
    private var name: [UInt8] = []
    private var joined: [UInt8] = []

    /// A transcoder for a connector's payloads; nil where these are no XML.
    package init?(_ connector: Connector) {
        guard case .xml(let format) = connector.payload else { return nil }
        self.format = format
        owner = connector.plan
        plan = connector.plan.tables
        limits = XMLLimits(
            bytesMax: connector.bytesMax, depthMax: connector.limits.depthMax, nodesMax: connector.limits.nodesMax)
        documentBytesMax = connector.documentLimits.bytesMax
    }

    /// The root element that the connector names, for the publisher.
    var root: String { format.root }

    /// The document of the payload that was transcoded last.
    package var document: [UInt8] { writer.bytes }

    /// Transcodes a payload; nil where it is another root element than the connector's.
    ///
    /// - Parameter aside: Gets what the document does not show: comments, declared namespaces, what the connector ignores,
    ///   attributes of `xsi`.
    /// - Throws: `JSONError` with an offset in the payload; `tooLarge` with the document's size.
    package func transcode(
        _ payload: UnsafeRawBufferPointer, aside: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONError) -> Bool {
        let document = try parse(payload, aside)
        nodes = document.nodes
        namespaces = document.namespaces
        prefixes = namespaces.map { prefix(of: $0) }
        instanceNamespace = namespaces.firstIndex(of: XMLTranscoder.instance)
        isWritten = Array(repeating: false, count: nodes.count)
        isTooLarge = false
        writer.removeAll()
        let isRoot = document.bytes.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) -> Bool in
            setName(of: 0, bytes)
            guard name.elementsEqual(format.root.utf8) else {
                aside(bytes)
                return false
            }
            write(0, bytes, shape: plan.scopes[0].shape, isRoot: true, aside)
            return true
        }
        if isTooLarge { throw .tooLarge(bytes: writer.bytes.count) }
        return isRoot
    }

    private func parse(
        _ payload: UnsafeRawBufferPointer, _ aside: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONError) -> XMLDocument {
        do throws(XMLError) {
            return try XMLDocument.parse(payload, limits: limits, aside: aside)
        } catch {
            switch error {
            case .malformed(let offset), .documentType(let offset), .processingInstruction(let offset):
                throw .malformed(offset: offset)
            case .truncated(let offset): throw .truncated(offset: offset)
            case .tooDeep(let offset): throw .tooDeep(offset: offset)
            case .tooLarge(let bytes): throw .tooLarge(bytes: bytes)
            case .tooManyNodes(let offset): throw .tooManyNodes(offset: offset)
            case .invalidEncoding(let offset): throw .invalidEncoding(offset: offset)
            }
        }
    }

    // MARK: Elements

    /// Writes an element's value.
    ///
    /// - Parameter shape: What is declared of it; nil for what is not.
    private func write(
        _ element: Int, _ bytes: UnsafeRawBufferPointer, shape: Int?, isRoot: Bool = false,
        _ aside: (UnsafeRawBufferPointer) -> Void
    ) {
        let content = (element + 1)..<nodes[element].end
        let isObject = shape.map { if case .object = plan.shapes[$0].kind { true } else { false } } ?? false
        let hasMembers = content.lazy.contains { self.isMember($0) }
        let hasText = self.hasText(element, bytes)
        guard hasMembers || isRoot || (isObject && hasText) else {
            for index in content where nodes[index].kind == .attribute { lend(bytes, nodes[index].text, aside) }
            return writeText(of: element, bytes)
        }
        writer.beginObject()
        var hint = shape.map { plan.shapes[$0].members.lowerBound } ?? 0
        var index = content.lowerBound
        while index < content.upperBound {
            defer { index = nodes[index].end }
            if writer.bytes.count > documentBytesMax { isTooLarge = true }
            if isTooLarge { break }
            switch nodes[index].kind {
            case .attribute where isMember(index):
                setName(of: index, bytes)
                name.withUnsafeBytes { writer.member(utf8: $0) }
                write(XMLTranscoder.trimmed(bytes, nodes[index].text))
            case .attribute: lend(bytes, nodes[index].text, aside)
            case .element where !isWritten[index]:
                setName(of: index, bytes)
                name.withUnsafeBytes { writer.member(utf8: $0) }
                let member = shape.flatMap { shape in
                    name.withUnsafeBytes { plan.member($0, of: shape, after: &hint) }
                }
                writeMember(
                    index, before: content.upperBound, bytes, shape: member.map { plan.members[$0].shape }, aside)
            case .element, .text: continue
            }
        }
        if hasText {
            writer.member("#text")
            writeText(of: element, bytes)
        }
        writer.endObject()
    }

    /// Writes what stands behind an element's name: its value, all elements of its array, or null for what is ignored.
    private func writeMember(
        _ element: Int, before end: Int, _ bytes: UnsafeRawBufferPointer, shape: Int?,
        _ aside: (UnsafeRawBufferPointer) -> Void
    ) {
        switch shape.map({ plan.shapes[$0].kind }) {
        case .elements(let scope):
            writer.beginArray()
            for element in siblings(of: element, before: end, bytes) {
                write(element, bytes, shape: plan.scopes[scope].shape, aside)
            }
            writer.endArray()
        case .ignored:
            // Whatever it holds, be it repeated: it is looked at, and not read.
            for element in siblings(of: element, before: end, bytes) {
                for index in element..<nodes[element].end {
                    lend(bytes, nodes[index].name, aside)
                    lend(bytes, nodes[index].text, aside)
                }
            }
            writer.null()
        case .object, .leaf, nil:
            write(element, bytes, shape: shape, aside)
        }
    }

    /// An element and those behind it that have its name and parent; all of them are marked as written.
    private func siblings(of element: Int, before end: Int, _ bytes: UnsafeRawBufferPointer) -> [Int] {
        let name = bytes[nodes[element].name]
        var siblings: [Int] = []
        var index = element
        while index < end {
            if nodes[index].kind == .element, nodes[index].namespace == nodes[element].namespace,
                bytes[nodes[index].name].elementsEqual(name)
            {
                siblings.append(index)
                isWritten[index] = true
            }
            index = nodes[index].end
        }
        return siblings
    }

    /// Whether a node makes its parent an object: an element, or an attribute that is not left out.
    private func isMember(_ index: Int) -> Bool {
        switch nodes[index].kind {
        case .element: true
        case .attribute: nodes[index].namespace == nil || nodes[index].namespace != instanceNamespace
        case .text: false
        }
    }

    // MARK: Names

    /// Makes `name` the member that an element or attribute is.
    private func setName(of index: Int, _ bytes: UnsafeRawBufferPointer) {
        name.removeAll(keepingCapacity: true)
        if nodes[index].kind == .attribute { name.append(UInt8(ascii: "@")) }
        if let namespace = nodes[index].namespace {
            if let prefix = prefixes[namespace] {
                name += prefix
                name.append(UInt8(ascii: ":"))
            } else {
                name.append(UInt8(ascii: "{"))
                name += namespaces[namespace]
                name.append(UInt8(ascii: "}"))
            }
        }
        name.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[nodes[index].name]))
    }

    /// The connector's prefix for a namespace; `xml` has its own.
    private func prefix(of namespace: [UInt8]) -> [UInt8]? {
        if namespace == XMLTranscoder.xml { return Array("xml".utf8) }
        return format.namespaces.first { $0.name.utf8.elementsEqual(namespace) }.map { Array($0.prefix.utf8) }
    }

    private static let instance = Array("http://www.w3.org/2001/XMLSchema-instance".utf8)
    private static let xml = Array("http://www.w3.org/XML/1998/namespace".utf8)

    // MARK: Text

    private func write(_ text: UnsafeRawBufferPointer) {
        if text.isEmpty { writer.null() } else { writer.string(utf8: text) }
    }

    /// Whether there is more than white space in an element's own text.
    private func hasText(_ element: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
        pieces(of: element).contains { piece in !XMLTranscoder.trimmed(bytes, piece).isEmpty }
    }

    /// Writes an element's own text, its pieces joined, or null.
    private func writeText(of element: Int, _ bytes: UnsafeRawBufferPointer) {
        let pieces = pieces(of: element)
        if pieces.count < 2 { return write(XMLTranscoder.trimmed(bytes, pieces.first ?? 0..<0)) }
        joined.removeAll(keepingCapacity: true)
        for piece in pieces { joined.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[piece])) }
        joined.withUnsafeBytes { write(XMLTranscoder.trimmed($0, 0..<$0.count)) }
    }

    /// The texts that are an element's own, not those of elements in it.
    private func pieces(of element: Int) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var index = element + 1
        while index < nodes[element].end {
            if nodes[index].kind == .text { pieces.append(nodes[index].text) }
            index = nodes[index].end
        }
        return pieces
    }

    private func lend(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ aside: (UnsafeRawBufferPointer) -> Void
    ) {
        if !range.isEmpty { aside(UnsafeRawBufferPointer(rebasing: bytes[range])) }
    }

    /// Bytes without outer white space, as XML has it.
    private static func trimmed(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UnsafeRawBufferPointer {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isSpace(bytes[start]) { start += 1 }
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
