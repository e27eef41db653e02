extension DisclosureControl {
    /// One cell of a breakdown, or the whole that it is a part of.
    package struct Cell: Hashable, Sendable {
        /// The cell's figure; nil where it is suppressed or missing, as the flag says.
        package var value: Figure?
        /// Why there is no value, where there is none: suppressed, or just missing.
        package var flag: ValueFlag

        package init(value: Figure?, flag: ValueFlag = .ok) {
            self.value = value
            self.flag = flag
        }
    }

    /// What must go too.
    package struct Secondary: Hashable, Sendable {
        /// The places of cells.
        package var cells: [Int]
        /// Whether the whole goes as well: there are no cells left that would help.
        package var isWholeToo: Bool

        package init(cells: [Int] = [], isWholeToo: Bool = false) {
            self.cells = cells
            self.isWholeToo = isWholeToo
        }

        /// Whether nothing must go beyond what is suppressed already.
        package var isEmpty: Bool { cells.isEmpty && !isWholeToo }
    }

    /// The cells of one breakdown that must go too, so that what is shown gives back no small count and no suppressed one.
    ///
    /// The smallest go first, until what can be computed of a suppressed cell is a range and not a value. Where the whole is
    /// suppressed itself, one cell goes if all are shown: they would add up to it. Nothing goes where the parts overlap and say
    /// nothing of each other.
    ///
    /// - Parameters:
    ///   - whole: What the cells are parts of; nil where nobody told it.
    ///   - cells: The cells that were told. What the whole has beyond them wasn't.
    package static func secondary(whole: Cell?, cells: [Cell], countMin: Int64) -> Secondary {
        var going = Secondary()
        guard let whole else { return going }
        // A cell of none tells nothing, so hiding it helps nobody.
        var shown = cells.indices.compactMap { (index: Int) -> (value: Int64, place: Int)? in
            guard let value = cells[index].value.map(computable), value > 0 else { return nil }
            return (value, index)
        }
        shown.sort { ($0.value, $0.place) < ($1.value, $1.place) }
        guard let total = whole.value else {
            if whole.flag.isSuppressed, let smallest = shown.first, cells.allSatisfy({ $0.value != nil }) {
                going.cells = [smallest.place]
            }
            return going
        }
        var equation = Equation(
            rest: computable(total) - cells.reduce(0) { $0 + ($1.value.map(computable) ?? 0) },
            small: Int64(cells.count { $0.flag == .suppressed }),
            large: Int64(cells.count { $0.flag == .suppressedSecondary }),
            hasMissing: cells.contains { $0.value == nil && !$0.flag.isSuppressed }, least: countMin * 1000,
            next: shown.first?.value)
        // A small rest of which no cell speaks is a suppressed cell of its own.
        if equation.small + equation.large == 0, equation.rest > 0, equation.rest < equation.least {
            equation.small = 1
        }
        while !equation.isSafe {
            guard !shown.isEmpty else {
                going.isWholeToo = !equation.hasUntold
                break
            }
            let next = shown.removeFirst()
            going.cells.append(next.place)
            equation.large += 1
            equation.rest += next.value
            equation.next = shown.first?.value
        }
        return going
    }

    /// The figure in thousandths, within what can be added and multiplied: there are no ten billion people to be counted.
    private static func computable(_ figure: Figure) -> Int64 {
        let most: Int64 = 10_000_000_000_000
        return min(max(figure.thousandths, -most), most)
    }

    /// What anybody can compute: the suppressed cells add up to the whole less what is shown of its parts.
    ///
    /// In thousandths.
    private struct Equation {
        var rest: Int64
        /// The suppressed cells that are small counts: at least one, less than `least`.
        var small: Int64
        /// Those that went with them: no less than `least`.
        var large: Int64
        /// Whether there are cells of which nothing is known.
        let hasMissing: Bool
        let least: Int64
        /// The smallest value that is shown: what went before it is no larger, as who knows these rules knows.
        var next: Int64?

        private static let one: Int64 = 1000

        /// Whether more remains than the small cells can be: parts that nobody told are among it.
        var hasUntold: Bool { large == 0 && rest > small * (least - Equation.one) }

        /// Whether no suppressed cell can be computed.
        ///
        /// What is asked is more than a choice of two values: who knows these rules knows of each cell that went that it had to
        /// go, and that must leave a choice too. `DisclosureAttackTests` tries every table that shows the same.
        var isSafe: Bool {
            guard small + large > 0, rest > 0 else { return true }
            guard rest >= least, small + large > 1 else { return false }
            let others = max(small - 1, 0) * Equation.one + large * least
            let spread = max(small - 1, 0) * (least - Equation.one)
            if large > 0 {
                // A small cell can be all that it may be: its highest where the large ones are at their least, and one where they
                // are as large as they can be.
                guard rest - others >= least - Equation.one else { return false }
                guard small > 0, let next else { return true }
                return rest - spread - large * next <= Equation.one
            }
            if hasUntold { return true }
            let low = hasMissing ? Equation.one : max(Equation.one, rest - spread)
            let high = min(least - Equation.one, rest - others)
            return high - low >= min(2 * Equation.one, least - 2 * Equation.one)
        }
    }
}
