import Foundation
import ParapluModel
import ParapluStore
import Postgres
import Testing

/// The reference plan's `known_conflicts`, each as its parties published it: none is refused, each is named.
@Suite("The real conflicts of the reference plan")
struct KnownConflictTests {
    private static let reference = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../deploy/reference-plan.json").standardizedFileURL
    private static let findings = Statement(
        """
        SELECT concat_ws(' ', code, indicator_id, period, value, other) FROM report_v1.indicator_finding
        ORDER BY code, indicator_id, period
        """)

    private static func figure(
        _ indicator: String, _ period: String, _ value: Int64, by reporter: String, on day: String,
        part: (ParapluModel.Dimension, String)? = nil, unit: IndicatorUnit = .persons,
        stage: ObservationStage = .definitive
    ) -> CanonicalRecord {
        CanonicalRecord(
            reporter: OrganisationID(unchecked: reporter),
            observation: Observation(
                indicator: IndicatorID(unchecked: indicator), unit: unit,
                period: Period(period) ?? { preconditionFailure("a period") }(),
                breakdown: part.map { Breakdown(dimension: $0.0, category: $0.1) }, value: Figure(value), stage: stage),
            asOf: CalendarDate(day) ?? .distantPast)
    }

    private static func findings(_ messages: [[CanonicalRecord]]) async throws -> [String] {
        try await StoreHarness.with { store in
            try store.apply(plan: PlanDocument.parse([UInt8](Data(contentsOf: reference)), file: "reference-plan.json"))
            try store.ingest(messages.map { Message(0, $0) })
            #expect(try store.outcomes(partition: 0).allSatisfy { $0 == "applied" })
            try store.compareRebuild { #expect($0.differences == []) }
            return try store.asReport { try $0.execute(findings).map { $0.string(0) } }
        }
    }

    @Test("kc-1 and kc-2: a cited number and a cited date stay beside what they mean")
    func citations() async throws {
        let rows = try await StoreHarness.with { store in
            try store.apply(
                plan: PlanDocument.parse([UInt8](Data(contentsOf: Self.reference)), file: "reference-plan.json"))
            return try store.asReport { session in
                try session.execute(
                    Statement(
                        """
                        SELECT concat_ws(' ', number, cited_number, resolved_number, date_cited, resolved_dated_on)
                        FROM report_v1.document_citation ORDER BY number
                        """)
                ).map { $0.string(0) }
            }
        }

        #expect(
            rows == [
                "28638-251 28638-248 28638-249 2024-04-23", "28638-257 28638-254 28638-254 2024-11-18 2024-11-19",
            ])
    }

    @Test("kc-3: a provisional figure and its restatement are both kept, the later one counts")
    func restated() async throws {
        let findings = try await Self.findings([
            [Self.figure("ind-aanmeld-politie", "2020", 490, by: "org-comensha", on: "2021-09-21", stage: .restated)],
            [
                Self.figure(
                    "ind-aanmeld-politie", "2020", 481, by: "org-comensha", on: "2021-05-19", stage: .provisional)
            ],
        ])

        #expect(findings == ["figure_restated ind-aanmeld-politie 2020 490 481"])
    }

    @Test("kc-4: two counts of the victims of one year stand beside each other")
    func twoCounts() async throws {
        let findings = try await Self.findings([
            [
                Self.figure("ind-slachtoffers-comensha", "2019", 1372, by: "org-comensha", on: "2020-09-15"),
                Self.figure("ind-slachtoffers-comensha", "2020", 1013, by: "org-comensha", on: "2021-09-14"),
            ],
            [
                Self.figure("ind-slachtoffers-comensha", "2019", 1334, by: "org-nrm", on: "2021-10-18"),
                Self.figure("ind-slachtoffers-comensha", "2020", 984, by: "org-nrm", on: "2021-10-18"),
            ],
        ])

        #expect(
            findings == [
                "figure_two_counts ind-slachtoffers-comensha 2019 1372 1334",
                "figure_two_counts ind-slachtoffers-comensha 2020 1013 984",
            ])
    }

    @Test("kc-5: parts that make 377 stand under a total of 373, with a warning")
    func notAdditive() async throws {
        let parts = zip(["uv-sex", "uv-arb", "uv-cri", "uv-onb"], [231, 18, 83, 45] as [Int64]).map { form, value in
            Self.figure("ind-minderjarig", "2019-2023", value, by: "org-nrm", on: "2024-10-18", part: (.form, form))
        }
        let findings = try await Self.findings([
            [Self.figure("ind-minderjarig", "2019-2023", 373, by: "org-nrm", on: "2024-10-18")] + parts
        ])

        #expect(findings == ["figure_not_additive ind-minderjarig 2019-2023 373 377"])
    }

    @Test("kc-6: reports by type of reporter are told apart from persons, and no view adds them to a number of victims")
    func reportsAreNotPersons() async throws {
        let reporters =
            ["org-politie": 329, "org-zorgco": 301, "org-fairwork": 257, "org-kmar": 67, "org-nla": 71]
            as [String: Int64]
        let findings = try await Self.findings([
            [Self.figure("ind-slachtoffers-comensha", "2024", 944, by: "org-comensha", on: "2025-10-18")],
            reporters.map { reporter, value in
                Self.figure(
                    "ind-aanmeldingen", "2024", value, by: "org-comensha", on: "2025-10-18",
                    part: (.organisation, reporter), unit: .reports)
            },
        ])

        #expect(findings == ["reports_not_persons ind-aanmeldingen 2024 1025"])
    }
}
