internal import Foundation
package import Postgres

/// A PostgreSQL server for tests.
///
/// `shared()` is one for the whole process: the server named by PARAPLU_TEST_PGHOST and PARAPLU_TEST_PGPORT (superuser
/// `postgres`, trusted), or else a private one, started on first use from the newest installed PostgreSQL. `start()` makes
/// one of one's own, which can be restarted and suspended. A private server and its files go when the process ends,
/// however it ends: a supervising shell waits for the end of a pipe that only the process holds.
package final class TestCluster: Sendable {
    /// Why there is no server.
    package enum Failure: Error {
        /// No `initdb` under /usr/lib/postgresql.
        case notInstalled
        /// A command of PostgreSQL's failed; its output follows.
        case command(String, output: String)
        /// A server that isn't ours is neither restarted nor suspended.
        case notOurs
    }

    /// Where the server listens, as superuser, on the database `postgres`.
    package let configuration: PostgresConfiguration
    private let server: Server?
    private let admin: PostgresConnection

    private init(host: String, port: String, server: Server?) {
        configuration = PostgresConfiguration(parameters: [
            "host": host, "port": port, "user": "postgres", "dbname": "postgres", "application_name": "tests",
        ])
        self.server = server
        admin = PostgresConnection(configuration, name: "test-admin")
    }

    private static let only = Result { () throws -> TestCluster in
        let environment = ProcessInfo.processInfo.environment
        guard let host = environment["PARAPLU_TEST_PGHOST"], !host.isEmpty else { return try start() }
        return TestCluster(host: host, port: environment["PARAPLU_TEST_PGPORT"] ?? "5432", server: nil)
    }

    /// The server that all tests of the process share.
    package static func shared() throws -> TestCluster { try only.get() }

    /// Starts a server of one's own; `stop()` ends it early.
    ///
    /// - Parameter clock: What its clock is set by; the machine's clock where nil.
    package static func start(clock: FakeClock? = nil) throws -> TestCluster {
        let server = try Server(clock: clock)
        return TestCluster(host: server.directory, port: String(server.port), server: server)
    }

    /// The port on 127.0.0.1, for clients that go through TCP.
    package var port: Int { Int(configuration.parameters["port"] ?? "") ?? 5432 }

    /// Creates a database with a name of its own and returns how to reach it as superuser.
    package func createDatabase() async throws -> PostgresConfiguration {
        let name = "test_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
        try await admin.run { try $0.executeScript("CREATE DATABASE \(name)") }
        var database = configuration
        database.parameters["dbname"] = name
        return database
    }

    /// Drops a database that `createDatabase` made, sessions and all.
    package func dropDatabase(_ database: PostgresConfiguration) async throws {
        guard let name = database.parameters["dbname"], name.hasPrefix("test_") else { return }
        try await admin.run { try $0.executeScript("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }
    }

    /// Stops the server and starts it again on the same port; immediate means without a checkpoint, as after a crash.
    package func restart(immediate: Bool) throws {
        try owned().stop(mode: immediate ? "immediate" : "fast")
        try owned().start()
    }

    /// Freezes the server and all its sessions: connections stay open, and nothing answers.
    package func suspend() throws { try owned().signal(SIGSTOP) }

    /// Lets a suspended server go on.
    package func resume() throws { try owned().signal(SIGCONT) }

    /// Ends a server of one's own and removes its files.
    package func stop() async throws {
        await admin.close()
        try owned().destroy()
    }

    private func owned() throws -> Server {
        guard let server else { throw Failure.notOurs }
        return server
    }
}
