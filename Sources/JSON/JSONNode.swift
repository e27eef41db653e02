internal import CSimdJSON

/// What a JSON value is.
package enum JSONKind: Sendable, Hashable {
    case object, array, string, number, `true`, `false`, null
}

/// One value of a JSON document, with its place in the text.
///
/// Holds on to its parser; valid until that parser's next parse.
package struct JSONNode {
    private let owner: JSONParser
    private let index: UInt32
    private let generation: UInt32

    init(owner: JSONParser, index: Int, generation: UInt32) {
        self.owner = owner
        self.index = UInt32(truncatingIfNeeded: index)
        self.generation = generation
    }

    @inline(__always)
    private var node: UnsafePointer<csimdjson_node> {
        owner.node(at: Int(index), generation: generation)
    }

    /// The node `distance` further in the document.
    @inline(__always)
    private func node(after distance: Int) -> JSONNode {
        JSONNode(owner: owner, index: Int(index) + distance, generation: generation)
    }

    /// The same value, holding on to nothing.
    package var value: JSONValue { JSONValue(node) }

    /// What the value is.
    package var kind: JSONKind { value.kind }

    /// Where the value begins, in bytes from the start of the text.
    package var offset: Int { Int(node.pointee.offset) }

    /// The number of members or elements; 0 for other values.
    package var count: Int { value.count }

    /// The UTF-8 of a string, unescaped; nil for other values.
    ///
    /// The bytes stay in place as long as the document. The buffer is empty, not nil, for an empty string.
    package var utf8: UnsafeRawBufferPointer? { value.utf8 }

    /// A string, unescaped; nil for other values.
    package var string: String? { value.string }

    /// A number that was written without fraction or exponent and lies within Int64; nil for other values.
    package var int64: Int64? { value.int64 }

    /// A number's characters as written; nil for other values.
    package var rawNumber: UnsafeRawBufferPointer? { value.rawNumber }

    /// True or false; nil for other values.
    package var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        case .object, .array, .string, .number, .null: nil
        }
    }

    /// Whether the value is `null`.
    package var isNull: Bool { value.isNull }
}

extension JSONNode {
    /// The member called `name`; nil without one, and for values that are no object.
    package subscript(_ name: StaticString) -> JSONNode? {
        guard name.hasPointerRepresentation else { return self[name: name.description] }
        return self[utf8: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)]
    }

    /// The member called `name`; nil without one, and for values that are no object.
    package subscript(name name: String) -> JSONNode? {
        var name = name
        return name.withUTF8 { self[utf8: UnsafeRawBufferPointer($0)] }
    }

    /// The member of the name whose UTF-8 is `name`; nil without one, and for values that are no object.
    package subscript(utf8 name: [UInt8]) -> JSONNode? {
        name.withUnsafeBytes { self[utf8: $0] }
    }

    /// The member of the name whose UTF-8 is `name`; nil without one, and for values that are no object.
    ///
    /// Looks at one member after the other.
    package subscript(utf8 name: UnsafeRawBufferPointer) -> JSONNode? {
        let object = node
        guard object.pointee.kind == UInt8(CSIMDJSON_OBJECT.rawValue) else { return nil }
        let distance = csimdjson_find(object, name.baseAddress?.assumingMemoryBound(to: UInt8.self), name.count)
        return distance == 0 ? nil : node(after: Int(distance))
    }

    /// The members of an object in the order of the text; none for other values.
    package var members: Members { Members(first: kind == .object ? node(after: 1) : nil, count: count) }

    /// The elements of an array in order; none for other values.
    package var elements: Elements { Elements(first: kind == .array ? node(after: 1) : nil, count: count) }

    /// The members of an object, one after the other.
    package struct Members: Sequence, IteratorProtocol {
        fileprivate var first: JSONNode?
        fileprivate var count: Int

        /// The number of members that are left, exactly.
        package var underestimatedCount: Int { first == nil ? 0 : count }

        /// The next member in the order of the text; nil behind the last.
        package mutating func next() -> JSONMember? {
            guard count > 0, let name = first else { return nil }
            let value = name.node(after: 1)
            count -= 1
            first = value.node(after: Int(value.node.pointee.span))
            return JSONMember(nameNode: name, value: value)
        }
    }

    /// The elements of an array, one after the other.
    package struct Elements: Sequence, IteratorProtocol {
        fileprivate var first: JSONNode?
        fileprivate var count: Int

        /// The number of elements that are left, exactly.
        package var underestimatedCount: Int { first == nil ? 0 : count }

        /// The next element in the order of the text; nil behind the last.
        package mutating func next() -> JSONNode? {
            guard count > 0, let element = first else { return nil }
            count -= 1
            first = element.node(after: Int(element.node.pointee.span))
            return element
        }
    }
}

/// A member of an object.
package struct JSONMember {
    /// The name, a node of kind string with its own offset.
    package let nameNode: JSONNode

    /// The value.
    package let value: JSONNode

    /// The name, unescaped.
    package var name: String { nameNode.string ?? "" }

    /// The UTF-8 of the name, unescaped; in place as long as the document.
    package var nameUTF8: UnsafeRawBufferPointer { nameNode.utf8 ?? UnsafeRawBufferPointer(start: nil, count: 0) }
}
