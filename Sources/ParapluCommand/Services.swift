internal import Kafka
internal import ParapluConfiguration
internal import ParapluModel
internal import ParapluStore
internal import Postgres
internal import Synchronization

/// What a command may use: configuration, database and brokers, each made when first asked for.
///
/// All access to the configuration is here.
final class Services: Sendable {
    let environment: Environment
    private let state = Mutex(State())

    private struct State {
        var arguments = ParsedArguments()
        var configuration: ServiceConfiguration?
        var connections: [PostgresConnection] = []
        var admins: [KafkaAdmin] = []
    }

    /// Where the configuration is, unless somebody says otherwise.
    static let standardFile = "/etc/paraplu/paraplu.yaml"

    init(environment: Environment) { self.environment = environment }

    /// Takes the options that say which configuration, and as whom.
    func use(_ arguments: ParsedArguments) { state.withLock { $0.arguments = arguments } }

    /// The configuration's file: as named, else the standard one where there is one; nil leaves it to the environment.
    var configurationFile: String? {
        let named = state.withLock { $0.arguments[.configuration] } ?? environment["PARAPLU_CONFIG"]
        if let named { return named }
        return FileBytes.exists(Services.standardFile) ? Services.standardFile : nil
    }

    /// The configuration, loaded once.
    ///
    /// - Throws: `ConfigurationProblems` with all problems.
    func configuration() throws -> ServiceConfiguration {
        if let loaded = state.withLock({ $0.configuration }) { return loaded }
        let loaded = try ServiceConfiguration.load(path: configurationFile, environment: environment.variables)
        state.withLock { $0.configuration = loaded }
        return loaded
    }

    /// The factory of the events that a decision causes.
    func events() throws -> EventFactory {
        EventFactory(source: "urn:nld:oin:\(try configuration().sourceOIN):systeem:paraplu")
    }

    // MARK: Database

    /// How long a command waits for a lock that somebody else holds, the commit clock above all.
    private static let boundLocks = Statement("SET lock_timeout = '10s'", prepare: false)
    /// How long one statement of a command may take.
    private static let statementSeconds = 120

    /// Lends a session as the operator, after a look at the schema's version; its waits are bounded.
    ///
    /// - Parameter isLong: Whether statements may go through the whole journal, so that no time is too long for them.
    /// - Throws: `Migrator.Problem` where the schema isn't this program's.
    func withDatabase<T>(isLong: Bool = false, _ body: (PostgresSession) throws -> T) throws -> T {
        try withDatabase(user: environment["PGUSER"] ?? "paraplu_operator") { session in
            session.deadline = .seconds(Services.statementSeconds)
            try Migrator.verify(session)
            try ProjectionStore.useLiveProjections(session)
            try session.execute(Services.boundLocks)
            if isLong { session.deadline = nil }
            return try body(session)
        }
    }

    /// Lends a session as `--database-user`, else as that role.
    func withDatabase<T>(user: String, _ body: (PostgresSession) throws -> T) throws -> T {
        let role = state.withLock { $0.arguments[.databaseUser] } ?? user
        let parameters = try configuration().database.postgres(user: role, applicationName: "paraplu/command")
        let connection = PostgresConnection(parameters, name: "paraplu/command")
        state.withLock { $0.connections.append(connection) }
        return try connection.runBlocking(body)
    }

    // MARK: Brokers

    /// How long one question to a broker may take.
    static let brokerTimeoutMilliseconds = 15_000

    /// A client that asks and changes what the cluster has.
    func admin() throws -> KafkaAdmin {
        let admin = try KafkaAdmin(configuration: try configuration().kafka.producerProperties())
        state.withLock { $0.admins.append(admin) }
        return admin
    }

    /// The topic on which cuts are published.
    func cutsTopic() throws -> CutsTopic {
        let configuration = try configuration()
        return CutsTopic(
            // A client that reads needs a group; it joins none.
            configuration: configuration.kafka.producerProperties().merging(["group.id": configuration.kafka.groupID]),
            name: "\(configuration.topicPrefix).out.cuts.v1")
    }

    /// Ends every connection that was made.
    func close() async {
        let (connections, admins) = state.withLock { state in
            defer { (state.connections, state.admins) = ([], []) }
            return (state.connections, state.admins)
        }
        for admin in admins { admin.close() }
        for connection in connections { await connection.close() }
    }
}
