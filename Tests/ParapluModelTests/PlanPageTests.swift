import Foundation
import ParapluModel
import Testing

/// `docs/plan.md`, which those read who write a plan.
@Suite struct PlanPageTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../docs/plan.md").standardizedFileURL

    @Test("the page's example is a plan, and has every part that a plan can have")
    func example() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let start = try #require(text.range(of: "```json\n"))
        let end = try #require(text.range(of: "\n```", range: start.upperBound..<text.endIndex))

        let plan = try PlanDocument.parse(
            Array(text[start.upperBound..<end.lowerBound].utf8), file: "docs/plan.md")

        #expect(plan.actions.count == 2 && plan.actions[0].officialNumber == "A1")
        #expect(plan.actions[0].roles.count == 3, "the successor takes over")
        #expect(plan.organisations[0].formerNames.map(\.abbreviation) == ["MB"])
        #expect(plan.budgets.map(\.link) == [.programme, .action(plan.actions[0].id)])
        #expect(plan.rules.longOverdueDays == 60 && plan.programme.cadenceMonths == 6)
        let counts = [
            plan.goals.count, plan.lines.count, plan.indicators.count, plan.exploitationForms.count,
            plan.breakdownCodes.count, plan.documents.count, plan.commitments.count, plan.rounds.count,
        ]
        #expect(counts == [1, 1, 1, 1, 1, 1, 1, 1])
    }

    @Test("the page names every code of the plan's closed lists, and every setting with its bounds and standard")
    func codes() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        var words: [String] = []
        words += Provenance.allCases.map(\.rawValue)
        words += PolicyType.allCases.map(\.rawValue)
        words += OrganisationRole.allCases.map(\.rawValue)
        words += IndicatorUnit.allCases.map(\.rawValue)
        words += IndicatorAggregation.allCases.map(\.rawValue)
        words += IndicatorDirection.allCases.map(\.rawValue)
        words += Dimension.allCases.map(\.rawValue)
        words += CommitmentKind.allCases.map(\.rawValue)
        words += BudgetKind.allCases.map(\.rawValue)
        words += BudgetStatus.allCases.map(\.rawValue)

        #expect(words.filter { !text.contains("`\($0)`") } == [])
        for setting in RuleSetting.allCases {
            let (least, most) = (setting.bounds.lowerBound, Self.grouped(setting.bounds.upperBound))
            let standard = RuleSettings.standard[keyPath: setting.path]
            let row = "| `\(setting.rawValue)` | \(least) to \(most) | \(standard) |"
            #expect(text.contains(row), "\(row)")
        }
        #expect(
            text.contains(
                "whole number, 1 to \(Programme.cadenceMonthsBounds.upperBound) | \(Programme.cadenceMonthsStandard)"))
        #expect(text.contains("list, at most \(Self.grouped(Budget.countMax)) "))
        #expect(text.contains("list, at most \(Organisation.formerNamesMax) "))
        #expect(text.contains("text, at most \(PlannedAction.officialNumberBytesMax) bytes"))
        #expect(text.contains("list, at most \(Self.grouped(PlannedAction.listCountMax)) "))
        #expect(text.contains("0 to \(Self.grouped(Plan.numberBounds.upperBound)) "))
        #expect(text.contains("at most \(PlanDocument.bytesMax >> 20) MiB"))
    }

    /// The number with a comma before each three digits.
    private static func grouped(_ number: Int) -> String {
        number < 1_000 ? "\(number)" : "\(grouped(number / 1_000)),\(String("\(number % 1_000 + 1_000)".dropFirst()))"
    }
}
