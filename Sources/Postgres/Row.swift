internal import CLibPQ

/// One row of a result; columns are counted from 0.
///
/// Reading a column as another type than its own, or NULL as a value, is a mistake in our own SQL and stops the
/// program; the `…OrNil` forms are for columns that can be NULL. Integers widen: `int8` reads int2, int4 and int8.
package struct Row: Sendable {
    let result: ResultHandle
    let row: Int32

    /// Whether the value is NULL.
    package func isNull(_ column: Int) -> Bool { PQgetisnull(result.pointer, row, Int32(column)) == 1 }

    /// Lends the bytes of a value as the server sent them; empty for NULL.
    package func withBytes<R>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(raw(column))
    }

    /// The value of an int2 column.
    package func int2(_ column: Int) -> Int16 { value(int2OrNil(column), column) }
    /// The value of an int4 or int2 column.
    package func int4(_ column: Int) -> Int32 { value(int4OrNil(column), column) }
    /// The value of an int8, int4, int2 or oid column.
    package func int8(_ column: Int) -> Int64 { value(int8OrNil(column), column) }
    /// The value of a bool column.
    package func bool(_ column: Int) -> Bool { value(boolOrNil(column), column) }
    /// The value of a text-like column: text, varchar, name, enum, json, jsonb.
    package func string(_ column: Int) -> String { value(stringOrNil(column), column) }
    /// The bytes of a bytea, of text, or of the text of json and jsonb.
    package func bytes(_ column: Int) -> [UInt8] { value(bytesOrNil(column), column) }
    /// Days since 2000-01-01.
    package func date(_ column: Int) -> Int32 { value(dateOrNil(column), column) }
    /// Microseconds since 2000-01-01 00:00 UTC.
    package func timestamp(_ column: Int) -> Int64 { value(timestampOrNil(column), column) }
    /// The first and the last eight bytes, read big-endian.
    package func uuid(_ column: Int) -> (high: UInt64, low: UInt64) { value(uuidOrNil(column), column) }
    /// The elements of a `text[]` of at most one dimension without NULL elements.
    package func textArray(_ column: Int) -> [String] { value(textArrayOrNil(column), column) }

    /// The value of an int2 column; nil for NULL.
    package func int2OrNil(_ column: Int) -> Int16? {
        present(column).map { integer($0, column, allowed: [21]) }
    }

    /// The value of an int4 or int2 column; nil for NULL.
    package func int4OrNil(_ column: Int) -> Int32? {
        present(column).map { integer($0, column, allowed: [23, 21]) }
    }

    /// The value of an int8, int4, int2 or oid column; nil for NULL.
    package func int8OrNil(_ column: Int) -> Int64? {
        present(column).map { integer($0, column, allowed: [20, 23, 21, 26]) }
    }

    /// The value of a float8 or float4 column; nil for NULL.
    package func float8OrNil(_ column: Int) -> Double? {
        present(column).map { bytes in
            expect(column, [701, 700])
            return bytes.count == 4
                ? Double(Float(bitPattern: load(bytes, 0))) : Double(bitPattern: load(bytes, 0))
        }
    }

    /// The value of a bool column; nil for NULL.
    package func boolOrNil(_ column: Int) -> Bool? {
        present(column).map { bytes in
            expect(column, [16])
            return bytes[0] != 0
        }
    }

    /// The value of a text-like column, as `string` has it; nil for NULL.
    package func stringOrNil(_ column: Int) -> String? {
        present(column).map { String(decoding: text($0, column), as: UTF8.self) }
    }

    /// The bytes of a bytea, of text, or of the text of json and jsonb; nil for NULL.
    package func bytesOrNil(_ column: Int) -> [UInt8]? {
        present(column).map { [UInt8](type(column) == 17 ? $0 : text($0, column)) }
    }

    /// Days since 2000-01-01 of a date column; nil for NULL.
    package func dateOrNil(_ column: Int) -> Int32? {
        present(column).map { integer($0, column, allowed: [1082]) }
    }

    /// Microseconds since 2000-01-01 00:00 of a timestamptz (in UTC) or timestamp column; nil for NULL.
    package func timestampOrNil(_ column: Int) -> Int64? {
        present(column).map { integer($0, column, allowed: [1184, 1114]) }
    }

    /// The first and the last eight bytes of a uuid column, read big-endian; nil for NULL.
    package func uuidOrNil(_ column: Int) -> (high: UInt64, low: UInt64)? {
        present(column).map { bytes in
            expect(column, [2950])
            return (load(bytes, 0), load(bytes, 8))
        }
    }

    /// The elements of a `text[]`, `varchar[]` or `name[]` of at most one dimension; nil for NULL.
    ///
    /// A NULL element or a second dimension stops the program.
    package func textArrayOrNil(_ column: Int) -> [String]? {
        present(column).map { bytes in
            expect(column, [1009, 1015, 1003])
            let dimensions: Int32 = load(bytes, 0)
            guard dimensions > 0 else { return [] }
            precondition(dimensions == 1, "an array of more than one dimension")
            let count = Int(load(bytes, 12) as Int32)
            var offset = 20
            return (0..<count).map { _ in
                let length = Int(load(bytes, offset) as Int32)
                precondition(length >= 0, "a NULL element in column \(name(column))")
                defer { offset += 4 + length }
                return String(decoding: bytes[(offset + 4)..<(offset + 4 + length)], as: UTF8.self)
            }
        }
    }
}

