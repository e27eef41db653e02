import ParapluConnectors
import ParapluModel
import Testing

@Suite struct RejectionTests {
    /// One of `undecodables`, which a test's log names by its first few bytes.
    struct Undecodable: CustomTestStringConvertible, Sendable {
        let index: Int

        var testDescription: String {
            let text = RejectionTests.undecodables[index].text
            return text.utf8.count <= 40 ? text : "\(text.prefix(8))… of \(text.utf8.count) bytes"
        }
    }

    static let undecodables: [(text: String, code: String)] = [
        ("", "decode"), (" ", "decode"), ("{", "decode"), ("{\"a\":}", "decode"), ("{} {}", "decode"),
        ("NaN", "decode"),
        ("{\"a\":1,\"a\":2}", "ambiguous"), ("{\"a\":1,\"\\u0061\":2}", "ambiguous"),
        ("{\"x\":[{\"y\":1,\"y\":1}]}", "ambiguous"),
        ("\u{FEFF}{}", "encoding"), ("{\"a\":\"\\u0000\"}", "encoding"), ("{\"a\":\"\\ud800\"}", "encoding"),
        (String(repeating: "[", count: 100_000), "depth"), (String(repeating: " ", count: 300_000), "size"),
        ("[" + String(repeating: "1,", count: 20_000) + "1]", "size"),
    ]

    @Test("bytes that cannot be decoded say so", arguments: undecodables.indices.map(Undecodable.init))
    func undecodable(_ example: Undecodable) throws {
        let (text, code) = Self.undecodables[example.index]
        let received = try TestFeed().connector().receive(text)

        #expect(received.violations == ["\(code) "])
        #expect(received.intake?.rejection?.isText == true)
    }

    @Test("what is not UTF-8 is no text, and nothing of it may be kept")
    func notText() throws {
        let received = try TestFeed().connector().receive(bytes: [0x7B, 0x22, 0xFF, 0x22, 0x7D])

        #expect(received.violations == ["encoding "])
        #expect(received.intake?.rejection?.isText == false)
        #expect(received.intake?.rejection?.forbidsPayload == true)
        // Nor are letters of two bytes, in which the scan would find nothing.
        let wide = "{\"a\":\"111222333\"".utf16.flatMap { (unit: UInt16) -> [UInt8] in [UInt8(unit), 0] }
        #expect(try TestFeed().connector().receive(bytes: wide).intake?.keepsPayload == false)
    }

