import Foundation
import JSON
import ParapluConnectors
import ParapluModel
import ParapluTesting
import Testing

@testable import ParapluCommand

/// The tools of whoever writes a connector, as built.
@Suite struct ConnectorToolTests {
    // MARK: new

    @Test("a new feed of each form passes lint and test as it is", arguments: Scaffold.Form.allCases)
    func scaffold(_ form: Scaffold.Form) async throws {
        try await Workplace.with { place in
            let made = try await place.paraplu("connector", "new", "rvig/voortgang", "--format", form.rawValue)
            #expect(made.code == 0, "\(made.log)")

            let lint = try await place.paraplu("connector", "lint", "connectors")
            #expect(lint.code == 0, "\(lint.output)\(lint.log)")
            let test = try await place.paraplu("connector", "test", "connectors")
            #expect(test.code == 0, "\(test.output)\(test.log)")

            let folder = place.path("connectors/rvig/voortgang")
            #expect(ConnectorExamples.counts(in: folder) == (5, 5))
            for example in Scaffold.examples {
                let ending = example.code == nil ? "expected" : "rejected"
                let file = "\(folder)/examples/\(example.name).\(ending).json"
                let text = try String(contentsOfFile: file, encoding: .utf8)
                if let code = example.code { #expect(text.contains("\"code\" : \"\(code.rawValue)\""), "\(file)") }
            }
            let readme = try String(contentsOfFile: folder + "/README.md", encoding: .utf8)
            #expect(readme.contains("**Invented**"))
        }
    }

    @Test("a new feed has the owner that was asked for, and no folder is overwritten")
    func scaffoldOptions() async throws {
        try await Workplace.with { place in
            let made = try await place.paraplu(
                "connector", "new", "rvig/stand", "--dir", "elders", "--owner", "org-jenv", "--oin",
                "00000099000000101000", "--principal", "User:CN=x")
            #expect(made.code == 0)
            let list = try await place.paraplu("connector", "list", "elders", "--output", "json")
            let feed = try #require(try list.json()["connectors"]?.first)
            #expect(feed["feed"]?.string == "rvig/stand")
            #expect(feed["owner"]?["organisation"]?.string == "org-jenv")
            #expect(feed["owner"]?["oin"]?.string == "00000099000000101000")
            #expect(feed["owner"]?["principal"]?.string == "User:CN=x")

            let again = try await place.paraplu("connector", "new", "elders/rvig/stand")
            #expect(again.code == 2)
            #expect(again.log.contains("already"))
            for wrong in ["rvig", "Rvig/stand", "rvig/stand.v1", "../stand"] {
                #expect(try await place.paraplu("connector", "new", wrong).code == 2, "\(wrong)")
            }
        }
    }

    // MARK: list

    @Test("the list names every feed of the repository with what its definition says")
    func list() async throws {
        try await Workplace.with { place in
            let list = try await place.paraplu("connector", "list", Workplace.root + "/connectors")
            #expect(list.code == 0)
            let row = try #require(list.output.split(separator: "\n").first { $0.hasPrefix("szw/actieplan") })
            for text in ["org-szw", "in.szw.actieplan.v1", "cloudevents binary", "progress.reported"] {
                #expect(row.contains(text))
            }
            let catalog = ConnectorCatalog.load(directory: Workplace.root + "/connectors").catalog
            #expect(list.output.split(separator: "\n").count == catalog.connectors.count + 1)
        }
    }

    // MARK: lint

    @Test("lint compares organisations with those of a plan document")
    func plan() async throws {
        try await Workplace.with { place in
            let plan = Workplace.root + "/deploy/reference-plan.json"
            let own = try await place.paraplu("connector", "lint", Workplace.root + "/connectors", "--plan", plan)
            #expect(own.code == 0, "\(own.output)\(own.log)")

            _ = try await place.paraplu("connector", "new", "rvig/voortgang", "--owner", "org-nergens")
            let other = try await place.paraplu("connector", "lint", "connectors", "--plan", plan)
            #expect(other.code == 1)
            #expect(other.output.contains("the plan has no organisation org-nergens"))
            #expect(try await place.paraplu("connector", "lint", "connectors", "--plan", "niets.json").code == 2)
        }
    }

    @Test("findings in SARIF have rules, places and hints")
    func sarif() async throws {
        try await Workplace.with { place in
            _ = try await place.paraplu("connector", "new", "rvig/voortgang")
            try place.replace("key: none", by: "kee: none", in: "connectors/rvig/voortgang/connector.yaml")
            let lint = try await place.paraplu("connector", "lint", "connectors", "--output", "sarif")
            #expect(lint.code == 1)

            let root = try lint.json()
            #expect(root["version"]?.string == "2.1.0")
            #expect(root["$schema"]?.string?.contains("sarif-schema-2.1.0") == true)
            let run = try #require(root["runs"]?.first)
            #expect(run["columnKind"]?.string == "unicodeCodePoints")
            let driver = try #require(run["tool"]?["driver"])
            #expect(driver["name"]?.string == "paraplu")
            let rules = Array(try #require(driver["rules"]).elements)
            #expect(rules.map { $0["id"]?.string } == FindingCode.allCases.map(\.rawValue))
            for rule in rules {
                #expect(rule["shortDescription"]?["text"]?.string?.isEmpty == false)
                #expect(rule["help"]?["text"]?.string?.isEmpty == false)
            }
            let results = Array(try #require(run["results"]).elements)
            #expect(results.count == 2)
            for result in results {
                let index = try #require(result["ruleIndex"]?.int64)
                #expect(rules[Int(index)]["id"]?.string == result["ruleId"]?.string)
                #expect(result["level"]?.string == "error")
            }
            let unknown = try #require(results.first { $0["ruleId"]?.string == "unknown_key" })
            #expect(unknown["message"]?["text"]?.string?.contains("Hint: ") == true)
            let location = try #require(unknown["locations"]?.first?["physicalLocation"])
            #expect(location["artifactLocation"]?["uri"]?.string == "connectors/rvig/voortgang/connector.yaml")
            let definition = try String(
                contentsOfFile: place.path("connectors/rvig/voortgang/connector.yaml"), encoding: .utf8)
            let line = definition.split(separator: "\n", omittingEmptySubsequences: false)
                .firstIndex { $0.hasPrefix("kee:") }
            #expect(location["region"]?["startLine"]?.int64 == line.map { Int64($0 + 1) })
            #expect(location["region"]?["startColumn"]?.int64 == 1)
        }
    }

    @Test("a path becomes a URI reference")
    func uri() {
        #expect(SARIF.uri("connectors/a/b.yaml") == "connectors/a/b.yaml")
        #expect(SARIF.uri("/srv/één map/b.yaml") == "file:///srv/%C3%A9%C3%A9n%20map/b.yaml")
    }

    @Test("on a terminal a finding is shown with its line and a mark below its column")
    func caret() {
        let finding = Finding(
            file: "c.yaml", line: 2, column: 3, code: .unknownKey, message: "no such key", hint: "a, b")
        let text = FindingText.text(of: finding, source: ["a: 1", "b:\u{1B}x"], usesColor: false)

        #expect(text == "c.yaml:2:3: unknown_key: no such key\n 2 | b: x\n   |   ^\n   = a, b\n")
        #expect(FindingText.text(of: finding, source: nil, usesColor: false) == "\(finding)\n")
        #expect(FindingText.text(of: finding, source: ["a: 1"], usesColor: false) == "\(finding)\n")
    }

    // MARK: test

    @Test("a difference shows each value, and --accept writes down what was received")
    func accept() async throws {
        try await Workplace.with { place in
            _ = try await place.paraplu("connector", "new", "rvig/voortgang")
            let folder = "connectors/rvig/voortgang"
            try place.replace("groen: GROEN", by: "groen: GRIJS", in: folder + "/connector.yaml")
            try place.replace("bijna klaar", by: "loopt", in: folder + "/examples/onbekende-stand.input.json")

            let test = try await place.paraplu("connector", "test", folder)
            #expect(test.code == 1)
            #expect(test.output.contains("/records/0/rating  - \"GROEN\"\n                     + \"GRIJS\"\n"))
            #expect(test.output.contains("onbekende-stand: is to be refused, and is taken"))
            #expect(test.output.contains("if that is right: paraplu connector test --accept \(folder)"))
            #expect(!test.output.contains("\u{1B}"))

            let accepted = try await place.paraplu("connector", "test", "--accept", folder)
            #expect(accepted.code == 0)
            #expect(accepted.output.contains("wrote \(folder)/examples/loopt.expected.json"))
            #expect(accepted.output.contains("removed \(folder)/examples/onbekende-stand.rejected.json"))
            #expect(accepted.output.contains("wrote \(folder)/examples/onbekende-stand.expected.json"))
            let again = try await place.paraplu("connector", "test", "--accept", folder)
            #expect(again.code == 0)
            #expect(!again.output.contains("wrote"))
        }
    }

    // MARK: watch

    @Test("with --watch a change is checked again, until an interrupt")
    func watch() async throws {
        try await Workplace.with { place in
            let folder = "connectors/rvig/voortgang"
            _ = try await place.paraplu("connector", "new", "rvig/voortgang")
            let program = TestProgram.directory.appendingPathComponent("paraplu").path
            let watching = try TestProgram(
                "/usr/bin/env", ["-C", place.directory, program, "connector", "lint", "connectors", "--watch"],
                outputPath: place.path("out"), logPath: place.path("log"))
            func runs() -> Int { watching.log.components(separatedBy: "waiting for changes").count - 1 }

            _ = try await eventually("a first run") { runs() == 1 ? true : nil }
            try place.replace("key: none", by: "kee: none", in: folder + "/connector.yaml")
            _ = try await eventually("a run after the change") { runs() == 2 ? true : nil }
            #expect(watching.log.contains("1 connectors, 0 findings"))
            #expect(try String(contentsOfFile: place.path("out"), encoding: .utf8).contains("unknown_key"))
            try FileManager.default.createDirectory(
                atPath: place.path("connectors/rvig/nieuw"), withIntermediateDirectories: false)
            _ = try await eventually("a run after a new folder") { runs() == 3 ? true : nil }
            try Data("x".utf8).write(to: URL(fileURLWithPath: place.path("connectors/rvig/nieuw/README.md")))
            _ = try await eventually("a run after a file in it") { runs() == 4 ? true : nil }

            watching.signal(SIGINT)
            // What a shell shows as 130.
            #expect(try await watching.wait() == .signalled(SIGINT))
        }
    }
}
