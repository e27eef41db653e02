import Dispatch
import Synchronization

/// A pure computation that goes on while the caller's thread waits for the server.
///
/// Step 7 is serial, and most of it is the server's work: the fold and the encoding of its rows run meanwhile, on another
/// core where there is one. The computation begins at once; whoever doesn't want its value any more lets it end unheard.
final class Aside<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let group = DispatchGroup()

    init(_ body: @escaping @Sendable () -> Value) {
        DispatchQueue.global().async(group: group) { [self] in
            let made = body()
            value.withLock { $0 = made }
        }
    }

    /// The value; blocks until it is made, so only for threads of our own.
    func wait() -> Value {
        group.wait()
        guard let made = value.withLock({ $0 }) else { preconditionFailure("the group is left after the value is set") }
        return made
    }
}
