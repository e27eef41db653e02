import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

/// Rounds: what is frozen stays, what is said later is a correction, and a rebuild gives both again.
@Suite struct RoundTests {
    private static let round = RoundID(unchecked: "round-1")
    private static let before = Statement(
        """
        SELECT concat_ws(' ', action_id, before ->> 'rating', after ->> 'rating', after ->> 'as_of' = before ->> 'as_of')
        FROM correction ORDER BY commit, action_id
        """)

    @Test func aFrozenRoundKeepsWhatWasKnownAndNotesWhatIsSaidLater() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            let day = today.adding(days: -10)
            try store.apply(plan: Fixture.plan(actions: 6, due: today.adding(days: 90)))
            try store.ingest([
                Message(0, [Fixture.progress(0, asOf: day.adding(days: -1))]),
                Message(0, [Fixture.progress(1, asOf: day.adding(days: -1))]),
                Message(0, [Fixture.progress(2, asOf: day.adding(days: -1), lifecycle: .stopped, sequence: 1)]),
                // Of a day after the round's: the snapshot doesn't know it.
                Message(0, [Fixture.progress(1, asOf: today, rating: .red)]),
            ])
            try store.open(Self.round, asOf: day, freezeOn: today)
            let frozen = try store.freeze(Self.round)
            let rows = try RoundReader.rows(of: Self.round, store.session)
            #expect(rows.count == 6 + 3 + 2 + 1)
            #expect(rows.first { $0.subject == "action/act-1" }?.rating == "GROEN")
            #expect(rows.first { $0.subject == "action/act-2" }?.lifecycle == "GESTOPT")
            #expect(rows.allSatisfy { !$0.isModifiedSince })

