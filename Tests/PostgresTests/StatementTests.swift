import ParapluTesting
import Postgres
import Testing

@Suite("Statements")
struct StatementTests {
    @Test("a statement is prepared once, whatever is NULL in it")
    func preparedOnce() async throws {
        let add = Statement("SELECT $1::int8 + $2::int8", name: "add")
        let prepared = Statement("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'add%'", prepare: false)

        let count = try await TestDatabase.withConnection { connection in
            for _ in 0..<3 {
                _ = try await connection.run { session in
                    try session.execute(add, [.int8(1), .int8(2)])
                    return try session.execute(add, [.null, .int8(2)])
                }
            }
            return try await connection.run { try $0.execute(prepared)[0].int8(0) }
        }

        #expect(count == 1)
    }

    @Test("a statement first used with NULL takes a value later")
    func typedLater() async throws {
        let echo = Statement("SELECT $1::int8 + 1")

        let value = try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                try session.execute(echo, [.null])
                return try session.execute(echo, [.int4(41)])[0].int8(0)
            }
        }

        #expect(value == 42)
    }

    @Test("a prepared statement outlives a change of its result type, after one error")
    func staleForm() async throws {
        let select = Statement("SELECT * FROM item")

        try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                try session.executeScript("CREATE TABLE item (n int8); INSERT INTO item VALUES (1)")
                try session.execute(select)
                try session.executeScript("ALTER TABLE item ADD label text")
                let error = failure { try session.execute(select) }
                #expect(error?.state == .featureNotSupported)
                let names = try session.execute(select).columnNames
                #expect(names == ["n", "label"])
            }
        }
    }

    @Test("a pipeline answers all its statements in order")
    func pipeline() async throws {
        let echo = Statement("SELECT $1::int8")

        let values = try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                try session.transaction {
                    try session.pipeline((0..<5).map { (echo, [.int8($0)]) }).map { $0[0].int8(0) }
                }
            }
        }

        #expect(values == [0, 1, 2, 3, 4])
    }

    @Test("a pipeline larger than the buffers of both sides passes")
    func largePipeline() async throws {
        let echo = Statement("SELECT $1::bytea")
        let large = [UInt8](repeating: 7, count: 1 << 20)

        let sizes = try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                try session.pipeline((0..<20).map { _ in (echo, [.bytes(large)]) }).map { $0[0].bytes(0).count }
            }
        }

        #expect(sizes == Array(repeating: 1 << 20, count: 20))
    }

    @Test("a pipeline throws the first error, and the session goes on")
    func pipelineError() async throws {
        let divide = Statement("SELECT 10 / $1::int4")

        try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                let process = session.backendPID
                let error = failure {
                    try session.pipeline([
                        (divide, [.int4(1)]), (divide, [.int4(0)]), (Statement("SELECT * FROM absent"), []),
                    ])
                }
                #expect(error?.state == SQLState(rawValue: "22012"))
                let quotient = try session.pipeline([(divide, [.int4(2)])])[0][0].int4(0)
                #expect(quotient == 5)
                #expect(session.backendPID == process)
            }
        }
    }

    @Test("half a gigabyte of rows streams through bounded memory")
    func streaming() async throws {
        let series = Statement("SELECT generate_series(1, $1::int8), repeat('x', 5000)")

        try await TestDatabase.withConnection { connection in
            let (sum, growth) = try await connection.run { session in
                let before = residentBytes()
                var most = before
                var sum: Int64 = 0
                try session.forEachRow(series, [.int8(100_000)], fetch: 500) { row in
                    sum += row.int8(0)
                    if row.int8(0) % 10_000 == 0 { most = max(most, residentBytes()) }
                }
                return (sum, most - before)
            }
            #expect(sum == 5_000_050_000)
            // All rows at once would take 500 MB; the figure is the process's, so other tests add some tens of MB to it.
            #expect(growth < 256 << 20)
        }
    }

    @Test("a stream given up halfway leaves the session usable")
    func streamGivenUp() async throws {
        struct Enough: Error {}
        let series = Statement("SELECT generate_series(1, 100000000)")

        try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                var seen = 0
                #expect(throws: Enough.self) {
                    try session.forEachRow(series, fetch: 10) { _ in
                        seen += 1
                        if seen == 1000 { throw Enough() }
                    }
                }
                let answer = try session.execute(Statement("SELECT 42"))[0].int4(0)
                #expect(answer == 42)
            }
        }
    }

    @Test("a script runs all its statements or none")
    func script() async throws {
        try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                let error = failure {
                    try session.executeScript(
                        "CREATE TABLE a (n int); CREATE TABLE b (n absent); CREATE TABLE c (n int)")
                }
                #expect(error?.state == SQLState(rawValue: "42704"))
                let isSo = try session.execute(Statement("SELECT to_regclass('a') IS NULL"))[0].bool(0)
                #expect(isSo)
            }
        }
    }
}
