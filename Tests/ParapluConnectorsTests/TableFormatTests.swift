import JSON
import ParapluConnectors
import ParapluModel
import Testing

/// CSV: what becomes of a table, and of what is none.
@Suite struct TableFormatTests {
    private func feed(_ keys: String = "") -> TestFeed {
        var feed = TestFeed()
        feed.format = "{ kind: csv\(keys) }"
        feed.records = """
              - kind: progress.reported
                each: /rows
                fields:
                  action: { path: Actie }
                  as_of: { path: Peildatum, date: dd-mm-yyyy }
                  lifecycle: { path: Stand, codes: canonical }
                  rating: { path: Kleur, codes: canonical }
                  reasons: { path: Oorzaken, codes: canonical, split: "/" }
                checks:
                  - { path: Naam, text: { length_max: 40 } }
            """
        feed.identity = "[reporter, kind, action, as_of]"
        return feed
    }

    /// The document that a payload becomes, or the error.
    private func document(_ bytes: [UInt8], _ keys: String = "") throws -> Result<String, JSONError> {
        let transcoder = try #require(TableTranscoder(try feed(keys).connector()))
        return bytes.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) -> Result<String, JSONError> in
            do throws(JSONError) {
                try transcoder.transcode(bytes) { (_: UnsafeRawBufferPointer) in }
                return .success(String(decoding: transcoder.document, as: UTF8.self))
            } catch {
                return .failure(error)
            }
        }
    }

    @Test(
        "a table is a document of rows",
        arguments: [
            ("a,b\n1,2\n", #"{"rows":[{"a":"1","b":"2"}]}"#), ("a\n", #"{"rows":[]}"#), ("a", #"{"rows":[]}"#),
            ("a,b\r\n,\"\"\r\n", #"{"rows":[{"a":null,"b":null}]}"#),
            ("\u{FEFF}a\né\n", #"{"rows":[{"a":"é"}]}"#),
            ("\"a \"\"b\"\"\"\n\"x\ny\"\n", #"{"rows":[{"a \"b\"":"x\ny"}]}"#),
            ("a,b\n1,2\n3,4\n\n", #"{"rows":[{"a":"1","b":"2"},{"a":"3","b":"4"}]}"#),
            ("a\n \n", #"{"rows":[{"a":" "}]}"#),
        ])
    func documents(text: String, expected: String) throws {
        #expect(try document(Array(text.utf8)) == .success(expected))
    }

    @Test("windows-1252 is read as such, and its five holes are refused")
    func windows() throws {
        let keys = ", encoding: windows-1252"

        #expect(
            try document(Array("a\n".utf8) + [0x80, 0xE9, 0x9F, 0xFF, 0x0A], keys)
                == .success(#"{"rows":[{"a":"€éŸÿ"}]}"#))
        #expect(try document([0xE9, 0x0A, 0x31], keys) == .success(#"{"rows":[{"é":"1"}]}"#))
        for byte: UInt8 in [0x81, 0x8D, 0x8F, 0x90, 0x9D] {
            #expect(try document(Array("a\nx".utf8) + [byte], keys) == .failure(.invalidEncoding(offset: 3)))
        }
        #expect(try document([0xEF, 0xBB, 0xBF, 0x61, 0x0A], keys) == .success(#"{"rows":[]}"#))
        let mark = try feed(keys).connector().receive(bytes: [0xEF, 0xBB, 0xBF] + Array("Actie\nact-1-01\n".utf8))
        #expect(mark.violations.contains("unknown_field /rows/0"))
    }

    @Test(
        "what is no table is refused, with the byte",
        arguments: [
            ("", .truncated(offset: 0)), ("\n", .truncated(offset: 1)), ("a,\n1,2\n", .malformed(offset: 0)),
            ("a,a\n1,2\n", .duplicateMember(offset: 0)), ("a,b\n1\n", .malformed(offset: 4)),
            ("\u{FEFF}a,b\n1,2\n1,2,3\n", .malformed(offset: 11)), ("a\n\"b\n", .truncated(offset: 5)),
            ("a\n\u{0}\"\n", .malformed(offset: 3)), ("a\nb\rc\n", .malformed(offset: 2)),
        ] as [(String, JSONError)])
    func refusals(text: String, error: JSONError) throws {
        #expect(try document(Array(text.utf8)) == .failure(error))
    }

    @Test("a document has a bound, and so have its values")
    func bounds() throws {
        let name = String(repeating: "n", count: 60)
        let rows = name + "\n" + String(repeating: "1\n", count: 100)
        let received = try feed(", bytes_max: 300").connector().receive(rows)

        #expect(received.violations == ["size "])
        #expect(received.intake?.rejection?.violations.first?.expected == "at most 2400 bytes with each row's names")
        #expect(
            try feed(", nodes_max: 50").connector().receive("a\n" + String(repeating: "1\n", count: 20)).violations == [
                "size "
            ])
        #expect(
            try feed(", bytes_max: 300").connector().receive(String(repeating: "x", count: 301)).violations == ["size "]
        )
    }

    private static let header = "Actie;Peildatum;Stand;Kleur;Oorzaken;Naam\r\n"

    @Test("rows are records, and violations name the row and the header")
    func rows() throws {
        let connector = try feed(", separator: \";\"").connector()
        let good = connector.receive(
            TableFormatTests.header
                + "act-1-01;31-05-2025;LOOPT;ORANJE;CAPACITEIT/WETGEVING;\"a;b\"\r\nact-1-02;31-05-2025;LOOPT;GROEN;;\r\n"
        )
        let bad = connector.receive(
            TableFormatTests.header + "act-1-01;31-05-2025;LOOPT;GROEN;;\r\nact-1-02;31-02-2025;;GEEL;;x\r\n")

        #expect(good.violations == [])
        #expect(good.records.map(\.action.rawValue) == ["act-1-01", "act-1-02"])
        #expect(
            bad.violations == [
                "invalid_date /rows/1/Peildatum", "missing_field /rows/1/Stand", "unknown_code /rows/1/Kleur",
            ])
        #expect(connector.receive("Actie;Extra\r\nact-1-01;x\r\n").violations.first == "unknown_field /rows/0")
        #expect(connector.receive("Actie;\"Stand\r\n").violations == ["decode "])
        #expect(connector.receive("Actie;\"Stand\r\n").intake?.rejection?.violations.first?.byteOffset == 14)
    }

    @Test("bytes that are in another encoding, or NUL, are refused with their place")
    func encoding() throws {
        let connector = try feed(", separator: \";\"").connector()
        let text = Array(TableFormatTests.header.utf8)
        for bytes: [UInt8] in [[0xE9], [0xC3], [0x00], [0xED, 0xA0, 0x80], [0xC0, 0x80]] {
            let received = connector.receive(bytes: text + Array("act-1-01;;;;;".utf8) + bytes + [0x0A])
            #expect(received.violations == ["encoding "])
            #expect(received.intake?.rejection?.violations.first?.byteOffset == text.count + 13)
            #expect(received.intake?.isText == false)
        }
        let wide = TableFormatTests.header.utf16.flatMap { (unit: UInt16) -> [UInt8] in
            [UInt8(truncatingIfNeeded: unit), UInt8(truncatingIfNeeded: unit >> 8)]
        }
        #expect(connector.receive(bytes: [0xFF, 0xFE] + wide).intake?.isText == false)
    }

    @Test("a table that is none is text in its own encoding, and is kept unless the scan finds something")
    func textOfWindows() throws {
        let connector = try feed(", encoding: windows-1252").connector()
        func received(_ text: String, _ bytes: [UInt8]) -> Received {
            connector.receive(bytes: Array("Actie,Stand\n\"caf".utf8) + bytes + Array(text.utf8))
        }

        let good = received("", [0xE9])
        #expect(good.violations == ["decode "])
        #expect(good.intake?.isText == true && good.intake?.keepsPayload == true)
        #expect(received(" 111222333", [0xE9]).violations.first == "personal_data body")
        for hole: [UInt8] in [[0x81], [0xE9, 0]] { #expect(received("", hole).intake?.keepsPayload == false) }
    }

    @Test("personal data is found in fields, in the header, and in what is no table")
    func privacy() throws {
        let connector = try feed(", separator: \";\"").connector()
        for text in [
            TableFormatTests.header + "act-1-01;31-05-2025;LOOPT;GROEN;;BSN 111222333\n", "Actie;111222333\n",
            "Actie;111222333\nact-1-01;x\n", "Actie;Stand\n111222333\n", "Actie;\"111222333\n",
        ] {
            let received = connector.receive(text)
            #expect(received.intake?.rejection?.code == .personalData)
            #expect(received.intake?.keepsPayload == false)
        }
    }

    @Test("an event in binary mode names the table's type")
    func envelope() throws {
        var feed = feed(", envelope: cloudevents, mode: binary")
        feed.extra = "version: { attribute: type, accepted: [nl.x.v1] }"
        let connector = try feed.connector()
        let headers: [(String, String?)] = [
            ("ce_specversion", "1.0"), ("ce_id", "1"), ("ce_source", "urn:nld:oin:00000099000000101000"),
            ("ce_type", "nl.x.v1"),
        ]
        let text = "Actie,Peildatum,Stand,Kleur\nact-1-01,31-05-2025,LOOPT,GROEN\n"

        #expect(
            connector.receive(text, headers: headers + [("content-type", "text/csv; header=present")]).violations == [])
        #expect(connector.receive(text, headers: headers + [("content-type", "Text/CSV")]).records.count == 1)
        for type in ["application/json", "application/xml", "text/plain"] {
            #expect(
                connector.receive(text, headers: headers + [("content-type", type)]).violations
                    == ["envelope header/content-type"])
        }
        #expect(connector.receive(text, headers: headers).violations == ["envelope header/content-type"])
    }

    @Test(
        "a definition that no table can serve is refused",
        arguments: [
            (", separator: \";;\"", "invalid_value"), (", separator: a", "invalid_value"),
            (", separator: \"\\\"\"", "invalid_value"),
            (", separator: é", "invalid_value"), (", encoding: utf-16", "invalid_value"), (", root: x", "unknown_key"),
            (", envelope: cloudevents, mode: both", "invalid_operator"),
        ])
    func definitions(keys: String, code: String) {
        let findings = Connector.make(file: "t", bytes: Array(feed(keys).yaml.utf8)).findings

        #expect(findings.contains { $0.code.rawValue == code && $0.line == 8 })
    }

    @Test("a path that no table has is refused")
    func paths() {
        for path in ["/Stand", "/rows/Stand", "a/b"] {
            let yaml = feed().yaml.replacing("path: Stand", with: "path: \(path)")
            #expect(Connector.make(file: "t", bytes: Array(yaml.utf8)).findings.contains { $0.code == .pathConflict })
        }
    }
}
