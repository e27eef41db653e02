package import Digest

/// Which coordinates of a canonical record make it "the same record again".
///
/// Reporter, kind and action always take part; a connector chooses among the rest. Two records of one identity must be
/// equal, or the second is `id_reused`.
package struct IdentityFields: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The organisation that reports.
    package static let reporter = IdentityFields(rawValue: 1 << 0)
    /// The kind of the record, such as `milestone.reported`; of a withdrawal its own.
    package static let kind = IdentityFields(rawValue: 1 << 1)
    /// The action, or the indicator.
    package static let action = IdentityFields(rawValue: 1 << 2)
    /// The milestone, risk or cell, where the record is about one.
    package static let item = IdentityFields(rawValue: 1 << 3)
    /// The day of which the record speaks (peildatum).
    package static let asOf = IdentityFields(rawValue: 1 << 4)
    /// The reporter's sequence number, or else the time recorded at the source.
    package static let order = IdentityFields(rawValue: 1 << 5)

    /// What every identity holds.
    package static let always: IdentityFields = [.reporter, .kind, .action]
    /// What identifies a record where its connector declares nothing narrower: all of them.
    package static let standard: IdentityFields = [.reporter, .kind, .action, .item, .asOf, .order]

    /// The fields by the names that a connector writes, in the order in which they are hashed.
    package static let named: [(name: String, field: IdentityFields)] = [
        ("reporter", .reporter), ("kind", .kind), ("action", .action), ("item", .item), ("as_of", .asOf),
        ("sequence", .order),
    ]
}

extension CanonicalRecord {
    /// The SHA-256 of the record's canonical bytes.
    package var digest: SHA256Digest {
        var hasher = SHA256()
        CanonicalRecordCodec.bytes(of: self).withUnsafeBytes { hasher.update($0) }
        return hasher.finalize()
    }

    /// The first sixteen bytes of a SHA-256 over the record's identity, as two big-endian words.
    ///
    /// What is hashed names the fields and counts the bytes of each, so that no two lists of values are written alike;
    /// a missing sequence and a missing time differ from zero. Sixteen bytes make an accidental collision among 10^12
    /// records less likely than 10^-14; the digest of the record decides what such a repeat is.
    ///
    /// - Parameter hasher: a hasher to use again; it is left ready for the next use.
    package func identity(_ fields: IdentityFields = .standard, using hasher: inout SHA256) -> (UInt64, UInt64) {
        let fields = fields.union(.always)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: HashInput.capacity) { buffer in
            var input = HashInput(buffer: buffer)
            input.append(tag: 0x01)
            input.append(tag: fields.rawValue)
            if fields.contains(.reporter) { input.append(reporter.rawValue) }
            if fields.contains(.kind) { input.append(Int64(kind.code)) }
            if fields.contains(.action) { input.append(indicator?.rawValue ?? action.rawValue) }
            if fields.contains(.item) {
                if case .withdrawal(let withdrawal) = content { input.append(withdrawal.kind.rawValue) }
                input.append(item)
            }
            if fields.contains(.asOf) { input.append(Int64(asOf.daysSince2000)) }
            if fields.contains(.order) {
                if let sequence {
                    input.append(tag: 0x53)
                    input.append(sequence)
                } else if let recordedAtSource {
                    input.append(tag: 0x54)
                    input.append(recordedAtSource.microsecondsSince2000)
                } else {
                    input.append(tag: 0x4E)
                }
            }
            return input.hash(using: &hasher)
        }
    }
}

/// The key by which a message is found again: who owns its topic, and the source and id that it gives itself.
package enum MessageKey {
    /// The first sixteen bytes of a SHA-256 over owner, source and id, as two big-endian words.
    ///
    /// - Parameters:
    ///   - owner: the owner of the topic, so that nobody can occupy the keys of another.
    ///   - source: the source as the message gives it, or empty where its format has none.
    ///   - id: the id as the message gives it.
    package static func key(
        owner: OrganisationID, source: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer, using hasher: inout SHA256
    ) -> (UInt64, UInt64) {
        let capacity = HashInput.capacity + source.count + id.count
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
            var input = HashInput(buffer: buffer)
            input.append(tag: 0x02)
            input.append(owner.rawValue)
            input.append(source)
            input.append(id)
            return input.hash(using: &hasher)
        }
    }

    /// The same key out of text.
    package static func key(owner: OrganisationID, source: String, id: String) -> (UInt64, UInt64) {
        var hasher = SHA256()
        let source = Array(source.utf8)
        let id = Array(id.utf8)
        return source.withUnsafeBytes { source in
            id.withUnsafeBytes { id in key(owner: owner, source: source, id: id, using: &hasher) }
        }
    }
}

/// Values written one after another so that no two lists of values give the same bytes: lengths before texts.
private struct HashInput {
    /// Enough for three identifiers of 64 bytes, their lengths and the numbers.
    static let capacity = 512

    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private var count = 0

    init(buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.buffer = buffer
    }

    mutating func append(tag: UInt8) {
        buffer[count] = tag
        count += 1
    }

    mutating func append(_ number: Int64) {
        precondition(count + 8 <= buffer.count, "identifiers have at most 64 bytes")
        UnsafeMutableRawBufferPointer(buffer).storeBytes(
            of: UInt64(bitPattern: number).bigEndian, toByteOffset: count, as: UInt64.self)
        count += 8
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        append(Int64(bytes.count))
        precondition(count + bytes.count <= buffer.count, "identifiers have at most 64 bytes")
        guard let base = buffer.baseAddress, let source = bytes.baseAddress else { return }
        UnsafeMutableRawPointer(base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    func hash(using hasher: inout SHA256) -> (UInt64, UInt64) {
        hasher.update(UnsafeRawBufferPointer(start: buffer.baseAddress, count: count))
        return hasher.finalize().uuidWords
    }
}
