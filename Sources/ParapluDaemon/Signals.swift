import Dispatch
import Foundation
import Synchronization

/// SIGTERM and SIGINT drain, a second one hurries; SIGPIPE and SIGHUP are ignored.
final class Signals: Sendable {
    private let count = Mutex(0)

    /// - Parameter drain: Called for each signal, off the main thread; true from the second on.
    init(_ drain: @escaping @Sendable (Bool) -> Void) {
        signal(SIGPIPE, SIG_IGN)
        // New connectors come into force at the next start.
        signal(SIGHUP, SIG_IGN)
        for number in [SIGTERM, SIGINT] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // The handler keeps its source: it listens as long as the process runs.
            source.setEventHandler { [self] in
                _ = source
                let raised = count.withLock { raised in
                    raised += 1
                    return raised
                }
                drain(raised > 1)
            }
            source.resume()
        }
    }

    /// Whether any was raised.
    var isRaised: Bool { count.withLock { $0 > 0 } }
}
