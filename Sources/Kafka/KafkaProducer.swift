internal import CRDKafka
internal import Synchronization

/// What became of one record given to a producer.
package struct DeliveryReport: Hashable, Sendable {
    /// The token given to `produce`.
    package var token: UInt64
    /// The partition written to, or -1 when none was chosen.
    package var partition: Int32
    /// The record's offset, or -1 when it is not known.
    package var offset: Int64
    /// Why it was not delivered, or nil when it was.
    package var error: KafkaError?
    /// Whether the record is in the log or may be: true for a failure whose outcome nobody knows.
    package var possiblyPersisted: Bool
}

/// What a producer tells besides delivery reports.
package enum ProducerEvent: Hashable, Sendable {
    /// An error of the client or the cluster; librdkafka goes on by itself unless it is fatal.
    case error(KafkaError)
    /// librdkafka's statistics, as JSON.
    case statistics([UInt8])
    /// A log line of librdkafka's; the level is syslog's, 0 to 7.
    case log(level: Int, facility: String, message: String)
}

/// An idempotent producer, with transactions when it has a transactional id.
///
/// Each record gets exactly one delivery report, from `poll`. Records are partitioned by key as Java's client does it
/// (murmur2), so that one key lands in one partition whoever sends it. After a fatal error the caller closes it and
/// makes a new one. `produce`, `poll` and the transaction calls belong to one thread of the owner's.
package final class KafkaProducer: Sendable {
    private struct State {
        var reports: [DeliveryReport] = []
        var events: [ProducerEvent] = []
        var outstanding = 0
    }

    /// At most so many events wait for `takeEvents`; the oldest go first.
    private static let eventsMax = 256

    private let handle: ClientHandle
    private let queue: SendablePointer
    private let state = Mutex(State())

    /// A producer; with a transactional id, `initTransactions` comes first.
    package init(_ configuration: KafkaConfiguration, transactionalID: String?) throws(KafkaError) {
        var forced = [
            "enable.idempotence": "true",
            "acks": "all",
            "partitioner": "murmur2_random",
            "allow.auto.create.topics": "false",
            "log.queue": "true",
        ]
        forced["transactional.id"] = transactionalID
        let client = try configuration.makeClient(
            RD_KAFKA_PRODUCER, forced: forced,
            events: RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_LOG)
        rd_kafka_set_log_queue(client, nil)
        handle = ClientHandle(owning: client)
        queue = SendablePointer(rd_kafka_queue_get_main(client))
    }

    // MARK: Records

    /// Queues one record, by copy.
    ///
    /// - Parameters:
    ///   - partition: nil lets the key decide, or chance where there is no key.
    ///   - value: nil is a tombstone.
    ///   - headers: in order, names may repeat.
    ///   - token: comes back in the record's delivery report.
    /// - Throws: `.queueFull` as back-pressure: poll, then try again.
    package func produce(
        topic: String, partition: Int32?, key: [UInt8]?, value: [UInt8]?, headers: [(String, [UInt8])] = [],
        token: UInt64
    ) throws(KafkaError) {
        try produce(
            topic: topic, partition: partition, key: key, value: value, nullableHeaders: headers.map { ($0, $1) },
            token: token)
    }

    /// Queues one record whose headers may have null values.
    package func produce(
        topic: String, partition: Int32?, key: [UInt8]?, value: [UInt8]?, nullableHeaders: [(String, [UInt8]?)],
        token: UInt64
    ) throws(KafkaError) {
        let client = try handle.enter()
        defer { handle.leave() }
        let topicHandle = try handle.topic(topic)
        let headerList = makeHeaders(nullableHeaders)
        // Counted before the call: the report may come before it returns.
        state.withLock { $0.outstanding += 1 }
        let error = withOptionalBytes(key) { key in
            withOptionalBytes(value) { value in
                SendablePointer(
                    paraplu_produce(
                        client, topicHandle, partition ?? RD_KAFKA_PARTITION_UA, key?.baseAddress, key?.count ?? 0,
                        value?.baseAddress, value?.count ?? 0, headerList, token))
            }
        }.pointer
        guard let error else { return }
        state.withLock { $0.outstanding -= 1 }
        if let headerList { rd_kafka_headers_destroy(headerList) }
        throw KafkaError(consuming: error)
    }

    /// The delivery reports that have come, waiting for the first at most as long as given.
    package func poll(timeoutMilliseconds: Int) -> [DeliveryReport] {
        guard let client = handle.enterIfOpen() else { return takeReports() }
        defer { handle.leave() }
        serve(client, timeoutMilliseconds: state.withLock { $0.reports.isEmpty } ? timeoutMilliseconds : 0)
        return takeReports()
    }

    /// Errors, statistics and log lines that came with the polls, oldest first; at most the last 256.
    package func takeEvents() -> [ProducerEvent] {
        state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
    }

    /// How many records have no delivery report yet.
    package var outstandingCount: Int { state.withLock { $0.outstanding } }

    /// Waits until every record has its delivery report, which the next `poll` returns; false when time ran out.
    @discardableResult
    package func flush(timeoutMilliseconds: Int) -> Bool {
        guard let client = handle.enterIfOpen() else { return true }
        defer { handle.leave() }
        return drain(client, before: Deadline(millisecondsFromNow: timeoutMilliseconds))
    }

    // MARK: Transactions

    /// Takes over the transactional id: fences an earlier producer and ends its transaction.
    package func initTransactions(timeoutMilliseconds: Int) throws(KafkaError) {
        let client = try handle.enter()
        defer { handle.leave() }
        try KafkaError.check(rd_kafka_init_transactions(client, Int32(clamping: timeoutMilliseconds)))
    }

    /// Begins a transaction, to which the records that follow belong.
    package func beginTransaction() throws(KafkaError) {
        let client = try handle.enter()
        defer { handle.leave() }
        try KafkaError.check(rd_kafka_begin_transaction(client))
    }

    /// Sends what is queued and commits; a retriable error means that the same call may be made again.
    package func commitTransaction(timeoutMilliseconds: Int) throws(KafkaError) {
        try endTransaction(PARAPLU_COMMIT_TRANSACTION, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Throws away what is queued and aborts; a retriable error means that the same call may be made again.
    package func abortTransaction(timeoutMilliseconds: Int) throws(KafkaError) {
        try endTransaction(PARAPLU_ABORT_TRANSACTION, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Commits or aborts on a thread of its own while this one serves the delivery reports.
    ///
    /// Both flush first, and with reports as events flushing waits for somebody else to serve them
    /// (rdkafka.h at `rd_kafka_commit_transaction`).
    private func endTransaction(_ kind: paraplu_task_kind, timeoutMilliseconds: Int) throws(KafkaError) {
        let client = try handle.enter()
        defer { handle.leave() }
        guard let task = paraplu_task_start(client, kind, Int32(clamping: timeoutMilliseconds)) else {
            throw KafkaError(code: .failure, message: "no thread to end the transaction")
        }
        // The call keeps to its own timeout; librdkafka may not use the client after we have left, so it is awaited.
        repeat {
            serve(client, timeoutMilliseconds: 0)
        } while paraplu_task_wait(task, 1) == 0
        serve(client, timeoutMilliseconds: 0)
        try KafkaError.check(paraplu_task_release(task))
    }

    // MARK: Cluster

    /// The first offset kept and the next one to be written, as the partition's leader knows them.
    package func watermarks(
        of partition: TopicPartition, timeoutMilliseconds: Int
    ) throws(KafkaError) -> (low: Int64, high: Int64) {
        let client = try handle.enter()
        defer { handle.leave() }
        return try queryWatermarks(client, of: partition, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// How many partitions a topic has.
    package func partitionCount(topic: String, timeoutMilliseconds: Int) throws(KafkaError) -> Int {
        let client = try handle.enter()
        defer { handle.leave() }
        let counts = try queryPartitionCounts(
            client, topic: try handle.topic(topic), timeoutMilliseconds: timeoutMilliseconds)
        return try counts[topic]?.get() ?? 0
    }

    /// Frees the client; records not yet sent are thrown away, so flush or commit first.
    ///
    /// - Returns: whether it ended in time; true when closed before. The last reports are still there for `poll`.
    @discardableResult
    package func close(timeoutMilliseconds: Int) -> Bool {
        handle.close(before: Deadline(millisecondsFromNow: timeoutMilliseconds)) { client in
            rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
            // What purging threw away is reported at once; a share of the time is enough for it.
            _ = drain(client, before: Deadline(millisecondsFromNow: min(timeoutMilliseconds / 4, 1000)))
            // A queue that is still held makes destroying wait.
            rd_kafka_queue_destroy(queue.pointer)
            return true
        }
    }

    // MARK: Serving the queue

    private func drain(_ client: OpaquePointer, before deadline: Deadline) -> Bool {
        // Zero wait: only tells the broker threads not to linger.
        rd_kafka_flush(client, 0)
        while outstandingCount > 0 {
            guard !deadline.hasPassed else { return false }
            serve(client, timeoutMilliseconds: Int(min(deadline.millisecondsLeft(), 50)))
        }
        return true
    }

    /// Reads the events there are, waiting for the first as long as given.
    private func serve(_ client: OpaquePointer, timeoutMilliseconds: Int) {
        var wait = Int32(clamping: timeoutMilliseconds)
        // Bounded by what is outstanding, plus events, of which a round takes as many as are kept.
        var eventsLeft = Self.eventsMax
        while eventsLeft > 0, let event = rd_kafka_queue_poll(queue.pointer, wait) {
            wait = 0
            defer { rd_kafka_event_destroy(event) }
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_DR:
                let reports = deliveryReports(of: event)
                state.withLock { state in
                    state.outstanding -= reports.count
                    state.reports += reports
                }
                continue
            case RD_KAFKA_EVENT_ERROR: keep(.error(KafkaError(event: event, client: client)))
            case RD_KAFKA_EVENT_STATS:
                if let text = rd_kafka_event_stats(event) {
                    keep(.statistics([UInt8](UnsafeRawBufferPointer(start: text, count: strlen(text)))))
                }
            case RD_KAFKA_EVENT_LOG:
                if let log = LogLine(event) {
                    keep(.log(level: log.level, facility: log.facility, message: log.message))
                }
            default: break  // an event of a newer librdkafka that we did not ask for
            }
            eventsLeft -= 1
        }
    }

    private func deliveryReports(of event: OpaquePointer) -> [DeliveryReport] {
        var reports: [DeliveryReport] = []
        reports.reserveCapacity(rd_kafka_event_message_count(event))
        while let message = rd_kafka_event_message_next(event) {
            let error = message.pointee.err
            reports.append(
                DeliveryReport(
                    token: paraplu_message_token(message), partition: message.pointee.partition,
                    offset: max(message.pointee.offset, -1),
                    error: error == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(error),
                    possiblyPersisted: rd_kafka_message_status(message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED))
        }
        return reports
    }

    private func keep(_ event: ProducerEvent) {
        state.withLock { state in
            if state.events.count >= Self.eventsMax { state.events.removeFirst() }
            state.events.append(event)
        }
    }

    private func takeReports() -> [DeliveryReport] {
        state.withLock { state in
            defer { state.reports = [] }
            return state.reports
        }
    }
}

/// A C list of headers, the caller's until a record takes it; nil when there are none.
private func makeHeaders(_ headers: [(String, [UInt8]?)]) -> OpaquePointer? {
    guard !headers.isEmpty, let list = rd_kafka_headers_new(headers.count) else { return nil }
    for (name, value) in headers {
        withOptionalBytes(value) { value in
            _ = rd_kafka_header_add(list, name, -1, value?.baseAddress, value?.count ?? 0)
        }
    }
    return list
}

/// Lends bytes so that empty and nil stay different: C knows them apart by the pointer only.
private func withOptionalBytes<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
    guard let bytes else { return body(nil) }
    guard !bytes.isEmpty else {
        return withUnsafeBytes(of: UInt8(0)) { body(UnsafeRawBufferPointer(rebasing: $0[..<0])) }
    }
    return bytes.withUnsafeBytes { body($0) }
}
