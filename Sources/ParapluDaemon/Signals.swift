import Dispatch
import Foundation
import Synchronization

/// SIGTERM and SIGINT drain, a second one hurries; SIGPIPE is ignored.
final class Signals: Sendable {
    private let count = Mutex(0)
    private let sources: Mutex<[any DispatchSourceSignal]>

    /// - Parameter drain: Called for each signal, off the main thread; true from the second on.
    init(_ drain: @escaping @Sendable (Bool) -> Void) {
        sources = Mutex([])
        signal(SIGPIPE, SIG_IGN)
        var made: [any DispatchSourceSignal] = []
        for number in [SIGTERM, SIGINT] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                let raised = self.count.withLock { raised in
                    raised += 1
                    return raised
                }
                drain(raised > 1)
            }
            source.resume()
            made.append(source)
        }
        sources.withLock { [made] in $0 = made }
    }

    /// Whether any was raised.
    var isRaised: Bool { count.withLock { $0 > 0 } }

    /// Stops listening.
    func stop() {
        sources.withLock { sources in
            for source in sources { source.cancel() }
            sources = []
        }
    }
}
