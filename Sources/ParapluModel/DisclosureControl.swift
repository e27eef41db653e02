/// Keeps small counts of people from being known: primary and secondary suppression.
///
/// What is suppressed is gone before anything is stored: neither the journal nor a view has it. A second cell of the same
/// breakdown goes where the whole would give the first back.
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
        // Wholes and parts of the same, in order of their first record; a message has few.
        var wholes: [(subject: Subject, value: Figure)] = []
        var groups: [(subject: Subject, dimension: Dimension, indices: [Int])] = []
        for index in records.indices {
            guard case .observation(var observation) = records[index].content, observation.unit.isDisclosive else {
                continue
            }
            if observation.isSmall(countMin: countMin) {
                observation.value = nil
                observation.flag = .suppressed
                records[index].content = .observation(observation)
                isSuppressed = true
            }
            let subject = Subject(
                indicator: observation.indicator, first: observation.period.first, last: observation.period.last,
                asOf: records[index].asOf)
            if let dimension = observation.breakdown?.dimension {
                if let group = groups.firstIndex(where: { $0.subject == subject && $0.dimension == dimension }) {
                    groups[group].indices.append(index)
                } else {
                    groups.append((subject, dimension, [index]))
                }
            } else if let value = observation.value {
                if let whole = wholes.firstIndex(where: { $0.subject == subject }) {
                    wholes[whole].value = value
                } else {
                    wholes.append((subject, value))
                }
            }
        }
        for (subject, _, indices) in groups {
            guard let whole = wholes.first(where: { $0.subject == subject })?.value else { continue }
            let cells = indices.map { index -> Cell in
                guard case .observation(let observation) = records[index].content else { return Cell(value: nil) }
                return Cell(value: observation.value, isSuppressed: observation.flag.isSuppressed)
            }
            for place in secondary(whole: whole, cells: cells, countMin: countMin) {
                guard case .observation(var observation) = records[indices[place]].content else { continue }
                observation.value = nil
                observation.flag = .suppressedSecondary
                records[indices[place]].content = .observation(observation)
                isSuppressed = true
            }
        }
        return isSuppressed
    }

    /// What a figure is about, whichever part of it.
    private struct Subject: Equatable {
        var indicator: IndicatorID
        var first: CalendarDate
        var last: CalendarDate
        var asOf: CalendarDate
    }

    /// One cell of a breakdown.
    package struct Cell: Hashable, Sendable {
        package var value: Figure?
        /// Whether its value was suppressed, and is not just missing.
        package var isSuppressed: Bool

        package init(value: Figure?, isSuppressed: Bool = false) {
            self.value = value
            self.isSuppressed = isSuppressed
        }
    }

    /// The cells of one breakdown that must go too, so that subtracting what is shown from the whole gives no small count
    /// and no suppressed one.
    ///
    /// The smallest go first. Nothing goes where the whole isn't shown, or where the parts overlap and say nothing of each
    /// other.
    package static func secondary(whole: Figure?, cells: [Cell], countMin: Int64) -> [Int] {
        guard let whole else { return [] }
        var shown = cells.indices.filter { cells[$0].value != nil }
            .sorted { ((cells[$0].value ?? whole), $0) < ((cells[$1].value ?? whole), $1) }
        var suppressed = cells.count { $0.isSuppressed }
        var rest = whole.thousandths - shown.reduce(0) { $0 + (cells[$1].value?.thousandths ?? 0) }
        // A small rest of which no cell speaks is a suppressed cell of its own.
        if suppressed == 0, rest > 0, rest < countMin * 1000 { suppressed = 1 }
        var hidden: [Int] = []
        while rest > 0, rest < countMin * 1000 || suppressed == 1, !shown.isEmpty {
            let next = shown.removeFirst()
            // A cell of none tells nothing, so hiding it helps nobody.
            guard let value = cells[next].value, value.thousandths > 0 else { continue }
            hidden.append(next)
            suppressed += 1
            rest += value.thousandths
        }
        return hidden
    }
}
