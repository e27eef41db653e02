import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite("Milestones against the first and the latest date")
struct MilestoneViewTests {
    private static let milestones = Statement(
        """
        SELECT concat_ws(' ', milestone_id, status, moved_days, late_days_first, late_days_latest,
            CASE WHEN is_rebaselined THEN 'HERIJKT' END, CASE WHEN is_refused THEN 'refused' END)
        FROM report_v1.milestone ORDER BY milestone_id
        """)

    @Test("each is as late as it is against both dates; moved, reached, dropped and refused ones say so")
    func bothDates() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 6, due: today.adding(days: -40)))
            try store.ingest([
                Message(
                    0,
                    [Fixture.milestone(1, asOf: today.adding(days: -50), status: .planned, due: today.adding(days: 10))]
                ),
                Message(
                    0,
                    [
                        Fixture.milestone(
                            2, asOf: today.adding(days: -20), status: .planned, due: today.adding(days: -10))
                    ]),
                Message(1, [Fixture.milestone(3, asOf: today.adding(days: -5), status: .reportedReached)]),
                Message(1, [Fixture.milestone(4, asOf: today.adding(days: -5), status: .dropped)]),
                Message(2, [Fixture.milestone(5, asOf: today.adding(days: -5), status: .reportedReached)]),
            ])
            try store.decide(
                .assessment(Assessment(milestone: Fixture.milestone(5), verdict: .refused)), on: Fixture.action(5))

            #expect(
                try store.asReport { try $0.execute(Self.milestones).map { $0.string(0) } } == [
                    "act-0-m1 GEPLAND 0 40 40", "act-1-m1 GEPLAND 50 40 0 HERIJKT", "act-2-m1 GEPLAND 30 40 10 HERIJKT",
                    "act-3-m1 BEREIKT_GEMELD 0 0 0", "act-4-m1 VERVALLEN 0 0 0", "act-5-m1 GEPLAND 0 40 40 refused",
                ])
            try store.compareRebuild { #expect($0.differences == []) }
        }
    }

    @Test("the day on which the holder says it was reached is told until the office refuses it or it is awaited again")
    func reachedOn() async throws {
        let told = Statement(
            "SELECT concat_ws(' ', milestone_id, status, reached_on) FROM report_v1.milestone ORDER BY 1")
        try await StoreHarness.with { store in
            let today = try store.today()
            let day = today.adding(days: -9)
            try store.apply(plan: Fixture.plan(actions: 5, due: today))
            try store.ingest(
                (0..<4).map { number in
                    Message(
                        0,
                        [
                            Fixture.milestone(
                                number, asOf: today.adding(days: -5), status: .reportedReached, reachedOn: day)
                        ])
                })
            try store.ingest([Message(0, [Fixture.milestone(1, asOf: today.adding(days: -4), status: .planned)])])
            for (number, verdict) in [(2, AssessmentVerdict.accepted), (3, .refused)] {
                try store.decide(
                    .assessment(Assessment(milestone: Fixture.milestone(number), verdict: verdict)),
                    on: Fixture.action(number))
            }

            #expect(
                try store.asReport { try $0.execute(told).map { $0.string(0) } } == [
                    "act-0-m1 BEREIKT_GEMELD \(day)", "act-1-m1 GEPLAND", "act-2-m1 BEREIKT \(day)", "act-3-m1 GEPLAND",
                    "act-4-m1 GEPLAND",
                ])
            try store.compareRebuild { #expect($0.differences == []) }
        }
    }

    @Test("a milestone whose only word is taken back stands as the plan has it")
    func withdrawn() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2, due: today))
            let day = today.adding(days: -3)
            try store.ingest([Message(0, [Fixture.milestone(1, asOf: day, status: .reportedReached, sequence: 1)])])
            try store.ingest([
                Message(
                    0,
                    [
                        Fixture.record(
                            1, asOf: day, sequence: 2,
                            .withdrawal(
                                Withdrawal(kind: .milestoneReported, item: Fixture.milestone(1).rawValue)))
                    ])
            ])

            #expect(try store.texts(Self.milestones) == ["act-0-m1 GEPLAND 0 0 0", "act-1-m1 GEPLAND 0 0 0"])
            try store.compareRebuild { #expect($0.differences == []) }
        }
    }
}
