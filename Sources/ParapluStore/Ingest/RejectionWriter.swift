import JSON
import ParapluModel
import Postgres

/// Writes the quarantine's rows of one commit: stage, code and place, never a value of the message.
struct RejectionWriter {
    private static let insert = Statement(
        """
        COPY operations.rejection (stream_id, position, commit, recorded_at, feed, owner, connector_version, stage, code,
            path, violations, event_id, payload_bytes, payload_kept) FROM STDIN (FORMAT binary)
        """)
    private let stamp: CommitStamp
    private var buffer = CopyBuffer()

    init(stamp: CommitStamp) { self.stamp = stamp }

    mutating func add(_ message: IntakeMessage, _ rejection: Rejection, stream: Int32, _ connector: ActiveConnector) {
        let first = rejection.violations.first { $0.code == rejection.code }
        buffer.beginRow(columns: 14)
        buffer.append(int4: stream)
        buffer.append(int8: message.position)
        buffer.append(int8: stamp.number)
        buffer.append(timestamp: stamp.recordedAt.microsecondsSince2000)
        buffer.append(text: connector.feed.rawValue)
        buffer.append(text: connector.owner.rawValue)
        buffer.append(int4: connector.number)
        buffer.append(text: rejection.code.stage.rawValue)
        buffer.append(text: rejection.code.rawValue)
        buffer.append(text: first?.path ?? "")
        buffer.append(utf8: RejectionWriter.json(of: rejection))
        if let id = message.eventID, !rejection.forbidsPayload { buffer.append(text: id) } else { buffer.appendNull() }
        buffer.append(int8: Int64(message.payloadBytes))
        buffer.append(bool: message.keepsPayload)
    }

    func write(_ session: PostgresSession) throws {
        if buffer.rowCount > 0 { _ = try session.copyIn(RejectionWriter.insert, buffer) }
    }

    /// The violations as the quarantine and the receipt show them.
    static func json(of rejection: Rejection) -> [UInt8] {
        var json = JSONWriter()
        json.beginArray()
        for violation in rejection.violations {
            json.beginObject()
            json.member("code")
            json.string(violation.code.rawValue)
            json.member("path")
            json.string(violation.path)
            if let offset = violation.byteOffset {
                json.member("byte_offset")
                json.integer(Int64(offset))
            }
            if let expected = violation.expected {
                json.member("expected")
                json.string(expected)
            }
            json.endObject()
        }
        json.endArray()
        return json.bytes
    }
}

/// Writes the rows of messages that wait for something the plan doesn't have yet.
struct ParkedWriter {
    private static let insert = Statement(
        """
        COPY operations.parked (stream_id, position, commit, n, parked_at, feed, missing) FROM STDIN (FORMAT binary)
        """)
    private let stamp: CommitStamp
    private var buffer = CopyBuffer()

    init(stamp: CommitStamp) { self.stamp = stamp }

    mutating func add(_ message: IntakeMessage, stream: Int32, n: Int32, feed: FeedID, missing: [String]) {
        buffer.beginRow(columns: 7)
        buffer.append(int4: stream)
        buffer.append(int8: message.position)
        buffer.append(int8: stamp.number)
        buffer.append(int4: n)
        buffer.append(timestamp: stamp.recordedAt.microsecondsSince2000)
        buffer.append(text: feed.rawValue)
        buffer.append(textArray: missing)
    }

    func write(_ session: PostgresSession) throws {
        if buffer.rowCount > 0 { _ = try session.copyIn(ParkedWriter.insert, buffer) }
    }
}

/// Records ranges of offsets that hold no entry.
enum LossStore {
    private static let insert = Statement(
        """
        INSERT INTO operations.loss (stream_id, first_position, next_position, commit, recorded_at, kind)
        SELECT u.stream_id, u.first, u.next, $1, $2, u.kind
        FROM unnest($3::integer[], $4::bigint[], $5::bigint[], $6::text[]) AS u (stream_id, first, next, kind)
        """, name: "record_loss")

    static func record(
        _ gaps: [OffsetGap], of claims: [Claim], _ stamp: CommitStamp, _ session: PostgresSession
    ) throws {
        guard !gaps.isEmpty else { return }
        var streams = BinaryArray(.int4)
        var firsts = BinaryArray(.int8)
        var nexts = BinaryArray(.int8)
        var kinds = BinaryArray(.text)
        for gap in gaps {
            streams.append(int4: claims[gap.stream].streamID)
            firsts.append(int8: gap.range.lowerBound)
            nexts.append(int8: gap.range.upperBound)
            kinds.append(text: gap.kind.rawValue)
        }
        try session.execute(
            insert,
            [
                .int8(stamp.number), .timestamp(stamp.recordedAt.microsecondsSince2000), .array(streams),
                .array(firsts),
                .array(nexts), .array(kinds),
            ])
    }
}
