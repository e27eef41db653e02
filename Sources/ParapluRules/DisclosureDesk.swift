import ParapluModel

/// What of one reporter's words on one indicator and the periods of a year may be shown, word by word in the reporter's order.
struct DisclosureDesk {
    /// A cell of the indicator; without a breakdown the whole.
    struct Cell: Hashable {
        let period: Period
        let breakdown: Breakdown?

        /// Another one in each place of an order that says nothing.
        var place: String { "\(period.text) \(breakdown?.dimension.rawValue ?? "") \(breakdown?.category ?? "")" }
    }

    /// By what a cell is divided: into shorter periods, or into the parts of a dimension.
    enum Division: Hashable {
        case time
        case parts(Dimension)
    }

    /// The cells that a cell is divided into; they add up to it, but for what nobody told.
    struct Group: Hashable {
        let whole: Cell
        let division: Division

        var place: String {
            switch division {
            case .time: whole.place
            case .parts(let dimension): "\(whole.place) \(dimension.rawValue)"
            }
        }
    }

    private let countMin: Int64
    private let forms: [ExploitationFormID: ExploitationForm]
    /// The latest word on each cell.
    private var latest: [Cell: Int] = [:]
    private var vintages: [Cell: Int] = [:]
    /// The cells that were suppressed in some vintage.
    private var suppressed: Set<Cell> = []
    /// The words on each cell that are shown.
    private var shown: [Cell: [Int]] = [:]
    /// The cells of which there is a word, by the groups that they are parts of; and each cell's own groups.
    private var parts: [Group: [Cell]] = [:]
    private var divisions: [Cell: [Group]] = [:]
    /// The periods of which there is a word.
    private var periods: Set<Period> = []

    init(countMin: Int64, forms: [ExploitationFormID: ExploitationForm]) {
        self.countMin = countMin
        self.forms = forms
    }

    /// Takes one statement: words of one day and order.
    mutating func take(_ words: ArraySlice<Int>, _ facts: [Fact], _ states: inout [FigureState]) {
        let known = latest.count
        var cells: [Cell] = []
        for index in words {
            guard case .observation(let observation) = facts[index].record.content else { continue }
            let cell = Cell(period: observation.period, breakdown: observation.breakdown)
            vintages[cell, default: 0] += 1
            states[index].vintage = vintages[cell] ?? 0
            latest[cell] = index
            periods.insert(cell.period)
            guard observation.unit.isDisclosive else { continue }
            cells.append(cell)
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
        guard !cells.isEmpty else { return }
        if latest.count > known { divide() }
        hideSecondary(Set(cells.flatMap { groups(of: $0) + (divisions[$0] ?? []) }), &states)
    }

    /// Marks the last words.
    func finish(_ states: inout [FigureState]) {
        for index in latest.values { states[index].isLatest = true }
    }

    /// Whether a value differs by a small count from one of the cell that is shown.
    private func isNear(_ value: Figure, _ cell: Cell, _ states: [FigureState]) -> Bool {
        (shown[cell] ?? []).contains { index in
            guard let before = states[index].value, before != value else { return false }
            let (difference, isBeyond) = value.thousandths.subtractingReportingOverflow(before.thousandths)
            return !isBeyond && difference.magnitude < UInt64(countMin) * 1000
        }
    }

    // MARK: What adds up to what

    /// Sorts the cells of which there is a word into their groups.
    private mutating func divide() {
        parts = [:]
        divisions = [:]
        for cell in latest.keys {
            for group in groups(of: cell) { parts[group, default: []].append(cell) }
        }
        for (group, cells) in parts {
            parts[group] = cells.sorted { $0.place < $1.place }
            divisions[group.whole, default: []].append(group)
        }
    }

    /// The groups that a cell is a part of, of those whose whole there is a word on.
    private func groups(of cell: Cell) -> [Group] {
        var groups: [Group] = []
        // The shortest period around it of which there is a word: months, quarters, halves and the year lie within each other.
        let around = periods.filter { other in
            other != cell.period && other.first <= cell.period.first && cell.period.last <= other.last
                && latest[Cell(period: other, breakdown: cell.breakdown)] != nil
        }
        if let nearest = around.min(by: { $0.days < $1.days }) {
            groups.append(Group(whole: Cell(period: nearest, breakdown: cell.breakdown), division: .time))
        }
        if let breakdown = cell.breakdown {
            let whole = Cell(period: cell.period, breakdown: form(above: breakdown, in: cell.period))
            if latest[whole] != nil { groups.append(Group(whole: whole, division: .parts(breakdown.dimension))) }
        }
        return groups
    }

    /// The nearest form above a cell of which there is a word; nil where it is a part of the whole.
    private func form(above breakdown: Breakdown, in period: Period) -> Breakdown? {
        guard breakdown.dimension == .form else { return nil }
        var form = forms[ExploitationFormID(unchecked: breakdown.category)]
        // Bounded by the number of forms, so that a ring ends.
        for _ in 0..<forms.count {
            guard let parent = form?.parent else { return nil }
            let above = Breakdown(dimension: .form, category: parent.rawValue)
            if latest[Cell(period: period, breakdown: above)] != nil { return above }
            form = forms[parent]
        }
        return nil
    }

    // MARK: What goes

    /// Hides what would give back a suppressed cell of these groups, in every vintage, and of those that are touched by it.
    ///
    /// A reader who is kept from the latest word on a cell has the one before it, which is as good or nearly.
    private mutating func hideSecondary(_ groups: Set<Group>, _ states: inout [FigureState]) {
        var pending = groups
        while let group = pending.min(by: { $0.place < $1.place }) {
            pending.remove(group)
            let own = parts[group] ?? []
            let expanded = expand(own, group.division, states)
            for cells in expanded == own ? [own] : [own, expanded] {
                let going = DisclosureControl.secondary(
                    whole: told(group.whole, states), cells: cells.compactMap { told($0, states) }, countMin: countMin)
                var hidden = going.cells.map { cells[$0] }
                if going.isWholeToo { hidden.append(group.whole) }
                for cell in hidden {
                    for index in shown.removeValue(forKey: cell) ?? [] { states[index].hide(.suppressedSecondary) }
                    suppressed.insert(cell)
                    // What went may be the whole of other cells, or a part of another whole. Where it is divided itself, its
                    // parts take its place in this group.
                    pending.formUnion(self.groups(of: cell).filter { $0 != group })
                    if let own = divisions[cell] { pending.formUnion(own + [group]) }
                }
            }
        }
    }

    /// The cells, and in place of each that is suppressed those that it is divided into: these add up to the whole too.
    private func expand(_ cells: [Cell], _ division: Division, _ states: [FigureState]) -> [Cell] {
        cells.flatMap { cell -> [Cell] in
            guard let own = parts[Group(whole: cell, division: division)],
                latest[cell].map({ states[$0].flag.isSuppressed }) ?? false
            else { return [cell] }
            return expand(own, division, states)
        }
    }

    private func told(_ cell: Cell, _ states: [FigureState]) -> DisclosureControl.Cell? {
        latest[cell].map { DisclosureControl.Cell(value: states[$0].value, flag: states[$0].flag) }
    }
}

extension Period {
    fileprivate var days: Int { last.days(since: first) }
}

extension FigureState {
    fileprivate mutating func hide(_ flag: ValueFlag) {
        value = nil
        self.flag = flag
    }
}
