internal import JSON
internal import ParapluModel
internal import ParapluStore

/// The status for people: programme and goals on top, then each line with its actions, then the notes.
struct StatusTable {
    private let picture: StatusReader.Picture
    /// The notes that must be shown, in the order of their first title.
    private var notes: [String] = []

    init(_ picture: StatusReader.Picture) {
        self.picture = picture
        for action in picture.actions where !action.displayNoteNL.isEmpty && !notes.contains(action.displayNoteNL) {
            notes.append(action.displayNoteNL)
        }
    }

    func show(_ call: Invocation) {
        let tops = picture.rollups.filter { rollup in
            if case .line = rollup.subject { return picture.rollups.count == 1 }
            return true
        }
        if !tops.isEmpty { call.terminal.print(top(tops)) }
        if !picture.actions.isEmpty {
            if !tops.isEmpty { call.terminal.print("\n") }
            call.terminal.print(actions)
        }
        if !notes.isEmpty { call.terminal.print("\n") }
        for (index, note) in notes.enumerated() { call.terminal.print("\(mark(index)) \(note)\n") }
        let watermark = picture.watermark
        call.terminal.print("\nup to commit \(watermark.commit), recorded at \(watermark.recordedAt)\n")
    }

    private func top(_ rollups: [StatusReader.Rollup]) -> Table {
        var table = Table(columns: [
            .init("SUBJECT"), .init("TITLE", isFlexible: true), .init("RATING"), .init("LIFECYCLE"),
            .init("GREEN", isRight: true), .init("AMBER", isRight: true), .init("RED", isRight: true),
            .init("GREY", isRight: true), .init("ACTIVE", isRight: true), .init("ACTIONS", isRight: true),
            .init("CURRENT", isRight: true), .init("COMPLETE", isRight: true),
        ])
        for rollup in rollups {
            table.add(
                cells(
                    rollup.subject.description, rollup.titleNL, rollup.rating, rollup.lifecycle,
                    StatusCounts(rollup.counts), [rollup.coveragePercent, rollup.percentComplete]))
            let apart = StatusPart(rollup.apart)
            if apart.counts.total > 0 {
                table.add(
                    cells(
                        "  apart", "standing policy, legislation, regional", apart.rating, apart.lifecycle,
                        apart.counts, [apart.coveragePercent, apart.percentComplete]))
            }
        }
        return table
    }

    private func cells(
        _ subject: String, _ title: String, _ rating: String?, _ lifecycle: String?, _ counts: StatusCounts,
        _ shares: [Int32?]
    ) -> [Table.Cell] {
        let numbers = [counts.green, counts.amber, counts.red, counts.grey, counts.active, counts.total]
        var cells: [Table.Cell] = [
            .init(subject), .init(title), StatusTable.rating(rating), .init(lifecycle ?? "–"),
        ]
        for number in numbers { cells.append(.init(String(number))) }
        for share in shares { cells.append(.init(share.map { "\($0) %" } ?? "–")) }
        return cells
    }

    private var actions: Table {
        var table = Table(columns: [
            .init("CODE"), .init("TITLE", isFlexible: true), .init(""), .init("HOLDER"), .init("LIFECYCLE"),
            .init("RATING"), .init("DATA"), .init("FLAGS"), .init("AS OF"),
        ])
        var line: ActionLineID?
        for action in picture.actions {
            if action.line != line {
                line = action.line
                table.add(heading: heading(of: action.line))
            }
            let note = notes.firstIndex(of: action.displayNoteNL)
            table.add([
                .init(action.code), .init(action.titleNL), .init(note.map(mark) ?? "", .faint),
                .init(StatusTable.holder(of: action)), .init(action.lifecycle ?? "–"),
                StatusTable.rating(action.rating, lastKnown: action.lastKnownRating), .init(action.dataState ?? "–"),
                .init(action.flags.joined(separator: " ")), .init(action.asOf?.description ?? "–"),
            ])
        }
        return table
    }

    private func heading(of line: ActionLineID) -> String {
        guard let rollup = picture.rollups.first(where: { $0.subject == .line(line) }) else { return line.rawValue }
        let apart = StatusPart(rollup.apart)
        return "\(line.rawValue) \(rollup.titleNL): \(rollup.rating ?? "–") (\(StatusCounts(rollup.counts).colours))"
            + (apart.counts.total == 0 ? "" : "; apart: \(apart.rating ?? "–") (\(apart.counts.colours))")
    }

    /// The mark of a note: superscript digits.
    private func mark(_ index: Int) -> String {
        let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
        return String(String(index + 1).compactMap { $0.wholeNumberValue.map { digits[$0] } })
    }

    /// The holder as tables show it: its abbreviation, where it has one.
    static func holder(of action: StatusReader.Action) -> String {
        let abbreviation = action.holderAbbreviation ?? ""
        return abbreviation.isEmpty ? action.holder?.rawValue ?? "–" : abbreviation
    }

    /// A rating in its own colour, with the last known one beside it where the data are not current.
    static func rating(_ code: String?, lastKnown: String?) -> Table.Cell {
        var cell = rating(code)
        if let lastKnown { cell.text += " (was \(lastKnown))" }
        return cell
    }

    /// A rating in its own colour.
    static func rating(_ code: String?) -> Table.Cell {
        guard let code else { return "–" }
        switch DeliveryRating(rawValue: code) {
        case .green?: return .init(code, .green)
        case .amber?: return .init(code, .amber)
        case .red?: return .init(code, .red)
        case .grey?: return .init(code, .faint)
        case nil: return .init(code)
        }
    }
}

/// The numbers behind a roll-up's colour, out of its JSON: of the active actions, but for the total.
struct StatusCounts {
    var total: Int64 = 0
    var active: Int64 = 0
    var green: Int64 = 0
    var amber: Int64 = 0
    var red: Int64 = 0
    var grey: Int64 = 0

    init(_ json: [UInt8]) { self.init((try? JSONParser.document(of: json))?.root) }

    init(_ counts: JSONNode?) {
        // What was announced before active actions were counted by themselves has the colours of all.
        guard let counts, let ratings = counts["active_rating"] ?? counts["rating"] else { return }
        total = counts["total"]?.int64 ?? 0
        active = counts["active"]?.int64 ?? 0
        green = ratings[name: DeliveryRating.green.rawValue]?.int64 ?? 0
        amber = ratings[name: DeliveryRating.amber.rawValue]?.int64 ?? 0
        red = ratings[name: DeliveryRating.red.rawValue]?.int64 ?? 0
        grey = ratings[name: DeliveryRating.grey.rawValue]?.int64 ?? 0
    }

    /// How many of each colour, in words.
    var colours: String { "\(green) green, \(amber) amber, \(red) red, \(grey) grey" }
}

/// What is rolled up apart from the plan's actions, out of its JSON.
struct StatusPart {
    let rating: String?
    let lifecycle: String?
    let coveragePercent: Int32?
    let percentComplete: Int32?
    let counts: StatusCounts

    init(_ json: [UInt8]) {
        let root = (try? JSONParser.document(of: json))?.root
        rating = root?["rating"]?.string
        lifecycle = root?["lifecycle"]?.string
        coveragePercent = root?["coverage_percent"]?.int64.map { Int32($0) }
        percentComplete = root?["percent_complete"]?.int64.map { Int32($0) }
        counts = StatusCounts(root?["counts"])
    }
}
