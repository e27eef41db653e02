/// Appends JSON to a buffer of bytes: no white space, members in the order given, no floating point.
///
/// The same calls give the same bytes, so that texts can be digested and compared. Member names are the caller's to keep
/// apart and in order.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.beginObject()
/// writer.member("id"); writer.string("a-1")
/// writer.member("percent"); writer.integer(80)
/// writer.endObject()
/// // {"id":"a-1","percent":80}
/// ```
package struct JSONWriter {
    /// What was written so far.
    package private(set) var bytes: [UInt8]

    /// Whether the next value or name is preceded by a comma.
    private var needsComma = false
    private var depth = 0

    /// Starts an empty text, with room for `capacity` bytes.
    package init(capacity: Int = 512) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Forgets the text and keeps the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
        depth = 0
    }

    /// Opens an object.
    package mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Closes the innermost object.
    package mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Opens an array.
    package mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Closes the innermost array.
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// The name of the member whose value comes next; a name without characters that need an escape.
    package mutating func member(_ name: StaticString) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The name of the member whose value comes next.
    package mutating func member(name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The name of the member whose value comes next, of bytes that are valid UTF-8.
    package mutating func member(utf8 name: UnsafeRawBufferPointer) {
        string(utf8: name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The name of the member whose value comes next, as another writer's bytes: quoted, with its colon.
    package mutating func member(json name: [UInt8]) {
        comma()
        bytes.append(contentsOf: name)
        needsComma = false
    }

    /// A string.
    package mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// A string, of bytes that are valid UTF-8.
    package mutating func string(utf8 text: [UInt8]) {
        text.withUnsafeBytes { string(utf8: $0) }
    }

    /// A string, of bytes that are valid UTF-8.
    ///
    /// Escapes what RFC 8259 requires and nothing else: quote, backslash and the control characters, those with a short
    /// form in that form, as RFC 8785 prescribes.
    package mutating func string(utf8 text: UnsafeRawBufferPointer) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        var plainStart = 0
        for index in 0..<text.count {
            let byte = text[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[plainStart..<index]))
            plainStart = index + 1
            escape(byte)
        }
        // A slice would be copied byte by byte.
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[plainStart...]))
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// An integer, in decimal.
    package mutating func integer(_ value: Int64) {
        comma()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var magnitude = value.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10))
            magnitude /= 10
        } while magnitude > 0
        bytes[start...].reverse()
        needsComma = true
    }

    /// An integer, in decimal.
    package mutating func integer(_ value: Int) { integer(Int64(value)) }

    /// True or false.
    package mutating func bool(_ value: Bool) {
        raw(value ? "true" : "false")
    }

    /// The value `null`.
    package mutating func null() { raw("null") }

    /// A value that is JSON already, as `JSONNode.rawNumber` or another writer's bytes; not looked at.
    package mutating func raw(_ json: UnsafeRawBufferPointer) {
        comma()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// A value that is JSON already, as another writer's bytes; not looked at.
    package mutating func raw(_ json: [UInt8]) {
        comma()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// A value that is JSON already.
    package mutating func raw(_ json: StaticString) {
        comma()
        json.withUTF8Buffer { bytes.append(contentsOf: $0) }
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func open(_ bracket: UInt8) {
        comma()
        bytes.append(bracket)
        needsComma = false
        depth += 1
    }

    private mutating func close(_ bracket: UInt8) {
        precondition(depth > 0, "nothing is open")
        depth -= 1
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: [UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")])
            for nibble in [byte >> 4, byte & 15] {
                bytes.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") - 10 + nibble)
            }
        }
    }
}
