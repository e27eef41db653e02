/// Rows of text in columns that stand straight, whatever letters they hold.
///
/// Widths count characters as people see them (grapheme clusters), not bytes.
struct Table: Sendable {
    /// How a cell is shown on a terminal.
    enum Style: Sendable {
        case plain, heading, faint, green, amber, red
    }

    /// One cell: its text, on one line, and its style.
    struct Cell: Sendable, ExpressibleByStringLiteral {
        var text: String
        var style: Style

        init(_ text: String, _ style: Style = .plain) {
            // A line break or a control character of a partner's would break the table, or play with the terminal.
            self.text = String(text.map { $0.isNewline || $0.isControl ? " " : $0 })
            self.style = style
        }

        init(stringLiteral text: String) { self.init(text) }
    }

    /// A column: its heading, on which side its cells stand, and whether it gives way on a narrow terminal.
    struct Column: Sendable {
        var title: String
        var isRight: Bool
        var isFlexible: Bool

        init(_ title: String, isRight: Bool = false, isFlexible: Bool = false) {
            self.title = title
            self.isRight = isRight
            self.isFlexible = isFlexible
        }
    }

    private enum Line: Sendable {
        case cells([Cell])
        /// A text over the whole width.
        case heading(Cell)
    }

    private let columns: [Column]
    private let hasHeader: Bool
    private var lines: [Line] = []

    init(columns: [Column], hasHeader: Bool = true) {
        self.columns = columns
        self.hasHeader = hasHeader
    }

    /// Whether there is nothing below the header.
    var isEmpty: Bool { lines.isEmpty }

    /// Adds a row; a cell for each column.
    mutating func add(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a cell for each column")
        lines.append(.cells(cells))
    }

    /// Adds a row of plain cells.
    mutating func add(_ texts: [String]) { add(texts.map { Cell($0) }) }

    /// Adds a text over the whole width.
    mutating func add(heading: String, _ style: Style = .heading) { lines.append(.heading(Cell(heading, style))) }

    /// The table as lines, each ended by a line break and without spaces at its end.
    ///
    /// - Parameter width: What the terminal has; flexible columns are cut so that the rows fit. Nil cuts nothing.
    func text(width: Int?, usesColor: Bool) -> String {
        let widths = widths(within: width)
        var text = ""
        if hasHeader {
            text += row(columns.map { Cell($0.title, .heading) }, widths, usesColor)
        }
        for line in lines {
            switch line {
            case .cells(let cells): text += row(cells, widths, usesColor)
            case .heading(let cell): text += Table.styled(cell.text, cell.style, usesColor) + "\n"
            }
        }
        return text
    }

    private func widths(within width: Int?) -> [Int] {
        var widths = columns.map { hasHeader ? $0.title.count : 0 }
        for case .cells(let cells) in lines {
            for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.text.count) }
        }
        guard let width else { return widths }
        var excess = widths.reduce(0, +) + 2 * (widths.count - 1) - width
        for (index, column) in columns.enumerated() where column.isFlexible && excess > 0 {
            let cut = min(excess, max(0, widths[index] - 12))
            widths[index] -= cut
            excess -= cut
        }
        return widths
    }

    private func row(_ cells: [Cell], _ widths: [Int], _ usesColor: Bool) -> String {
        var text = ""
        var pending = 0
        for (index, cell) in cells.enumerated() {
            let shown = cell.text.count <= widths[index] ? cell.text : cell.text.prefix(widths[index] - 1) + "…"
            let space = widths[index] - shown.count
            if columns[index].isRight { pending += space }
            if !shown.isEmpty {
                text += String(repeating: " ", count: pending) + Table.styled(shown, cell.style, usesColor)
                pending = 0
            }
            pending += (columns[index].isRight ? 0 : space) + 2
        }
        return text + "\n"
    }

    /// A text in a style, where colours are shown.
    static func styled(_ text: String, _ style: Style, _ usesColor: Bool) -> String {
        guard usesColor else { return text }
        // ECMA-48, SGR: bold, faint, green, yellow, red.
        let code: String
        switch style {
        case .plain: return text
        case .heading: code = "1"
        case .faint: code = "2"
        case .green: code = "32"
        case .amber: code = "33"
        case .red: code = "31"
        }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}

extension Character {
    /// Whether it is a control character, which may play with a terminal.
    var isControl: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
