import Foundation
package import ParapluConnectors
import ParapluModel

/// What is fuzzed: the ways in which a message comes.
package enum FuzzFormat: String, CaseIterable, Sendable {
    case json
    /// JSON in an envelope, structured and binary.
    case cloudevents
    case csv
    case xml
}

/// A feed with the messages from which others are made.
package struct FuzzFeed: Sendable {
    /// The feed by its connector's folder, or `fuzz/…` for one of our own.
    package let name: String
    /// What decodes the feed's messages.
    package let connector: Connector
    /// Good and bad examples; at least one.
    package let seeds: [StoredMessage]
    /// Words of the seeds: names that the feed knows, and some of its values.
    let words: [[UInt8]]

    init?(name: String, connector: Connector, seeds: [StoredMessage]) {
        guard !seeds.isEmpty else { return nil }
        self.name = name
        self.connector = connector
        self.seeds = seeds
        var words: Set<[UInt8]> = []
        for seed in seeds {
            let parts = (seed.value ?? []).split { byte in
                byte < 0x80 && !(byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) && !(byte >= 0x30 && byte <= 0x39)
                    && !"_-.@#".utf8.contains(byte)
            }
            for part in parts where part.count < 60 && words.count < 500 { words.insert(Array(part)) }
        }
        self.words = words.sorted { $0.lexicographicallyPrecedes($1) } + [[0x61]]
    }
}

/// The feeds of a folder of connectors, and a few of our own, by the format in which they send.
package struct FuzzCorpus: Sendable {
    private let feeds: [FuzzFormat: [FuzzFeed]]

    /// Reads the definitions and examples below a folder; nil where a definition has findings.
    package init?(connectors directory: String) {
        let (catalog, findings) = ConnectorCatalog.load(directory: directory)
        guard findings.isEmpty else { return nil }
        var feeds: [FuzzFormat: [FuzzFeed]] = [:]
        for connector in catalog.connectors {
            let folder = "\(directory)/\(connector.feed.rawValue)/examples"
            let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
            let inputs = names.filter { $0.contains(".input.") && !$0.hasSuffix(".null") }
            let seeds = inputs.compactMap { file -> StoredMessage? in
                guard let dot = file.range(of: ".input.") else { return nil }
                return StoredMessage(name: String(file[..<dot.lowerBound]), input: "\(folder)/\(file)", folder: folder)
            }
            let small = seeds.filter { $0.value?.count ?? 0 < 20_000 }
            guard let feed = FuzzFeed(name: connector.feed.rawValue, connector: connector, seeds: small) else {
                continue
            }
            feeds[FuzzCorpus.format(connector, inputs), default: []].append(feed)
        }
        for (format, feed) in FuzzFeed.own() { feeds[format, default: []].append(feed) }
        self.feeds = feeds
    }

    /// The feeds that send a format; at least one.
    package func feeds(_ format: FuzzFormat) -> [FuzzFeed] { feeds[format] ?? [] }

    private static func format(_ connector: Connector, _ inputs: [String]) -> FuzzFormat {
        if inputs.contains(where: { $0.hasSuffix(".csv") }) { return .csv }
        if inputs.contains(where: { $0.hasSuffix(".xml") }) { return .xml }
        return connector.envelope == .cloudEvents ? .cloudevents : .json
    }
}
