import ParapluConnectors
import ParapluModel
import Testing

@Suite struct EnvelopeTests {
    private static let type = "nl.test.acties.gemeld.v1"
    private static let source = "urn:nld:oin:00000099000000101000:systeem:x"

    private func connector(_ mode: String) throws -> Connector {
        var feed = TestFeed()
        feed.format = "{ envelope: cloudevents, mode: \(mode) }"
        feed.extra = "version: { attribute: type, accepted: [\(EnvelopeTests.type)] }"
        return try feed.connector()
    }

    private static let headers: [(String, String?)] = [
        ("ce_specversion", "1.0"), ("ce_id", "e-1"), ("ce_source", source), ("ce_type", type),
    ]

    @Test(
        "binary mode keeps to the Kafka binding",
        arguments: [
            // (left out, added, violations)
            (nil, [], []), (nil, [("content-type", "application/json")], []),
            (nil, [("content-type", "application/vnd.x+json; charset=utf-8")], []),
            (nil, [("content-type", "text/plain")], ["envelope header/content-type"]),
            (
                nil, [("content-type", "application/json"), ("content-type", "application/json")],
                ["envelope header/content-type"]
            ),
            ("ce_id", [], ["envelope header/ce_id"]), ("ce_id", [("ce_id", "")], ["envelope header/ce_id"]),
            ("ce_id", [("ce_id", nil)], ["envelope header/ce_id"]),
            (nil, [("ce_id", "e-1")], ["envelope header/ce_id"]),
            ("ce_specversion", [("ce_specversion", "1.0.2")], ["envelope header/ce_specversion"]),
            ("ce_source", [("ce_source", "urn:nld:oin:00000099000000102000")], ["source_mismatch header/ce_source"]),
            ("ce_source", [("ce_source", "urn:nld:oin:000000990000001010001")], ["source_mismatch header/ce_source"]),
            ("ce_source", [("ce_source", "urn:nld:oin:00000099000000101000")], []),
            ("ce_type", [("ce_type", "nl.test.acties.gemeld.v2")], ["version header/ce_type"]),
            ("ce_type", [("ce_type", "nl.paraplu.plan.published.v1")], ["kind_not_supported header/ce_type"]),
            ("ce_type", [("ce_type", "nl.paraplu.milestone.reported.v1")], ["authority header/ce_type"]),
            (nil, [("ce_time", "2025-05-31T10:00:00Z")], []),
            (nil, [("ce_time", "gisteren")], ["invalid_date header/ce_time"]),
            (nil, [("ce_subject", "")], ["envelope header/ce_subject"]),
            (nil, [("ce_subject", "a\u{1}b")], ["envelope header/ce_subject"]),
            (nil, [("ce_subject", "a\u{85}b")], ["envelope header/ce_subject"]),
            (nil, [("ce_subject", "a\u{FFFE}")], ["envelope header/ce_subject"]),
            (nil, [("ce_Subject", "x")], ["envelope header"]), (nil, [("ce_afzender", "x")], ["unknown_field header"]),
            (nil, [("ce_datacontenttype", "application/json")], ["unknown_field header"]),
            (
                nil,
                [("ce_traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("x-mirror", nil)], []
            ),
            (
                nil, [("content-type", "application/cloudevents+json")],
                [
                    "envelope header/content-type", "envelope /id", "envelope /source", "envelope /specversion",
                    "envelope /type", "missing_field /data",
                ]
            ),
        ] as [(String?, [(String, String?)], [String])])
    func binary(leftOut: String?, added: [(String, String?)], violations: [String]) throws {
        let headers = EnvelopeTests.headers.filter { $0.0 != leftOut } + added
        let received = try connector("binary").receive(TestFeed.message(), headers: headers)

        // In the last case the payload's own members are no attributes either; what matters is that it is refused.
        if violations.contains("missing_field /data") {
            #expect(received.violations.first == violations.first)
        } else {
            #expect(received.violations == violations)
        }
    }

    @Test(
        "structured mode keeps to the JSON format",
        arguments: [
            // (member, JSON or left out, violations)
            ("x", nil, []), ("id", "\"\"", ["envelope /id"]), ("id", nil, ["envelope /id"]),
            ("id", "null", ["envelope /id"]),
            ("id", "7", ["envelope /id", "envelope /id"]),
            ("specversion", "1.0", ["envelope /specversion", "envelope /specversion"]),
            ("specversion", "\"0.3\"", ["envelope /specversion"]), ("data", nil, ["missing_field /data"]),
            ("data", "null", ["type /data"]),
            ("data", "\"{}\"", ["type /data"]), ("data_base64", "\"e30=\"", ["envelope "]),
            ("datacontenttype", "\"text/plain\"", ["envelope /datacontenttype"]),
            ("datacontenttype", "\"Application/JSON; charset=utf-8\"", []),
            ("time", "\"2025-05-31T10:00:00\"", ["invalid_date /time"]),
            ("subject", "null", []), ("afzender", "\"x\"", ["unknown_field "]), ("Subject", "\"x\"", ["envelope "]),
            ("source", "\"urn:nld:oin:00000099000000102000\"", ["source_mismatch /source"]),
            ("type", "\"nl.x.v1\"", ["version /type"]),
        ] as [(String, String?, [String])])
    func structured(member: String, json: String?, violations: [String]) throws {
        var members: [String: String?] = [
            "specversion": "\"1.0\"", "id": "\"e-1\"", "source": "\"\(EnvelopeTests.source)\"",
            "type": "\"\(EnvelopeTests.type)\"",
            "data": TestFeed.message(),
        ]
        members[member] = .some(json)
        let text =
            "{"
            + members.sorted { $0.key < $1.key }.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(
                separator: ",") + "}"

        let received = try connector("structured").receive(
            text, headers: [("content-type", "application/CloudEvents+json; charset=utf-8")])

        var unique: [String] = []
        for violation in violations where !unique.contains(violation) { unique.append(violation) }
        var got: [String] = []
        for violation in received.violations where !got.contains(violation) { got.append(violation) }
        #expect(got == unique)
    }

    @Test(
        "each attribute keeps to its type, in either mode",
        arguments: [
            // (attribute, value, taken)
            ("dataschema", "https://voorbeeld.nl/schema/1?v=2", true), ("dataschema", "urn:x:y", true),
            ("dataschema", "/schema/1", false), ("dataschema", "https://voorbeeld.nl/schema#deel", false),
            ("dataref", "../inhoud/7#deel", true), ("dataref", "https://voorbeeld.nl:8x/", false),
            ("source", source + ":een%20deel", true), ("source", source + ":een deel", false),
            ("source", source + ":deel%2", false),
            ("recordedtime", "2025-05-31T10:00:00+02:00", true), ("recordedtime", "2025-05-31", false),
            ("expirytime", "2025-05-31T10:00:00Z", true), ("expirytime", "2025-05-31T10:00:00", false),
            ("dataclassification", "internal", true), ("dataclassification", "geheim", false),
            ("dataclassification", "Internal", false),
        ] as [(String, String, Bool)])
    func forms(attribute: String, value: String, isTaken: Bool) throws {
        try expect([attribute: value], isTaken ? [] : [attribute])
    }

    @Test(
        "attributes that go together agree with each other",
        arguments: [
            (["sequence": "0000000042"], []), (["sequence": "a-7"], []),
            (["sequence": "0000000042", "sequencetype": "Integer"], []),
            (["sequence": "-2147483648", "sequencetype": "integer"], []),
            (["sequence": "2147483648", "sequencetype": "Integer"], ["sequence"]),
            (["sequence": "+1", "sequencetype": "Integer"], ["sequence"]),
            (["sequence": "a-7", "sequencetype": "Integer"], ["sequence"]),
            (["sequence": "1", "sequencetype": "Float"], ["sequencetype"]),
            (["sequencetype": "Integer"], ["sequence"]), (["tracestate": "a=b"], ["traceparent"]),
            (["dataclassification": "public", "dataregulation": "GDPR , AVG", "datacategory": "non-sensitive"], []),
            (["dataclassification": "public", "dataregulation": "HIPAA"], ["dataregulation"]),
            (["dataclassification": "public", "dataregulation": "GDPR,"], ["dataregulation"]),
            (["dataclassification": "public", "datacategory": "special-category"], ["datacategory"]),
            (["dataregulation": "GDPR"], ["dataclassification"]),
        ] as [([String: String], [String])])
    func companions(attributes: [String: String], refused: [String]) throws {
        try expect(attributes, refused)
    }

    /// Expects an event with these attributes to be taken in both modes, or refused for others of them.
    private func expect(
        _ attributes: [String: String], _ refused: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let connector = try connector("both")
        var headers = Dictionary(uniqueKeysWithValues: EnvelopeTests.headers.map { ($0.0, $0.1) })
        for (name, value) in attributes { headers["ce_" + name] = value }
        var members = headers.map { "\"\($0.key.dropFirst(3))\":\"\($0.value ?? "")\"" }
        members.append("\"data\":\(TestFeed.message())")

        let binary = connector.receive(TestFeed.message(), headers: headers.sorted { $0.key < $1.key }.map { ($0, $1) })
        let structured = connector.receive(
            "{\(members.joined(separator: ","))}", headers: [("content-type", "application/cloudevents+json")])

        #expect(
            binary.violations.map { $0.split(separator: "/").last } == refused.map { "ce_\($0)" },
            sourceLocation: sourceLocation)
        #expect(
            structured.violations.map { $0.split(separator: "/").last } == refused.map { Substring($0) },
            sourceLocation: sourceLocation)
    }

