internal import CLibXML2
internal import Charsets

/// Builds a document of libxml2's events, and stops it at the first fault.
///
/// The callbacks run on the caller's thread, within `document(of:)`.
final class XMLBuilder {
    private let limits: XMLLimits
    private let aside: (UnsafeRawBufferPointer) -> Void
    private let context: xmlParserCtxtPtr
    /// The text, and in UTF-8 where it came in another encoding.
    private var inputCount = 0
    private var decoded: [UInt8]?

    private var nodes: [XMLNode] = []
    private var bytes: [UInt8] = []
    private var namespaces: [[UInt8]] = []
    /// Namespaces by address: libxml2 keeps each name once, in the dictionary of the context.
    private var namespacePlaces: [UnsafePointer<UInt8>: Int] = [:]
    private var lastNamespace: (name: UnsafePointer<UInt8>, place: Int)?
    /// The elements that are open, as places in `nodes`, with the namespaces that each declares.
    private var open: [(node: Int, namespaceCount: Int)] = []
    /// The declarations of namespaces in force.
    private var namespaceCount = 0
    private var nodeCount = 0
    /// Whether the last node is text that goes on.
    private var isInText = false
    private var failure: XMLError?

    /// libxml2 asks to be initialised before threads use it; the second time does nothing.
    private static let isInitialised: Bool = {
        xmlInitParser()
        return true
    }()

    init(limits: XMLLimits, aside: @escaping (UnsafeRawBufferPointer) -> Void) {
        precondition(XMLBuilder.isInitialised)
        guard let context = xmlNewParserCtxt() else { preconditionFailure("no memory for a parser") }
        self.limits = limits
        self.aside = aside
        self.context = context
    }

    deinit {
        xmlFreeParserCtxt(context)
    }

    /// The document of a text that is known to be in its encoding.
    func document(of text: UnsafeRawBufferPointer, _ charset: Charset) throws(XMLError) -> XMLDocument {
        inputCount = text.count
        nodes.reserveCapacity(min(text.count / 16, limits.nodesMax) + 8)
        bytes.reserveCapacity(text.count)
        listen()
        // What libxml2 reports of a conversion without naming a context would go to standard error, bytes of the message
        // included. The setting is this thread's own.
        xmlSetStructuredErrorFunc(nil) { _, _ in }
        if charset == .utf8 || charset == .ascii {
            read(text)
        } else {
            var utf8: [UInt8] = []
            utf8.reserveCapacity(text.count + text.count / 8)
            precondition(charset.append(text, to: &utf8), "the text was looked at before")
            decoded = utf8
            utf8.withUnsafeBytes { read($0) }
        }
        if failure == nil, context.pointee.wellFormed != 1 || nodes.isEmpty || !open.isEmpty { failure = fault() }
        if let failure {
            bytes.withUnsafeBytes { aside($0) }
            throw failure
        }
        return XMLDocument(nodes: nodes, bytes: bytes, namespaces: namespaces)
    }

    private func read(_ utf8: UnsafeRawBufferPointer) {
        // Neither NOENT, DTDLOAD nor HUGE: no entity is expanded, no file read, and libxml2's own limits hold. IGNORE_ENC:
        // the declaration was followed already; libxml2 itself would cut a text off where its encoding is wrong, and take
        // UTF-7. RECOVER: else no callback comes behind a fault, and the parser cannot be stopped by one; a document with a
        // fault is refused all the same. The context is used once: its dictionary would keep every name that ever came.
        // The document that libxml2 returns is nil, since its own handlers do not run.
        _ = xmlCtxtReadMemory(
            context, utf8.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(utf8.count), nil, nil,
            Int32(XML_PARSE_NONET.rawValue | XML_PARSE_IGNORE_ENC.rawValue | XML_PARSE_RECOVER.rawValue))
    }

