import Digest
import ParapluModel
import ParapluStore
import Postgres
import Testing

@Suite("Drift") struct DriftTests {
    private static let rows = Statement("SELECT count(*) FROM operations.drift")
    private static let listed = Statement(
        """
        SELECT concat_ws(' ', code, path, partition::text, "offset"::text) FROM report_v1.drift
        ORDER BY recorded_at, code, path
        """)

    private static func refused(_ code: RejectionCode, _ path: String, partition: Int32 = 0) -> Message {
        Message(partition, rejection: Rejection(code, path: path))
    }

    @Test("ten thousand messages with one unknown field are one row, told once, whoever writes them")
    func once() async throws {
        try await StoreHarness.with { store in
            var told = 0
            for _ in 0..<10 {
                told += try store.ingest((0..<1000).map { _ in Self.refused(.unknownField, "/data") }).drift.count
            }
            // After a restart.
            store.writer = StoreHarness.writer()
            let again = try store.ingest([Self.refused(.unknownField, "/data")])

            #expect(told == 1)
            #expect(again.drift.isEmpty)
            #expect(try store.texts(Self.listed) == ["unknown_field /data 0 0"])
        }
    }

    @Test("each code and place is a row, places in arrays are one, and what is no drift is none")
    func rows() async throws {
        try await StoreHarness.with { store in
            let both = Rejection([
                Violation(.type, path: "/rows/3/amount"), Violation(.missingField, path: "/rows/3/day"),
                Violation(.unknownCode, path: "/rows/3/state"),
            ])
            let result = try store.ingest([
                Message(0, rejection: both), Self.refused(.type, "/rows/17/amount", partition: 1),
                Self.refused(.range, "/rows/1/amount"), Self.refused(.version, "/type", partition: 1),
            ])

            #expect(
                result.drift.map { "\($0.code) \($0.path) \($0.position)" }.sorted() == [
                    "type /rows/*/amount 0", "unknown_code /rows/*/state 0", "version /type 1",
                ])
            #expect(try store.asReport { try $0.execute(Self.listed).count } == 3)
            let listed = try DriftStore.list(feed: StoreHarness.feed, limit: 10, store.session)
            #expect(Set(listed.map(\.connectorVersion)) == [StoreHarness.definition.digest.description])
            #expect(try DriftStore.list(feed: FeedID(unchecked: "demo/other"), limit: 10, store.session).isEmpty)
        }
    }

    @Test("what the profile advises and accepted events do otherwise is told once each")
    func warnings() async throws {
        try await StoreHarness.with { store in
            let message = Message(0, warnings: [.timeMissing, .typeVersion])

            let first = try store.ingest([message, message])
            let second = try store.ingest([message])

            #expect(
                first.drift.map { "\($0.code) \($0.path) \($0.position)" }.sorted() == [
                    "time_missing time 0", "type_version type 0",
                ])
            #expect(second.drift.isEmpty)
        }
    }

    @Test("a new version of the connector begins with a clean slate")
    func version() async throws {
        try await StoreHarness.with { store in
            try store.ingest([Self.refused(.unknownField, "/data")])
            var definition = StoreHarness.definition
            definition.digest = SHA256.digest(utf8: "another definition")
            _ = try ConnectorStore.activate(
                [definition], digest: SHA256.digest(utf8: "another activation"), actor: "test", reason: "test",
                store.session)
            let active = try ConnectorStore.active(store.session)
            store.connectorsCommit = active.commit
            store.connector = ActiveConnector(
                number: active.definitions.keys.first ?? 0, digest: definition.digest, feed: StoreHarness.feed,
                owner: StoreHarness.owner, partner: "demo", retentionMonths: 6, receiptsForAll: false)

            let told = try store.ingest([
                Self.refused(.unknownField, "/data"), Self.refused(.unknownField, "/data"),
            ]).drift

            #expect(told.count == 1)
            #expect(try store.number(Self.rows) == 2)
        }
    }

    @Test("a version has two hundred rows and one that says more, in one batch or in many", arguments: [1, 7, 500])
    func bounded(perBatch: Int) async throws {
        try await StoreHarness.with { store in
            var told = 0
            for first in stride(from: 0, to: 500, by: perBatch) {
                told += try store.ingest(
                    (first..<min(500, first + perBatch)).map { Self.refused(.unknownField, "/field_\($0)_") }
                ).drift.count
            }

            #expect(told == 201)
            #expect(try store.number(Self.rows) == 201)
            #expect(
                try store.number(Statement("SELECT count(*) FROM operations.drift WHERE code = 'more' AND path = ''"))
                    == 1)
        }
    }

    @Test("what a batch that fails has seen is seen again by the next")
    func rolledBack() async throws {
        try await StoreHarness.with { store in
            var batch = store.batch([Self.refused(.unknownField, "/data")])
            batch.connectorsCommit -= 1
            let refusal = caught(IngestWriter.Refusal.self) { try store.writer.apply(batch, store.session) }
            let told = try store.ingest([Self.refused(.unknownField, "/data")]).drift

            #expect(refusal != nil)
            #expect(told.count == 1)
        }
    }

    @Test("explain names the version of the connector that read a record")
    func explained() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 1))
            try store.ingest([Message([Fixture.progress(0, asOf: try store.today())])])
            let subject = Statement("SELECT 'action/' || action_id FROM report_v1.action_status")

            let text = try store.texts(subject)[0]
            let messages = try StatusReader.messages(behind: Subject(text) ?? .programme, store.session)

            #expect(messages.map(\.connectorVersion) == [StoreHarness.definition.digest.description])
        }
    }
}
