import Foundation
import Postgres
import Testing

/// The memory this process holds.
func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
}

/// Asks until the session with this process identifier waits for something of this type (`Lock`, `Timeout`, …).
func waitUntil(_ process: Int32, waitsFor type: String, _ connection: PostgresConnection) async throws {
    let waits = Statement("SELECT count(*) FROM pg_stat_activity WHERE pid = $1::int4 AND wait_event_type = $2::text")
    let end = ContinuousClock.now + .seconds(20)
    while try await connection.run({ try $0.execute(waits, [.int4(process), .text(type)])[0].int8(0) }) == 0 {
        try #require(.now < end, "the session never came to wait")
    }
}

/// The database error that `body` throws; nil when it throws none.
func failure<R>(_ body: () throws -> R) -> PostgresError? {
    do { _ = try body() } catch { return error as? PostgresError }
    return nil
}

/// The database error that `body` throws; nil when it throws none.
func failure<R>(_ body: () async throws -> R) async -> PostgresError? {
    do { _ = try await body() } catch { return error as? PostgresError }
    return nil
}