extension Row {
    /// The bytes of a value; empty for NULL.
    private func raw(_ column: Int) -> UnsafeRawBufferPointer {
        precondition(column >= 0 && column < Int(PQnfields(result.pointer)), "column out of range")
        return UnsafeRawBufferPointer(
            start: PQgetvalue(result.pointer, row, Int32(column)),
            count: Int(PQgetlength(result.pointer, row, Int32(column))))
    }

    private func present(_ column: Int) -> UnsafeRawBufferPointer? {
        let bytes = raw(column)
        return bytes.isEmpty && isNull(column) ? nil : bytes
    }

    private func value<T>(_ optional: T?, _ column: Int) -> T {
        guard let value = optional else { preconditionFailure("NULL in column \(name(column))") }
        return value
    }

    private func type(_ column: Int) -> UInt32 { PQftype(result.pointer, Int32(column)) }

    private func name(_ column: Int) -> String {
        PQfname(result.pointer, Int32(column)).map { String(cString: $0) } ?? "\(column)"
    }

    @inline(__always)
    private func expect(_ column: Int, _ allowed: [UInt32]) {
        let type = type(column)
        precondition(allowed.contains(type), "column \(name(column)) has type \(type)")
    }

    @inline(__always)
    private func integer<T: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, _ column: Int, allowed: [UInt32]
    ) -> T {
        expect(column, allowed)
        return switch bytes.count {
        case 2: T(truncatingIfNeeded: load(bytes, 0) as Int16)
        case 4 where type(column) == 26: T(truncatingIfNeeded: load(bytes, 0) as UInt32)
        case 4: T(truncatingIfNeeded: load(bytes, 0) as Int32)
        default: T(truncatingIfNeeded: load(bytes, 0) as Int64)
        }
    }

    private func load<T: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> T {
        precondition(offset + MemoryLayout<T>.size <= bytes.count, "a value shorter than its type")
        return T(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// The text of a value; jsonb has a version byte before it, and types with a form of their own are refused.
    private func text(_ bytes: UnsafeRawBufferPointer, _ column: Int) -> UnsafeRawBufferPointer {
        let type = type(column)
        if type == 3802 { return UnsafeRawBufferPointer(rebasing: bytes[1...]) }
        let textTypes: [UInt32] = [25, 1043, 1042, 19, 114, 705, 142]
        // Types of one's own (enums and domains over text among them) have identifiers from 16384 up.
        precondition(textTypes.contains(type) || type >= 16_384, "column \(name(column)) has type \(type)")
        return bytes
    }
}
