import ParapluConnectors
import ParapluModel
import Testing

/// What each operator takes and refuses, beyond the plain forms of `OperatorTests`.
@Suite struct OperatorFormTests {
    /// A connector whose one check reads `/p`.
    private func check(_ conversion: String, extra: String = "") throws -> Connector {
        var feed = TestFeed()
        feed.extra = "checks: [{ path: /p, \(conversion) }]\n\(extra)"
        return try feed.connector()
    }

    @Test(
        "a number as text is read in the declared style alone",
        arguments: [
            ("dutch", "1.234.567,89", true), ("dutch", "1234,5", true), ("dutch", "0,05", true),
            ("dutch", "-1,5", false),
            ("dutch", "12.34,5", false), ("dutch", "1.2345", false), ("dutch", ".123", false),
            ("dutch", "1,234.5", false),
            ("dutch", "1,", false), ("dutch", ",5", false), ("dutch", "1e3", false), ("dutch", "1,234", false),
            ("dutch", "1.000", true), ("dutch", "1.000.000.000.000", true), ("dutch", "", false), ("dutch", "-", false),
            ("plain", "1234.5", true), ("plain", "1,5", false), ("plain", "1e3", false), ("plain", " 7 ", true),
            ("plain", "+7", false), ("plain", "٣", false),
        ])
    func numberStyles(style: String, text: String, isGood: Bool) throws {
        let connector = try check("number: { style: \(style), decimals: 2, min: 0 }")

        #expect(connector.receive(TestFeed.message(["p": "\"\(text)\""])).violations.isEmpty == isGood)
    }

    @Test(
        "a suffix may stand behind the digits, and nothing else may",
        arguments: [
            ("80%", true), ("80 %", true), ("80", true), ("80,5 %", true), ("80 procent", false), ("%", false),
            ("80%%", false),
        ])
    func suffix(text: String, isGood: Bool) throws {
        let connector = try check(
            "number: { style: dutch, suffix: \"%\", unit: percent, min: 0, max: 100, decimals: 1 }")

        #expect(connector.receive(TestFeed.message(["p": "\"\(text)\""])).violations.isEmpty == isGood)
    }

    @Test("what is counted in thousands arrives in ones, exact")
    func times() throws {
        var feed = TestFeed()
        feed.records = feed.records.replacing("{ min: 0, max: 100 }", with: "{ style: dutch, times: 1000, max: 20000 }")
        let connector = try feed.connector()

        #expect(connector.receive(TestFeed.message(["n": "\"12,345\""])).records.first?.sequence == 12_345)
        #expect(connector.receive(TestFeed.message(["n": "\"12,3456\""])).violations == ["type /n"])
        #expect(connector.receive(TestFeed.message(["n": "\"20,001\""])).violations == ["range /n"])
    }

