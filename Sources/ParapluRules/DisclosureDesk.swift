import ParapluModel

/// What of one reporter's words on one indicator and period may be shown, word by word in the reporter's order.
struct DisclosureDesk {
    /// A cell of the indicator; nil is the whole.
    private typealias Cell = Breakdown?

    private let countMin: Int64
    private let forms: [ExploitationFormID: ExploitationForm]
    /// The latest word on each cell.
    private var latest: [Cell: Int] = [:]
    private var vintages: [Cell: Int] = [:]
    /// The cells that were suppressed in some vintage.
    private var suppressed: Set<Cell> = []
    /// The words on each cell that are shown.
    private var shown: [Cell: [Int]] = [:]

    init(countMin: Int64, forms: [ExploitationFormID: ExploitationForm]) {
        self.countMin = countMin
        self.forms = forms
    }

    /// Takes one statement: words of one day and order.
    mutating func take(_ words: ArraySlice<Int>, _ facts: [Fact], _ states: inout [FigureState]) {
        var dimensions: Set<Dimension> = []
        var isDisclosive = false
        for index in words {
            guard case .observation(let observation) = facts[index].record.content else { continue }
            let cell = observation.breakdown
            vintages[cell, default: 0] += 1
            states[index].vintage = vintages[cell] ?? 0
            latest[cell] = index
            guard observation.unit.isDisclosive else { continue }
            isDisclosive = true
            if let cell { dimensions.insert(cell.dimension) }
            if observation.isSmall(countMin: countMin) {
                states[index].hide(.suppressed)
            } else if suppressed.contains(cell), states[index].value != nil {
                states[index].hide(.suppressedSecondary)
            } else if let value = states[index].value, isNear(value, cell, states) {
                // The difference is a small count; the cell itself may be shown again.
                states[index].hide(.suppressedSecondary)
                continue
            }
            if states[index].flag.isSuppressed {
                suppressed.insert(cell)
            } else if states[index].value != nil {
                shown[cell, default: []].append(index)
            }
        }
        guard isDisclosive else { return }
        // A new whole concerns every breakdown.
        if words.contains(where: { latest[nil] == $0 }) { dimensions = told }
        while let dimension = dimensions.min(by: { $0.rawValue < $1.rawValue }) {
            dimensions.remove(dimension)
            // The parts of every breakdown would add up to a whole that goes.
            if hideSecondary(dimension, &states) { dimensions.formUnion(told) }
        }
    }

    /// Marks the last words.
    func finish(_ states: inout [FigureState]) {
        for index in latest.values { states[index].isLatest = true }
    }

    /// The dimensions of which there is a word.
    private var told: Set<Dimension> { Set(latest.keys.compactMap { $0?.dimension }) }

    /// Whether a value differs by a small count from one of the cell that is shown.
    private func isNear(_ value: Figure, _ cell: Cell, _ states: [FigureState]) -> Bool {
        (shown[cell] ?? []).contains { index in
            guard let before = states[index].value, before != value else { return false }
            let (difference, isBeyond) = value.thousandths.subtractingReportingOverflow(before.thousandths)
            return !isBeyond && difference.magnitude < UInt64(countMin) * 1000
        }
    }

    /// Hides what would give back a suppressed cell of a dimension, in every vintage, and returns whether the whole went.
    ///
    /// A reader who is kept from the latest word on a cell has the one before it, which is as good or nearly.
    private mutating func hideSecondary(_ dimension: Dimension, _ states: inout [FigureState]) -> Bool {
        var parts: [Cell: [Breakdown]] = [:]
        for case let cell? in latest.keys.sorted(by: { ($0?.category ?? "") < ($1?.category ?? "") })
        where cell.dimension == dimension {
            parts[whole(of: cell), default: []].append(cell)
        }
        var wholeWent = false
        // What goes may be the whole of other cells, or a part of what is above: those are looked at again.
        var pending = Set(parts.keys)
        while let whole = pending.min(by: { ($0?.category ?? "") < ($1?.category ?? "") }) {
            pending.remove(whole)
            let own = parts[whole] ?? []
            let expanded = expand(own, parts, states)
            for cells in expanded == own ? [own] : [own, expanded] {
                let going = DisclosureControl.secondary(
                    whole: shownCell(whole, states), cells: cells.compactMap { shownCell($0, states) },
                    countMin: countMin)
                var hidden = going.cells.map { Cell.some(cells[$0]) }
                if going.isWholeToo { hidden.append(whole) }
                for cell in hidden {
                    hide(cell, &states)
                    if cell == nil { wholeWent = true }
                    if parts[cell] != nil { pending.formUnion([cell, whole]) }
                    if let above = cell.map(self.whole(of:)), above != whole, parts[above] != nil {
                        pending.insert(above)
                    }
                }
            }
        }
        return wholeWent
    }

    /// The cells, and in place of each that is suppressed its parts: these add up to the whole too.
    private func expand(
        _ cells: [Breakdown], _ parts: [Cell: [Breakdown]], _ states: [FigureState]
    ) -> [Breakdown] {
        cells.flatMap { cell -> [Breakdown] in
            guard let own = parts[cell], latest[cell].map({ states[$0].flag.isSuppressed }) ?? false else {
                return [cell]
            }
            return expand(own, parts, states)
        }
    }

    private func shownCell(_ cell: Cell, _ states: [FigureState]) -> DisclosureControl.Cell? {
        latest[cell].map { DisclosureControl.Cell(value: states[$0].value, flag: states[$0].flag) }
    }

    private mutating func hide(_ cell: Cell, _ states: inout [FigureState]) {
        for index in shown.removeValue(forKey: cell) ?? [] { states[index].hide(.suppressedSecondary) }
        suppressed.insert(cell)
    }

    /// What a cell is a part of: the nearest form above it of which there is a word, else the whole.
    private func whole(of cell: Breakdown) -> Cell {
        guard cell.dimension == .form else { return nil }
        var form = forms[ExploitationFormID(unchecked: cell.category)]
        // Bounded by the number of forms, so that a ring ends.
        for _ in 0..<forms.count {
            guard let parent = form?.parent else { return nil }
            let above = Breakdown(dimension: .form, category: parent.rawValue)
            if latest[above] != nil { return above }
            form = forms[parent]
        }
        return nil
    }
}

extension FigureState {
    fileprivate mutating func hide(_ flag: ValueFlag) {
        value = nil
        self.flag = flag
    }
}
