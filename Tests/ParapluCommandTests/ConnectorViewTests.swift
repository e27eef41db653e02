import Foundation
import JSON
import ParapluConnectors
import Testing

@testable import ParapluCommand

/// What `paraplu` shows of a connector: explanations, schemas, the matrix.
@Suite struct ConnectorViewTests {
    private static let connectors = Workplace.root + "/connectors"

    @Test("an explanation of an example takes its headers and key from the files beside it")
    func explain() async throws {
        try await Workplace.with { place in
            let folder = ConnectorViewTests.connectors + "/jenv/voortgang"
            let good = try await place.paraplu(
                "connector", "explain", folder, folder + "/examples/aandacht-met-oorzaken.input.json")
            #expect(good.code == 0, "\(good.output)\(good.log)")
            for text in ["structured mode", "progress.reported of the document", "taken: 1 records", "identity "] {
                #expect(good.output.contains(text), "\(text)")
            }
            let bad = try await place.paraplu(
                "connector", "explain", folder + "/connector.yaml", folder + "/examples/bsn-in-toelichting.input.json",
                "--output", "json")
            #expect(bad.code == 1)
            #expect(try bad.json()["refused"]?.string == "personal_data")
            #expect(bad.output.contains("▒▒▒"))
        }
    }

    @Test("an explanation takes headers and key from the command line, and the message from a file of any name")
    func explainGiven() async throws {
        try await Workplace.with { place in
            _ = try await place.paraplu("connector", "new", "rvig/ce", "--format", "cloudevents")
            let folder = "connectors/rvig/ce"
            try FileManager.default.copyItem(
                atPath: place.path(folder + "/examples/loopt.input.json"), toPath: place.path("message"))
            let bare = try await place.paraplu("connector", "explain", folder, "message")
            #expect(bare.code == 1)
            #expect(bare.output.contains("✗ envelope at header/content-type"))
            let given = try await place.paraplu(
                "connector", "explain", folder, "message", "--key", "act-1-01", "--headers",
                folder + "/examples/loopt.headers.json")
            #expect(given.code == 0, "\(given.output)\(given.log)")
            #expect(given.output.contains("act-1-01"))
            let missing = try await place.paraplu("connector", "explain", folder, "message", "--headers", "message")
            #expect(missing.code == 2)
        }
    }

    @Test("schemas are written one per feed, and the AsyncAPI document has every topic")
    func schemas() async throws {
        try await Workplace.with { place in
            let written = try await place.paraplu(
                "connector", "schema", ConnectorViewTests.connectors, "--output-dir", "schemas")
            #expect(written.code == 0, "\(written.log)")
            let catalog = ConnectorCatalog.load(directory: ConnectorViewTests.connectors).catalog
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: place.path("schemas")).count
                    == catalog.connectors.count)

            let run = try await place.paraplu(
                "connector", "schema", ConnectorViewTests.connectors, "--asyncapi", "--base",
                Workplace.root + "/asyncapi.yaml")
            #expect(run.code == 0, "\(run.log)")
            let root = try run.json()
            #expect(root["asyncapi"]?.string == "3.0.0")
            let addresses = try #require(root["channels"]).members.compactMap { $0.value["address"]?.string }
            for connector in catalog.connectors { #expect(addresses.contains("stm.\(connector.topic)")) }
            for topic in ["status", "changes", "cuts"] { #expect(addresses.contains("stm.out.\(topic).v1")) }
            #expect(try #require(root["operations"]).count == addresses.count)
            #expect(ConnectorViewTests.danglingReferences(JSONTree(root)) == [])
        }
    }

    @Test("Golden: docs/schemas holds the schema of every feed, and asyncapi.yaml has a channel for each")
    func keptSchemas() async throws {
        let kept = URL(fileURLWithPath: Workplace.root + "/docs/schemas")
        try await Workplace.with { place in
            let written = try await place.paraplu(
                "connector", "schema", ConnectorViewTests.connectors, "--output-dir", "schemas")
            #expect(written.code == 0, "\(written.log)")
            let made = URL(fileURLWithPath: place.path("schemas"))
            let names = try FileManager.default.contentsOfDirectory(atPath: made.path).sorted()
            if ProcessInfo.processInfo.environment["PARAPLU_GOLDEN"] == "rewrite" {
                try FileManager.default.removeItem(at: kept)
                try FileManager.default.copyItem(at: made, to: kept)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: kept.path).sorted() == names)
            for name in names {
                let isSame =
                    try Data(contentsOf: made.appendingPathComponent(name))
                    == Data(contentsOf: kept.appendingPathComponent(name))
                #expect(isSame, "\(name) differs: make golden")
            }
        }
        let document = try String(contentsOfFile: Workplace.root + "/asyncapi.yaml", encoding: .utf8)
        for connector in ConnectorCatalog.load(directory: ConnectorViewTests.connectors).catalog.connectors {
            #expect(document.contains("    address: stm.\(connector.topic)\n"))
        }
    }

    /// The references of a document that lead nowhere.
    private static func danglingReferences(_ root: JSONTree) -> [String] {
        func references(_ tree: JSONTree) -> [String] {
            switch tree {
            case .object(let members):
                members.flatMap { member -> [String] in
                    if member.name == "$ref", case .string(let text) = member.value { return [text] }
                    return references(member.value)
                }
            case .array(let elements): elements.flatMap(references)
            case .string, .integer, .bool, .null, .number: []
            }
        }
        return references(root).filter { reference in
            var tree: JSONTree? = root
            for part in reference.split(separator: "/").dropFirst() { tree = tree?[String(part)] }
            return tree == nil
        }
    }

    @Test("the matrix names what has too few users, and fails for it")
    func matrix() async throws {
        try await Workplace.with { place in
            _ = try await place.paraplu("connector", "new", "a/een")
            _ = try await place.paraplu("connector", "new", "b/twee")
            let run = try await place.paraplu("connector", "matrix", "connectors", "--output", "json")
            #expect(run.code == 1)
            let problems = try #require(run.json()["problems"]).elements.compactMap(\.string)
            #expect(problems.contains { $0.hasPrefix("a/een and b/twee read the same") })
            #expect(problems.contains("operator join is used by no feed"))
            #expect(!problems.contains { $0.hasPrefix("operator path ") })
        }
    }
}
