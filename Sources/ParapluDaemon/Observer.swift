import Kafka
import ParapluConfiguration
import ParapluConnectors
import ParapluModel
import ParapluPipeline
import ParapluStore
import ParapluTelemetry
import Synchronization
import Systemd

/// Makes log lines, metrics, health and supervision of what the services tell.
final class Observer: Sendable {
    private struct State {
        var server: HealthServer?
        var tasks: [Task<Void, Never>] = []
        var lost: [PipelineEvent.Dependency: Duration] = [:]
        var isNotified = false
        var draining: Duration?
    }

    private let configuration: ServiceConfiguration
    private let telemetry: Telemetry
    private let health: Health
    private let registry = ProgressRegistry()
    private let workers: [PipelineEvent.Worker: WorkerHandle]
    private let state = Mutex(State())

    /// How long a worker may be in one step before it counts as hung: three times what the service manager waits for a
    /// ping, with the unit as it is 90 s; what waits for the world outside says so, and is no hang.
    private static let stepLimit = (SystemdNotifier.watchdogInterval ?? .seconds(30)) * 3

    init(_ configuration: ServiceConfiguration, _ catalog: ConnectorCatalog) {
        self.configuration = configuration
        let sink = LogSink.standard(LogSink.Format(rawValue: configuration.log.format.rawValue) ?? .auto)
        let level = LogLevel(rawValue: configuration.log.level.rawValue) ?? .info
        let feeds = catalog.connectors.map(\.feed)
        telemetry = Telemetry(
            logger: Logger(level: level, sink: sink),
            metrics: Metrics(
                MetricLabels(
                    feeds: feeds.map(\.rawValue), outcomes: Outcome.allCases.map(\.rawValue),
                    rejectionCodes: RejectionCode.allCases.map(\.rawValue),
                    topics: Observer.topics(of: feeds), version: PipelineVersion.text,
                    revision: PipelineVersion.revision)))
        health = Health()
        let registry = registry
        workers = Dictionary(
            PipelineEvent.Worker.allCases.map { ($0, registry.worker($0.rawValue, limit: Observer.stepLimit)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The topics that are written, without prefix and version.
    private static func topics(of feeds: [FeedID]) -> [String] {
        ["status", "changes", "cuts"] + Set(feeds.map { "receipts.\($0.rawValue.prefix { $0 != "/" })" }).sorted()
    }

    /// Opens the port for health and metrics, and begins to supervise.
    func start() throws {
        let server = try HealthServer(
            address: configuration.http.address, port: configuration.http.port, health: health,
            metrics: telemetry.metrics)
        let watchdog = Watchdog(registry: registry, telemetry: telemetry)
        state.withLock { [server] state in
            state.server = server
            state.tasks = [Task { await watchdog.run() }]
        }
        Started(
            instance: configuration.instance, version: PipelineVersion.text,
            librdkafkaVersion: KafkaLibrary.version, port: Int(server.port)
        ).emit(to: telemetry)
    }

    /// Takes one event of a service.
    func take(_ event: PipelineEvent) {
        switch event {
        case .progress(let worker):
            workers[worker]?.progress()
            if worker == .ingest { health.report(.consumer, .up) }
            if worker == .relay { health.report(.relay, .up) }
            notifyReady()
        case .waiting(let worker, let dependency):
            workers[worker]?.waiting(for: dependency == .database ? .database : .kafka)
        case .migrated:
            health.report(.migrated, .up)
        case .batchApplied(let batch):
            take(batch)
        case .partitionsClaimed(let claims):
            PartitionsClaimed(partitions: claims.count).emit(to: telemetry)
        case .partitionsRevoked(let count, let lost):
            PartitionsRevoked(partitions: count, wereLost: lost).emit(to: telemetry)
        case .feedHeld(let feed, let code, let place, let offset):
            FeedHeld(
                feed: feed.rawValue, reason: code, topic: place.topic, partition: place.partition, offset: offset
            ).emit(to: telemetry)
        case .feedResumed(let feed):
            FeedResumed(feed: feed.rawValue).emit(to: telemetry)
        case .retrying(let reason, let attempt, let delay):
            let isKafka = reason.hasPrefix("kafka")
            Retrying(reason: isKafka ? .kafka : .database, errorType: reason, attempt: attempt, delay: delay)
                .emit(to: telemetry)
        case .dependencyLost(let dependency, let reason): lost(dependency, reason)
        case .dependencyRestored(let dependency): restored(dependency)
        case .lossRecorded(let topic, let partition, let range):
            LossRecorded(
                topic: topic, partition: partition, firstOffset: range.lowerBound, endOffset: range.upperBound
            ).emit(to: telemetry)
        case .fenced:
            Retrying(reason: .fenced, errorType: "fenced", attempt: 1, delay: .zero).emit(to: telemetry)
        case .beganAgain:
            Retrying(reason: .positions, errorType: "positions", attempt: 1, delay: .zero).emit(to: telemetry)
        case .connectorsChanged(let commit, let feeds):
            ConnectorsChanged(commit: commit, feeds: feeds.map(\.rawValue), topics: Observer.topics(of: feeds))
                .emit(to: telemetry)
        case .reloading:
            notify(.reloading)
            ConnectorsReloading().emit(to: telemetry)
        case .reloaded(let outcome): take(outcome)
        case .driftSeen(let drift):
            DriftSeen(
                feed: drift.sighting.feed.rawValue, version: String("\(drift.version)".prefix(12)),
                code: drift.sighting.code, path: drift.sighting.path, topic: drift.topic, partition: drift.partition,
                offset: drift.sighting.position
            ).emit(to: telemetry)
        case .lag(let lag):
            telemetry.metrics.consumerLag.replaceAll(
                Dictionary(
                    lag.map { ([$0.key.topic, String($0.key.partition)], Double($0.value)) },
                    uniquingKeysWith: { first, _ in first }))
        case .parked(let count):
            telemetry.metrics.parkedMessages.set(Double(count))
        case .settled(let resolved, let refused):
            MessagesSettled(resolved: resolved, refused: refused).emit(to: telemetry)
        case .timePassed(let actions, let changes):
            TimePassed(actions: actions, statusChanges: changes).emit(to: telemetry)
        case .payloadsDropped(let partitions):
            PayloadsDropped(partitions: partitions).emit(to: telemetry)
        case .relayTakenOver(let epoch):
            RelayTakenOver(epoch: epoch).emit(to: telemetry)
        case .relayLost(let reason):
            RelayGivenUp(reason: reason).emit(to: telemetry)
        case .sent(let topics, _):
            EventsSent(topics: topics).emit(to: telemetry)
        case .outbox(let backlog):
            telemetry.metrics.outboxRows.set(Double(backlog.rows))
            telemetry.metrics.outboxOldestTimestamp.set(
                Double(backlog.oldest?.unixMilliseconds ?? 0) / 1000)
        case .rowSetAside(let commit, let n, let topic, let code):
            RowSetAside(commit: commit, index: Int(n), topic: topic, errorType: code).emit(to: telemetry)
        case .cutPublished(let commit, let subjects, let duration):
            CutPublished(commit: commit, subjects: subjects, duration: duration).emit(to: telemetry)
        case .kafkaLog(let level, let facility):
            ClientLogged(level: level, facility: facility).emit(to: telemetry)
        }
    }

    /// Says that the daemon ends what it has at hand.
    func draining() {
        let isFirst = state.withLock { state in
            guard state.draining == nil else { return false }
            state.draining = TelemetryClock.system.uptime()
            return true
        }
        guard isFirst else { return }
        health.report(.migrated, .down(reason: "draining"))
        SystemdNotifier.notify(.stopping)
        Draining(reason: "signal", limit: configuration.shutdownDrain).emit(to: telemetry)
    }

    /// Closes the port; the last log line says how it ended.
    func stop(_ code: Int32, reason: String) {
        let (server, tasks, begin) = state.withLock { state in
            (state.server, state.tasks, state.draining)
        }
        for task in tasks { task.cancel() }
        server?.stop()
        let now = TelemetryClock.system.uptime()
        Stopped(reason: reason, exitCode: Int(code), duration: now - (begin ?? now)).emit(to: telemetry)
    }

    private func take(_ batch: PipelineEvent.BatchApplied) {
        for refused in batch.rejections {
            RecordRejected(
                feed: refused.feed.rawValue, code: refused.code.rawValue, count: refused.count, topic: refused.topic,
                partition: refused.partition, offset: refused.offset
            ).emit(to: telemetry)
        }
        BatchApplied(
            commit: batch.commit,
            feeds: batch.outcomes.map { feed, outcomes in
                BatchApplied.Feed(
                    name: feed.rawValue,
                    outcomes: Dictionary(
                        outcomes.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: { first, _ in first }),
                    newestTimestampMilliseconds: batch.newest[feed])
            }, duration: batch.duration, transactionDuration: batch.transactionDuration
        ).emit(to: telemetry)
    }

    /// Tells what came of a reload, to the service manager last: READY ends what RELOADING began.
    private func take(_ outcome: ConnectorReload.Outcome) {
        let status: String
        switch outcome {
        case .switched(let commit):
            ConnectorsReloaded(commit: commit).emit(to: telemetry)
            status = "connectors reloaded at commit \(commit)"
        case .unchanged:
            ConnectorsReloaded(commit: nil).emit(to: telemetry)
            status = "connectors reloaded, unchanged"
        case .refused(let findings):
            ReloadRefused(
                findings: findings.map {
                    ReloadRefused.Finding(file: $0.file, line: $0.line, column: $0.column, code: $0.code.rawValue)
                }
            ).emit(to: telemetry)
            status = "reload refused, \(findings.count) findings; the connectors in force stay"
        case .failed(let reason):
            ReloadFailed(errorType: reason).emit(to: telemetry)
            status = "reload failed (\(reason)); the connectors in force stay"
        }
        notify(.status(status))
        notify(.ready)
    }

    /// Tells the service manager something of a reload, where it knows us as ready.
    private func notify(_ notification: SystemdNotifier.State) {
        state.withLock { state in
            if state.isNotified, state.draining == nil { SystemdNotifier.notify(notification) }
        }
    }

    private func lost(_ dependency: PipelineEvent.Dependency, _ reason: String) {
        let isNew = state.withLock { state in
            guard state.lost[dependency] == nil else { return false }
            state.lost[dependency] = TelemetryClock.system.uptime()
            return true
        }
        health.report(component(dependency), .down(reason: reason))
        if isNew { DependencyLost(component: component(dependency), errorType: reason).emit(to: telemetry) }
    }

    private func restored(_ dependency: PipelineEvent.Dependency) {
        let since = state.withLock { $0.lost.removeValue(forKey: dependency) }
        health.report(component(dependency), .up)
        if let since {
            DependencyRestored(component: component(dependency), duration: TelemetryClock.system.uptime() - since)
                .emit(to: telemetry)
        }
        notifyReady()
    }

    /// Tells the service manager once that start-up is done: configuration valid, database migrated, consumer subscribed.
    private func notifyReady() {
        let isFirst = state.withLock { state in
            guard !state.isNotified, state.draining == nil, health.isReady else { return false }
            state.isNotified = true
            return true
        }
        if isFirst { SystemdNotifier.notify(.ready) }
    }

    private func component(_ dependency: PipelineEvent.Dependency) -> HealthComponent {
        switch dependency {
        case .database: .database
        case .kafka: .kafka
        }
    }
}
