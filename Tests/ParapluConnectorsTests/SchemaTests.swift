import Foundation
import JSON
import ParapluModel
import ParapluTesting
import Testing

@testable import ParapluConnectors

/// The JSON Schemas and the AsyncAPI document that definitions give.
@Suite struct SchemaTests {
    private static let directory = ExamplesTests.directory
    private static let connectors = ConnectorCatalog.load(directory: directory).catalog.connectors

    @Test("every good example is valid by its feed's schema, and some refused one isn't", arguments: connectors)
    func examples(_ connector: Connector) throws {
        let schema = ConnectorSchema(connector).document
        #expect(schema["$schema"] == .string("https://json-schema.org/draft/2020-12/schema"))
        #expect(schema["$id"] == .string("urn:paraplu:\(connector.topic)"))
        var refused = 0
        for file in ExampleFile.all(in: "\(SchemaTests.directory)/\(connector.feed)") {
            guard let document = SchemaTests.document(of: file, connector) else { continue }
            let errors = SchemaValidator.errors(document, schema)
            if !file.isRejected { #expect(errors == [], "\(file.path)") }
            if file.isRejected, !errors.isEmpty { refused += 1 }
        }
        #expect(refused > 0)
    }

    /// The document of an example as the schema is about it; nil where there is none.
    private static func document(of file: ExampleFile, _ connector: Connector) -> JSONTree? {
        guard let value = file.value else { return nil }
        if connector.isJSON {
            let limits = JSONLimits(bytesMax: 16 << 20)
            return (try? JSONParser.document(of: value, limits: limits).root).map { JSONTree($0) }
        }
        return StoredMessage(value: value, headers: file.headers.map { ($0.name, $0.value) })
            .explain(connector).document
    }

    @Test("a schema says types, codes, days, numbers, what is needed, and that nothing else may be there")
    func shapes() throws {
        var feed = TestFeed()
        feed.extra = "code_lists: { k: { g: GROEN, \"3\": ROOD } }\nignore: [/x]"
        feed.records = """
              - kind: progress.reported
                fields:
                  action: { path: /a }
                  as_of: { path: /d/dag, date: dd-mm-yyyy }
                  sequence: { path: /n, number: { min: 0, max: 100 } }
                  lifecycle: { path: /l, codes: canonical }
                  rating: { path: /r, codes: k }
                  reasons: { path: /w, codes: canonical }
            """
        let schema = ConnectorSchema(try feed.connector()).payload
        func valid(_ text: String) throws -> Bool {
            let document = JSONTree(try JSONParser.document(of: Array(text.utf8)).root)
            return SchemaValidator.errors(document, schema).isEmpty
        }
        func message(_ changes: [String: String?] = [:]) -> String {
            let own: [String: String?] = ["d": "{\"dag\":\"31-05-2025\"}", "r": "\"g\""]
            return TestFeed.message(own.merging(changes) { _, new in new })
        }
        #expect(try valid(message()))
        #expect(try valid(message(["n": "12", "r": "3", "x": "[1]", "w": "[\"CAPACITEIT\"]"])))
        #expect(try valid(message(["n": "null", "w": "null"])))
        for (member, value) in [
            ("a", "null"), ("a", "\"é\""), ("d", "{}"), ("d", "null"), ("d", "{\"dag\":\"2025-05-31\"}"),
            ("n", "101"), ("n", "1.5"), ("n", "\"1\""), ("l", "\"AFGEROND\""), ("r", "\"G\""), ("r", "4"),
            ("w", "\"CAPACITEIT\""), ("w", "[\"x\"]"), ("y", "1"),
        ] {
            #expect(try !valid(message([member: value])), "\(member): \(value)")
        }
        #expect(try !valid(message(["a": nil])))
    }

    @Test(
        "what operators take is valid: parts, joins, Dutch dates and numbers, codes in any form, an array as document")
    func operators() throws {
        var feed = TestFeed()
        feed.extra = """
            code_lists: { k: { café: GROEN, r: { means: ROOD, until: 2026-01-01 } } }
            organisations: { org-jenv: [JenV] }
            """
        feed.records = """
              - kind: progress.reported
                each: /
                when: { path: t, equals: p }
                fields:
                  reporter: { path: org, organisation: any }
                  action: { path: ref, split: "/", part: 1, of: 2 }
                  as_of: { path: d, date: "d mmmm yyyy" }
                  recorded_at_source: { path: m, moment: epoch-milliseconds }
                  sequence: { path: n, number: { style: dutch, suffix: "e", times: 1000 } }
                  lifecycle: { path: l, codes: canonical, ignore_case: true }
                  rating: { path: r, codes: k }
                  reasons: { path: w, codes: canonical, split: ";" }
                  document: { join: [{ path: x }, { path: y }], with: "-" }
            """
        let connector = try feed.connector()
        let schema = ConnectorSchema(connector).payload
        let text = """
            [{"t":"p","org":"jenv","ref":"act-1/2","d":"31 mei 2025","m":1748847600000,"n":"1.200,5 e","l":" loopt",
            "r":"cafe\u{301}","w":"","x":28638,"y":"257"},{"t":"p","ref":"act-1/2","d":"1 jan 2025","l":"LOOPT","r":"r","w":"WETGEVING"}]
            """
        #expect(connector.receive(text).violations == [])
        let document = JSONTree(try JSONParser.document(of: Array(text.utf8)).root)
        #expect(SchemaValidator.errors(document, schema) == [])
        let enumeration = String(decoding: schema.bytes, as: UTF8.self)
        #expect(enumeration.utf8.count(of: "cafe\u{301}") == 1 && enumeration.utf8.count(of: "caf\u{E9}") >= 1)
    }

    @Test("a record by a value of the document asks for its own fields and forbids the others'")
    func choices() throws {
        var feed = TestFeed()
        feed.records = """
              - kind: progress.reported
                each: /i
                when: { path: s, equals: actie }
                fields:
                  action: { path: a }
                  as_of: { path: /d, date: iso }
                  lifecycle: { path: l, codes: canonical }
                  rating: { path: r, codes: canonical }
              - kind: nothing.reported
                each: /i
                when: { path: s, equals: [niets, nul] }
                fields: { action: { path: a }, as_of: { path: /d, date: iso } }
            """
        let schema = ConnectorSchema(try feed.connector()).payload
        func errors(_ item: String) throws -> [String] {
            let text = "{\"d\":\"2025-05-31\",\"i\":[\(item)]}"
            return SchemaValidator.errors(JSONTree(try JSONParser.document(of: Array(text.utf8)).root), schema)
        }
        #expect(try errors(#"{"s":"actie","a":"x","l":"LOOPT","r":"GROEN"}"#) == [])
        #expect(try errors(#"{"s":"nul","a":"x"}"#) == [])
        #expect(try !errors(#"{"s":"actie","a":"x"}"#).isEmpty)
        #expect(try !errors(#"{"s":"niets","a":"x","l":"LOOPT"}"#).isEmpty)
        #expect(try !errors(#"{"s":"anders","a":"x"}"#).isEmpty)
        #expect(try !errors(#"{"a":"x"}"#).isEmpty)
    }

    @Test("where conditions look at several paths, each record asks for its own fields, and one condition must hold")
    func choicesByPaths() throws {
        var feed = TestFeed()
        feed.records = """
              - kind: nothing.reported
                when: { path: /about, equals: niets }
                fields: { action: { path: /a }, as_of: { path: /d, date: iso } }
              - kind: progress.reported
                when: { path: /v, equals: ["1", "2"] }
                fields:
                  action: { path: /a }
                  as_of: { path: /d, date: iso }
                  lifecycle: { path: /l, codes: canonical }
                  rating: { path: /r, codes: canonical }
            """
        let schema = ConnectorSchema(try feed.connector()).payload
        func errors(_ text: String) throws -> [String] {
            SchemaValidator.errors(JSONTree(try JSONParser.document(of: Array(text.utf8)).root), schema)
        }
        #expect(try errors(#"{"v":"3","about":"niets","a":"x","d":"2025-05-31"}"#) == [])
        #expect(try errors(#"{"v":"2","a":"x","d":"2025-05-31","l":"LOOPT","r":"GROEN"}"#) == [])
        #expect(try !errors(#"{"v":"3","about":"niets","a":"x","d":"31-05-2025"}"#).isEmpty)
        #expect(try !errors(#"{"v":"1","a":"x","d":"2025-05-31","l":"LOOPT"}"#).isEmpty)
        #expect(try !errors(#"{"v":"3","a":"x","d":"2025-05-31"}"#).isEmpty)
        #expect(try !errors(#"{"v":"3","about":"iets","a":"x","d":"2025-05-31"}"#).isEmpty)
    }

    @Test("a message without a value is a message of its own, with its headers, key and examples")
    func asyncAPIOfTombstones() throws {
        let connector = try #require(SchemaTests.connectors.first { $0.feed.rawValue == "nidos/bijdrage" })
        let folder = "\(SchemaTests.directory)/\(connector.feed)"
        let messages = try #require(ConnectorAsyncAPI(connector, folder: folder, prefix: "stm").channel["messages"])
        let tombstone = try #require(messages["tombstone"])

        #expect(tombstone["payload"] == .members(["type": .string("null")]))
        #expect(
            tombstone["headers"]?["properties"]?["ce_type"]
                == .members(["const": .string("nl.mensenhandelplan.bijdragen.ingetrokken.v1")]))
        #expect(
            tombstone["headers"]?["required"]
                == .strings(["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_partitionkey", "ce_sequence"]))
        #expect(
            tombstone["bindings"]?["kafka"]?["key"]?["description"] == .string("The attribute partitionkey."))
        guard case .array(let examples)? = tombstone["examples"] else {
            Issue.record("no examples")
            return
        }
        #expect(!examples.isEmpty && examples.allSatisfy { $0["payload"] == .null })
    }

    @Test("the key of a message without a value is not described by a value that it has not")
    func asyncAPIKeyOfTombstones() throws {
        let connector = try #require(SchemaTests.connectors.first { $0.feed.rawValue == "fier/stand" })
        let messages = try #require(ConnectorAsyncAPI(connector, folder: "/nowhere", prefix: "stm").channel["messages"])
        func key(_ name: String) -> JSONTree? { messages[name]?["bindings"]?["kafka"]?["key"]?["description"] }

        #expect(key("message") == .string("The value of /k."))
        #expect(key("tombstone") == .string("The key of the messages that it follows, which is their /k."))
    }

    @Test("where the version is another attribute than the type, any type is a message's")
    func asyncAPIOfVersions() throws {
        var feed = TestFeed()
        feed.format = "{ envelope: cloudevents, mode: binary }"
        feed.extra = "version: { attribute: dataschema, accepted: [\"urn:x:1\", \"urn:x:2\"] }"
        let channel = ConnectorAsyncAPI(try feed.connector(), folder: "/nowhere", prefix: "stm").channel
        let messages = try #require(channel["messages"])
        let properties = try #require(messages["binary"]?["headers"]?["properties"])

        #expect(messages.members.map(\.name) == ["binary"])
        #expect(properties["ce_type"] == .members(["type": .string("string"), "minLength": .integer(1)]))
        #expect(properties["ce_dataschema"] == .members(["enum": .strings(["urn:x:1", "urn:x:2"])]))
    }

    @Test("each feed has a channel with messages, payloads and examples that are valid", arguments: connectors)
    func asyncAPI(_ connector: Connector) throws {
        let feed = ConnectorAsyncAPI(
            connector, folder: "\(SchemaTests.directory)/\(connector.feed)", prefix: "stm")
        #expect(feed.channel["address"] == .string("stm.\(connector.topic)"))
        #expect(feed.operation["channel"]?["$ref"] == .string("#/channels/\(feed.name)"))
        let messages = try #require(feed.channel["messages"]?.members)
        #expect(!messages.isEmpty)
        var shown = 0
        for message in messages {
            let payload = try #require(message.value["payload"])
            guard case .array(let examples)? = message.value["examples"] else { continue }
            for example in examples {
                shown += 1
                let value = try #require(example["payload"])
                #expect(SchemaValidator.errors(value, payload) == [])
                if let headers = message.value["headers"] {
                    #expect(SchemaValidator.errors(example["headers"] ?? .object([]), headers) == [])
                }
            }
        }
        let isOfTombstone = connector.parsed.records.contains(where: \.isOfTombstone)
        #expect(messages.contains { $0.name == "tombstone" } == isOfTombstone)
        // A table in another encoding than UTF-8 can't stand in JSON.
        let files = ExampleFile.all(in: "\(SchemaTests.directory)/\(connector.feed)").filter { !$0.isRejected }
        let isText = files.contains { $0.value.map { String(validating: $0, as: UTF8.self) != nil } ?? false }
        #expect(shown > 0 || !isText)
    }
}

extension Connector: CustomTestStringConvertible {
    public var testDescription: String { feed.rawValue }
}

extension String.UTF8View {
    /// How often a text's bytes stand in these.
    fileprivate func count(of text: String) -> Int {
        let (all, part) = (Array(self), Array(text.utf8))
        return all.indices.count { all[$0...].starts(with: part) }
    }
}
