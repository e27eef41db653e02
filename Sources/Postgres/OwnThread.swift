internal import CLibPQ
internal import Glibc

/// A thread of ours, for calls that would block one of Swift's.
///
/// Unchecked: a `pthread_t` is an identifier that never changes.
struct OwnThread: @unchecked Sendable {
    private let identifier: pthread_t

    /// Starts a thread on which all signals are blocked, so that they reach those who handle them; nil when the
    /// system has no thread to give.
    init?(name: String, _ body: @escaping @Sendable () -> Void) {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        let context = Unmanaged.passRetained(
            Body {
                clibpq_name_thread(name)
                body()
            })
        var identifier = pthread_t()
        let failure = pthread_create(&identifier, nil, runBody, context.toOpaque())
        guard failure == 0 else {
            context.release()
            return nil
        }
        self.identifier = identifier
    }

    var isCurrent: Bool { pthread_equal(pthread_self(), identifier) != 0 }

    /// Waits for its end; exactly one of `join` and `detach` is called, once.
    func join() { pthread_join(identifier, nil) }

    func detach() { pthread_detach(identifier) }
}

private final class Body: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
