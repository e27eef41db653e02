import Foundation
import Synchronization

/// A thread of our own for calls that wait: librdkafka's and libpq's never run on Swift's pool.
///
/// Jobs run one after the other in the order given. `close()` lets those that wait run and ends the thread.
package final class WorkThread: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)

    /// - Parameter name: As the system shows it; 15 bytes of it.
    package init(name: String) {
        let thread = Thread { [self] in
            // Before the thread runs there is nothing to give a name to.
            Thread.current.name = name
            work()
        }
        thread.start()
    }

    /// Runs the body on the thread and returns what it returns.
    package func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let isClosed = state.withLock { state in
                if !state.isClosed { state.jobs.append { continuation.resume(with: Result { try body() }) } }
                return state.isClosed
            }
            if isClosed { continuation.resume(throwing: CancellationError()) } else { signal.signal() }
        }
    }

    /// Refuses further jobs and ends the thread after those that wait.
    package func close() {
        state.withLock { $0.isClosed = true }
        signal.signal()
    }

    private func work() {
        while true {
            signal.wait()
            let (job, isDone) = state.withLock { state in
                state.jobs.isEmpty ? (nil, state.isClosed) : (state.jobs.removeFirst(), false)
            }
            if let job { job() } else if isDone { return }
        }
    }
}
