package import ParapluModel
package import Postgres

/// Reads the views of `report_v1` for the command line, as values; the same rows that a report job sees.
package enum StatusReader {
    /// One action's three axes.
    package struct ActionRow: Hashable, Sendable {
        package let action: String
        package let code: String
        package let titleNL: String
        package let titleEN: String
        /// Must be shown wherever the title is.
        package let displayNoteNL: String
        package let line: String
        package let holder: String?
        package let lifecycle: String
        package let rating: String
        package let reportedRating: String?
        package let dataState: String
        package let flags: [String]
        package let reasons: [String]
        package let asOf: CalendarDate?
        package let recordedAt: Timestamp?
        package let revision: Int64
    }

    /// One line, goal or the programme.
    package struct RollupRow: Hashable, Sendable {
        package let subject: String
        package let titleNL: String?
        package let titleEN: String?
        package let lifecycle: String?
        package let rating: String?
        package let reasons: [String]
        /// The counts behind the colour, as JSON.
        package let counts: String
        package let coveragePercent: Int32?
        package let percentComplete: Int32?
        package let recordedAt: Timestamp
        package let revision: Int64
    }

    /// A message behind a status.
    package struct Cause: Hashable, Sendable {
        package let action: String
        package let topic: String
        package let partition: Int32
        package let offset: Int64
        package let eventID: String?
        package let reporter: String
        package let kind: String
        package let item: String?
        package let asOf: CalendarDate
        package let recordedAt: Timestamp
        package let outcome: String
        package let disposition: String
        /// The canonical record, as JSON.
        package let body: String
    }

    /// A refused message.
    package struct RejectionRow: Hashable, Sendable {
        package let topic: String
        package let partition: Int32
        package let offset: Int64
        package let feed: String
        package let stage: String
        package let code: String
        package let path: String
        /// All violations, as JSON; never a value of the message.
        package let violations: String
        package let eventID: String?
        package let recordedAt: Timestamp
        package let payloadBytes: Int64
        package let payloadKept: Bool
        /// What became of it later, where something did.
        package let settlement: String?
    }

    /// Rows with the commit that they are complete up to.
    package struct Answer<Row: Sendable>: Sendable {
        package let commit: Int64
        package let recordedAt: Timestamp
        package let rows: [Row]
    }

    private static let watermark = Statement(
        "SELECT commit, recorded_at FROM report_v1.watermark", name: "report_watermark")
    private static let actions = Statement(
        """
        SELECT action_id, code, title_nl, title_en, display_note_nl, line, holder, lifecycle, rating, reported_rating,
            data_state, flags, reasons, as_of, recorded_at, revision
        FROM report_v1.action_status ORDER BY code
        """, name: "report_actions")
    private static let actionsAsOf = Statement(
        """
        SELECT action_id, code, title_nl, title_en, display_note_nl, line, holder, lifecycle, rating, reported_rating,
            data_state, flags, reasons, as_of, recorded_at, revision
        FROM report_v1.status_as_of($1, $2) ORDER BY code
        """, name: "report_actions_as_of")
    private static let rollups = Statement(
        """
        SELECT subject, title_nl, title_en, lifecycle, rating, reasons, counts::text, coverage_percent, percent_complete,
            recorded_at, revision
        FROM report_v1.rollup_status ORDER BY subject
        """, name: "report_rollups")
    private static let explain = Statement(
        """
        SELECT action_id, topic, partition, "offset", event_id, reporter, kind, item, as_of, recorded_at, outcome,
            disposition, body::text
        FROM report_v1.explain($1)
        """, name: "report_explain")
    private static let rejections = Statement(
        """
        SELECT topic, partition, "offset", feed, stage, code, path, violations::text, event_id, recorded_at,
            payload_bytes, payload_kept, settlement
        FROM report_v1.rejections WHERE $1::text IS NULL OR feed = $1
        ORDER BY recorded_at DESC, topic, partition, "offset" DESC LIMIT $2
        """, name: "report_rejections")

    /// Every action as announced last, by code.
    package static func actions(_ session: PostgresSession) throws -> Answer<ActionRow> {
        try answer(session) { try session.execute(actions).map(action) }
    }

    /// Every action as it was on a day, as known at a moment.
    package static func actions(
        on day: CalendarDate, knownOn moment: Timestamp, _ session: PostgresSession
    ) throws -> Answer<ActionRow> {
        try answer(session) {
            try session.execute(
                actionsAsOf, [.date(day.daysSince2000), .timestamp(moment.microsecondsSince2000)]
            ).map(action)
        }
    }

    /// Lines, goals and the programme.
    package static func rollups(_ session: PostgresSession) throws -> Answer<RollupRow> {
        try answer(session) {
            try session.execute(rollups).map { row in
                RollupRow(
                    subject: row.string(0), titleNL: row.stringOrNil(1), titleEN: row.stringOrNil(2),
                    lifecycle: row.stringOrNil(3), rating: row.stringOrNil(4), reasons: row.textArray(5),
                    counts: row.stringOrNil(6) ?? "{}", coveragePercent: row.int4OrNil(7),
                    percentComplete: row.int4OrNil(8), recordedAt: moment(row.timestamp(9)), revision: row.int8(10))
            }
        }
    }

    /// The messages behind a subject's status, the latest of each reporter, kind and item.
    package static func explain(_ subject: Subject, _ session: PostgresSession) throws -> Answer<Cause> {
        try answer(session) {
            try session.execute(explain, [.text(subject.description)]).map { row in
                Cause(
                    action: row.string(0), topic: row.string(1), partition: row.int4(2), offset: row.int8(3),
                    eventID: row.stringOrNil(4), reporter: row.string(5), kind: row.string(6), item: row.stringOrNil(7),
                    asOf: CalendarDate(daysSince2000: row.date(8)), recordedAt: moment(row.timestamp(9)),
                    outcome: row.string(10), disposition: row.string(11), body: row.string(12))
            }
        }
    }

    /// The latest refused messages, of one feed or of all, newest first.
    ///
    /// - Parameter limit: The most rows.
    package static func rejections(
        feed: FeedID?, limit: Int, _ session: PostgresSession
    ) throws -> Answer<RejectionRow> {
        try answer(session) {
            try session.execute(rejections, [feed.map { .text($0.rawValue) } ?? .null, .int8(Int64(limit))]).map {
                row in
                RejectionRow(
                    topic: row.string(0), partition: row.int4(1), offset: row.int8(2), feed: row.string(3),
                    stage: row.string(4), code: row.string(5), path: row.string(6), violations: row.string(7),
                    eventID: row.stringOrNil(8), recordedAt: moment(row.timestamp(9)), payloadBytes: row.int8(10),
                    payloadKept: row.bool(11), settlement: row.stringOrNil(12))
            }
        }
    }

    /// Reads rows and watermark in one snapshot, so that an answer without rows has one too.
    private static func answer<Value>(
        _ session: PostgresSession, _ rows: () throws -> [Value]
    ) throws -> Answer<Value> {
        try session.transaction(isolation: .repeatableReadReadOnly) {
            guard let mark = try session.execute(watermark).first else {
                throw StoreError.unknown(kind: "row", name: "operations.commit_clock")
            }
            return Answer(commit: mark.int8(0), recordedAt: moment(mark.timestamp(1)), rows: try rows())
        }
    }

    private static func action(_ row: Row) -> ActionRow {
        ActionRow(
            action: row.string(0), code: row.string(1), titleNL: row.string(2), titleEN: row.string(3),
            displayNoteNL: row.string(4), line: row.string(5), holder: row.stringOrNil(6), lifecycle: row.string(7),
            rating: row.string(8), reportedRating: row.stringOrNil(9), dataState: row.string(10),
            flags: row.textArray(11), reasons: row.textArray(12),
            asOf: row.dateOrNil(13).map(CalendarDate.init(daysSince2000:)),
            recordedAt: row.timestampOrNil(14).map(moment), revision: row.int8(15))
    }

    private static func moment(_ microseconds: Int64) -> Timestamp { Timestamp(microsecondsSince2000: microseconds) }
}
