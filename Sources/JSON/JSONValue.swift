internal import CSimdJSON

/// One value of a JSON document that holds on to nothing: a pointer into its parser's memory.
///
/// For reading many values of one document without counting references. Valid until the parser's next parse, and as long
/// as somebody holds the parser; nothing checks either. Elsewhere `JSONNode` is the type to use.
package struct JSONValue {
    // Raw, as no C type leaves this module.
    private let pointer: UnsafeRawPointer

    init(_ node: UnsafePointer<csimdjson_node>) { pointer = UnsafeRawPointer(node) }

    @inline(__always)
    var node: UnsafePointer<csimdjson_node> { pointer.assumingMemoryBound(to: csimdjson_node.self) }

    /// The value `distance` further in the document.
    @inline(__always)
    private func value(after distance: Int) -> JSONValue { JSONValue(node + distance) }

    @inline(__always)
    private func isOf(_ kind: csimdjson_kind) -> Bool { UInt32(node.pointee.kind) == kind.rawValue }

    /// What the value is.
    package var kind: JSONKind {
        switch UInt32(node.pointee.kind) {
        case CSIMDJSON_OBJECT.rawValue: .object
        case CSIMDJSON_ARRAY.rawValue: .array
        case CSIMDJSON_STRING.rawValue: .string
        case CSIMDJSON_NUMBER.rawValue: .number
        case CSIMDJSON_TRUE.rawValue: .true
        case CSIMDJSON_FALSE.rawValue: .false
        default: .null
        }
    }

    /// The number of members or elements; 0 for other values.
    package var count: Int {
        isOf(CSIMDJSON_OBJECT) || isOf(CSIMDJSON_ARRAY) ? Int(node.pointee.length) : 0
    }

    /// The UTF-8 of a string, unescaped; nil for other values.
    package var utf8: UnsafeRawBufferPointer? { isOf(CSIMDJSON_STRING) ? text : nil }

    /// A string, unescaped; nil for other values.
    package var string: String? { utf8.map { String(decoding: $0, as: UTF8.self) } }

    /// A number that was written without fraction or exponent and lies within Int64; nil for other values.
    package var int64: Int64? {
        isOf(CSIMDJSON_NUMBER) && node.pointee.is_integer ? node.pointee.integer : nil
    }

    /// A number's characters as written; nil for other values.
    package var rawNumber: UnsafeRawBufferPointer? { isOf(CSIMDJSON_NUMBER) ? text : nil }

    /// Whether the value is `null`.
    package var isNull: Bool { isOf(CSIMDJSON_NULL) }

    @inline(__always)
    var text: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: node.pointee.text, count: Int(node.pointee.length))
    }

    /// The members of an object in the order of the text; none for other values.
    package var members: Members {
        Members(next: value(after: 1), count: isOf(CSIMDJSON_OBJECT) ? Int(node.pointee.length) : 0)
    }

    /// The elements of an array in order; none for other values.
    package var elements: Elements {
        Elements(next: value(after: 1), count: isOf(CSIMDJSON_ARRAY) ? Int(node.pointee.length) : 0)
    }

    /// The members of an object, one after the other.
    package struct Members: Sequence, IteratorProtocol {
        private var following: JSONValue
        private var count: Int

        fileprivate init(next: JSONValue, count: Int) {
            following = next
            self.count = count
        }

        /// The next member, its name unescaped and in place as long as the document; nil behind the last.
        package mutating func next() -> (name: UnsafeRawBufferPointer, value: JSONValue)? {
            guard count > 0 else { return nil }
            let name = following
            let value = name.value(after: 1)
            count -= 1
            following = value.value(after: Int(value.node.pointee.span))
            return (name.text, value)
        }
    }

    /// The elements of an array, one after the other.
    package struct Elements: Sequence, IteratorProtocol {
        private var following: JSONValue
        private var count: Int

        fileprivate init(next: JSONValue, count: Int) {
            following = next
            self.count = count
        }

        /// The next element in the order of the text; nil behind the last.
        package mutating func next() -> JSONValue? {
            guard count > 0 else { return nil }
            let element = following
            count -= 1
            following = element.value(after: Int(element.node.pointee.span))
            return element
        }
    }
}