    @Test(
        "a check may have several codes in one text",
        arguments: [("a;b", true), ("b", true), ("", true), (" a ; b ", true), ("a;c", false), ("a,b", false)])
    func splitCodesOfChecks(text: String, isGood: Bool) throws {
        let codes = (0..<40).map { "x\($0): y\($0)" }.joined(separator: ", ")
        let connector = try check(
            "codes: c, split: \";\"", extra: "code_lists: { c: { \(codes), a: y98, b: y99 } }")

        #expect(
            connector.receive(TestFeed.message(["p": "\"\(text)\""])).violations == (isGood ? [] : ["unknown_code /p"]))
    }

    @Test("what gives no record has no day: a code of some days is not judged by the record before it")
    func codesOfElementsWithoutDay() throws {
        var feed = TestFeed()
        feed.extra = "code_lists: { k: { r: { means: x, until: 2025-01-01 } } }"
        feed.records = """
              - kind: progress.reported
                each: /i
                when: { path: s, equals: actie }
                fields:
                  action: { path: a }
                  as_of: { path: d, date: iso }
                  lifecycle: { constant: LOOPT }
                  rating: { constant: GROEN }
              - kind: none
                each: /i
                when: { path: s, equals: rest }
                checks: [{ path: c, codes: k }]
            """
        let connector = try feed.connector()
        let action = #"{"s":"actie","a":"act-1-01","d":"2025-05-31"}"#

        #expect(connector.receive("{\"i\":[{\"s\":\"rest\",\"c\":\"r\"},\(action)]}").violations == [])
        #expect(connector.receive("{\"i\":[\(action),{\"s\":\"rest\",\"c\":\"r\"}]}").violations == [])
    }

    @Test(
        "a day is read in the declared form alone, also in Dutch words",
        arguments: [
            ("d-m-yyyy", "1-5-2025", true), ("d-m-yyyy", "01-05-2025", true), ("d-m-yyyy", "1-5-25", false),
            ("dd/mm/yyyy", "01/05/2025", true), ("dd/mm/yyyy", "1/5/2025", false), ("dd/mm/yyyy", "01-05-2025", false),
            ("d mmmm yyyy", "1 mei 2025", true), ("d mmmm yyyy", "1 Mei 2025", true),
            ("d mmmm yyyy", "1 may 2025", false),
            ("d mmmm yyyy", "01 mei  2025", false), ("rfc3339", "2025-04-30T22:30:00Z", true),
            ("rfc3339", "2025-05-01T22:30:00Z", false), ("rfc3339", "2025-05-01", false),
        ])
    func days(form: String, text: String, isGood: Bool) throws {
        var feed = TestFeed()
        feed.records = feed.records.replacing("date: iso", with: "date: \"\(form)\"")

        let received = try feed.connector().receive(TestFeed.message(["d": "\"\(text)\""]))

        #expect((received.records.first?.asOf == CalendarDate("2025-05-01")) == isGood)
    }

    @Test(
        "local time is a moment of its zone; the hours that summer time leaves out or repeats are refused",
        arguments: [
            ("iso-local", "2025-01-15T12:00", "2025-01-15T11:00:00.000000Z"),
            ("iso-local", "2025-07-15T12:00:30", "2025-07-15T10:00:30.000000Z"),
            ("iso-local", "2025-03-30T01:59:59", "2025-03-30T00:59:59.000000Z"), ("iso-local", "2025-03-30T02:30", nil),
            ("iso-local", "2025-03-30T03:00", "2025-03-30T01:00:00.000000Z"),
            ("iso-local", "2025-10-26T01:59:59", "2025-10-25T23:59:59.000000Z"), ("iso-local", "2025-10-26T02:30", nil),
            ("iso-local", "2025-10-26T03:00", "2025-10-26T02:00:00.000000Z"), ("iso-local", "2025-01-15T24:00", nil),
            ("iso-local", "2025-01-15T12:00Z", nil),
            ("dd-mm-yyyy hh:mm", "15-07-2025 12:00", "2025-07-15T10:00:00.000000Z"),
            ("dd-mm-yyyy hh:mm", "26-10-2025 02:00", nil), ("dd-mm-yyyy hh:mm", "15-07-2025T12:00", nil),
        ] as [(String, String, String?)])
    func localTime(form: String, text: String, moment: String?) throws {
        var feed = TestFeed()
        feed.records += "\n      recorded_at_source: { path: /t, moment: \"\(form)\", zone: Europe/Amsterdam }"

        let received = try feed.connector().receive(TestFeed.message(["t": "\"\(text)\""]))

        #expect(received.records.first?.recordedAtSource?.description == moment)
        #expect(received.violations == (moment == nil ? ["invalid_date /t"] : []))
    }

    @Test(
        "milliseconds since 1970 are a moment, as number or as text",
        arguments: [
            ("1752573600000", "2025-07-15T10:00:00.000000Z"), ("\"1752573600000\"", "2025-07-15T10:00:00.000000Z"),
            ("9000000000000", "2255-03-14T16:00:00.000000Z"),
        ])
    func epoch(json: String, moment: String) throws {
        var feed = TestFeed()
        feed.records += "\n      recorded_at_source: { path: /t, moment: epoch-milliseconds }"

        let received = try feed.connector().receive(TestFeed.message(["t": json]))

        #expect(received.records.first?.recordedAtSource?.description == moment)
    }

    @Test(
        "seconds since 1970 are no moment, nor is one with a fraction, nor one behind the last that is kept",
        arguments: ["1752573600", "1752573600000.5", "9000000000001", "\"9999999999999\"", "1752573600000000"])
    func seconds(json: String) throws {
        var feed = TestFeed()
        feed.records += "\n      recorded_at_source: { path: /t, moment: epoch-milliseconds }"

        let received = try feed.connector().receive(TestFeed.message(["t": json]))

        #expect(received.violations == ["invalid_date /t"])
    }

    @Test(
        "a code is the same in either normal form, and in any case only where the connector says so",
        arguments: [
            ("beëindigd", false, true), ("bee\u{308}indigd", false, true), ("Beëindigd", false, false),
            (" BEE\u{308}INDIGD ", true, true), ("beindigd", true, false),
        ])
    func codes(text: String, ignoresCase: Bool, isGood: Bool) throws {
        let connector = try check(
            "codes: stand\(ignoresCase ? ", ignore_case: true" : "")", extra: "code_lists: { stand: { beëindigd: x } }")

        let received = connector.receive(TestFeed.message(["p": "\"\(text)\""]))

        #expect(received.violations == (isGood ? [] : ["unknown_code /p"]))
    }

    @Test(
        "a code stands for something on its days alone, judged by the record's as-of",
        arguments: [
            ("2024-12-31", "3", "GROEN"), ("2025-01-01", "3", "GRIJS"), ("2025-01-01", "4", nil),
            ("2024-12-31", "4", "GRIJS"),
        ] as [(String, String, String?)])
    func validity(day: String, code: String, rating: String?) throws {
        var feed = TestFeed()
        feed.records = feed.records.replacing("{ path: /r, codes: canonical }", with: "{ path: /r, codes: kleur }")
        feed.extra = """
            code_lists:
              kleur:
                "3": [{ means: GROEN, until: 2025-01-01 }, { means: GRIJS, from: 2025-01-01 }]
                "4": { means: GRIJS, until: 2025-01-01 }
            """

        let received = try feed.connector().receive(TestFeed.message(["d": "\"\(day)\"", "r": "\"\(code)\""]))

        guard case .progress(let report)? = received.records.first?.content else {
            #expect(rating == nil && received.violations == ["unknown_code /r"])
            return
        }
        #expect(report.rating.rawValue == rating)
    }

    @Test("what is told to be accepted are the codes of that day")
    func expectedOnTheDay() throws {
        var feed = TestFeed()
        feed.records = feed.records.replacing("{ path: /r, codes: canonical }", with: "{ path: /r, codes: kleur }")
        feed.extra = "code_lists: { kleur: { Rood: ROOD, Op: { means: GROEN, from: 2025-06-01 } } }"

        let received = try feed.connector().receive(TestFeed.message(["r": "\"Op\""]))

        #expect(received.intake?.rejection?.violations.map(\.expected) == ["on 2025-05-31 one of: Rood"])
    }

    @Test("a code that stands for two things on one day is a finding")
    func overlap() {
        var feed = TestFeed()
        feed.records = feed.records.replacing("{ path: /r, codes: canonical }", with: "{ path: /r, codes: kleur }")
        feed.extra = "code_lists: { kleur: { \"3\": [{ means: GROEN }, { means: GRIJS, from: 2025-01-01 }] } }"

        let findings = Connector.make(file: "test.yaml", bytes: Array(feed.yaml.utf8)).findings

        #expect(findings.map(\.code) == [.invalidCode])
    }

    @Test(
        "a part of a text is one of as many parts as are declared",
        arguments: [
            ("act-1-01#2025", nil), ("act-1-01", "invalid_value /a"), ("act-1-01#2025#x", "invalid_value /a"),
            ("#2025", "invalid_value /a"),
        ] as [(String, String?)])
    func parts(text: String, violation: String?) throws {
        var feed = TestFeed()
        feed.records = feed.records.replacing("{ path: /a }", with: "{ path: /a, split: \"#\", part: 1, of: 2 }")

        let received = try feed.connector().receive(TestFeed.message(["a": "\"\(text)\""]))

        #expect(received.violations == (violation.map { [$0] } ?? []))
        #expect(received.records.first?.action.rawValue == (violation == nil ? "act-1-01" : nil))
    }

    @Test(
        "pieces are joined when all of them are there",
        arguments: [
            (["x": "1", "y": "\"01\""], nil), (["x": "1"], "missing_field /y"), ([:], "missing_field /x"),
            (["x": "[]", "y": "\"01\""], "type /x"), (["x": "1", "y": "\"0 1\""], "invalid_value /x"),
        ] as [([String: String], String?)])
    func join(members: [String: String], violation: String?) throws {
        var feed = TestFeed()
        feed.records = feed.records.replacing(
            "{ path: /a }", with: "{ join: [{ constant: act }, { path: /x }, { path: /y }], with: \"-\" }")

        let received = try feed.connector().receive(
            TestFeed.message(members.mapValues { $0 }.merging(["a": nil]) { value, _ in value }))

        #expect(received.violations == (violation.map { [$0] } ?? []))
        #expect(received.records.first?.action.rawValue == (violation == nil ? "act-1-01" : nil))
    }

    @Test(
        "the owner is known by any of its identifiers, and another's is refused",
        arguments: [
            ("00000099000000101000", nil), ("jenv", nil), ("Ministerie van JenV", nil), ("politie", "authority /o"),
            ("onbekend", "unknown_code /o"),
        ] as [(String, String?)])
    func organisation(text: String, violation: String?) throws {
        var feed = TestFeed()
        feed.records += "\n      reporter: { path: /o, organisation: any }"
        feed.extra = """
            organisations:
              org-jenv: ["00000099000000101000", JenV, ministerie van JenV]
              org-politie: [politie]
            """

        let received = try feed.connector().receive(TestFeed.message(["o": "\"\(text)\""]))

        #expect(received.violations == (violation.map { [$0] } ?? []))
    }

    @Test(
        "text has a bound in characters and no control characters",
        arguments: [
            ("ééééé", true), ("e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}", true), ("éééééé", false), ("a\\u0007", false),
            ("a\\u0085", false), ("a\\nb", true), ("a\\uFFFE", false),
        ])
    func text(text: String, isGood: Bool) throws {
        let connector = try check("text: { length_max: 5 }")

        #expect(connector.receive(TestFeed.message(["p": "\"\(text)\""])).violations.isEmpty == isGood)
    }

    @Test(
        "an array of items is a document too",
        arguments: [
            ("[ITEM, ITEM]", 2, []), ("[]", 0, []), ("{}", 0, ["type "]), ("[ITEM, 7]", 0, ["type /1"]),
            ("[ITEM, {\"a\":\"act-1-01\"}]", 0, ["missing_field /1/d", "missing_field /1/l", "missing_field /1/r"]),
        ])
    func rootArray(json: String, count: Int, violations: [String]) throws {
        var feed = TestFeed()
        feed.records = """
              - kind: progress.reported
                each: /
                fields:
                  action: { path: a }
                  as_of: { path: d, date: iso }
                  lifecycle: { path: l, codes: canonical }
                  rating: { path: "/*/r", codes: canonical }
            """

        let received = try feed.connector().receive(json.replacing("ITEM", with: TestFeed.message()))

        #expect(received.records.count == count)
        #expect(received.violations == violations)
    }
}
