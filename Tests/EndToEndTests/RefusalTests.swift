import Foundation
import ParapluTesting
import Postgres
import Testing

extension EndToEnd {
    /// Bad input to decisions, rounds and messages: each is told why, by the built programs, and nothing is lost.
    @Suite("what is refused", .timeLimit(.minutes(3)))
    struct RefusalTests {
        private static let why = ["--reason", "a test"]

        @Test("a decision or a round that can't be is refused with exit code 2, says why, and leaves no trace")
        func commands() async throws {
            try await Site.with { site in
                let daemon = try site.start()
                try await site.publish(
                    [
                        Self.jenv("ill-5-08", asOf: "2026-05-01"),
                        Self.bz(
                            "b-1", "progress.reported",
                            #""action":"ill-5-08","as_of":"2026-05-02","lifecycle":"LOOPT","#
                                + #""rating":"ROOD","reasons":["CAPACITEIT"]"#),
                        Self.bz(
                            "b-2", "progress.reported",
                            #""action":"ill-1-08","as_of":"2026-05-02","#
                                + #""lifecycle":"AFGEROND_GEMELD","rating":"GROEN""#),
                    ])
                try await site.settled(3)

                try await Self.expect(Self.beforeAnyRound, in: site)
                try await site.command(["conflict", "rule", "ill-5-08", "org-bz", "--for", "party"] + Self.why)
                try await site.command(["round", "open", "round-1", "--as-of", "2026-05-31"] + Self.why)
                try await site.command(["round", "freeze", "round-1"] + Self.why)
                try await site.command(["round", "open", "round-2", "--as-of", "2199-01-01"] + Self.why)
                try await Self.expect(Self.afterOneRound, in: site)

                let problems = try await site.soundness()
                try await daemon.stop()
                #expect(problems == [])
            }
        }

        @Test("a plan that moves a first date or leaves out a milestone is refused, tried or applied")
        func firstDates() async throws {
            try await Site.with { site in
                let plan = try String(contentsOf: Site.plan, encoding: .utf8)
                let versions = [
                    (
                        #""baseline_due": "2025-10-01""#, #""baseline_due": "2025-11-01""#,
                        "the plan moves the first date of ill-1-08-m1 (2025-10-01); keep baseline_due"
                    ),
                    (
                        #""id": "ill-1-08-m1""#, #""id": "ill-1-08-m2""#,
                        "the plan leaves out ill-1-08-m1 of the same action"
                    ),
                ]
                for (number, (old, new, words)) in versions.enumerated() {
                    let milestone = try #require(plan.range(of: #""id": "ill-1-08-m1""#))
                    let place = try #require(plan.range(of: old, range: milestone.lowerBound..<plan.endIndex))
                    let path = site.directory + "/plan-\(number).json"
                    try plan.replacingCharacters(in: place, with: new).write(
                        toFile: path, atomically: true, encoding: .utf8)
                    try await Self.expect(
                        [(["plan", "apply", path], words), (["plan", "apply", path, "--dry-run"], words)], in: site)
                }
            }
        }

        @Test("the rules' numbers come with the plan, are shown, and impossible ones are refused")
        func rules() async throws {
            try await Site.with { site in
                let plan = try String(contentsOf: Site.plan, encoding: .utf8)
                let path = site.directory + "/plan.json"
                let apply = ["plan", "apply", path]
                func write(_ rules: String) throws {
                    try plan.replacing("{", with: "{\"rules\": {\(rules)},", maxReplacements: 1).write(
                        toFile: path, atomically: true, encoding: .utf8)
                }

                try write(#""long_overdue": 60, "grace_days": -1"#)
                try await Self.expect(
                    [
                        (apply, "/rules/long_overdue: no setting of the rules, which are: stale_after_months"),
                        (apply, "/rules/grace_days: a whole number from 0 to 366 is needed here"),
                    ], in: site)
                try write(#""long_overdue_days": 60"#)
                let tried = try await site.command(apply + ["--dry-run"])
                try await site.command(apply + Self.why)
                let shown = try await site.command(["plan", "show"])
                let explained = try await site.command(["explain", "programme"])
                // A daemon that would suppress less than when the plan was applied.
                let ending = try await site.start(extra: "  count_min: 4").program.wait()

                #expect(tried == "~ rules long_overdue_days: 90 → 60\n")
                #expect(shown.contains("\nlong_overdue_days         60        90\n"))
                #expect(explained.contains("grey_majority: more than 50 % of the active actions have no rating"))
                #expect(ending == .exited(2))
                let log = try String(contentsOfFile: site.directory + "/one.log", encoding: .utf8)
                #expect(
                    log.contains("paraplud: privacy.count_min is 4, and the plan in force was applied where"))
            }
        }

        @Test("a round can't be frozen before its last day for reports, and can be looked at")
        func earlyFreeze() async throws {
            try await Site.with { site in
                try await site.command(
                    ["round", "open", "round-1", "--as-of", "2026-05-31", "--freeze-on", "2199-01-01"] + Self.why)

                try await Self.expect(
                    [(["round", "freeze", "round-1"], "round-1 takes reports until 2199-01-01, and today is")],
                    in: site)
                let preview = try await site.command(["round", "freeze", "round-1", "--dry-run", "--output", "json"])
                #expect(preview.contains(#""hash":""#))
            }
        }

        @Test("a message that can't be is refused with its code, or kept with what became of it")
        func messages() async throws {
            try await Site.with { site in
                try await site.command(["round", "open", "round-1", "--as-of", "2026-05-31"] + Self.why)
                try await site.command(["round", "freeze", "round-1"] + Self.why)
                let daemon = try site.start(extra: "rejection_window: off")
                try await site.publish(Self.refused.enumerated().map { Self.bz("r-\($0)", $1.kind, $1.data) })
                try await site.publish([
                    // Of an action that no plan has: it waits. Of a frozen round's day: a correction.
                    Self.bz("p-1", "nothing.reported", #""action":"act-9-99","as_of":"2026-05-30""#),
                    Self.bz(
                        "c-1", "progress.reported",
                        #""action":"ill-1-08","as_of":"2026-05-30","lifecycle":"LOOPT","#
                            + #""rating":"GROEN""#),
                    // Of a milestone that the action doesn't have: kept, without effect.
                    Self.bz(
                        "m-1", "milestone.reported",
                        #""action":"ill-1-08","milestone":"ill-1-08-m9","#
                            + #""as_of":"2026-06-01","status":"GEPLAND""#),
                ])
                try await site.publish([Self.comensha("f-1", value: "-1"), Self.comensha("f-2", value: "12.5")])
                try await site.publish([Self.comensha("f-3", value: "3")])
                try await site.settled(Self.refused.count + 6)

                let counts = try await site.outcomeCounts()
                let trace = try await site.watcher.run { session in
                    try session.execute(Self.traces).map { "\($0.string(0)) \($0.string(1))" }
                }
                let shown = try await site.command([
                    "indicator", "show", "ind-slachtoffers-comensha", "--output", "json",
                ])
                let listed = try await site.command(["indicator", "list"])
                let unknown = try await site.refusal(of: ["indicator", "show", "ind-onbekend"])
                let figures = try await site.watcher.run { session in
                    try session.execute(Self.figures).map { $0.string(0) }
                }
                let problems = try await site.soundness()
                try await daemon.stop()

                // A small count is nowhere, and neither is what was refused of a feed that may hold one.
                #expect(shown.contains("\"flag\":\"S1\"") && shown.contains("\"code\":\"figure_suppressed\""))
                #expect(unknown.contains("there is no indicator ind-onbekend"))
                #expect(listed.contains("ind-slachtoffers-comensha") && listed.contains("S1"))
                #expect(figures == ["payloads 0", "refused, kept 0", "fact S1 without a value"])
                var expected = ["applied": 3, "parked": 1, "rejected range": 1, "rejected type": 1]
                for input in Self.refused { expected["rejected \(input.code)", default: 0] += 1 }
                #expect(counts == expected)
                #expect(trace == ["corrected ill-1-08", "found after_freeze", "without effect unknown_milestone"])
                #expect(problems == [])
            }
        }

        // MARK: What is tried

        private static let beforeAnyRound: [(arguments: [String], words: String)] = [
            (["assess", "act-9-99", "--accept"], "there is no action act-9-99"),
            (
                ["assess", "ill-1-08", "--accept"],
                "open_milestone: the action can't be accepted while ill-1-08-m1 is open"
            ),
            (
                ["assess", "ill-1-08", "--accept", "--as-of", "2199-01-01"],
                "a decision can't be of a day that hasn't come"
            ),
            (["assess", "ill-1-08", "--accept", "--as-of", "2026-02-30"], "--as-of takes a day"),
            (["assess", "ill-1-08", "--accept", "--refuse"], "one of --accept and --refuse is required"),
            (["assess", "ill-1-08", "--accept", "--milestone", "ill-1-08-m9"], "unknown_milestone"),
            (["assess", "ill-1-05", "--accept"], "not_reported"),
            (["conflict", "rule", "act-9-99", "org-bz", "--for", "holder"], "there is no action act-9-99"),
            (["conflict", "rule", "ill-5-08", "org-bz", "--for", "nobody"], "--for takes holder or party"),
            (["conflict", "rule", "ill-5-08", "org-szw", "--for", "holder"], "no_conflict"),
            (
                ["conflict", "rule", "ill-5-08", "org-bz", "--for", "holder", "--milestone", "ill-5-08-m1"],
                "no_conflict"
            ),
            (["round", "open", "round-1"], "the first round needs its day"),
            (["round", "freeze", "round-1"], "there is no round round-1"),
            (["quarantine", "replay"], "nothing is selected"),
            (["quarantine", "replay", "--limit", "10"], "nothing is selected"),
            (["quarantine", "replay", "nowhere"], "a message is written TOPIC:PARTITION:OFFSET"),
            (["quarantine", "replay", "a.b:0:-1"], "a message is written TOPIC:PARTITION:OFFSET"),
            (["quarantine", "replay", "a.b:0:1"], "no message was refused at a.b:0:1"),
            (["quarantine", "replay", "a.b:0:1", "--code", "unknown_code"], "not both"),
            (["quarantine", "replay", "--code", "unheard_of"], "there is no code “unheard_of”"),
            (["quarantine", "replay", "--connector-version", "xyz"], "--connector-version takes the first digits"),
            (["quarantine", "replay", "--since", "yesterday"], "--since takes a day"),
            (["quarantine", "replay", "--feed", "bz/canoniek", "--limit", "0"], "--limit takes a number"),
            (["quarantine", "dismiss"], "nothing is selected"),
            (["quarantine", "dismiss", "a.b:0:1"], "no message was refused at a.b:0:1"),
        ]

        private static let afterOneRound: [(arguments: [String], words: String)] = [
            (["conflict", "rule", "ill-5-08", "org-bz", "--for", "holder"], "no_conflict"),
            (["round", "freeze", "round-1"], "round-1 is frozen; what is said later of its day is a correction"),
            (["round", "open", "round-1", "--as-of", "2199-06-01"], "there is a round round-1 already"),
            (["round", "open", "round-3", "--as-of", "2198-12-31"], "the round's day must be after that of round-2"),
            (["round", "freeze", "round-2"], "the round's day hasn't come"),
            (["round", "freeze", "round-2", "--dry-run"], "the round's day hasn't come"),
        ]

        private static let refused: [(code: String, kind: String, data: String)] = [
            (
                "kind_not_supported", "assessment.made",
                #""action":"ill-1-08","as_of":"2026-06-01","verdict":"GEACCEPTEERD""#
            ),
            (
                "kind_not_supported", "conflict.ruled",
                #""action":"ill-1-08","as_of":"2026-06-01","verdict":"ACTIEHOUDER""#
            ),
            ("kind_not_supported", "round.frozen", #""action":"ill-1-08","as_of":"2026-06-01""#),
            (
                "unknown_code", "progress.reported",
                #""action":"ill-1-08","as_of":"2026-06-01","lifecycle":"AFGEROND","rating":"GROEN""#
            ),
            (
                "unknown_code", "milestone.reported",
                #""action":"ill-1-08","milestone":"ill-1-08-m1","as_of":"2026-06-01","status":"BEREIKT""#
            ),
            ("unknown_code", "withdrawal", #""action":"ill-1-08","as_of":"2026-06-01","withdraws":"assessment.made""#),
            ("missing_field", "withdrawal", #""action":"ill-1-08","as_of":"2026-06-01","withdraws":"risk.reported""#),
            (
                "missing_field", "risk.reported",
                #""action":"ill-1-08","risk":"r-1","as_of":"2026-06-01","status":"OPEN""#
            ),
            ("range", "nothing.reported", #""action":"ill-1-08","as_of":"2999-01-01""#),
            ("future_as_of", "nothing.reported", #""action":"ill-1-08","as_of":"2199-12-31""#),
            (
                "reason_required", "progress.reported",
                #""action":"ill-1-08","as_of":"2026-06-01","lifecycle":"GESTOPT","rating":"GRIJS""#
            ),
        ]

        // MARK: How

        private static let decided = Statement(
            """
            SELECT count(*) FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'office'
            """)
        private static let traces = Statement(
            """
            SELECT 'corrected', action_id FROM report_v1.round_correction
            UNION ALL SELECT 'found', code FROM report_v1.finding
            UNION ALL SELECT 'without effect', disposition FROM progress.disposition
            ORDER BY 1, 2
            """)

        private static let figures = Statement(
            """
            SELECT 'payloads ' || count(*) FROM journal.payload AS p JOIN journal.stream AS s USING (stream_id)
            WHERE s.topic LIKE '%.in.comensha.cijfers.v1'
            UNION ALL SELECT 'refused, kept ' || count(*) FROM operations.rejection
            WHERE feed = 'comensha/cijfers' AND payload_kept
            UNION ALL SELECT 'fact ' || (body ->> 'flag') || CASE WHEN body ->> 'value' IS NULL THEN ' without a value' END
            FROM journal.fact WHERE indicator_id IS NOT NULL
            """)

        private static func expect(_ refusals: [(arguments: [String], words: String)], in site: Site) async throws {
            let before = try await site.number(decided)
            for (arguments, words) in refusals {
                let said = try await site.refusal(of: arguments + why)
                #expect(said.contains(words), "\(arguments)")
            }
            #expect(try await site.number(decided) == before)
        }

        private typealias Record = (topic: String, key: String, value: [UInt8]?)

        private static func bz(_ id: String, _ kind: String, _ data: String) -> Record {
            let text = """
                {"specversion":"1.0","id":"\(id)","source":"urn:nld:oin:00000099000000104000:systeem:test",\
                "type":"nl.paraplu.\(kind).v1","time":"2026-06-02T08:00:00Z","data":{\(data)}}
                """
            return (Site.feed, id, Array(text.utf8))
        }

        /// CoMensha's count of victims in a year.
        private static func comensha(_ id: String, value: String) -> Record {
            let text = """
                {"specversion":"1.0","id":"\(id)","source":"urn:nld:oin:00000099000000114000:systeem:test",\
                "type":"nl.paraplu.indicator.observed.v1","time":"2026-06-02T08:00:00Z",\
                "data":{"indicator":"ind-slachtoffers-comensha","unit":"persons","period":"2025","as_of":"2026-06-01",\
                "stage":"definitive","value":\(value)}}
                """
            return ("in.comensha.cijfers.v1", id, Array(text.utf8))
        }

        /// JenV's word that an action is on schedule.
        private static func jenv(_ action: String, asOf: String) -> Record {
            let text = """
                {"specversion":"1.0","id":"j-1","source":"urn:nld:oin:00000099000000101000:systeem:test",\
                "type":"nl.jenv.acties.voortgang-gemeld.v1","time":"2026-06-02T08:00:00Z","partitionkey":"\(action)",\
                "data":{"actie":"\(action)","peildatum":"\(asOf)","volgnummer":1,"voortgang":"in uitvoering",\
                "oordeel":"op schema"}}
                """
            return ("in.jenv.voortgang.v1", action, Array(text.utf8))
        }
    }
}

extension Site {
    /// What `paraplu` says when it refuses what it is asked.
    ///
    /// - Throws: where it doesn't exit with 2.
    fileprivate func refusal(of arguments: [String]) async throws -> String {
        let path = try configuration(instance: "tool")
        let (ending, output, log) = try await TestProgram.run(
            "paraplu", arguments, environment: ["PARAPLU_CONFIG": path, "USER": "tester"], in: directory)
        guard ending == .exited(2) else {
            throw TestProgram.TooLate(waitedFor: "refusal of \(arguments), got \(ending)", log: log + output)
        }
        return log
    }
}
