import Foundation
import ParapluModel
import ParapluStore
import Postgres
import Testing

/// Commitments, documents and the calendar of rounds: what is kept of a plan, and what follows from it.
@Suite struct ParliamentTests {
    private static let reference = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../deploy/reference-plan.json").standardizedFileURL
    private static let status = Statement(
        "SELECT concat_ws(' ', lifecycle, rating) FROM status WHERE subject = 'action/act-1'")
    private static let dispositions = Statement(
        "SELECT disposition FROM disposition ORDER BY stream_id, position, record")
    private static let commitments = Statement(
        """
        SELECT concat_ws(' ', commitment_id, kind, date_text, dated_on, coalesce(outcome, '-'), subject, coalesce(code, '-'),
            coalesce(lifecycle, '-'), coalesce(rating, '-'), coalesce(cited_document, '-'), coalesce(document, '-'))
        FROM report_v1.commitment ORDER BY dated_on, commitment_id COLLATE "C"
        """)
    private static let citations = Statement(
        """
        SELECT concat_ws(' ', number, cited_number, resolved_number, date_cited, resolved_dated_on)
        FROM report_v1.document_citation ORDER BY number
        """)
    private static let round = Statement(
        "SELECT concat_ws(' ', label, as_of, freeze_on, coalesce(letter, '-'), letter_date, is_planned) FROM report_v1.round"
    )

    private static func plan() throws -> Plan {
        try PlanDocument.parse([UInt8](Data(contentsOf: reference)), file: "reference-plan.json")
    }

    private static func stop(_ number: Int, asOf: CalendarDate, document: String? = nil, sequence: Int64? = nil)
        -> CanonicalRecord
    {
        Fixture.progress(
            number, asOf: asOf, rating: .amber, lifecycle: .stopped, sequence: sequence, document: document)
    }

    @Test func thePlanIsKeptByteForByteWithAllItsParts() throws {
        var plan = try Self.plan()
        plan.commitments[0].number = DocumentNumber(unchecked: "28638-243")
        plan.commitments[0].due = CalendarDate("2024-12-31")
        plan.commitments[0].citedDocument = DocumentNumber(unchecked: "28638-248")
        plan.commitments[0].document = DocumentNumber(unchecked: "28638-249")

        let bytes = PlanCodec.bytes(of: plan)

        #expect(PlanCodec.plan(from: bytes) == plan)
        #expect(PlanIndex(commit: 1, plan: plan).indicators.count == plan.indicators.count)
        #expect(PlanIndex(commit: 1, plan: plan).forms.count == plan.exploitationForms.count)
    }

    @Test func aPlanThatWasKeptBeforeThereWereCommitmentsHasNone() throws {
        let plan = Fixture.plan(actions: 2)
        var text = String(decoding: PlanCodec.bytes(of: plan), as: UTF8.self)
        for member in ["indicators", "exploitation_forms", "documents", "commitments", "rounds"] {
            text = text.replacingOccurrences(of: ",\"\(member)\":[]", with: "")
        }

        #expect(!text.contains("commitments"))
        #expect(PlanCodec.plan(from: Array(text.utf8)) == plan)
        #expect(PlanCodec.plan(from: Array(text.dropLast().utf8) + Array(",\"rounds\":[{}]}".utf8)) == nil)
    }

