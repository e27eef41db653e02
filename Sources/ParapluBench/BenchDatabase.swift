import JSON
import ParapluConnectors
import ParapluModel
import ParapluPipeline
import ParapluRules
import ParapluStore
import Postgres

/// The database of a run: made, migrated, and given the plan.
struct BenchDatabase {
    static let name = "paraplu_bench"
    static let prefix = "bench"
    static let source = "urn:nld:oin:00000099000000900000:systeem:paraplu"

    let connection: PostgresConnection
    let events = EventFactory(source: BenchDatabase.source)

    static func make(_ options: BenchOptions) throws -> BenchDatabase {
        let server = PostgresConnection(try options.database("postgres"), name: "bench/make")
        try server.runBlocking { session in
            try session.executeScript("DROP DATABASE IF EXISTS \(name)")
            try session.executeScript("CREATE DATABASE \(name)")
        }
        let connection = PostgresConnection(try options.database(name), name: "bench")
        try connection.runBlocking { session in
            _ = try Migrator.migrate(session)
            try Claims.prepare(session)
        }
        return BenchDatabase(connection: connection)
    }

    /// The day at which the store evaluates status.
    func today() throws -> CalendarDate {
        let statement = Statement("SELECT (clock_timestamp() AT TIME ZONE 'Europe/Amsterdam')::date")
        return try connection.runBlocking { session in
            CalendarDate(daysSince2000: try session.execute(statement).first?.date(0) ?? 0)
        }
    }

    func apply(_ plan: Plan, document: [UInt8]) throws {
        try connection.runBlocking { session in
            _ = try PlanStore.apply(
                plan, document: document, actor: "bench", reason: "the plan of the benchmark", events: events,
                session)
        }
    }

    func numbers(_ text: StaticString, columns: Int) throws -> [[Int64]] {
        let statement = Statement(text)
        return try connection.runBlocking { session in
            try session.execute(statement).map { row in (0..<columns).map { row.int8($0) } }
        }
    }
}
