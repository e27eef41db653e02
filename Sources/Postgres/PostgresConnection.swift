/// One connection to a database with a thread of its own.
///
/// A `PGconn` may be used by one thread at a time, and a session's calls wait for the server; so callers lend their code
/// to the connection's thread and get the result back:
///
///     let connection = PostgresConnection(configuration, name: "ingest")
///     let count = try await connection.run { session in
///         try session.transaction { try session.execute(insert, [.int8(7)]).affected }
///     }
///     await connection.close()
///
/// Jobs run in the order they were submitted; at most 256 wait. `close()` must be called.
package final class PostgresConnection: Sendable {
    /// How the database is reached.
    package let configuration: PostgresConfiguration
    /// The name of the thread, of which the system shows 15 bytes.
    package let name: String
    private let worker: ConnectionWorker

    /// Names a connection; nothing is opened before its first use.
    ///
    /// - Parameters:
    ///   - deadline: How long a statement may take where its closure says nothing else: `PostgresSession.deadline` at the
    ///     beginning of each.
    ///   - opening: Runs on every session before anything else does; where it throws, the session is given up and whoever
    ///     wanted it gets the error.
    package init(
        _ configuration: PostgresConfiguration, name: String, deadline: Duration? = nil,
        opening: (@Sendable (PostgresSession) throws -> Void)? = nil
    ) {
        self.configuration = configuration
        self.name = name
        worker = ConnectionWorker(configuration, name: name, deadline: deadline, opening: opening)
    }

    deinit {
        assert(worker.isAtRest, "close() was not called on the connection \(name)")
        worker.release()
    }

    /// Runs `body` on the connection's thread, connecting first when there is no connection or it was lost.
    ///
    /// A body that leaves the connection unusable or a transaction open costs the connection; the next call makes a new
    /// one. Cancelling the task has no effect on the database: `cancel()` and `abandon()` do.
    ///
    /// - Throws: what `body` throws, or `PostgresError` when there is no connection.
    @discardableResult
    package func run<T: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            // The worker calls a job exactly once, so the continuation is resumed exactly once.
            worker.submit { session in continuation.resume(with: Result { try body(session.get()) }) }
        }
    }

    /// Runs `body` like `run` while the calling thread waits; for command-line tools and threads of one's own.
    @discardableResult
    package func runBlocking<T>(_ body: (PostgresSession) throws -> T) throws -> T {
        precondition(!worker.isOnOwnThread, "a connection's thread can't wait for itself")
        return try withoutActuallyEscaping(body) { body in
            let call = BlockingCall(body)
            worker.submit { call.perform($0) }
            return try call.wait()
        }
    }

    /// Asks the server to end the statement under way, from any thread, and returns at once.
    ///
    /// The statement then fails with `SQLState.queryCanceled`, unless it was done already. A server that doesn't answer
    /// never sees the request: see `abandon()`.
    package func cancel() { worker.cancel() }

    /// Makes every present and later wait throw `PostgresError.abandoned` at once, from any thread and for good.
    ///
    /// For a drain whose deadline has passed while the server hangs. A transaction caught in its COMMIT throws
    /// `.commitUnknown` instead, which is the truth.
    package func abandon() { worker.abandon() }

    /// Refuses further jobs, lets those that wait run, and ends connection and thread.
    package func close() async { await worker.close() }
}

/// A closure on loan from a thread that waits for it.
///
/// Unchecked: the lender touches nothing until `wait` returns, which is after `perform` has.
private final class BlockingCall<T>: @unchecked Sendable {
    private var body: ((PostgresSession) throws -> T)?
    private let outcome = Monitor<Result<T, any Error>?>(nil)

    init(_ body: @escaping (PostgresSession) throws -> T) { self.body = body }

    func perform(_ session: Result<PostgresSession, any Error>) {
        let result = called(session)
        // Given back before the lender goes on: the worker lets go of this call only some time later.
        body = nil
        outcome.withLock { $0 = result }
    }

    private func called(_ session: Result<PostgresSession, any Error>) -> Result<T, any Error> {
        guard let body else { preconditionFailure("a call is performed once") }
        return Result { try body(session.get()) }
    }

    func wait() throws -> T { try outcome.wait { $0 }.get() }
}
