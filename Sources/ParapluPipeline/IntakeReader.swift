package import Digest
package import Kafka
import ParapluConnectors
package import ParapluModel
package import ParapluStore

/// Steps 1 to 6: polls the consumer and hands over decoded batches, in order per partition.
///
/// It owns the consumer and its positions, and belongs to the ingest's own thread. It answers revocations at once; what
/// is still being written for a partition that was taken is the fence's business.
package final class IntakeReader {
    /// How much a batch takes.
    package struct Limits: Hashable, Sendable {
        /// The most messages.
        package var messagesMax: Int
        /// The bytes of keys, headers and values after which no message is added.
        package var bytesMax: Int
        /// How long is waited for more, once there is a message.
        package var delayMilliseconds: Int

        package init(messagesMax: Int = 5000, bytesMax: Int = 8 << 20, delayMilliseconds: Int = 20) {
            self.messagesMax = messagesMax
            self.bytesMax = bytesMax
            self.delayMilliseconds = delayMilliseconds
        }
    }

    /// What a poll brought.
    package enum Step: Sendable {
        case idle
        case batch(DecodedBatch)
        /// The client is of no more use.
        case failed(KafkaError)
        /// The group gave partitions: they are to be claimed, then `assign` is to be called.
        case assigned([TopicPartition])
        /// A partition's log can't be read on: its feed is to be held, with the offsets where it is about some.
        case broken(TopicPartition, code: String, range: Range<Int64>?)
    }

    private(set) var consumer: KafkaConsumer
    private let configuration: KafkaConfiguration
    private let limits: Limits
    private let keyed: KeyedHash
    private let countMin: Int64
    let emit: PipelineSink
    private(set) var connectors: ConnectorSet
    private(set) var decoder: BatchDecoder
    private var poll = RecordBatch()
    /// The next offset to take, by partition of the assignment.
    var positions: [TopicPartition: Int64] = [:]
    /// What the record before the position must be, until it was seen (F30, F31).
    var expected: [TopicPartition: (offset: Int64, digest: SHA256Digest)] = [:]
    var pending: [Step] = []
    /// Partitions with a gap that were fetched again, until the record at their position comes.
    var refetched: Set<TopicPartition> = []
    /// Partitions that are fetched again, of which the rest of this poll is not taken.
    var skipped: Set<TopicPartition> = []
    /// Partitions whose fetching ended, though nothing says that their log can't be read on.
    var astray: Set<TopicPartition> = []
    /// Partitions of held feeds: assigned, and not fetched.
    private var waiting: Set<TopicPartition> = []
    /// Whether nothing is fetched at all, since `keepAlive`.
    private var isPaused = false
    /// The ids of the topics that were read so far, where they were told.
    private var known: [String: String] = [:]
    private var nextComparison = ContinuousClock.now

    /// How often the reader asks whether its topics are still the same.
    private static let comparisonInterval = Duration.seconds(5)
    /// Counts assignments, so that what was read under an earlier one is told apart.
    package internal(set) var assignment = 0
    /// Counts subscriptions: a new one, or a new client, makes what the group gave before void.
    private(set) package var subscription = 0
    private var nextLag = ContinuousClock.now
    private static let lagInterval = Duration.seconds(2)

    package init(
        _ configuration: KafkaConfiguration, connectors: ConnectorSet, limits: Limits, keyed: KeyedHash,
        countMin: Int64, emit: @escaping PipelineSink
    ) throws(KafkaError) {
        consumer = try KafkaConsumer(configuration)
        self.configuration = configuration
        self.limits = limits
        self.keyed = keyed
        self.countMin = countMin
        self.emit = emit
        self.connectors = connectors
        decoder = BatchDecoder(connectors, keyed: keyed, countMin: countMin)
        try consumer.subscribe(connectors.topics)
    }

    /// Takes other connectors; what was read under the old ones is dropped, and the caller assigns again.
    ///
    /// - Returns: Whether they have other topics: the group then takes all partitions and gives them anew, and until it
    ///   gave them nothing is to be assigned, nor is anything read.
    package func use(_ connectors: ConnectorSet) throws(KafkaError) -> Bool {
        let isResubscribed = self.connectors.topics != connectors.topics
        self.connectors = connectors
        decoder = BatchDecoder(connectors, keyed: keyed, countMin: countMin)
        guard isResubscribed else { return false }
        forgetAssignment()
        try consumer.subscribe(connectors.topics)
        return true
    }

    /// Begins again with a new client, to which the group gives its partitions anew.
    ///
    /// A client that has read a topic doesn't read another one of the same name: librdkafka keeps what it knew of it, and
    /// from 2.4 on the process may die when it learns the other one's id (ADR 0024). As a static member it gets the
    /// same partitions again, and no other member is disturbed (KIP-345).
    package func renew() throws(KafkaError) {
        consumer.close(timeoutMilliseconds: 5000)
        forgetAssignment()
        pending.removeAll()
        isPaused = false
        consumer = try KafkaConsumer(configuration)
        try consumer.subscribe(connectors.topics)
    }

    /// Forgets what the group gave under the subscription that ends.
    private func forgetAssignment() {
        subscription += 1
        forgetPartitions()
    }

    /// Forgets the partitions that the group gave; that the client failed stays true.
    func forgetPartitions() {
        assignment += 1
        positions.removeAll()
        expected.removeAll()
        pending.removeAll { if case .failed = $0 { false } else { true } }
        waiting.removeAll()
        refetched.removeAll()
        astray.removeAll()
    }

    /// The next thing to do; waits at most `timeoutMilliseconds` for it.
    package func next(timeoutMilliseconds: Int) -> Step {
        if !pending.isEmpty { return pending.removeFirst() }
        if isPaused { reassign() }
        tellLag()
        if ContinuousClock.now >= nextComparison {
            nextComparison = .now + IntakeReader.comparisonInterval
            compareTopics()
            if !astray.isEmpty { reassign() }
            if !pending.isEmpty { return pending.removeFirst() }
        }
        poll.removeAll(keepingCapacity: true)
        var gaps: [PartitionGap] = []
        var events = consumer.poll(
            into: &poll, maxRecords: limits.messagesMax, maxBytes: limits.bytesMax,
            timeoutMilliseconds: timeoutMilliseconds)
        var records: [RecordSlot] = []
        take(events, from: 0, of: poll, into: &records, &gaps)
        // Small when idle, large under backlog: one short wait for more, never a long one.
        if !records.isEmpty, pending.isEmpty, poll.records.count < limits.messagesMax, poll.byteCount < limits.bytesMax
        {
            let first = poll.records.count
            events = consumer.poll(
                into: &poll, maxRecords: limits.messagesMax, maxBytes: limits.bytesMax,
                timeoutMilliseconds: limits.delayMilliseconds)
            take(events, from: first, of: poll, into: &records, &gaps)
        }
        guard !records.isEmpty || !gaps.isEmpty else {
            return pending.isEmpty ? .idle : pending.removeFirst()
        }
        return .batch(decoder.decode(poll, records: records, assignment: assignment, gaps: gaps))
    }

    /// Tells how far behind the ends of the logs we are, as the last fetches had them.
    private func tellLag() {
        guard ContinuousClock.now >= nextLag else { return }
        nextLag = .now + IntakeReader.lagInterval
        var lag: [TopicPartition: Int64] = [:]
        for (partition, position) in positions {
            if let end = consumer.knownEnd(of: partition) { lag[partition] = max(0, end - position) }
        }
        emit(.lag(lag))
    }

    /// Keeps the membership of the group alive while a batch can't be written; nothing is read until `next`.
    package func keepAlive() {
        try? consumer.pause(Array(positions.keys))
        isPaused = true
        var aside = RecordBatch()
        // A record that slips through is dropped: reading begins again at the positions.
        let events = consumer.poll(into: &aside, maxRecords: 1, maxBytes: 1, timeoutMilliseconds: 0)
        var records: [RecordSlot] = []
        var gaps: [PartitionGap] = []
        for event in events { if event.isAboutTheClient { take(event, &records, &gaps) } }
    }

    /// Fetches nothing more of a feed that is held; its partitions stay assigned.
    package func rest(_ feed: FeedID) {
        let partitions = positions.keys.filter { self.feed(ofTopic: $0.topic) == feed }
        waiting.formUnion(partitions)
        if !partitions.isEmpty { try? consumer.pause(partitions) }
    }

    /// Fetches again from the positions; what was fetched and not taken is dropped.
    func reassign() {
        // An assignment doesn't end a pause.
        if isPaused { try? consumer.resume(Array(positions.keys)) }
        isPaused = false
        astray.removeAll()
        guard !positions.isEmpty else { return }
        // Where the record before the position is still to be compared, from that one.
        try? consumer.assign(positions.map { ($0.key, offset: expected[$0.key]?.offset ?? $0.value) })
        if !waiting.isEmpty { try? consumer.pause(Array(waiting)) }
    }

    /// Reads partitions from their claims' positions; those of held feeds wait.
    ///
    /// - Parameter lastDigests: What the broker's record before the position must be, where there is one.
    package func assign(
        _ claims: [Claim], held: Set<FeedID>, lastDigests: [Int32: SHA256Digest]
    ) throws(KafkaError) {
        assignment += 1
        try? consumer.resume(Array(positions.keys))
        positions.removeAll()
        expected.removeAll()
        pending.removeAll { $0.isAboutPartitions }
        isPaused = false
        waiting = []
        astray = []
        known = Dictionary(claims.compactMap { claim in claim.topicID.map { (claim.topic, $0) } }) { first, _ in first }
        nextComparison = .now
        var starts: [(TopicPartition, offset: Int64)] = []
        // A topic whose feed was retired stays assigned until the group has heard of it.
        for claim in claims where connectors.index(ofTopic: claim.topic) != nil {
            let partition = TopicPartition(topic: claim.topic, partition: claim.partition)
            positions[partition] = claim.next
            var start = claim.next
            if let digest = lastDigests[claim.streamID], claim.next > 0 {
                expected[partition] = (claim.next - 1, digest)
                start -= 1
            }
            starts.append((partition, start))
            if let feed = connectors.feed(ofTopic: claim.topic), held.contains(feed) { waiting.insert(partition) }
        }
        try consumer.assign(starts)
        if !waiting.isEmpty { try consumer.pause(Array(waiting)) }
    }

    /// The feed of a topic.
    package func feed(ofTopic topic: String) -> FeedID? { connectors.feed(ofTopic: topic) }

    /// Where the logs of partitions begin, as far as they belong to a feed, and of which the brokers didn't say it.
    package func beginnings(of partitions: [TopicPartition]) -> (found: [Claims.Wanted], missing: [TopicPartition]) {
        var found: [Claims.Wanted] = []
        var missing: [TopicPartition] = []
        let asked = Result { () throws(KafkaError) in try topicIDs(of: Set(partitions.map(\.topic))) }
        for partition in partitions {
            guard let feed = feed(ofTopic: partition.topic) else { continue }
            // Where ids can be told, each topic is to have one.
            if case .success(let ids) = asked, ids == nil || ids?[partition.topic] != nil,
                let low = try? watermarks(of: partition).low
            {
                found.append(
                    Claims.Wanted(
                        topic: partition.topic, partition: partition.partition, feed: feed, low: low,
                        topicID: ids?[partition.topic]))
            } else {
                missing.append(partition)
            }
        }
        return (found, missing)
    }

    private func topicIDs(of topics: Set<String>) throws(KafkaError) -> [String: String]? {
        try KafkaAdmin.topicIDs(of: topics, configuration, timeoutMilliseconds: 2000)
    }

    /// Stops reading topics that were made again under the same name: librdkafka from 2.4 on waits for the old one for
    /// minutes and says nothing.
    private func compareTopics() {
        let topics = Set(positions.keys.filter { known[$0.topic] != nil && !waiting.contains($0) }.map(\.topic))
        guard !topics.isEmpty, let ids = try? topicIDs(of: topics) else { return }
        for (topic, id) in ids where id != known[topic] {
            for partition in positions.keys.filter({ $0.topic == topic }).sorted(by: { $0.partition < $1.partition }) {
                stop(partition, code: "topic_recreated")
            }
        }
    }

    /// The log's first offset and the next one to be written.
    package func watermarks(of partition: TopicPartition) throws(KafkaError) -> (low: Int64, high: Int64) {
        try consumer.watermarks(of: partition, timeoutMilliseconds: 5000)
    }

    /// Step 8: tells Kafka's group where we are, as a hint for lag tools.
    package func acknowledge(_ claims: [Claim]) {
        consumer.commitAsync(claims.map { (TopicPartition(topic: $0.topic, partition: $0.partition), $0.next) })
    }

    /// Leaves the group.
    package func close() {
        consumer.close(timeoutMilliseconds: 5000)
    }
}

extension ConsumerEvent {
    /// Whether it is to be taken while nothing is read: the group gives or takes partitions, or the client fails.
    fileprivate var isAboutTheClient: Bool {
        switch self {
        case .assign, .revoke, .error, .log: true
        case .partitionEOF, .statistics, .recordError: false
        }
    }
}

extension IntakeReader.Step {
    /// Whether it is void once the partitions are read from other positions.
    fileprivate var isAboutPartitions: Bool {
        switch self {
        case .assigned, .failed: false
        case .idle, .batch, .broken: true
        }
    }
}
