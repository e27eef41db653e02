import Foundation
import JSON
import ParapluTesting

/// What `asyncapi.yaml` says of the events that leave.
struct OutboundContract {
    private let document: JSONTree
    private let validator: SchemaValidator

    /// The repository's own, as the tool writes it in JSON.
    init(_ site: Site) async throws {
        let text = try await site.command([
            "connector", "schema", FeedExample.connectors.path, "--asyncapi", "--base",
            Site.root.appendingPathComponent("asyncapi.yaml").path,
        ])
        let limits = JSONLimits(bytesMax: 16 << 20, nodesMax: 1_000_000)
        document = JSONTree(try JSONParser.document(of: Array(text.utf8), limits: limits).root)
        validator = SchemaValidator(root: document)
    }

    /// What of the events on a site's topics is not as it is described: statuses, changes, cuts and receipts.
    func problems(of site: Site, receiptsFor partners: [String]) async throws -> [String] {
        var problems: [String] = []
        let topics = [
            ("status", "status", Site.partitions), ("changes", "changes", Site.partitions), ("cuts", "cuts", 1),
        ]
        for (topic, channel, partitions) in topics + partners.map({ ("receipts.\($0)", "receipts", 1) }) {
            let records = try await site.records(of: topic, partitions: partitions)
            // Of a publisher there may be nothing to say.
            if records.isEmpty, channel != "receipts" { problems.append("\(topic): nothing was sent") }
            problems += records.flatMap { record in
                self.problems(of: record, on: channel).map { "\(topic):\(record.partition):\(record.offset)\($0)" }
            }
        }
        return problems
    }

    /// What is wrong with one event, by the message of its channel that it comes nearest to.
    private func problems(of record: Site.Record, on channel: String) -> [String] {
        guard let root = try? JSONParser.document(of: record.value).root else { return [" is no JSON"] }
        let (payload, key) = (JSONTree(root), JSONTree.string(record.key))
        let headers = JSONTree.object(record.headers.map { .init($0.name, .string($0.value)) })
        let messages = document["channels"]?[channel]?["messages"]?.members ?? []
        let found = messages.map { resolved($0.value) }.map { message -> [String] in
            guard let schema = message["payload"], let described = message["headers"],
                let keySchema = message["bindings"].map(resolved)?["kafka"]?["key"]
            else { return [" has no description"] }
            return validator.errors(payload, schema) + validator.errors(headers, described, at: " header")
                + validator.errors(key, keySchema, at: " key")
        }
        return found.min { $0.count < $1.count } ?? [" is on a channel without messages"]
    }

    private func resolved(_ tree: JSONTree) -> JSONTree {
        guard case .string(let reference)? = tree["$ref"], let target = validator.target(reference) else { return tree }
        return target
    }
}
