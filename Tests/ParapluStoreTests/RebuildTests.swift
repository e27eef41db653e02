import Digest
import Foundation
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite struct RebuildTests {
    @Test(arguments: [21, 22, 23] as [UInt64])
    func aRebuildGivesTheSameByteForByte(seed: UInt64) async throws {
        try await StoreHarness.with { store in
            try PropertyTests.run(store, seed: seed, batches: 25)
            try store.compareRebuild { rebuild in
                #expect(rebuild.differences == [])
                #expect(rebuild.facts > 100)
            }
        }
    }

    @Test func aTamperedProjectionIsNamed() async throws {
        try await StoreHarness.with { store in
            try PropertyTests.run(store, seed: 24, batches: 8)
            try store.asAdmin {
                try $0.executeScript(
                    """
                    UPDATE progress.status SET rating = 'GROEN', lifecycle = 'LOOPT', as_of = '2020-01-01'
                        WHERE subject = 'action/act-1';
                    UPDATE progress.timeline SET known_until = known_from + interval '1 microsecond'
                        WHERE action_id = 'act-2' AND known_until IS NULL AND valid_from = '-infinity';
                    DELETE FROM progress.rollup WHERE subject = 'line/line-1';
                    INSERT INTO progress.finding VALUES (99, 1, 0, 1, 'late');
                    """)
            }
            try store.compareRebuild { rebuild in
                #expect(rebuild.differences.map(\.table) == ["timeline", "status", "rollup", "finding"])
                #expect(rebuild.differences.map(\.rows) == [1, 1, 1, 1])
                #expect(rebuild.differences[1].keys == ["action/act-1"])
                #expect(rebuild.differences[2].keys == ["line/line-1"])
            }
        }
    }

    @Test func aSwapMakesTheLiveProjectionsWhatTheJournalGivesAtOneCommit() async throws {
        try await StoreHarness.with { store in
            try PropertyTests.run(store, seed: 25, batches: 8)
            let number = try store.number(Statement("SELECT number FROM operations.commit_clock"))
            #expect(try store.swapRebuild().isEqual)
            #expect(try store.number(Statement("SELECT number FROM operations.commit_clock")) == number)
            try store.asAdmin {
                try $0.executeScript(
                    """
                    UPDATE progress.action_state SET state = '\\x01', published = '\\x01' WHERE action_id = 'act-1';
                    DELETE FROM progress.timeline WHERE action_id = 'act-2';
                    UPDATE progress.status SET rating = 'GROEN', lifecycle = 'LOOPT', as_of = '2020-01-01';
                    TRUNCATE progress.rollup, progress.rollup_revision, progress.disposition, progress.conflict;
                    INSERT INTO progress.risk VALUES ('act-1', 'r-9', 'LAAG', 1);
                    INSERT INTO progress.finding VALUES (99, 1, 0, 1, 'late');
                    """)
            }

            let swapped = try store.swapRebuild()

            #expect(swapped.commit == number)
            #expect(
                Set(swapped.differences.map(\.table)).isSuperset(of: ["action_state", "timeline", "status", "rollup"]))
            try store.compareRebuild { rebuild in
                #expect(rebuild.differences == [])
                #expect(rebuild.commit == number + 1)
            }
            // The writer goes on from what was exchanged.
            try store.ingest([Message(0, [Fixture.progress(1, asOf: try store.today(), rating: .red, sequence: 1)])])
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            #expect(try Verification.run(store.session).findings == [])
        }
    }

    /// Every row of every projection, as text.
    private static func projections(_ store: StoreHarness) throws -> [String: [String]] {
        var rows: [String: [String]] = [:]
        let tables = try store.texts(
            Statement(
                """
                SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('plan', 'progress') ORDER BY 1
                """))
        try store.asAdmin { admin in
            try admin.executeScript(
                "CREATE TEMP TABLE dump (name text, line text);"
                    + tables.map { "INSERT INTO dump SELECT '\($0)', t::text FROM \($0) AS t;" }.joined())
            for row in try admin.execute(Statement("SELECT name, line FROM dump ORDER BY name, line COLLATE \"C\"")) {
                rows[row.string(0), default: []].append(row.string(1))
            }
            try admin.executeScript("DROP TABLE dump")
        }
        return rows
    }

    @Test func fromEmptyProjectionsThePlanIncludedTheJournalGivesTheSameByteForByte() async throws {
        try await StoreHarness.with { store in
            // Without a frozen round: what one left is restored from a backup, never computed.
            try PropertyTests.run(store, seed: 27, batches: 8)
            let reference = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../deploy/reference-plan.json").standardizedFileURL
            let document = [UInt8](try Data(contentsOf: reference))
            let other = try PlanDocument.parse(document, file: "reference-plan.json")
            var plan = try #require(try PlanStore.current(store.session).plan)
            plan.version = "with all parts"
            plan.organisations += other.organisations
            plan.indicators += other.indicators
            plan.exploitationForms = other.exploitationForms
            plan.breakdownCodes = other.breakdownCodes
            plan.documents = other.documents
            plan.commitments = other.commitments.filter { $0.action == nil }
            plan.rounds = other.rounds
            plan.organisations[0].formerNames = [
                FormerName(nameNL: "Eerder", nameEN: "Earlier", validUntil: Fixture.start)
            ]
            plan.budgets = [
                Budget(
                    id: BudgetID(unchecked: "bud-1"), link: .programme, year: 2026, kind: .oneOff, amountEUR: 1,
                    status: .indicative, document: plan.documents[0].number, provenance: .illustrative)
            ]
            try store.apply(plan: plan)
            try store.open(RoundID(unchecked: "round-1"), asOf: try store.today())
            let before = try Self.projections(store)
            #expect(before.count > 20)
            try store.asAdmin { admin in
                try admin.executeScript("TRUNCATE \(before.keys.sorted().joined(separator: ", "))")
            }
            #expect(try Self.projections(store).isEmpty)

            let swapped = try store.swapRebuild()

            #expect(
                Set(swapped.differences.map { $0.table.contains(".") ? $0.table : "progress.\($0.table)" })
                    == Set(before.keys))
            let after = try Self.projections(store)
            for (table, rows) in before { #expect(after[table] == rows, "\(table)") }
            #expect(after.count == before.count)
        }
    }

    @Test func statesOfAnEarlierVersionAreNeverReadAndASwapMakesThemAgain() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2))
            try store.ingest([Message(0, [Fixture.progress(1, asOf: today.adding(days: -1))])])
            try store.asAdmin {
                try $0.executeScript("UPDATE progress.action_state SET state = set_byte(state, 0, 2)")
            }
            // What a daemon that was upgraded meets: it knows nothing of these states yet.
            store.writer = StoreHarness.writer()
            let report = [Message(0, [Fixture.progress(1, asOf: today, rating: .red)])]

            #expect(throws: StoreError.unreadableProjection(table: "action_state")) { try store.ingest(report) }
            #expect("\(StoreError.unreadableProjection(table: "action_state"))".contains("paraplu rebuild --swap"))
            #expect(try store.swapRebuild().differences.map(\.table) == ["action_state"])

            store.writer = StoreHarness.writer()
            try store.ingest(report)
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    @Test func aTamperedPlanIsNamedAndOneWithoutItsReadFormComesFromItsDocument() async throws {
        try await StoreHarness.with { store in
            let reference = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../deploy/reference-plan.json").standardizedFileURL
            let document = [UInt8](try Data(contentsOf: reference))
            _ = try PlanStore.apply(
                try PlanDocument.parse(document, file: "reference-plan.json"), document: document, actor: "test",
                reason: "test", events: StoreHarness.events, store.session)
            // As a version before this one journalled it.
            try store.asAdmin {
                try $0.executeScript(
                    """
                    UPDATE journal.payload AS p SET headers = substring(p.headers FROM 1 FOR
                        position('\\x00000004706c616e'::bytea IN p.headers) - 1)
                    WHERE position('\\x00000004706c616e'::bytea IN p.headers) > 0
                    """)
            }
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            try store.asAdmin {
                try $0.executeScript(
                    """
                    UPDATE plan.action SET title_nl = title_nl || '.' WHERE action_id = 'act-1-01';
                    DELETE FROM plan.commitment;
                    UPDATE plan.version SET reason = 'another';
                    """)
            }
            try store.compareRebuild { rebuild in
                #expect(rebuild.differences.map(\.table) == ["plan.version", "plan.action", "plan.commitment"])
                #expect(rebuild.differences.map(\.keys.first)[1] == "act-1-01")
            }
            #expect(throws: StoreError.frozenDiffers(tables: ["plan.version"])) { try store.swapRebuild() }
            // All but the row that nobody may change is what the journal gives.
            try store.compareRebuild { rebuild in #expect(rebuild.differences.map(\.table) == ["plan.version"]) }
            try store.asAdmin { try $0.executeScript("DELETE FROM plan.version") }
            #expect(try store.swapRebuild().differences.map(\.table) == ["plan.version"])
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    /// Makes the live store judge by another number than the journal has, as a version of the program with other rules did.
    private static func judge(from: Int, to: Int, _ store: StoreHarness) throws {
        _ = try store.asAdmin {
            try $0.execute(
                Statement(
                    """
                    UPDATE plan.version SET plan =
                        replace(plan::text, '"long_overdue_days":' || $1, '"long_overdue_days":' || $2)::json
                    """), [.text(String(from)), .text(String(to))])
        }
    }

    @Test func whereASwapMakesAnotherStatusEverythingIsAnnouncedInANewEpoch() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2, due: today.adding(days: -100)))
            try Self.judge(from: 90, to: 300, store)
            try store.ingest([Message(0, [Fixture.progress(1, asOf: today.adding(days: -10))])])
            try Self.judge(from: 300, to: 90, store)
            let announced = Statement(
                """
                SELECT concat_ws(' ', key, epoch, revision, convert_from(payload, 'UTF8')::json ->> 'rating')
                FROM outbox.event WHERE topic = 'status' AND key LIKE 'action/%' AND epoch > $1::integer ORDER BY 1
                """)
            let before = try store.session.execute(announced, [.int4(0)]).map { $0.string(0) }

            #expect(try store.swapRebuild().differences.map(\.table).contains("status"))

            let after = try store.session.execute(announced, [.int4(1)]).map { $0.string(0) }
            #expect(before.contains("action/act-1 1 2 ORANJE"))
            #expect(after == ["action/act-0 2 1 GRIJS", "action/act-1 2 1 ROOD"])
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            #expect(try Verification.run(store.session).findings == [])
            // Nothing is announced where nothing is another.
            try store.asAdmin { try $0.executeScript("DELETE FROM progress.milestone; DELETE FROM progress.status") }
            try store.swapRebuild()
            #expect(try store.session.execute(announced, [.int4(2)]).isEmpty)
        }
    }

    @Test func aSwapUnderOtherRulesLeavesWhatWasFrozenAsItWas() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2, due: today.adding(days: -100)))
            try Self.judge(from: 90, to: 300, store)
            try store.ingest([Message(0, [Fixture.progress(1, asOf: today.adding(days: -10))])])
            let round = RoundID(unchecked: "round-1")
            try store.open(round, asOf: today.adding(days: -1), freezeOn: today.adding(days: -1))
            try store.freeze(round)
            let frozen = try RoundReader.rows(of: round, store.session)
            try Self.judge(from: 300, to: 90, store)

            #expect(throws: StoreError.frozenDiffers(tables: ["snapshot"])) {
                try store.swapRebuild()
            }

            try store.compareRebuild { rebuild in
                #expect(rebuild.differences.map(\.table) == ["snapshot"])
            }
            #expect(try RoundReader.rows(of: round, store.session).map(\.rating) == frozen.map(\.rating))
            #expect(try Verification.run(store.session).findings == [])
        }
    }

    @Test func aNewHistoryOfTheDatabaseBeginsAnEpochAndAnnouncesEverythingAgain() async throws {
        try await StoreHarness.with { store in
            try PropertyTests.run(store, seed: 25, batches: 5)
            let check = {
                try DatabaseEpoch.check(events: StoreHarness.events, store.session)
            }
            #expect(try check() == .recorded)
            #expect(try check() == .unchanged)
            try store.asAdmin { try $0.executeScript("UPDATE operations.commit_clock SET timeline = '00000000'") }
            let subjects = try store.number(Statement("SELECT count(*) FROM status"))
            #expect(try check() == .raised(epoch: 2, subjects: Int(subjects)))
            #expect(
                try store.texts(Statement("SELECT DISTINCT concat_ws('.', epoch, revision) FROM status")) == ["2.1"])
            #expect(
                try store.number(Statement("SELECT count(*) FROM outbox.event WHERE epoch = 2 AND topic = 'status'"))
                    == subjects)
            var random = RandomRun(seed: 26, today: try store.today())
            for _ in 0..<5 { try store.ingest(random.messages(upTo: 10)) }
            #expect(try store.number(Statement("SELECT max(revision) FROM status WHERE epoch = 2")) > 1)
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            #expect(try Verification.run(store.session).findings == [])
        }
    }
}