    @Test("a message without a value is a tombstone")
    func tombstone() throws {
        #expect(try TestFeed().connector().receive(nil, key: "act-1-01").violations == ["tombstone "])
        #expect(
            try TestFeed().connector().receive(nil, key: "111222333").violations == ["personal_data key", "tombstone "])
    }

    @Test(
        "the key is compared with what the connector declares",
        arguments: [("act-1-01", true), ("act-1-02", false), (nil, false)])
    func key(key: String?, isGood: Bool) throws {
        var feed = TestFeed()
        feed.key = "{ path: /a }"

        #expect(try feed.connector().receive(TestFeed.message(), key: key).violations == (isGood ? [] : ["key key"]))
    }

    @Test("a version that is not accepted is all that is said of a message")
    func version() throws {
        var feed = TestFeed()
        feed.extra = "version: { path: /v, accepted: [\"1\", \"2\"] }"
        let connector = try feed.connector()

        #expect(connector.receive(TestFeed.message(["v": "\"1\""])).violations == [])
        #expect(connector.receive(TestFeed.message(["v": "2"])).violations == [])
        #expect(connector.receive(TestFeed.message(["v": "\"3\"", "new": "1", "d": "7"])).violations == ["version /v"])
        #expect(connector.receive(TestFeed.message(["new": "1"])).violations == ["missing_field /v"])
        #expect(
            connector.receive(TestFeed.message(["v": "\"3\"", "new": "111222333"])).violations == [
                "personal_data body", "version /v",
            ])
    }

    @Test("a feed keeps to its authority")
    func authority() throws {
        var feed = TestFeed()
        feed.authority = "{ actions: [act-1-01], kinds: [milestone.reported] }"
        let kinds = try feed.connector()
        feed.authority = "{ actions: [act-1-02], kinds: [progress.reported] }"
        let actions = try feed.connector()
        feed.authority = "{ actions: any, kinds: [progress.reported] }"
        feed.records += "\n      reporter: { path: /by, shape: oin }"
        let reporter = try feed.connector()

        #expect(kinds.receive(TestFeed.message()).violations == ["authority "])
        #expect(actions.receive(TestFeed.message()).violations == ["authority /a"])
        #expect(reporter.receive(TestFeed.message(["by": "\"00000099000000101000\""])).violations == [])
        #expect(reporter.receive(TestFeed.message(["by": "\"00000099000000102000\""])).violations == ["authority /by"])
    }

    @Test("personal data names the place that was declared, and wins over every other code")
    func personalData() throws {
        var feed = TestFeed()
        feed.extra =
            "ignore: [/i]\nchecks: [{ path: /t, text: {} }, { path: /q, number: {} }, { path: /u, shape: rsin }, { path: /k, shape: kvk }]"
        let connector = try feed.connector()
        func first(_ changes: [String: String?], key: String? = nil, headers: [(String, String?)] = []) -> String? {
            let received = connector.receive(TestFeed.message(changes), key: key, headers: headers)
            if let rejection = received.intake?.rejection {
                #expect(rejection.code == .personalData)
                #expect(rejection.forbidsPayload)
                #expect(received.intake?.messageKey == nil)
            }
            return received.violations.first
        }

        #expect(first(["t": "\"bsn 111222333\""]) == "personal_data /t")
        #expect(first(["t": "\"\\u0031\\u0031\\u0031222333\""]) == "personal_data /t")
        #expect(first(["t": "111222333"]) == "personal_data /t")
        #expect(first(["i": "[{\"a@example.org\":1}]"]) == "personal_data /i")
        #expect(first(["a": "\"111222333\""]) == "personal_data /a")
        #expect(first(["zz": "\"0612345678\""]) == "personal_data body")
        #expect(first(["a@example.org": "1", "d": "1"]) == "personal_data body")
        #expect(first([:], key: "NL91ABNA0417164300") == "personal_data key")
        #expect(first([:], headers: [("x", "a@example.org")]) == "personal_data header")
        #expect(first([:], headers: [("a@example.org", nil)]) == "personal_data header")
        #expect(first(["q": "111222333"]) == "personal_data /q")
        #expect(first(["k": "\"11122233\""]) == nil)
        #expect(first(["u": "\"111222333\""]) == nil)
        #expect(connector.receive("{\"a\": \"111222333").violations.first == "personal_data body")
    }

    @Test("a rejection holds no more than its bound, and personal data is never crowded out")
    func bounded() throws {
        let many = (0..<100).map { "\"x\($0)\":{\"y\":1}" }.joined(separator: ",")
        var feed = TestFeed()
        feed.extra =
            "checks: [" + (0..<30).map { "{ path: /c\($0), number: {} }" }.joined(separator: ", ") + ", { path: /t }]"
        let wrong = (0..<30).map { "\"c\($0)\":\"\"" }.joined(separator: ",")

        let received = try feed.connector().receive("{\(many),\(wrong),\"t\":\"111222333\"}")

        #expect(received.violations.count == Rejection.violationsMax)
        #expect(received.violations.first == "personal_data /t")
    }

    @Test("a message of more records than the journal can number is refused", arguments: [0, 1])
    func tooManyRecords(more: Int) throws {
        var feed = TestFeed()
        feed.format = "{ envelope: none, bytes_max: 4194304, nodes_max: 1000000 }"
        feed.records = """
              - kind: nothing.reported
                each: /
                fields: { action: { path: a }, as_of: { constant: "2025-05-31" } }
            """
        feed.authority = "{ actions: any, kinds: [nothing.reported] }"
        let items = [String](repeating: #"{"a":"x"}"#, count: MessageDecoder.recordsMax + more)

        let received = try feed.connector().receive("[" + items.joined(separator: ",") + "]")

        #expect(received.violations == (more == 0 ? [] : ["size "]))
        #expect(received.records.count == (more == 0 ? MessageDecoder.recordsMax : 0))
    }

    @Test("one bad record refuses its message whole, and leaves its neighbours in the buffer alone")
    func atomic() throws {
        var feed = TestFeed()
        feed.records = """
              - kind: progress.reported
                each: /items
                fields:
                  action: { path: a }
                  as_of: { path: /d, date: iso }
                  lifecycle: { path: l, codes: canonical }
                  rating: { constant: GRIJS }
            """
        let connector = try feed.connector()
        let decoder = MessageDecoder()
        var buffer = IntakeBuffer()
        let good = StoredMessage(
            value: Array(#"{"items":[{"a":"x","l":"LOOPT"},{"a":"y","l":"LOOPT"}],"d":"2025-05-31"}"#.utf8))
        let bad = StoredMessage(
            value: Array(#"{"items":[{"a":"x","l":"LOOPT"},{"a":"y","l":"NEE"}],"d":"2025-05-31"}"#.utf8))

        let first = good.decode(connector, decoder, into: &buffer)
        let bytes = buffer.bytes
        let second = bad.decode(connector, decoder, into: &buffer)
        let third = good.decode(connector, decoder, into: &buffer)

        #expect(first.records == 0..<2)
        #expect(second.records.isEmpty)
        #expect(second.rejection?.violations.map(\.path) == ["/items/1/l"])
        #expect(third.records == 2..<4)
        #expect(buffer.bytes == bytes + bytes)
        #expect(buffer.records[0].digest == buffer.records[2].digest)
        #expect(buffer.records[0].identity == buffer.records[2].identity)
        #expect(buffer.records[0].identity != buffer.records[1].identity)
    }

    @Test("a message's bytes and digests are those of its records")
    func canonicalBytes() throws {
        let connector = try TestFeed().connector()
        var buffer = IntakeBuffer()
        let message = StoredMessage(value: Array(TestFeed.message(["n": "7"]).utf8))

        let intake = message.decode(connector, MessageDecoder(), into: &buffer)

        let mapped = try #require(buffer.records[intake.records].first)
        #expect(Array(buffer.bytes[mapped.json]) == CanonicalRecordCodec.bytes(of: mapped.record))
        #expect(mapped.digest == mapped.record.digest)
    }
}
