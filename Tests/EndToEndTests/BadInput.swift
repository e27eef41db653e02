import Postgres

/// Messages that must not pass, each with the code that it ends with; F44 to F62, as far as bytes alone make them.
struct BadInput: Sendable {
    let code: String
    /// The message's bytes, different at each place so that none repeats another; nil is a tombstone.
    let value: @Sendable (Int) -> [UInt8]?

    /// A number of the citizen service number's test range, which passes the elfproef.
    static let citizenNumber = "999990342"

    private static func event(_ id: String, _ data: String, source: String = "00000099000000104000") -> [UInt8] {
        Array(
            """
            {"specversion":"1.0","id":"\(id)","source":"urn:nld:oin:\(source):systeem:test",\
            "type":"nl.paraplu.progress.reported.v1","time":"2026-06-02T08:00:00Z","datacontenttype":"application/json",\
            "data":\(data)}
            """.utf8)
    }

    private static func bad(_ code: String, _ name: String, _ data: String) -> BadInput {
        BadInput(code: code) { place in event("\(name)-\(place)", data) }
    }

    static let all: [BadInput] = [
        BadInput(code: "decode") { _ in Array("{\"specversion\":\"1.0\",".utf8) },
        BadInput(code: "decode") { _ in [] },
        BadInput(code: "tombstone") { _ in nil },
        BadInput(code: "encoding") { _ in [0xEF, 0xBB, 0xBF] + Array("{}".utf8) },
        BadInput(code: "encoding") { _ in [0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x7D] },
        BadInput(code: "depth") { _ in
            [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
                + [UInt8](repeating: UInt8(ascii: "]"), count: 100_000)
        },
        bad(
            "ambiguous", "twice",
            #"{"action":"ill-1-08","action":"ill-1-08","as_of":"2026-06-01","lifecycle":"LOOPT","rating":"GROEN"}"#),
        bad(
            "invalid_date", "date", #"{"action":"ill-1-08","as_of":"2026-02-30","lifecycle":"LOOPT","rating":"GROEN"}"#),
        bad("missing_field", "missing", #"{"action":"ill-1-08","lifecycle":"LOOPT","rating":"GROEN"}"#),
        bad(
            "unknown_field", "extra",
            #"{"action":"ill-1-08","as_of":"2026-06-01","lifecycle":"LOOPT","rating":"GROEN","more":1}"#),
        bad(
            "unknown_code", "code", #"{"action":"ill-1-08","as_of":"2026-06-01","lifecycle":"KLAAR","rating":"GROEN"}"#),
        bad("type", "type", #"{"action":"ill-1-08","as_of":20260601,"lifecycle":"LOOPT","rating":"GROEN"}"#),
        bad(
            "range", "range",
            #"{"action":"ill-1-08","as_of":"2026-06-01","sequence":9223372036854775808,"lifecycle":"LOOPT","rating":"GROEN"}"#
        ),
        bad(
            "reason_required", "reason",
            #"{"action":"ill-1-08","as_of":"2026-06-01","lifecycle":"LOOPT","rating":"ROOD"}"#
        ),
        bad(
            "personal_data", "person",
            #"{"action":"ill-1-08","as_of":"2026-06-01","lifecycle":"LOOPT","rating":"GROEN","note":"\#(citizenNumber)"}"#
        ),
        BadInput(code: "source_mismatch") { place in
            event(
                "source-\(place)", #"{"action":"ill-1-08","as_of":"2026-06-01","lifecycle":"LOOPT","rating":"GROEN"}"#,
                source: "00000099000000101000")
        },
    ]

    static let codes = Statement(
        "SELECT code, count(*) FROM operations.rejection GROUP BY code ORDER BY code COLLATE \"C\"")
    static let applied = Statement(
        "SELECT count(*) FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'partition' AND e.outcome = 1"
    )
    static let leaks = Statement(
        """
        SELECT (SELECT count(*) FROM journal.payload
                WHERE position(convert_to('999990342', 'UTF8') IN coalesce(value, '') || coalesce(key, '')) > 0)
            + (SELECT count(*) FROM outbox.event WHERE position(convert_to('999990342', 'UTF8') IN payload) > 0)
            + (SELECT count(*) FROM operations.rejection AS r WHERE r::text LIKE '%999990342%')
        """)

    /// Code and number, in order of code, when every message comes so many times.
    static func expected(times: Int) -> [String] {
        var counts: [String: Int] = [:]
        for input in all { counts[input.code, default: 0] += times }
        return counts.keys.sorted().map { "\($0) \(counts[$0] ?? 0)" }
    }
}
