import Foundation
import ParapluModel
import Testing

@Suite struct PlanDocumentTests {
    /// A plan with one action, in the form of the reference plan.
    private static func document(
        holder: String = #""action_holder_id":"org-x","involved_org_ids":["org-y"]"#, action: String = "",
        more: String = ""
    ) -> String {
        """
        {"meta":{"name":"Plan","version":"1","note":"left out"},
         "programme":{"id":"prg","title_nl":"P","title_en":"P","dossier":"28 638","presented_on":"2024-06-17","coordinating_org_id":"org-y"},
         "goals":[{"id":"goal-1","number":1,"short_title_nl":"G","title_en":"G"}],
         "action_lines":[{"id":"line-1","number":1,"title_nl":"L","title_en":"L","goal_ids":["goal-1"]}],
         "organisations":[
          {"id":"org-x","official_name_nl":"X","name_en":"X","abbreviation":null,"kind":"ministry","provenance":"found",
           "identifiers":{"tooi":"https://identifier.overheid.nl/tooi/id/ministerie/mnre1162","oin":null,"test_oin":{"value":"00000099000000105000"}},
           "valid_from":"2024-07-02","valid_until":"2026-02-23","successor":"org-y"},
          {"id":"org-y","official_name_nl":"Y","name_en":"Y","kind":"ministry","provenance":"illustrative"}],
         "actions":[{"id":"act-1","code":"1.01","title_nl":"A","title_en":"A","line_id":"line-1","goal_ids":["goal-1"],
          "policy_type":"plan","provenance":"found","display_note_nl":"n","planned_start":null,"planned_end":"2027-12-31",
          \(action)\(holder),
          "milestones":[{"id":"act-1-m1","title_nl":"M","kind":"target","baseline_due":"2025-09-30","current_due":"2025-12-31","provenance":"found","critical":true}]}]
         \(more)}
        """
    }

    private func problems(_ text: String) -> [String] {
        do throws(PlanDocumentError) {
            _ = try PlanDocument.parse(Array(text.utf8), file: "plan.json")
            return []
        } catch {
            return error.problems.map(\.path)
        }
    }

