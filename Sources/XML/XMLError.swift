/// Why a text is not the XML that we take.
///
/// Offsets are in bytes from the text's start, and near what is meant; contents are never held.
package enum XMLError: Error, Equatable, Sendable {
    /// The text is not well-formed, or uses a prefix that it does not declare, at `offset`.
    case malformed(offset: Int)

    /// The text ended at `offset`, within its root element or before it.
    case truncated(offset: Int)

    /// A document type declaration begins at `offset`; none is read, so that no entity is ever declared.
    case documentType(offset: Int)

    /// A processing instruction ends at `offset`.
    case processingInstruction(offset: Int)

    /// The element at `offset` nests deeper than `XMLLimits.depthMax`.
    case tooDeep(offset: Int)

    /// The text has `bytes` bytes, more than `XMLLimits.bytesMax`, or as much text unescaped.
    case tooLarge(bytes: Int)

    /// The element at `offset` brings more nodes than `XMLLimits.nodesMax`, or more than `attributesMax` or `namespacesMax`.
    case tooManyNodes(offset: Int)

    /// At `offset`: an encoding that we don't take, or bytes that are not in the one declared.
    case invalidEncoding(offset: Int)
}
