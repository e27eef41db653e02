package import ParapluModel
package import Postgres

/// Where a message left its connector's definition: its feed sends what the definition doesn't know.
package struct DriftSighting: Hashable, Sendable {
    /// The feed that sent the message.
    package let feed: FeedID
    /// The number of the definition in `operations.connector_version`.
    package let connectorVersion: Int32
    /// The code of a violation or of a warning; `more` where the version has as many rows as it may.
    package let code: String
    /// Where in the document, in declared names, with `*` for the places in arrays: never a value of the message.
    package let path: String
    /// The id in `journal.stream` of the stream that the message is in.
    package let streamID: Int32
    /// The message's position in that stream; of a Kafka partition the offset.
    package let position: Int64

    /// - Parameter path: A JSON Pointer in declared names; what is all digits in it counts as a place in an array.
    package init(
        feed: FeedID, connectorVersion: Int32, code: String, path: String, streamID: Int32, position: Int64
    ) {
        self.feed = feed
        self.connectorVersion = connectorVersion
        self.code = code
        self.path = DriftSighting.withoutPlaces(path)
        self.streamID = streamID
        self.position = position
    }

    /// The path with `*` for each name that is all digits, so that a list of a thousand is one path.
    private static func withoutPlaces(_ path: String) -> String {
        guard path.utf8.contains(where: { isDigit($0) }) else { return path }
        return path.split(separator: "/", omittingEmptySubsequences: false).map { (name: Substring) -> Substring in
            !name.isEmpty && name.utf8.allSatisfy { isDigit($0) } ? "*" : name
        }.joined(separator: "/")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

/// Keeps what each version of a connector was seen to drift from, each code and path once.
package enum DriftStore {
    /// A row as `paraplu connector drift` shows it.
    package struct Row: Hashable, Sendable {
        /// The feed that sent the message.
        package let feed: FeedID
        /// The digest of the definition, in hexadecimal digits.
        package let connectorVersion: String
        /// The code of a violation or of a warning; `more` for all beyond `rowsMax`.
        package let code: String
        /// The place in the document, as a sighting has it; empty for `more`.
        package let path: String
        /// The Kafka topic of the message in which it was seen first, with its prefix.
        package let topic: String
        /// That message's partition.
        package let partition: Int32
        /// That message's offset.
        package let offset: Int64
        /// The commit that saw it.
        package let commit: Int64
        /// When that commit was recorded.
        package let recordedAt: Timestamp
    }

    /// The most rows of a version; the next one says `more`, and then nothing is added.
    package static let rowsMax: Int64 = 200
    /// The code of the row that stands for all beyond `rowsMax`.
    package static let more = "more"

    private static let insert = Statement(
        """
        WITH seen AS (
            SELECT * FROM unnest($3::text[], $4::integer[], $5::text[], $6::text[], $7::integer[], $8::bigint[])
                WITH ORDINALITY AS s (feed, connector_version, code, path, stream_id, position, place)
        ), fresh AS (
            SELECT s.*, row_number() OVER (PARTITION BY s.feed, s.connector_version ORDER BY s.place)
                + (SELECT count(*) FROM operations.drift AS k
                    WHERE k.feed = s.feed AND k.connector_version = s.connector_version AND k.code <> $9) AS number
            FROM seen AS s
            WHERE NOT EXISTS (
                SELECT FROM operations.drift AS d WHERE d.feed = s.feed AND d.connector_version = s.connector_version
                    AND d.code = s.code AND d.path = s.path)
        )
        INSERT INTO operations.drift
            (feed, connector_version, code, path, commit, recorded_at, stream_id, position)
        SELECT feed, connector_version, CASE WHEN number > $10 THEN $9 ELSE code END,
            CASE WHEN number > $10 THEN '' ELSE path END, $1, $2, stream_id, position
        FROM fresh WHERE number <= $10 + 1
        ON CONFLICT DO NOTHING
        RETURNING feed, connector_version, code, path, stream_id, position
        """, name: "insert_drift")
    private static let list = Statement(
        """
        SELECT feed, connector_version, code, path, topic, partition, "offset", commit, recorded_at FROM report_v1.drift
        WHERE $1::text IS NULL OR feed = $1
        ORDER BY feed, commit DESC, connector_version, code, path LIMIT $2
        """)

    /// Keeps what is seen for the first time, and returns it; a statement only where anything is given.
    ///
    /// In the transaction that journals the messages, under the commit clock: two writers never see the same as new.
    package static func keep(
        _ sightings: [DriftSighting], _ stamp: CommitStamp, _ session: PostgresSession
    ) throws -> [DriftSighting] {
        guard !sightings.isEmpty else { return [] }
        var feeds = BinaryArray(.text)
        var versions = BinaryArray(.int4)
        var codes = BinaryArray(.text)
        var paths = BinaryArray(.text)
        var streams = BinaryArray(.int4)
        var positions = BinaryArray(.int8)
        for sighting in sightings {
            feeds.append(text: sighting.feed.rawValue)
            versions.append(int4: sighting.connectorVersion)
            codes.append(text: sighting.code)
            paths.append(text: sighting.path)
            streams.append(int4: sighting.streamID)
            positions.append(int8: sighting.position)
        }
        return try session.execute(
            insert,
            [
                .int8(stamp.number), .timestamp(stamp.recordedAt.microsecondsSince2000), .array(feeds),
                .array(versions), .array(codes), .array(paths), .array(streams), .array(positions), .text(more),
                .int8(rowsMax),
            ]
        ).map { row in
            DriftSighting(
                feed: FeedID(unchecked: row.string(0)), connectorVersion: row.int4(1), code: row.string(2),
                path: row.string(3), streamID: row.int4(4), position: row.int8(5))
        }
    }

    /// What was seen, of one feed or of all, the latest first within a feed.
    package static func list(feed: FeedID?, limit: Int64, _ session: PostgresSession) throws -> [Row] {
        try session.execute(list, [feed.map { .text($0.rawValue) } ?? .null, .int8(limit)]).map { row in
            Row(
                feed: FeedID(unchecked: row.string(0)), connectorVersion: row.string(1), code: row.string(2),
                path: row.string(3), topic: row.string(4), partition: row.int4(5), offset: row.int8(6),
                commit: row.int8(7), recordedAt: Timestamp(microsecondsSince2000: row.timestamp(8)))
        }
    }
}

/// Gathers a batch's drift: each code and path of a version once, at its first message.
struct DriftGatherer {
    /// What is told: the feed sends more, other or newer things than its connector knows.
    private static let codes: Set<RejectionCode> = [.unknownField, .unknownCode, .type, .version]
    /// The most that are taken of a batch; what is beyond is seen in a later one.
    private static let sightingsMax = 2000

    private struct Key: Hashable {
        let connectorVersion: Int32
        let code: String
        let path: String
    }

    private(set) var sightings: [DriftSighting] = []
    private var known: Set<Key> = []

    mutating func add(_ rejection: Rejection, stream: Int32, position: Int64, _ connector: ActiveConnector) {
        for violation in rejection.violations where DriftGatherer.codes.contains(violation.code) {
            add(
                DriftSighting(
                    feed: connector.feed, connectorVersion: connector.number, code: violation.code.rawValue,
                    path: violation.path, streamID: stream, position: position))
        }
    }

    /// Takes what the profile advises and a message does otherwise; its place is the attribute.
    mutating func add(_ warnings: EventWarnings, stream: Int32, position: Int64, _ connector: ActiveConnector) {
        for (warning, code, attribute, _) in EventWarnings.all where warnings.contains(warning) {
            add(
                DriftSighting(
                    feed: connector.feed, connectorVersion: connector.number, code: code, path: attribute,
                    streamID: stream, position: position))
        }
    }

    private mutating func add(_ sighting: DriftSighting) {
        guard sightings.count < DriftGatherer.sightingsMax else { return }
        let key = Key(connectorVersion: sighting.connectorVersion, code: sighting.code, path: sighting.path)
        if known.insert(key).inserted { sightings.append(sighting) }
    }
}
