import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

/// What holders say besides status: the document behind a milestone, and what is done about a risk, and by whom.
@Suite struct EvidenceTests {
    private static let evidence = Statement(
        "SELECT concat_ws(' ', milestone_id, status, evidence) FROM report_v1.milestone ORDER BY 1")
    private static let risks = Statement(
        "SELECT concat_ws(' ', action_id, risk, level, response, owner) FROM report_v1.risk ORDER BY 1")

    private static func reached(_ number: Int, asOf: CalendarDate, document: String?) -> CanonicalRecord {
        Fixture.record(
            number, asOf: asOf,
            .milestone(
                MilestoneReport(milestone: Fixture.milestone(number), status: .reportedReached, document: document)))
    }

    private static func risk(
        _ number: Int, asOf: CalendarDate, response: RiskResponse? = nil, owner: OrganisationID? = nil
    ) -> CanonicalRecord {
        Fixture.record(
            number, asOf: asOf,
            .risk(
                RiskReport(
                    risk: RiskID(unchecked: "r-1"), level: .high, isOpen: true, response: response, owner: owner)))
    }

    @Test func evidenceStandsWithAMilestoneThatIsReachedUntilTheOfficeRefusesItOrALaterWordHasNone() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 4, due: today.adding(days: 30)))
            let day = today.adding(days: -9)
            try store.ingest((0..<4).map { Message(0, [Self.reached($0, asOf: day, document: "28638-257")]) })
            let status = Statement("SELECT revision FROM status WHERE subject = 'action/act-3'")
            let before = try store.texts(Self.evidence)
            #expect(before == (0..<4).map { "act-\($0)-m1 BEREIKT_GEMELD 28638-257" })

            try store.decide(
                .assessment(Assessment(milestone: Fixture.milestone(0), verdict: .refused)), on: Fixture.action(0))
            try store.decide(
                .assessment(Assessment(milestone: Fixture.milestone(1), verdict: .accepted)), on: Fixture.action(1))
            try store.ingest([
                Message(0, [Self.reached(2, asOf: today.adding(days: -1), document: nil)]),
                Message(
                    0,
                    [
                        Fixture.record(
                            3, asOf: day, sequence: 9,
                            .withdrawal(Withdrawal(kind: .milestoneReported, item: "act-3-m1")))
                    ]),
            ])

            #expect(
                try store.asReport { try $0.execute(Self.evidence).map { $0.string(0) } } == [
                    "act-0-m1 GEPLAND", "act-1-m1 BEREIKT 28638-257", "act-2-m1 BEREIKT_GEMELD", "act-3-m1 GEPLAND",
                ])
            // Another document alone is no other status.
            let revision = try store.number(status)
            try store.ingest([Message(0, [Self.reached(3, asOf: today, document: "28638-251")])])
            let told = try store.number(status)
            let other = try store.ingest([Message(1, [Self.reached(3, asOf: today, document: "28638-257")], id: "b")])
            #expect(told == revision + 1 && other.statusChanges == 0)
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    @Test func aRiskSaysWhatIsDoneAboutItAndByWhomAndWaitsForAnOwnerThatThePlanDoesNotHave() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            var plan = Fixture.plan(actions: 3, due: today.adding(days: 30))
            try store.apply(plan: plan)
            let outcome = try store.ingest([
                Message(0, [Self.risk(0, asOf: today, response: .transfer, owner: Fixture.organisation(1))]),
                Message(0, [Self.risk(1, asOf: today, response: .accept)]),
                Message(0, [Self.risk(2, asOf: today, owner: Fixture.organisation(9))]),
            ])
            #expect(outcome.outcomes == [0: [.applied: 2, .parked: 1]])
            #expect(
                try store.asReport { try $0.execute(Self.risks).map { $0.string(0) } } == [
                    "act-0 r-1 HOOG OVERDRAGEN org-1", "act-1 r-1 HOOG ACCEPTEREN",
                ])
            #expect(
                try store.texts(Statement("SELECT array_to_string(missing, ' ') FROM operations.parked")) == [
                    "organisation/org-9"
                ])

            plan.version = "2"
            plan.organisations.append(
                Organisation(
                    id: Fixture.organisation(9), nameNL: "Organisatie 9", nameEN: "Organisation 9", abbreviation: "O9",
                    kind: "ministerie", provenance: .illustrative))
            try store.apply(plan: plan)
            _ = try Settler.settle(parkedDaysMax: 30, events: StoreHarness.events, store.session)

            #expect(try store.texts(Self.risks).last == "act-2 r-1 HOOG org-9")
            // A later word says everything anew.
            try store.ingest([Message(1, [Self.risk(0, asOf: today.adding(days: 0), response: .reduce)], id: "later")])
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            #expect(try Verification.run(store.session).findings == [])
        }
    }
}
