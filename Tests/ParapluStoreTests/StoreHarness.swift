import Digest
import ParapluModel
import ParapluRules
import ParapluStore
import ParapluTesting
import Postgres

/// A migrated database of a test's own, with a connector in force and its partitions claimed.
///
/// The test's body runs on the thread of the writing connection, so that it reads from top to bottom.
final class StoreHarness {
    static let instance = "test-1"
    static let boot = ShortHash((high: 1, low: 1))
    static let topic = "stm.in.demo.progress.v1"
    static let feed = FeedID(unchecked: "demo/progress")
    static let owner = OrganisationID(unchecked: "org-0")
    static let events = EventFactory(source: "urn:nld:oin:00000099000000001000:systeem:paraplu")

    /// The session of `paraplu_app`, that writes.
    let session: PostgresSession
    let configuration: PostgresConfiguration
    private let admin: PostgresConnection
    private let report: PostgresConnection
    var claims: [Int32: Claim] = [:]
    var connector: ActiveConnector
    var connectorsCommit: Int64
    var writer: IngestWriter

    private init(
        _ session: PostgresSession, _ configuration: PostgresConfiguration, admin: PostgresConnection,
        report: PostgresConnection, window: RejectionWindow.Limit?, clock: String?
    ) throws {
        self.session = session
        self.configuration = configuration
        self.admin = admin
        self.report = report
        try Claims.prepare(session)
        if let clock { try StoreHarness.setClock(clock, session, admin: admin) }
        _ = try ConnectorStore.activate(
            [StoreHarness.definition], digest: SHA256.digest(utf8: "activation"), actor: "test", reason: "test", session
        )
        let active = try ConnectorStore.active(session)
        connectorsCommit = active.commit
        connector = ActiveConnector(
            number: active.definitions.keys.first ?? 0, digest: StoreHarness.definition.digest, feed: StoreHarness.feed,
            owner: StoreHarness.owner, partner: "demo", retentionMonths: 6, receiptsForAll: false)
        writer = StoreHarness.writer(window: window)
        try Claims.register(instance: StoreHarness.instance, boot: StoreHarness.boot, session)
        try claim(partitions: 4)
    }

    /// Lends a harness on a fresh database.
    ///
    /// - Parameter clock: The moment at which its first commit is recorded; the machine's where nil.
    static func with<R: Sendable>(
        window: RejectionWindow.Limit? = nil, clock: String? = nil,
        _ body: @escaping @Sendable (StoreHarness) throws -> R
    ) async throws -> R {
        let database = try await TestDatabase.make()
        let admin = PostgresConnection(database.configuration, name: "admin")
        let app = PostgresConnection(configuration(database, role: "paraplu_app"), name: "app")
        let report = PostgresConnection(configuration(database, role: "paraplu_report"), name: "report")
        let result: Result<R, any Error>
        do {
            try await admin.run { session in _ = try Migrator.migrate(session) }
            result = .success(
                try await app.run { session in
                    try body(
                        StoreHarness(
                            session, database.configuration, admin: admin, report: report, window: window, clock: clock
                        ))
                })
        } catch { result = .failure(error) }
        await app.close()
        await report.close()
        await admin.close()
        try await database.close()
        return try result.get()
    }

    private static func configuration(_ database: TestDatabase, role: String) -> PostgresConfiguration {
        var configuration = database.configuration
        configuration.parameters["user"] = role
        return configuration
    }

    static let definition = ConnectorStore.Definition(
        feed: feed, digest: SHA256.digest(utf8: "definition"), owner: owner, topic: "in.demo.progress.v1",
        purpose: "voortgang", legalBasis: "test", retentionMonths: 6, text: "invented")

    static func writer(window: RejectionWindow.Limit? = nil, instance: String = instance) -> IngestWriter {
        IngestWriter(instance: instance, boot: boot, events: events, window: window)
    }

    func claim(partitions: Int32, instance: String = instance) throws {
        let wanted = (0..<partitions).map {
            Claims.Wanted(topic: StoreHarness.topic, partition: $0, feed: StoreHarness.feed, low: 0)
        }
        for claim in try Claims.claim(wanted, instance: instance, boot: StoreHarness.boot, session) {
            claims[claim.partition] = claim
        }
    }

    /// Lends the superuser's session.
    func asAdmin<R>(_ body: (PostgresSession) throws -> R) throws -> R { try admin.runBlocking(body) }

    /// Lends the session of `paraplu_report`.
    func asReport<R>(_ body: (PostgresSession) throws -> R) throws -> R { try report.runBlocking(body) }

    /// How `paraplu_app` reaches the database.
    var appConfiguration: PostgresConfiguration {
        var configuration = configuration
        configuration.parameters["user"] = "paraplu_app"
        return configuration
    }

    /// Rebuilds with the sessions of an operator, and hands over what differs.
    func compareRebuild(_ body: (Rebuild) throws -> Void) throws {
        try withOperators { replaying, reading in
            try body(try Rebuild.compare(replaying: replaying, reading: reading))
        }
    }

