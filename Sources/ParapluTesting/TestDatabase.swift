package import Postgres

/// An empty database of one's own, in the shared server unless another is named.
///
///     let database = try await TestDatabase.make()
///     …
///     try await database.close()
package struct TestDatabase: Sendable {
    /// How to reach it, as superuser.
    package let configuration: PostgresConfiguration
    private let cluster: TestCluster

    /// Creates an empty database in the given server, or in the shared one; `close()` drops it.
    package static func make(in cluster: TestCluster? = nil) async throws -> TestDatabase {
        let cluster = try cluster ?? .shared()
        return TestDatabase(configuration: try await cluster.createDatabase(), cluster: cluster)
    }

    /// Lends a connection to a fresh database, then closes the one and drops the other.
    package static func withConnection<R: Sendable>(
        in cluster: TestCluster? = nil, _ body: (PostgresConnection) async throws -> R
    ) async throws -> R {
        let database = try await make(in: cluster)
        let connection = PostgresConnection(database.configuration, name: "test")
        do {
            let value = try await body(connection)
            await connection.close()
            try await database.close()
            return value
        } catch {
            await connection.close()
            try? await database.close()
            throw error
        }
    }

    /// Drops the database, sessions and all.
    package func close() async throws { try await cluster.dropDatabase(configuration) }
}
