import Foundation
import Kafka
import ParapluTesting
import Testing

@Suite(.timeLimit(.minutes(6)))
struct ProducerTests {
    @Test("each record has one delivery report with its token and offset")
    func reportsDeliveries() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic(partitions: 3)
        try await TestBroker.onThread {
            let producer = try KafkaProducer(broker.configuration(), transactionalID: nil)
            defer { producer.close(timeoutMilliseconds: 5000) }

            for token in 1...1000 as ClosedRange<UInt64> {
                try producer.produce(
                    topic: topic, partition: nil, key: Array("\(token % 10)".utf8), value: [1], token: token)
            }
            #expect(producer.flush(timeoutMilliseconds: patienceMilliseconds))
            let reports = producer.poll(timeoutMilliseconds: 0)

            #expect(reports.map(\.token).sorted() == Array(1...1000))
            #expect(reports.allSatisfy { $0.error == nil && $0.possiblyPersisted && $0.offset >= 0 })
            #expect(try producer.partitionCount(topic: topic, timeoutMilliseconds: 5000) == 3)
            let ends = try (0..<3).map {
                try producer.watermarks(
                    of: TopicPartition(topic: topic, partition: $0), timeoutMilliseconds: 5000
                ).high
            }
            #expect(ends.reduce(0, +) == 1000)
        }
    }

    @Test("a second producer with the same transactional id fences the first")
    func fences() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        try await TestBroker.onThread {
            let identity = "test.\(UUID().uuidString)"
            let first = try KafkaProducer(broker.configuration(), transactionalID: identity)
            defer { first.close(timeoutMilliseconds: 5000) }
            try first.initTransactions(timeoutMilliseconds: patienceMilliseconds)
            try first.beginTransaction()
            try first.produce(topic: topic, partition: 0, key: nil, value: [1], token: 1)
            #expect(first.flush(timeoutMilliseconds: patienceMilliseconds))

            let second = try KafkaProducer(broker.configuration(), transactionalID: identity)
            defer { second.close(timeoutMilliseconds: 5000) }
            try second.initTransactions(timeoutMilliseconds: patienceMilliseconds)

            let refusal = kafkaError {
                try first.commitTransaction(timeoutMilliseconds: patienceMilliseconds)
            }
            #expect(refusal?.isFatal == true)
            #expect(refusal?.code == .fenced)
        }
    }

    @Test("an aborted transaction is not seen and leaves a hole in the offsets")
    func aborts() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        try await TestBroker.onThread {
            let producer = try KafkaProducer(broker.configuration(), transactionalID: "test.\(UUID().uuidString)")
            defer { producer.close(timeoutMilliseconds: 5000) }
            try producer.initTransactions(timeoutMilliseconds: patienceMilliseconds)
            for (value, isKept) in [(1, true), (2, false), (3, true)] as [(UInt8, Bool)] {
                try producer.beginTransaction()
                try producer.produce(topic: topic, partition: 0, key: nil, value: [48 + value], token: 0)
                if isKept {
                    try producer.commitTransaction(timeoutMilliseconds: patienceMilliseconds)
                } else {
                    #expect(producer.flush(timeoutMilliseconds: patienceMilliseconds))
                    try producer.abortTransaction(timeoutMilliseconds: patienceMilliseconds)
                }
            }
            let consumer = try KafkaConsumer(consumerConfiguration(broker))
            defer { consumer.close(timeoutMilliseconds: 10_000) }
            let partition = TopicPartition(topic: topic, partition: 0)

            try consumer.assign([(partition, offset: 0)])
            let polled = Polled()
            #expect(try poll(consumer, into: polled) { $0.records.count == 2 && $0.events.reachedEnd(of: partition) })

            // Each transaction is a record and its marker: 0 1, 2 3, 4 5.
            #expect(polled.records.map(\.value) == ["1", "3"])
            #expect(polled.records.map(\.offset) == [0, 4])
            #expect(polled.events.contains(.partitionEOF(partition, offset: 6)))
        }
    }

    @Test("an abort with records still queued reports each of them")
    func abortsQueued() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        try await TestBroker.onThread {
            let producer = try KafkaProducer(
                broker.configuration(["linger.ms": "5000"]), transactionalID: "test.\(UUID().uuidString)")
            defer { producer.close(timeoutMilliseconds: 5000) }
            try producer.initTransactions(timeoutMilliseconds: patienceMilliseconds)
            try producer.beginTransaction()
            for token in 0..<100 as Range<UInt64> {
                try producer.produce(topic: topic, partition: 0, key: nil, value: [1], token: token)
            }

            try producer.abortTransaction(timeoutMilliseconds: patienceMilliseconds)

            #expect(producer.poll(timeoutMilliseconds: 0).map(\.token).sorted() == Array(0..<100))
            #expect(producer.outstandingCount == 0)
        }
    }

    @Test("a full queue is back-pressure: the call is refused and works again after a poll")
    func pushesBack() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        try await TestBroker.onThread {
            let producer = try KafkaProducer(
                broker.configuration(["queue.buffering.max.messages": "10"]), transactionalID: nil)
            defer { producer.close(timeoutMilliseconds: 5000) }

            let refusal = kafkaError {
                for token in 0..<100 as Range<UInt64> {
                    try producer.produce(topic: topic, partition: 0, key: nil, value: [1], token: token)
                }
            }

            #expect(refusal?.code == .queueFull)
            #expect(refusal?.isRetriable == true)
            #expect(producer.flush(timeoutMilliseconds: patienceMilliseconds))
            try producer.produce(topic: topic, partition: 0, key: nil, value: [1], token: 100)
            #expect(producer.flush(timeoutMilliseconds: patienceMilliseconds))
        }
    }

    @Test("a record to a topic that does not exist fails with a typed error")
    func reportsUnknownTopic() async throws {
        let broker = try await TestBroker.shared()
        try await TestBroker.onThread {
            let producer = try KafkaProducer(
                broker.configuration(["topic.metadata.propagation.max.ms": "100"]), transactionalID: nil)
            defer { producer.close(timeoutMilliseconds: 5000) }
            let topic = "test.missing.\(UUID().uuidString)"

            // A topic not yet known is given time to appear, so the refusal comes with the report.
            try producer.produce(topic: topic, partition: nil, key: nil, value: [1], token: 7)
            #expect(producer.flush(timeoutMilliseconds: patienceMilliseconds))
            let report = producer.poll(timeoutMilliseconds: 0).first

            #expect(report?.token == 7)
            #expect([.unknownTopicOrPartition, .unknownTopic].contains(report?.error?.code))
            #expect(report?.possiblyPersisted == false)
        }
    }

    @Test("a refused broker answer reaches the delivery report as what it is")
    func reportsInjectedError() async throws {
        try await TestBroker.onThread {
            let mock = try KafkaMockCluster(brokers: 1)
            defer { mock.close() }
            try mock.createTopic("refused", partitions: 1)
            let settings = KafkaConfiguration(properties: ["bootstrap.servers": mock.bootstraps])
            let producer = try KafkaProducer(settings, transactionalID: nil)
            defer { producer.close(timeoutMilliseconds: 5000) }
            mock.pushErrors([.topicAuthorizationFailed], for: .produce)

            try producer.produce(topic: "refused", partition: 0, key: nil, value: [1], token: 1)
            #expect(producer.flush(timeoutMilliseconds: patienceMilliseconds))

            #expect(producer.poll(timeoutMilliseconds: 0).first?.error?.code == .topicAuthorizationFailed)
        }
    }
}
