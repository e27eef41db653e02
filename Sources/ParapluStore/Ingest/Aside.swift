import Dispatch
import Synchronization

/// A pure computation that goes on while the caller's thread waits for the server.
///
/// Step 7 is serial, and most of it is the server's work: the fold and the encoding of its rows run meanwhile, on another
/// core where there is one. What is lent to the computation is moved, never shared, so that changing it copies nothing.
/// The computation begins at once; whoever doesn't want its value any more lets it end unheard.
final class Aside<Lent: Sendable, Value: Sendable>: Sendable {
    private enum State {
        case lent(Lent)
        case working
        case made(Lent, Value)
    }

    private let state: Mutex<State>
    private let group = DispatchGroup()

    init(lending lent: consuming Lent, _ body: @escaping @Sendable (inout Lent) -> Value) {
        state = Mutex(.lent(lent))
        DispatchQueue.global().async(group: group) { [self] in
            guard case .lent(var lent) = take() else { return }
            let value = body(&lent)
            state.withLock { $0 = .made(lent, value) }
        }
    }

    /// What was lent, and the value; blocks until it is made, so only for threads of our own.
    ///
    /// Once.
    func wait() -> (Lent, Value) {
        group.wait()
        guard case .made(let lent, let value) = take() else { preconditionFailure("an aside is waited for once") }
        return (lent, value)
    }

    private func take() -> State {
        state.withLock { state in
            let taken = state
            state = .working
            return taken
        }
    }
}
