import Digest
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite struct HeldAndPrivateTests {
    @Test func tooManyRejectionsHoldTheFeedUntilItIsResumed() async throws {
        try await StoreHarness.with(window: RejectionWindow.Limit(size: 4, rejected: 3)) { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let bad = Message(0, rejection: Rejection(.unknownField, path: "/x"))
            let good = Message(0, [Fixture.progress(0, asOf: try store.today())])
            let error = caught(IngestWriter.Refusal.self) { try store.ingest([bad, bad, bad, good]) }
            guard case .held(StoreHarness.feed, from: 3) = error else {
                Issue.record("held from the message after the last that counts")
                return
            }
            #expect(try store.outcomes(partition: 0) == [])
            let result = try store.ingest([bad, bad, bad])
            #expect(result.held == [StoreHarness.feed])
            #expect(try FeedStore.held(store.session) == [StoreHarness.feed])
            #expect(throws: IngestWriter.Refusal.self) { try store.ingest([good]) }
            #expect(
                try FeedResume.resume(StoreHarness.feed, actor: "operator", reason: "mended", store.session) != nil)
            #expect(
                try FeedResume.resume(StoreHarness.feed, actor: "operator", reason: "again", store.session) == nil)
            try store.ingest([good])
            #expect(try store.outcomes(partition: 0) == ["rejected", "rejected", "rejected", "applied"])
        }
    }

    @Test func nothingOfAMessageWithPersonalDataIsKept() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let secret = "jan-123456782"
            let result = try store.ingest([
                Message(
                    0, rejection: Rejection([Violation(.unknownField), Violation(.personalData, path: "/note")]),
                    id: secret, value: Array("{\"note\":\"\(secret)\"}".utf8), key: Array(secret.utf8)),
                Message(
                    0, rejection: Rejection(.decode, isText: false), id: secret,
                    value: [0xFF, 0xFE] + Array(secret.utf8)),
                Message(
                    0, rejection: Rejection(.unknownField, path: "/x"), id: "kept", value: Array("{}".utf8), key: [1]),
            ])
            #expect(result.refused == [.personalData: 1, .decode: 1, .unknownField: 1])
            #expect(
                try store.texts(
                    Statement(
                        """
                        SELECT p.position::text FROM journal.payload AS p JOIN journal.stream AS s USING (stream_id)
                        WHERE s.kind = 'partition' ORDER BY 1
                        """)) == ["2"])
            #expect(
                try store.texts(
                    Statement(
                        "SELECT concat_ws(' ', code, payload_kept, event_id) FROM operations.rejection ORDER BY position"
                    ))
                    == ["personal_data f", "decode f", "unknown_field t kept"])
            // Nowhere in the database, as text or as bytes.
            let tables = try store.asAdmin { admin in
                try admin.execute(
                    Statement(
                        """
                        SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                        WHERE c.relkind = 'r' AND n.nspname IN ('journal', 'operations', 'progress', 'outbox')
                        """)
                ).map { $0.string(0) }
            }
            #expect(tables.count > 15)
            for table in tables {
                try store.asAdmin { admin in
                    try admin.executeScript(
                        """
                        DO $$ BEGIN IF EXISTS (SELECT FROM \(table) AS t WHERE t::text LIKE '%\(secret)%'
                            OR t::text LIKE '%\(secret.utf8.map { String($0, radix: 16) }.joined())%')
                        THEN RAISE EXCEPTION 'found in \(table)'; END IF; END $$
                        """)
                }
            }
        }
    }

    @Test func theReportRoleReadsItsSchemaAndNothingElse() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            for (statement, count) in [
                (Statement("SELECT * FROM report_v1.action_status"), 3),
                (Statement("SELECT * FROM report_v1.rollup_status"), 6),
                (Statement("SELECT * FROM report_v1.organisation_completeness"), 3),
                (Statement("SELECT * FROM report_v1.balance"), 4),
                (Statement("SELECT * FROM report_v1.rejections"), 0),
                (Statement("SELECT * FROM report_v1.conflict"), 0), (Statement("SELECT * FROM report_v1.risk"), 0),
                (Statement("SELECT * FROM report_v1.round"), 0), (Statement("SELECT * FROM report_v1.round_status"), 0),
                (Statement("SELECT * FROM report_v1.round_completeness"), 0),
                (Statement("SELECT * FROM report_v1.round_correction"), 0),
                (Statement("SELECT * FROM report_v1.organisation"), 4),
                (Statement("SELECT * FROM report_v1.finding"), 0), (Statement("SELECT * FROM report_v1.drift"), 0),
                (Statement("SELECT * FROM report_v1.milestone"), 3),
                (Statement("SELECT * FROM report_v1.indicator"), 0),
                (Statement("SELECT * FROM report_v1.breakdown_code"), 0),
                (Statement("SELECT * FROM report_v1.indicator_figure"), 0),
                (Statement("SELECT * FROM report_v1.indicator_sum"), 0),
                (Statement("SELECT * FROM report_v1.indicator_target"), 0),
                (Statement("SELECT * FROM report_v1.indicator_finding"), 0),
                (Statement("SELECT * FROM report_v1.commitment"), 0),
                (Statement("SELECT * FROM report_v1.document"), 0),
                (Statement("SELECT * FROM report_v1.document_citation"), 0),
                (Statement("SELECT * FROM report_v1.planned_round"), 0),
                (Statement("SELECT * FROM report_v1.explain('programme')"), 0),
                (Statement("SELECT * FROM report_v1.status_as_of('2025-01-01', now())"), 3),
            ] {
                #expect(try store.asReport { try $0.execute(statement).count } == count, "\(statement.sql)")
            }
            for statement in [
                Statement("SELECT * FROM progress.status"), Statement("SELECT * FROM journal.entry"),
                Statement("SELECT * FROM journal.payload"), Statement("SELECT * FROM plan.action"),
                Statement("SELECT * FROM operations.rejection"), Statement("SELECT * FROM operations.drift"),
                Statement("SELECT * FROM outbox.event"),
                Statement("SELECT * FROM progress.snapshot"), Statement("SELECT * FROM progress.conflict"),
                Statement("SELECT * FROM plan.round"), Statement("SELECT * FROM journal.fact"),
                Statement("SELECT * FROM progress.observation"), Statement("SELECT * FROM progress.milestone"),
                Statement("SELECT * FROM plan.commitment"), Statement("SELECT * FROM plan.planned_round"),
                Statement("SELECT * FROM plan.indicator"), Statement("SELECT * FROM plan.document"),
            ] {
                let error = caught(PostgresError.self) { try store.asReport { try $0.execute(statement).count } }
                #expect(error?.state?.rawValue == "42501", "\(statement.sql)")
            }
        }
    }

    @Test func theServiceCanNotChangeTheJournal() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            try store.ingest([Message([Fixture.progress(0, asOf: try store.today())])])
            for statement in [
                Statement("UPDATE journal.entry SET outcome = 2"), Statement("DELETE FROM journal.entry"),
                Statement("UPDATE journal.fact SET as_of = as_of"), Statement("DELETE FROM journal.fact"),
                Statement("UPDATE journal.payload SET value = ''"), Statement("DELETE FROM journal.payload"),
                Statement("DELETE FROM journal.commit"), Statement("DELETE FROM journal.stream"),
                Statement("TRUNCATE journal.settlement"), Statement("DROP TABLE journal.entry"),
            ] {
                let error = caught(PostgresError.self) { try store.session.execute(statement) }
                #expect(error?.state?.rawValue == "42501", "\(statement.sql)")
            }
        }
    }
}
