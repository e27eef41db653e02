import Foundation
import ParapluModel
import Testing

/// Indicators, documents of Parliament, commitments and rounds out of a plan's document.
@Suite struct ParliamentDocumentTests {
    private static let reference = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../deploy/reference-plan.json").standardizedFileURL

    /// A plan with these members beside the obligatory ones.
    private static func document(_ more: String) -> String {
        """
        {"meta":{"name":"Plan","version":"1"},
         "programme":{"id":"prg","title_nl":"P","title_en":"P","dossier":"28 638","presented_on":"2024-06-17","coordinating_org_id":"org-x"},
         "goals":[{"id":"goal-1","number":1,"title_nl":"G","title_en":"G"}],
         "action_lines":[{"id":"line-1","number":1,"title_nl":"L","title_en":"L","goal_ids":["goal-1"]}],
         "organisations":[{"id":"org-x","official_name_nl":"X","name_en":"X","kind":"ministry","provenance":"illustrative"}],
         "actions":[{"id":"act-1","code":"1.01","title_nl":"A","title_en":"A","line_id":"line-1","goal_ids":["goal-1"],
          "policy_type":"plan","provenance":"found","display_note_nl":"n","action_holder_id":"org-x"}]\(more)}
        """
    }

    private static func plan(_ more: String) throws -> Plan {
        try PlanDocument.parse(Array(document(more).utf8), file: "plan.json")
    }

    private static func problems(_ more: String) -> [String] {
        do throws(PlanDocumentError) {
            _ = try PlanDocument.parse(Array(document(more).utf8), file: "plan.json")
            return []
        } catch {
            return error.problems.map(\.path)
        }
    }

