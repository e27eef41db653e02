/// A value bound to `$1`, `$2`, … of a statement, sent in binary.
package enum Parameter: Sendable {
    /// NULL of whatever type the statement gives the parameter.
    case null
    case int2(Int16)
    case int4(Int32)
    case int8(Int64)
    case bool(Bool)
    case text(String)
    case bytes([UInt8])
    /// Days since 2000-01-01.
    case date(Int32)
    /// Microseconds since 2000-01-01 00:00 UTC, as `timestamptz`.
    case timestamp(Int64)
    /// The first and the last eight bytes, read big-endian.
    case uuid(UInt64, UInt64)
    /// UTF-8 text of a JSON value.
    case json([UInt8])
    /// UTF-8 text of a JSON value.
    case jsonb([UInt8])
    case array(BinaryArray)

    /// The type's object identifier; 0 lets the server infer it.
    var typeIdentifier: UInt32 {
        switch self {
        case .null: 0
        case .int2: ElementType.int2.identifier
        case .int4: ElementType.int4.identifier
        case .int8: ElementType.int8.identifier
        case .bool: ElementType.bool.identifier
        case .text: ElementType.text.identifier
        case .bytes: ElementType.bytea.identifier
        case .date: ElementType.date.identifier
        case .timestamp: ElementType.timestamptz.identifier
        case .uuid: ElementType.uuid.identifier
        case .json: ElementType.json.identifier
        case .jsonb: ElementType.jsonb.identifier
        case .array(let array): array.element.arrayIdentifier
        }
    }
}

/// The parameters of one execution in the shape libpq takes them: all values in one buffer.
struct BoundParameters {
    private var values = FieldWriter()
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private(set) var types: [UInt32] = []

    init(_ parameters: [Parameter]) {
        precondition(parameters.count <= 65_535, "the protocol counts parameters in 16 bits")
        offsets.reserveCapacity(parameters.count)
        lengths.reserveCapacity(parameters.count)
        types.reserveCapacity(parameters.count)
        for parameter in parameters { bind(parameter) }
    }

    private mutating func bind(_ parameter: Parameter) {
        types.append(parameter.typeIdentifier)
        let start = values.count
        switch parameter {
        case .null:
            offsets.append(nil)
            lengths.append(0)
            return
        case .int2(let value): values.write(value)
        case .int4(let value), .date(let value): values.write(value)
        case .int8(let value), .timestamp(let value): values.write(value)
        case .bool(let value): values.write(UInt8(value ? 1 : 0))
        case .text(var value): value.withUTF8 { values.write(UnsafeRawBufferPointer($0)) }
        case .bytes(let value), .json(let value): value.withUnsafeBytes { values.write($0) }
        case .uuid(let high, let low):
            values.write(high)
            values.write(low)
        case .jsonb(let value):
            values.write(UInt8(1))
            value.withUnsafeBytes { values.write($0) }
        case .array(let array): array.write(into: &values)
        }
        offsets.append(start)
        lengths.append(FieldWriter.length(values.count - start))
    }

    /// Lends count, values, lengths and formats (all binary) as libpq's `PQsendQuery…` functions take them.
    func withPointers<R>(
        _ body: (
            Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) throws -> R
    ) rethrows -> R {
        let formats = [Int32](repeating: 1, count: offsets.count)
        // An empty value still needs an address: libpq takes a null pointer for NULL.
        let empty: [CChar] = [0]
        return try empty.withUnsafeBufferPointer { empty in
            try values.withBytes { bytes in
                let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? empty.baseAddress
                let pointers = offsets.map { offset in offset.flatMap { base?.advanced(by: $0) } }
                return try pointers.withUnsafeBufferPointer { pointers in
                    try lengths.withUnsafeBufferPointer { lengths in
                        try formats.withUnsafeBufferPointer { formats in
                            try body(
                                Int32(offsets.count), pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
                        }
                    }
                }
            }
        }
    }
}
