/// An array of one dimension in binary form, for `unnest($1::text[], …)` and `= ANY($1)`.
///
/// Every value appended must be of the array's element type; anything else is our own mistake and stops the program.
package struct BinaryArray: Sendable {
    /// The type of the elements.
    package let element: ElementType
    private var fields = FieldWriter()
    /// How many elements were appended, nulls included.
    package private(set) var count = 0
    private var hasNull = false

    package init(_ element: ElementType) { self.element = element }

    /// How many bytes the elements take.
    package var byteCount: Int { fields.count }

    /// Forgets all elements; the element type stays.
    ///
    /// Without `keepingCapacity` the memory is given back.
    package mutating func removeAll(keepingCapacity: Bool = true) {
        fields.removeAll(keepingCapacity: keepingCapacity)
        count = 0
        hasNull = false
    }

    /// Appends a NULL element, which every element type allows.
    package mutating func appendNull() {
        fields.appendNull()
        hasNull = true
        count += 1
    }

    /// Writes the array as a value without its length.
    func write(into writer: inout FieldWriter) {
        writer.writeArrayHeader(elementType: element.identifier, count: count, hasNull: hasNull)
        fields.withBytes { writer.write($0) }
    }

    @inline(__always)
    private mutating func prepare(_ type: ElementType) {
        precondition(
            type == element || (type == .text && element == .json), "an element of another type than the array's")
        count += 1
    }
}

extension BinaryArray {
    /// Appends an element to an array of `int2`.
    package mutating func append(int2 value: Int16) {
        prepare(.int2)
        fields.append(number: value)
    }

    /// Appends an element to an array of `int4`.
    package mutating func append(int4 value: Int32) {
        prepare(.int4)
        fields.append(number: value)
    }

    /// Appends an element to an array of `int8`.
    package mutating func append(int8 value: Int64) {
        prepare(.int8)
        fields.append(number: value)
    }

    /// Appends an element to an array of `bool`.
    package mutating func append(bool value: Bool) {
        prepare(.bool)
        fields.append(number: UInt8(value ? 1 : 0))
    }

    /// Appends a calendar date: days since 2000-01-01.
    package mutating func append(date days: Int32) {
        prepare(.date)
        fields.append(number: days)
    }

    /// Appends a moment: microseconds since 2000-01-01 00:00 UTC.
    package mutating func append(timestamp microseconds: Int64) {
        prepare(.timestamptz)
        fields.append(number: microseconds)
    }

    /// Appends a UUID: its first and its last eight bytes, read big-endian.
    package mutating func append(uuidHigh high: UInt64, low: UInt64) {
        prepare(.uuid)
        fields.append(uuidHigh: high, low: low)
    }

    /// Appends text, or the text of a JSON value where the elements are `json`.
    package mutating func append(text: String) {
        prepare(.text)
        fields.append(text: text)
    }

    /// Appends text that is UTF-8 already.
    package mutating func append(utf8 value: UnsafeRawBufferPointer) {
        prepare(.text)
        fields.append(bytes: value)
    }

    /// Appends text that is UTF-8 already, or the text of a JSON value where the elements are `json`.
    package mutating func append(utf8 value: [UInt8]) {
        prepare(.text)
        value.withUnsafeBytes { fields.append(bytes: $0) }
    }

    /// Appends text that is UTF-8 already, or the text of a JSON value where the elements are `json`.
    package mutating func append(utf8 value: ArraySlice<UInt8>) {
        prepare(.text)
        value.withUnsafeBytes { fields.append(bytes: $0) }
    }

    /// Appends bytes as they are.
    package mutating func append(bytes value: UnsafeRawBufferPointer) {
        prepare(.bytea)
        fields.append(bytes: value)
    }

    /// Appends bytes as they are, to an array of `bytea`.
    package mutating func append(bytes value: [UInt8]) {
        prepare(.bytea)
        value.withUnsafeBytes { fields.append(bytes: $0) }
    }

    /// Appends bytes as they are, to an array of `bytea`.
    package mutating func append(bytes value: ArraySlice<UInt8>) {
        prepare(.bytea)
        value.withUnsafeBytes { fields.append(bytes: $0) }
    }

    /// Appends the UTF-8 text of a JSON value.
    package mutating func append(jsonb value: UnsafeRawBufferPointer) {
        prepare(.jsonb)
        fields.append(jsonb: value)
    }

    /// Appends the UTF-8 text of a JSON value, to an array of `jsonb`.
    package mutating func append(jsonb value: [UInt8]) {
        prepare(.jsonb)
        value.withUnsafeBytes { fields.append(jsonb: $0) }
    }

    /// Appends the UTF-8 text of a JSON value, to an array of `jsonb`.
    package mutating func append(jsonb value: ArraySlice<UInt8>) {
        prepare(.jsonb)
        value.withUnsafeBytes { fields.append(jsonb: $0) }
    }
}
