import Foundation

/// The examples of the feeds in `connectors/`: messages as partners send them, and what must become of each.
struct FeedExample: Sendable {
    let feed: String
    let name: String
    let value: [UInt8]?
    let key: [UInt8]?
    let headers: [(String, [UInt8]?)]
    /// The code with which it is refused; nil where it is taken.
    let code: String?

    /// A feed: its name, its topic without prefix, its owner's name in topics, and which messages get a receipt.
    struct Feed: Sendable {
        let name: String
        let topic: String
        let partner: String
        let hasReceiptsForAll: Bool
        let examples: [FeedExample]
    }

    static let connectors = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("connectors")

    /// All feeds, by name.
    static func feeds() throws -> [Feed] {
        let files = FileManager.default
        return try files.contentsOfDirectory(atPath: connectors.path).sorted().flatMap { partner in
            let folder = connectors.appendingPathComponent(partner)
            return try files.contentsOfDirectory(atPath: folder.path).sorted().compactMap { feed -> Feed? in
                let definition = folder.appendingPathComponent(feed).appendingPathComponent("connector.yaml")
                guard let text = try? String(contentsOf: definition, encoding: .utf8),
                    let line = text.split(separator: "\n").first(where: { $0.hasPrefix("topic: ") })
                else { return nil }
                let name = "\(partner)/\(feed)"
                return Feed(
                    name: name, topic: String(line.dropFirst(7)), partner: partner,
                    hasReceiptsForAll: text.contains("\nreceipts: all\n"),
                    examples: try examples(of: name, in: folder.appendingPathComponent(feed).path + "/examples"))
            }
        }
    }

    private static func examples(of feed: String, in folder: String) throws -> [FeedExample] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        return try names.compactMap { file -> FeedExample? in
            guard let range = file.range(of: ".input.") else { return nil }
            let name = String(file[..<range.lowerBound])
            func bytes(_ ending: String) -> [UInt8]? {
                FileManager.default.contents(atPath: "\(folder)/\(name)\(ending)").map { Array($0) }
            }
            let headers = try bytes(".headers.json").map { bytes in
                (try JSONSerialization.jsonObject(with: Data(bytes)) as? [[Any]] ?? []).map { pair in
                    (pair[0] as? String ?? "", (pair[1] as? String).map { Array($0.utf8) })
                }
            }
            let rejected = try bytes(".rejected.json").map { bytes in
                (try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])?["code"] as? String ?? ""
            }
            return FeedExample(
                feed: feed, name: name, value: file.hasSuffix(".null") ? nil : bytes(String(file[range.lowerBound...])),
                key: bytes(".key"), headers: headers ?? [], code: rejected)
        }
    }

    /// What of it no log, table or topic may hold: the patterns of personal data in an example that is refused for them.
    var secrets: Set<String> {
        guard code == "personal_data" else { return [] }
        let parts = [value ?? [], key ?? []] + headers.map { $0.1 ?? [] }
        let patterns = [
            #"(?<![0-9])[0-9]{9}(?![0-9])"#, #"[^\s":<]+@[a-z.]+"#, #"NL[0-9]{2}[A-Z]{4}[0-9]{10}"#, #"06-[0-9]{8}"#,
        ]
        return Set(
            parts.flatMap { part in
                let text = String(decoding: part, as: UTF8.self)
                return patterns.flatMap { pattern -> [String] in
                    var found: [String] = []
                    var rest = text[...]
                    while let range = rest.range(of: pattern, options: .regularExpression) {
                        found.append(String(rest[range]))
                        rest = rest[range.upperBound...]
                    }
                    return found
                }
            })
    }
}
