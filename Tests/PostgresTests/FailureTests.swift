import ParapluTesting
import Postgres
import Testing

@Suite("Failures")
struct FailureTests {
    @Test("an error rolls the transaction back and is thrown on")
    func rollback() async throws {
        struct Refused: Error {}
        let count = Statement("SELECT count(*) FROM item")

        try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                try session.executeScript("CREATE TABLE item (n int8)")
                #expect(throws: Refused.self) {
                    try session.transaction {
                        try session.execute(Statement("INSERT INTO item VALUES (1)"))
                        throw Refused()
                    }
                }
                let rest = try session.execute(count)[0].int8(0)
                #expect(rest == 0)
            }
        }
    }

    @Test("a transaction whose error was swallowed does not pass for committed")
    func swallowed() async throws {
        try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                let error = failure {
                    try session.transaction { _ = try? session.execute(Statement("SELECT 1 / 0")) }
                }
                #expect(error?.state == SQLState(rawValue: "22012"))
                let answer = try session.execute(Statement("SELECT 42"))[0].int4(0)
                #expect(answer == 42)
            }
        }
    }

    @Test("a refusal at COMMIT is that refusal, not an unknown outcome")
    func deferredConstraint() async throws {
        try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                try session.executeScript("CREATE TABLE item (n int8 UNIQUE DEFERRABLE INITIALLY DEFERRED)")
                let error = failure {
                    try session.transaction { try session.execute(Statement("INSERT INTO item VALUES (1), (1)")) }
                }
                #expect(error?.state == .uniqueViolation)
            }
        }
    }

    @Test("a connection lost during COMMIT leaves the outcome unknown, and the next run connects anew")
    func commitUnknown() async throws {
        let script = """
            CREATE TABLE item (n int8);
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION wait();
            """
        try await TestDatabase.withConnection { connection in
            let other = PostgresConnection(connection.configuration, name: "other")
            try await other.run { try $0.executeScript(script + "SELECT pg_advisory_lock(4711)") }
            let process = try await connection.run { $0.backendPID }

            let outcome = Task {
                try await connection.run { session in
                    try session.transaction { try session.execute(Statement("INSERT INTO item VALUES (1)")) }
                }
            }
            try await waitUntil(process, waitsFor: "Lock", other)
            _ = try await other.run {
                try $0.execute(Statement("SELECT pg_terminate_backend($1::int4)"), [.int4(process)])
            }

            await #expect(throws: PostgresError.commitUnknown) { try await outcome.value }
            let processNow = try await connection.run { $0.backendPID }
            #expect(processNow != process)
            await other.close()
        }
    }

    @Test("a session ended by an administrator says so, and the next run connects anew")
    func terminated() async throws {
        try await TestDatabase.withConnection { connection in
            let error = await failure {
                try await connection.run { try $0.execute(Statement("SELECT pg_terminate_backend(pg_backend_pid())")) }
            }
            #expect(error?.state == .adminShutdown)
            #expect(error?.state?.class == .operatorIntervention)
            let answer = try await connection.run { try $0.execute(Statement("SELECT 42"))[0].int4(0) }
            #expect(answer == 42)
        }
    }

    @Test("a session ended while idle is replaced unnoticed")
    func terminatedIdle() async throws {
        try await TestDatabase.withConnection { connection in
            let other = PostgresConnection(connection.configuration, name: "other")
            let process = try await connection.run { $0.backendPID }
            // The second argument waits for the end of the process.
            _ = try await other.run {
                try $0.execute(Statement("SELECT pg_terminate_backend($1::int4, 10000)"), [.int4(process)])
            }
            await other.close()

            let answer = try await connection.run { try $0.execute(Statement("SELECT 42"))[0].int4(0) }
            #expect(answer == 42)
        }
    }

    @Test("a lock that is not had in time is 55P03")
    func lockTimeout() async throws {
        try await TestDatabase.withConnection { connection in
            let other = PostgresConnection(connection.configuration, name: "other")
            _ = try await other.run { try $0.execute(Statement("SELECT pg_advisory_lock(1)")) }
            let error = await failure {
                try await connection.run { session in
                    try session.executeScript("SET lock_timeout = '20ms'; SELECT pg_advisory_lock(1)")
                }
            }
            await other.close()

            #expect(error?.state == .lockNotAvailable)
            #expect(error?.state?.class == .objectState)
        }
    }

    @Test("cancelling ends the statement and keeps the session")
    func cancel() async throws {
        try await TestDatabase.withConnection { connection in
            let other = PostgresConnection(connection.configuration, name: "other")
            let process = try await connection.run { $0.backendPID }

            let slept = Task { try await connection.run { try $0.execute(Statement("SELECT pg_sleep(60)")) } }
            try await waitUntil(process, waitsFor: "Timeout", other)
            connection.cancel()

            let error = await failure { try await slept.value }
            #expect(error?.state == .queryCanceled)
            let processNow = try await connection.run { $0.backendPID }
            #expect(processNow == process)
            await other.close()
        }
    }

    @Test("a statement that outlives its deadline is given up")
    func deadline() async throws {
        try await TestDatabase.withConnection { connection in
            await #expect(throws: PostgresError.timedOut) {
                try await connection.run { session in
                    session.deadline = .milliseconds(50)
                    try session.execute(Statement("SELECT pg_sleep(60)"))
                }
            }
            let answer = try await connection.run { try $0.execute(Statement("SELECT 42"))[0].int4(0) }
            #expect(answer == 42)
        }
    }

    @Test("every closure begins with the connection's deadline, whatever the one before it said")
    func standardDeadline() async throws {
        try await TestDatabase.withConnection { connection in
            let bounded = PostgresConnection(
                connection.configuration, name: "bounded", deadline: .milliseconds(200))
            try await bounded.run { session in
                session.deadline = nil
                try session.execute(Statement("SELECT pg_sleep(0.3)"))
            }
            let error = await failure {
                try await bounded.run { try $0.execute(Statement("SELECT pg_sleep(60)")) }
            }
            #expect(error == .timedOut)
            await bounded.close()
        }
    }

    @Test("abandoning ends waits at once while the server is frozen, connecting included")
    func abandon() async throws {
        let cluster = try TestCluster.start()
        let waiting = PostgresConnection(cluster.configuration, name: "waiting")
        let connecting = PostgresConnection(cluster.configuration, name: "connecting")
        let ready = PostgresConnection(cluster.configuration, name: "ready")
        let process = try await waiting.run { $0.backendPID }
        let slept = Task { try await Self.ending(of: "SELECT pg_sleep(60)", on: waiting) }
        try await waitUntil(process, waitsFor: "Timeout", ready)

        try cluster.suspend()
        let connected = Task { try await Self.ending(of: "SELECT 1", on: connecting) }
        let start = ContinuousClock.now
        for connection in [waiting, connecting] {
            connection.cancel()
            connection.abandon()
        }

        for ending in [try await slept.value, try await connected.value] {
            #expect(ending.error == .abandoned)
            #expect(ending.at - start < .seconds(30))
        }
        await #expect(throws: PostgresError.abandoned) { try await waiting.run { $0.backendPID } }
        await waiting.close()
        await connecting.close()

        try cluster.resume()
        let answer = try await ready.run { try $0.execute(Statement("SELECT 42"))[0].int4(0) }
        #expect(answer == 42)
        await ready.close()
        try await cluster.stop()
    }

    /// How and when a statement ends, seen by a thread of its own: the tasks of a busy test run hear of it much later.
    private static func ending(
        of text: StaticString, on connection: PostgresConnection
    ) async throws -> (error: PostgresError?, at: ContinuousClock.Instant) {
        try await TestBroker.onThread {
            let error = failure { try connection.runBlocking { try $0.execute(Statement(text)) } }
            return (error, .now)
        }
    }

    @Test("a crashed server comes back to a connection that goes on")
    func restart() async throws {
        let cluster = try TestCluster.start()
        let connection = PostgresConnection(cluster.configuration, name: "restart")
        let process = try await connection.run { $0.backendPID }

        try cluster.restart(immediate: true)

        let processNow = try await connection.run { $0.backendPID }
        #expect(processNow != process)
        await connection.close()
        try await cluster.stop()
    }

    @Test("an unreachable server is a connection error without the password")
    func unreachable() async throws {
        let configuration = PostgresConfiguration(parameters: [
            "host": "127.0.0.1", "port": "1", "user": "nobody", "password": "geheim", "dbname": "none",
        ])
        let connection = PostgresConnection(configuration, name: "unreachable")

        let error = await failure { try await connection.run { $0.backendPID } }
        await connection.close()

        guard case .connection(let text) = error else { Issue.record("not a connection error"); return }
        #expect(!text.contains("geheim"))
        #expect(!"\(configuration)".contains("geheim") && !String(reflecting: configuration).contains("geheim"))
    }

    @Test(
        "errors name the schema and never the data",
        arguments: [
            ("INSERT INTO person VALUES (1, 'Jansen')", "23505"), ("INSERT INTO person VALUES (-5, 'Jansen')", "23514"),
            ("INSERT INTO person VALUES (2, NULL)", "23502"), ("SELECT 'Jansen'::int8", "22P02"),
        ])
    func noRowData(sql: String, code: String) async throws {
        try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                try session.executeScript(
                    """
                    CREATE TABLE person (n int8 PRIMARY KEY CHECK (n > 0), name text NOT NULL);
                    INSERT INTO person VALUES (1, 'Jansen')
                    """)
                let error = try #require(failure { try session.executeScript(sql) } as PostgresError?)
                #expect(error.state == SQLState(rawValue: code))
                #expect(!"\(error)".contains("Jansen") && !String(reflecting: error).contains("Jansen"))
            }
        }
    }

    @Test("a notification is heard, and its absence too")
    func notifications() async throws {
        try await TestDatabase.withConnection { connection in
            let other = PostgresConnection(connection.configuration, name: "other")
            try await connection.run { session in
                try session.listen(channel: "outbox")
                let isEarly = try session.waitForNotification(timeoutMilliseconds: 10)
                #expect(!isEarly)
            }
            let heard = Task { try await connection.run { try $0.waitForNotification(timeoutMilliseconds: 10_000) } }
            try await other.run { try $0.executeScript("NOTIFY outbox") }

            let heardOne = try await heard.value
            #expect(heardOne)
            await other.close()
        }
    }

    @Test("after close there are no more runs")
    func closed() async throws {
        let connection = PostgresConnection(try TestCluster.shared().configuration, name: "closed")
        let version = try connection.runBlocking { $0.serverVersion }
        #expect(version >= 150_000)
        await connection.close()

        await #expect(throws: PostgresError.connection("closed")) { try await connection.run { $0.backendPID } }
    }
}
