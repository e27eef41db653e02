package import ParapluModel
package import ParapluRules

/// Which words of a reporter about one thing and one day were overtaken by a later word of its own.
///
/// A message whose every record was overtaken before it came is stale: it changes nothing at any valid time.
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

    /// Starts with what was journalled before.
    package init(_ histories: [ActionID: [FoldFact]]) {
        for history in histories.values {
            for fact in history { add(fact.fact) }
        }
    }

    /// Whether a later word about the same was added before.
    package func isSuperseded(_ fact: Fact) -> Bool {
        latest[Thing(fact)].map { fact.key < $0 } ?? false
    }

    package mutating func add(_ fact: Fact) {
        let thing = Thing(fact)
        if latest[thing].map({ $0 < fact.key }) ?? true { latest[thing] = fact.key }
    }
}
