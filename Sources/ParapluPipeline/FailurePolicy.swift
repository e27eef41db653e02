import ParapluStore
import Postgres

/// What a failure to write a batch means: tried again, looked at, bisected, or the end.
///
/// What can't be told apart is tried again, which loses nothing; each attempt is told.
package enum FailurePolicy {
    /// What is to be done about a failure.
    package enum Verdict: Hashable, Sendable {
        /// The world or the environment: the same again after a while. Good data is never quarantined for it.
        case retry(reason: String)
        /// Whether it was committed isn't known: look at the positions first (F12).
        case unknown
        /// The data: the batch is bisected until the one message is found.
        case reject
        /// Us: a drain that ended the connection.
        case halt
    }

    /// What an error of the database, the store or anything else asks for.
    ///
    /// Of the server's errors only data exceptions (class 22) and integrity violations (class 23) are the data's fault;
    /// all others are tried again.
    package static func verdict(on error: any Error) -> Verdict {
        guard let error = error as? PostgresError else {
            return .retry(reason: (error as? StoreError).map { "\($0)" } ?? "unexpected")
        }
        switch error {
        case .connection: return .retry(reason: "connection")
        case .timedOut: return .retry(reason: "timed_out")
        case .commitUnknown: return .unknown
        case .abandoned: return .halt
        case .protocolViolation: return .retry(reason: "protocol")
        case .server(let state, _, _, _, _):
            switch state.class {
            case .dataException, .integrity: return .reject
            default: return .retry(reason: state.rawValue)
            }
        }
    }

    /// How long to wait before the next attempt: doubling from 100 ms to 5 s.
    package static func delay(attempt: Int) -> Duration {
        .milliseconds(min(5000, 50 << min(attempt, 7)))
    }
}

extension PostgresConnection {
    /// What a service does before it tries again: ends the sessions that hold a lock while their client is silent, where a
    /// lock wasn't had, tells of it and waits.
    ///
    /// - Parameter fallback: The reason where the server gave no code.
    func recover(
        from error: any Error, attempt: Int, or fallback: String, _ emit: PipelineSink
    ) async {
        let state = (error as? PostgresError)?.state
        if state == .lockNotAvailable { _ = try? await run { try Claims.endSilentHolders($0) } }
        let delay = FailurePolicy.delay(attempt: attempt)
        emit(.retrying(reason: state?.rawValue ?? fallback, attempt: attempt, delay: delay))
        try? await Task.sleep(for: delay)
    }
}
