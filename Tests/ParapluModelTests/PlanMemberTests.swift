import ParapluModel
import Testing

/// The cadence, official numbers, former names and budgets out of a plan's document.
@Suite struct PlanMemberTests {
    /// A plan with these members in its programme, its organisation, its action, and beside them.
    private static func document(
        programme: String = "", organisation: String = "", action: String = "", more: String = ""
    ) -> String {
        """
        {"meta":{"name":"Plan","version":"1"},
         "programme":{"id":"prg","title_nl":"P","title_en":"P","dossier":"28 638","presented_on":"2024-06-17",
          "coordinating_org_id":"org-x"\(programme)},
         "goals":[{"id":"goal-1","number":1,"title_nl":"G","title_en":"G"}],
         "action_lines":[{"id":"line-1","number":1,"title_nl":"L","title_en":"L","goal_ids":["goal-1"]}],
         "organisations":[{"id":"org-x","official_name_nl":"X","name_en":"X","kind":"ministry","provenance":"illustrative"\(organisation)}],
         "actions":[{"id":"act-1","code":"1.01","title_nl":"A","title_en":"A","line_id":"line-1","goal_ids":["goal-1"],
          "policy_type":"plan","provenance":"found","display_note_nl":"n","action_holder_id":"org-x"\(action)}],
         "parliamentary_documents":[{"number":"1-9","date":"2024-04-23","kind":"brief","title_nl":"B","provenance":"found"}]\(more)}
        """
    }

    private static func plan(_ text: String) throws -> Plan {
        try PlanDocument.parse(Array(text.utf8), file: "plan.json")
    }

    private static func problems(_ text: String) -> [String] {
        do throws(PlanDocumentError) {
            _ = try PlanDocument.parse(Array(text.utf8), file: "plan.json")
            return []
        } catch {
            return error.problems.map(\.path)
        }
    }

