internal import Glibc

/// Values in PostgreSQL's binary form, each a 32-bit length and its bytes, in one growing buffer.
///
/// The buffer is an array that is kept longer than what is used of it, so that a value is one check and one store.
///
/// - Source: PostgreSQL manual, COPY, "Binary Format", and the `typsend` functions of each type.
struct FieldWriter: Sendable {
    private var storage: [UInt8] = []
    /// How many bytes of the buffer hold values.
    private(set) var count = 0

    /// Lends what has been written.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try storage.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    mutating func removeAll(keepingCapacity: Bool) {
        count = 0
        if !keepingCapacity { storage = [] }
    }

    /// Writes a bare number, big-endian.
    @inline(__always)
    mutating func write<T: FixedWidthInteger>(_ value: T) {
        let start = grow(MemoryLayout<T>.size)
        storage.withUnsafeMutableBytes { $0.storeBytes(of: value.bigEndian, toByteOffset: start, as: T.self) }
    }

    /// Writes bare bytes.
    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        let start = grow(bytes.count)
        storage.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[start...]).copyMemory(from: bytes) }
    }

    /// Writes over a number written before.
    mutating func overwrite(_ value: Int32, at offset: Int) {
        precondition(offset + 4 <= count, "nothing is written there yet")
        storage.withUnsafeMutableBytes { $0.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int32.self) }
    }

    mutating func appendNull() { write(Int32(-1)) }

    @inline(__always)
    mutating func append<T: FixedWidthInteger>(number value: T) {
        let size = MemoryLayout<T>.size
        let start = grow(4 + size)
        storage.withUnsafeMutableBytes {
            $0.storeBytes(of: Int32(truncatingIfNeeded: size).bigEndian, toByteOffset: start, as: Int32.self)
            $0.storeBytes(of: value.bigEndian, toByteOffset: start + 4, as: T.self)
        }
    }

    mutating func append(uuidHigh high: UInt64, low: UInt64) {
        let start = grow(20)
        storage.withUnsafeMutableBytes {
            $0.storeBytes(of: Int32(16).bigEndian, toByteOffset: start, as: Int32.self)
            $0.storeBytes(of: high.bigEndian, toByteOffset: start + 4, as: UInt64.self)
            $0.storeBytes(of: low.bigEndian, toByteOffset: start + 12, as: UInt64.self)
        }
    }

    mutating func append(bytes: UnsafeRawBufferPointer) {
        let length = Self.length(bytes.count)
        let start = grow(4 + bytes.count)
        storage.withUnsafeMutableBytes {
            $0.storeBytes(of: length.bigEndian, toByteOffset: start, as: Int32.self)
            UnsafeMutableRawBufferPointer(rebasing: $0[(start + 4)...]).copyMemory(from: bytes)
        }
    }

    mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Writes `jsonb`: a version byte, 1, and the text.
    mutating func append(jsonb utf8: UnsafeRawBufferPointer) {
        write(Self.length(utf8.count + 1))
        write(UInt8(1))
        write(utf8)
    }

    mutating func append(textArray texts: [String]) {
        let start = count
        write(Int32(0))
        writeArrayHeader(elementType: ElementType.text.identifier, count: texts.count, hasNull: false)
        for text in texts { append(text: text) }
        overwrite(Self.length(count - start - 4), at: start)
    }

    /// Writes what precedes the elements of an array of one dimension (of none, when it is empty).
    ///
    /// - Source: `array_send` in the PostgreSQL source, src/backend/utils/adt/arrayfuncs.c.
    mutating func writeArrayHeader(elementType: UInt32, count: Int, hasNull: Bool) {
        write(Int32(count == 0 ? 0 : 1))
        write(Int32(hasNull ? 1 : 0))
        write(elementType)
        guard count > 0 else { return }
        write(Self.length(count))
        write(Int32(1))
    }

    /// A length as the protocol counts it.
    static func length(_ count: Int) -> Int32 {
        precondition(count <= Int(Int32.max), "a value longer than the protocol can carry")
        return Int32(count)
    }

    /// Makes room for `size` more bytes and returns where they start.
    @inline(__always)
    private mutating func grow(_ size: Int) -> Int {
        let start = count
        count += size
        if count > storage.count { enlarge() }
        return start
    }

    @inline(never)
    private mutating func enlarge() {
        let length = max(1024, count * 2)
        storage = [UInt8](unsafeUninitializedCapacity: length) { bytes, initialized in
            guard let base = bytes.baseAddress else { return }
            storage.withUnsafeBytes { UnsafeMutableRawBufferPointer(bytes).copyMemory(from: $0) }
            memset(base + storage.count, 0, length - storage.count)
            initialized = length
        }
    }
}
