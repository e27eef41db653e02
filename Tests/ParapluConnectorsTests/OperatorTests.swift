import ParapluConnectors
import ParapluModel
import Testing

@Suite struct OperatorTests {
    @Test(
        "a field's value is taken or refused by its operator",
        arguments: [
            // (member, JSON, violation or nothing)
            ("a", "\"act-1-01\"", nil), ("a", "7", "type /a"), ("a", "\"\"", "invalid_value /a"),
            ("a", "\"een actie\"", "invalid_value /a"),
            ("a", "null", "missing_field /a"), ("a", nil, "missing_field /a"), ("a", "{\"id\":1}", "type /a"),
            ("d", "\"2024-02-29\"", nil), ("d", "\"2024-02-30\"", "invalid_date /d"),
            ("d", "\"31-05-2025\"", "invalid_date /d"),
            ("d", "\"0001-01-01\"", "range /d"), ("d", "\"9999-12-31\"", "range /d"), ("d", "20250531", "type /d"),
            ("d", "\"2025-05-31T00:00:00Z\"", "invalid_date /d"),
            ("n", "0", nil), ("n", "-0", nil), ("n", "100", nil), ("n", "101", "range /n"), ("n", "-1", "range /n"),
            ("n", "1e2", nil),
            ("n", "1.0", nil), ("n", "1.5", "type /n"), ("n", "\"7\"", "type /n"), ("n", "true", "type /n"),
            ("n", "1e400", "range /n"),
            ("n", "9223372036854775808", "range /n"), ("n", "1e-400", "type /n"), ("n", "null", nil),
            ("n", "0e999999999", nil),
            ("l", "\"GESTOPT\"", "reason_required /w"), ("l", "\"AFGEROND\"", "unknown_code /l"),
            ("l", "\"loopt\"", "unknown_code /l"),
            ("l", "1", "unknown_code /l"), ("l", "[]", "type /l"), ("r", "\"ROOD\"", "reason_required /w"),
            ("r", "\"GRIJS\"", nil),
            ("w", "[]", nil), ("w", "[\"OVERIG\",\"OVERIG\"]", nil), ("w", "[\"X\"]", "unknown_code /w"),
            ("w", "[1]", "unknown_code /w"),
            ("w", "[null]", "type /w"), ("w", "\"OVERIG\"", "type /w"), ("x", "1", "unknown_field body-less"),
        ] as [(String, String?, String?)])
    func field(member: String, json: String?, violation: String?) throws {
        let connector = try TestFeed().connector()

        let received = connector.receive(TestFeed.message([member: json]))

        let expected = violation.map { $0 == "unknown_field body-less" ? "unknown_field " : $0 }
        #expect(received.violations == (expected.map { [$0] } ?? []))
        #expect(received.records.count == (violation == nil ? 1 : 0))
    }

    @Test("2^53 + 1 and 2^63 − 1 arrive exact")
    func exactNumbers() throws {
        var feed = TestFeed()
        feed.records = feed.records.replacing("{ min: 0, max: 100 }", with: "{}")
        let connector = try feed.connector()

        for number: Int64 in [9_007_199_254_740_993, .max, .min] {
            #expect(connector.receive(TestFeed.message(["n": "\(number)"])).records.first?.sequence == number)
        }
    }

    @Test(
        "percentages keep to their range, in exact decimals",
        arguments: [
            ("0", true), ("100", true), ("99.9", true), ("1e2", true), ("99.90", true), ("250", false), ("-1", false),
            ("100.1", false),
            ("99.95", false), ("\"80%\"", false),
        ])
    func percentage(json: String, isGood: Bool) throws {
        var feed = TestFeed()
        feed.extra = "checks: [{ path: /p, number: { unit: percent, min: 0, max: 100, decimals: 1 } }]"

        #expect(try feed.connector().receive(TestFeed.message(["p": json])).violations.isEmpty == isGood)
    }

    @Test(
        "dates are read in the declared form",
        arguments: [
            ("dd-mm-yyyy", "\"31-05-2025\"", true), ("dd-mm-yyyy", "\"2025-05-31\"", false),
            ("dd-mm-yyyy", "\"31-02-2025\"", false),
            ("yyyymmdd", "\"20250531\"", true), ("yyyymmdd", "20250531", true), ("yyyymmdd", "\"20250532\"", false),
            ("yyyymmdd", "\"2025-05-31\"", false), ("iso", "\"20250531\"", false),
        ])
    func dates(form: String, json: String, isGood: Bool) throws {
        var feed = TestFeed()
        feed.records = feed.records.replacing("date: iso", with: "date: \(form)")

        let received = try feed.connector().receive(TestFeed.message(["d": json]))

        #expect(received.records.first?.asOf == (isGood ? CalendarDate("2025-05-31") : nil))
        #expect(received.violations == (isGood ? [] : ["invalid_date /d"]))
    }

