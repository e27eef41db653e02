package import Kafka
import ParapluModel
package import ParapluStore
package import Postgres
import Synchronization

/// Steps 9 and 10: sends the outbox in commit order, one relay at a time, and publishes cuts.
///
/// Whoever holds the lease sends in Kafka transactions under one transactional id. Taking the lease over fences the one
/// before, so that a relay that was paused and wakes late can leave no older revision as the last one of a key. What is
/// settled is a watermark; a transaction whose end isn't known is sent again, and the revision tells a reader.
package final class OutboxRelay: Sendable {
    /// What the relay needs to know, checked by whoever read it.
    package struct Configuration: Sendable {
        /// The name of this daemon among those that compete for the lease.
        package var instance: String
        /// The random mark of this start: only the same start may take its own lease again before it runs out.
        package var boot: ShortHash
        /// What every topic's name begins with, before the dot; the transactional id is made of it too.
        package var topicPrefix: String
        /// librdkafka's settings for the producer.
        package var producer: KafkaConfiguration
        /// Makes a cut's event, and gives the CloudEvents `source` of status messages.
        package var events: EventFactory
        /// The most rows that one Kafka transaction sends.
        package var rowsMax: Int
        /// The least time between the beginnings of two cuts.
        package var cutInterval: Duration

        package init(
            instance: String, boot: ShortHash, topicPrefix: String, producer: KafkaConfiguration,
            events: EventFactory, rowsMax: Int, cutInterval: Duration
        ) {
            self.instance = instance
            self.boot = boot
            self.topicPrefix = topicPrefix
            self.producer = producer
            self.events = events
            self.rowsMax = rowsMax
            self.cutInterval = cutInterval
        }
    }

    private let configuration: Configuration
    private let connection: PostgresConnection
    private let thread = WorkThread(name: "send")
    private let draining = Mutex(false)
    /// The session through which the lease was taken.
    private let leasedBy = Mutex(0)
    /// How often in a row nothing could be sent.
    private let failures = Mutex(0)
    private let emit: PipelineSink

    /// Another session answers than the one that took the lease: what was read before may be of another history (F40).
    private struct Reconnected: Error {}

    /// - Parameter connection: Used by this service alone.
    package init(_ configuration: Configuration, connection: PostgresConnection, emit: @escaping PipelineSink) {
        self.configuration = configuration
        self.connection = connection
        self.emit = emit
    }

    /// Ends the transaction at hand; `run()` returns then.
    package func drain() { draining.withLock { $0 = true } }

    private var isDraining: Bool { draining.withLock { $0 } }

    /// Relays while it holds the lease, and waits for it otherwise, until it is drained.
    package func run() async {
        while !isDraining {
            var isHeld = false
            do {
                emit(.waiting(.relay, .database))
                let (instance, boot) = (configuration.instance, configuration.boot)
                let lease = try await connection.run { [self] session in
                    leasedBy.withLock { $0 = session.number }
                    return try OutboxStore.takeLease(instance: instance, boot: boot, session)
                }
                emit(.progress(.relay))
                if let lease {
                    isHeld = true
                    emit(.relayTakenOver(epoch: lease.epoch))
                    try await relay(lease)
                    succeeded()
                    emit(.relayLost(reason: isDraining ? "drained" : "lease"))
                } else {
                    try await Task.sleep(for: .seconds(1))
                }
            } catch {
                let (attempt, reason) = (failed(), reason(of: error))
                let delay = FailurePolicy.delay(attempt: attempt)
                if isHeld { emit(.relayLost(reason: reason)) }
                emit(.retrying(reason: reason, attempt: attempt, delay: delay))
                try? await Task.sleep(for: delay)
            }
        }
        thread.close()
    }

    private func succeeded() { failures.withLock { $0 = 0 } }

    /// Counts another failure in a row.
    private func failed() -> Int {
        failures.withLock { count in
            count += 1
            return count
        }
    }

    private func reason(of error: any Error) -> String {
        switch error {
        case let error as PostgresError: error.state?.rawValue ?? "connection"
        case let error as KafkaError: "kafka \(error.code.rawValue)"
        case is Reconnected: "connection"
        default: "unexpected"
        }
    }

    // MARK: Relaying

    /// Sends until the lease is lost or the service is drained.
    private func relay(_ lease: OutboxStore.Lease) async throws {
        var lease = lease
        emit(.waiting(.relay, .kafka))
        let sender = try await thread.run { [configuration, emit] in
            try OutboxSender(
                configuration.producer, transactionalID: "\(configuration.topicPrefix).relay",
                topicPrefix: configuration.topicPrefix, events: configuration.events, emit: emit)
        }
        do {
            try await send(&lease, sender)
        } catch {
            try? await thread.run { sender.close() }
            throw error
        }
        try await thread.run { sender.close() }
        if isDraining {
            let last = lease
            try await onDatabase { try OutboxStore.release(last, $0) }
        }
    }

    private func send(_ lease: inout OutboxStore.Lease, _ sender: OutboxSender) async throws {
        var cuts = CutStore()
        var lastCut = try await onDatabase { try CutStore.lastCommit($0) }
        var nextCut = ContinuousClock.now
        var nextCare = ContinuousClock.now
        while !isDraining {
            emit(.progress(.relay))
            guard let sent = try await sendNext(&lease, upTo: .max, sender) else { return }
            if ContinuousClock.now >= nextCare {
                nextCare = .now + .seconds(1)
                let held = lease
                guard try await onDatabase({ try OutboxStore.renew(held, $0) }) else { return }
                let backlog = try await onDatabase { session in
                    try OutboxStore.clean(session)
                    return try OutboxStore.backlog(session)
                }
                emit(.outbox(backlog))
            }
            if ContinuousClock.now >= nextCut {
                nextCut = .now + configuration.cutInterval
                guard try await cut(&lease, &cuts, &lastCut, sender) else { return }
            }
            // Another process's commit is found by looking; 20 ms is below what anybody waits for.
            if sent == 0 { try await Task.sleep(for: .milliseconds(20)) }
        }
    }

    /// Sends the next rows in one transaction and moves the watermark; how many, or nil where the lease is lost.
    private func sendNext(
        _ lease: inout OutboxStore.Lease, upTo commit: Int64, _ sender: OutboxSender
    ) async throws -> Int? {
        let (place, limit) = (lease.watermark, configuration.rowsMax)
        let events = try await onDatabase { session in
            try OutboxStore.events(after: place, upTo: commit, limit: limit, session)
        }
        guard let last = events.last else { return 0 }
        emit(.waiting(.relay, .kafka))
        let begin = ContinuousClock.now
        let refused = try await thread.run { try sender.send(events) }
        let codes = Dictionary(refused.map { ($0.0, $0.code) }, uniquingKeysWith: { first, _ in first })
        let held = lease
        let isOurs = try await onDatabase { session in
            for event in events {
                guard let code = codes[event.place] else { continue }
                try OutboxStore.setAside(event, code: code, session)
            }
            return try OutboxStore.settle(held, to: last.place, sent: events.count - refused.count, session)
        }
        for event in events {
            guard let code = codes[event.place] else { continue }
            emit(.rowSetAside(commit: event.place.commit, n: event.place.n, topic: event.topic, code: code))
        }
        guard isOurs else { return nil }
        succeeded()
        lease.watermark = last.place
        var topics: [String: Int] = [:]
        for event in events { topics[event.topic, default: 0] += 1 }
        emit(.sent(topics: topics, duration: ContinuousClock.now - begin))
        return events.count
    }

    /// Publishes a cut where something was committed since the last one; false where the lease is lost.
    ///
    /// Everything up to the picture's commit is sent before it, and nothing of a later one.
    private func cut(
        _ lease: inout OutboxStore.Lease, _ cuts: inout CutStore, _ lastCut: inout Int64, _ sender: OutboxSender
    ) async throws -> Bool {
        let (known, last) = (cuts, lastCut)
        let begin = ContinuousClock.now
        let made = try await onDatabase { session -> (CutStore, CutStore.Picture)? in
            guard try CommitClock.read(session).stamp.number > last, try !OutboxStore.hasStatusAside(session) else {
                return nil
            }
            var cuts = known
            let picture = try cuts.picture(session)
            return picture.subjects > 0 ? (cuts, picture) : nil
        }
        guard let (next, picture) = made else { return true }
        while true {
            guard let sent = try await sendNext(&lease, upTo: picture.commit, sender) else { return false }
            if sent == 0 { break }
        }
        let events = configuration.events
        let data = try await thread.run { try sender.send(picture, events) }
        try await onDatabase { try CutStore.record(picture, payload: data, $0) }
        cuts = next
        lastCut = picture.commit
        emit(
            .cutPublished(
                commit: picture.commit, subjects: picture.subjects, duration: ContinuousClock.now - begin))
        return true
    }

    private func onDatabase<T: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> T
    ) async throws -> T {
        try await connection.run { [self] session in
            guard leasedBy.withLock({ $0 }) == session.number else { throw Reconnected() }
            return try body(session)
        }
    }
}