    @Test func aDiffNamesWhatChangedForParliament() throws {
        let old = try Self.plan()
        var new = old
        new.commitments[0].outcome = "uitgevoerd"
        new.commitments.removeLast()
        new.documents[11].citations = []
        new.rounds[3].letter = new.documents[0].number
        new.indicators[6].targets.removeFirst(5)
        new.exploitationForms[8].isInForce = true
        new.exploitationForms[8].validFrom = CalendarDate("2026-07-15")

        #expect(
            PlanDiff.lines(from: old, to: new) == [
                "~ indicator ind-verdachten targets: 2020: 190 (found), 2021: 205 (found), 2023: 220 (found),"
                    + " 2024: 220 (found), 2025: 220 (found), 2026: 220 (found) → 2026: 220 (found)",
                "~ exploitation form uv-drg valid_from: – → 2026-07-15",
                "~ exploitation form uv-drg is_in_force: false → true",
                "~ document 28638-251 cites: 28638-248 = 28638-249 (found) → ",
                "- commitment mot-kuik-50 “Anonieme chatfuncties”",
                "~ commitment mot-bikker-2023 outcome: aangenomen → uitgevoerd",
                "~ round round-2026-1 letter: – → 28638-167",
            ])
    }

    @Test func reportJobsSeeWhatThePlanOwesParliament() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Self.plan())

            let (commitments, citations) = try store.asReport { session in
                try (
                    session.execute(Self.commitments).map { $0.string(0) },
                    session.execute(Self.citations).map { $0.string(0) }
                )
            }
            #expect(
                commitments == [
                    "mot-kuik-167 motie 2019-07-04 2019-07-04 - action/act-4-03 4.03 ONBEKEND GRIJS - -",
                    "mot-kuik-50 motie 2020-11-26 2020-11-26 - action/act-2-04 2.04 ONBEKEND GRIJS - -",
                    "mot-bikker-2023 motie 2023-12-21 2023-12-21 aangenomen programme - - - - -",
                    "mot-veltman-2023 motie 2023-12-21 2023-12-21 - programme - - - - -",
                    "am-bikker-2024 amendement 2024-02 2024-02-01 verworpen programme - - - - -",
                    "toez-halfjaar toezegging 2024-06-17 2024-06-17 lopend programme - - - - -",
                ])
            #expect(
                citations == [
                    "28638-251 28638-248 28638-249 2024-04-23", "28638-257 28638-254 28638-254 2024-11-18 2024-11-19",
                ])
            let counts = Statement(
                """
                SELECT concat_ws(' ', (SELECT count(*) FROM plan.indicator), (SELECT count(*) FROM plan.indicator_target),
                    (SELECT count(*) FROM plan.exploitation_form), (SELECT count(*) FROM plan.document),
                    (SELECT count(*) FROM plan.planned_round), (SELECT value_thousandths FROM plan.indicator_target
                        WHERE indicator_id = 'ind-verdachten' AND period = '2021'))
                """)
            #expect(try store.texts(counts) == ["15 7 13 16 4 205000"])
            #expect(try CommitmentReader.list(store.session).map(\.dateText).contains("2024-02"))

            // A version without them leaves none behind.
            var plan = try Self.plan()
            (plan.indicators, plan.exploitationForms, plan.documents) = ([], [], [])
            (plan.commitments, plan.rounds) = ([], [])
            try store.apply(plan: plan)
            #expect(try store.texts(counts) == ["0 0 0 0 0"])
        }
    }

    @Test func aRoundIsOpenedAsThePlansCalendarHasIt() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Self.plan())

            let first = try store.open(RoundID(unchecked: "round-2025-1"), asOf: nil)
            #expect(first.asOf == CalendarDate("2025-05-31") && first.freezeOn == CalendarDate("2025-06-15"))
            #expect(first.label == "2025 eerste helft" && first.letter == "28638-257")
            #expect(
                try store.asReport { try $0.execute(Self.round).map { $0.string(0) } } == [
                    "2025 eerste helft 2025-05-31 2025-06-15 28638-257 2025-07-04 t"
                ])

            // What is given wins; a last day for reports belongs to its own day.
            let second = try store.open(RoundID(unchecked: "round-2025-2"), asOf: CalendarDate("2025-12-01"))
            #expect(second.freezeOn == CalendarDate("2025-12-16") && second.label == "2025 tweede helft")
            let own = try store.open(RoundID(unchecked: "round-own"), asOf: nil)
            #expect(own.asOf == CalendarDate("2026-06-01") && own.label == "round-own")
            #expect(throws: RoundStore.Refusal.notAfter(own)) {
                try store.open(RoundID(unchecked: "round-2026-1"), asOf: nil)
            }

            // A letter has its number long after its round was opened.
            var plan = try Self.plan()
            plan.rounds.append(
                PlannedRound(
                    id: own.id, labelNL: "Eigen ronde", asOf: own.asOf, asOfProvenance: .illustrative,
                    freezeOn: own.freezeOn, freezeOnProvenance: .illustrative, letter: plan.documents[0].number,
                    provenance: .illustrative))
            try store.apply(plan: plan)
            #expect(
                try store.asReport { try $0.execute(Self.round).map { $0.string(0) } }.last
                    == "round-own 2026-06-01 2026-06-16 28638-167 2019-07-04 t")
        }
    }

    @Test func whatParliamentWasPromisedIsNotStoppedWithoutADocument() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            var plan = Fixture.plan(actions: 2, due: today.adding(days: 90))
            plan.commitments = [Fixture.commitment("motie-1", on: .action(Fixture.action(1)))]
            try store.apply(plan: plan)
            try store.ingest([
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -9))]),
                Message(0, [Self.stop(1, asOf: today.adding(days: -5))], id: "stop"),
            ])
            #expect(try store.texts(Self.status) == ["LOOPT GROEN"])
            #expect(try store.texts(Self.dispositions) == ["document_missing"])
            let receipt = Statement(
                """
                SELECT (convert_from(payload, 'UTF8')::json -> 'data' -> 'without_effect' -> 0 ->> 'disposition')
                FROM outbox.event WHERE key = 'stop'
                """)
            #expect(try store.texts(receipt) == ["document_missing"])
            let explained = Statement("SELECT disposition FROM report_v1.explain('action/act-1')")
            #expect(
                try store.asReport { try $0.execute(explained).map { $0.string(0) } } == [
                    "document_missing", "effective",
                ],
                "and what the status rests on")

            // A plan without the commitment gives the same report its effect, and takes it again.
            var without = plan
            (without.version, without.commitments) = ("2", [])
            try store.apply(plan: without)
            #expect(try store.texts(Self.status) == ["GESTOPT ORANJE"])
            plan.version = "3"
            try store.apply(plan: plan)
            #expect(try store.texts(Self.status) == ["LOOPT GROEN"])

            try store.ingest([Message(0, [Self.stop(1, asOf: today.adding(days: -2), document: "28638-257")])])
            #expect(try store.texts(Self.status) == ["GESTOPT ORANJE"])
            #expect(
                try CommitmentReader.list(store.session).map { $0.lifecycle ?? "" } == ["GESTOPT"])
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }

    @Test(arguments: [true, false])
    func aStopWithoutADocumentTakesThePlaceOfWhatWasSaidThatDay(isOneBatch: Bool) async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            var plan = Fixture.plan(actions: 2, due: today.adding(days: 90))
            plan.commitments = [Fixture.commitment("motie-1", on: .action(Fixture.action(1)))]
            try store.apply(plan: plan)
            let day = today.adding(days: -5)
            let messages = [
                Message(0, [Fixture.progress(1, asOf: today.adding(days: -9))]),
                Message(0, [Fixture.progress(1, asOf: day, rating: .red, sequence: 1)]),
                Message(0, [Self.stop(1, asOf: day, sequence: 2)]),
            ]
            if isOneBatch {
                try store.ingest(messages)
            } else {
                for message in messages { try store.ingest([message]) }
            }

            #expect(try store.texts(Self.status) == ["LOOPT GROEN"])
            #expect(try store.texts(Self.dispositions) == ["superseded", "document_missing"])
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
        }
    }
}
