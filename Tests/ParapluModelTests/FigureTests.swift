import ParapluModel
import Testing

@Suite("Figures, periods and the suppression of small counts")
struct FigureTests {
    @Test(
        "a figure is written as it is read",
        arguments: ["0", "944", "31.5", "0.125", "-3", "9223372036854775", "12.05"])
    func figure(text: String) throws {
        #expect(try #require(Figure(text)).description == text)
    }

    @Test(
        "what is no figure of three decimals at most is none",
        arguments: ["", ".", "1.", ".5", "1,5", "1.2345", "1e3", "9223372036854775808", "12a", "+1", "٣"])
    func noFigure(text: String) { #expect(Figure(text) == nil) }

    @Test(
        "a period has a first and a last day",
        arguments: [
            ("2024", "2024-01-01", "2024-12-31"), ("2024-H1", "2024-01-01", "2024-06-30"),
            ("2024-H2", "2024-07-01", "2024-12-31"), ("2024-Q1", "2024-01-01", "2024-03-31"),
            ("2024-Q4", "2024-10-01", "2024-12-31"), ("2024-02", "2024-02-01", "2024-02-29"),
            ("2019-2023", "2019-01-01", "2023-12-31"),
        ])
    func period(text: String, first: String, last: String) throws {
        let period = try #require(Period(text))

        #expect("\(period.first) \(period.last)" == "\(first) \(last)")
        #expect(period.description == text)
    }

    @Test(
        "what is no period is none",
        arguments: [
            "", "24", "2024-H3", "2024-Q0", "2024-13", "2024-00", "2024-2024", "2024-2020", "2000-2040", "0001",
            "2024-01-01",
            "2024H1", "2024-h1", "2024-",
        ])
    func noPeriod(text: String) { #expect(Period(text) == nil) }

    private static func cells(_ values: [Int64?]) -> [DisclosureControl.Cell] {
        values.map { value in
            value.map { DisclosureControl.Cell(value: Figure($0)) }
                ?? DisclosureControl.Cell(value: nil, flag: .suppressed)
        }
    }

    @Test(
        "a second cell goes where the whole gives a small count back, the smallest first",
        arguments: [
            // whole, cells (nil is suppressed), what goes
            (20, [10, 6, nil], [1]), (20, [16, nil], [0]), (14, [10], [0]), (20, [nil, nil, 14], []),
            (20, [nil, nil, 17], [2]), (944, [500, 444], []), (944, [500, 440], [1]), (20, [16, 0, nil], [0]),
            (373, [231, 18, 83, 45], []),
            // Both are four; both are one; one is one, for the other is five at least.
            (20, [nil, nil, 12], [2]), (20, [nil, nil, 18], [2]), (106, [nil, 5, 100], [1, 2]),
            // More remains than the small ones can be: there are parts that nobody told.
            (100, [nil, nil, 30], []),
        ] as [(Int64, [Int64?], [Int])])
    func secondary(whole: Int64, values: [Int64?], hidden: [Int]) {
        let going = DisclosureControl.secondary(
            whole: DisclosureControl.Cell(value: Figure(whole)), cells: Self.cells(values), countMin: 5)

        #expect(going.cells.sorted() == hidden)
        #expect(!going.isWholeToo)
    }

    @Test(
        "where no cell is left that helps, the whole goes too",
        arguments: [(6, [nil, 5], [1]), (8, [nil, nil], []), (7, [nil, nil], [])] as [(Int64, [Int64?], [Int])])
    func wholeToo(whole: Int64, values: [Int64?], hidden: [Int]) {
        let going = DisclosureControl.secondary(
            whole: DisclosureControl.Cell(value: Figure(whole)), cells: Self.cells(values), countMin: 5)

        #expect(going == DisclosureControl.Secondary(cells: hidden, isWholeToo: true))
    }

    @Test("of a suppressed whole not all cells are shown, for they would add up to it")
    func suppressedWhole() {
        let whole = DisclosureControl.Cell(value: nil, flag: .suppressedSecondary)
        func going(_ cells: [DisclosureControl.Cell]) -> [Int] {
            DisclosureControl.secondary(whole: whole, cells: cells, countMin: 5).cells
        }

        #expect(going(Self.cells([10, 6, 0])) == [1])
        #expect(going(Self.cells([10, nil])) == [])
        #expect(going(Self.cells([10]) + [DisclosureControl.Cell(value: nil, flag: .unknown)]) == [])
    }

    @Test("figures of any size can be told of")
    func anySize() {
        let most = DisclosureControl.Cell(value: Figure(thousandths: .max))
        let least = DisclosureControl.Cell(value: Figure(thousandths: .min))
        for whole in [most, least] {
            let going = DisclosureControl.secondary(
                whole: whole, cells: [most, most, least, most, least] + Self.cells([nil, 7, 0]), countMin: 5)
            #expect(going.cells.count <= 4)
        }
    }

    @Test("without a whole nothing gives a suppressed cell back")
    func noWhole() {
        let going = DisclosureControl.secondary(whole: nil, cells: Self.cells([10, nil]), countMin: 5)

        #expect(going.isEmpty)
    }

    private static func record(_ category: String?, _ value: Int64) -> CanonicalRecord {
        CanonicalRecord(
            reporter: OrganisationID(unchecked: "org-1"),
            observation: Observation(
                indicator: IndicatorID(unchecked: "ind-1"), unit: .persons,
                period: Period("2024") ?? { preconditionFailure("a period") }(),
                breakdown: category.map { Breakdown(dimension: .term, category: $0) }, value: Figure(value),
                stage: .definitive),
            asOf: CalendarDate(daysSince2000: 9000))
    }

    @Test("percentages and people in a function are no small counts")
    func notDisclosive() {
        var record = Self.record(nil, 3)
        guard case .observation(var observation) = record.content else { return }
        observation.unit = .percent
        record.content = .observation(observation)
        var records = [record]

        #expect(!DisclosureControl.suppress(&records))
        #expect(records == [record])
    }
}
