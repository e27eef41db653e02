import ParapluModel

/// Which words of a reporter about one thing and one day were overtaken by a later word of its own.
///
/// A fact that was overtaken counts at no valid time: reporter and day decide about roles, so both words have the same standing
/// under any plan. A message whose every record was overtaken before it came is stale.
package struct Staleness {
    private struct Thing: Hashable {
        let action: ActionID
        let slot: Fact.Slot

        init(_ fact: Fact) {
            action = fact.record.action
            slot = fact.slot
        }
    }

    private var latest: [Thing: FactKey] = [:]

    /// Starts with what was said before.
    package init(_ facts: some Sequence<Fact>) {
        for fact in facts { add(fact) }
    }

    /// Whether a later word about the same was added before.
    package func isSuperseded(_ fact: Fact) -> Bool {
        latest[Thing(fact)].map { fact.key < $0 } ?? false
    }

    /// Takes note of a word; words may come in any order, and the latest of each thing is kept.
    package mutating func add(_ fact: Fact) {
        let thing = Thing(fact)
        if latest[thing].map({ $0 < fact.key }) ?? true { latest[thing] = fact.key }
    }
}
