import Foundation
import ParapluModel
import ParapluStore
import ParapluTesting
import Postgres
import Testing

/// Two scripted years of the whole reference plan, day by day; what is known of them is kept as golden files.
@Suite("The scenario as it happened")
struct ScenarioGoldenTests {
    /// What is read of a store at the end of the scenario.
    private struct Outcome: Sendable {
        var questions: [Scenario.Question] = []
        var answers: [[String]] = []
        var commits: [Int64] = []
        var journal = ""
        var frozen: [String] = []
        var rounds = ""
        var timeline: [String] = []
        var facts: [String] = []
        var figures: [String] = []
        var settlements: [String] = []
    }

    private static let settlements = Statement(
        """
        SELECT concat_ws(' ', (c.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date, f.action_id, s.kind, s.code)
        FROM journal.settlement AS s
        JOIN journal.commit AS c ON c.number = s.commit
        JOIN journal.fact AS f ON f.stream_id = s.stream_id AND f.position = s.settled_position
        ORDER BY s.position
        """)

    @Test("the status at twelve pairs of days is as agreed, and a second implementation comes to the same")
    func asItHappened() async throws {
        let scenario = try Scenario.read()
        let outcome = try await StoreHarness.with(clock: "2024-06-17T10:00:00Z") { store in
            try ScenarioRun.play(scenario, store)
            var outcome = Outcome(questions: scenario.questions)
            var pairs: [Oracle.Pair] = []
            for question in scenario.questions {
                let (pair, known) = try ScenarioAnswers.pair(question, store)
                pairs.append(pair)
                outcome.answers.append(
                    try ScenarioAnswers.lines(validOn: pair.validOn, known: known, store))
            }
            outcome.commits = pairs.map(\.commit)
            outcome.journal = try Oracle.journal(pairs, withRollups: true, store)
            outcome.frozen = try Oracle.frozen(store)
            outcome.rounds = try ScenarioAnswers.rounds(store)
            outcome.timeline = try store.texts(Scenario.timeline)
            outcome.facts = try store.texts(Scenario.facts)
            outcome.figures = try store.texts(Scenario.figures)
            outcome.settlements = try store.texts(Self.settlements)
            try Self.checkSound(store)
            return outcome
        }

        let second = try await Oracle.answers(to: outcome.journal)

        let first = zip(outcome.questions, zip(outcome.commits, outcome.answers)).flatMap { question, answer in
            answer.1.map { "\(question.validOn)|\(answer.0)|\($0)" }
        }
        Self.expectEqual(second, first + outcome.figures + outcome.frozen, "the second implementation")

        #expect(outcome.questions.count == 12)
        for (index, question) in outcome.questions.enumerated() {
            let number = index + 1 < 10 ? "0\(index + 1)" : "\(index + 1)"
            let head =
                "# The status on \(question.validOn) as known at the end of \(question.knownOn): \(question.words)"
            try Self.compare("\(number).txt", [head, ""] + outcome.answers[index])
        }
        try Self.compare(
            "rounds.txt", outcome.rounds.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        try Self.compare("timeline.txt", outcome.timeline)
        try Self.compare("figures.txt", outcome.figures)
        Self.expectEqual(outcome.facts, scenario.expectedFacts, "the facts")
        #expect(
            outcome.settlements == [
                "2024-10-18 act-9-99 refused unresolved", "2024-10-21 ill-6-06 resolved",
                "2025-07-10 ill-6-08 resolved", "2025-07-10 ill-6-08 resolved",
            ])
        if let path = ProcessInfo.processInfo.environment["PARAPLU_SCENARIO_REPORT"] {
            try outcome.rounds.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }

    /// The balance is zero, the journal unbroken, and a rebuild gives the same bytes.
    fileprivate static func checkSound(_ store: StoreHarness) throws {
        let balance = try Balance.read(store.session)
        #expect(balance.difference == 0 && balance.findings.isEmpty)
        #expect(try Verification.run(store.session).findings == [])
        try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
    }

    /// The lines of a golden file.
    fileprivate static func golden(_ name: String) -> [String] {
        let text =
            (try? String(contentsOfFile: "\(Scenario.root)/Tests/Golden/scenario/\(name)", encoding: .utf8)) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    fileprivate static func compare(_ name: String, _ lines: [String]) throws {
        let text = lines.map { $0 + "\n" }.joined()
        if ProcessInfo.processInfo.environment["PARAPLU_GOLDEN"] == "rewrite" {
            let directory = "\(Scenario.root)/Tests/Golden/scenario"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
        }
        expectEqual(lines, golden(name), "\(name) (run make golden and review)")
    }

    /// Where the lines are others, which: they are too many to be shown.
    fileprivate static func expectEqual(_ lines: [String], _ expected: [String], _ what: String) {
        let difference = lines.difference(from: expected)
        #expect(difference.isEmpty, "\(what): \(difference.prefix(10))")
    }
}

/// The same two years, where nothing arrives in order.
@Suite("The scenario shuffled")
struct ScenarioShuffledTests {
    @Test(
        "in any other order of arrival it ends in the same facts, timeline and figures",
        arguments: [41, 42] as [UInt64])
    func shuffled(seed: UInt64) async throws {
        let scenario = try Scenario.read()
        let (facts, timeline, figures) = try await StoreHarness.with(clock: ScenarioRun.end) { store in
            var random = SeededGenerator(seed: seed)
            try ScenarioRun.playShuffled(scenario, using: &random, store)
            try ScenarioGoldenTests.checkSound(store)
            return (
                try store.texts(Scenario.facts), try store.texts(Scenario.timeline),
                try store.texts(Scenario.figures)
            )
        }

        ScenarioGoldenTests.expectEqual(facts, scenario.expectedFacts, "the facts")
        ScenarioGoldenTests.expectEqual(timeline, ScenarioGoldenTests.golden("timeline.txt"), "the timeline")
        ScenarioGoldenTests.expectEqual(figures, ScenarioGoldenTests.golden("figures.txt"), "the figures")
    }
}
