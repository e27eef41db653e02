package import ParapluModel

/// What orders a reporter's facts on one action: as-of, then the reporter's own order, then the record's identity.
///
/// Never arrival. Where two records of one reporter share day and order, the identity decides: it says nothing of which is right,
/// but every fold sees the same order. The orders of two reporters say nothing of each other; within a day
/// `PlannedAction.places(_:before:)` puts the holder's words first.
package struct FactKey: Hashable, Comparable, Sendable {
    /// The day of which the fact speaks (peildatum).
    package var asOf: CalendarDate
    /// The reporter's sequence number, else the source's time (`CanonicalRecord.order`).
    package var order: Int64
    /// The first eight bytes of the record's identity, as a big-endian word.
    package var identityHigh: UInt64
    /// The eight bytes of the identity behind those, as a big-endian word.
    package var identityLow: UInt64

    package init(asOf: CalendarDate, order: Int64, identityHigh: UInt64, identityLow: UInt64) {
        self.asOf = asOf
        self.order = order
        self.identityHigh = identityHigh
        self.identityLow = identityLow
    }

    /// Whether the left fact comes first: by day, then by order, then by identity.
    package static func < (left: FactKey, right: FactKey) -> Bool {
        if left.asOf != right.asOf { return left.asOf < right.asOf }
        if left.order != right.order { return left.order < right.order }
        if left.identityHigh != right.identityHigh { return left.identityHigh < right.identityHigh }
        return left.identityLow < right.identityLow
    }
}

/// One canonical record with its place in the order of its action's facts.
package struct Fact: Hashable, Sendable {
    /// What was said, by whom, of which action or indicator and as of which day.
    package let record: CanonicalRecord
    /// Its place among its reporter's facts on the same action or indicator.
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
        /// The day of which the reporter speaks (peildatum).
        package let asOf: CalendarDate
        /// The kind that is spoken of; for a withdrawal the kind of what is withdrawn.
        package let kind: RecordKind
        /// The organisation whose word it is.
        package let reporter: OrganisationID
        /// The milestone, risk, party or cell, as text; empty for the action itself.
        package let item: String
    }
}