    @Test(
        "a round comes every six months, unless the programme says otherwise",
        arguments: [
            ("", 6), (#","reporting":null"#, 6), (#","reporting":{"cadence_months":null}"#, 6),
            (#","reporting":{"letter_word":"jaarlijks","cadence_months":12}"#, 12),
        ])
    func cadence(programme: String, months: Int) throws {
        #expect(try Self.plan(Self.document(programme: programme)).programme.cadenceMonths == months)
    }

    @Test("a cadence is one month to two years", arguments: ["0", "25", "-6", "1.5", "\"6\"", "9223372036854775808"])
    func impossibleCadence(value: String) {
        #expect(
            Self.problems(Self.document(programme: #","reporting":{"cadence_months":\#(value)}"#))
                == ["/programme/reporting/cadence_months"])
        #expect(Self.problems(Self.document(programme: #","reporting":[]"#)) == ["/programme/reporting"])
    }

    @Test("an action may have an official number, of any form and at most 64 bytes")
    func officialNumber() throws {
        func number(_ value: String) throws -> String? {
            try Self.plan(Self.document(action: ",\"official_number\":\(value)")).actions[0].officialNumber
        }
        let longest = String(repeating: "9", count: PlannedAction.officialNumberBytesMax)

        #expect(try Self.plan(Self.document()).actions[0].officialNumber == nil)
        #expect(try number("null") == nil)
        #expect(try number("\"actie 3a\"") == "actie 3a")
        #expect(try number("\"\(longest)\"") == longest)
        for value in ["\"\(longest)9\"", "\"\"", "7"] {
            #expect(
                Self.problems(Self.document(action: ",\"official_number\":\(value)")) == ["/actions/0/official_number"])
        }
    }

    @Test("an organisation has the names that it had before, in any order, with and without a first day")
    func formerNames() throws {
        let names =
            #"{"name_nl":"Nieuwer","name_en":"Newer","abbreviation":"N","valid_until":"2024-07-02"},"#
            + #"{"name_nl":"Ouder","name_en":"Older","valid_from":"2010-10-14","valid_until":"2017-10-26"}"#

        let plan = try Self.plan(Self.document(organisation: ",\"former_names\":[\(names)]"))

        #expect(
            plan.organisations[0].formerNames == [
                FormerName(nameNL: "Nieuwer", nameEN: "Newer", abbreviation: "N", validUntil: Self.day("2024-07-02")),
                FormerName(
                    nameNL: "Ouder", nameEN: "Older", validFrom: CalendarDate("2010-10-14"),
                    validUntil: Self.day("2017-10-26")),
            ])
        #expect(try Self.plan(Self.document()).organisations[0].formerNames == [])
    }

    @Test(
        "a former name that holds on no day, on a day of another, or outside the organisation's days is refused",
        arguments: [
            (#"{"name_nl":"A","name_en":"A"}"#, ["0/valid_until"]),
            (#"{"name_nl":"","valid_until":"2010-02-30"}"#, ["0/name_nl", "0/name_en", "0/valid_until"]),
            (#"{"name_nl":"A","name_en":"A","valid_from":"2015-01-01","valid_until":"2015-01-01"}"#, ["0/valid_until"]),
            (
                #"{"name_nl":"A","name_en":"A","valid_from":"2012-01-01","valid_until":"2015-01-01"},{"name_nl":"B","name_en":"B","valid_until":"2012-01-02"}"#,
                ["0/valid_from"]
            ),
            (
                #"{"name_nl":"A","name_en":"A","valid_until":"2012-01-01"},{"name_nl":"B","name_en":"B","valid_until":"2012-01-01"}"#,
                ["1/valid_until"]
            ),
            (#"{"name_nl":"A","name_en":"A","valid_from":"2009-12-31","valid_until":"2015-01-01"}"#, ["0/valid_from"]),
            (#"{"name_nl":"A","name_en":"A","valid_until":"2010-01-01"}"#, ["0/valid_until"]),
            (#"{"name_nl":"A","name_en":"A","valid_until":"2020-01-01"}"#, ["0/valid_until"]),
            (#"7"#, ["0"]),
        ])
    func impossibleNames(names: String, paths: [String]) {
        let document = Self.document(
            organisation: #","valid_from":"2010-01-01","valid_until":"2020-01-01","former_names":[\#(names)]"#)

        #expect(Self.problems(document) == paths.map { "/organisations/0/former_names/\($0)" })
    }

    @Test("names that follow on each other, or leave days between them, do not overlap")
    func adjacentNames() {
        let names =
            #"{"name_nl":"A","name_en":"A","valid_until":"2012-01-01"},"#
            + #"{"name_nl":"B","name_en":"B","valid_from":"2012-01-01","valid_until":"2014-01-01"},"#
            + #"{"name_nl":"C","name_en":"C","valid_from":"2015-01-01","valid_until":"2016-01-01"}"#

        #expect(Self.problems(Self.document(organisation: ",\"former_names\":[\(names)]")) == [])
    }

    @Test("an organisation has at most fifty former names")
    func manyNames() {
        func problems(_ count: Int) -> [String] {
            let names = (0..<count).map { #"{"name_nl":"A","name_en":"A","valid_until":"\#(1950 + $0)-01-01"}"# }
            return Self.problems(
                Self.document(organisation: ",\"former_names\":[\(names.joined(separator: ","))]"))
        }

        #expect(problems(Organisation.formerNamesMax) == [])
        #expect(problems(Organisation.formerNamesMax + 1) == ["/organisations/0/former_names"])
    }

    @Test("a budget is for the programme, a goal, a line or an action")
    func budgets() throws {
        let budgets = ["programme", "goal-1", "line-1", "act-1"].map { link in
            """
            {"id":"bud-\(link)","linked_to":"\(link)","year":2026,"kind":"INCIDENTEEL","amount_eur":1000000000000,
             "status":"VASTGELEGD","document":"1-9","provenance":"illustrative"}
            """
        }

        let plan = try Self.plan(Self.document(more: ",\"budgets\":[\(budgets.joined(separator: ","))]"))

        #expect(plan.budgets.map(\.link.description) == ["programme", "goal/goal-1", "line/line-1", "action/act-1"])
        #expect(
            plan.budgets[3]
                == Budget(
                    id: BudgetID(unchecked: "bud-act-1"), link: .action(ActionID(unchecked: "act-1")), year: 2026,
                    kind: .oneOff, amountEUR: 1_000_000_000_000, status: .committed,
                    document: DocumentNumber(unchecked: "1-9"), provenance: .illustrative))
        #expect(try Self.plan(Self.document()).budgets == [])
    }

    @Test(
        "what is wrong with a budget is said with its place",
        arguments: [
            (#""kind":"INCIDENTEEL""#, #""kind":"structural""#, "kind"),
            (#""status":"INDICATIEF""#, #""status":"1""#, "status"),
            (#""year":2026"#, #""year":1999"#, "year"), (#""year":2026"#, #""year":2101"#, "year"),
            (#""year":2026"#, #""year":"2026""#, "year"),
            (#""amount_eur":5"#, #""amount_eur":-1"#, "amount_eur"),
            (#""amount_eur":5"#, #""amount_eur":1000000000001"#, "amount_eur"),
            (#""amount_eur":5"#, #""amount_eur":0.5"#, "amount_eur"),
            (#""amount_eur":5,"#, "", "amount_eur"),
            (#""linked_to":"act-1""#, #""linked_to":"act-2""#, "linked_to"),
            (#""document":"1-9""#, #""document":"1-8""#, "document"),
            (#""provenance":"found""#, #""provenance":"""#, "provenance"), (#""id":"b""#, #""id":"a b""#, "id"),
        ])
    func impossibleBudget(right: String, wrong: String, place: String) {
        let budget =
            #"{"id":"b","linked_to":"act-1","year":2026,"kind":"INCIDENTEEL","amount_eur":5,"status":"INDICATIEF","#
            + #""document":"1-9","provenance":"found"}"#
        #expect(Self.problems(Self.document(more: ",\"budgets\":[\(budget)]")) == [])

        let changed = budget.replacing(right, with: wrong)

        #expect(Self.problems(Self.document(more: ",\"budgets\":[\(changed)]")) == ["/budgets/0/\(place)"])
    }

    @Test("budgets have ids of their own, and a plan has at most ten thousand")
    func manyBudgets() {
        func problems(_ ids: [Int]) -> [String] {
            let budgets = ids.map {
                #"{"id":"b\#($0)","linked_to":"programme","year":2026,"kind":"STRUCTUREEL","amount_eur":0,"#
                    + #""status":"INDICATIEF","provenance":"illustrative"}"#
            }
            return Self.problems(Self.document(more: ",\"budgets\":[\(budgets.joined(separator: ","))]"))
        }

        #expect(problems(Array(0..<Budget.countMax)) == [])
        #expect(problems(Array(0...Budget.countMax)) == ["/budgets"])
        #expect(problems([1, 2, 1]) == ["/budgets/2/id"])
        #expect(Self.problems(Self.document(more: ",\"budgets\":{}")) == ["/budgets"])
    }

    @Test("what the tables can't take is refused with its place")
    func impossibleOutline() {
        let lists = ["roles", "milestones"]
        for list in lists {
            let elements = String(repeating: "{},", count: PlannedAction.listCountMax) + "{}"
            #expect(Self.problems(Self.document(action: ",\"\(list)\":[\(elements)]")) == ["/actions/0/\(list)"])
        }
        for number in ["-1", "10000", "3000000000"] {
            let text = Self.document().replacing("\"number\":1,", with: "\"number\":\(number),")
            // The line is linked to the goal.
            #expect(
                Self.problems(text).filter { $0.hasSuffix("number") } == ["/goals/0/number", "/action_lines/0/number"])
        }
        let twice = Self.document()
            .replacing(
                #""goals":["#, with: #""goals":[{"id":"goal-2","number":1,"title_nl":"G","title_en":"G"},"#
            )
            .replacing(
                #""action_lines":["#,
                with:
                    #""action_lines":[{"id":"line-2","number":1,"title_nl":"L","title_en":"L","goal_ids":["goal-1"]},"#)
        #expect(Self.problems(twice) == ["/goals/1/number", "/action_lines/1/number"])
    }

    @Test("an illustrative action is marked as such, by its note or by its id and code")
    func marked() {
        func problems(_ id: String, _ code: String, _ note: String) -> [String] {
            Self.problems(
                Self.document().replacing("\"id\":\"act-1\"", with: "\"id\":\"\(id)\"")
                    .replacing("\"code\":\"1.01\"", with: "\"code\":\"\(code)\"")
                    .replacing(
                        "\"provenance\":\"found\",\"display_note_nl\":\"n\"",
                        with: "\"provenance\":\"illustrative\",\"display_note_nl\":\"\(note)\""))
        }

        #expect(problems("act-1", "1.01", "verzonnen") == [])
        #expect(problems("ill-1", "1.01-ILL", "") == [])
        #expect(problems("ill-1", "1.01", "") == ["/actions/0/display_note_nl"])
        #expect(problems("act-1", "1.01-ILL", "") == ["/actions/0/display_note_nl"])
    }

    /// A day that is known to be one.
    private static func day(_ text: String) -> CalendarDate {
        guard let day = CalendarDate(text) else { preconditionFailure("“\(text)” is no day") }
        return day
    }
}
