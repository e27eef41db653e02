internal import Synchronization

/// What a worker may wait for without being hung.
package enum OutsideWait: String, Sendable {
    /// The brokers, which may be away for long.
    case kafka
    /// The database, which may be away for long.
    case database
    /// Something to do.
    case work
    /// A person, who must resume a feed.
    case person
}

/// What a worker does at the moment.
enum WorkerState: Sendable, Hashable {
    /// It is in a step that it entered at `since` and must leave within the limit.
    case working(since: Duration, limit: Duration)
    /// It waits for the world outside: that is no hang, however long.
    case waiting(OutsideWait)
}

/// Whether the service manager is told that we live.
enum WatchdogDecision: Sendable, Hashable {
    case ping
    /// A worker has been in its step for longer than it may.
    case withhold(worker: String, since: Duration)

    /// Ping, unless a worker is over its limit; then the one that has been longest in its step is named.
    static func decide(at now: Duration, _ states: [String: WorkerState]) -> WatchdogDecision {
        var worst: (worker: String, since: Duration)?
        for (worker, state) in states.sorted(by: { $0.key < $1.key }) {
            guard case .working(let since, let limit) = state, now - since > limit else { continue }
            if worst.map({ since < $0.since }) ?? true { worst = (worker, since) }
        }
        return worst.map { .withhold(worker: $0.worker, since: $0.since) } ?? .ping
    }
}

/// What every worker last said of its progress.
package final class ProgressRegistry: Sendable {
    /// The most workers at a time.
    package static let workersMax = 64

    private let states = Mutex<[String: WorkerState]>([:])
    private let clock: TelemetryClock

    package init(clock: TelemetryClock = .system) { self.clock = clock }

    /// Registers a worker, which begins with a step; its name is its own among those registered.
    ///
    /// - Parameter limit: how long one step may take.
    package func worker(_ name: String, limit: Duration) -> WorkerHandle {
        let now = clock.uptime()
        states.withLock { states in
            precondition(states[name] == nil, "a worker's name is its own")
            precondition(states.count < Self.workersMax, "a bounded number of workers")
            states[name] = .working(since: now, limit: limit)
        }
        return WorkerHandle(name: name, limit: limit, registry: self)
    }

    fileprivate func set(_ name: String, _ state: WorkerState?) { states.withLock { $0[name] = state } }

    fileprivate func step(_ name: String, limit: Duration) { set(name, .working(since: clock.uptime(), limit: limit)) }

    /// What to tell the service manager now, and the present time.
    func decision() -> (WatchdogDecision, now: Duration) {
        let now = clock.uptime()
        return (WatchdogDecision.decide(at: now, states.withLock { $0 }), now)
    }
}

/// A worker's own entry of the registry.
package struct WorkerHandle: Sendable {
    private let name: String
    private let limit: Duration
    private let registry: ProgressRegistry

    fileprivate init(name: String, limit: Duration, registry: ProgressRegistry) {
        self.name = name
        self.limit = limit
        self.registry = registry
    }

    /// A step begins, and any earlier one is over.
    package func progress() { registry.step(name, limit: limit) }

    /// The worker waits for the world outside, until its next `progress`.
    package func waiting(for wait: OutsideWait) { registry.set(name, .waiting(wait)) }

    /// The worker has ended and is no longer looked at.
    package func finish() { registry.set(name, nil) }
}
