import JSON
package import ParapluModel

/// Reads journalled records back.
package enum JournalReader {
    /// The record whose canonical bytes the journal holds.
    package static func record(_ body: [UInt8]) throws -> CanonicalRecord {
        do {
            return try CanonicalRecordCodec.record(from: body)
        } catch {
            throw StoreError.unreadableRecord
        }
    }
}
