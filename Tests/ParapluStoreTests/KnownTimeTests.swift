import Digest
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite struct KnownTimeTests {
    private static let asOf = Statement(
        """
        SELECT concat_ws(' ', action_id, rating, lifecycle, data_state, as_of, revision)
        FROM report_v1.status_as_of($1, $2) ORDER BY action_id
        """)

    @Test func aLateReportChangesThePastAndEarlierAnswersStay() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 4))
            let today = try store.today()
            let first = try store.ingest([Message([Fixture.progress(0, asOf: today.adding(days: -20))])])
            let second = try store.ingest([Message([Fixture.progress(0, asOf: today.adding(days: -2), rating: .amber)])]
            )
            let moments = [first.stamp, second.stamp].map { Parameter.timestamp($0.recordedAt.microsecondsSince2000) }
            let days = [-30, -20, -15, -10, -5, -2, 0, 500].map { Parameter.date(today.adding(days: $0).daysSince2000) }
            let answers = { try moments.flatMap { m in try days.flatMap { try store.texts(Self.asOf, [$0, m]) } } }
            let before = try answers()
            let late = try store.ingest([Message([Fixture.progress(0, asOf: today.adding(days: -10), rating: .red)])])
            #expect(late.outcomes == [0: [.applied: 1]])
            #expect(try answers() == before)
            #expect(try store.texts(Statement("SELECT code FROM progress.finding")) == ["late"])
            let now = Parameter.timestamp(late.stamp.recordedAt.microsecondsSince2000)
            let ratings = try days.map {
                try store.texts(
                    Statement("SELECT rating FROM report_v1.status_as_of($1, $2) WHERE action_id = 'act-0'"), [$0, now])
            }.flatMap { $0 }
            #expect(ratings == ["GRIJS", "GROEN", "GROEN", "ROOD", "ROOD", "ORANJE", "ORANJE", "GRIJS"])
            #expect(late.statusChanges == 0, "the past is no new status today")
        }
    }

    @Test func aLowerSequenceForTheSameDayIsStale() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 4))
            let today = try store.today()
            try store.ingest([Message([Fixture.progress(0, asOf: today, sequence: 5)])])
            let rows = Statement("SELECT count(*) FROM timeline")
            let before = try store.number(rows)
            // In a later batch, and within one.
            try store.ingest([Message([Fixture.progress(0, asOf: today, rating: .red, sequence: 4)])])
            try store.ingest([
                Message(1, [Fixture.progress(1, asOf: today, sequence: 2)]),
                Message(1, [Fixture.progress(1, asOf: today, rating: .red, sequence: 1)]),
            ])
            #expect(try store.outcomes(partition: 0) == ["applied", "stale"])
            #expect(try store.outcomes(partition: 1) == ["applied", "stale"])
            #expect(try store.number(rows) == before + 1)
            #expect(
                try store.texts(
                    Statement(
                        "SELECT DISTINCT rating FROM report_v1.action_status WHERE action_id IN ('act-0', 'act-1')"))
                    == ["GROEN"])
            #expect(
                try store.texts(Statement("SELECT DISTINCT disposition FROM progress.disposition")) == ["superseded"])
            #expect(try store.number(Statement("SELECT count(*) FROM progress.finding")) == 0)
        }
    }

    @Test func twoThingsOfOneDayAreNotLateForEachOther() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 8))
            let today = try store.today()
            for number in 0..<8 { try store.ingest([Message([Fixture.progress(number, asOf: today)])]) }
            for number in 0..<8 {
                try store.ingest([Message([Fixture.milestone(number, asOf: today, status: .reportedReached)])])
            }
            #expect(try store.number(Statement("SELECT count(*) FROM progress.finding")) == 0)
            #expect(Set(try store.outcomes(partition: 0)) == ["applied"])
        }
    }
}
