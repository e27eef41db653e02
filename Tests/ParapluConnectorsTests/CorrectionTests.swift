import ParapluConnectors
import ParapluModel
import Testing

/// What a correction or a withdrawal is about: a kind that its feed may report, with all that the kind needs.
@Suite struct CorrectionTests {
    private func feed(_ fields: String, kinds: String) throws -> Connector {
        var feed = TestFeed()
        feed.records = """
              - kind: correction
                fields:
                  action: { path: /a }
                  as_of: { path: /d, date: iso }
                  corrects: { path: /k, codes: canonical }
                  corrected_as_of: { path: /o, date: iso }
            \(fields)
            """
        feed.authority = "{ actions: any, kinds: [\(kinds), correction] }"
        return try feed.connector()
    }

    private static let progress = """
              lifecycle: { path: /l, codes: canonical }
              rating: { path: /r, codes: canonical }
        """

    private func message(_ kind: String) -> String {
        TestFeed.message(["k": "\"\(kind)\"", "o": "\"2025-05-30\""])
    }

    @Test(
        "a correction of a kind whose fields the feed does not have is refused, not lost",
        arguments: [
            ("progress.reported", []), ("milestone.reported", ["missing_field /k"]),
            ("risk.reported", ["missing_field /k"]),
        ] as [(String, [String])])
    func fields(kind: String, violations: [String]) throws {
        var feed = TestFeed()
        feed.records = """
              - kind: correction
                fields:
                  action: { path: /a }
                  as_of: { path: /d, date: iso }
                  corrects: { path: /k, codes: canonical }
                  corrected_as_of: { path: /o, date: iso }
                  lifecycle: { when: { path: /k, equals: progress.reported, then: { path: /l, codes: canonical } } }
                  rating: { when: { path: /k, equals: progress.reported, then: { path: /r, codes: canonical } } }
            """
        feed.authority =
            "{ actions: any, kinds: [progress.reported, milestone.reported, risk.reported, correction] }"

        let received = try feed.connector().receive(message(kind))

        #expect(Set(received.violations) == Set(violations))
        #expect(received.records.count == (violations.isEmpty ? 2 : 0))
    }

    @Test("a correction keeps to the kinds that the feed may report")
    func authority() throws {
        #expect(
            try feed(CorrectionTests.progress, kinds: "progress.reported").receive(message("progress.reported")).records
                .count == 2)
        let received = try feed(CorrectionTests.progress, kinds: "milestone.reported")
            .receive(message("progress.reported"))

        #expect(received.violations == ["authority /k"])
        #expect(received.intake?.rejection?.violations.first?.expected == "milestone.reported, correction")
    }

    @Test("so does a withdrawal", arguments: [("progress.reported", []), ("nothing.reported", ["authority /k"])])
    func withdrawal(kind: String, violations: [String]) throws {
        var feed = TestFeed()
        feed.records = """
              - kind: withdrawal
                fields:
                  action: { path: /a }
                  as_of: { path: /d, date: iso }
                  withdraws: { path: /k, codes: canonical }
            """
        feed.authority = "{ actions: any, kinds: [progress.reported, withdrawal] }"

        let received = try feed.connector()
            .receive(TestFeed.message(["k": "\"\(kind)\"", "l": nil, "r": nil]))

        #expect(received.violations == violations)
    }
}
