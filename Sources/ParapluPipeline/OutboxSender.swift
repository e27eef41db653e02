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
    private let emit: PipelineSink
    private static let transactionTimeout = 10_000
    /// How long a topic may stay unknown before its rows fail: well below the transaction's own time.
    ///
    /// librdkafka waits 30 s, as a topic may just be being made; a transaction would end before that, as if the broker were
    /// away, and the next one would wait again (CONFIGURATION.md at `topic.metadata.propagation.max.ms`).
    private static let unknownTopicMilliseconds = 3_000

    /// Takes the transactional id over, which fences whoever had it before.
    init(
        _ configuration: KafkaConfiguration, transactionalID: String, topicPrefix: String, events: EventFactory,
        emit: @escaping PipelineSink
    ) throws(KafkaError) {
        producer = try KafkaProducer(
            configuration.merging([
                "topic.metadata.propagation.max.ms": String(OutboxSender.unknownTopicMilliseconds)
            ]), transactionalID: transactionalID)
        prefix = topicPrefix
        source = events.source
        self.emit = emit
        do {
            try producer.initTransactions(timeoutMilliseconds: OutboxSender.transactionTimeout)
        } catch {
            tellLog()
            producer.close(timeoutMilliseconds: 1000)
            throw error
        }
    }

    func close() {
        tellLog()
        producer.close(timeoutMilliseconds: 2000)
    }

    /// Passes on what the client logged.
    private func tellLog() {
        for case .log(let level, let facility, _) in producer.takeEvents() {
            emit(.kafkaLog(level: level, facility: facility))
        }
    }

    /// Sends rows in one transaction, in order; the rows that the broker refuses for good, with the reason.
    ///
    /// A refused row spoils its transaction: it is left out and the others are sent again. Where the broker finds rows too
    /// large it means all that travelled together; so each half goes alone, until it is one row that is refused.
    func send(_ events: [OutboxStore.Event]) throws -> [(OutboxStore.Watermark, code: String)] {
        defer { tellLog() }
        var refused: [(OutboxStore.Watermark, code: String)] = []
        var left = events
        var isAgain = false
        while !left.isEmpty {
            let failures: [Int: Failure]
            do {
                failures = try attempt(left)
                isAgain = false
            } catch let error as KafkaError
                where [.purgedQueue, .outOfOrderSequenceNumber].contains(error.code) && !isAgain
            {
                // After a batch that the broker refused, its sequence has a gap: the next transaction is thrown away, and
                // aborting that one makes both sides count anew.
                isAgain = true
                continue
            } catch let error as KafkaError where error.code == .topicAuthorizationFailed {
                return refused + (try sendByTopic(left, after: error))
            }
            guard !failures.isEmpty else { break }
            let certain = failures.filter { $0.value.isOfRow || left.count == 1 }
            guard !certain.isEmpty else {
                let middle = left.count / 2
                refused += try send(Array(left[..<middle]))
                return refused + (try send(Array(left[middle...])))
            }
            for index in certain.keys.sorted() {
                refused.append((left[index].place, OutboxSender.name(of: certain[index]?.code ?? .unknownTopic)))
            }
            left = left.enumerated().filter { certain[$0.offset] == nil }.map(\.element)
        }
        return refused
    }

    /// Sends each topic of receipts alone, as a transaction that may not be written tells of no row and no topic.
    private func sendByTopic(
        _ events: [OutboxStore.Event], after error: KafkaError
    ) throws -> [(OutboxStore.Watermark, code: String)] {
        let topics = Set(events.map(\.topic).filter { $0.hasPrefix("receipts.") })
        guard !topics.isEmpty else { throw error }
        let others = events.filter { !topics.contains($0.topic) }
        if topics.count == 1, others.isEmpty { return events.map { ($0.place, OutboxSender.name(of: error.code)) } }
        var refused: [(OutboxStore.Watermark, code: String)] = []
        for topic in topics.sorted() { refused += try send(events.filter { $0.topic == topic }) }
        return refused + (try send(others))
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
            if let error = try awaitReports().first?.value { throw error }
            try producer.commitTransaction(timeoutMilliseconds: OutboxSender.transactionTimeout)
        } catch {
            try? abort()
            throw error
        }
        return data
    }

    /// Why a row was refused.
    private struct Failure {
        let code: KafkaErrorCode
        /// Whether it is said of this row alone, and not of those that travelled with it.
        let isOfRow: Bool
    }

    /// One transaction over the rows; those that were refused, by place in the list, or none when it is committed.
    private func attempt(_ events: [OutboxStore.Event]) throws -> [Int: Failure] {
        try producer.beginTransaction()
        do {
            var failures: [Int: Failure] = [:]
            var spoiled: KafkaError?
            queueing: for (index, event) in events.enumerated() {
                let (topic, headers) = describe(event)
                do {
                    try produce(
                        topic: topic, key: Array(event.key.utf8), value: event.payload, headers: headers,
                        token: UInt64(index))
                } catch let error as KafkaError {
                    if OutboxSender.isRefusal(error, of: event) {
                        failures[index] = Failure(code: error.code, isOfRow: true)
                    } else if error.code == .state {
                        // A row before it failed meanwhile; the reports say which.
                        spoiled = error
                        break queueing
                    } else {
                        throw error
                    }
                }
            }
            // Where one is refused at once, nothing of the others needs to be sent in vain.
            if failures.isEmpty {
                let reported = try awaitReports()
                for (token, error) in reported
                where token < events.count && OutboxSender.isRefusal(error, of: events[Int(token)]) {
                    failures[Int(token)] = Failure(code: error.code, isOfRow: error.code != .messageSizeTooLarge)
                }
                // What follows from a refusal isn't a failure of its own.
                if failures.isEmpty, let error = reported.first?.value ?? spoiled {
                    if error.code == .purgedQueue { try tellReason() }
                    throw error
                }
            }
            if failures.isEmpty {
                try producer.commitTransaction(timeoutMilliseconds: OutboxSender.transactionTimeout)
            } else {
                try abort()
            }
            return failures
        } catch {
            try? abort()
            throw error
        }
    }

    /// Throws why the transaction can't go on, where that is so: rows are thrown away for it, and trying to end it tells.
    private func tellReason() throws { try producer.commitTransaction(timeoutMilliseconds: 1000) }

    /// Aborts, and reads the reports of what was thrown away by it: the next transaction uses the same tokens.
    private func abort() throws {
        try producer.abortTransaction(timeoutMilliseconds: OutboxSender.transactionTimeout)
        _ = producer.poll(timeoutMilliseconds: 0)
        guard producer.outstandingCount == 0 else {
            throw KafkaError(code: .timedOut, message: "no delivery report of an aborted record", isRetriable: true)
        }
    }

    /// Waits for every delivery report; what failed, by token.
    private func awaitReports() throws -> [UInt64: KafkaError] {
        var failures: [UInt64: KafkaError] = [:]
        var deadline = ContinuousClock.now + .milliseconds(OutboxSender.transactionTimeout)
        while producer.outstandingCount > 0, ContinuousClock.now < deadline {
            for report in producer.poll(timeoutMilliseconds: 100) {
                guard let error = report.error else { continue }
                // What was spoiled is aborted: the others are waited for a moment only, as they may fail for the same reason.
                if failures.isEmpty { deadline = min(deadline, .now + .milliseconds(500)) }
                failures[report.token] = error
            }
        }
        for report in producer.poll(timeoutMilliseconds: 0) {
            if let error = report.error { failures[report.token] = error }
        }
        guard failures.isEmpty else { return failures }
        guard producer.outstandingCount == 0 else {
            try tellReason()
            throw KafkaError(code: .timedOut, message: "no delivery report in time", isRetriable: true)
        }
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
    ///
    /// Status, changes and cuts have topics without which there is nothing to relay: a missing one is waited for.
    private static func isRefusal(_ error: KafkaError, of event: OutboxStore.Event) -> Bool {
        if error.code == .messageSizeTooLarge { return true }
        guard event.topic.hasPrefix("receipts.") else { return false }
        return [.unknownTopicOrPartition, .unknownTopic, .unknownPartition, .topicAuthorizationFailed].contains(
            error.code)
    }

    private static func name(of code: KafkaErrorCode) -> String {
        switch code {
        case .messageSizeTooLarge: "message_too_large"
        case .topicAuthorizationFailed: "not_authorised"
        default: "unknown_topic"
        }
    }
}
