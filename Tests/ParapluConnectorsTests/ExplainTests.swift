import Foundation
import JSON
import ParapluModel
import Testing

@testable import ParapluConnectors

/// What the second walk tells of messages, against what decoding makes of them.
@Suite struct ExplainTests {
    private static let directory = ExamplesTests.directory
    private static let connectors = ConnectorCatalog.load(directory: directory).catalog.connectors

    @Test(
        "an explanation of each example tells every violation, and nothing that decoding doesn't", arguments: connectors
    )
    func examples(_ connector: Connector) throws {
        for file in ExampleFile.all(in: "\(ExplainTests.directory)/\(connector.feed)") {
            let folder = (file.path as NSString).deletingLastPathComponent
            let message = try #require(StoredMessage(name: file.name, input: file.path, folder: folder))
            let explanation = message.explain(connector)

            var buffer = IntakeBuffer()
            let intake = message.decode(connector, MessageDecoder(), into: &buffer)
            #expect(explanation.code == intake.rejection?.code.rawValue, "\(file.path)")
            #expect(explanation.records.count == intake.records.count, "\(file.path)")
            let told = Set(explanation.steps.flatMap { $0.violations + $0.fields.flatMap(\.violations) })
            let noted = Set((intake.rejection?.violations ?? []).map(MessageDecoder.text))
            // Of twenty and more violations decoding keeps the first ones.
            #expect(told.isSuperset(of: noted), "\(file.path): \(noted.subtracting(told))")
            #expect(
                told.subtracting(noted) == [] || noted.count == Rejection.violationsMax,
                "\(file.path): \(told.subtracting(noted))")
        }
    }

    @Test("fields tell what they read, by which operator, and what came of it")
    func fields() throws {
        var feed = TestFeed()
        feed.extra = "code_lists: { k: { g: GROEN } }\nignore: [/x]"
        feed.records = """
              - kind: progress.reported
                fields:
                  action: { first_of: [{ path: /a }, { path: /b }] }
                  as_of: { path: /d, date: dd-mm-yyyy }
                  lifecycle: { when: { path: /a, equals: z, then: { constant: GESTOPT }, otherwise: { constant: LOOPT } } }
                  rating: { path: /r, codes: k }
            """
        let text = #"{"b":"act-1","d":"31-02-2025","r":"g","x":1,"y":{"z":2}}"#
        let explanation = StoredMessage(value: Array(text.utf8)).explain(try feed.connector())

        #expect(explanation.code == "unknown_field")
        let record = try #require(explanation.steps.first { $0.kind == .record })
        let fields = Dictionary(uniqueKeysWithValues: record.fields.map { ($0.name, $0) })
        let action = try #require(fields["action"])
        #expect(action.reads.map { "\($0.name)=\($0.value)" } == ["/a=absent", "/b=\"act-1\""])
        #expect(action.operation == "first_of: [path: /a; path: /b]")
        #expect(action.result == "act-1")
        #expect(fields["lifecycle"]?.result == "LOOPT")
        #expect(fields["rating"]?.result == "GROEN")
        #expect(fields["as_of"]?.result == nil)
        #expect(fields["as_of"]?.violations == ["invalid_date at /d, expected: dd-mm-yyyy"])
        let rest = explanation.steps.filter { $0.kind == .rest }.flatMap(\.facts)
        #expect(rest.contains { $0.name == "unknown" && $0.value == "/y" })
        #expect(rest.contains { $0.name == "ignored" && $0.value == "/x" })
    }

    @Test("what the privacy scan finds is masked wherever a value is told")
    func masks() throws {
        let number = "123456782"
        let text = """
            {"a":"\(number)","d":"2025-05-31","l":"LOOPT","r":"GROEN","n":\(number),"w":["\(number)"],"\(number)":"\(number)"}
            """
        let message = StoredMessage(
            value: Array(text.utf8), key: Array(number.utf8), headers: [(name: "x-\(number)", value: number)])
        let explanation = message.explain(try TestFeed().connector())

        #expect(explanation.code == "personal_data")
        var told = explanation.document.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        told += String(decoding: explanation.outcome, as: UTF8.self)
        for step in explanation.steps {
            told += step.title + step.facts.map { $0.name + $0.value }.joined() + step.violations.joined()
            for field in step.fields {
                told += field.name + field.operation + (field.result ?? "")
                told += field.reads.map { $0.name + $0.value }.joined() + field.violations.joined()
            }
        }
        #expect(!told.contains(number), "\(told)")
        #expect(told.contains("▒▒▒"))
    }
}
