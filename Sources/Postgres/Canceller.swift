internal import CLibPQ

/// Asks the server to end the statement that a connection runs.
///
/// `PQcancel` opens a connection of its own and blocks until the server closes it, which a frozen server never does.
/// So it runs on a thread of its own, at most one at a time for a connection.
///
/// Unchecked: a `PGcancel` is made for use from another thread ("the PGcancel object is read-only as far as PQcancel is
/// concerned, so it can also be invoked from a thread that is separate from the one manipulating the PGconn object",
/// PostgreSQL manual, 34.7), and it is freed when the last thread is done with it.
final class Canceller: @unchecked Sendable {
    private let handle: OpaquePointer
    private let isBusy = Monitor(false)

    /// Takes what a cancellation needs from an open connection.
    init?(_ connection: OpaquePointer) {
        guard let handle = PQgetCancel(connection) else { return nil }
        self.handle = handle
    }

    deinit { PQfreeCancel(handle) }

    /// Starts the request and returns at once; nothing happens while an earlier one is still under way.
    func request() {
        let isFirst = isBusy.withLock { busy in
            defer { busy = true }
            return !busy
        }
        guard isFirst else { return }
        let thread = OwnThread(name: "pg-cancel") { [self] in
            var message = [CChar](repeating: 0, count: 256)
            _ = PQcancel(handle, &message, Int32(message.count))
            isBusy.withLock { $0 = false }
        }
        guard let thread else { return isBusy.withLock { $0 = false } }
        thread.detach()
    }

    /// Makes the request and waits for the server to have taken it, at most so long.
    func requestAndWait(milliseconds: Int) -> Bool {
        request()
        return isBusy.wait(milliseconds: milliseconds) { !$0 }
    }
}
