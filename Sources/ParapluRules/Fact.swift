package import ParapluModel

/// What orders a reporter's facts on one action: as-of, then the reporter's own order, then the record's identity.
///
/// Never arrival. Where two records of one reporter share day and order, the identity decides: it says nothing of which is right,
/// but every fold sees the same order. The orders of two reporters say nothing of each other; within a day
/// `PlannedAction.places(_:before:)` puts the holder's words first.
package struct FactKey: Hashable, Comparable, Sendable {
    package var asOf: CalendarDate
    /// The reporter's sequence number, else the source's time (`CanonicalRecord.order`).
    package var order: Int64
    package var identityHigh: UInt64
    package var identityLow: UInt64

    package init(asOf: CalendarDate, order: Int64, identityHigh: UInt64, identityLow: UInt64) {
        self.asOf = asOf
        self.order = order
        self.identityHigh = identityHigh
        self.identityLow = identityLow
    }

    package static func < (left: FactKey, right: FactKey) -> Bool {
        if left.asOf != right.asOf { return left.asOf < right.asOf }
        if left.order != right.order { return left.order < right.order }
        if left.identityHigh != right.identityHigh { return left.identityHigh < right.identityHigh }
        return left.identityLow < right.identityLow
    }
}

/// One canonical record with its place in the order of its action's facts.
package struct Fact: Hashable, Sendable {
    package let record: CanonicalRecord
    package let key: FactKey

    /// The fact of a record, with the first 128 bits of its identity's digest as (high, low).
    package init(record: CanonicalRecord, identity: (UInt64, UInt64)) {
        self.record = record
        key = FactKey(
            asOf: record.asOf, order: record.order, identityHigh: identity.0, identityLow: identity.1)
    }

    /// Of what the fact speaks; of two facts of one action with the same slot only the later counts.
    package var slot: Slot {
        Slot(asOf: record.asOf, kind: record.slotKind, reporter: record.reporter, item: record.item)
    }

    /// A reporter's word on one thing as of one day.
    package struct Slot: Hashable, Sendable {
        package let asOf: CalendarDate
        package let kind: RecordKind
        package let reporter: OrganisationID
        package let item: String
    }
}
