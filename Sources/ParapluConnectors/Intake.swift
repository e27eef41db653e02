package import Digest
package import ParapluModel

/// What a batch's messages gave: one buffer for all of them, so that no message needs arrays of its own.
package struct IntakeBuffer: Sendable {
    /// The canonical records' bytes, one after another.
    package var bytes: [UInt8] = []
    /// The canonical records, in the order of their messages.
    package var records: [MappedRecord] = []

    package init() {}

    /// Forgets the batch and keeps the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        records.removeAll(keepingCapacity: true)
    }
}

/// A canonical record out of a message, with what the store needs of it.
package struct MappedRecord: Sendable {
    /// What the message says, in the programme's own form.
    package internal(set) var record: CanonicalRecord
    /// Its canonical bytes, in `IntakeBuffer.bytes`.
    package internal(set) var json = 0..<0
    /// The SHA-256 of those bytes.
    package internal(set) var digest = SHA256Digest.zero
    /// The key by which the record is found again, over the fields that its connector declares.
    package internal(set) var identity: (UInt64, UInt64) = (0, 0)
}

/// What decoding one message gave: records, or the reason why there are none.
package struct Intake: Sendable {
    /// The records, in `IntakeBuffer.records`; empty with a rejection.
    package let records: Range<Int>
    /// Why the message is refused; nil where it is taken.
    package let rejection: Rejection?
    /// The id that the message gives itself; nil where it has none, or where nothing of it may be kept.
    package let eventID: String?
    /// The source that the message gives, in the same way.
    package let source: String?
    /// The key over owner, source and id; nil without an id, whose key is its coordinates.
    package let messageKey: (UInt64, UInt64)?
    /// Whether the value is text in the encoding that is declared for it.
    ///
    /// Of anything else nothing may be kept: it can't be scanned.
    package let isText: Bool
    /// Whether key, headers and value may be kept as they came: not where they hold personal data or a small count.
    package let keepsPayload: Bool
    /// What the profile of its events advises and the message does otherwise.
    package let warnings: EventWarnings

    package init(
        records: Range<Int>, rejection: Rejection?, eventID: String?, source: String?, messageKey: (UInt64, UInt64)?,
        isText: Bool, keepsPayload: Bool, warnings: EventWarnings = []
    ) {
        self.records = records
        self.rejection = rejection
        self.eventID = eventID
        self.source = source
        self.messageKey = messageKey
        self.isText = isText
        self.keepsPayload = keepsPayload
        self.warnings = warnings
    }
}

/// A message's headers as they are framed for decoding and for the journal.
///
/// Repeated: length of the name (32 bits, big endian), name, length of the value or `0xFFFFFFFF` for none, value.
package struct HeaderFrames: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// Whether the bytes ended within a frame.
    package private(set) var isTruncated = false

    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next header, its name and value within the frames; nil at the end.
    ///
    /// Frames that break off end it too, and set `isTruncated`. A header without a value has nil for it.
    package mutating func next() -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)? {
        guard position < bytes.count else { return nil }
        guard let nameLength = length(), nameLength != nil, let name = take(nameLength ?? 0), let valueLength = length()
        else {
            isTruncated = true
            position = bytes.count
            return nil
        }
        guard let count = valueLength else { return (name, nil) }
        guard let value = take(count) else {
            isTruncated = true
            position = bytes.count
            return nil
        }
        return (name, value)
    }

    /// Appends a header in this form.
    package static func append(name: [UInt8], value: [UInt8]?, to frames: inout [UInt8]) {
        func append(_ number: UInt32) {
            for shift in [24, 16, 8, 0] as [UInt32] { frames.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        append(UInt32(name.count))
        frames += name
        append(value.map { UInt32($0.count) } ?? .max)
        frames += value ?? []
    }

    /// The next length, where nil within stands for no value; nil where the bytes end.
    private mutating func length() -> Int?? {
        guard bytes.count - position >= 4 else { return nil }
        let number = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
        position += 4
        return .some(number == .max ? nil : Int(number))
    }

    private mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard bytes.count - position >= count else { return nil }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }
}
