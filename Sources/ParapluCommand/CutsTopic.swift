internal import Kafka
internal import ParapluStore

/// Reads the latest cuts as they stand on their topic.
struct CutsTopic {
    let configuration: KafkaConfiguration
    let name: String

    /// The most cuts that are read.
    ///
    /// Each head's chain covers all that came before it, so that the latest prove the whole
    /// journal; earlier ones only tell sooner where it was changed.
    static let cutsMax: Int64 = 20_000
    /// How long the brokers may send nothing.
    private static let silenceMax = Duration.seconds(30)

    /// Hands the latest cuts over in their order, some at a time; none where the topic isn't there yet.
    ///
    /// - Throws: `KafkaError` where the brokers don't give them, and what `body` throws.
    func forEachBatch(_ body: ([PublishedCut]) throws -> Void) throws {
        let consumer = try KafkaConsumer(configuration)
        defer { consumer.close(timeoutMilliseconds: 2000) }
        var positions: [(TopicPartition, offset: Int64)] = []
        for partition in try partitions() {
            let (low, high) = try consumer.watermarks(
                of: partition, timeoutMilliseconds: Services.brokerTimeoutMilliseconds)
            if high > low { positions.append((partition, offset: max(low, high - CutsTopic.cutsMax))) }
        }
        guard !positions.isEmpty else { return }
        try consumer.assign(positions)
        var left = Set(positions.map(\.0))
        var deadline = ContinuousClock.now + CutsTopic.silenceMax
        while !left.isEmpty {
            guard ContinuousClock.now < deadline else {
                throw KafkaError(code: .timedOut, message: "\(name) could not be read to its end", isRetriable: true)
            }
            var batch = RecordBatch()
            let events = consumer.poll(into: &batch, maxRecords: 200, maxBytes: 1 << 22, timeoutMilliseconds: 200)
            if !batch.records.isEmpty { deadline = .now + CutsTopic.silenceMax }
            try body(batch.records.compactMap { PublishedCut(event: Array(batch.arena[$0.value])) })
            for event in events {
                switch event {
                case .partitionEOF(let partition, _): left.remove(partition)
                case .recordError(_, _, let error): throw error
                case .error(let error) where !error.isRetriable: throw error
                case .error, .assign, .revoke, .statistics, .log: break
                }
            }
        }
    }

    private func partitions() throws -> [TopicPartition] {
        let admin = try KafkaAdmin(configuration: configuration)
        defer { admin.close() }
        let counts = try admin.metadata(timeoutMilliseconds: Services.brokerTimeoutMilliseconds)
        return (0..<(counts[name] ?? 0)).map { TopicPartition(topic: name, partition: Int32($0)) }
    }
}
