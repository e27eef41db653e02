import Foundation
import ParapluModel
import Testing

@testable import ParapluConnectors

/// The reference page, and the lists that it, the reader and the matrix share.
@Suite struct ReferenceTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("Golden: docs/connectors.md lists every key and operator of a definition, each with what it means")
    func page() throws {
        let file = ReferenceTests.root.appendingPathComponent("docs/connectors.md")
        let text = ConnectorReference.page
        if ProcessInfo.processInfo.environment["PARAPLU_GOLDEN"] == "rewrite" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let kept = try String(contentsOf: file, encoding: .utf8)
        let difference = kept.split(separator: "\n").difference(from: text.split(separator: "\n"))
        let lines = difference.map { change in
            switch change {
            case .insert(_, let line, _): "- \(line)"
            case .remove(_, let line, _): "+ \(line)"
            }
        }
        #expect(lines == [], "make golden")
    }

    @Test("the page lists the keys that the reader knows, section by section")
    func keys() {
        let yaml = """
            nokey: 1
            format: { envelope: cloudevents, mode: both, nokey: 1 }
            owner: { nokey: 1 }
            version: { nokey: 1, accepted: [a], path: /v }
            authority: { nokey: 1 }
            records:
              - { nokey: 1, kind: nothing.reported, fields: {} }
            """
        let event = "format: { envelope: none }\nevent: { nokey: 1 }"
        var known: [String: Set<String>] = [:]
        let csv = "format: { kind: csv, nokey: 1 }"
        let xml = "format: { kind: xml, root: a, nokey: 1 }"
        for text in [yaml, event, csv, xml] {
            var reader = DefinitionReader(file: "x")
            _ = reader.definition(Array(text.utf8))
            for finding in reader.findings where finding.code == .unknownKey && finding.message.contains("“nokey”") {
                let section = finding.message.components(separatedBy: "is no key of ").last ?? ""
                known[section, default: []].formUnion(finding.hint.components(separatedBy: ", "))
            }
        }
        for (section, keys) in known {
            let listed = ConnectorKey.all.filter {
                $0.section == (section == "the connector" ? "" : section)
            }
            // Whether `attribute` is asked for depends on whether there is a path; its place is by the path.
            #expect(keys.subtracting(listed.map(\.name)) == [], "\(section)")
            #expect(Set(listed.map(\.name)).subtracting(keys).subtracting(["attribute"]) == [], "\(section)")
        }
        #expect(Set(known.keys) == ["the connector", "format", "owner", "version", "authority", "a record", "event"])
    }

    @Test("every operand and conversion that the reader takes is an operator of the list")
    func operators() {
        let names = Set(ConnectorOperator.allCases.map { $0.rawValue.prefix { $0 != ":" && $0 != "," } })
        for key in ConnectorOperator.operandKeys + ConnectorOperator.conversionKeys {
            #expect(names.contains(Substring(key)), "\(key)")
        }
        for form in DateForm.allCases { #expect(ConnectorOperator(form).rawValue == "date: \(form.rawValue)") }
        #expect(
            MomentForm.names.allSatisfy { name in
                ConnectorOperator.allCases.contains { $0.rawValue == "moment: \(name)" }
            })
        for entry in ConnectorOperator.allCases {
            for text in [entry.text.meaning, entry.text.example, entry.text.accepts, entry.text.refuses] {
                #expect(!text.isEmpty, "\(entry.rawValue)")
            }
        }
    }

    @Test("the example of each operator is one that the reader takes", arguments: ConnectorOperator.allCases)
    func examples(_ entry: ConnectorOperator) {
        let example = entry.text.example
        var yaml = TestFeed().yaml
        let lists =
            "code_lists: { kleur: { g: GROEN }, actie: { x: act-1-01 }, reden: { c: CAPACITEIT }, d: { \(entry == .codesDays ? example : "g: ROOD") } }"
        yaml = yaml.replacing("\nrecords:", with: "\n\(lists)\norganisations: { org-x: [X] }\nrecords:")
            .replacing("{ envelope: none }", with: "{ envelope: cloudevents, mode: both }")
            .replacing("\nkey: none", with: "\nversion: { attribute: type, accepted: [x] }\nkey: none")
        switch entry {
        case .each: yaml = yaml.replacing("    fields:", with: "    \(example)\n    fields:")
        case .recordWhen: yaml = yaml.replacing("    fields:", with: "    \(example)\n    fields:")
        case .tombstone: yaml = yaml.replacing("    fields:", with: "    \(example)\n    fields:")
        case .checks, .ignore: yaml += "\n" + example
        case .codesDays: break
        default:
            let name = String(example.prefix { $0 != ":" })
            if example.hasPrefix("- ") {
                yaml += "\nchecks:\n  " + example
            } else if let line = yaml.split(separator: "\n").first(where: { $0.contains("  \(name): {") }) {
                yaml = yaml.replacing(line, with: line.prefix { $0 == " " } + example)
            } else {
                yaml += "\n      \(example)"
            }
        }
        var reader = DefinitionReader(file: "example.yaml")
        let definition = reader.definition(Array(yaml.utf8))
        // Fields of other kinds are not this record's; everything else must be right.
        let findings = reader.findings.filter { !$0.message.contains("is no field of progress.reported") }
        #expect(findings.map(\.description) == [], "\(yaml)")
        if entry != .codesDays, let definition, findings.isEmpty, reader.findings.isEmpty {
            #expect(definition.records.count == 1)
        }
    }

    @Test("of the repository's feeds no two read the same paths, and each operator has two users")
    func ownMatrix() {
        let connectors = ConnectorCatalog.load(directory: ExamplesTests.directory).catalog.connectors
        #expect(connectors.count >= 24)
        #expect(ConnectorMatrix(connectors).problems == [])
    }

    @Test("two feeds that read the same paths are a problem, and so is an operator with one user")
    func matrix() throws {
        let matrix = ConnectorMatrix([try TestFeed().connector(), try TestFeed().connector()])
        #expect(matrix.problems.contains { $0.hasPrefix("test/feed and test/feed read the same") })
        #expect(matrix.problems.contains("operator join is used by no feed"))
        #expect(!matrix.problems.contains { $0.hasPrefix("operator path ") || $0.hasPrefix("format json") })
        let one = ConnectorMatrix([try TestFeed().connector()])
        #expect(one.problems.contains("operator path is used by test/feed alone"))
        #expect(one.usages[0].paths == ["/a", "/d", "/l", "/n", "/r", "/w"])
    }
}
