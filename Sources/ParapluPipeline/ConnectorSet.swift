import Digest
import Kafka
package import ParapluConnectors
package import ParapluModel
package import ParapluStore

/// The connectors in force, by topic, each with what the store and the decoder need of it.
package struct ConnectorSet: Sendable {
    /// One connector in force, as the decoder and as the store have it.
    package struct Item: Sendable {
        /// The compiled definition, which decodes the feed's messages.
        package let connector: Connector
        /// What the store needs to know of it.
        package let active: ActiveConnector
    }

    /// The activation that put them in force.
    package let commit: Int64
    /// The connectors, in order of their feeds.
    package let items: [Item]
    /// The full topic names, in order.
    package let topics: [String]
    private let byTopic: [String: Int]

    /// Why stored definitions can't be used: they are of an operator set that this program doesn't have.
    package struct Unusable: Error, Hashable, Sendable {
        /// The feeds whose definitions can't be used, as `<partner>/<feed>`, in order.
        package let feeds: [String]
    }

    /// Compiles the definitions in force, as the store keeps them.
    package init(_ stored: ConnectorStore.Active, prefix: String) throws(Unusable) {
        var items: [Item] = []
        var failed: [String] = []
        for (number, definition) in stored.definitions.sorted(by: { $0.value.feed < $1.value.feed }) {
            let made = Connector.make(file: definition.feed.rawValue, bytes: Array(definition.text.utf8))
            guard let connector = made.connector, connector.version == definition.digest else {
                failed.append(definition.feed.rawValue)
                continue
            }
            items.append(
                Item(
                    connector: connector,
                    active: ActiveConnector(
                        number: number, digest: connector.version, feed: connector.feed, owner: connector.owner,
                        partner: String(connector.feed.rawValue.prefix { $0 != "/" }),
                        retentionMonths: Int16(connector.retentionMonths), receiptsForAll: connector.receipts == .all)))
        }
        guard failed.isEmpty else { throw Unusable(feeds: failed) }
        commit = stored.commit
        self.items = items
        topics = items.map { "\(prefix).\($0.connector.topic)" }
        byTopic = Dictionary(
            zip(topics, items.indices).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
    }

    /// The place of the topic's connector in `items`, or nil.
    package func index(ofTopic topic: String) -> Int? { byTopic[topic] }

    /// The feed of a topic.
    package func feed(ofTopic topic: String) -> FeedID? { byTopic[topic].map { items[$0].connector.feed } }

    /// What a connector tells of the store's tables.
    package static func definition(of connector: Connector) -> ConnectorStore.Definition {
        ConnectorStore.Definition(
            feed: connector.feed, digest: connector.version, owner: connector.owner, topic: connector.topic,
            purpose: connector.purpose, legalBasis: connector.legalBasis,
            retentionMonths: Int16(connector.retentionMonths),
            text: String(decoding: connector.definition, as: UTF8.self))
    }
}
