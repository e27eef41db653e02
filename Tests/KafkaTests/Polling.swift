import Foundation
import Kafka
import ParapluTesting
import Testing

/// What a test polled so far, copied out of the batches.
final class Polled {
    struct Record: Equatable {
        var topic: String
        var partition: Int32
        var offset: Int64
        var key: String?
        var value: String?
        var headers: [Header]
    }

    struct Header: Equatable {
        var name: String
        var value: String?
    }

    var records: [Record] = []
    var events: [ConsumerEvent] = []
}

/// How long a test waits at most for what it expects.
let patienceMilliseconds = 30_000

/// Consumer settings of a group of its own, quick in its rounds.
func consumerConfiguration(_ broker: TestBroker, _ settings: [String: String] = [:]) -> KafkaConfiguration {
    broker.configuration([
        "group.id": "test.\(UUID().uuidString)", "session.timeout.ms": "6000", "heartbeat.interval.ms": "500",
        "fetch.wait.max.ms": "50",
    ]).merging(settings)
}

/// Polls until the condition holds, and answers assignments with the positions given; false at the deadline.
func poll(
    _ consumer: KafkaConsumer, into polled: Polled, milliseconds: Int = patienceMilliseconds,
    maxRecords: Int = 10_000, positions: ((TopicPartition) -> Int64)? = { _ in 0 },
    until condition: (Polled) -> Bool
) throws -> Bool {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    var batch = RecordBatch()
    while !condition(polled) {
        guard ContinuousClock.now < end else { return false }
        batch.removeAll(keepingCapacity: true)
        let events = consumer.poll(into: &batch, maxRecords: maxRecords, maxBytes: 1 << 22, timeoutMilliseconds: 50)
        polled.records += batch.records.map { record(of: $0, in: batch) }
        polled.events += events
        for event in events {
            switch event {
            case .assign(let partitions):
                if let positions { try consumer.assign(partitions.map { ($0, offset: positions($0)) }) }
            case .revoke: try consumer.unassign()
            default: break
            }
        }
    }
    return true
}

/// A record with its bytes as text.
private func record(of slot: RecordSlot, in batch: RecordBatch) -> Polled.Record {
    func text(_ range: Range<Int>) -> String { String(decoding: batch.arena[range], as: UTF8.self) }
    return Polled.Record(
        topic: batch.topic(of: slot), partition: slot.partition, offset: slot.offset, key: slot.key.map(text),
        value: slot.isTombstone ? nil : text(slot.value),
        headers: batch.headers(of: slot).map { Polled.Header(name: text($0.nameRange), value: $0.valueRange.map(text)) }
    )
}

/// Sends so many numbered records to one partition and awaits their delivery.
func send(
    _ count: Int, to topic: String, partition: Int32 = 0, from first: Int = 0, valueBytes: Int = 0, broker: TestBroker,
    settings: [String: String] = [:]
) throws {
    let producer = try KafkaProducer(broker.configuration(settings), transactionalID: nil)
    defer { producer.close(timeoutMilliseconds: 5000) }
    for number in first..<first + count {
        let value = [UInt8]("\(number)".utf8) + [UInt8](repeating: 46, count: valueBytes)
        try producer.produce(topic: topic, partition: partition, key: nil, value: value, token: UInt64(number))
    }
    producer.flush(timeoutMilliseconds: patienceMilliseconds)
    let reports = producer.poll(timeoutMilliseconds: 0)
    guard reports.count == count, reports.allSatisfy({ $0.error == nil }) else { throw NotDelivered(reports: reports) }
}

/// Records were not delivered within the test's patience.
struct NotDelivered: Error {
    var reports: [DeliveryReport]
}

extension [ConsumerEvent] {
    /// Whether an end of this partition was reported.
    func reachedEnd(of partition: TopicPartition) -> Bool {
        contains { if case .partitionEOF(partition, _) = $0 { true } else { false } }
    }

    /// Partitions of the last assignment that was not revoked.
    var assigned: [TopicPartition] {
        reduce(into: []) { assigned, event in
            switch event {
            case .assign(let partitions): assigned = partitions
            case .revoke: assigned = []
            default: break
            }
        }
    }
}

/// The error with which a call is refused, or nil where it isn't; for tests that look into it, because Swift 6.0's
/// `#expect(throws:)` doesn't return it.
func kafkaError<Value>(_ call: () throws -> Value) -> KafkaError? {
    do {
        _ = try call()
        Issue.record("the call was not refused")
    } catch let error as KafkaError {
        return error
    } catch {
        Issue.record(error)
    }
    return nil
}
