/// Rows for `COPY … FROM STDIN (FORMAT binary)`, encoded into one growing buffer.
///
///     var rows = CopyBuffer()
///     rows.beginRow(columns: 2)
///     rows.append(int8: offset)
///     rows.append(bytes: payload)
///     try session.copyIn(Statement("COPY payload (record_offset, payload) FROM STDIN (FORMAT binary)"), rows)
///
/// The type of each value must be exactly that of its column: COPY converts nothing, so an `int4` into a `bigint` column
/// fails. Appending allocates only when the buffer grows. The owner bounds the size by `byteCount`.
///
/// - Source: PostgreSQL manual, COPY, "Binary Format"; `copyIn` adds the header and the trailer.
package struct CopyBuffer: Sendable {
    private(set) var fields = FieldWriter()
    /// How many rows were begun.
    package private(set) var rowCount = 0

    package init() {}

    /// Starts without rows, in the memory of another buffer, which is left empty.
    package init(reusing other: inout CopyBuffer) {
        swap(&self, &other)
        removeAll()
    }

    /// How many bytes the rows take.
    package var byteCount: Int { fields.count }

    /// Forgets all rows.
    package mutating func removeAll(keepingCapacity: Bool = true) {
        fields.removeAll(keepingCapacity: keepingCapacity)
        rowCount = 0
    }

    /// Begins a row; exactly `columns` appends follow.
    package mutating func beginRow(columns: Int) {
        precondition(columns > 0 && columns <= 1600, "PostgreSQL's tables have at most 1600 columns")
        fields.write(Int16(truncatingIfNeeded: columns))
        rowCount += 1
    }

    /// Appends NULL, for a column of any type.
    package mutating func appendNull() { fields.appendNull() }

    /// Appends a value of type `text[]`.
    package mutating func append(textArray: [String]) { fields.append(textArray: textArray) }
}

extension CopyBuffer {
    /// Appends a value for an `int2` column.
    package mutating func append(int2 value: Int16) {
        fields.append(number: value)
    }

    /// Appends a value for an `int4` column.
    package mutating func append(int4 value: Int32) {
        fields.append(number: value)
    }

    /// Appends a value for an `int8` column.
    package mutating func append(int8 value: Int64) {
        fields.append(number: value)
    }

    /// Appends a value for a `bool` column.
    package mutating func append(bool value: Bool) {
        fields.append(number: UInt8(value ? 1 : 0))
    }

    /// Appends a calendar date: days since 2000-01-01.
    package mutating func append(date days: Int32) {
        fields.append(number: days)
    }

    /// Appends a moment: microseconds since 2000-01-01 00:00 UTC.
    package mutating func append(timestamp microseconds: Int64) {
        fields.append(number: microseconds)
    }

    /// Appends a UUID: its first and its last eight bytes, read big-endian.
    package mutating func append(uuidHigh high: UInt64, low: UInt64) {
        fields.append(uuidHigh: high, low: low)
    }

    /// Appends a value for a column of type `text`.
    package mutating func append(text: String) {
        fields.append(text: text)
    }

    /// Appends text that is UTF-8 already.
    package mutating func append(utf8 value: UnsafeRawBufferPointer) {
        fields.append(bytes: value)
    }

    /// Appends text that is UTF-8 already.
    package mutating func append(utf8 value: [UInt8]) {
        value.withUnsafeBytes { fields.append(bytes: $0) }
    }

    /// Appends text that is UTF-8 already.
    package mutating func append(utf8 value: ArraySlice<UInt8>) {
        value.withUnsafeBytes { fields.append(bytes: $0) }
    }

    /// Appends bytes as they are.
    package mutating func append(bytes value: UnsafeRawBufferPointer) {
        fields.append(bytes: value)
    }

    /// Appends bytes as they are, for a `bytea` column.
    package mutating func append(bytes value: [UInt8]) {
        value.withUnsafeBytes { fields.append(bytes: $0) }
    }

    /// Appends bytes as they are, for a `bytea` column.
    package mutating func append(bytes value: ArraySlice<UInt8>) {
        value.withUnsafeBytes { fields.append(bytes: $0) }
    }

    /// Appends the UTF-8 text of a JSON value.
    package mutating func append(jsonb value: UnsafeRawBufferPointer) {
        fields.append(jsonb: value)
    }

    /// Appends the UTF-8 text of a JSON value, for a `jsonb` column.
    package mutating func append(jsonb value: [UInt8]) {
        value.withUnsafeBytes { fields.append(jsonb: $0) }
    }

    /// Appends the UTF-8 text of a JSON value, for a `jsonb` column.
    package mutating func append(jsonb value: ArraySlice<UInt8>) {
        value.withUnsafeBytes { fields.append(jsonb: $0) }
    }
}
