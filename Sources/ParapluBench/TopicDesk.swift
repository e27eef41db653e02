import Foundation
import Kafka

/// The topics of a run: made, filled, and read back.
struct TopicDesk {
    /// Partitions of the status and changes topics.
    private static let outPartitions = 6
    private let configuration: KafkaConfiguration
    private static let timeoutMilliseconds = 30_000

    init(_ options: BenchOptions) throws { configuration = try options.kafka() }

    private func name(_ topic: String) -> String { "\(BenchDatabase.prefix).\(topic)" }

    func create() throws {
        var topics = BenchFeed.allCases.flatMap { feed in
            [
                KafkaAdmin.NewTopic(name: name(feed.topic), partitions: BenchFeed.partitions, replication: 1),
                KafkaAdmin.NewTopic(name: name("out.receipts.\(feed.partner).v1"), partitions: 1, replication: 1),
            ]
        }
        topics += [
            KafkaAdmin.NewTopic(
                name: name("out.status.v1"), partitions: TopicDesk.outPartitions, replication: 1,
                config: ["cleanup.policy": "compact"]),
            KafkaAdmin.NewTopic(name: name("out.changes.v1"), partitions: TopicDesk.outPartitions, replication: 1),
            KafkaAdmin.NewTopic(name: name("out.cuts.v1"), partitions: 1, replication: 1),
        ]
        let admin = try KafkaAdmin(configuration: configuration)
        defer { admin.close() }
        for result in try admin.createTopics(topics, timeoutMilliseconds: TopicDesk.timeoutMilliseconds) {
            if let error = result.error { throw error }
        }
    }

    /// Publishes the whole workload and returns what is to come out.
    func produce(_ workload: Workload, _ report: Report) throws -> Workload.Truth {
        let producer = try KafkaProducer(
            configuration.merging([
                "linger.ms": "20", "batch.num.messages": "10000", "queue.buffering.max.messages": "100000",
                "compression.type": "lz4",
            ]), transactionalID: nil)
        defer { producer.close(timeoutMilliseconds: TopicDesk.timeoutMilliseconds) }
        let encoder = MessageEncoder(workload.plan)
        let topics = BenchFeed.allCases.map { name($0.topic) }
        var (produced, failed) = (0, 0)
        func settle(_ milliseconds: Int) {
            failed += producer.poll(timeoutMilliseconds: milliseconds).count { $0.error != nil }
        }
        let truth = try workload.run { message in
            let bytes = encoder.bytes(of: message)
            while true {
                do throws(KafkaError) {
                    try producer.produce(
                        topic: topics[message.feed.rawValue], partition: message.partition, key: bytes.key,
                        value: bytes.value, headers: bytes.headers, token: 0)
                    break
                } catch {
                    guard error.code == .queueFull else { throw error }
                    settle(100)
                }
            }
            produced += 1
            if produced % 1000 == 0 { settle(0) }
            if produced % 100_000 == 0 { report.say("  \(produced) messages published") }
        }
        while producer.outstandingCount > 0 {
            producer.flush(timeoutMilliseconds: 5000)
            settle(0)
        }
        settle(0)
        guard failed == 0 else { throw BenchFailure("\(failed) messages weren't delivered") }
        return truth
    }

    /// Reads an outbound topic from its beginning to its end, committed records alone.
    ///
    /// - Parameter take: Gets each record's key and value.
    func read(_ topic: String, _ take: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Void) throws {
        let name = name(topic)
        let consumer = try KafkaConsumer(
            configuration.merging(["group.id": "bench-reader", "enable.partition.eof": "true"]))
        defer { consumer.close(timeoutMilliseconds: 5000) }
        let count = try consumer.partitionCount(topic: name, timeoutMilliseconds: TopicDesk.timeoutMilliseconds)
        try consumer.assign((0..<count).map { (TopicPartition(topic: name, partition: Int32($0)), offset: 0) })
        var ended: Set<TopicPartition> = []
        var batch = RecordBatch()
        let deadline = Usage.now + 300
        while ended.count < count {
            guard Usage.now < deadline else { throw BenchFailure("\(name) wasn't read to its end") }
            batch.removeAll(keepingCapacity: true)
            let events = consumer.poll(
                into: &batch, maxRecords: 10_000, maxBytes: 16 << 20, timeoutMilliseconds: 100)
            for record in batch.records { take(batch.arena[record.key ?? 0..<0], batch.arena[record.value]) }
            for event in events {
                if case .partitionEOF(let partition, _) = event { ended.insert(partition) }
            }
        }
    }
}
