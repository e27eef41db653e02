internal import Synchronization

/// What a worker may wait for without being hung.
package enum OutsideWait: String, Sendable {
    /// The brokers, which may be away for long.
    case kafka
    /// The database, which may be away for long.
    case database
}

/// What a worker does at the moment.
enum WorkerState: Sendable, Hashable {
    /// It is in a step that it entered at `since` and must leave within the limit.
    case working(since: Duration, limit: Duration)
    /// It waits for the world outside since then. That is no hang while it says so again, as it does with every attempt;
    /// one attempt must end within the limit.
    case waiting(OutsideWait, since: Duration, limit: Duration)

    /// When the step or the attempt began, where it is over its limit.
    func overdue(at now: Duration) -> Duration? {
        switch self {
        case .working(let since, let limit), .waiting(_, let since, let limit): now - since > limit ? since : nil
        }
    }
}

/// Whether the service manager is told that we live.
enum WatchdogDecision: Sendable, Hashable {
    case ping
    /// A worker has been in its step for longer than it may.
    case withhold(worker: String, since: Duration)

    /// Ping, unless a worker is over its limit; then the one that has been there for longest is named.
    static func decide(at now: Duration, _ states: [String: WorkerState]) -> WatchdogDecision {
        var worst: (worker: String, since: Duration)?
        for (worker, state) in states.sorted(by: { $0.key < $1.key }) {
            guard let since = state.overdue(at: now) else { continue }
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

    fileprivate func step(_ name: String, limit: Duration) { set(name, .working(since: clock.uptime(), limit: limit)) }

    fileprivate func wait(_ name: String, for wait: OutsideWait, limit: Duration) {
        set(name, .waiting(wait, since: clock.uptime(), limit: limit))
    }

    private func set(_ name: String, _ state: WorkerState) { states.withLock { $0[name] = state } }

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

    /// The worker waits for the world outside, until its next `progress`; said again with every attempt.
    package func waiting(for wait: OutsideWait) {
        registry.wait(name, for: wait, limit: limit * WorkerHandle.stepsOfAttempt)
    }

    /// How many steps an attempt may take: its statements have deadlines of their own, and a batch is a score of them.
    private static let stepsOfAttempt = 10
}
