/// Bounds on a JSON text, each checked before memory is taken for what exceeds it.
package struct JSONLimits: Sendable, Equatable {
    /// The largest text, in bytes: 1 MiB unless told, Kafka's own default for a message; at most 1 GiB.
    package var bytesMax: Int

    /// The deepest nesting of objects and arrays, where `[]` has depth 1; at most 1,024.
    package var depthMax: Int

    /// The most nodes, where each value is one, and so is each member's name; at most 2^26.
    package var nodesMax: Int

    /// Bounds with defaults that fit a message of a few thousand values.
    package init(bytesMax: Int = 1 << 20, depthMax: Int = 32, nodesMax: Int = 10_000) {
        precondition((1...(1 << 30)).contains(bytesMax), "between 1 byte and 1 GiB")
        precondition((1...1_024).contains(depthMax), "between 1 and 1,024 levels")
        precondition((1...(1 << 26)).contains(nodesMax), "between 1 and 2^26 nodes")
        self.bytesMax = bytesMax
        self.depthMax = depthMax
        self.nodesMax = nodesMax
    }
}

/// Why a text is not the JSON that we take.
///
/// Offsets are in bytes from the text's start; contents are never held.
package enum JSONError: Error, Equatable, Sendable {
    /// The grammar of RFC 8259 does not allow the byte at `offset`.
    case malformed(offset: Int)

    /// The text ended at `offset`, within a value or before any.
    case truncated(offset: Int)

    /// The object or array at `offset` nests deeper than `JSONLimits.depthMax`.
    case tooDeep(offset: Int)

    /// The text has `bytes` bytes, more than `JSONLimits.bytesMax`.
    case tooLarge(bytes: Int)

    /// The value or name at `offset` is one more than `JSONLimits.nodesMax`.
    case tooManyNodes(offset: Int)

    /// The object has a member of the name at `offset` already, names being compared unescaped.
    case duplicateMember(offset: Int)

    /// At `offset`: a byte order mark, invalid UTF-8, `\u0000`, or half a surrogate pair.
    case invalidEncoding(offset: Int)
}