            try store.ingest([
                // Late, and changes the round's day; then back again.
                Message(0, [Fixture.progress(0, asOf: day, rating: .amber)]),
                Message(0, [Fixture.progress(3, asOf: today)]),
            ])
            #expect(try store.texts(Self.before) == ["act-0 GROEN ORANJE f"])
            #expect(
                try RoundReader.rows(of: Self.round, store.session).filter(\.isModifiedSince).map(\.subject)
                    == ["action/act-0", "goal/goal-1", "line/line-1", "programme"], "and what it is counted in")
            try store.ingest([
                Message(
                    0,
                    [Fixture.record(0, asOf: day, sequence: 9, .withdrawal(Withdrawal(kind: .progressReported)))])
            ])
            #expect(try store.texts(Self.before) == ["act-0 GROEN ORANJE f", "act-0 ORANJE GROEN f"])
            #expect(try RoundReader.rows(of: Self.round, store.session).allSatisfy { !$0.isModifiedSince })
            #expect(
                try store.texts(Statement("SELECT code FROM finding WHERE code = 'after_freeze'"))
                    == ["after_freeze", "after_freeze"])

            #expect(try RoundStore.list(store.session).first?.frozen == frozen)
            let verification = try Verification.run(store.session)
            #expect(verification.findings == [])
            #expect(verification.snapshots == 1)
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    @Test func anOrganisationSignsASnapshotOff() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            var plan = Fixture.plan(actions: 2, due: today.adding(days: 90))
            plan.organisations[2].existsUntil = today
            plan.organisations[2].successor = Fixture.organisation(1)
            try store.apply(plan: plan)
            for (number, days) in [(1, -20), (2, -10), (3, -5)] {
                let day = today.adding(days: days)
                try store.open(RoundID(unchecked: "round-\(number)"), asOf: day, freezeOn: day)
            }

            for gone in [Fixture.organisation(2), Fixture.organisation(77)] {
                #expect(throws: RoundStore.Refusal.signer(gone, today: today)) {
                    try store.freeze(Self.round, signer: gone)
                }
            }
            try store.freeze(Self.round)
            try store.freeze(RoundID(unchecked: "round-2"), signer: Fixture.organisation(1))

            let signers = Statement(
                "SELECT concat_ws(' ', round_id, signed_off_by) FROM report_v1.round ORDER BY as_of")
            #expect(try store.texts(signers) == ["round-1 org-0", "round-2 org-1", "round-3"])
            #expect(try RoundStore.list(store.session).map(\.frozen?.signer?.rawValue) == ["org-0", "org-1", nil])
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            // One that was frozen before the journal said who signed.
            try store.asAdmin {
                try $0.executeScript(
                    """
                    UPDATE journal.payload SET headers = decode(
                        replace(encode(headers, 'hex'), encode('signed_off_by', 'hex'), encode('signed_off_xx', 'hex')), 'hex');
                    UPDATE plan.round SET signed_off_by = NULL;
                    """)
            }
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    @Test func completenessCountsWhoseReportsCameAndWhen() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 6, due: today.adding(days: 90)))
            let day = today.adding(days: -10)
            // Freeze-on is past, so that what comes today is late; what counts as on time came before the plan's own day.
            try store.ingest([
                Message(0, [Fixture.progress(0, asOf: day)]),
                Message(0, [Fixture.record(1, asOf: day, .nothing)]),
                Message(0, [Fixture.progress(2, asOf: day, lifecycle: .stopped)]),
                // Before the six months of the round, of no action of its own, and of a day after it.
                Message(0, [Fixture.progress(3, asOf: day.adding(days: -200))]),
                Message(0, [Fixture.progress(4, asOf: day, reporter: Fixture.organisation(3))]),
                Message(0, [Fixture.progress(4, asOf: today)]),
            ])
            try store.open(Self.round, asOf: day, freezeOn: day.adding(days: 1))
            try store.freeze(Self.round)
            try store.open(RoundID(unchecked: "round-2"), asOf: today, freezeOn: today)
            try store.ingest([Message(0, [Fixture.progress(0, asOf: today, sequence: 3)])])
            try store.freeze(RoundID(unchecked: "round-2"))

            let first = try RoundReader.completeness(of: Self.round, store.session)
            #expect(
                first.map { [$0.expected, $0.onTime, $0.late, $0.missing] } == [
                    [2, 0, 1, 1], [2, 0, 1, 1], [1, 0, 0, 1],
                ])
            let second = try RoundReader.completeness(of: RoundID(unchecked: "round-2"), store.session)
            #expect(
                second.map { [$0.expected, $0.onTime, $0.late, $0.missing] } == [
                    [2, 1, 0, 1], [2, 1, 0, 1], [1, 0, 0, 1],
                ])
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    @Test func aRoundTakesReportsUntilMidnightInAmsterdamAndIsFrozenFromItsLastDayOn() async throws {
        try await StoreHarness.with(clock: "2031-06-01T10:00:00+02:00") { store in
            func day(_ text: String) -> CalendarDate { CalendarDate(text) ?? .distantPast }
            try store.apply(plan: Fixture.plan(actions: 3, due: day("2032-01-01")))
            let round = try store.open(Self.round, asOf: day("2031-05-31"), freezeOn: day("2031-06-15"))
            // In the summer Amsterdam is two hours ahead: 22:00 in UTC is the next day there.
            try store.setClock("2031-06-14T21:59:59.99Z")
            let tooEarly = RoundStore.Refusal.beforeFreeze(round, today: day("2031-06-14"))
            #expect(throws: tooEarly) { try store.freeze(Self.round) }
            let preview = try RoundFreeze.preview(Self.round, store.session)
            #expect(preview.round == round)

            try store.setClock("2031-06-15T21:59:59.99Z")
            try store.ingest([Message(0, [Fixture.progress(0, asOf: day("2031-05-31"))])])
            try store.setClock("2031-06-15T22:00:00Z")
            try store.ingest([Message(0, [Fixture.progress(1, asOf: day("2031-05-31"))])])
            try store.freeze(Self.round)

            #expect(
                try RoundReader.completeness(of: Self.round, store.session).map {
                    [$0.expected, $0.onTime, $0.late, $0.missing]
                } == [[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]])
        }
    }

    @Test func aRoundIsFrozenFromTheBeginningOfItsLastDayInAmsterdam() async throws {
        try await StoreHarness.with(clock: "2031-06-01T10:00:00+02:00") { store in
            try store.apply(plan: Fixture.plan(actions: 1))
            let day = CalendarDate("2031-06-15") ?? .distantPast
            try store.open(Self.round, asOf: day.adding(days: -15), freezeOn: day)
            try store.setClock("2031-06-14T22:00:00Z")
            #expect(try store.freeze(Self.round).subjects > 0)
        }
    }

    @Test func whatDoesntFitIsRefusedAndLeavesNoTrace() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            #expect(throws: RoundStore.Refusal.noDay) { try store.open(Self.round, asOf: nil) }
            let first = try store.open(Self.round, asOf: today.adding(days: -10), freezeOn: today)
            #expect(throws: StoreError.noPlan) { try store.freeze(Self.round) }
            try store.apply(plan: Fixture.plan(actions: 2))
            let number = try store.number(Statement("SELECT number FROM operations.commit_clock"))

            #expect(throws: RoundStore.Refusal.exists(Self.round)) { try store.open(Self.round, asOf: today) }
            let other = RoundID(unchecked: "round-2")
            #expect(throws: RoundStore.Refusal.notAfter(first)) { try store.open(other, asOf: first.asOf) }
            #expect(throws: RoundStore.Refusal.freezeBefore(asOf: today)) {
                try store.open(other, asOf: today, freezeOn: today.adding(days: -1))
            }
            #expect(throws: StoreError.unknown(kind: "round", name: "round-2")) { try store.freeze(other) }
            #expect(try store.number(Statement("SELECT number FROM operations.commit_clock")) == number)

            let second = try store.open(other, asOf: nil)
            #expect(second.asOf == first.asOf.adding(months: 6))
            #expect(second.freezeOn == second.asOf.adding(days: 15))
            #expect(throws: RoundStore.Refusal.earlierOpen(first)) { try store.freeze(other) }
            try store.freeze(Self.round)
            #expect(throws: RoundStore.Refusal.future(today: today)) { try store.freeze(other) }
            let frozen = try RoundStore.list(store.session)[0]
            #expect(throws: RoundStore.Refusal.frozen(frozen)) { try store.freeze(Self.round) }
        }
    }

    @Test func nobodyChangesASnapshotAndAForcedChangeIsFound() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2))
            try store.open(Self.round, asOf: today, freezeOn: today)
            let frozen = try store.freeze(Self.round)
            for change in [
                "UPDATE progress.snapshot SET payload = '{}'", "DELETE FROM progress.snapshot",
                "DELETE FROM plan.round",
            ] {
                #expect(throws: PostgresError.self) { try store.session.executeScript(change) }
            }

            try store.asAdmin { admin in
                try admin.executeScript(
                    """
                    UPDATE progress.snapshot SET payload = replace(payload::text, 'ONBEKEND', 'LOOPT')::json
                    WHERE subject = 'action/act-1'
                    """)
            }

            let findings = try Verification.run(store.session).findings
            #expect(findings == [Verification.Finding(code: .snapshot, stream: 0, position: frozen.commit)])
            try store.compareRebuild { rebuild in
                #expect(rebuild.differences.map(\.table) == ["snapshot"])
                #expect(rebuild.differences.first?.keys == ["round-1 action/act-1"])
            }
            #expect(throws: StoreError.frozenDiffers(tables: ["snapshot"])) { try store.swapRebuild() }
        }
    }
}
