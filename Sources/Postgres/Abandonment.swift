internal import CLibPQ
internal import Glibc

/// A flag that is raised once and that a `poll` can wait for.
final class Abandonment: Sendable {
    /// Readable from the moment the flag is raised; -1 when the system had no descriptor to give.
    let descriptor: Int32

    init() { descriptor = clibpq_wakeup() }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Raises the flag; may be called from any thread, any number of times.
    func raise() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    var isRaised: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 1
    }
}

/// The moment after which a wait ends, or none.
struct Deadline: Sendable {
    private let instant: ContinuousClock.Instant?

    init(after duration: Duration?) { instant = duration.map { .now + $0 } }

    /// What `poll` takes: milliseconds rounded up, 0 when the moment has passed, -1 without one.
    var remainingMilliseconds: Int32 {
        guard let instant else { return -1 }
        let left = ContinuousClock.now.duration(to: instant)
        guard left > .zero else { return 0 }
        let (seconds, attoseconds) = left.components
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        return Int32(seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }
}