    @Test("the reference plan is read whole, with its conflicting reference")
    func reference() throws {
        let plan = try PlanDocument.parse([UInt8](Data(contentsOf: Self.reference)), file: "reference-plan.json")

        #expect(plan.indicators.count == 15 && plan.exploitationForms.count == 13)
        #expect(plan.documents.count == 16 && plan.commitments.count == 6 && plan.rounds.count == 4)
        let minors = plan.indicators.filter(\.isAboutMinors).map(\.id.rawValue)
        #expect(minors == ["ind-minderjarig", "ind-minderjarig-cri"])
        let estimate = plan.indicators.first { $0.aggregation == .estimateRange }
        #expect(estimate?.source == nil)
        #expect(plan.indicators.first { $0.unit == .suspects }?.targets.map(\.value).first == Figure(190))
        #expect(plan.exploitationForms.filter { !$0.isInForce }.map(\.code) == ["DRG", "HUW", "ADO"])
        #expect(plan.exploitationForms.first { $0.code == "BED" }?.parent?.rawValue == "uv-cri")
        let number = { (text: String) in DocumentNumber(unchecked: text) }
        #expect(
            plan.documents.first { $0.number == number("28638-251") }?.citations == [
                DocumentCitation(cited: number("28638-248"), resolved: number("28638-249"), provenance: .found)
            ])
        #expect(
            plan.documents.first { $0.number == number("28638-257") }?.citations.first?.dateCited
                == CalendarDate("2024-11-18"))
        let amendment = try #require(plan.commitments.first { $0.kind == .amendment })
        #expect(amendment.date.text == "2024-02" && amendment.date.first == CalendarDate("2024-02-01"))
        #expect(amendment.outcome == "verworpen" && amendment.link == .programme)
        #expect(
            plan.commitments.compactMap(\.action).map(\.rawValue) == ["act-4-03", "act-2-04"])
        let round = try #require(plan.rounds.last)
        #expect(round.letter == nil && round.letterDate == CalendarDate("2026-07-01"))
        #expect(round.asOf == CalendarDate("2026-05-31") && round.asOfProvenance == .illustrative)
        #expect(plan.rounds.first?.provenance == .found)
    }

    @Test("a plan without any of it has none of it")
    func absent() throws {
        let plan = try Self.plan("")

        #expect(plan.indicators.isEmpty && plan.exploitationForms.isEmpty && plan.documents.isEmpty)
        #expect(plan.commitments.isEmpty && plan.rounds.isEmpty)
    }

    @Test("a commitment is about the programme, an action, a line or a goal, and keeps both numbers of its document")
    func commitments() throws {
        let document =
            #"{"number":"1-9","date":"2024-04-23","kind":"brief","title_nl":"B","provenance":"found"}"#
        let commitments = ["programme", "act-1", "line-1", "goal-1"].map { link in
            """
            {"id":"c-\(link)","kind":"toezegging","title_nl":"T","date":"2024-02","due":"2024-12-31","linked_to":"\(link)",
             "cited_document":"1-8","document":"1-9","provenance":"found"}
            """
        }
        let plan = try Self.plan(
            #","parliamentary_documents":[\#(document)],"commitments":[\#(commitments.joined(separator: ","))]"#)

        #expect(
            plan.commitments.map(\.link.description) == ["programme", "action/act-1", "line/line-1", "goal/goal-1"])
        #expect(plan.commitments.allSatisfy { $0.citedDocument?.rawValue == "1-8" && $0.document?.rawValue == "1-9" })
        #expect(plan.commitments[0].due == CalendarDate("2024-12-31"))
    }

    @Test(
        "what is wrong is said with its place",
        arguments: [
            (#","commitments":{}"#, ["/commitments"]),
            (
                #","breakdown_codes":[{"dimension":"uitbuitingsvorm","code":"a","name_nl":"A","name_en":"A","provenance":"found"},{"dimension":"maat","code":"a b","name_nl":"A","name_en":"A","valid_from":"2025-01-01","valid_until":"2024-01-01","provenance":"found"}]"#,
                [
                    "/breakdown_codes/0/dimension", "/breakdown_codes/1/dimension", "/breakdown_codes/1/code",
                    "/breakdown_codes/1/valid_until",
                ]
            ),
            (
                #","breakdown_codes":[{"dimension":"regio","code":"a","name_nl":"A","name_en":"A","provenance":"found"},{"dimension":"termijn","code":"a","name_nl":"A","name_en":"A","provenance":"found"},{"dimension":"regio","code":"a","name_nl":"A","name_en":"A","provenance":"found"}]"#,
                ["/breakdown_codes/2/code"]
            ),
            (
                #","commitments":[{"id":"c","kind":"wens","title_nl":"T","date":"2024-13","linked_to":"act-9","document":"1-9","provenance":"found"}]"#,
                ["/commitments/0/kind", "/commitments/0/date", "/commitments/0/linked_to", "/commitments/0/document"]
            ),
            (
                #","parliamentary_documents":[{"number":"1 9","date":"2024-04","title_nl":"B","provenance":"found","cites":[{"cited":"1-1","provenance":"guessed"}]}]"#,
                [
                    "/parliamentary_documents/0/number", "/parliamentary_documents/0/date",
                    "/parliamentary_documents/0/kind", "/parliamentary_documents/0/cites/0/resolved",
                    "/parliamentary_documents/0/cites/0/provenance",
                ]
            ),
            (
                #","parliamentary_documents":[{"number":"1-9","date":"2024-04-23","kind":"brief","title_nl":"B","provenance":"found","cites":[{"cited":"1-7","resolved":"1-8","provenance":"found"}]}]"#,
                ["/parliamentary_documents/0/cites/0/resolved"]
            ),
            (
                #","reporting_rounds":[{"id":"r","label":"R","letter":"1-9","as_of_date":"2024-10-15","freeze_date":{"value":"2024-10-31","provenance":"found"},"provenance":"found"}]"#,
                ["/reporting_rounds/0/letter", "/reporting_rounds/0/as_of_date"]
            ),
            (
                #","reporting_rounds":[{"id":"r","label":"R","as_of_date":{"value":"2024-10-15","provenance":"found"},"freeze_date":{"value":"2024-10-14","provenance":"found"},"provenance":"found"}]"#,
                ["/reporting_rounds/0/freeze_date/value"]
            ),
            (
                #","indicators":[{"id":"i","name_nl":"I","name_en":"I","unit":"heads","aggregation":"single_source","direction":"no_target_direction","authoritative_source":"WODC","disclosure_class":"low","provenance":"found"}]"#,
                [
                    "/indicators/0/unit", "/indicators/0/authoritative_source", "/indicators/0/disclosure_class",
                ]
            ),
            (
                #","indicators":[{"id":"i","name_nl":"I","name_en":"I","unit":"persons","aggregation":"single_source","direction":"no_target_direction","provenance":"found","targets":[{"period":"2026-H3","value":1.5,"provenance":"found"},{"period":"2026","value":1.0001,"provenance":"found"}]}]"#,
                [
                    "/indicators/0/targets/0/period", "/indicators/0/targets/0/value",
                    "/indicators/0/targets/1/value",
                ]
            ),
            (
                #","exploitation_forms":[{"id":"a","code":"A","name_nl":"A","name_en":"A","parent":"b","provenance":"found"},{"id":"b","code":"A","name_nl":"B","name_en":"B","parent":"a","provenance":"found"},{"id":"c","code":"C","name_nl":"C","name_en":"C","parent":"d","provenance":"found"}]"#,
                [
                    "/exploitation_forms/1/code", "/exploitation_forms/0/parent", "/exploitation_forms/1/parent",
                    "/exploitation_forms/2/parent",
                ]
            ),
        ])
    func problems(more: String, paths: [String]) {
        #expect(Self.problems(more) == paths)
    }

    @Test(
        "a form without a first day always was in use, and one whose first day is unknown is not yet",
        arguments: [
            ("", true, nil), (#""valid_from":null,"#, false, nil),
            (#""valid_from":"2026-07-15","#, true, CalendarDate("2026-07-15")),
        ] as [(String, Bool, CalendarDate?)])
    func forms(member: String, isInForce: Bool, from: CalendarDate?) throws {
        let plan = try Self.plan(
            #","exploitation_forms":[{"id":"a","code":"A","name_nl":"A","name_en":"A",\#(member)"provenance":"found"}]"#
        )

        #expect(plan.exploitationForms.map(\.isInForce) == [isInForce])
        #expect(plan.exploitationForms.map(\.validFrom) == [from])
    }

    @Test(
        "a stated date is a day or a month",
        arguments: [
            ("2024-02-06", CalendarDate("2024-02-06")), ("2024-02", CalendarDate("2024-02-01")), ("2024", nil),
            ("2024-13", nil), ("24-02", nil), ("2024-2", nil), ("1824-02", nil),
        ])
    func statedDates(text: String, first: CalendarDate?) {
        #expect(StatedDate(text)?.first == first)
    }
}
