internal import Charsets

/// XML as our partners send it: elements, attributes and text, in order, each as UTF-8.
///
/// What makes XML dangerous is refused: document types, and with them every entity but XML's own five; processing
/// instructions; encodings that are not in `Charset`. Nothing outside the text is ever read.
///
/// - Source: XML 1.0, fifth edition; Namespaces in XML 1.0, third edition.
package struct XMLDocument: Sendable {
    /// The nodes in the order of the text: an element, its attributes, then its text and elements.
    ///
    /// The first is the root.
    package let nodes: [XMLNode]

    /// The bytes of all names, values and texts, which the nodes point into.
    package let bytes: [UInt8]

    /// The names of the namespaces in use, which the nodes point into.
    package let namespaces: [[UInt8]]

    /// Whether bytes are text in the encoding that they say they have; not where that is one that we don't take.
    package static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let charset = XMLPrecheck.encoding(bytes).charset else { return false }
        return charset.undecodableOffset(in: bytes) == nil
    }

    /// Parses a text.
    ///
    /// - Parameter aside: Gets what no document shows: the text of comments, the declared namespaces with their prefixes,
    ///   and, of a text that is refused, what was read of it.
    /// - Throws: `XMLError`, with the place of the first fault.
    package static func parse(
        _ text: UnsafeRawBufferPointer, limits: XMLLimits = XMLLimits(),
        aside: (UnsafeRawBufferPointer) -> Void = { (_: UnsafeRawBufferPointer) in }
    ) throws(XMLError) -> XMLDocument {
        guard text.count <= limits.bytesMax else { throw .tooLarge(bytes: text.count) }
        guard !text.isEmpty else { throw .truncated(offset: 0) }
        let (charset, offset) = XMLPrecheck.encoding(text)
        guard let charset else { throw .invalidEncoding(offset: offset) }
        if let offset = charset.undecodableOffset(in: text) { throw .invalidEncoding(offset: offset) }
        if let offset = XMLPrecheck.tooManyAttributes(text) { throw .tooManyNodes(offset: offset) }
        // Typed errors do not come through in Swift 6.0.
        let result = withoutActuallyEscaping(aside) {
            (aside: @escaping (UnsafeRawBufferPointer) -> Void) -> Result<XMLDocument, XMLError> in
            do throws(XMLError) {
                return .success(try XMLBuilder(limits: limits, aside: aside).document(of: text, charset))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

/// One node of an `XMLDocument`.
package struct XMLNode: Sendable {
    /// What a node is.
    package enum Kind: Sendable { case element, attribute, text }

    /// What it is.
    package let kind: Kind

    /// The namespace of an element or attribute, as a place in `XMLDocument.namespaces`; nil where it has none.
    package let namespace: Int?

    /// The local name of an element or attribute, in `XMLDocument.bytes`; empty for text.
    package let name: Range<Int>

    /// The value of an attribute, or the text, in `XMLDocument.bytes`; empty for elements.
    ///
    /// Two texts never follow each other: comments and CDATA sections do not part them.
    package internal(set) var text: Range<Int>

    /// The place in `XMLDocument.nodes` behind all that is in it.
    package internal(set) var end: Int
}