    @Test(
        "a moment needs its offset",
        arguments: [
            ("2024-10-27T02:30:00", false), ("2024-03-31T02:30:00", false), ("2024-10-27T02:30:00+02:00", true),
            ("2024-10-27T00:30:00Z", true), ("2024-10-27T00:30:00-00:00", false), ("2024-10-27T00:30:60Z", false),
            ("2024-10-27", false),
        ])
    func moments(text: String, isGood: Bool) throws {
        var feed = TestFeed()
        feed.records += "\n          recorded_at_source: { path: /t, moment: rfc3339 }"
        feed.records = feed.records.replacing("\n          recorded", with: "\n      recorded")

        let received = try feed.connector().receive(TestFeed.message(["t": "\"\(text)\""]))

        #expect(received.violations == (isGood ? [] : ["invalid_date /t"]))
    }

    @Test("split, first_of, when and constant make one value of several places")
    func combinations() throws {
        var feed = TestFeed()
        feed.extra = "code_lists: { own: { \"capaciteit\": CAPACITEIT, \"wet\": WETGEVING } }"
        feed.records = """
              - kind: progress.reported
                fields:
                  action: { first_of: [{ path: /a }, { path: /b }] }
                  as_of: { path: /d, date: iso }
                  lifecycle: { constant: LOOPT }
                  rating:
                    when: { path: /s, equals: [x, "y"], then: { constant: ROOD }, otherwise: { path: /r, codes: canonical } }
                  reasons: { path: /w, codes: own, split: "," }
            """
        let connector = try feed.connector()

        let red = connector.receive(#"{"b":"act-2-01","d":"2025-05-31","s":"y","w":"wet , capaciteit"}"#)
        let green = connector.receive(#"{"a":"act-1-01","b":"act-2-01","d":"2025-05-31","r":"GROEN"}"#)
        let wrong = connector.receive(#"{"d":"2025-05-31","s":"y","w":"wet;capaciteit"}"#)

        #expect(red.records.first?.action.rawValue == "act-2-01")
        #expect(
            red.records.first?.content
                == .progress(ProgressReport(lifecycle: .underWay, rating: .red, reasons: [.capacity, .legislation])))
        #expect(green.records.first?.action.rawValue == "act-1-01")
        #expect(wrong.violations == ["missing_field /a", "unknown_code /w"])
    }

    @Test("null is absent, and unknown members are named by their parent")
    func structure() throws {
        var feed = TestFeed()
        feed.extra = "ignore: [/i, /o/i]\nchecks: [{ path: /o/v, text: { length_max: 3 } }]"
        let connector = try feed.connector()

        #expect(
            connector.receive(TestFeed.message(["i": "{\"deep\":[1]}", "o": "{\"i\":1,\"v\":\"abc\"}"])).violations
                == [])
        #expect(connector.receive(TestFeed.message(["o": "null", "i": "null"])).violations == [])
        #expect(connector.receive(TestFeed.message(["o": "{\"geheim\":1}"])).violations == ["unknown_field /o"])
        #expect(connector.receive(TestFeed.message(["o": "{\"v\":\"abcd\"}"])).violations == ["invalid_value /o/v"])
        #expect(connector.receive(TestFeed.message(["o": "[]"])).violations == ["type /o"])
        #expect(connector.receive("[]").violations == ["type "])
        #expect(connector.receive("7").violations == ["type "])
    }

    @Test("the same reasons in another order are the same record")
    func reasonOrder() throws {
        let connector = try TestFeed().connector()

        let one = connector.receive(TestFeed.message(["r": "\"ROOD\"", "w": "[\"INKOOP\",\"CAPACITEIT\"]"]))
        let two = connector.receive(TestFeed.message(["r": "\"ROOD\"", "w": "[\"CAPACITEIT\",\"INKOOP\",\"INKOOP\"]"]))

        #expect(one.records == two.records)
        #expect(one.records.count == 1)
    }
}
