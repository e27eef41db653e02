import ParapluStore
import Postgres
import Testing

@Suite struct OutboxStoreTests {
    private static let partitions = Statement(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'outbox.event'::regclass ORDER BY 1")
    private static let aside = Statement("SELECT topic || ' ' || code FROM outbox.set_aside")

    /// Sets aside the first row of a topic, and lets everything be sent and forty thousand commits go by.
    private static func setAside(topic: String, _ store: StoreHarness) throws {
        try store.apply(plan: Fixture.plan(actions: 3))
        let events = try OutboxStore.events(
            after: OutboxStore.Watermark(commit: 0, n: -1), upTo: .max, limit: 1000, store.session)
        try OutboxStore.setAside(
            try #require(events.first { $0.topic == topic }), code: "message_too_large", store.session)
        try store.asAdmin {
            try $0.executeScript(
                """
                UPDATE outbox.lease SET sent_commit = 60000, sent_n = 0;
                UPDATE operations.commit_clock SET number = 60000;
                """)
        }
        try OutboxStore.clean(store.session)
    }

    @Test func aRowSetAsideIsKeptWithItsPayloadHoweverManyCommitsFollow() async throws {
        try await StoreHarness.with { store in
            try Self.setAside(topic: "status", store)
            #expect(try store.texts(Self.partitions).contains("outbox.event_0"))
            #expect(try OutboxStore.hasStatusAside(store.session))
            #expect(try store.texts(Self.aside) == ["status message_too_large"])
            try store.asAdmin { try $0.executeScript("DELETE FROM outbox.set_aside") }
            #expect(try !OutboxStore.hasStatusAside(store.session))
            try OutboxStore.clean(store.session)
            #expect(try !store.texts(Self.partitions).contains("outbox.event_0"))
        }
    }

    @Test func aRowThatAnOlderDaemonSetAsideIsTakenByItsTopicToo() async throws {
        try await StoreHarness.with { store in
            try Self.setAside(topic: "changes", store)
            try store.asAdmin { try $0.executeScript("UPDATE outbox.set_aside SET topic = NULL") }
            #expect(try OutboxStore.hasStatusAside(store.session))
            try store.asAdmin {
                try $0.executeScript(
                    "UPDATE outbox.event SET topic = 'receipts.demo' WHERE (commit, n) IN (SELECT commit, n FROM outbox.set_aside)"
                )
            }
            #expect(try !OutboxStore.hasStatusAside(store.session))
        }
    }
}
