/// The thread of a connection, its queue of jobs, and the session it keeps open between them.
final class ConnectionWorker: Sendable {
    /// Takes the session, or the reason why there is none; called exactly once.
    typealias Job = @Sendable (Result<PostgresSession, any Error>) -> Void

    /// How many jobs may wait; one more is refused, because nobody can mean to queue so many on one connection.
    static let queueMax = 256

    private struct State {
        var jobs: [Job] = []
        var thread: OwnThread?
        var isClosing = false
        var isFinished = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var canceller: Canceller?
        var sessions = 0
    }

    private let configuration: PostgresConfiguration
    private let name: String
    private let deadline: Duration?
    private let opening: (@Sendable (PostgresSession) throws -> Void)?
    private let abandonment = Abandonment()
    private let state = Monitor(State())

    init(
        _ configuration: PostgresConfiguration, name: String, deadline: Duration?,
        opening: (@Sendable (PostgresSession) throws -> Void)?
    ) {
        self.configuration = configuration
        self.name = name
        self.deadline = deadline
        self.opening = opening
    }

    /// Queues a job, starting the thread when it is the first; a refused job is told so at once.
    func submit(_ job: @escaping Job) {
        let refusal: PostgresError? = state.withLock { state in
            guard !state.isClosing else { return .connection("closed") }
            guard state.jobs.count < Self.queueMax else { return .connection("too many callers wait") }
            if state.thread == nil {
                state.thread = OwnThread(name: name) { [self] in work() }
                guard state.thread != nil else { return .connection("no thread left") }
            }
            state.jobs.append(job)
            return nil
        }
        if let refusal { job(.failure(refusal)) }
    }

    var isOnOwnThread: Bool { state.withLock { $0.thread?.isCurrent ?? false } }

    func cancel() { state.withLock { $0.canceller }?.request() }

    func abandon() { abandonment.raise() }

    /// Whether there is no thread: never started, or closed.
    var isAtRest: Bool { state.withLock { $0.thread == nil } }

    /// Takes no more jobs, and returns when those queued have run and the thread has ended.
    func close() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isOver = state.withLock { state in
                state.isClosing = true
                guard state.thread != nil, !state.isFinished else { return true }
                state.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
        takeThread()?.join()
    }

    /// Lets the thread end by itself; for an owner that forgot to close.
    func release() {
        state.withLock { $0.isClosing = true }
        takeThread()?.detach()
    }

    private func takeThread() -> OwnThread? {
        state.withLock { state in
            defer { state.thread = nil }
            return state.thread
        }
    }

    /// The thread's life: jobs in order, then the end.
    private func work() {
        var session: PostgresSession?
        while let job = nextJob() { session = run(job, on: session) }
        session = nil
        let waiters = state.withLock { state in
            state.isFinished = true
            state.canceller = nil
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func nextJob() -> Job? {
        state.wait { state -> Job?? in
            if !state.jobs.isEmpty { return .some(state.jobs.removeFirst()) }
            return state.isClosing ? .some(nil) : nil
        }
    }

    /// Runs a job on the open session, or on a new one, and returns the session if it can be kept.
    private func run(_ job: Job, on open: PostgresSession?) -> PostgresSession? {
        let session: PostgresSession
        do {
            if abandonment.isRaised { throw PostgresError.abandoned }
            if let open, open.isAlive() {
                session = open
            } else {
                session = try connect()
            }
        } catch {
            state.withLock { $0.canceller = nil }
            job(.failure(error))
            return nil
        }
        if session.lend({ job(.success($0)) }) { return session }
        state.withLock { $0.canceller = nil }
        return nil
    }

    /// Opens a session and makes it ready.
    private func connect() throws -> PostgresSession {
        let link = try Link.connect(configuration, abandonment)
        let number = state.withLock { state in
            state.canceller = link.canceller
            state.sessions += 1
            return state.sessions
        }
        let session = PostgresSession(link, number: number, standardDeadline: deadline)
        guard let opening else { return session }
        var failure: (any Error)?
        let isUsable = session.lend { session in
            do { try opening(session) } catch { failure = error }
        }
        if let failure { throw failure }
        guard isUsable else { throw PostgresError.connection("the connection was lost while it was made ready") }
        return session
    }
}
