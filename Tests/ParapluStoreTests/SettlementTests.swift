import Digest
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite struct SettlementTests {
    private static func settle(_ store: StoreHarness, days: Int = 30) throws -> Settler.Round {
        try Settler.settle(
            parkedDaysMax: days, events: StoreHarness.events, store.session)
    }

    @Test func anUnknownActionIsParkedAndResolvedOnceThePlanHasIt() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let day = try store.today()
            try store.ingest([
                Message(0, [Fixture.progress(7, asOf: day)], id: "a"), Message(0, [Fixture.progress(0, asOf: day)]),
            ])
            #expect(try store.outcomes(partition: 0) == ["parked", "applied"])
            let idle = try Self.settle(store)
            #expect(idle.resolved == 0 && idle.refused == 0)
            try store.apply(plan: Fixture.plan(actions: 10, version: "2"))
            let round = try Self.settle(store)
            #expect(round.resolved == 1 && round.refused == 0)
            #expect(try store.outcomes(partition: 0) == ["parked", "applied"], "the intake outcome stays")
            #expect(
                try store.texts(
                    Statement(
                        "SELECT concat_ws(' ', rating, revision) FROM report_v1.action_status WHERE action_id = 'act-7'"
                    ))
                    == ["GROEN 2"])
            // It occupies its key: the same message again is a duplicate, also while it waits.
            try store.ingest([Message(1, [Fixture.progress(7, asOf: day)], id: "a")])
            #expect(try store.outcomes(partition: 1) == ["duplicate"])
            #expect(try store.number(Statement("SELECT count(*) FROM operations.parked")) == 0)
        }
    }

    @Test func afterThirtyDaysAParkedMessageIsRefusedAndACorrectedResendGetsIn() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let day = try store.today()
            let record = Fixture.progress(7, asOf: day)
            try store.ingest([Message(0, [record], id: "a")])
            try store.asAdmin {
                try $0.executeScript("UPDATE operations.parked SET parked_at = parked_at - interval '31 days'")
            }
            let round = try Self.settle(store)
            #expect(round.refused == 1 && round.resolved == 0)
            #expect(
                try store.texts(
                    Statement(
                        "SELECT convert_from(payload, 'UTF8')::json -> 'data' ->> 'code' FROM outbox.event WHERE topic = 'receipts.demo' ORDER BY commit DESC LIMIT 1"
                    ))
                    == ["unresolved"])
            try store.apply(plan: Fixture.plan(actions: 10, version: "2"))
            try store.ingest([Message(0, [record], id: "a")])
            #expect(try store.outcomes(partition: 0) == ["parked", "applied"])
            #expect(try store.number(Statement("SELECT max(key_use) FROM journal.entry")) == 1)
        }
    }

    @Test func aResolvedMessageWithoutEffectIsToldSoAndTheChangesNameTheMessages() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let day = try store.today()
            try store.ingest([
                Message(0, [Fixture.progress(7, asOf: day, reporter: Fixture.organisation(3))], id: "stranger"),
                Message(0, [Fixture.progress(8, asOf: day)], id: "holder"),
            ])
            try store.apply(plan: Fixture.plan(actions: 10, version: "2"))
            #expect(try Self.settle(store).resolved == 2)
            let receipts = try store.texts(
                Statement(
                    """
                    SELECT concat_ws(' ', d ->> 'event_id', d ->> 'outcome', d -> 'without_effect')
                    FROM outbox.event AS e, LATERAL (SELECT convert_from(e.payload, 'UTF8')::json -> 'data') AS d (d)
                    WHERE e.topic = 'receipts.demo' AND d ->> 'outcome' = 'resolved' ORDER BY e.n
                    """))
            #expect(receipts == [#"stranger resolved [{"record":0,"disposition":"no_role"}]"#, "holder resolved"])
            #expect(
                try store.texts(
                    Statement(
                        """
                        SELECT convert_from(payload, 'UTF8')::json -> 'data' -> 'messages' -> 0 ->> 'event_id'
                        FROM outbox.event WHERE topic = 'changes' AND key = 'action/act-8' ORDER BY commit DESC LIMIT 1
                        """)) == ["holder"])
        }
    }

    @Test func aDispositionFollowsThePlanVersionBothWays() async throws {
        try await StoreHarness.with { store in
            let without = Fixture.plan(actions: 3)
            try store.apply(plan: without)
            let stranger = Fixture.organisation(3)
            let record = Fixture.progress(0, asOf: try store.today(), rating: .red, reporter: stranger)
            try store.ingest([Message(0, [record])])
            let dispositions = Statement("SELECT disposition FROM progress.disposition")
            let rating = Statement("SELECT rating FROM report_v1.action_status WHERE action_id = 'act-0'")
            #expect(try store.outcomes(partition: 0) == ["applied"])
            #expect(try store.texts(dispositions) == ["no_role"])
            #expect(try store.texts(rating) == ["GRIJS"])
            var with = without
            with.version = "2"
            with.actions[0].roles = [ActionRole(organisation: stranger, role: .actionHolder)]
            try store.apply(plan: with)
            #expect(try store.texts(dispositions) == [])
            #expect(try store.texts(rating) == ["ROOD"])
            try store.apply(plan: without)
            #expect(try store.texts(dispositions) == ["no_role"])
            #expect(try store.texts(rating) == ["GRIJS"])
        }
    }

    @Test func aPlanThatLeavesOutActionsIsRefusedAndLeavesNoTrace() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let clock = Statement("SELECT number FROM operations.commit_clock")
            let before = try store.number(clock)
            #expect(throws: StoreError.actionsRemoved([Fixture.action(2)])) {
                try store.apply(plan: Fixture.plan(actions: 2, version: "2"))
            }
            #expect(try store.number(clock) == before)
        }
    }

    @Test func aPlanThatTakesOutAMilestoneOrItsFirstDateIsRefusedAndLeavesNoTrace() async throws {
        try await StoreHarness.with { store in
            let plan = Fixture.plan(actions: 3)
            try store.apply(plan: plan)
            let clock = Statement("SELECT number FROM operations.commit_clock")
            let before = try store.number(clock)

            var without = plan
            without.actions[1].milestones = []
            #expect(throws: StoreError.milestonesRemoved([Fixture.milestone(1)])) { try store.apply(plan: without) }
            // Another action's milestone isn't the one that was.
            var elsewhere = plan
            elsewhere.actions[2].milestones += elsewhere.actions[1].milestones
            elsewhere.actions[1].milestones = []
            #expect(throws: StoreError.milestonesRemoved([Fixture.milestone(1)])) { try store.apply(plan: elsewhere) }
            var moved = plan
            moved.actions[2].milestones[0].baselineDue = Fixture.start.adding(days: 9)
            moved.actions[0].milestones[0].baselineDue = Fixture.start.adding(days: -1)
            let lost = [0, 2].map { StoreError.Baseline(milestone: Fixture.milestone($0), due: Fixture.start) }
            #expect(throws: StoreError.baselinesMoved(lost)) { try store.apply(plan: moved) }
            #expect(try store.number(clock) == before)

            // What a plan may do: another latest date, a milestone more, another order.
            var rebaselined = plan
            rebaselined.actions[2].milestones[0].currentDue = Fixture.start.adding(days: 9)
            rebaselined.actions[1].milestones.insert(Fixture.planned(7).milestones[0], at: 0)
            rebaselined.actions.reverse()
            try store.apply(plan: rebaselined)
            #expect(try store.number(clock) == before + 1)
        }
    }

    @Test func aPlanVersionIsReadBackExactly() async throws {
        try await StoreHarness.with { store in
            var plan = Fixture.plan(actions: 9)
            plan.organisations[0].existsFrom = Fixture.start
            plan.organisations[1].successor = Fixture.organisation(0)
            plan.actions[1].plannedStart = Fixture.start
            plan.actions[2].titleNL = "\"aangehaald\" \\ één"
            plan.actions.reverse()
            try store.apply(plan: plan)
            #expect(try PlanStore.current(store.session).plan == plan)
        }
    }
}
