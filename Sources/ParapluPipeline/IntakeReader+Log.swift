import Digest
import Kafka
import ParapluConnectors
import ParapluStore

/// A range without a message.
typealias PartitionGap = (partition: TopicPartition, range: Range<Int64>, kind: OffsetGap.Kind)

/// What the log has where it is read: records, gaps, its ends, and what shows that it can't be read on.
extension IntakeReader {
    /// Takes the records of one poll and its events in the order in which they came.
    func take(
        _ events: [ConsumerEvent], from first: Int, of batch: RecordBatch, into records: inout [RecordSlot],
        _ gaps: inout [PartitionGap]
    ) {
        skipped.removeAll()
        var index = first
        for (event, before) in zip(events, batch.recordsBeforeEvents) {
            while index < before {
                take(batch.records[index], of: batch, into: &records, &gaps)
                index += 1
            }
            take(event, &records, &gaps)
        }
        while index < batch.records.count {
            take(batch.records[index], of: batch, into: &records, &gaps)
            index += 1
        }
    }

    private func take(
        _ record: RecordSlot, of batch: RecordBatch, into records: inout [RecordSlot],
        _ gaps: inout [PartitionGap]
    ) {
        let partition = TopicPartition(topic: batch.topics[record.topicIndex], partition: record.partition)
        guard let position = positions[partition], !skipped.contains(partition) else { return }
        if let known = expected[partition], record.offset <= known.offset {
            expected[partition] = nil
            guard record.offset == known.offset, decoder.digests(of: record, batch).contains(known.digest) else {
                stop(partition, code: "topic_recreated")
                return
            }
            return
        }
        expected[partition] = nil
        guard record.offset >= position else { return }
        if record.offset > position, !takeGap(partition, position..<record.offset, &gaps) { return }
        if !refetched.isEmpty { refetched.remove(partition) }
        positions[partition] = record.offset + 1
        records.append(record)
    }

    /// Whether a range without messages is accounted for; a dense topic's is fetched again, then holds the feed.
    private func takeGap(
        _ partition: TopicPartition, _ range: Range<Int64>,
        _ gaps: inout [PartitionGap]
    ) -> Bool {
        guard let index = connectors.index(ofTopic: partition.topic) else { return false }
        guard connectors.items[index].connector.offsets == .dense else {
            gaps.append((partition, range, .hole))
            return true
        }
        // What isn't there may have been taken by retention while we were reading.
        var rest = range
        if let low = try? watermarks(of: partition).low, low > range.lowerBound {
            rest = min(low, range.upperBound)..<range.upperBound
            lose(partition, range.lowerBound..<rest.lowerBound, &gaps)
            guard !rest.isEmpty else { return true }
        }
        if refetched.insert(partition).inserted {
            positions[partition] = rest.lowerBound
            skipped.insert(partition)
            reassign()
        } else {
            stop(partition, code: "offset_gap", range: rest)
        }
        return false
    }

    /// Notes offsets that retention took before they were read.
    private func lose(_ partition: TopicPartition, _ range: Range<Int64>, _ gaps: inout [PartitionGap]) {
        gaps.append((partition, range, .retention))
        emit(.lossRecorded(topic: partition.topic, partition: partition.partition, range: range))
    }

    /// Takes one event; what is given up with it is taken from `records` and `gaps`.
    func take(
        _ event: ConsumerEvent, _ records: inout [RecordSlot],
        _ gaps: inout [PartitionGap]
    ) {
        switch event {
        case .assign(let partitions):
            pending.append(.assigned(partitions))
        case .revoke(let partitions, let lost):
            forgetPartitions()
            records.removeAll()
            gaps.removeAll()
            try? consumer.unassign()
            emit(.partitionsRevoked(count: partitions.count, lost: lost))
        case .partitionEOF(let partition, let offset):
            guard let position = positions[partition], !skipped.contains(partition) else { break }
            if expected[partition] != nil, offset < position {
                stop(partition, code: "topic_recreated")
            } else if offset > position {
                if takeGap(partition, position..<offset, &gaps) { positions[partition] = offset }
            } else {
                refetched.remove(partition)
            }
        case .recordError(let partition, let offset, let error):
            guard error.code == .autoOffsetReset || error.code == .offsetOutOfRange else {
                // An unreadable record: librdkafka stays there; the feed is held with the coordinates (F38).
                if [.badMessage, .badCompression, .corruptMessage].contains(error.code) {
                    stop(partition, code: "unreadable_record", range: offset..<offset + 1)
                }
                break
            }
            outOfRange(partition, at: offset, &gaps)
        case .error(let error):
            if error.code == .allBrokersDown { emit(.dependencyLost(.kafka, reason: "all_brokers_down")) }
            if error.isFatal { pending.append(.failed(error)) }
        case .statistics:
            break
        case .log(let level, let facility, _):
            emit(.kafkaLog(level: level, facility: facility))
        }
    }

    /// Our position isn't in the log: retention took it, or the log is another one.
    private func outOfRange(
        _ partition: TopicPartition, at offset: Int64,
        _ gaps: inout [PartitionGap]
    ) {
        guard let position = positions[partition] else { return }
        guard let (low, high) = try? watermarks(of: partition) else {
            // Its leader is away: fetching begins again when it may be back.
            astray.insert(partition)
            return
        }
        if low > position, expected[partition] == nil || offset < position {
            lose(partition, position..<low, &gaps)
            positions[partition] = low
            expected[partition] = nil
            reassign()
        } else if high < position {
            stop(partition, code: "topic_recreated")
        } else if expected[partition] != nil {
            // The record before the position is gone, the position itself isn't.
            expected[partition] = nil
            reassign()
        } else {
            // The broker that said so knew less of the log than its leader does.
            astray.insert(partition)
        }
    }

    /// Reads a partition no further, and says why.
    func stop(_ partition: TopicPartition, code: String, range: Range<Int64>? = nil) {
        positions[partition] = nil
        expected[partition] = nil
        try? consumer.pause([partition])
        pending.append(.broken(partition, code: code, range: range))
    }
}
