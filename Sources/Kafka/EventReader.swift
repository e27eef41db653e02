internal import CRDKafka

/// Turns the events of one poll round into records and consumer events.
struct EventReader {
    /// At most so many events a round: a flood of log lines is spread over rounds.
    static let eventsMax = 1024

    private(set) var events: [ConsumerEvent] = []
    private var isRebalancing = false
    private let client: OpaquePointer
    // Topic handles seen in this round and their index in the batch. A handle lives as long as the assignment, which
    // nobody changes during a round; between rounds an address may be used again, so it is not kept.
    private var topics: [(handle: OpaquePointer?, index: Int)] = []

    init(client: OpaquePointer) { self.client = client }

    /// False when the owner has something to answer first.
    var mayGoOn: Bool { !isRebalancing && events.count < Self.eventsMax }

    /// Reads one event, which stays the caller's to destroy.
    mutating func read(_ event: OpaquePointer, into batch: inout RecordBatch) {
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_FETCH:
            while let message = rd_kafka_event_message_next(event) { read(message, into: &batch) }
        case RD_KAFKA_EVENT_REBALANCE:
            isRebalancing = true
            add(rebalance(event), to: &batch)
        case RD_KAFKA_EVENT_ERROR:
            add(error(event), to: &batch)
        case RD_KAFKA_EVENT_STATS:
            if let text = rd_kafka_event_stats(event) {
                add(.statistics([UInt8](UnsafeRawBufferPointer(start: text, count: strlen(text)))), to: &batch)
            }
        case RD_KAFKA_EVENT_LOG:
            if let log = LogLine(event) {
                add(.log(level: log.level, facility: log.facility, message: log.message), to: &batch)
            }
        default: break  // an event of a newer librdkafka that we did not ask for
        }
    }

    private mutating func add(_ event: ConsumerEvent, to batch: inout RecordBatch) {
        events.append(event)
        batch.recordsBeforeEvents.append(batch.records.count)
    }

    private mutating func read(_ message: UnsafePointer<rd_kafka_message_t>, into batch: inout RecordBatch) {
        let record = message.pointee
        guard record.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let name = rd_kafka_topic_name(record.rkt).map { String(cString: $0) } ?? ""
            let partition = TopicPartition(topic: name, partition: record.partition)
            add(.recordError(partition, offset: max(record.offset, -1), KafkaError(record.err)), to: &batch)
            return
        }
        let value = UnsafeRawBufferPointer(start: record.payload, count: record.payload == nil ? 0 : record.len)
        let key = UnsafeRawBufferPointer(start: record.key, count: record.key == nil ? 0 : record.key_len)
        batch.reserve(value.count + key.count)
        let valueRange = batch.append(value)
        let keyRange = record.key == nil ? nil : batch.append(key)
        let (headers, headerCount) = readHeaders(of: message, into: &batch)
        batch.append(
            RecordSlot(
                topicIndex: index(of: record.rkt, in: &batch), partition: record.partition, offset: record.offset,
                timestampMilliseconds: rd_kafka_message_timestamp(message, nil), isTombstone: record.payload == nil,
                key: keyRange, value: valueRange, headers: headers, headerCount: headerCount))
    }

    private func readHeaders(
        of message: UnsafePointer<rd_kafka_message_t>, into batch: inout RecordBatch
    ) -> (Range<Int>, Int) {
        let start = batch.byteCount
        var list: OpaquePointer?
        // The list stays the message's; no headers at all is an error code here, not an empty list.
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR else { return (start..<start, 0) }
        var count = 0
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(list, count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR,
            let header = name
        {
            let nameBytes = UnsafeRawBufferPointer(start: header, count: strlen(header))
            batch.reserve(nameBytes.count + size + 8)
            batch.append(length: UInt32(nameBytes.count))
            _ = batch.append(nameBytes)
            if let value {
                batch.append(length: UInt32(size))
                _ = batch.append(UnsafeRawBufferPointer(start: value, count: size))
            } else {
                batch.append(length: RecordHeaders.nullLength)
            }
            count += 1
        }
        return (start..<batch.byteCount, count)
    }

    private mutating func index(of topic: OpaquePointer?, in batch: inout RecordBatch) -> Int {
        for known in topics where known.handle == topic { return known.index }
        let index = batch.index(ofTopic: rd_kafka_topic_name(topic).map { String(cString: $0) } ?? "")
        topics.append((topic, index))
        return index
    }

    private func rebalance(_ event: OpaquePointer) -> ConsumerEvent {
        let list = partitions(of: rd_kafka_event_topic_partition_list(event)).map(\.partition)
        if rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS { return .assign(list) }
        // Any code but assign, errors included, means that nothing is ours any more.
        return .revoke(list, lost: rd_kafka_assignment_lost(client) != 0)
    }

    private func error(_ event: OpaquePointer) -> ConsumerEvent {
        let error = KafkaError(event: event, client: client)
        guard let found = rd_kafka_event_topic_partition(event) else { return .error(error) }
        defer { rd_kafka_topic_partition_destroy(found) }
        let topic = found.pointee.topic.map { String(cString: $0) } ?? ""
        let partition = TopicPartition(topic: topic, partition: found.pointee.partition)
        if error.code == .partitionEOF { return .partitionEOF(partition, offset: found.pointee.offset) }
        return error.isFatal
            ? .error(error) : .recordError(partition, offset: max(found.pointee.offset, -1), error)
    }
}

/// A log line of librdkafka's.
struct LogLine {
    let level: Int
    let facility: String
    let message: String

    /// The line of a log event, or nil for any other event.
    init?(_ event: OpaquePointer) {
        var facility: UnsafePointer<CChar>?
        var message: UnsafePointer<CChar>?
        var level: Int32 = 0
        guard rd_kafka_event_log(event, &facility, &message, &level) == 0 else { return nil }
        self.level = Int(level)
        self.facility = facility.map { String(cString: $0) } ?? ""
        self.message = message.map { String(cString: $0) } ?? ""
    }
}
