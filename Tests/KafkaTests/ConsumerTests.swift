import Foundation
import Kafka
import ParapluTesting
import Testing

@Suite(.timeLimit(.minutes(6)))
struct ConsumerTests {
    @Test("records arrive whatever their batch was compressed with", arguments: ["gzip", "lz4", "snappy", "zstd"])
    func compressed(codec: String) async throws {
        let broker = try await TestBroker.shared()
        // The topic's own setting too: the broker then stores it so, whatever the producer made of it.
        let topic = try await broker.createTopic(config: ["compression.type": codec])
        try await TestBroker.onThread {
            try send(50, to: topic, valueBytes: 2_000, broker: broker, settings: ["compression.type": codec])
            let consumer = try KafkaConsumer(consumerConfiguration(broker))
            defer { consumer.close(timeoutMilliseconds: 10_000) }

            try consumer.subscribe([topic])
            let polled = Polled()
            let isDone = try poll(consumer, into: polled) { $0.records.count >= 50 }

            #expect(isDone)
            #expect(polled.records.map(\.offset) == Array(0..<50))
            #expect(polled.records.allSatisfy { ($0.value?.count ?? 0) > 2_000 })
        }
    }

    @Test("an assignment starts at the offsets it is given")
    func startsAtOffset() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        try await TestBroker.onThread {
            try send(10, to: topic, broker: broker)
            let consumer = try KafkaConsumer(consumerConfiguration(broker))
            defer { consumer.close(timeoutMilliseconds: 10_000) }

            try consumer.subscribe([topic])
            let polled = Polled()
            let partition = TopicPartition(topic: topic, partition: 0)
            let isDone = try poll(consumer, into: polled, positions: { _ in 7 }) {
                $0.events.reachedEnd(of: partition)
            }

            #expect(isDone)
            #expect(polled.records.map(\.offset) == [7, 8, 9])
            #expect(polled.events.contains(.partitionEOF(partition, offset: 10)))
            #expect(try consumer.watermarks(of: partition, timeoutMilliseconds: 5000) == (low: 0, high: 10))
            #expect(consumer.knownEnd(of: partition) == 10)
            #expect(consumer.knownEnd(of: TopicPartition(topic: topic, partition: 1)) == nil)
        }
    }

    @Test("a reassignment moves the position without repeats of what was fetched before")
    func reassigns() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        try await TestBroker.onThread {
            try send(10, to: topic, broker: broker)
            let consumer = try KafkaConsumer(consumerConfiguration(broker))
            defer { consumer.close(timeoutMilliseconds: 10_000) }
            let partition = TopicPartition(topic: topic, partition: 0)
            let polled = Polled()
            try consumer.assign([(partition, offset: 0)])
            #expect(try poll(consumer, into: polled, maxRecords: 3) { $0.records.count == 3 })

            try consumer.assign([(partition, offset: 8)])
            #expect(try poll(consumer, into: polled) { $0.events.reachedEnd(of: partition) })

            #expect(polled.records.map(\.offset) == [0, 1, 2, 8, 9])
        }
    }

    @Test("assignments that follow one another at once, before fetchers have stopped, do the client no harm")
    func assignsAtOnce() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic(partitions: 8)
        try await TestBroker.onThread {
            try send(80, to: topic, broker: broker)
            let consumer = try KafkaConsumer(consumerConfiguration(broker))
            defer { consumer.close(timeoutMilliseconds: 10_000) }
            let all = (0..<Int32(8)).map { (TopicPartition(topic: topic, partition: $0), offset: Int64(0)) }
            try consumer.assign(all)
            #expect(try poll(consumer, into: Polled()) { !$0.records.isEmpty })

            for round in 0..<200 {
                try consumer.assign(round % 2 == 0 ? Array(all.prefix(4)) : all)
                try consumer.unassign()
                try consumer.assign(all)
            }

            let polled = Polled()
            #expect(try poll(consumer, into: polled) { $0.records.count == 80 })
        }
    }

    @Test("two members share the partitions, and the first is told what it loses")
    func rebalances() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic(partitions: 4)
        try await TestBroker.onThread {
            let configuration = consumerConfiguration(broker)
            let first = try KafkaConsumer(configuration)
            defer { first.close(timeoutMilliseconds: 10_000) }
            try first.subscribe([topic])
            let polledFirst = Polled()
            #expect(try poll(first, into: polledFirst) { $0.events.assigned.count == 4 })

            let second = try KafkaConsumer(configuration)
            defer { second.close(timeoutMilliseconds: 10_000) }
            try second.subscribe([topic])
            let polledSecond = Polled()
            let isShared = try poll(first, into: polledFirst) { first in
                _ = try? poll(second, into: polledSecond, milliseconds: 20) { _ in false }
                return first.events.assigned.count == 2 && polledSecond.events.assigned.count == 2
            }

            #expect(isShared)
            let revoked = polledFirst.events.contains {
                if case .revoke(let partitions, lost: false) = $0 { partitions.count == 4 } else { false }
            }
            #expect(revoked)
            let all = Set(polledFirst.events.assigned + polledSecond.events.assigned)
            #expect(all == Set((0..<4).map { TopicPartition(topic: topic, partition: $0) }))
        }
    }

    @Test("a record carries key, value and headers, with null and empty kept apart")
    func carriesEverything() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        try await TestBroker.onThread {
            let producer = try KafkaProducer(broker.configuration(), transactionalID: nil)
            defer { producer.close(timeoutMilliseconds: 5000) }
            let headers: [(String, [UInt8]?)] = [("a", [49]), ("b", nil), ("a", []), ("", [50])]
            try producer.produce(
                topic: topic, partition: 0, key: [107], value: [118], nullableHeaders: headers, token: 1)
            try producer.produce(topic: topic, partition: 0, key: [107], value: nil, token: 2)
            try producer.produce(topic: topic, partition: 0, key: [], value: [], token: 3)
            try producer.produce(topic: topic, partition: 0, key: nil, value: [118], token: 4)
            #expect(producer.flush(timeoutMilliseconds: patienceMilliseconds))
            let consumer = try KafkaConsumer(consumerConfiguration(broker))
            defer { consumer.close(timeoutMilliseconds: 10_000) }

            try consumer.assign([(TopicPartition(topic: topic, partition: 0), offset: 0)])
            let polled = Polled()
            #expect(try poll(consumer, into: polled) { $0.records.count >= 4 })

            #expect(polled.records.map(\.key) == ["k", "k", "", nil])
            #expect(polled.records.map(\.value) == ["v", nil, "", "v"])
            #expect(
                polled.records.first?.headers == [
                    Polled.Header(name: "a", value: "1"), Polled.Header(name: "b", value: nil),
                    Polled.Header(name: "a", value: ""), Polled.Header(name: "", value: "2"),
                ])
        }
    }

    @Test("a paused partition gives nothing, and resumes where it was without gap or repeat")
    func pauses() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic(partitions: 2)
        try await TestBroker.onThread {
            try send(100, to: topic, partition: 0, broker: broker)
            try send(100, to: topic, partition: 1, broker: broker)
            let consumer = try KafkaConsumer(consumerConfiguration(broker))
            defer { consumer.close(timeoutMilliseconds: 10_000) }
            let (paused, other) = (
                TopicPartition(topic: topic, partition: 0), TopicPartition(topic: topic, partition: 1)
            )
            try consumer.assign([(paused, offset: 0), (other, offset: 0)])
            let polled = Polled()
            #expect(try poll(consumer, into: polled, maxRecords: 7) { $0.records.contains { $0.partition == 0 } })

            try consumer.pause([paused])
            let before = polled.records.count { $0.partition == 0 }
            #expect(try poll(consumer, into: polled) { $0.events.reachedEnd(of: other) })
            #expect(polled.records.count { $0.partition == 0 } == before)

            try consumer.resume([paused])
            #expect(try poll(consumer, into: polled) { $0.events.reachedEnd(of: paused) })
            #expect(polled.records.filter { $0.partition == 0 }.map(\.offset) == Array(0..<100))
        }
    }

    @Test("what is fetched ahead stays within the bytes configured")
    func boundsPrefetch() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        try await TestBroker.onThread {
            try send(2_000, to: topic, valueBytes: 10_000, broker: broker)
            let consumer = try KafkaConsumer(
                consumerConfiguration(
                    broker,
                    [
                        "queued.max.messages.kbytes": "64", "fetch.message.max.bytes": "65536",
                        "statistics.interval.ms": "20",
                    ]))
            defer { consumer.close(timeoutMilliseconds: 10_000) }
            try consumer.assign([(TopicPartition(topic: topic, partition: 0), offset: 0)])

            // Read slowly enough for several statistics to come while much is left.
            let polled = Polled()
            #expect(try poll(consumer, into: polled, maxRecords: 1) { $0.records.count == 2_000 })

            // Each broker answer may hold up to two batches beyond the bound.
            let sizes = try polled.events.compactMap { event -> Int? in
                guard case .statistics(let bytes) = event else { return nil }
                let fields = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
                let topics = fields?["topics"] as? [String: Any]
                let partitions = (topics?[topic] as? [String: Any])?["partitions"] as? [String: Any]
                return (partitions?["0"] as? [String: Any])?["fetchq_size"] as? Int
            }
            #expect(sizes.contains { $0 > 0 })
            #expect(sizes.allSatisfy { $0 <= 2 << 20 })
            #expect(polled.records.map(\.offset) == Array(0..<2_000))
        }
    }

    @Test("a batch ends in zeros behind its last byte, also when it is reused")
    func padsArena() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        try await TestBroker.onThread {
            try send(20, to: topic, valueBytes: 50, broker: broker)
            let consumer = try KafkaConsumer(consumerConfiguration(broker))
            defer { consumer.close(timeoutMilliseconds: 10_000) }
            try consumer.assign([(TopicPartition(topic: topic, partition: 0), offset: 0)])

            var batch = RecordBatch()
            var count = 0
            let end = ContinuousClock.now + .milliseconds(patienceMilliseconds)
            for maxRecords in [10, 1, 3, 6] where ContinuousClock.now < end {
                batch.removeAll(keepingCapacity: true)
                while batch.records.count < maxRecords, ContinuousClock.now < end {
                    _ = consumer.poll(into: &batch, maxRecords: maxRecords, maxBytes: 1 << 20, timeoutMilliseconds: 50)
                }
                count += batch.records.count

                #expect(batch.arena.count >= batch.byteCount + RecordBatch.paddingBytes)
                #expect(
                    batch.arena[batch.byteCount..<batch.byteCount + RecordBatch.paddingBytes].allSatisfy { $0 == 0 })
                #expect(batch.topics == [topic])
            }
            #expect(count == 20)
        }
    }

    @Test("a position outside the log is an error about that partition, not a jump")
    func reportsPositionOutsideLog() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        try await TestBroker.onThread {
            try send(3, to: topic, broker: broker)
            let consumer = try KafkaConsumer(consumerConfiguration(broker))
            defer { consumer.close(timeoutMilliseconds: 10_000) }
            let partition = TopicPartition(topic: topic, partition: 0)

            try consumer.assign([(partition, offset: 99)])
            let polled = Polled()
            let isReported = try poll(consumer, into: polled) { polled in
                polled.events.contains {
                    if case .recordError(partition, _, let error) = $0 { error.code == .autoOffsetReset } else { false }
                }
            }

            #expect(isReported)
            #expect(polled.records.isEmpty)
        }
    }

    @Test("a subscription to a topic that does not exist is a typed error")
    func reportsUnknownTopic() async throws {
        let broker = try await TestBroker.shared()
        try await TestBroker.onThread {
            let consumer = try KafkaConsumer(consumerConfiguration(broker))
            defer { consumer.close(timeoutMilliseconds: 10_000) }

            try consumer.subscribe(["test.missing.\(UUID().uuidString)"])
            let polled = Polled()
            let isReported = try poll(consumer, into: polled) { polled in
                polled.events.contains {
                    if case .error(let error) = $0 { error.code == .unknownTopicOrPartition } else { false }
                }
            }

            #expect(isReported)
        }
    }

    @Test("a committed offset is told to the group, as a hint")
    func commits() async throws {
        let broker = try await TestBroker.shared()
        let topic = try await broker.createTopic()
        try await TestBroker.onThread {
            try send(3, to: topic, broker: broker)
            let consumer = try KafkaConsumer(consumerConfiguration(broker))
            defer { consumer.close(timeoutMilliseconds: 10_000) }
            let partition = TopicPartition(topic: topic, partition: 0)
            try consumer.subscribe([topic])
            let polled = Polled()
            #expect(try poll(consumer, into: polled) { $0.records.count == 3 })

            let isCommitted = try commitAndRead(2, of: partition, by: consumer)

            #expect(isCommitted)
        }
    }
}

/// Commits an offset as a hint and polls until the group knows it; false at the deadline.
private func commitAndRead(_ offset: Int64, of partition: TopicPartition, by consumer: KafkaConsumer) throws -> Bool {
    consumer.commitAsync([(partition, offset)])
    return try poll(consumer, into: Polled()) { _ in
        guard let committed = try? consumer.committed([partition], timeoutMilliseconds: 1000) else { return false }
        return committed.first?.offset == offset
    }
}