    @Test("a plan is read with its organisations, milestones and roles")
    func plan() throws {
        let plan = try PlanDocument.parse(Array(Self.document(action: #""critical":true,"#).utf8), file: "plan.json")

        let action = try #require(plan.actions.first)
        #expect(plan.programme.coordinator.rawValue == "org-y")
        #expect(plan.organisations[0].oin?.rawValue == "00000099000000105000")
        #expect(plan.organisations[0].existsUntil == CalendarDate("2026-02-23"))
        #expect(action.isCritical)
        #expect(action.milestones.first?.isCritical == true)
        #expect(action.milestones.first?.currentDue == CalendarDate("2025-12-31"))
    }

    @Test("an action's forms of exploitation and an organisation's parent are read, and are those of the plan")
    func formsAndParent() throws {
        let forms =
            #","exploitation_forms":[{"id":"uv-1","code":"U","name_nl":"U","name_en":"U","provenance":"found"}]"#
        let child = ##"{"id":"org-y","parent":"org-x","official_name_nl":"Y""##
        func text(forms ids: String, parent: String) -> String {
            Self.document(action: #""exploitation_form_ids":\#(ids),"#, more: forms)
                .replacingOccurrences(
                    of: ##"{"id":"org-y","official_name_nl":"Y""##,
                    with: child.replacingOccurrences(of: "org-x", with: parent))
        }

        let plan = try PlanDocument.parse(
            Array(text(forms: #"["uv-1"]"#, parent: "org-x").utf8), file: "plan.json")

        #expect(plan.actions.first?.exploitationForms.map(\.rawValue) == ["uv-1"])
        #expect(plan.organisations.map { $0.parent?.rawValue } == [nil, "org-x"])
        #expect(
            problems(text(forms: #"["uv-1","uv-9",7]"#, parent: "org-z")) == [
                "/organisations/1/parent", "/actions/0/exploitation_form_ids/2",
                "/actions/0/exploitation_form_ids/1",
            ])
        #expect(problems(text(forms: "[]", parent: "org-y")) == ["/organisations/1/parent"])
    }

    @Test("the rules' numbers come from the document, and the standard ones where it leaves them out")
    func rules() throws {
        let text = Self.document(
            more: #","rules":{"long_overdue_days":60,"stale_after_months":3,"red_share_percent":100}"#)

        let rules = try PlanDocument.parse(Array(text.utf8), file: "plan.json").rules

        var expected = RuleSettings.standard
        expected.longOverdueDays = 60
        expected.staleAfterMonths = 3
        expected.redSharePercent = 100
        #expect(rules == expected)
        #expect(try PlanDocument.parse(Array(Self.document().utf8), file: "plan.json").rules == .standard)
    }

    @Test("a number that no rule can use is refused, and so is one that no rule knows")
    func impossibleRules() {
        func problems(_ rules: String) -> [String] { self.problems(Self.document(more: ",\"rules\":\(rules)")) }

        for setting in RuleSetting.allCases {
            let (least, most) = (setting.bounds.lowerBound, setting.bounds.upperBound)
            for value in ["\(least - 1)", "\(most + 1)", "\"\(least)\"", "1.5", "null", "9223372036854775807"] {
                #expect(
                    problems("{\"\(setting.rawValue)\":\(value)}").contains("/rules/\(setting.rawValue)"), "\(value)")
            }
        }
        #expect(problems("{\"long_overdue\":60}") == ["/rules/long_overdue"])
        #expect(problems("{\"count_min\":3}") == ["/rules/count_min"])
        #expect(problems("[]") == ["/rules"])
        #expect(problems("{\"stale_after_months\":12}") == ["/rules"])
        #expect(problems("{\"stale_after_months\":12,\"missing_after_months\":13}").isEmpty)
    }

    @Test("a successor takes over the role, and is no longer merely involved")
    func successor() throws {
        let plan = try PlanDocument.parse(Array(Self.document().utf8), file: "plan.json")

        let until = CalendarDate("2026-02-23")
        let (x, y) = (OrganisationID(unchecked: "org-x"), OrganisationID(unchecked: "org-y"))
        #expect(
            plan.actions.first?.roles == [
                ActionRole(organisation: x, role: .actionHolder, validUntil: until),
                ActionRole(organisation: y, role: .actionHolder, validFrom: until),
                ActionRole(organisation: y, role: .involved, validUntil: until),
            ])
    }

    @Test(
        "roles with dates leave exactly one holder on any day",
        arguments: [
            (
                #""roles":[{"org_id":"org-x","role":"ACTIEHOUDER","valid_until":"2025-01-01"},{"org_id":"org-y","role":"ACTIEHOUDER","valid_from":"2025-01-01"}]"#,
                true
            ),
            (
                #""roles":[{"org_id":"org-x","role":"ACTIEHOUDER","valid_until":"2025-01-01"},{"org_id":"org-y","role":"ACTIEHOUDER","valid_from":"2025-01-02"}]"#,
                false
            ),
            (
                #""roles":[{"org_id":"org-x","role":"ACTIEHOUDER","valid_until":"2025-01-02"},{"org_id":"org-y","role":"ACTIEHOUDER","valid_from":"2025-01-01"}]"#,
                false
            ),
            (#""roles":[{"org_id":"org-x","role":"ACTIEHOUDER","valid_until":"2025-01-01"}]"#, false),
            (#""roles":[{"org_id":"org-x","role":"ACTIEHOUDER"},{"org_id":"org-y","role":"ACTIEHOUDER"}]"#, false),
            (#""roles":[{"org_id":"org-x","role":"ACTIEHOUDER","valid_from":"2025-01-01"}]"#, false),
            (#""roles":[{"org_id":"org-y","role":"BETROKKEN"}]"#, false),
        ])
    func holders(holder: String, isGood: Bool) {
        #expect(problems(Self.document(holder: holder)).isEmpty == isGood)
    }

    @Test("all problems are reported together, each with its path")
    func together() {
        let text = Self.document(holder: #""action_holder_id":"org-z","involved_org_ids":["org-y","org-q"]"#)
            .replacing("\"line_id\":\"line-1\"", with: "\"line_id\":\"line-9\"").replacing(
                "2025-09-30", with: "2025-09-31")

        #expect(
            problems(text) == [
                "/actions/0/line_id", "/actions/0/action_holder_id", "/actions/0/involved_org_ids/1", "/actions/0",
                "/actions/0/milestones/0/baseline_due",
            ])
    }

    @Test("a goal that an action or a line names twice is a problem: it would count twice")
    func goalTwice() {
        let twice = Self.document().replacingOccurrences(
            of: #""goal_ids":["goal-1"]"#, with: #""goal_ids":["goal-1","goal-1"]"#)

        #expect(problems(twice) == ["/action_lines/0/goal_ids/1", "/actions/0/goal_ids/1"])
    }

    @Test("a member that is given twice is refused")
    func duplicate() {
        #expect(problems(Self.document(more: #","goals":[]"#)) == [""])
        #expect(problems("{}").count > 3)
    }
}
