/// Bounds on an XML text, each checked before memory is taken for what exceeds it.
package struct XMLLimits: Sendable, Equatable {
    /// The largest text, in bytes: 1 MiB unless told.
    package var bytesMax: Int
    /// The deepest nesting of elements, the root's depth being 1; at most 200, since libxml2 itself goes to 256.
    package var depthMax: Int
    /// The most elements and attributes together.
    package var nodesMax: Int
    /// The most bytes of names, attributes' values and text together, in UTF-8: three times `bytesMax`, which is what
    /// the text can grow to by its encoding.
    package var textBytesMax: Int { 3 * bytesMax }

    /// The most attributes of one element, declarations of namespaces included: 128.
    ///
    /// libxml2 2.9 compares each with all before it, so their number is bounded before it sees them.
    package static let attributesMax = 128

    /// The most declarations of namespaces in force at one element: 256.
    ///
    /// libxml2 2.9 looks through them for the prefix of each name.
    package static let namespacesMax = 256

    /// Bounds with defaults that fit a message of a few thousand values.
    package init(bytesMax: Int = 1 << 20, depthMax: Int = 32, nodesMax: Int = 10_000) {
        precondition((1...(1 << 30)).contains(bytesMax), "between 1 byte and 1 GiB")
        precondition((1...200).contains(depthMax), "between 1 and 200 levels")
        precondition((1...(1 << 26)).contains(nodesMax), "between 1 and 2^26 nodes")
        self.bytesMax = bytesMax
        self.depthMax = depthMax
        self.nodesMax = nodesMax
    }
}
