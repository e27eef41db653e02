import Dispatch
import Foundation
import Synchronization

/// SIGTERM and SIGINT drain, a second one hurries; SIGHUP reloads the connectors; SIGPIPE is ignored.
final class Signals: Sendable {
    private let count = Mutex(0)

    /// - Parameters:
    ///   - reload: Called for each SIGHUP, off the main thread.
    ///   - drain: Called for each SIGTERM and SIGINT, off the main thread; true from the second on.
    init(reload: @escaping @Sendable () -> Void, drain: @escaping @Sendable (Bool) -> Void) {
        signal(SIGPIPE, SIG_IGN)
        Signals.listen(to: SIGHUP, reload)
        for number in [SIGTERM, SIGINT] {
            Signals.listen(to: number) { [self] in
                let raised = count.withLock { raised in
                    raised += 1
                    return raised
                }
                drain(raised > 1)
            }
        }
    }

    /// Keeps a SIGHUP from ending a process that starts; systemd sends none before the service is ready.
    static func ignoreHangUp() { signal(SIGHUP, SIG_IGN) }

    private static func listen(to number: Int32, _ handler: @escaping @Sendable () -> Void) {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        // The handler keeps its source: it listens as long as the process runs.
        source.setEventHandler {
            _ = source
            handler()
        }
        source.resume()
    }

    /// Whether any was raised.
    var isRaised: Bool { count.withLock { $0 > 0 } }
}
