internal import CRDKafka

/// A member of a consumer group whose positions its owner decides, and whose every event is polled.
///
/// The owner answers each `.assign` with `assign`, from positions of its own, and each `.revoke` with `unassign`; the
/// eager protocol is used, so both concern the whole assignment. Positions are moved by assigning again, never by
/// seeking, whose timeout is broken before librdkafka 2.1.0. `poll` and `close` belong to one thread of the owner's;
/// the other calls may come from any.
package final class KafkaConsumer: Sendable {
    private let handle: ClientHandle
    private let queue: SendablePointer

    /// A consumer that is not subscribed yet.
    ///
    /// - Parameter configuration: needs `bootstrap.servers` and `group.id`. Prefetch is bounded by
    ///   `queued.max.messages.kbytes` for all partitions together, as they share one queue.
    package init(_ configuration: KafkaConfiguration) throws(KafkaError) {
        let client = try configuration.makeClient(
            RD_KAFKA_CONSUMER,
            forced: [
                "enable.auto.commit": "false",
                "enable.auto.offset.store": "false",
                "auto.offset.reset": "error",
                "enable.partition.eof": "true",
                "isolation.level": "read_committed",
                "allow.auto.create.topics": "false",
                "check.crcs": "true",
                // Eager: cooperative has open defects before 2.10, and `range` gives one-partition topics to one member.
                "partition.assignment.strategy": "roundrobin",
                "log.queue": "true",
            ],
            events: RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_STATS
                | RD_KAFKA_EVENT_LOG)
        // Forwards the main queue (logs, statistics, errors) to the consumer's, so that one poll serves all.
        rd_kafka_poll_set_consumer(client)
        rd_kafka_set_log_queue(client, nil)
        handle = ClientHandle(owning: client)
        queue = SendablePointer(rd_kafka_queue_get_consumer(client))
    }

    /// Joins the group for these topics; replaces an earlier subscription.
    package func subscribe(_ topics: [String]) throws(KafkaError) {
        let client = try handle.enter()
        defer { handle.leave() }
        let list = topics.map { (TopicPartition(topic: $0, partition: -1), offset: Int64(RD_KAFKA_OFFSET_INVALID)) }
        try withPartitionList(list) { (list) throws(KafkaError) in
            try KafkaError.check(rd_kafka_subscribe(client, list))
        }
    }

    /// Appends records to the batch and returns what else happened, in order of arrival.
    ///
    /// Waits for the first event only; then takes what is there, until the batch has `maxRecords` records or `maxBytes`
    /// bytes (the last record may pass that bound) or the group assigns or revokes. The batch's
    /// `recordsBeforeEvents` tells for each event how many of the batch's records came before it. Empty once closed.
    ///
    /// One event at a time: the batch calls of 2.0.x lose records around pause and rebalance.
    package func poll(
        into batch: inout RecordBatch, maxRecords: Int, maxBytes: Int, timeoutMilliseconds: Int
    ) -> [ConsumerEvent] {
        guard let client = handle.enterIfOpen() else { return [] }
        defer { handle.leave() }
        var reader = EventReader(client: client)
        var wait = Int32(clamping: timeoutMilliseconds)
        batch.recordsBeforeEvents.removeAll(keepingCapacity: true)
        while batch.records.count < maxRecords, batch.byteCount < maxBytes, reader.mayGoOn,
            let event = rd_kafka_queue_poll(queue.pointer, wait)
        {
            wait = 0
            reader.read(event, into: &batch)
            rd_kafka_event_destroy(event)
        }
        batch.pad()
        return reader.events
    }

    /// Takes the partitions given as the whole assignment, each read from the offset given.
    ///
    /// Records fetched for an earlier assignment are dropped by librdkafka, not delivered later.
    package func assign(_ positions: [(TopicPartition, offset: Int64)]) throws(KafkaError) {
        let client = try handle.enter()
        defer { handle.leave() }
        try withPartitionList(positions) { (list) throws(KafkaError) in
            try KafkaError.check(rd_kafka_assign(client, list))
        }
        awaitStops(client)
    }

    /// Gives up the assignment, after a revocation.
    package func unassign() throws(KafkaError) {
        let client = try handle.enter()
        defer { handle.leave() }
        try KafkaError.check(rd_kafka_assign(client, nil))
        awaitStops(client)
    }

    /// Waits, some microseconds, until the fetchers that an assignment ended have stopped.
    ///
    /// A second assignment that comes before that stops them twice, and librdkafka (2.0.2 to 2.8.0) ends the process:
    /// `rd_kafka_assignment_partition_stopped: Assertion rktp_started`. Its main thread serves one queue in order: when
    /// the first question is answered the stops were taken, when the second is they were reported.
    private func awaitStops(_ client: OpaquePointer?) {
        for _ in 0..<2 {
            var list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
            if rd_kafka_assignment(client, &list) == RD_KAFKA_RESP_ERR_NO_ERROR {
                rd_kafka_topic_partition_list_destroy(list)
            }
        }
    }

    /// Stops fetching the partitions; records of theirs already fetched are not delivered.
    package func pause(_ partitions: [TopicPartition]) throws(KafkaError) {
        try setPaused(partitions, rd_kafka_pause_partitions)
    }

    /// Goes on with paused partitions, from the first record not delivered.
    package func resume(_ partitions: [TopicPartition]) throws(KafkaError) {
        try setPaused(partitions, rd_kafka_resume_partitions)
    }

    /// Tells the group these offsets (each the next to read) without waiting; a hint whose result is ignored.
    package func commitAsync(_ offsets: [(TopicPartition, Int64)]) {
        guard let client = handle.enterIfOpen() else { return }
        defer { handle.leave() }
        try? withPartitionList(offsets.map { ($0, offset: $1) }) { (list) throws(KafkaError) in
            _ = rd_kafka_commit(client, list, 1)
        }
    }

    /// The first offset kept and the next one to be written, as the partition's leader knows them.
    package func watermarks(
        of partition: TopicPartition, timeoutMilliseconds: Int
    ) throws(KafkaError) -> (low: Int64, high: Int64) {
        let client = try handle.enter()
        defer { handle.leave() }
        return try queryWatermarks(client, of: partition, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// The next offset to be written, as the last fetch of the partition had it; nil before there was one.
    ///
    /// Asks nobody.
    package func knownEnd(of partition: TopicPartition) -> Int64? {
        guard let client = handle.enterIfOpen() else { return nil }
        defer { handle.leave() }
        var low: Int64 = 0
        var high: Int64 = 0
        let code = rd_kafka_get_watermark_offsets(client, partition.topic, partition.partition, &low, &high)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
    }

    /// The group's committed offsets; nil where there is none.
    package func committed(
        _ partitions: [TopicPartition], timeoutMilliseconds: Int
    ) throws(KafkaError) -> [(TopicPartition, offset: Int64?)] {
        let client = try handle.enter()
        defer { handle.leave() }
        let list = partitions.map { ($0, offset: Int64(RD_KAFKA_OFFSET_INVALID)) }
        return try withPartitionList(list) { (list) throws(KafkaError) in
            try KafkaError.check(rd_kafka_committed(client, list, Int32(clamping: timeoutMilliseconds)))
            var offsets: [(TopicPartition, offset: Int64?)] = []
            for (partition, offset, error) in Kafka.partitions(of: list) {
                try KafkaError.check(error)
                offsets.append((partition, offset: offset >= 0 ? offset : nil))
            }
            return offsets
        }
    }

    /// How many partitions a topic has; 0 where there is none of that name.
    package func partitionCount(topic: String, timeoutMilliseconds: Int) throws(KafkaError) -> Int {
        let client = try handle.enter()
        defer { handle.leave() }
        let counts = try queryPartitionCounts(
            client, topic: try handle.topic(topic), timeoutMilliseconds: timeoutMilliseconds)
        return try counts[topic]?.get() ?? 0
    }

    /// Leaves the group and frees the client; after the deadline it no longer waits for either.
    ///
    /// Before 2.1.0 closing can hang when a partition was lost or its topic deleted, hence the bound.
    /// - Returns: whether all of it ended in time; true when closed before.
    @discardableResult
    package func close(timeoutMilliseconds: Int) -> Bool {
        let deadline = Deadline(millisecondsFromNow: timeoutMilliseconds)
        // Leaving the group gets two thirds, so that there is time for the client's threads to end.
        let farewellEnd = Deadline(millisecondsFromNow: timeoutMilliseconds * 2 / 3)
        return handle.close(before: deadline) { client in
            var hasLeft = false
            if let error = rd_kafka_consumer_close_queue(client, queue.pointer) {
                rd_kafka_error_destroy(error)
            } else {
                while rd_kafka_consumer_closed(client) == 0, !farewellEnd.hasPassed {
                    guard let event = rd_kafka_queue_poll(queue.pointer, min(farewellEnd.millisecondsLeft(), 50)) else {
                        continue
                    }
                    // librdkafka waits for an answer to the revocation that closing brings.
                    if rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE { rd_kafka_assign(client, nil) }
                    rd_kafka_event_destroy(event)
                }
                hasLeft = rd_kafka_consumer_closed(client) != 0
            }
            // A queue that is still held makes destroying wait.
            rd_kafka_queue_destroy(queue.pointer)
            return hasLeft
        }
    }

    private func setPaused(
        _ partitions: [TopicPartition],
        _ call: (OpaquePointer?, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> rd_kafka_resp_err_t
    ) throws(KafkaError) {
        let client = try handle.enter()
        defer { handle.leave() }
        let list = partitions.map { ($0, offset: Int64(RD_KAFKA_OFFSET_INVALID)) }
        try withPartitionList(list) { (list) throws(KafkaError) in
            try KafkaError.check(call(client, list))
            for (_, _, error) in Kafka.partitions(of: list) { try KafkaError.check(error) }
        }
    }
}
