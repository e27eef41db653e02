package import Digest
package import ParapluModel
package import Postgres

/// Keeps every definition that was ever in force, and says which are; switching is an entry of the office stream.
package enum ConnectorStore {
    /// A definition as the store keeps it.
    package struct Definition: Hashable, Sendable {
        /// The feed that it reads: `<partner>/<feed>`.
        package var feed: FeedID
        /// The digest that tells this version of the definition from every other.
        package var digest: SHA256Digest
        /// The organisation whose feed it is.
        package var owner: OrganisationID
        /// The topic without prefix: `in.<partner>.<feed>.v1`.
        package var topic: String
        /// Why the data are processed (doelbinding).
        package var purpose: String
        /// On what legal basis they are processed (grondslag).
        package var legalBasis: String
        /// How many months the messages' bytes are kept, at least 1.
        package var retentionMonths: Int16
        /// The definition as it was written.
        package var text: String

        package init(
            feed: FeedID, digest: SHA256Digest, owner: OrganisationID, topic: String, purpose: String,
            legalBasis: String, retentionMonths: Int16, text: String
        ) {
            self.feed = feed
            self.digest = digest
            self.owner = owner
            self.topic = topic
            self.purpose = purpose
            self.legalBasis = legalBasis
            self.retentionMonths = retentionMonths
            self.text = text
        }
    }

    /// The definitions in force.
    package struct Active: Hashable, Sendable {
        /// The commit that activated them; 0 where none ever were.
        package let commit: Int64
        /// Each with its number.
        package let definitions: [Int32: Definition]
    }

    private static let read = Statement(
        """
        SELECT a.commit, v.connector_version, v.feed, v.digest, v.owner, v.topic, v.purpose, v.legal_basis,
            v.retention_months, v.definition
        FROM operations.activation AS a
        JOIN operations.connector_version AS v ON v.connector_version = ANY(a.connector_versions)
        WHERE a.commit = (SELECT max(commit) FROM operations.activation)
        ORDER BY v.feed
        """, name: "active_connectors")
    private static let currentDigest = Statement(
        "SELECT digest FROM operations.activation ORDER BY commit DESC LIMIT 1", name: "activation_digest")
    private static let insert = Statement(
        """
        INSERT INTO operations.connector_version (feed, digest, owner, topic, purpose, legal_basis, retention_months,
            definition)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (digest) DO NOTHING
        """, name: "insert_connector")
    private static let activate = Statement(
        """
        INSERT INTO operations.activation (commit, connector_versions, digest)
        SELECT $1, coalesce(array_agg(connector_version ORDER BY connector_version), '{}'), $2
        FROM operations.connector_version WHERE digest = ANY($3)
        """, name: "activate_connectors")
    private static let upsertFeeds = Statement(
        """
        INSERT INTO operations.feed (feed, owner, topic, connector_version)
        SELECT feed, owner, topic, connector_version FROM operations.connector_version WHERE digest = ANY($1)
        ON CONFLICT (feed) DO UPDATE SET owner = EXCLUDED.owner, topic = EXCLUDED.topic,
            connector_version = EXCLUDED.connector_version
        """, name: "upsert_feeds")
    private static let removeFeeds = Statement(
        """
        DELETE FROM operations.feed WHERE connector_version NOT IN
            (SELECT connector_version FROM operations.connector_version WHERE digest = ANY($1))
        """, name: "remove_feeds")
    private static let setClock = Statement(
        "UPDATE operations.commit_clock SET connectors_commit = $1", name: "set_connectors_commit")

    /// The definitions in force.
    package static func active(_ session: PostgresSession) throws -> Active {
        var commit: Int64 = 0
        var definitions: [Int32: Definition] = [:]
        for row in try session.execute(read) {
            commit = row.int8(0)
            definitions[row.int4(1)] = Definition(
                feed: FeedID(unchecked: row.string(2)), digest: SHA256Digest(bytes: row.bytes(3)) ?? .zero,
                owner: OrganisationID(unchecked: row.string(4)), topic: row.string(5), purpose: row.string(6),
                legalBasis: row.string(7), retentionMonths: row.int2(8), text: row.string(9))
        }
        return Active(commit: commit, definitions: definitions)
    }

    /// Puts definitions in force, all at one commit, and returns it; nil where they were in force already.
    ///
    /// - Parameter digest: Over all of them, whatever their order.
    package static func activate(
        _ definitions: [Definition], digest: SHA256Digest, actor: String, reason: String, _ session: PostgresSession
    ) throws -> Int64? {
        try session.transaction {
            var stream = try OwnStream.lock(.office, session)
            if try session.execute(currentDigest).first.map({ $0.bytes(0) == digest.bytes }) ?? false { return nil }
            var digests = BinaryArray(.bytea)
            var listed = ""
            for definition in definitions {
                try session.execute(
                    insert,
                    [
                        .text(definition.feed.rawValue), .bytes(definition.digest.bytes),
                        .text(definition.owner.rawValue), .text(definition.topic), .text(definition.purpose),
                        .text(definition.legalBasis), .int2(definition.retentionMonths), .text(definition.text),
                    ])
                digests.append(bytes: definition.digest.bytes)
                listed += "\(definition.feed) \(definition.digest)\n"
            }
            let reading = try CommitClock.take(session)
            _ = stream.add(
                headers: [("decision", "connectors.activated"), ("actor", actor), ("reason", reason)],
                value: Array(listed.utf8), stamp: reading.stamp)
            try stream.write(reading.stamp, session)
            try session.execute(
                activate, [.int8(reading.stamp.number), .bytes(digest.bytes), .array(digests)])
            try session.execute(upsertFeeds, [.array(digests)])
            try session.execute(removeFeeds, [.array(digests)])
            try session.execute(setClock, [.int8(reading.stamp.number)])
            return reading.stamp.number
        }
    }
}
