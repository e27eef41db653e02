/// Keeps small counts of people from being known: primary and secondary suppression.
///
/// What is suppressed is gone before anything is stored: neither the journal nor a view has it. A second cell of the same
/// breakdown goes where the whole would give the first back (`DisclosureControl+Secondary.swift`).
///
/// Source: domain notes, section 12, rule 3; the practice of CBS, "Statistische beveiliging".
package enum DisclosureControl {
    /// The smallest count of people that may be shown, besides none at all.
    package static let countMin: Int64 = 5

    /// Suppresses small counts in the records of one message, and returns whether there were any.
    package static func suppress(
        _ records: inout [CanonicalRecord], countMin: Int64 = DisclosureControl.countMin
    ) -> Bool {
        var isSuppressed = false
        // In order of their first record; a message has few.
        var tables: [Table] = []
        for index in records.indices {
            guard case .observation(let observation) = records[index].content, observation.unit.isDisclosive else {
                continue
            }
            if observation.isSmall(countMin: countMin) {
                hide(index, .suppressed, &records)
                isSuppressed = true
            }
            let subject = Subject(
                indicator: observation.indicator, first: observation.period.first, last: observation.period.last,
                asOf: records[index].asOf)
            if let table = tables.firstIndex(where: { $0.subject == subject }) {
                tables[table].add(index, observation.breakdown?.dimension)
            } else {
                var table = Table(subject: subject)
                table.add(index, observation.breakdown?.dimension)
                tables.append(table)
            }
        }
        for table in tables {
            let going = hideSecondary(table, &records, countMin: countMin)
            if !going.isEmpty { isSuppressed = true }
            // The parts of every breakdown would add up to a whole that went.
            if going.isWholeToo { _ = hideSecondary(table, &records, countMin: countMin) }
        }
        return isSuppressed
    }

    /// Hides what would give a suppressed cell of the table back, and returns the records that went and whether the whole did.
    private static func hideSecondary(
        _ table: Table, _ records: inout [CanonicalRecord], countMin: Int64
    ) -> Secondary {
        var all = Secondary()
        for (_, parts) in table.breakdowns {
            let wholes = table.wholes.compactMap { cell(of: records[$0]) }
            let going = secondary(
                whole: wholes.last { $0.value != nil } ?? wholes.last,
                cells: parts.compactMap { cell(of: records[$0]) }, countMin: countMin)
            for place in going.cells { hide(parts[place], .suppressedSecondary, &records) }
            if going.isWholeToo {
                for whole in table.wholes where cell(of: records[whole])?.value != nil {
                    hide(whole, .suppressedSecondary, &records)
                }
            }
            all.cells += going.cells.map { parts[$0] }
            if going.isWholeToo { all.isWholeToo = true }
        }
        return all
    }

    private static func cell(of record: CanonicalRecord) -> Cell? {
        guard case .observation(let observation) = record.content else { return nil }
        return Cell(value: observation.value, flag: observation.flag)
    }

    private static func hide(_ index: Int, _ flag: ValueFlag, _ records: inout [CanonicalRecord]) {
        guard case .observation(var observation) = records[index].content else { return }
        observation.value = nil
        observation.flag = flag
        records[index].content = .observation(observation)
    }

    /// What a figure is about, whichever part of it.
    private struct Subject: Equatable {
        var indicator: IndicatorID
        var first: CalendarDate
        var last: CalendarDate
        var asOf: CalendarDate
    }

    /// The records of one subject, by their places in the message.
    private struct Table {
        let subject: Subject
        var wholes: [Int] = []
        var breakdowns: [(dimension: Dimension, parts: [Int])] = []

        init(subject: Subject) { self.subject = subject }

        mutating func add(_ index: Int, _ dimension: Dimension?) {
            guard let dimension else { return wholes.append(index) }
            if let known = breakdowns.firstIndex(where: { $0.dimension == dimension }) {
                breakdowns[known].parts.append(index)
            } else {
                breakdowns.append((dimension, [index]))
            }
        }
    }
}
