import Foundation
import ParapluConfiguration
import Testing

/// `deploy/paraplu.yaml`, from here.
private let examplePath = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("deploy/paraplu.yaml").path

// In order, so that the example is rewritten before it is read.
@Suite("The commented example", .serialized)
struct ExampleGoldenTests {
    @Test("it says what the table of keys says")
    func example() throws {
        if ProcessInfo.processInfo.environment["PARAPLU_GOLDEN"] == "rewrite" {
            try ConfigurationReference.example.write(toFile: examplePath, atomically: true, encoding: .utf8)
        }

        let written = try String(contentsOfFile: examplePath, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let expected = ConfigurationReference.example.split(separator: "\n", omittingEmptySubsequences: false)

        let difference = expected.difference(from: written)
        #expect(difference.isEmpty, "run make golden: \(difference)")
    }

    @Test("it documents every key with its default, range, unit and variable", arguments: SettingKey.allCases)
    func documented(key: SettingKey) throws {
        let text = try String(contentsOfFile: examplePath, encoding: .utf8)
        let indent = key.section == nil ? "" : "  "
        let sign = key.definition.isRequired ? "" : "#"

        let lines = text.split(separator: "\n").map(String.init)
        let line = try #require(
            zip(lines, lines.dropFirst()).first { $0.0 == "\(indent)# \(key.variable)" }?.1)

        #expect(line.hasPrefix("\(indent)\(sign)\(key.name): "))
        if let standard = key.definition.standard { #expect(line.hasSuffix(": \(standard)")) }
        #expect(text.contains("# Takes \(key.definition.range). "))
    }

    @Test("it loads, and gives the defaults")
    func loads() throws {
        try withScratch { scratch in
            _ = try scratch.file("privacy.hash_key", [UInt8](0..<32), mode: 0o400)

            let configuration = try ServiceConfiguration.load(
                path: examplePath, environment: ["CREDENTIALS_DIRECTORY": scratch.path])

            #expect(configuration.topicPrefix == "stm")
            #expect(configuration.batch.messagesMax == 5_000)
            #expect(configuration.privacyHashKey.exposedBytes.count == 32)
        }
    }

    @Test("uncommented in full, every line is a key that is known")
    func uncommented() throws {
        try withScratch { scratch in
            let text = ConfigurationReference.example.split(separator: "\n").map { line in
                line.contains("# ") ? "" : String(line).replacing("#", with: "", maxReplacements: 1)
            }.joined(separator: "\n")

            let problems = try scratch.problems(text)

            // Only the files of the samples are not there.
            #expect(Set(problems.map(\.code)).isSubset(of: [.unreadableFile]))
        }
    }

    @Test("the listing names every key")
    func listing() {
        let listing = ConfigurationReference.listing

        for key in SettingKey.allCases { #expect(listing.contains("\(key.rawValue)  (\(key.definition.range)")) }
    }

    @Test("every default is a value that its key takes", arguments: SettingKey.allCases)
    func defaults(key: SettingKey) throws {
        guard let standard = key.definition.standard else { return }
        switch key.definition.kind {
        case .integer(let range, _): #expect(range.contains(try #require(Int(standard))))
        case .flag: #expect(["true", "false"].contains(standard))
        case .choice(let words): #expect(words.contains(standard))
        case .path: #expect(standard.hasPrefix("/"))
        case .text(let bytesMax, _): #expect(standard.utf8.count <= bytesMax)
        case .secretFile, .map: Issue.record("no default for secrets and maps")
        }
    }
}
