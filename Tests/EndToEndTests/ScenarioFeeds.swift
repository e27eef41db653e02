import Foundation
import ParapluTesting

/// A feed in the canonical form for each organisation that speaks in the scenario: BZ's connector under other names.
final class ScenarioFeeds: Sendable {
    let directory: String
    private let oins: [String: String]

    init(for scenario: Scenario) throws {
        let root = try JSONSerialization.jsonObject(with: Data(contentsOf: Site.plan)) as? [String: Any]
        var oins: [String: String] = [:]
        for organisation in root?["organisations"] as? [[String: Any]] ?? [] {
            let identifiers = organisation["identifiers"] as? [String: Any]
            guard let id = organisation["id"] as? String,
                let oin = (identifiers?["test_oin"] as? [String: Any])?["value"] as? String
            else { continue }
            oins[id] = oin
        }
        self.oins = oins
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("paraplu-feeds-\(UUID())").path
        let pattern = try String(
            contentsOf: FeedExample.connectors.appendingPathComponent("bz/canoniek/connector.yaml"), encoding: .utf8)
        for reporter in Set(scenario.messages.map(\.reporter)) {
            let partner = Self.partner(reporter)
            let folder = "\(directory)/\(partner)/scenario"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            var lines = pattern.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            lines.removeAll { $0.hasPrefix("  tooi:") }
            let text = lines.joined(separator: "\n").replacing("bz/canoniek", with: "\(partner)/scenario")
                .replacing("org-bz", with: reporter).replacing("00000099000000104000", with: oins[reporter] ?? "")
                .replacing("bz-canoniek", with: "\(partner)-scenario")
                .replacing("in.bz.canoniek.v1", with: Self.topic(reporter))
            try text.write(toFile: "\(folder)/connector.yaml", atomically: true, encoding: .utf8)
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    /// A message of the script as its organisation publishes it.
    func record(_ message: Scenario.Message) -> (topic: String, key: String, value: [UInt8]?) {
        (Self.topic(message.reporter), message.action, Array(message.event(oin: oins[message.reporter] ?? "").utf8))
    }

    private static func partner(_ organisation: String) -> String { organisation.replacing("org-", with: "") }
    private static func topic(_ organisation: String) -> String { "in.\(partner(organisation)).scenario.v1" }
}