    /// Rebuilds with the sessions of an operator, exchanges what differs, and returns what did.
    @discardableResult
    func swapRebuild() throws -> Rebuild {
        try withOperators { replaying, reading in
            try Rebuild.swap(
                replaying: replaying, reading: reading, events: StoreHarness.events, actor: "test", reason: "test")
        }
    }

    private func withOperators<R>(_ body: (_ replaying: PostgresSession, _ reading: PostgresSession) throws -> R) throws
        -> R
    {
        var configuration = configuration
        configuration.parameters["user"] = "paraplu_operator"
        let replaying = PostgresConnection(configuration, name: "replaying")
        let reading = PostgresConnection(configuration, name: "reading")
        defer {
            replaying.closeInBackground()
            reading.closeInBackground()
        }
        return try replaying.runBlocking { replaying in
            try reading.runBlocking { reading in try body(replaying, reading) }
        }
    }

    /// Applies a plan, whose document stands for itself.
    @discardableResult
    func apply(plan: Plan) throws -> PlanStore.Applied? {
        try PlanStore.apply(
            plan, document: Array("{\"version\":\"\(plan.version)\"}".utf8), actor: "test", reason: "test",
            events: StoreHarness.events, session)
    }

    /// Takes a decision of the programme office.
    @discardableResult
    func decide(
        _ content: CanonicalRecord.Content, on action: ActionID, asOf: CalendarDate? = nil, isDryRun: Bool = false
    ) throws -> OfficeDecision.Outcome {
        try OfficeDecision.decide(
            content, on: action, asOf: asOf, actor: "test", reason: "test", isDryRun: isDryRun,
            events: StoreHarness.events, session)
    }

    /// Opens a reporting round.
    @discardableResult
    func open(_ id: RoundID, asOf: CalendarDate?, freezeOn: CalendarDate? = nil) throws -> RoundStore.Round {
        try RoundStore.open(
            RoundStore.Draft(id: id, asOf: asOf, freezeOn: freezeOn), actor: "test", reason: "test", session)
    }

    /// Freezes a reporting round.
    @discardableResult
    func freeze(_ id: RoundID, signer: OrganisationID? = nil) throws -> RoundStore.Frozen {
        try RoundFreeze.freeze(id, signer: signer, actor: "test", reason: "test", session)
    }

    /// Writes the messages as one batch, and takes over the claims that follow from it.
    @discardableResult
    func ingest(_ messages: [Message], gaps: [(partition: Int32, range: Range<Int64>, kind: OffsetGap.Kind)] = [])
        throws -> IngestWriter.Result
    {
        let result = try writer.apply(batch(messages, gaps: gaps), session)
        for claim in result.claims { claims[claim.partition] = claim }
        return result
    }

    /// The one value of the first row.
    func number(_ statement: Statement, _ parameters: [Parameter] = []) throws -> Int64 {
        try session.execute(statement, parameters).first?.int8OrNil(0) ?? -1
    }

    /// The text values of the first column.
    func texts(_ statement: Statement, _ parameters: [Parameter] = []) throws -> [String] {
        try session.execute(statement, parameters).map { $0.stringOrNil(0) ?? "null" }
    }

    /// The journal's outcomes in order of position.
    func outcomes(partition: Int32) throws -> [String] {
        try texts(
            Statement(
                """
                SELECT (ARRAY['applied', 'duplicate', 'stale', 'rejected', 'parked'])[e.outcome]
                FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id)
                WHERE s.kind = 'partition' AND s.partition = $1 ORDER BY e.position
                """), [.int4(partition)])
    }

    /// Makes it that moment for the commit clock: a function of the same name that the session's search path finds first.
    func setClock(_ moment: String) throws { try StoreHarness.setClock(moment, session, admin: admin) }

    private static func setClock(_ moment: String, _ session: PostgresSession, admin: PostgresConnection) throws {
        try admin.runBlocking { admin in
            try admin.executeScript(
                """
                CREATE SCHEMA IF NOT EXISTS testclock;
                CREATE OR REPLACE FUNCTION testclock.clock_timestamp() RETURNS timestamptz LANGUAGE sql
                    AS $$ SELECT timestamptz '\(moment)' $$;
                GRANT USAGE ON SCHEMA testclock TO paraplu_app;
                """)
        }
        try session.executeScript("SET search_path = testclock, pg_catalog, progress, plan, pg_temp")
    }

    /// Lets the clock announce what time brought, to the end.
    @discardableResult
    func passTime() throws -> [ProgrammeClock.Round] {
        var rounds: [ProgrammeClock.Round] = []
        repeat {
            rounds.append(
                try ProgrammeClock.advance(
                    through: nil, events: StoreHarness.events, session))
        } while rounds.last?.through == nil
        return rounds
    }

