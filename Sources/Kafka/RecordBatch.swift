#if canImport(Glibc)
    internal import Glibc
#endif

/// Where one record of a batch lies in the batch's arena, and its coordinates.
package struct RecordSlot: Hashable, Sendable {
    /// Index of the topic's name in the batch's `topics`.
    package var topicIndex: Int
    /// The partition's number.
    package var partition: Int32
    /// The record's offset.
    package var offset: Int64
    /// The record's timestamp, in milliseconds since 1970 UTC, or -1 when it has none.
    package var timestampMilliseconds: Int64
    /// Whether the value is null, which is not the same as empty.
    package var isTombstone: Bool
    /// The key's bytes, or nil when the record has none.
    package var key: Range<Int>?
    /// The value's bytes; empty for a tombstone.
    package var value: Range<Int>
    /// The headers in the framing of `RecordBatch.headers(of:)`; empty when there are none.
    package var headers: Range<Int>
    /// How many headers there are.
    package var headerCount: Int
}

/// Records of one poll round in one arena: no allocation per record.
///
/// A batch is reused round after round (`removeAll(keepingCapacity: true)`), so its arena grows to the largest round
/// and stays.
package struct RecordBatch: Sendable {
    /// How many zero bytes at least follow the last used byte, as simdjson's parser reads beyond its input.
    package static let paddingBytes = 64

    /// Values, keys and headers one after the other, then at least `paddingBytes` zeros.
    ///
    /// Longer than `byteCount`: what lies behind the padding has no meaning.
    package private(set) var arena: [UInt8]
    /// The records in the order in which they arrived.
    package private(set) var records: [RecordSlot] = []
    /// Topic names by index; kept when capacity is kept, so that indices of a reused batch stay the same.
    package private(set) var topics: [String] = []
    /// For each event the poll returned, in its order: how many records of the batch came before it.
    package internal(set) var recordsBeforeEvents: [Int] = []
    /// How many bytes of the arena are used.
    package private(set) var byteCount = 0

    /// An empty batch.
    package init() { arena = [UInt8](repeating: 0, count: Self.paddingBytes) }

    /// Takes out all records; with capacity kept, the arena and the topic names stay for the next round.
    package mutating func removeAll(keepingCapacity: Bool) {
        guard keepingCapacity else {
            self = RecordBatch()
            return
        }
        records.removeAll(keepingCapacity: true)
        recordsBeforeEvents.removeAll(keepingCapacity: true)
        byteCount = 0
        pad()
    }

    /// The topic's name of a record.
    package func topic(of record: RecordSlot) -> String { topics[record.topicIndex] }

    /// The headers of a record, walked without copying.
    package func headers(of record: RecordSlot) -> RecordHeaders {
        RecordHeaders(arena: arena, range: record.headers)
    }

    /// The index of a topic's name, which is added when it is new.
    mutating func index(ofTopic name: String) -> Int {
        if let index = topics.firstIndex(of: name) { return index }
        topics.append(name)
        return topics.count - 1
    }

    /// Makes room for `count` more bytes and the padding; the arena at least doubles when it grows.
    mutating func reserve(_ count: Int) {
        let needed = byteCount + count + Self.paddingBytes
        guard needed > arena.count else { return }
        let grown = max(needed, arena.count * 2, 1 << 16)
        arena.reserveCapacity(grown)
        arena.append(contentsOf: repeatElement(0, count: grown - arena.count))
    }

    /// Copies bytes behind the last used one and returns where they lie.
    ///
    /// Room must have been reserved.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Range<Int> {
        let start = byteCount
        precondition(start + bytes.count + Self.paddingBytes <= arena.count, "bytes without room reserved")
        arena.withUnsafeMutableBytes { arena in
            if let source = bytes.baseAddress, let target = arena.baseAddress {
                memcpy(target + start, source, bytes.count)
            }
        }
        byteCount = start + bytes.count
        return start..<byteCount
    }

    /// Writes a length as four bytes, big end first.
    ///
    /// Room must have been reserved.
    mutating func append(length: UInt32) {
        withUnsafeBytes(of: length.bigEndian) { _ = append($0) }
    }

    /// Adds a record whose bytes are in the arena.
    mutating func append(_ record: RecordSlot) { records.append(record) }

    /// Adds a record of one's own, as a poll would; for measuring and testing what comes after the poll.
    package mutating func add(
        topic: String, partition: Int32, offset: Int64, timestampMilliseconds: Int64, key: [UInt8]?, value: [UInt8]?,
        headers: [(String, [UInt8])] = []
    ) {
        let headerBytes = headers.reduce(0) { $0 + 8 + $1.0.utf8.count + $1.1.count }
        reserve((key?.count ?? 0) + (value?.count ?? 0) + headerBytes)
        let keyRange = key.map { $0.withUnsafeBytes { append($0) } }
        let valueRange = (value ?? []).withUnsafeBytes { append($0) }
        let start = byteCount
        for (name, bytes) in headers {
            append(length: UInt32(name.utf8.count))
            _ = Array(name.utf8).withUnsafeBytes { append($0) }
            append(length: UInt32(bytes.count))
            _ = bytes.withUnsafeBytes { append($0) }
        }
        records.append(
            RecordSlot(
                topicIndex: index(ofTopic: topic), partition: partition, offset: offset,
                timestampMilliseconds: timestampMilliseconds, isTombstone: value == nil, key: keyRange,
                value: valueRange, headers: start..<byteCount, headerCount: headers.count))
        pad()
    }

    /// Zeroes the padding behind the last used byte, where an earlier round may have left its bytes.
    mutating func pad() {
        reserve(0)
        let start = byteCount
        arena.withUnsafeMutableBytes { arena in
            if let base = arena.baseAddress { memset(base + start, 0, Self.paddingBytes) }
        }
    }
}

/// The headers of one record: ranges of the batch's arena, in order, names repeated when they are.
///
/// Framing, repeated: name length (4 bytes, big end first), name, value length (4 bytes) or `0xFFFFFFFF` for a null
/// value, value.
package struct RecordHeaders: Sequence, IteratorProtocol, Sendable {
    /// The length that stands for a null value.
    static let nullLength: UInt32 = 0xffff_ffff

    private let arena: [UInt8]
    private var position: Int
    private let end: Int

    init(arena: [UInt8], range: Range<Int>) {
        self.arena = arena
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next header: its name's bytes and its value's, nil for a null value.
    package mutating func next() -> (nameRange: Range<Int>, valueRange: Range<Int>?)? {
        guard position < end else { return nil }
        let nameLength = Int(readLength())
        let name = position..<position + nameLength
        position = name.upperBound
        let valueLength = readLength()
        guard valueLength != Self.nullLength else { return (name, nil) }
        let value = position..<position + Int(valueLength)
        position = value.upperBound
        return (name, value)
    }

    private mutating func readLength() -> UInt32 {
        defer { position += 4 }
        return arena[position..<position + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
