import JSON
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

/// Decisions of the programme office, as entries of the office stream that a rebuild reproduces.
@Suite struct DecisionTests {
    private static let accepted = CanonicalRecord.Content.assessment(Assessment(verdict: .accepted))
    private static let status = Statement(
        """
        SELECT concat_ws(' ', lifecycle, rating, nullif(array_to_string(flags, ','), '')) FROM status
        WHERE subject = 'action/act-1'
        """)
    private static let causes = Statement(
        """
        SELECT json_build_array(payload -> 'data' ->> 'cause', payload -> 'data' -> 'messages' -> 0 ->> 'topic')::text
        FROM (SELECT convert_from(payload, 'UTF8')::json AS payload FROM outbox.event
            WHERE topic = 'changes' AND key = 'action/act-1' ORDER BY commit DESC LIMIT 1) AS e
        """)

    @Test func acceptanceMakesAnActionComplete() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2))
            try store.ingest([
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -2), lifecycle: .reportedComplete)]),
                Message(1, [Fixture.milestone(1, asOf: today.adding(days: -2), status: .reportedReached)]),
            ])

            let tried = try store.decide(Self.accepted, on: Fixture.action(1), isDryRun: true)
            #expect(try store.texts(Self.status) == ["AFGEROND_GEMELD GROEN"])
            let outcome = try store.decide(Self.accepted, on: Fixture.action(1))

            #expect(tried.commit == outcome.commit, "a dry run gives its number back")
            #expect(outcome.record.reporter == Fixture.organisation(0))
            #expect(outcome.record.asOf == today)
            #expect(try store.texts(Self.status) == ["AFGEROND GROEN"])
            #expect(try store.texts(Self.causes) == [#"["decision", "office"]"#])
            let explained = Statement(
                """
                SELECT topic || ' ' || kind || ' ' || disposition FROM report_v1.explain('action/act-1')
                WHERE kind LIKE 'assess%'
                """)
            #expect(
                try store.asReport { try $0.execute(explained).map { $0.string(0) } } == [
                    "office assessment.made effective"
                ])
            #expect(throws: OfficeDecision.Refusal.nothingNew) {
                try store.decide(Self.accepted, on: Fixture.action(1))
            }
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            #expect(try Verification.run(store.session).findings == [])
        }
    }

    @Test func aLateReportThatOpensAMilestoneTakesTheAcceptanceItsEffect() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2, due: today.adding(days: 90)))
            let done = today.adding(days: -9)
            try store.ingest([
                Message(0, [Fixture.progress(1, asOf: done, lifecycle: .reportedComplete)]),
                Message(1, [Fixture.milestone(1, asOf: done, status: .dropped)]),
            ])
            try store.decide(Self.accepted, on: Fixture.action(1))

            try store.ingest([
                Message(1, [Fixture.milestone(1, asOf: today.adding(days: -3), status: .planned)])
            ])

            #expect(try store.texts(Self.status) == ["AFGEROND_GEMELD GROEN"])
            #expect(
                try store.texts(Statement("SELECT disposition FROM disposition")) == ["open_milestone"])
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    @Test func whatWouldHaveNoEffectIsRefusedAndLeavesNoTrace() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2))
            let number = try store.number(Statement("SELECT number FROM operations.commit_clock"))
            let action = Fixture.action(1)

            #expect(throws: OfficeDecision.Refusal.noEffect(.notReported, open: [Fixture.milestone(1)])) {
                try store.decide(Self.accepted, on: action)
            }
            #expect(throws: OfficeDecision.Refusal.future(today: today)) {
                try store.decide(Self.accepted, on: action, asOf: today.adding(days: 1))
            }
            #expect(throws: StoreError.unknown(kind: "action", name: "act-9")) {
                try store.decide(Self.accepted, on: Fixture.action(9))
            }
            let other = Assessment(milestone: Fixture.milestone(0), verdict: .accepted)
            #expect(throws: OfficeDecision.Refusal.noEffect(.unknownMilestone, open: [Fixture.milestone(1)])) {
                try store.decide(.assessment(other), on: action)
            }
            let ruling = ConflictRuling(party: Fixture.organisation(2), verdict: .holder)
            #expect(throws: OfficeDecision.Refusal.noEffect(.noConflict, open: [Fixture.milestone(1)])) {
                try store.decide(.ruling(ruling), on: action)
            }

            #expect(try store.number(Statement("SELECT number FROM operations.commit_clock")) == number)
            #expect(try store.number(Statement("SELECT count(*) FROM journal.fact")) == 0)

            try store.ingest([
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -2), lifecycle: .reportedComplete)])
            ])
            #expect(throws: OfficeDecision.Refusal.noEffect(.openMilestone, open: [Fixture.milestone(1)])) {
                try store.decide(Self.accepted, on: action)
            }
        }
    }

    @Test func aRulingClosesAConflictOnceAndBothAreToBeSeen() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2, due: today.adding(days: 90)))
            let party = Fixture.organisation(2)
            try store.ingest([
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -5))]),
                Message(1, [Fixture.progress(1, asOf: today.adding(days: -4), rating: .red, reporter: party)]),
            ])
            #expect(try store.texts(Self.status) == ["LOOPT ORANJE BETWIST"])
            let open = try store.asReport { session in
                try ConflictReader.list(of: nil, closed: false, limit: 10, session)
            }
            #expect(open.map(\.party) == [party])
            #expect(open.first?.openedOn == today.adding(days: -4))
            #expect(
                try store.number(
                    Statement(
                        """
                        SELECT (counts ->> 'disputed')::bigint FROM report_v1.rollup_status WHERE subject = 'programme'
                        """))
                    == 1)

            let now = try CommitClock.read(store.session).stamp.recordedAt
            let picture = try StatusReader.asOf(validOn: today, knownOn: now, store.session)
            #expect(String(decoding: picture.rollups[0].counts, as: UTF8.self).contains(#""disputed":1"#))

            let ruling = CanonicalRecord.Content.ruling(ConflictRuling(party: party, verdict: .holder))
            try store.decide(ruling, on: Fixture.action(1))

            #expect(try store.texts(Self.status) == ["LOOPT GROEN"])
            #expect(try ConflictReader.list(of: nil, closed: false, limit: 10, store.session) == [])
            #expect(
                try ConflictReader.list(of: Fixture.action(1), closed: true, limit: 10, store.session).map(\.closing)
                    == ["UITSPRAAK_ACTIEHOUDER"])
            #expect(throws: OfficeDecision.Refusal.noEffect(.noConflict, open: [Fixture.milestone(1)])) {
                try store.decide(ruling, on: Fixture.action(1))
            }
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    @Test func aWithdrawalTakesAConflictAndItsRowAway() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2, due: today.adding(days: 90)))
            let party = Fixture.organisation(2)
            let day = today.adding(days: -4)
            try store.ingest([
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -5))]),
                Message(1, [Fixture.progress(1, asOf: day, rating: .red, sequence: 1, reporter: party)]),
            ])

            try store.ingest([
                Message(
                    1,
                    [
                        Fixture.record(
                            1, asOf: day, sequence: 2, reporter: party, .withdrawal(Withdrawal(kind: .progressReported))
                        )
                    ])
            ])

            #expect(try store.texts(Self.status) == ["LOOPT GROEN"])
            #expect(try store.number(Statement("SELECT count(*) FROM conflict")) == 0)
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    @Test func factsOfOneBatchDontReactToWhatAnotherOfThemReplaces() async throws {
        let conflicts = Statement(
            "SELECT concat_ws(' ', action_id, party, opened_on, closed_on, closing) FROM conflict")
        for isOneBatch in [true, false] {
            try await StoreHarness.with { store in
                let day = try store.today().adding(days: -4)
                try store.apply(plan: Fixture.plan(actions: 2))
                let messages = [
                    Message(0, [Fixture.progress(1, asOf: day, sequence: 1)]),
                    Message(
                        0,
                        [Fixture.progress(1, asOf: day, rating: .red, sequence: 2, reporter: Fixture.organisation(2))]),
                    Message(0, [Fixture.progress(1, asOf: day, rating: .red, sequence: 3)]),
                ]
                if isOneBatch {
                    try store.ingest(messages)
                } else {
                    for message in messages { try store.ingest([message]) }
                }

                #expect(try store.texts(conflicts) == [])
                try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            }
        }
    }
}
