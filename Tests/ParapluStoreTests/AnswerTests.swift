import JSON
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite("What report jobs are told")
struct AnswerTests {
    private static let round = RoundID(unchecked: "round-1")

    /// The text values of the first column, as report jobs read them.
    private static func told(
        _ text: StaticString, _ store: StoreHarness, _ parameters: [Parameter] = []
    ) throws -> [String] {
        let statement = Statement(text)
        return try store.asReport { try $0.execute(statement, parameters).map { $0.stringOrNil(0) ?? "null" } }
    }

    @Test("stale status keeps its last known colour beside it: now, on any day, and in a frozen round")
    func lastKnown() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 2, due: today.adding(days: 2_000)))
            try store.ingest([
                Message(0, [Fixture.progress(0, asOf: today.adding(days: -260), rating: .red)]),
                Message(1, [Fixture.progress(1, asOf: today.adding(days: -1))]),
            ])
            try store.open(Self.round, asOf: today, freezeOn: today)
            try store.freeze(Self.round)

            #expect(
                try Self.told(
                    "SELECT concat_ws(' ', rating, last_known_rating) FROM report_v1.action_status ORDER BY action_id",
                    store) == ["GRIJS ROOD", "GROEN"])
            #expect(
                try Self.told(
                    """
                    SELECT concat_ws(' ', rating, last_known_rating) FROM report_v1.round_status
                    WHERE subject LIKE 'action/%' ORDER BY subject
                    """, store) == ["GRIJS ROOD", "GROEN"])
            let days = [-260, -1, 0, 300].map { Parameter.date(today.adding(days: $0).daysSince2000) }
            let said = try days.map { day in
                try Self.told(
                    """
                    SELECT string_agg(concat_ws(' ', rating, last_known_rating), ', ' ORDER BY action_id)
                    FROM report_v1.status_as_of($1, 'infinity')
                    """, store, [day])[0]
            }
            #expect(said == ["ROOD, GRIJS", "GRIJS ROOD, GROEN", "GRIJS ROOD, GROEN", "GRIJS ROOD, GRIJS GROEN"])
        }
    }

    @Test("the counts behind a colour are told, and what is rolled up apart, now and for every revision")
    func counts() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            // Action 0 is critical; 6 is standing policy.
            try store.apply(plan: Fixture.plan(actions: 7, due: today.adding(days: 90)))
            try store.ingest([
                Message(0, [Fixture.progress(0, asOf: today, rating: .red)]),
                Message(0, [Fixture.progress(1, asOf: today, rating: .red, lifecycle: .stopped)]),
                Message(0, [Fixture.progress(6, asOf: today, rating: .amber)]),
            ])

            let programme = try Self.told(
                """
                SELECT concat_ws(' ', rating, counts -> 'rating' ->> 'ROOD', counts -> 'active_rating' ->> 'ROOD',
                    counts -> 'active_rating' ->> 'GRIJS', counts ->> 'active', counts ->> 'critical_red',
                    apart ->> 'rating', apart -> 'counts' ->> 'total', apart -> 'counts' -> 'active_rating' ->> 'ORANJE')
                FROM report_v1.rollup_status WHERE subject = 'programme'
                """, store)
            let history = try Self.told(
                """
                SELECT concat_ws(' ', epoch, revision, coalesce(rating, '-'), counts ->> 'critical_red',
                    apart ->> 'rating', title_nl)
                FROM report_v1.rollup_history WHERE subject = 'programme' ORDER BY recorded_at
                """, store)

            #expect(programme == ["ROOD 2 1 4 5 1 ORANJE 1 1"])
            #expect(history == ["1 1 GRIJS 0 GRIJS Programma", "1 2 ROOD 1 ORANJE Programma"])
        }
    }

    @Test("an answer as known at a moment is told by the plan of that moment, in views and in roll-ups")
    func planOfThatMoment() async throws {
        let statement = Statement(
            """
            SELECT concat_ws(' ', action_id, code, title_nl, line, policy_type, rating)
            FROM report_v1.status_as_of($1, $2) ORDER BY action_id
            """)
        try await StoreHarness.with { store in
            let today = try store.today()
            var plan = Fixture.plan(actions: 3, due: today.adding(days: 90))
            try store.apply(plan: plan)
            let first = try store.ingest([
                Message(0, [Fixture.progress(0, asOf: today, rating: .red)]),
                Message(0, [Fixture.progress(1, asOf: today)]), Message(0, [Fixture.progress(2, asOf: today)]),
            ])
            let known = first.stamp.recordedAt
            let parameters: [Parameter] = [
                .date(today.daysSince2000), .timestamp(known.microsecondsSince2000),
            ]
            let rows = try store.texts(statement, parameters)
            let picture = try StatusReader.asOf(validOn: today, knownOn: known, store.session)
            let goal = try #require(picture.rollups.first { $0.subject == .goal(GoalID(unchecked: "goal-2")) })
            #expect(picture.rollups.map(\.rating) == ["ROOD", "ROOD", "GROEN", "ROOD", "GROEN", "GROEN"])

            // Moved to another line and goal, retold, and no longer critical nor counted.
            plan.version = "2"
            plan.actions[0].line = ActionLineID(unchecked: "line-3")
            plan.actions[0].goals = [GoalID(unchecked: "goal-2")]
            plan.actions[0].titleNL = "Anders"
            plan.actions[0].code = "9.9"
            plan.actions[0].isCritical = false
            plan.actions[0].policyType = .standingPolicy
            plan.lines[0].titleNL = "Andere lijn"
            try store.apply(plan: plan)

            #expect(try store.texts(statement, parameters) == rows)
            let again = try StatusReader.asOf(validOn: today, knownOn: known, store.session)
            #expect(again.actions == picture.actions)
            #expect(again.rollups == picture.rollups)
            #expect(again.part(of: goal.subject).actions == picture.part(of: goal.subject).actions)
            let now = try StatusReader.asOf(
                validOn: today, knownOn: again.watermark.recordedAt, store.session)
            #expect(now.actions.map(\.code) == ["1.1", "1.2", "9.9"])
            #expect(now.rollups.map(\.rating) == ["GROEN", "GROEN", "GROEN", nil, "GROEN", "GROEN"])
            #expect(
                try store.texts(
                    Statement(
                        """
                        SELECT concat_ws(' ', action_id, count(*)) FROM plan.action_history GROUP BY action_id
                        ORDER BY action_id
                        """)) == ["act-0 2", "act-1 1", "act-2 1"], "only what changed has another row")
        }
    }

    @Test("forms of exploitation and the parent of an organisation are told, and come back with the plan")
    func formsAndParent() async throws {
        try await StoreHarness.with { store in
            let form = ExploitationFormID(unchecked: "uv-1")
            var plan = Fixture.plan(actions: 2)
            plan.exploitationForms = [
                ExploitationForm(
                    id: form, code: "U", nameNL: "U", nameEN: "U", parent: nil, validFrom: nil, validUntil: nil,
                    isInForce: true, provenance: .illustrative)
            ]
            plan.actions[1].exploitationForms = [form]
            plan.organisations[3].parent = Fixture.organisation(1)

            try store.apply(plan: plan)

            #expect(
                try Self.told("SELECT exploitation_forms::text FROM report_v1.action_status ORDER BY action_id", store)
                    == ["{}", "{uv-1}"])
            #expect(
                try Self.told("SELECT parent FROM report_v1.organisation ORDER BY organisation_id", store)
                    == ["null", "null", "null", "org-1"])
            #expect(try PlanStore.current(store.session).plan == plan)
        }
    }

    @Test("status_as_of probes the index of the timeline once per action, however long its history is")
    func oneProbe() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 50))
            let plan = try store.asAdmin { admin in
                try admin.executeScript(
                    """
                    INSERT INTO progress.timeline (action_id, valid_from, known_from, known_until, commit, epoch, revision,
                        lifecycle, rating, data_state, flags, reasons)
                    SELECT a.action_id, date '2020-01-01' + d, timestamptz '2020-01-01' + d * interval '1 day',
                        timestamptz '2020-01-02' + d * interval '1 day', 1, 1, 1, 'LOOPT', 'GROEN', 'ACTUEEL', '{}', '{}'
                    FROM plan.action AS a CROSS JOIN generate_series(1, 400) AS d;
                    ANALYZE progress.timeline;
                    ANALYZE plan.action_history;
                    """)
                let body = try admin.execute(
                    Statement("SELECT prosrc FROM pg_proc WHERE oid = 'report_v1.status_as_of'::regproc"))[0].string(0)
                // The body as the server plans it, with the values in the place of the arguments.
                let explained = try admin.execute(
                    Statement(
                        """
                        SELECT replace(regexp_replace($1, '\\yvalid_on\\y', 'date ''2020-06-01''', 'g'), 'known_on',
                            'timestamptz ''2020-06-02''')
                        """), [.text(body)])[0].string(0)
                try admin.executeScript(
                    Array(
                        """
                        CREATE FUNCTION pg_temp.explained() RETURNS SETOF text LANGUAGE plpgsql AS $f$
                        BEGIN
                            RETURN QUERY EXECUTE $q$EXPLAIN (COSTS off) \(explained)$q$;
                        END
                        $f$
                        """.utf8))
                return try admin.execute(Statement("SELECT * FROM pg_temp.explained()")).map { $0.string(0) }
            }

            let probes = plan.filter { $0.contains(" on timeline ") }
            #expect(probes.count == 1)
            #expect(probes.first?.contains("Index Scan Backward using timeline_pkey") ?? false, "\(plan)")
            #expect(plan.contains { $0.contains("Index Cond: ((action_id = a.action_id) AND (valid_from <= ") })
        }
    }
}
