import Digest
import JSON
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite struct VerificationTests {
    /// Three messages of partition 0, one of which is refused, and one of partition 1.
    private static func fill(_ store: StoreHarness) throws {
        try store.apply(plan: Fixture.plan(actions: 6))
        let day = try store.today()
        try store.ingest([
            Message(0, [Fixture.progress(0, asOf: day), Fixture.progress(1, asOf: day)], id: "a", key: [1, 2]),
            Message(0, rejection: Rejection(.personalData), id: "b"), Message(1, [Fixture.progress(2, asOf: day)]),
            Message(0, [Fixture.progress(3, asOf: day)], id: "c"),
        ])
    }

    private static func findings(
        _ store: StoreHarness, after tampering: String
    ) throws -> [Verification.Finding] {
        try store.asAdmin { try $0.executeScript(tampering) }
        return try Verification.run(store.session).findings
    }

    @Test func anUntouchedJournalIsSound() async throws {
        try await StoreHarness.with { store in
            try Self.fill(store)
            var told: [Int64] = []
            let verification = try Verification.run(store.session) { done, total in
                told.append(done)
                #expect(done <= total)
            }
            #expect(verification.isSound)
            // Two of the office: connectors and plan.
            #expect(verification.entries == 6 && verification.facts == 4 && verification.payloads == 5)
            #expect(told.last == 6)
        }
    }

    @Test(
        arguments: [
            (
                "UPDATE journal.entry SET outcome = 3 WHERE stream_id = $0 AND position = 0",
                [(Verification.Code.chain, 0)]
            ),
            ("UPDATE journal.entry SET received_at = now() WHERE stream_id = $0 AND position = 2", [(.chain, 2)]),
            (
                "UPDATE journal.fact SET body = replace(body::text, 'GROEN', 'GRIJS')::json WHERE stream_id = $0 AND position = 2",
                [(.factBody, 2)]
            ),
            ("UPDATE journal.fact SET as_of = as_of - 1 WHERE stream_id = $0 AND position = 2", [(.factColumns, 2)]),
            (
                "DELETE FROM journal.fact WHERE stream_id = $0 AND position = 0 AND record = 1",
                [(.factCount, 0), (.chain, 0)]
            ),
            ("UPDATE journal.payload SET value = value || 'x' WHERE stream_id = $0 AND position = 2", [(.payload, 2)]),
            ("UPDATE journal.payload SET key = NULL WHERE stream_id = $0 AND position = 0", [(.payload, 0)]),
            (
                "DELETE FROM journal.entry WHERE stream_id = $0 AND position = 1",
                [(.chain, 2), (.missing, 1)]
            ),
            ("UPDATE journal.stream SET chain = sha256('x') WHERE stream_id = $0", [(.head, 3)]),
            (
                "DELETE FROM journal.fact WHERE stream_id = $0 AND position = 2; DELETE FROM journal.entry WHERE stream_id = $0 AND position = 2",
                [(.head, 3), (.missing, 2)]
            ),
            (
                "UPDATE journal.entry SET chain = sha256('x') WHERE stream_id = $0 AND position = 0",
                [(.chain, 0), (.chain, 1)]
            ),
            ("DELETE FROM journal.payload WHERE stream_id = $0", []),
        ] as [(String, [(Verification.Code, Int64)])])
    func tamperingIsFound(tampering: String, expected: [(Verification.Code, Int64)]) async throws {
        try await StoreHarness.with { store in
            try Self.fill(store)
            let stream = store.claims[0]?.streamID ?? 0
            let found = try Self.findings(store, after: tampering.replacing("$0", with: "\(stream)"))
            #expect(found == expected.map { Verification.Finding(code: $0.0, stream: stream, position: $0.1) })
        }
    }

    @Test(
        arguments: [
            ("UPDATE plan.version SET reason = 'another' WHERE commit = $0", Verification.Code.plan),
            ("UPDATE plan.version SET document = '{}' WHERE commit = $0", .plan),
            ("UPDATE plan.version SET digest = sha256('x') WHERE commit = $0", .plan),
            (
                "UPDATE plan.version SET plan = replace(plan::text, 'Actie 1', 'Actie x')::json WHERE commit = $0",
                .plan
            ),
            ("DELETE FROM plan.version WHERE commit = $0", .plan),
            ("UPDATE journal.settlement SET kind = 'refused' WHERE kind = 'resolved'", .settlement),
            ("UPDATE journal.settlement SET settled_position = settled_position + 7", .settlement),
            ("UPDATE journal.settlement SET actor = 'nobody'", .settlement),
            ("DELETE FROM journal.settlement", .settlement),
            ("UPDATE journal.commit SET evaluated_on = evaluated_on - 1 WHERE number = $0", .commit),
            ("UPDATE journal.commit SET epoch = epoch + 1 WHERE number = $0", .commit),
        ] as [(String, Verification.Code)])
    func aTamperedDecisionIsFound(tampering: String, code: Verification.Code) async throws {
        try await StoreHarness.with { store in
            let applied = try #require(try store.apply(plan: Fixture.plan(actions: 3)))
            try store.ingest([Message(0, [Fixture.progress(7, asOf: try store.today())], id: "a")])
            try store.apply(plan: Fixture.plan(actions: 10, version: "2"))
            _ = try Settler.settle(
                parkedDaysMax: 30, events: StoreHarness.events, store.session)
            let sound = try Verification.run(store.session)
            #expect(sound.isSound && sound.settlements == 1)
            let found = try Self.findings(store, after: tampering.replacing("$0", with: "\(applied.commit)"))
            #expect(found.map(\.code) == [code])
        }
    }

    /// The value of the cut that would be published now.
    private static func cut(_ store: StoreHarness) throws -> [UInt8] {
        var cuts = CutStore()
        let picture = try cuts.picture(store.session)
        return StoreHarness.events.cut(picture, data: StoreHarness.events.cutData(picture, offsets: []))
    }

    @Test func aJournalRewrittenWithItsCutsDoesNotFitWhatStandsOnTheTopic() async throws {
        try await StoreHarness.with { store in
            try Self.fill(store)
            let first = try #require(PublishedCut(event: try Self.cut(store)))
            try store.ingest([Message(0, [Fixture.progress(4, asOf: try store.today())])])
            let second = try #require(PublishedCut(event: try Self.cut(store)))
            var sound = try Verification.run(store.session)
            try sound.compare([first, second], store.session)
            #expect(sound.isSound && sound.publishedCuts == 2 && sound.replacedCuts == 0)

            // The last message of partition 0 is taken out, and everything that could tell of it in the database.
            try store.asAdmin {
                try $0.executeScript(
                    """
                    DELETE FROM journal.fact WHERE commit = \(second.commit);
                    DELETE FROM journal.entry WHERE commit = \(second.commit);
                    UPDATE journal.stream AS s SET next_position = next_position - 1, applied = applied - 1, chain =
                        (SELECT e.chain FROM journal.entry AS e WHERE e.stream_id = s.stream_id ORDER BY position DESC LIMIT 1)
                    WHERE kind = 'partition' AND partition = 0;
                    """)
            }
            var rewritten = try Verification.run(store.session)
            #expect(rewritten.isSound)
            try rewritten.compare([first, second], store.session)
            let stream = store.claims[0]?.streamID ?? 0
            let head = second.heads.first { $0.stream == stream }
            #expect(
                rewritten.findings == [
                    Verification.Finding(code: .publishedCut, stream: stream, position: head?.next ?? 0)
                ])
        }
    }

    @Test func aCutOfACommitThatTheJournalDoesNotHaveIsFoundUnlessItsHistoryWasReplaced() async throws {
        try await StoreHarness.with { store in
            try Self.fill(store)
            let cut = try #require(PublishedCut(event: try Self.cut(store)))
            // As after a restore to an earlier moment: the commit was lost, and its number is another's.
            try store.asAdmin {
                try $0.executeScript(
                    """
                    UPDATE journal.commit SET recorded_at = recorded_at + interval '1 second' WHERE number = \(cut.commit)
                    """)
            }
            var verification = try Verification.run(store.session)
            try verification.compare([cut], store.session)
            #expect(
                verification.findings.last
                    == Verification.Finding(code: .publishedCut, stream: 0, position: cut.commit))
            try store.asAdmin {
                try $0.executeScript(
                    """
                    UPDATE journal.commit SET epoch = 2 WHERE number = \(cut.commit);
                    UPDATE operations.commit_clock SET epoch = 2;
                    """)
            }
            var replaced = try Verification.run(store.session)
            try replaced.compare([cut], store.session)
            #expect(replaced.isSound && replaced.replacedCuts == 1)
        }
    }

    @Test func aMissingCommitIsFound() async throws {
        try await StoreHarness.with { store in
            try Self.fill(store)
            let found = try Self.findings(store, after: "DELETE FROM journal.commit WHERE number = 2")
            #expect(found.map(\.code) == [.commit, .commitOfEntry])
            #expect(found.first?.position == 3)
        }
    }

    @Test func aRewrittenJournalDoesNotFitThePublishedCut() async throws {
        try await StoreHarness.with { store in
            try Self.fill(store)
            var cuts = CutStore()
            let picture = try cuts.picture(store.session)
            try CutStore.record(picture, payload: StoreHarness.events.cutData(picture, offsets: []), store.session)
            try store.ingest([Message(0, [Fixture.progress(4, asOf: try store.today())])])
            let sound = try Verification.run(store.session)
            #expect(sound.isSound && sound.cuts == Int64(picture.heads.count))
            // A whole chain computed anew by who has the database and not the topic of cuts.
            let head = picture.heads.first { $0.topic == StoreHarness.topic && $0.partition == 0 }
            let found = try Self.findings(
                store,
                after:
                    "UPDATE outbox.cut SET payload = replace(payload::text, '\(head?.chain.description ?? "")', '\(SHA256Digest.zero)')::json"
            )
            #expect(found == [Verification.Finding(code: .cut, stream: head?.stream ?? 0, position: head?.next ?? 0)])
        }
    }

    @Test func theBalanceIsCountedAgain() async throws {
        try await StoreHarness.with { store in
            try Self.fill(store)
            try store.ingest([], gaps: [(2, 0..<4, .hole), (3, 0..<2, .retention)])
            let balance = try Balance.read(store.session)
            #expect(balance.difference == 0)
            let root = try JSONParser.document(of: balance.json).root
            #expect(root.members.map(\.name) == ["partitions", "difference"])
            #expect(root["partitions"]?.elements.map { $0["holes"]?.int64 } == [0, 0, 4, 0])
            #expect(root["partitions"]?.elements.map { $0["lost"]?.int64 } == [0, 0, 0, 2])
            #expect(
                root["partitions"]?.elements.first { _ in true }?.members.map(\.name) == [
                    "topic", "partition", "first", "next", "journalled", "applied", "duplicate", "stale", "rejected",
                    "parked", "holes", "lost",
                ])
            try store.asAdmin {
                try $0.executeScript(
                    "UPDATE journal.stream SET applied = applied - 1, duplicate = duplicate + 1 WHERE partition = 1 AND kind = 'partition'"
                )
            }
            let changed = try Balance.read(store.session)
            #expect(changed.findings.map(\.counter) == ["applied", "duplicate"])
            #expect(changed.difference == 2)
        }
    }
}
