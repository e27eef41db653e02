import JSON
import ParapluConnectors
import ParapluModel
import Testing

/// XML: what becomes of an element, and of what is none.
@Suite struct XMLFormatTests {
    private func feed(_ keys: String = "", root: String = "v:voortgang") -> TestFeed {
        var feed = TestFeed()
        feed.format = "{ kind: xml, root: \(root), namespaces: { v: \"urn:x:v\", w: \"urn:x:w\" }\(keys) }"
        feed.extra = """
            ignore: [/v:bijlage, "/@xml:lang"]
            version: { path: /@versie, accepted: ["1"] }
            """
        feed.records = """
              - kind: progress.reported
                each: /v:acties/v:actie
                fields:
                  action: { path: "@id" }
                  as_of: { path: /v:peildatum, date: iso }
                  lifecycle: { path: v:stand, codes: canonical }
                  rating: { path: "w:kleur/#text", codes: canonical }
                  reasons: { path: oorzaken, codes: canonical, split: " " }
                checks:
                  - { path: "w:kleur/@code", text: { length_max: 40 } }
            """
        feed.identity = "[reporter, kind, action, as_of]"
        return feed
    }

    private static let good = """
        <v:voortgang xmlns:v="urn:x:v" xmlns:w="urn:x:w" versie="1"><v:peildatum>2025-05-31</v:peildatum><v:acties>
          <v:actie id="act-1-01"><v:stand> LOOPT </v:stand><w:kleur>GROEN</w:kleur></v:actie>
          <v:actie id="act-1-02"><v:stand>LOOPT</v:stand><w:kleur code="o">ORANJE</w:kleur><oorzaken>CAPACITEIT WETGEVING</oorzaken>
          </v:actie>
        </v:acties></v:voortgang>
        """

    /// What is written between the root's tags, as a document without the root's attribute; or the error.
    private func document(_ content: String, _ keys: String = "") throws -> Result<String, JSONError> {
        let text =
            "<a:voortgang xmlns:a='urn:x:v' xmlns='urn:x:w' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'>\(content)</a:voortgang>"
        let transcoder = try #require(XMLTranscoder(try feed(keys).connector()))
        return Array(text.utf8).withUnsafeBytes { (bytes: UnsafeRawBufferPointer) -> Result<String, JSONError> in
            do throws(JSONError) {
                guard try transcoder.transcode(bytes, aside: { (_: UnsafeRawBufferPointer) in }) else {
                    return .success("another root")
                }
                return .success(String(decoding: transcoder.document, as: UTF8.self))
            } catch {
                return .failure(error)
            }
        }
    }

