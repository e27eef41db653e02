package import ParapluConnectors
import ParapluStore
import Postgres
import Synchronization

/// Reads the connectors again when it is asked to, and puts them in force: all of them, or none.
///
/// One reload at a time; what is asked for during one is one more after it, however often. It runs beside the other
/// services, from the moment when the connectors of the start are in force, so that nothing older comes after it.
package final class ConnectorReload: Sendable {
    /// What came of a reload.
    package enum Outcome: Sendable {
        /// Every daemon works with them from this commit on.
        case switched(commit: Int64)
        /// They were in force already.
        case unchanged
        /// Nothing was changed, because of these.
        case refused([Finding])
        /// Nothing was changed, because the database could not be asked; a code.
        case failed(reason: String)
    }

    /// Reads the definitions and checks all of them; called on a thread of its own.
    package typealias Load = @Sendable () -> (catalog: ConnectorCatalog, findings: [Finding])

    /// How often activating is tried, with delays that double: some ten seconds where the database is away.
    private static let attemptsMax = 6

    private let load: Load
    private let connection: PostgresConnection
    private let instance: String
    private let requests: AsyncStream<Void>
    private let request: AsyncStream<Void>.Continuation
    private let draining = Mutex(false)
    private let emit: PipelineSink

    /// - Parameter connection: Shared with the settler: a reload is rare, and their jobs take turns.
    init(load: @escaping Load, connection: PostgresConnection, instance: String, emit: @escaping PipelineSink) {
        self.load = load
        self.connection = connection
        self.instance = instance
        self.emit = emit
        (requests, request) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Asks for a reload, from any thread; nothing where it is drained.
    func ask() { request.yield() }

    /// Ends the reload at hand, and begins none.
    func drain() {
        draining.withLock { $0 = true }
        request.finish()
    }

    private var isDraining: Bool { draining.withLock { $0 } }

    /// Reloads as often as it is asked to, until it is drained.
    func run() async {
        for await _ in requests {
            guard !isDraining else { return }
            emit(.reloading)
            emit(.reloaded(await reload()))
        }
    }

    private func reload() async -> Outcome {
        let thread = WorkThread(name: "reload")
        defer { thread.close() }
        guard let (catalog, findings) = try? await thread.run(load) else { return .failed(reason: "closed") }
        guard findings.isEmpty else { return .refused(findings) }
        var attempt = 0
        while true {
            do {
                if let commit = try await activate(catalog) { return .switched(commit: commit) }
                // An earlier attempt whose answer was lost may have done it.
                return attempt == 0 ? .unchanged : .switched(commit: try await activeCommit())
            } catch {
                attempt += 1
                let reason = (error as? PostgresError).map { $0.state?.rawValue ?? "connection" } ?? "store"
                guard attempt < ConnectorReload.attemptsMax, !isDraining, error as? PostgresError != .abandoned else {
                    return .failed(reason: reason)
                }
                await connection.recover(from: error, attempt: attempt, or: reason, emit)
            }
        }
    }

    /// Puts definitions in force and returns their commit; nil where they are already.
    func activate(_ catalog: ConnectorCatalog) async throws -> Int64? {
        let definitions = catalog.connectors.map { ConnectorSet.definition(of: $0) }
        let (digest, instance) = (catalog.setVersion, instance)
        return try await connection.run { session in
            try ConnectorStore.activate(
                definitions, digest: digest, actor: instance, reason: "the daemon's connectors directory", session)
        }
    }

    private func activeCommit() async throws -> Int64 {
        try await connection.run { try CommitClock.read($0).connectorsCommit }
    }
}
