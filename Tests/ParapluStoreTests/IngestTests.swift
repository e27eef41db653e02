import Digest
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite struct IngestTests {
    @Test func aBatchEndsInJournalFactsTimelineStatusOutboxAndPositions() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 6))
            let day = try store.today().adding(days: -10)
            let before = try store.number(Statement("SELECT number FROM operations.commit_clock"))
            let result = try store.ingest([
                Message(0, [Fixture.progress(0, asOf: day, rating: .amber)], id: "a"),
                Message(
                    1, [Fixture.progress(1, asOf: day), Fixture.milestone(1, asOf: day, status: .reportedReached)]),
                Message(0, rejection: Rejection(.unknownField, path: "/x")),
            ])
            #expect(result.stamp.number == before + 1)
            #expect(try store.outcomes(partition: 0) == ["applied", "rejected"])
            #expect(try store.outcomes(partition: 1) == ["applied"])
            #expect(try store.number(Statement("SELECT count(*) FROM journal.fact")) == 3)
            #expect(
                try store.texts(
                    Statement(
                        """
                        SELECT concat_ws(' ', rating, as_of, revision) FROM report_v1.action_status
                        WHERE action_id = 'act-0'
                        """)) == ["ORANJE \(day) 2"])
            #expect(
                try store.number(
                    Statement("SELECT count(*) FROM timeline WHERE action_id = 'act-1' AND known_until IS NULL")) == 2)
            #expect(result.outboxRows == result.statusChanges * 2 + 1)
            #expect(
                try store.number(
                    Statement("SELECT count(*) FROM outbox.event WHERE commit = $1"), [.int8(result.stamp.number)])
                    == Int64(result.outboxRows))
            #expect(
                try store.texts(
                    Statement(
                        """
                        SELECT concat_ws(' ', next_position, applied, rejected) FROM journal.stream
                        WHERE kind = 'partition' AND partition = 0
                        """)) == ["2 1 1"])
        }
    }

    @Test func aRefreshOfTheAsOfIsNoRevisionButIsShown() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 1))
            let today = try store.today()
            try store.ingest([Message([Fixture.progress(0, asOf: today.adding(days: -9))])])
            let result = try store.ingest([Message([Fixture.progress(0, asOf: today)])])
            #expect(result.statusChanges == 0)
            #expect(
                try store.texts(Statement("SELECT concat_ws(' ', as_of, revision) FROM report_v1.action_status"))
                    == ["\(today) 2"])
        }
    }

    @Test func theSameMessageTwiceIsADuplicateAndChangesNothing() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 6))
            let record = Fixture.progress(0, asOf: try store.today())
            try store.ingest([Message(0, [record], id: "a"), Message(0, [record], id: "a")])
            let rows = Statement("SELECT count(*) FROM timeline")
            let before = try store.number(rows)
            let later = try store.ingest([Message(0, [record], id: "a"), Message(1, [record], id: "a")])
            #expect(later.statusChanges == 0 && later.outboxRows == 0)
            // Without an id the records alone tell.
            try store.ingest([Message(2, [record])])
            #expect(try store.outcomes(partition: 0) == ["applied", "duplicate", "duplicate"])
            #expect(try store.outcomes(partition: 1) == ["duplicate"])
            #expect(try store.outcomes(partition: 2) == ["duplicate"])
            #expect(try store.number(Statement("SELECT count(*) FROM journal.fact")) == 1)
            #expect(try store.number(rows) == before)
        }
    }

    @Test func theSameIdWithOtherContentsIsRefusedAndTheFirstStands() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 6))
            let day = try store.today()
            try store.ingest([Message(0, [Fixture.progress(0, asOf: day)], id: "a")])
            let result = try store.ingest([
                Message(0, [Fixture.progress(0, asOf: day.adding(days: -1))], id: "a"),
                // The record's own identity, with another rating.
                Message(0, [Fixture.progress(0, asOf: day, rating: .red)], id: "b"),
                // Two records of one message that contradict each other.
                Message(0, [Fixture.progress(1, asOf: day), Fixture.progress(1, asOf: day, rating: .red)], id: "c"),
            ])
            #expect(result.refused == [.idReused: 3])
            #expect(try store.number(Statement("SELECT count(*) FROM journal.fact")) == 1)
        }
    }

    @Test func aReportOfADayMoreThanAMonthAheadIsRefusedAndANearerOneWaitsForItsDay() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 6))
            let today = try store.today()
            let result = try store.ingest([
                Message(0, [Fixture.progress(0, asOf: today.adding(days: Decider.daysAheadMax))], id: "a"),
                Message(0, [Fixture.progress(1, asOf: today.adding(days: Decider.daysAheadMax + 1))], id: "b"),
            ])
            #expect(try store.outcomes(partition: 0) == ["applied", "rejected"])
            #expect(result.refused == [.futureAsOf: 1])
            #expect(
                try store.texts(
                    Statement("SELECT string_agg(lifecycle, ' ' ORDER BY action_id) FROM report_v1.action_status")) == [
                        "ONBEKEND ONBEKEND ONBEKEND ONBEKEND ONBEKEND ONBEKEND"
                    ])
            // With the day mended the same message gets in.
            try store.ingest([Message(0, [Fixture.progress(1, asOf: today)], id: "b")])
            #expect(try store.outcomes(partition: 0) == ["applied", "rejected", "applied"])
        }
    }

    @Test func aCorrectedResendOfARefusedMessageGetsIn() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 6))
            let record = Fixture.progress(0, asOf: try store.today())
            try store.ingest([Message(0, rejection: Rejection(.unknownCode, path: "/rating"), id: "a")])
            try store.ingest([Message(0, [record], id: "a")])
            #expect(try store.outcomes(partition: 0) == ["rejected", "applied"])
        }
    }

    @Test func knownRecordsOfAMessageAreSkippedAndTheRestApplied() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 6))
            let day = try store.today()
            try store.ingest([Message(0, [Fixture.progress(0, asOf: day)])])
            try store.ingest([
                Message(1, [Fixture.progress(0, asOf: day), Fixture.progress(1, asOf: day)], id: "both")
            ])
            #expect(try store.outcomes(partition: 1) == ["applied"])
            #expect(
                try store.texts(Statement("SELECT action_id FROM journal.fact ORDER BY commit")) == ["act-0", "act-1"])
        }
    }

    @Test func aClaimOfAnotherInstanceFencesTheFirst() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let record = Fixture.progress(0, asOf: try store.today())
            let mine = store.claims
            try store.claim(partitions: 1, instance: "test-2")
            store.claims = mine
            let error = caught(IngestWriter.Refusal.self) {
                try store.ingest([Message(0, [record]), Message(1, [record])])
            }
            guard case .fenced(let holding) = error else {
                Issue.record("fenced")
                return
            }
            #expect(holding == [mine[1]?.streamID])
            #expect(
                try store.number(
                    Statement(
                        "SELECT (SELECT count(*) FROM journal.fact) + (SELECT count(*) FROM journal.commit WHERE kind = 'partition')"
                    )) == 0)
            let other = try store.session.execute(
                Statement("SELECT count(*) FROM journal.payload WHERE stream_id = $1"), [.int4(mine[0]?.streamID ?? 0)])
            #expect(other[0].int8(0) == 0)
        }
    }

    @Test func aStaleChainOrPositionIsFenced() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let day = try store.today()
            let old = store.claims
            try store.ingest([Message(0, [Fixture.progress(0, asOf: day)])])
            let new = store.claims
            store.claims = old
            #expect(throws: IngestWriter.Refusal.self) {
                try store.ingest([Message(0, [Fixture.progress(1, asOf: day)])])
            }
            store.claims = new
            store.claims[0]?.chain = .zero
            #expect(throws: IngestWriter.Refusal.self) {
                try store.ingest([Message(0, [Fixture.progress(1, asOf: day)])])
            }
            store.claims = new
            try store.ingest([Message(0, [Fixture.progress(1, asOf: day)])])
            #expect(try store.outcomes(partition: 0) == ["applied", "applied"])
        }
    }

    @Test func aBatchMappedWithOtherConnectorsIsNotWritten() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let record = Fixture.progress(0, asOf: try store.today())
            store.connectorsCommit += 100
            #expect(throws: IngestWriter.Refusal.self) { try store.ingest([Message(0, [record])]) }
            store.connectorsCommit -= 100
            // The payload's partition was rolled back with the batch and is made again.
            try store.ingest([Message(0, [record])])
            #expect(try store.outcomes(partition: 0) == ["applied"])
        }
    }

    @Test func gapsCountAndTheBalanceHolds() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let day = try store.today()
            try store.ingest(
                [
                    Message(0, offset: 2, [Fixture.progress(0, asOf: day)]),
                    Message(0, offset: 5, [Fixture.progress(1, asOf: day)]),
                ],
                gaps: [(0, 0..<2, .hole), (0, 3..<5, .retention)])
            #expect(
                try store.texts(
                    Statement(
                        """
                        SELECT concat_ws(' ', next_position, applied, holes, lost) FROM journal.stream
                        WHERE kind = 'partition' AND partition = 0
                        """)) == ["6 2 2 2"])
            // A hole that nobody accounts for breaks the balance, which the database refuses.
            let error = caught(PostgresError.self) {
                try store.ingest([Message(0, offset: 9, [Fixture.progress(2, asOf: day)])])
            }
            #expect(error?.state?.class == .integrity)
        }
    }

    @Test func recordedTimeRisesStrictlyAndCommitNumbersHaveNoGap() async throws {
        try await StoreHarness.with { store in
            let plan = Fixture.plan(actions: 3)
            try store.apply(plan: plan)
            #expect(try store.apply(plan: plan) == nil)
            let day = try store.today()
            for number in 0..<20 {
                try store.ingest([Message(0, [Fixture.progress(0, asOf: day, sequence: Int64(number))])])
                _ = try FeedResume.resume(StoreHarness.feed, actor: "test", reason: "not held", store.session)
            }
            #expect(
                try store.number(
                    Statement(
                        """
                        SELECT count(*) FROM (SELECT recorded_at <= lag(recorded_at) OVER w
                            OR number <> lag(number, 1, 0::bigint) OVER w + 1 AS bad
                            FROM journal.commit WINDOW w AS (ORDER BY number)) AS c WHERE bad
                        """)) == 0)
            #expect(
                try store.number(
                    Statement("SELECT number - (SELECT count(*) FROM journal.commit) FROM operations.commit_clock"))
                    == 0)
        }
    }
}
