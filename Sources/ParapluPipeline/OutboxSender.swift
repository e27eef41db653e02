import Kafka
import ParapluModel
import ParapluStore
import Synchronization

/// Sends outbox rows in Kafka transactions; belongs to the relay's thread.
///
/// A fatal error or a fence ends it: the relay makes a new one, if the lease is still its own.
final class OutboxSender: Sendable {
    private let producer: KafkaProducer
    private let prefix: String
    private let source: String
    private static let transactionTimeout = 10_000

    /// Takes the transactional id over, which fences whoever had it before.
    init(
        _ configuration: KafkaConfiguration, transactionalID: String, topicPrefix: String, events: EventFactory
    ) throws(KafkaError) {
        producer = try KafkaProducer(configuration, transactionalID: transactionalID)
        prefix = topicPrefix
        source = events.source
        do {
            try producer.initTransactions(timeoutMilliseconds: OutboxSender.transactionTimeout)
        } catch {
            producer.close(timeoutMilliseconds: 1000)
            throw error
        }
    }

    func close() {
        producer.close(timeoutMilliseconds: 2000)
    }

    /// Sends rows in one transaction, in order; the rows that the broker refuses for good, with the reason.
    ///
    /// A refused row spoils its transaction: it is left out and the others are sent again.
    func send(_ events: [OutboxStore.Event]) throws -> [(OutboxStore.Watermark, code: String)] {
        var refused: [(OutboxStore.Watermark, code: String)] = []
        var left = events
        while !left.isEmpty {
            guard let (index, error) = try attempt(left) else { break }
            guard OutboxSender.isRefusal(error, of: left[index]) else { throw error }
            refused.append((left[index].place, OutboxSender.name(of: error)))
            left.remove(at: index)
        }
        return refused
    }

    /// Sends a cut alone, and returns its data.
    func send(_ picture: CutStore.Picture, _ events: EventFactory) throws -> [UInt8] {
        var offsets: [(topic: String, next: [Int64])] = []
        for topic in ["status", "changes"].map({ "\(prefix).out.\($0).v1" }) {
            let count = try producer.partitionCount(topic: topic, timeoutMilliseconds: 5000)
            var next: [Int64] = []
            for partition in 0..<Int32(count) {
                let of = TopicPartition(topic: topic, partition: partition)
                next.append(try producer.watermarks(of: of, timeoutMilliseconds: 5000).high)
            }
            offsets.append((topic, next))
        }
        let data = events.cutData(picture, offsets: offsets)
        let topic = "\(prefix).out.cuts.v1"
        try producer.beginTransaction()
        do {
            try produce(
                topic: topic, key: Array("programme".utf8), value: events.cut(picture, data: data),
                headers: OutboxSender.structured, token: 0)
            if let error = try finish().first?.value { throw error }
        } catch {
            try? producer.abortTransaction(timeoutMilliseconds: OutboxSender.transactionTimeout)
            throw error
        }
        return data
    }

    /// One transaction over the rows; the first row that failed, or nil when it is committed.
    private func attempt(_ events: [OutboxStore.Event]) throws -> (index: Int, error: KafkaError)? {
        try producer.beginTransaction()
        do {
            for (index, event) in events.enumerated() {
                let (topic, headers) = describe(event)
                do {
                    try produce(
                        topic: topic, key: Array(event.key.utf8), value: event.payload, headers: headers,
                        token: UInt64(index))
                } catch let error as KafkaError {
                    guard OutboxSender.isRefusal(error, of: event) else { throw error }
                    try producer.abortTransaction(timeoutMilliseconds: OutboxSender.transactionTimeout)
                    return (index, error)
                }
            }
            let failures = try finish()
            guard let first = failures.min(by: { $0.key < $1.key }) else { return nil }
            try producer.abortTransaction(timeoutMilliseconds: OutboxSender.transactionTimeout)
            return (Int(first.key), first.value)
        } catch {
            try? producer.abortTransaction(timeoutMilliseconds: OutboxSender.transactionTimeout)
            throw error
        }
    }

    /// Waits for every delivery report and commits; what failed, by token, where it didn't.
    private func finish() throws -> [UInt64: KafkaError] {
        var failures: [UInt64: KafkaError] = [:]
        let deadline = ContinuousClock.now + .milliseconds(OutboxSender.transactionTimeout)
        while producer.outstandingCount > 0, ContinuousClock.now < deadline {
            for report in producer.poll(timeoutMilliseconds: 100) {
                if let error = report.error { failures[report.token] = error }
            }
        }
        for report in producer.poll(timeoutMilliseconds: 0) {
            if let error = report.error { failures[report.token] = error }
        }
        guard failures.isEmpty else { return failures }
        guard producer.outstandingCount == 0 else {
            throw KafkaError(code: .timedOut, message: "no delivery report in time", isRetriable: true)
        }
        try producer.commitTransaction(timeoutMilliseconds: OutboxSender.transactionTimeout)
        return [:]
    }

    private func produce(
        topic: String, key: [UInt8], value: [UInt8], headers: [(String, [UInt8])], token: UInt64
    ) throws {
        let deadline = ContinuousClock.now + .milliseconds(OutboxSender.transactionTimeout)
        while true {
            do {
                return try producer.produce(
                    topic: topic, partition: nil, key: key, value: value, headers: headers, token: token)
            } catch {
                // A full queue is back-pressure: it empties as reports come.
                guard error.code == .queueFull, ContinuousClock.now < deadline else { throw error }
                _ = producer.flush(timeoutMilliseconds: 100)
            }
        }
    }

    /// The topic and headers of a row: binary mode for status, whose topic is compacted, structured for the rest.
    private func describe(_ event: OutboxStore.Event) -> (topic: String, headers: [(String, [UInt8])]) {
        let topic = "\(prefix).out.\(event.topic).v1"
        guard event.topic == "status" else { return (topic, OutboxSender.structured) }
        let attributes: [(String, String)] = [
            ("ce_specversion", "1.0"), ("ce_type", EventFactory.statusType), ("ce_source", source),
            ("ce_id", EventFactory.statusID(subject: event.key, epoch: event.epoch, revision: event.revision)),
            ("ce_subject", event.key), ("ce_partitionkey", event.key), ("ce_time", event.recordedAt.description),
            ("ce_sequence", EventFactory.sequence(epoch: event.epoch, revision: event.revision)),
            ("content-type", "application/json"),
        ]
        return (topic, attributes.map { ($0.0, Array($0.1.utf8)) })
    }

    private static let structured: [(String, [UInt8])] = [
        ("content-type", Array("application/cloudevents+json; charset=utf-8".utf8))
    ]

    /// Whether the broker will never take this row: too large, or a receipt for a topic that isn't there or isn't ours.
    private static func isRefusal(_ error: KafkaError, of event: OutboxStore.Event) -> Bool {
        if error.code == .messageSizeTooLarge { return true }
        guard event.topic.hasPrefix("receipts.") else { return false }
        return [.unknownTopicOrPartition, .unknownTopic, .unknownPartition, .topicAuthorizationFailed].contains(
            error.code)
    }

    private static func name(of error: KafkaError) -> String {
        switch error.code {
        case .messageSizeTooLarge: "message_too_large"
        case .topicAuthorizationFailed: "not_authorised"
        default: "unknown_topic"
        }
    }
}