    /// Puts our callbacks in the place of libxml2's, all of which build its own document.
    private func listen() {
        var handler = xmlSAXHandler()
        handler.initialized = UInt32(XML_SAX2_MAGIC)
        handler.startElementNs = { context, name, _, namespace, namespaceCount, namespaces, count, _, attributes in
            XMLBuilder.of(context)?.startElement(
                name, namespace, UnsafeBufferPointer(start: namespaces, count: 2 * Int(namespaceCount)),
                UnsafeBufferPointer(start: attributes, count: 5 * Int(count)))
        }
        handler.endElementNs = { context, _, _, _ in XMLBuilder.of(context)?.endElement() }
        handler.characters = { context, text, count in XMLBuilder.of(context)?.characters(text, count) }
        handler.ignorableWhitespace = { context, text, count in XMLBuilder.of(context)?.characters(text, count) }
        handler.cdataBlock = { context, text, count in XMLBuilder.of(context)?.characters(text, count) }
        handler.comment = { context, text in XMLBuilder.of(context)?.lendAside(text) }
        handler.processingInstruction = { context, _, _ in
            XMLBuilder.of(context)?.refuse { (offset: Int) -> XMLError in .processingInstruction(offset: offset) }
        }
        handler.internalSubset = { context, _, _, _ in
            XMLBuilder.of(context)?.refuse { (offset: Int) -> XMLError in .documentType(offset: offset) }
        }
        // Unreachable while no entity can be declared; a reference that came through would be left out in silence.
        handler.reference = { context, _ in
            XMLBuilder.of(context)?.refuse { (offset: Int) -> XMLError in .malformed(offset: offset) }
        }
        // Its second argument is const from 2.12 on, so its type is left to the compiler.
        handler.serror = { context, _ in XMLBuilder.of(context)?.noteFault() }
        context.pointee.sax.pointee = handler
        context.pointee.userData = Unmanaged.passUnretained(self).toOpaque()
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> XMLBuilder? {
        context.map { Unmanaged<XMLBuilder>.fromOpaque($0).takeUnretainedValue() }
    }

    // MARK: Events

    private func startElement(
        _ name: UnsafePointer<UInt8>?, _ namespace: UnsafePointer<UInt8>?,
        _ declared: UnsafeBufferPointer<UnsafePointer<UInt8>?>, _ attributes: UnsafeBufferPointer<UnsafePointer<UInt8>?>
    ) {
        // A fault whose reporter set the state anew afterwards.
        guard failure == nil else { return xmlStopParser(context) }
        nodeCount += 1 + attributes.count / 5
        if nodeCount > limits.nodesMax { return fail(.tooManyNodes(offset: offset)) }
        if open.count >= limits.depthMax { return fail(.tooDeep(offset: offset)) }
        isInText = false
        // Prefix and name of each.
        open.append((nodes.count, declared.count / 2))
        namespaceCount += declared.count / 2
        if namespaceCount > XMLLimits.namespacesMax { return fail(.tooManyNodes(offset: offset)) }
        for text in declared { lendAside(text) }
        append(.element, namespace, name, 0..<0)
        // Five pointers each: local name, prefix, namespace, begin and end of the value.
        for index in stride(from: 0, to: attributes.count, by: 5) {
            guard let start = attributes[index + 3], let end = attributes[index + 4] else { continue }
            let value = takeValue(UnsafeBufferPointer(start: start, count: end - start))
            append(.attribute, attributes[index + 2], attributes[index], value)
        }
    }

    private func endElement() {
        guard failure == nil, let element = open.popLast() else { return }
        nodes[element.node].end = nodes.count
        namespaceCount -= element.namespaceCount
        isInText = false
    }

    private func characters(_ start: UnsafePointer<UInt8>?, _ count: Int32) {
        guard failure == nil, !open.isEmpty, count > 0 else { return }
        let text = take(UnsafeBufferPointer(start: start, count: Int(count)))
        if isInText {
            nodes[nodes.count - 1].text = nodes[nodes.count - 1].text.lowerBound..<text.upperBound
        } else {
            append(.text, nil, nil, text)
            isInText = true
        }
    }

    private func append(
        _ kind: XMLNode.Kind, _ namespace: UnsafePointer<UInt8>?, _ name: UnsafePointer<UInt8>?, _ text: Range<Int>
    ) {
        let name = name.map { take(UnsafeBufferPointer(start: $0, count: count(of: $0))) } ?? 0..<0
        nodes.append(
            XMLNode(kind: kind, namespace: namespace.map(place(of:)), name: name, text: text, end: nodes.count + 1))
    }

    private func place(of namespace: UnsafePointer<UInt8>) -> Int {
        if let lastNamespace, lastNamespace.name == namespace { return lastNamespace.place }
        let place = namespacePlaces[namespace] ?? namespaces.count
        if place == namespaces.count {
            namespacePlaces[namespace] = place
            namespaces.append(Array(UnsafeBufferPointer(start: namespace, count: count(of: namespace))))
        }
        lastNamespace = (namespace, place)
        return place
    }

    /// Copies bytes that libxml2 lends.
    private func take(_ text: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        let start = bytes.count
        if start + text.count > limits.textBytesMax {
            fail(.tooLarge(bytes: start + text.count))
            return start..<start
        }
        bytes.append(contentsOf: text)
        return start..<bytes.count
    }

    /// Copies an attribute's value, in which libxml2 leaves each ampersand as `&#38;` where entities are not expanded.
    private func takeValue(_ value: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        guard var ampersand = value.firstIndex(of: UInt8(ascii: "&")) else { return take(value) }
        let start = bytes.count
        var done = 0
        while true {
            _ = take(UnsafeBufferPointer(rebasing: value[done...ampersand]))
            done = ampersand + (value[ampersand...].starts(with: "&#38;".utf8) ? 5 : 1)
            guard let next = value[done...].firstIndex(of: UInt8(ascii: "&")) else { break }
            ampersand = next
        }
        _ = take(UnsafeBufferPointer(rebasing: value[done...]))
        return start..<bytes.count
    }

    private func lendAside(_ text: UnsafePointer<UInt8>?) {
        guard failure == nil, let text else { return }
        aside(UnsafeRawBufferPointer(start: text, count: count(of: text)))
    }

    /// The length of a text that ends with NUL, which no XML holds.
    private func count(of text: UnsafePointer<UInt8>) -> Int { Int(xmlStrlen(text)) }

    // MARK: Faults

    /// How many bytes of the input libxml2 has read, as near as it can say.
    private var offset: Int {
        let offset = max(Int(xmlByteConsumed(context)), 0)
        // Of the other encodings each character was one byte.
        guard let decoded else { return min(offset, inputCount) }
        return decoded.prefix(offset).reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }

    private func refuse(_ error: (Int) -> XMLError) {
        if failure == nil { fail(error(offset)) }
    }

    /// Ends the reading; from callbacks for content only, after which libxml2 looks whether it goes on.
    private func fail(_ error: XMLError) {
        if failure == nil { failure = error }
        xmlStopParser(context)
    }

    /// Notes what libxml2 just reported, warnings apart, and has it end where it next looks.
    ///
    /// `xmlStopParser` frees the input, which whoever reported may go on to read; of what it does, this does the rest.
    private func noteFault() {
        guard let error = xmlCtxtGetLastError(context), error.pointee.level.rawValue >= XML_ERR_ERROR.rawValue else {
            return
        }
        if failure == nil { failure = fault() }
        context.pointee.instate = XML_PARSER_EOF
    }

    /// What an error at this place means: libxml2 has several codes for a text that ends too early.
    private func fault() -> XMLError {
        offset >= inputCount ? .truncated(offset: inputCount) : .malformed(offset: offset)
    }
}
