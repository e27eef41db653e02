import Foundation
import JSON
import Testing

@testable import ParapluConnectors

/// The connectors of the repository, with their examples.
@Suite struct ExamplesTests {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "connectors").path()

    @Test("every connector of the repository loads without a finding")
    func lint() {
        let findings = ConnectorLint.findings(in: ExamplesTests.directory)

        #expect(findings.map(\.description) == [])
    }

    @Test("what decides between two operators is held by a list of codes too, so that an unknown word decides nothing")
    func choices() {
        let connectors = ConnectorCatalog.load(directory: ExamplesTests.directory).catalog.connectors
        var count = 0
        for connector in connectors {
            for record in connector.parsed.records {
                let listed = (record.fields + record.checks).compactMap { field -> String? in
                    guard case .value(.path(let path), _, .codes) = field.expression.operand else { return nil }
                    return path.pointer
                }
                for decider in record.fields.flatMap({ ExamplesTests.deciders(of: $0.expression) }) {
                    count += 1
                    #expect(listed.contains(decider), "\(connector.feed): \(decider)")
                }
            }
        }
        #expect(count >= 6)
    }

    /// The paths whose values say which operator holds.
    private static func deciders(of expression: ConnectorDefinition.Expression) -> [String] {
        switch expression.operand {
        case .value, .constant, .join: return []
        case .firstOf(let choices): return choices.flatMap { deciders(of: $0) }
        case .when(let condition, let then, let otherwise):
            let deeper = deciders(of: then) + (otherwise.map { deciders(of: $0) } ?? [])
            guard case .path(let path, _) = condition else { return deeper }
            return [path.pointer] + deeper
        }
    }

    @Test("every example gives what stands beside it")
    func examples() throws {
        if ProcessInfo.processInfo.environment["PARAPLU_GOLDEN"] == "rewrite" {
            try Golden.rewrite(ExamplesTests.directory)
        }

        for feed in ConnectorExamples.run(ExamplesTests.directory) {
            #expect(feed.findings.map(\.description) == [])
            #expect(!feed.results.isEmpty)
            for result in feed.results {
                #expect(result.passes, "\(result.file)\n\(result.difference.joined(separator: "\n"))")
            }
        }
    }
}

/// Writes golden files from what is received; the difference is for a person to review.
enum Golden {
    static func rewrite(_ directory: String) throws {
        let manager = FileManager.default
        for case let path as String in manager.enumerator(atPath: directory) ?? .init() {
            guard let range = path.range(of: ".input."), path.contains("/examples/") else { continue }
            let folder = directory + "/" + (path as NSString).deletingLastPathComponent
            let name = String(path[..<range.lowerBound].split(separator: "/").last ?? "")
            let definition = try Data(contentsOf: URL(filePath: folder + "/../connector.yaml"))
            guard let connector = Connector.make(file: folder, bytes: Array(definition)).connector,
                let message = StoredMessage(name: name, input: directory + "/" + path, folder: folder)
            else { continue }
            let (isRejected, json) = ConnectorExamples.outcome(of: message, connector, MessageDecoder())
            let ending = isRejected ? ".rejected.json" : ".expected.json"
            guard manager.fileExists(atPath: "\(folder)/\(name)\(ending)") else { continue }
            try Data(ConnectorExamples.golden(json)).write(to: URL(filePath: "\(folder)/\(name)\(ending)"))
        }
    }
}