    @Test(
        "an OIN in a document without an envelope is the owner's, alone or as URN, in any case",
        arguments: [
            ("00000099000000101000", true), ("00000099000000102000", false),
            ("URN:NLD:OIN:00000099000000102000", false),
            ("URN:NLD:OIN:00000099000000101000:x", true), ("urn:nld:oin:00000099000000101000", true),
            ("urn:nld:oin:000000990000001010001", false), ("registratie", true), ("urn:nld:kvknr:12345678", true),
        ])
    func sourceOfDocument(source: String, isTaken: Bool) throws {
        var feed = TestFeed()
        feed.extra = "event: { source: /bron }"

        let received = try feed.connector().receive(TestFeed.message(["bron": "\"\(source)\""]))

        #expect(received.violations == (isTaken ? [] : ["source_mismatch /bron"]))
    }

    @Test("each mode is refused where only the other is taken; both are taken where both are declared")
    func modes() throws {
        let structured =
            "{\"specversion\":\"1.0\",\"id\":\"e-1\",\"source\":\"\(EnvelopeTests.source)\",\"type\":\"\(EnvelopeTests.type)\",\"data\":\(TestFeed.message())}"
        let header: [(String, String?)] = [("content-type", "application/cloudevents+json")]

        #expect(
            try connector("structured").receive(TestFeed.message(), headers: EnvelopeTests.headers).violations == [
                "envelope header/content-type"
            ])
        #expect(
            try connector("binary").receive(structured, headers: header).violations.first
                == "envelope header/content-type")
        let one = try connector("both").receive(structured, headers: header)
        let two = try connector("both").receive(TestFeed.message(), headers: EnvelopeTests.headers)
        #expect(one == two)
        #expect(one.violations == [])
        #expect(one.intake?.messageKey.map { [$0.0, $0.1] } == two.intake?.messageKey.map { [$0.0, $0.1] })
        #expect(one.intake?.eventID == "e-1")
        #expect(one.intake?.source == EnvelopeTests.source)
    }

    @Test("a batch is no event")
    func batch() throws {
        let received = try connector("both").receive(
            "[]", headers: [("content-type", "application/cloudevents-batch+json")])

        #expect(received.violations.first == "envelope header/content-type")
    }

    @Test(
        "the NL GOV profile refuses what it forbids and warns of what it advises against",
        arguments: [
            ("nl.mensenhandelplan.acties.gemeld.v1", ":systeem:plan", "2025-06-01T10:00:00Z", nil, []),
            (
                "nl.test.acties.gemeld.v1.2", "", nil, nil,
                ["source_system", "type_organisation", "type_version", "time_missing"]
            ),
            ("gemeld", ":systeem:plan", "2025-06-01T10:00:00Z", "envelope header/ce_type", []),
            ("nl..gemeld", ":systeem:plan", "2025-06-01T10:00:00Z", "envelope header/ce_type", []),
        ] as [(String, String, String?, String?, [String])])
    func profile(type: String, system: String, time: String?, violation: String?, warnings: [String]) throws {
        var feed = TestFeed()
        feed.format = "{ envelope: cloudevents, mode: binary, profile: nl-gov }"
        feed.extra = "version: { attribute: type, accepted: [\"\(type)\"] }"
        var headers: [(String, String?)] = [
            ("ce_specversion", "1.0"), ("ce_id", "1"), ("ce_type", type),
            ("ce_source", "urn:nld:oin:00000099000000101000\(system)"), ("content-type", "application/json"),
        ]
        if let time { headers.append(("ce_time", time)) }

        let received = try feed.connector().receive(TestFeed.message(), headers: headers)

        #expect(received.violations == (violation.map { [$0] } ?? []))
        #expect(received.intake?.warnings.codes == warnings)
    }

    @Test("headers that are no whole frames are refused, and scanned as they came")
    func truncatedHeaders() throws {
        for (text, code) in [("jan@voorbeeld.nl", RejectionCode.personalData), ("iets", .envelope)] {
            let message = StoredMessage(value: [], key: nil, frames: [0, 0, 1, 0] + Array(text.utf8))
            var buffer = IntakeBuffer()
            let intake = message.decode(try connector("binary"), MessageDecoder(), into: &buffer)
            #expect(intake.rejection?.code == code)
        }
    }
}
