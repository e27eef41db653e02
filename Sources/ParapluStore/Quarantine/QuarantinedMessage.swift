package import ParapluModel
package import Postgres

/// A refused message as a person's decision needs it: where it stands, why it was refused, what became of it.
package struct QuarantinedMessage: Hashable, Sendable {
    /// Whether it waits for a person.
    package enum State: String, CaseIterable, Sendable {
        case open, replayed, dismissed
    }

    /// The id in `journal.stream` of the stream in which it was received.
    package let stream: Int32
    /// Its position there, which is its offset.
    package let position: Int64
    /// The commit that refused it.
    package let commit: Int64
    /// Where it was received, in which generation of the topic.
    package let place: MessagePlace
    /// The feed that sent it.
    package let feed: FeedID
    /// Why it was refused, as the raw value of a `RejectionCode`.
    package let code: String
    /// The place of the first violation, a JSON Pointer.
    package let path: String
    /// Whether its bytes were kept when it was refused; retention may have taken them since.
    package let isPayloadKept: Bool
    /// Whether it waits for a person, or what was decided since.
    package let state: State
}

/// Which refused messages are meant.
package struct QuarantineSelection: Hashable, Sendable {
    /// These messages, whatever became of them; where nil those that are open and fit the rest.
    package var messages: [QuarantinedMessage]?
    /// Sent by this feed, as `<partner>/<feed>`; nil for any.
    package var feed: String?
    /// Refused with this code; nil for any.
    package var code: String?
    /// The first hexadecimal digits of the version of the connector that refused them.
    package var version: String?
    /// Recorded at this moment or later.
    package var since: Timestamp?
    /// Recorded before this moment.
    package var until: Timestamp?

    package init() {}

    /// The fewest digits of a version that are taken.
    package static let versionDigitsMin = 4
}

