import Foundation
import ParapluTesting

/// Feeds in the canonical form for each organisation that speaks in the scenario, one for reports and one for figures: the
/// connectors of two of them under other names.
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
        let connectors = FeedExample.connectors
        let reports = try String(
            contentsOf: connectors.appendingPathComponent("bz/canoniek/connector.yaml"), encoding: .utf8)
        let figures = try String(
            contentsOf: connectors.appendingPathComponent("comensha/cijfers/connector.yaml"), encoding: .utf8)
        for reporter in Set(scenario.messages.filter { !$0.isFigure }.map(\.reporter)) {
            try write(reports, of: "bz", "canoniek", oin: "00000099000000104000", as: reporter, "scenario")
        }
        for reporter in Set(scenario.messages.filter(\.isFigure).map(\.reporter)) {
            try write(figures, of: "comensha", "cijfers", oin: "00000099000000114000", as: reporter, "figures")
        }
    }

    /// Writes another organisation's connector as if it were this one's.
    private func write(
        _ text: String, of partner: String, _ feed: String, oin: String, as reporter: String, _ name: String
    ) throws {
        let ours = Self.partner(reporter)
        let folder = "\(directory)/\(ours)/\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines.removeAll { $0.hasPrefix("  tooi:") }
        let connector = lines.joined(separator: "\n").replacing("\(partner)/\(feed)", with: "\(ours)/\(name)")
            .replacing("org-\(partner)", with: reporter).replacing(oin, with: oins[reporter] ?? "")
            .replacing("\(partner)-\(feed)", with: "\(ours)-\(name)")
            .replacing("in.\(partner).\(feed).v1", with: "in.\(ours).\(name).v1")
        try connector.write(toFile: "\(folder)/connector.yaml", atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    /// A message of the script as its organisation publishes it.
    func record(_ message: Scenario.Message) -> (topic: String, key: String, value: [UInt8]?) {
        (Self.topic(message), message.subject, Array(message.event(oin: oins[message.reporter] ?? "").utf8))
    }

    /// Whose feeds there are, as topics name them.
    func partners() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory).sorted() }

    private static func partner(_ organisation: String) -> String { organisation.replacing("org-", with: "") }
    private static func topic(_ message: Scenario.Message) -> String {
        "in.\(partner(message.reporter)).\(message.isFigure ? "figures" : "scenario").v1"
    }
}