    @Test(
        "elements, attributes and text are members",
        arguments: [
            ("", "{}"), ("  \n", "{}"), ("x", ##"{"#text":"x"}"##), ("<a:p>\n x y </a:p>", #"{"v:p":"x y"}"#),
            ("<p/>", #"{"w:p":null}"#), ("<p>  </p>", #"{"w:p":null}"#), ("<p i:nil='true'/>", #"{"w:p":null}"#),
            ("<p i:nil='true'>x</p>", #"{"w:p":"x"}"#), ("<p i:type='q' i:schemaLocation='x y'>1</p>", #"{"w:p":"1"}"#),
            ("<p b=' 1 ' a:c=''/>", #"{"w:p":{"@b":"1","@v:c":null}}"#),
            ("<p b='1'>x</p>", ##"{"w:p":{"@b":"1","#text":"x"}}"##),
            ("<p>x<a:q/>y</p>", ##"{"w:p":{"v:q":null,"#text":"xy"}}"##), ("<p xmlns=''>1</p>", #"{"p":"1"}"#),
            ("<u:p xmlns:u='urn:u' u:b='1'>2</u:p>", ##"{"{urn:u}p":{"@{urn:u}b":"1","#text":"2"}}"##),
            ("<p xml:lang='nl'>x</p>", ##"{"w:p":{"@xml:lang":"nl","#text":"x"}}"##),
            ("<p>a<!-- b --><![CDATA[<c>]]>&#9;\"</p>", #"{"w:p":"a<c>\t\""}"#),
            // arrays, one or several, among others; objects though they hold text alone
            ("<a:acties/>", #"{"v:acties":null}"#),
            ("<a:acties><a:actie/></a:acties>", #"{"v:acties":{"v:actie":[null]}}"#),
            (
                "<a:acties><a:actie id='1'/><x/><a:actie><kleur>r</kleur></a:actie></a:acties>",
                ##"{"v:acties":{"v:actie":[{"@id":"1"},{"w:kleur":{"#text":"r"}}],"w:x":null}}"##
            ),
            // ignored, once or often
            ("<a:bijlage><q>1</q><q>2</q></a:bijlage><a:bijlage/>", #"{"v:bijlage":null}"#),
        ])
    func documents(content: String, expected: String) throws {
        #expect(try document(content) == .success(expected))
    }

    @Test("elements that records go through are read in any order and under any prefix")
    func records() throws {
        let connector = try feed().connector()
        let other = """
            <?xml version="1.0"?>
            <voortgang xmlns="urn:x:v" versie="1"><acties>
              <a:actie xmlns:a="urn:x:v" id="act-1-01"><b:kleur xmlns:b="urn:x:w">GROEN</b:kleur><stand>LOOPT</stand></a:actie>
              <actie id="act-1-02"><oorzaken xmlns="">CAPACITEIT WETGEVING</oorzaken><stand><![CDATA[LOOPT]]></stand>
              <kleur xmlns="urn:x:w" code="o">ORANJE</kleur></actie>
            </acties><peildatum>2025-05-31</peildatum></voortgang>
            """
        let received = connector.receive(XMLFormatTests.good)

        #expect(received.violations == [])
        #expect(received.records.map(\.action.rawValue) == ["act-1-01", "act-1-02"])
        #expect(connector.receive(other) == received)
    }

    @Test(
        "what is not declared, or declared once, is refused with its place",
        arguments: [
            // (replaced, by, violations)
            ("</v:voortgang>", "<v:extra/></v:voortgang>", ["unknown_field "]),
            ("</v:voortgang>", "<u:x xmlns:u='urn:u'/></v:voortgang>", ["unknown_field "]),
            ("urn:x:w", "urn:x:W", ["unknown_field /v:acties/v:actie/0"]),
            ("<v:peildatum>", "<v:peildatum>2025-05-31</v:peildatum><v:peildatum>", ["ambiguous "]),
            ("LOOPT </v:stand>", "LOOPTE</v:stand>", ["unknown_code /v:acties/v:actie/0/v:stand"]),
            ("id=\"act-1-02\"", "", ["missing_field /v:acties/v:actie/1/@id"]),
            ("versie=\"1\"", "versie=\"2\"", ["version /@versie"]), ("versie=\"1\"", "", ["missing_field /@versie"]),
            ("<v:stand> LOOPT </v:stand>", "<v:stand/>", ["missing_field /v:acties/v:actie/0/v:stand"]),
            ("<v:stand> LOOPT </v:stand>", "<v:stand><b/></v:stand>", ["type /v:acties/v:actie/0/v:stand"]),
            ("versie=\"1\"", "versie=\"1\" xml:lang=\"nl\"", []),
            ("</v:acties>", "tekst</v:acties>", ["unknown_field /v:acties"]),
        ])
    func refusals(text: String, replacement: String, violations: [String]) throws {
        let received = try feed().connector().receive(
            XMLFormatTests.good.replacing(text, with: replacement, maxReplacements: 1))

        #expect(received.violations.first == violations.first)
        #expect(received.intake?.isText == true)
    }

    @Test("another root, and a root of another namespace, are no such document")
    func root() throws {
        let connector = try feed().connector()
        for text in [
            "<v:anders xmlns:v='urn:x:v'/>", "<voortgang/>", "<v:voortgang xmlns:v='urn:x:vv'/>",
            "<v:anders xmlns:v='urn:x:v'>111222333</v:anders>",
        ] {
            let received = connector.receive(text)
            #expect(received.intake?.rejection?.violations.last?.code == .type)
            #expect(received.intake?.rejection?.violations.last?.expected == "the root element v:voortgang")
            #expect((received.intake?.rejection?.code == .personalData) == text.contains("111"))
        }
    }

    @Test("personal data is found wherever XML may hide it")
    func privacy() throws {
        let connector = try feed().connector()
        for (text, replacement) in [
            (" LOOPT ", "111222333"), (" LOOPT ", "111<!-- -->222<![CDATA[333]]>"), (" LOOPT ", "&#49;11222333"),
            ("<v:acties>", "<!-- 111222333 --><v:acties>"), ("<v:acties>", "<v:bijlage b='111222333'/><v:acties>"),
            ("<v:acties>", "<v:bijlage><x>111222333</x></v:bijlage><v:acties>"),
            ("versie=", "extra='111222333' versie="),
            ("versie=", "xmlns:p111222333='urn:111222333' versie="), ("<v:acties>", "<v:acties><x.111222333/>"),
            ("versie=", "xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='111222333' versie="),
            (" LOOPT ", "&#49;11222333<"), ("</v:voortgang>", "</v:voortgang><!-- 111222333 -->"),
            ("<v:voortgang", "<!DOCTYPE a [<!ENTITY b '111222333'>]><v:voortgang"),
            ("<v:voortgang", "<?p 111222333?><v:voortgang"),
        ] {
            let received = connector.receive(XMLFormatTests.good.replacing(text, with: replacement, maxReplacements: 1))
            #expect(received.intake?.rejection?.code == .personalData, "\(replacement)")
            #expect(received.intake?.keepsPayload == false)
        }
    }

    @Test("entities, other encodings and limits give the codes that JSON has")
    func codes() throws {
        let connector = try feed(", depth_max: 5").connector()
        func codes(_ text: String) -> [String] { connector.receive(text).violations }
        let deep = String(repeating: "<v:acties>", count: 5) + String(repeating: "</v:acties>", count: 5)

        #expect(codes("<!DOCTYPE l [<!ENTITY a 'ha'>]><l>&a;</l>") == ["decode "])
        #expect(codes("<v:voortgang>") == ["decode "])
        #expect(codes("<?xml version='1.0' encoding='UTF-16'?><a/>") == ["encoding "])
        #expect(codes(XMLFormatTests.good.replacing("<v:acties>", with: deep + "<v:acties>")) == ["depth "])
        #expect(codes("<a>" + String(repeating: "<b/>", count: 10_001) + "</a>") == ["size "])
        #expect(codes("<a " + (0..<200).map { "b\($0)=''" }.joined(separator: " ") + "/>") == ["size "])
        let latin =
            Array("<?xml version='1.0' encoding='ISO-8859-1'?><v:voortgang xmlns:v='urn:x:v' versie='".utf8) + [0xE9]
            + Array("'/>".utf8)
        #expect(connector.receive(bytes: latin).violations == ["version /@versie"])
        // What cannot be parsed is text all the same, in the encoding that it says it has.
        let cut = connector.receive(bytes: latin.dropLast(2))
        #expect(cut.violations == ["decode "])
        #expect(cut.intake?.isText == true && cut.intake?.keepsPayload == true)
        #expect(connector.receive(bytes: Array("<a b='".utf8) + [0xE9]).intake?.keepsPayload == false)
        let other = "<?xml version='1.0' encoding='UTF-7'?><a>+ADEAMQAx-"
        #expect(connector.receive(other).intake?.keepsPayload == false)
    }

    @Test(
        "an event in binary mode names a type of XML",
        arguments: ["application/xml", "Text/XML; charset=utf-8", "application/x+xml"])
    func envelope(type: String) throws {
        var feed = feed(", envelope: cloudevents, mode: binary")
        feed.extra = "version: { attribute: type, accepted: [nl.x.v1] }\nignore: [/@versie]"
        let connector = try feed.connector()
        let headers: [(String, String?)] = [
            ("ce_specversion", "1.0"), ("ce_id", "1"), ("ce_source", "urn:nld:oin:00000099000000101000"),
            ("ce_type", "nl.x.v1"),
        ]

        #expect(connector.receive(XMLFormatTests.good, headers: headers + [("content-type", type)]).violations == [])
        #expect(
            connector.receive(XMLFormatTests.good, headers: headers + [("content-type", "application/json")]).violations
                == ["envelope header/content-type"])
    }

    @Test(
        "a definition that no XML can serve is refused",
        arguments: [
            ("root: v:voortgang", "root: u:voortgang", "invalid_value"), ("root: v:voortgang, ", "", "missing_key"),
            ("root: v:voortgang", "root: \"@v\"", "invalid_value"),
            ("v: \"urn:x:v\"", "\"1\": \"urn:x:v\"", "invalid_value"),
            ("urn:x:w", "urn:x:v", "duplicate"), ("urn:x:w", "", "invalid_value"),
            ("kind: xml", "kind: xml, separator: \",\"", "unknown_key"),
            ("path: v:stand", "path: u:stand", "path_conflict"),
            ("path: v:stand", "path: \"@stand/x\"", "path_conflict"),
            ("path: v:stand", "path: \"#text/x\"", "path_conflict"),
            ("path: v:stand", "path: \"v:\"", "path_conflict"), ("kind: xml", "kind: yaml", "invalid_value"),
        ])
    func definitions(text: String, replacement: String, code: String) {
        let yaml = feed().yaml.replacing(text, with: replacement, maxReplacements: 1)
        let findings = Connector.make(file: "t", bytes: Array(yaml.utf8)).findings

        #expect(findings.contains { $0.code.rawValue == code })
    }
}
