import Digest
package import Kafka
import ParapluConnectors
import ParapluModel
package import ParapluStore
package import Postgres
import Synchronization

/// Steps 1 to 8: takes messages in, writes them, and tells Kafka how far it is.
///
/// One batch is written while the next one is read and decoded. Whatever goes wrong with a batch, it ends in one of two
/// ways: it is written once, or nothing of it is and reading begins again at the positions in PostgreSQL.
package final class IngestService: Sendable {
    /// What the service needs to know, checked by whoever read it.
    package struct Configuration: Sendable {
        /// The name of this daemon among those that share the work.
        package var instance: String
        /// The random mark of this start, which tells it from another process under the same instance name (F9).
        package var boot: ShortHash
        /// What every topic's name begins with, before the dot.
        package var topicPrefix: String
        /// How much a batch takes.
        package var limits: IntakeReader.Limits
        /// When a feed is held for its rejections; nil where none ever is.
        package var window: RejectionWindow.Limit?
        /// librdkafka's settings for the consumer.
        package var consumer: KafkaConfiguration
        /// Makes the events that a batch writes to the outbox.
        package var events: EventFactory
        /// The smallest count of people that may be kept.
        package var countMin: Int64
        /// The key of digests of which nothing else may be kept.
        package var hashKey: [UInt8]

        package init(
            instance: String, boot: ShortHash, topicPrefix: String, limits: IntakeReader.Limits,
            window: RejectionWindow.Limit?, consumer: KafkaConfiguration, events: EventFactory, countMin: Int64,
            hashKey: [UInt8]
        ) {
            self.instance = instance
            self.boot = boot
            self.topicPrefix = topicPrefix
            self.limits = limits
            self.window = window
            self.consumer = consumer
            self.events = events
            self.countMin = countMin
            self.hashKey = hashKey
        }
    }

    /// Why the service ended by itself.
    package enum Failure: Error, Hashable, Sendable {
        /// Another process started under the same instance id (F9).
        case replaced
    }

    let configuration: Configuration
    private let connection: PostgresConnection
    /// The commit that put the connectors in force with which it begins.
    private let connectorsCommit: Int64
    /// The writer between two batches; while one is written it is on the connection's thread.
    private let writer: Mutex<IngestWriter?>
    let thread = WorkThread(name: "poll")
    let reader: Mutex<IntakeReader>
    let draining = Mutex(false)
    let emit: PipelineSink

    /// - Parameter connection: Used by this service alone.
    package init(
        _ configuration: Configuration, connectors: ConnectorSet, connection: PostgresConnection,
        emit: @escaping PipelineSink
    ) throws {
        self.configuration = configuration
        self.connection = connection
        connectorsCommit = connectors.commit
        self.emit = emit
        writer = Mutex(
            IngestWriter(
                instance: configuration.instance, boot: configuration.boot, events: configuration.events,
                window: configuration.window))
        reader = Mutex(
            try IntakeReader(
                configuration.consumer, connectors: connectors, limits: configuration.limits,
                keyed: KeyedHash(key: configuration.hashKey), countMin: configuration.countMin, emit: emit))
    }

    /// Stops polling; `run()` returns when the batch at hand is written.
    package func drain() { draining.withLock { $0 = true } }

    var isDraining: Bool { draining.withLock { $0 } }

    /// Takes messages in until it is drained.
    ///
    /// - Throws: `Failure`, or what makes going on impossible.
    package func run() async throws {
        var desk = ClaimDesk(connectorsCommit: connectorsCommit)
        do {
            try await work(&desk)
        } catch {
            await close()
            throw error
        }
        await close()
    }

    private func close() async {
        try? await thread.run { [self] in reader.withLock { $0.close() } }
        thread.close()
    }

    private func work(_ desk: inout ClaimDesk) async throws {
        var (step, subscription) = try await read()
        while !isDraining {
            if desk.mayClaimAgain { try await claimAgain(&desk) }
            if desk.isLookDue { try await lookAround(&desk) }
            // What an earlier subscription gave is of the past: partitions that are given anew, or a log that seemed to be
            // another one and that an operator has accepted meanwhile.
            guard subscription == self.subscription else {
                (step, subscription) = try await read()
                continue
            }
            switch step {
            case .idle:
                emit(.progress(.ingest))
                (step, subscription) = try await read()
            case .assigned(let partitions):
                try await claim(partitions, &desk)
                (step, subscription) = try await read()
            case .broken(let partition, let code, let range):
                try await hold(partition, code: code, range, &desk)
                (step, subscription) = try await read()
            case .failed(let error):
                try await renew(after: error, &desk)
                (step, subscription) = try await read()
            case .batch(let batch):
                async let upcoming = read()
                do {
                    try await write(batch, &desk)
                } catch {
                    _ = try? await upcoming
                    throw error
                }
                (step, subscription) = try await upcoming
            }
        }
        // What was read and not begun is read again by whoever comes next.
    }

    /// The reader's subscription now.
    ///
    /// Beside `work`: Swift 6.0 crashes on a lock that is taken in an asynchronous loop.
    private var subscription: Int { reader.withLock { $0.subscription } }

    /// The reader's next step, and the subscription that gave it.
    private func read() async throws -> (IntakeReader.Step, subscription: Int) {
        try await thread.run { [self] in
            reader.withLock { ($0.next(timeoutMilliseconds: 250), subscription: $0.subscription) }
        }
    }

    // MARK: Writing

    private func write(_ decoded: DecodedBatch, _ desk: inout ClaimDesk) async throws {
        guard let batch = desk.fill(decoded) else {
            guard decoded.assignment == desk.assignment else { return }
            // The reader is elsewhere than the claims. Left alone it would go on ahead of them for ever.
            emit(.beganAgain)
            return try await resynchronise(&desk)
        }
        _ = try await write(batch, &desk)
    }

    /// Writes a batch, however often it takes, and returns whether what was read after it is still good.
    private func write(_ filled: IntakeBatch, _ desk: inout ClaimDesk) async throws -> Bool {
        var batch = filled
        let clock = ContinuousClock()
        let begin = clock.now
        var attempt = 0
        // Whether a held feed's messages were left out, so that the reader is ahead of its claims.
        var isAhead = false
        while !batch.messages.isEmpty || !batch.gaps.isEmpty {
            do {
                let attemptBegin = clock.now
                let result = try await apply(batch)
                desk.advance(result.claims)
                emit(
                    .batchApplied(
                        PipelineEvent.BatchApplied(
                            commit: result.stamp.number, messages: batch.messages.count,
                            statusChanges: result.statusChanges,
                            duration: clock.now - begin,
                            transactionDuration: clock.now - attemptBegin,
                            outcomes: Dictionary(
                                result.outcomes.map { (batch.connectors[$0.key].feed, $0.value) },
                                uniquingKeysWith: { first, _ in first }), rejections: result.rejections,
                            newest: batch.newestByFeed)))
                tell(result.drift, of: batch)
                let claims = result.claims
                try await thread.run { [self] in reader.withLock { $0.acknowledge(claims) } }
                emit(.progress(.ingest))
                for feed in result.held { tell(held: feed, by: result.rejections) }
                guard isAhead || !result.held.isEmpty else { return true }
                try await resynchronise(&desk)
                return false
            } catch let refusal as IngestWriter.Refusal {
                switch refusal {
                case .fenced:
                    try await resynchronise(&desk)
                    return false
                case .connectorsChanged:
                    try await reloadConnectors(&desk)
                    return false
                case .held(let feed, let from):
                    batch.drop(feed, from: from)
                    isAhead = true
                }
            } catch {
                switch FailurePolicy.verdict(on: error) {
                case .unknown:
                    try await resynchronise(&desk)
                    return false
                case .reject:
                    guard batch.messages.count > 1 else {
                        guard batch.refuseFirst() else { throw error }
                        continue
                    }
                    guard try await bisect(batch, &desk) else { return false }
                    guard isAhead else { return true }
                    try await resynchronise(&desk)
                    return false
                case .retry(let reason):
                    guard !isDraining else { return false }
                    try await wait(after: error, &attempt, reason: reason)
                case .halt: throw error
                }
            }
        }
        // Nothing was left to write.
        try await resynchronise(&desk)
        return false
    }

    /// Tells of a feed that a batch's rejections closed, with the place of the first of them.
    private func tell(held feed: FeedID, by rejections: [IngestWriter.Refused]) {
        let own = rejections.filter { $0.feed == feed }
        guard let first = own.min(by: { ($0.partition, $0.offset) < ($1.partition, $1.offset) }) else {
            preconditionFailure("a feed is held by what a batch refused of it")
        }
        emit(
            .feedHeld(
                feed, code: "rejections", TopicPartition(topic: first.topic, partition: first.partition),
                offset: first.offset))
    }

    private func tell(_ drift: [DriftSighting], of batch: IntakeBatch) {
        for sighting in drift {
            guard let claim = batch.streams.first(where: { $0.streamID == sighting.streamID }),
                let connector = batch.connectors.first(where: { $0.number == sighting.connectorVersion })
            else { continue }
            emit(
                .driftSeen(
                    PipelineEvent.DriftSeen(
                        sighting: sighting, version: connector.digest, topic: claim.topic, partition: claim.partition)))
        }
    }

    /// Writes both halves of a batch that the database refused for its data, until the one message is found, and returns
    /// whether what was read after it is still good.
    private func bisect(_ batch: IntakeBatch, _ desk: inout ClaimDesk) async throws -> Bool {
        for half in batch.halves {
            // A half that began anew has dropped what was read; the other half comes again.
            guard let half = desk.fill(half), try await write(half, &desk) else { return false }
        }
        return true
    }

    private func apply(_ batch: IntakeBatch) async throws -> IngestWriter.Result {
        emit(.waiting(.ingest, .database))
        return try await connection.run { [self] session in
            session.deadline = .seconds(60)
            guard var writer = writer.withLock({ $0.take() }) else {
                preconditionFailure("one batch is written at a time")
            }
            defer { self.writer.withLock { [writer] in $0 = writer } }
            return try writer.apply(batch, session)
        }
    }

    /// Tries until the database answers; the membership of the group is kept meanwhile.
    func patiently<T: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> T
    ) async throws -> T {
        var attempt = 0
        while true {
            do {
                return try await connection.run { session in
                    session.deadline = .seconds(30)
                    return try body(session)
                }
            } catch let error as PostgresError {
                guard !isDraining, error != .abandoned else { throw error }
                try await wait(after: error, &attempt, reason: error.state?.rawValue ?? "connection")
            }
        }
    }

    /// Waits before the next attempt; a lock whose holder is silent is taken from it.
    private func wait(after error: any Error, _ attempt: inout Int, reason: String) async throws {
        if (error as? PostgresError)?.state == .lockNotAvailable {
            _ = try? await connection.run { try Claims.endSilentHolders($0) }
        }
        attempt += 1
        try await wait(attempt, reason: reason)
    }

    func wait(_ attempt: Int, reason: String) async throws {
        let delay = FailurePolicy.delay(attempt: attempt)
        emit(.retrying(reason: reason, attempt: attempt, delay: delay))
        emit(.waiting(.ingest, .database))
        try await thread.run { [self] in reader.withLock { $0.keepAlive() } }
        try await Task.sleep(for: delay)
    }
}
