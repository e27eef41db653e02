import Digest
package import Kafka
package import ParapluConnectors
import ParapluModel
package import ParapluStore
package import Postgres
import Synchronization

/// All services of one daemon: ingest, settler, clock and relay, each with a connection of its own, and the reload of
/// connectors, which shares the settler's.
///
/// Started in that order of need: the database is checked, the instance registered, the connectors put in force, and then
/// messages are taken in. Drained in reverse of what they depend on: first no more messages, then no more settling, then
/// the relay ends its transaction.
package final class Pipeline: Sendable {
    /// What all services need to know, checked by whoever read it.
    package struct Configuration: Sendable {
        /// The name of this daemon among those that share the work.
        package var instance: String
        /// What every topic's name begins with, before the dot.
        package var topicPrefix: String
        /// The CloudEvents `source` of what is published: `urn:nld:oin:<OIN>:systeem:paraplu`.
        package var source: String
        /// How each of the four connections reaches the database.
        package var database: PostgresConfiguration
        /// librdkafka's settings for the ingest's consumer.
        package var consumer: KafkaConfiguration
        /// librdkafka's settings for the relay's producer.
        package var producer: KafkaConfiguration
        /// How much a batch of the ingest takes.
        package var limits: IntakeReader.Limits
        /// When a feed is held for its rejections; nil where none ever is.
        package var window: RejectionWindow.Limit?
        /// How many days a message waits for what it refers to before it is refused.
        package var parkedDaysMax: Int
        /// The most outbox rows that one Kafka transaction sends.
        package var relayRowsMax: Int
        /// The least time between the beginnings of two cuts.
        package var cutInterval: Duration
        /// The key of the keyed hash that stands for payloads of which nothing may be kept.
        package var hashKey: [UInt8]
        /// The smallest count of people that may be kept.
        package var countMin: Int64

        package init(
            instance: String, topicPrefix: String, source: String, database: PostgresConfiguration,
            consumer: KafkaConfiguration, producer: KafkaConfiguration, limits: IntakeReader.Limits,
            window: RejectionWindow.Limit?, parkedDaysMax: Int, relayRowsMax: Int, cutInterval: Duration,
            hashKey: [UInt8], countMin: Int64 = DisclosureControl.countMin
        ) {
            self.instance = instance
            self.topicPrefix = topicPrefix
            self.source = source
            self.database = database
            self.consumer = consumer
            self.producer = producer
            self.limits = limits
            self.window = window
            self.parkedDaysMax = parkedDaysMax
            self.relayRowsMax = relayRowsMax
            self.cutInterval = cutInterval
            self.hashKey = hashKey
            self.countMin = countMin
        }
    }

    private struct Running {
        var ingest: IngestService?
        var settler: SettlerService?
        var clock: ClockService?
        var relay: OutboxRelay?
        var isDraining = false
    }

    private let configuration: Configuration
    private let boot: ShortHash
    /// How long a statement may take where its service says nothing else, so that a server that hangs is noticed.
    private static let deadline = Duration.seconds(30)

    private let connections: [PostgresConnection]
    private let reloading: ConnectorReload
    private let running = Mutex(Running())
    private let emit: PipelineSink

    /// Whether the schema was found to be ours.
    private final class Schema: Sendable {
        private let isVerified = Mutex(false)

        func verify(_ session: PostgresSession) throws {
            guard !isVerified.withLock({ $0 }) else { return }
            try Migrator.verify(session)
            isVerified.withLock { $0 = true }
        }
    }

    /// - Parameter load: Reads the connectors again, for `reload()`.
    package init(
        _ configuration: Configuration, load: @escaping ConnectorReload.Load, emit: @escaping PipelineSink
    ) {
        self.configuration = configuration
        let schema = Schema()
        self.emit = emit
        boot = ShortHash(SHA256.digest(randomBytes(count: 32)).uuidWords)
        connections = ["ingest", "settler", "relay", "clock"].map { name in
            PostgresConnection(configuration.database, name: name, deadline: Pipeline.deadline) {
                [configuration, schema] session in
                try Pipeline.open(session, configuration, schema)
            }
        }
        reloading = ConnectorReload(
            load: load, connection: connections[1], instance: configuration.instance, emit: emit)
    }

    /// Reads the connectors again and puts them in force, all or none; told as `reloaded`.
    ///
    /// From any thread and at any time: before the services run it waits for them, and while they drain it is nothing.
    package func reload() { reloading.ask() }

    /// Begins to drain: every service ends what it has at hand.
    ///
    /// `run()` returns then.
    package func drain() {
        let services = running.withLock { running in
            running.isDraining = true
            return running
        }
        services.ingest?.drain()
        services.settler?.drain()
        services.clock?.drain()
        services.relay?.drain()
        reloading.drain()
    }

    /// Ends every wait for the database at once, when a drain took too long: what isn't committed is not.
    package func abandon() {
        for connection in connections { connection.abandon() }
    }

    /// Runs until it is drained or a service can't go on.
    ///
    /// - Parameter catalog: The definitions to put in force; nil leaves those that are.
    package func run(_ catalog: ConnectorCatalog?) async throws {
        do {
            try await serve(catalog)
        } catch {
            for connection in connections { await connection.close() }
            throw error
        }
        for connection in connections { await connection.close() }
    }

    private func serve(_ catalog: ConnectorCatalog?) async throws {
        try await prepare()
        if let catalog { _ = try await reloading.activate(catalog) }
        let prefix = configuration.topicPrefix
        let connectors = try await connections[0].run { session in
            try ConnectorSet(ConnectorStore.active(session), prefix: prefix)
        }
        let events = EventFactory(source: configuration.source)
        let ingest = try IngestService(
            IngestService.Configuration(
                instance: configuration.instance, boot: boot, topicPrefix: prefix, limits: configuration.limits,
                window: configuration.window, consumer: configuration.consumer, events: events,
                countMin: configuration.countMin, hashKey: configuration.hashKey),
            connectors: connectors, connection: connections[0], emit: emit)
        let settler = SettlerService(
            connection: connections[1], events: events,
            parkedDaysMax: configuration.parkedDaysMax, emit: emit)
        let clock = ClockService(
            connection: connections[3], events: events, emit: emit)
        let relay = OutboxRelay(
            OutboxRelay.Configuration(
                instance: configuration.instance, boot: boot, topicPrefix: prefix, producer: configuration.producer,
                events: events, rowsMax: configuration.relayRowsMax, cutInterval: configuration.cutInterval),
            connection: connections[2], emit: emit)
        let isDraining = running.withLock { running in
            (running.ingest, running.settler, running.relay, running.clock) = (ingest, settler, relay, clock)
            return running.isDraining
        }
        if isDraining { drain() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ingest.run() }
            group.addTask { await settler.run() }
            group.addTask { await clock.run() }
            group.addTask { await relay.run() }
            group.addTask { [reloading] in await reloading.run() }
            do {
                for try await _ in group { drain() }
            } catch {
                drain()
                throw error
            }
        }
    }

    /// Makes a session ready, after every connection anew: it may be to another server than before.
    ///
    /// The first time the schema must be ours (F22); a migration while we run is made so that we can go on. Where the
    /// database's own history was replaced, the new revision epoch begins before anything is written or sent through the
    /// session (F40).
    private static func open(_ session: PostgresSession, _ configuration: Configuration, _ schema: Schema) throws {
        try Claims.prepare(session)
        try schema.verify(session)
        _ = try DatabaseEpoch.check(
            events: EventFactory(source: configuration.source), session)
    }

    /// Registers this start of the instance, as soon as the database answers, where it suppresses enough.
    private func prepare() async throws {
        let (instance, boot, countMin) = (configuration.instance, boot, configuration.countMin)
        var attempt = 0
        while true {
            do {
                try await connections[0].run { session in
                    try PlanStore.check(countMin: countMin, session)
                    try Claims.register(instance: instance, boot: boot, session)
                }
                return emit(.migrated)
            } catch let error as PostgresError {
                guard !running.withLock({ $0.isDraining }), error != .abandoned else { throw error }
                attempt += 1
                await connections[0].recover(from: error, attempt: attempt, or: "connection", emit)
            }
        }
    }
}
