import ParapluConnectors
import ParapluModel
import Testing

/// Personal data in places that have another declared meaning.
@Suite struct HiddenDataTests {
    /// A connector whose one check reads `/p`.
    private func check(_ conversion: String, extra: String = "") throws -> Connector {
        var feed = TestFeed()
        feed.extra = "checks: [{ path: /p, \(conversion) }]\n\(extra)"
        return try feed.connector()
    }

    @Test("a number in text that fails is looked at for personal data")
    func numbersAreScanned() throws {
        let connector = try check("number: { style: plain, max: 100 }")

        #expect(connector.receive(TestFeed.message(["p": "\"111222333\""])).violations.contains("personal_data /p"))
        let json = try check("number: { max: 100 }")
        #expect(json.receive(TestFeed.message(["p": "\"111222333\""])).violations.contains("personal_data /p"))
    }

    @Test(
        "a number with room for a citizen service number is looked at, and is taken where it cannot be one",
        arguments: [
            ("", "111222333", false), ("min: 0", "111222333", false), ("max: 5", "-111222333", false),
            ("min: 0, max: 999999999", "111222333", false), ("min: 0, max: 10000000", "9999999", true),
            ("", "111222334", true), ("", "1748847600000000", true), ("decimals: 2", "111222333.50", false),
            ("style: plain", "\"111222333\"", false), ("style: dutch", "\"111.222.333\"", false),
            ("min: 0, max: 1, decimals: 9", "0.111222333", false), ("min: 0, max: 9999999", "0001", false),
        ])
    func longNumbers(bounds: String, json: String, isGood: Bool) throws {
        let received = try check("number: { \(bounds) }").receive(TestFeed.message(["p": json]))

        #expect(received.violations.isEmpty == isGood)
        if json.contains("222") { #expect(received.violations.contains("personal_data /p") != isGood) }
        #expect(received.intake?.keepsPayload == true || !isGood)
    }

    @Test("a number that no field has read is looked at all the same", arguments: ["111222333", "\"111222333\""])
    func unreadNumbers(json: String) throws {
        var feed = TestFeed()
        feed.extra = """
            checks:
              - first_of: [{ path: /p, number: { style: plain, min: 0, max: 9 } }, { path: /q, number: { style: plain, min: 0, max: 9 } }]
            """

        let received = try feed.connector().receive(TestFeed.message(["p": "1", "q": json]))

        #expect(received.violations == ["personal_data /q"])
    }

    @Test(
        "one part of a text is no reason to overlook the others, whatever becomes of it",
        arguments: [
            ("number: {}", "jan@voorbeeld.nl/2/y"), ("number: {}", "jan@voorbeeld.nl/twee/y"),
            ("number: { min: 0, max: 9 }", "111222333/2/y"), ("shape: rsin", "111222333/111222333/y"),
            ("codes: c", "111222333/a/y"), ("date: iso", "y/2025-05-31/0612345678"),
        ])
    func otherParts(conversion: String, text: String) throws {
        let connector = try check(
            "split: \"/\", part: 2, of: 3, \(conversion)", extra: "code_lists: { c: { a: x } }")

        let received = connector.receive(TestFeed.message(["p": "\"\(text)\""]))

        #expect(received.violations.first == "personal_data /p")
        #expect(received.intake?.keepsPayload == false)
    }
}