/// Finds refused messages in the order of the commits that refused them, and their bytes as received.
package enum Quarantine {
    private static let select = Statement(
        """
        SELECT r.stream_id, r.position, r.commit, st.topic, st.partition, st.generation, r.feed, r.code, r.path,
            r.payload_kept, coalesce(s.kind, 'open')
        FROM operations.rejection AS r
        JOIN journal.stream AS st USING (stream_id)
        LEFT JOIN journal.settlement AS s ON s.stream_id = r.stream_id AND s.settled_position = r.position
        LEFT JOIN operations.connector_version AS v USING (connector_version)
        WHERE (r.commit, r.stream_id, r.position) > ($1, $2, $3) AND s.kind IS NULL
            AND ($4::text IS NULL OR r.feed = $4) AND ($5::text IS NULL OR r.code = $5)
            AND ($6::text IS NULL OR starts_with(encode(v.digest, 'hex'), $6))
            AND ($7::timestamptz IS NULL OR r.recorded_at >= $7) AND ($8::timestamptz IS NULL OR r.recorded_at < $8)
        ORDER BY r.commit, r.stream_id, r.position LIMIT $9
        """, name: "select_quarantined")
    private static let find = Statement(
        """
        SELECT r.stream_id, r.position, r.commit, st.topic, st.partition, st.generation, r.feed, r.code, r.path,
            r.payload_kept, coalesce(s.kind, 'open')
        FROM journal.stream AS st
        JOIN operations.rejection AS r USING (stream_id)
        LEFT JOIN journal.settlement AS s ON s.stream_id = r.stream_id AND s.settled_position = r.position
        WHERE st.topic = $1 AND st.partition = $2 AND r.position = $3 AND coalesce(st.generation = $4, true)
        ORDER BY st.generation DESC LIMIT 1
        """, name: "find_quarantined")
    private static let states = Statement(
        """
        SELECT s.stream_id, s.settled_position, s.kind
        FROM unnest($1::integer[], $2::bigint[]) AS u (stream_id, position)
        JOIN journal.settlement AS s ON s.stream_id = u.stream_id AND s.settled_position = u.position
        """, name: "quarantine_states")
    private static let payloads = Statement(
        """
        SELECT u.place::bigint, p.key, p.headers, p.value
        FROM unnest($1::integer[], $2::bigint[]) WITH ORDINALITY AS u (stream_id, position, place)
        CROSS JOIN LATERAL (
            SELECT p.key, p.headers, p.value FROM journal.payload AS p
            WHERE p.stream_id = u.stream_id AND p.position = u.position LIMIT 1) AS p
        ORDER BY u.place
        """, name: "quarantine_payloads")

    /// The next messages of a selection, in order of commit; fewer than asked for where there are no more.
    ///
    /// - Parameter last: The message after which to go on; nil for the first ones.
    package static func messages(
        _ selection: QuarantineSelection, after last: QuarantinedMessage?, limit: Int, _ session: PostgresSession
    ) throws -> [QuarantinedMessage] {
        if let named = selection.messages {
            let rest = last.map { last in named.drop { $0 != last }.dropFirst() } ?? named[...]
            return Array(rest.prefix(limit))
        }
        return try session.execute(
            select,
            [
                .int8(last?.commit ?? -1), .int4(last?.stream ?? 0), .int8(last?.position ?? 0),
                selection.feed.map(Parameter.text) ?? .null, selection.code.map(Parameter.text) ?? .null,
                selection.version.map(Parameter.text) ?? .null,
                selection.since.map { .timestamp($0.microsecondsSince2000) } ?? .null,
                selection.until.map { .timestamp($0.microsecondsSince2000) } ?? .null, .int8(Int64(limit)),
            ]
        ).map(message)
    }

    /// The refused message that was received there, or nil; where the place names no generation of the topic, of the latest that
    /// has one.
    package static func message(at place: MessagePlace, _ session: PostgresSession) throws -> QuarantinedMessage? {
        try session.execute(
            find,
            [
                .text(place.topic), .int4(place.partition), .int8(place.offset),
                place.generation.map { .int4($0) } ?? .null,
            ]
        ).first.map(message)
    }

    /// Hands over key, headers and value of those of the messages of which they are still kept, one at a time.
    ///
    /// - Parameter body: Is given the message's place in the list; it can't use the session.
    package static func forEachPayload(
        of messages: [QuarantinedMessage], _ session: PostgresSession,
        _ body: (_ index: Int, _ key: [UInt8]?, _ headers: [UInt8], _ value: [UInt8]?) throws -> Void
    ) throws {
        try session.forEachRow(payloads, arrays(messages), fetch: 1) { row in
            try body(Int(row.int8(0)) - 1, row.bytesOrNil(1), row.bytesOrNil(2) ?? [], row.bytesOrNil(3))
        }
    }

    /// What became of those of the messages that a settlement names by now.
    static func settled(
        _ messages: [QuarantinedMessage], _ session: PostgresSession
    ) throws -> [MessageCoordinates: QuarantinedMessage.State] {
        Dictionary(
            try session.execute(states, arrays(messages)).map { row in
                (
                    MessageCoordinates(stream: row.int4(0), position: row.int8(1)),
                    QuarantinedMessage.State(rawValue: row.string(2)) ?? .open
                )
            }, uniquingKeysWith: { first, _ in first })
    }

    private static func arrays(_ messages: [QuarantinedMessage]) -> [Parameter] {
        var streams = BinaryArray(.int4)
        var positions = BinaryArray(.int8)
        for message in messages {
            streams.append(int4: message.stream)
            positions.append(int8: message.position)
        }
        return [.array(streams), .array(positions)]
    }

    private static func message(_ row: Row) -> QuarantinedMessage {
        QuarantinedMessage(
            stream: row.int4(0), position: row.int8(1), commit: row.int8(2),
            place: MessagePlace(
                topic: row.string(3), partition: row.int4(4), offset: row.int8(1), generation: row.int4(5)),
            feed: FeedID(unchecked: row.string(6)), code: row.string(7), path: row.string(8),
            isPayloadKept: row.bool(9), state: QuarantinedMessage.State(rawValue: row.string(10)) ?? .open)
    }
}

/// Where a message stands in the journal.
struct MessageCoordinates: Hashable, Sendable {
    let stream: Int32
    let position: Int64
}
