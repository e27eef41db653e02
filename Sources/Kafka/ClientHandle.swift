internal import CRDKafka
internal import Synchronization

/// One librdkafka client: the pointer, who is inside a call on it, and its end.
///
/// A librdkafka handle may be used from many threads at once, but not once it is destroyed; so a call enters and
/// leaves, and `close` waits for those inside.
/// - Source: INTRODUCTION.md of librdkafka, "Threads and callbacks".
final class ClientHandle: @unchecked Sendable {
    // @unchecked: the pointer never changes, librdkafka's handle is thread-safe, and `state` guards its end.

    private struct State {
        var callsInside = 0
        var isClosing = false
        var isClosed = false
        var topics: [String: OpaquePointer] = [:]
    }

    private let client: OpaquePointer
    private let state = Mutex(State())

    init(owning client: OpaquePointer) { self.client = client }

    deinit {
        assert(state.withLock { $0.isClosed }, "a Kafka client was let go without close()")
    }

    /// Begins a call; every one is ended with `leave()`.
    func enter() throws(KafkaError) -> OpaquePointer {
        guard let client = enterIfOpen() else {
            throw KafkaError(code: .destroyed, message: "the client is closed")
        }
        return client
    }

    /// Begins a call, or nil once the client is closing.
    func enterIfOpen() -> OpaquePointer? {
        let isOpen = state.withLock { state in
            guard !state.isClosing else { return false }
            state.callsInside += 1
            return true
        }
        return isOpen ? client : nil
    }

    /// Ends a call.
    func leave() { state.withLock { $0.callsInside -= 1 } }

    /// The handle of a topic, made on first use and kept until the client closes.
    func topic(_ name: String) throws(KafkaError) -> OpaquePointer {
        if let topic = state.withLock({ SendablePointer($0.topics[name]) }).pointer { return topic }
        guard let made = rd_kafka_topic_new(client, name, nil) else { throw KafkaError(rd_kafka_last_error()) }
        let box = SendablePointer(made)
        return state.withLock { state in
            if let earlier = state.topics[name] {
                rd_kafka_topic_destroy(box.pointer)
                return SendablePointer(earlier)
            }
            state.topics[name] = box.pointer
            return box
        }.pointer ?? made
    }

    /// Closes once: waits for the calls inside, runs `farewell`, and destroys the client, all before the deadline.
    ///
    /// What librdkafka has not finished by then goes on, on a thread of its own, and is not waited for.
    /// - Returns: whether everything ended in time; true for a client closed before.
    func close(before deadline: Deadline, farewell: (OpaquePointer) -> Bool) -> Bool {
        let isFirst = state.withLock { state in
            defer { state.isClosing = true }
            return !state.isClosing
        }
        guard isFirst else { return true }
        defer { state.withLock { $0.isClosed = true } }
        while state.withLock({ $0.callsInside }) > 0 {
            // A call blocks at most its own timeout; there is nothing to wait on but time.
            guard !deadline.hasPassed else { return false }
            usleep(500)
        }
        let saidFarewell = farewell(client)
        let topics = state.withLock { state in
            defer { state.topics = [:] }
            return state.topics.values.map { SendablePointer($0) }
        }
        for topic in topics { rd_kafka_topic_destroy(topic.pointer) }
        // NO_CONSUMER_CLOSE: the consumer was closed by its own farewell, or its deadline has passed.
        guard let task = paraplu_task_start(client, PARAPLU_DESTROY, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE) else {
            return false
        }
        let isDestroyed = paraplu_task_wait(task, deadline.millisecondsLeft(atLeast: 100)) != 0
        if let error = paraplu_task_release(task) { rd_kafka_error_destroy(error) }
        return isDestroyed && saidFarewell
    }
}

/// A C pointer that may cross into a lock's closure; the lock is what makes it safe.
struct SendablePointer: @unchecked Sendable {
    let pointer: OpaquePointer?

    init(_ pointer: OpaquePointer?) { self.pointer = pointer }
}

/// A moment of the monotonic clock before which something is to end.
struct Deadline: Sendable {
    private let end: ContinuousClock.Instant

    init(millisecondsFromNow milliseconds: Int) { end = .now + .milliseconds(milliseconds) }

    var hasPassed: Bool { end <= .now }

    /// What is left, in whole milliseconds, at least the floor given.
    func millisecondsLeft(atLeast floor: Int = 0) -> Int32 {
        let (seconds, attoseconds) = (end - .now).components
        let left = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        return Int32(clamping: max(left, Int64(floor)))
    }
}