    /// The day in the Netherlands.
    func today() throws -> CalendarDate {
        CalendarDate(
            daysSince2000: try session.execute(Statement("SELECT (now() AT TIME ZONE 'Europe/Amsterdam')::date"))[0]
                .date(0))
    }
}

/// One message of a test: where it stands, what it says or why it is refused, and what it calls itself.
struct Message {
    var partition: Int32 = 0
    /// The next of its partition where nil.
    var offset: Int64?
    var records: [CanonicalRecord] = []
    var rejection: Rejection?
    var id: String?
    /// The bytes received; the canonical ones where nil.
    var value: [UInt8]?
    var key: [UInt8]?
    var warnings: EventWarnings = []

    init(
        _ partition: Int32 = 0, offset: Int64? = nil, _ records: [CanonicalRecord] = [], rejection: Rejection? = nil,
        id: String? = nil, value: [UInt8]? = nil, key: [UInt8]? = nil, warnings: EventWarnings = []
    ) {
        self.partition = partition
        self.offset = offset
        self.records = records
        self.rejection = rejection
        self.id = id
        self.value = value
        self.key = key
        self.warnings = warnings
    }
}

extension Message {
    /// A message of partition 0.
    init(_ records: [CanonicalRecord]) { self.init(0, records) }
}

extension IngestWriter.Result {
    /// How many messages were refused, by code.
    var refused: [RejectionCode: Int] {
        Dictionary(rejections.map { ($0.code, $0.count) }, uniquingKeysWith: +)
    }
}

extension PostgresConnection {
    /// Closes the connection without waiting for it.
    func closeInBackground() { Task { await close() } }
}

/// The error of that type that `body` throws; nil where it throws none.
func caught<E: Error, R>(_ type: E.Type, _ body: () throws -> R) -> E? {
    do { _ = try body() } catch { return error as? E }
    return nil
}

extension StoreHarness {
    /// The batch of these messages as steps 3 to 6 would leave it.
    func batch(
        _ messages: [Message], gaps: [(partition: Int32, range: Range<Int64>, kind: OffsetGap.Kind)] = []
    ) -> IntakeBatch {
        let partitions = Set(messages.map(\.partition) + gaps.map(\.partition)).sorted()
        var places: [Int32: Int] = [:]
        var streams: [Claim] = []
        for partition in partitions {
            guard let claim = claims[partition] else { preconditionFailure("the test claims its partitions") }
            places[partition] = streams.count
            streams.append(claim)
        }
        var builder = BatchBuilder(streams: streams)
        for message in messages { builder.add(message, stream: places[message.partition] ?? 0) }
        return IntakeBatch(
            streams: streams, messages: builder.messages, records: builder.records, bodies: builder.bodies,
            arena: builder.arena,
            gaps: gaps.map { OffsetGap(stream: places[$0.partition] ?? 0, range: $0.range, kind: $0.kind) },
            connectors: [connector], connectorsCommit: connectorsCommit)
    }
}

/// Gathers messages into a batch's arrays.
private struct BatchBuilder: ~Copyable {
    var messages: [IntakeMessage] = []
    var records: [IntakeRecord] = []
    var bodies: [UInt8] = []
    var arena: [UInt8] = []
    private var nexts: [Int64]
    private var hasher = SHA256()
    private var payloads = PayloadDigest()

    init(streams: [Claim]) { nexts = streams.map(\.next) }

    mutating func add(_ message: Message, stream: Int) {
        let position = message.offset ?? nexts[stream]
        nexts[stream] = position + 1
        let first = records.count
        for record in message.records {
            let start = bodies.count
            CanonicalRecordCodec.append(record, to: &bodies)
            records.append(
                IntakeRecord(
                    record: record, identity: ShortHash(record.identity(using: &hasher)),
                    digest: SHA256.digest(bodies[start...]), body: start..<bodies.count))
        }
        let value = message.value ?? message.records.flatMap { CanonicalRecordCodec.bytes(of: $0) }
        let keyRange = message.key.map { append($0) }
        let valueRange = append(value)
        let forbidsPayload = message.rejection?.forbidsPayload ?? false
        let digest =
            forbidsPayload
            ? KeyedHash(key: [1, 2, 3]).digest(value)
            : payloads.digest(key: message.key.map { $0[...] }, headers: [], value: value[...])
        messages.append(
            IntakeMessage(
                stream: stream, position: position, receivedAt: Timestamp(microsecondsSince2000: position),
                key: keyRange, headers: 0..<0, value: valueRange, connector: 0, eventID: message.id,
                messageKey: message.id.map {
                    ShortHash(MessageKey.key(owner: StoreHarness.owner, source: "test", id: $0))
                }, payloadDigest: digest, records: message.rejection == nil ? first..<records.count : first..<first,
                rejection: message.rejection, warnings: message.warnings))
    }

    private mutating func append(_ bytes: [UInt8]) -> Range<Int> {
        let start = arena.count
        arena += bytes
        return start..<arena.count
    }
}
