import Digest
import ParapluModel
import ParapluRules
import Testing

/// What can be computed from what is shown, by trying every table that it may have come from.
@Suite("Attacks on suppressed counts")
struct DisclosureAttackTests {
    /// What is shown of a cell: its value, or nil and why.
    private struct Shown: Hashable, CustomStringConvertible {
        let value: Int64?
        let flag: ValueFlag
        var description: String { value.map(String.init) ?? flag.rawValue }

        init(_ value: Figure?, _ flag: ValueFlag) {
            self.value = value.map { $0.thousandths / 1000 }
            self.flag = flag
        }

        /// What it can be by its flag alone; a table of the tests has no more than thirty in a cell that went.
        var candidates: [Int64] {
            if let value { return [value] }
            return flag == .suppressed ? [1, 2, 3, 4] : Array(5...30)
        }
    }

    private static func record(_ part: Breakdown?, _ value: Int64, period: String = "2024") -> CanonicalRecord {
        CanonicalRecord(
            reporter: .holder,
            observation: Observation(
                indicator: IndicatorID(unchecked: "ind-1"), unit: .persons,
                period: Period(period) ?? { preconditionFailure("a period") }(), breakdown: part, value: Figure(value),
                stage: .definitive), asOf: day("2025-10-18"))
    }

    /// Calls `body` with every combination of one value of each, until it returns false.
    private static func each(_ candidates: [[Int64]], _ chosen: inout [Int64], _ body: ([Int64]) -> Bool) -> Bool {
        guard chosen.count < candidates.count else { return body(chosen) }
        for value in candidates[chosen.count] {
            chosen.append(value)
            defer { chosen.removeLast() }
            if !each(candidates, &chosen, body) { return false }
        }
        return true
    }

    /// The small counts that only one value fits, of the tables that `isPossible`.
    private static func known(
        _ shown: [Shown], leaves: Int, isPossible: ([Int64]) -> Bool
    ) -> [Int] {
        var values: [Set<Int64>] = Array(repeating: [], count: leaves)
        let secrets = (0..<leaves).filter { shown[$0].flag == .suppressed }
        var chosen: [Int64] = []
        _ = each(shown.prefix(leaves).map(\.candidates), &chosen) { table in
            let isNews = secrets.contains { values[$0].count < 2 && !values[$0].contains(table[$0]) }
            if isNews, isPossible(table) {
                for index in secrets { values[index].insert(table[index]) }
            }
            return secrets.contains { values[$0].count < 2 }
        }
        return secrets.filter { values[$0].count < 2 }
    }

    // MARK: One message

    /// What is shown of a message with parts and their whole, which comes last.
    private static func published(_ values: [Int64]) -> [Shown] {
        var records = values.enumerated().map {
            record(Breakdown(dimension: .term, category: "c\($0)"), $1)
        }
        records.append(record(nil, values.reduce(0, +)))
        _ = DisclosureControl.suppress(&records)
        return records.map { record in
            guard case .observation(let observation) = record.content else { return Shown(nil, .unknown) }
            return Shown(observation.value, observation.flag)
        }
    }

    @Test("no small count follows from what a message shows, for those who know the rules too", arguments: 0..<300)
    func message(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let values = (0..<Int.random(in: 1...5, using: &random)).map { _ in Int64.random(in: 0...25, using: &random) }
        let shown = Self.published(values)

        #expect(shown.allSatisfy { $0.value.map { $0 == 0 || $0 >= 5 } ?? $0.flag.isSuppressed })
        // Four small ones of a small whole are one each, whatever is hidden.
        guard shown.last?.flag != .suppressed else { return }
        let known = Self.known(shown, leaves: values.count) { table in
            shown.last?.value.map { $0 == table.reduce(0, +) } ?? true && Self.published(table) == shown
        }
        #expect(known == [], "\(values) is shown as \(shown)")
    }

    // MARK: The hierarchies of forms and periods

    private static let forms = [("a", nil), ("a1", "a"), ("a2", "a"), ("b", nil), ("b1", "b")] as [(String, String?)]

    private static let plan = IndicatorPlan(
        indicators: [
            IndicatorID(unchecked: "ind-1"): Indicator(
                id: IndicatorID(unchecked: "ind-1"), nameNL: "aantal", nameEN: "count", unit: .persons,
                aggregation: .doNotSum, direction: .none, source: .holder, provenance: .illustrative)
        ],
        forms: Dictionary(
            uniqueKeysWithValues: forms.map { id, parent in
                let form = ExploitationForm(
                    id: ExploitationFormID(unchecked: id), code: id, nameNL: id, nameEN: id,
                    parent: parent.map { ExploitationFormID(unchecked: $0) }, provenance: .illustrative)
                return (form.id, form)
            }), codes: [:], organisations: testOrganisations)

    /// What is shown of a1, a2, b, their parent a and the whole, in this order; or of periods that lie within each other so.
    private static func judged(_ leaves: [Int64], byTime: Bool) -> [Shown] {
        let forms: [String?] = ["a1", "a2", "b", "a", nil]
        let periods = byTime ? ["2024-Q1", "2024-Q2", "2024-H2", "2024-H1", "2024"] : []
        let sum = leaves[0] + leaves[1]
        let facts = (leaves + [sum, sum + leaves[2]]).enumerated().map { (place: Int, value: Int64) -> Fact in
            let form = byTime ? nil : forms[place]
            let record = record(
                form.map { Breakdown(dimension: .form, category: $0) }, value,
                period: byTime ? periods[place] : "2024")
            var hasher = SHA256()
            return Fact(record: record, identity: record.identity(using: &hasher))
        }
        return figureStates(of: facts, plan: plan, settings: .standard).map { Shown($0.value, $0.flag) }
    }

    @Test(
        "no small count follows from a form, the forms that are part of it, and the whole, nor from periods",
        arguments: 0..<300, [false, true])
    func hierarchy(seed: UInt64, byTime: Bool) {
        var random = SeededGenerator(seed: seed)
        let leaves = (0..<3).map { _ in Int64.random(in: 0...14, using: &random) }
        let shown = Self.judged(leaves, byTime: byTime)

        func fits(_ cell: Shown, _ value: Int64) -> Bool { cell.candidates.contains(value) || value > 30 }
        let known = Self.known(shown, leaves: 3) { table in
            fits(shown[3], table[0] + table[1]) && fits(shown[4], table.reduce(0, +))
        }
        // Of a small parent, two small children are known as far as their number tells.
        #expect(known == [] || shown[3].flag == .suppressed, "\(leaves) is shown as \(shown)")
    }
}
