import Foundation
import JSON
import ParapluTesting
import Postgres
import Testing

/// Decisions of the programme office, made with the built command line and seen on the topics.
extension EndToEnd {
    @Suite("the programme office", .timeLimit(.minutes(3)))
    struct OfficeTests {
        @Test("what a holder reported as done is accepted by the office, once, and not while a milestone is open")
        func acceptance() async throws {
            try await Site.with { site in
                let daemon = try site.start()
                try await site.publish([
                    Site.Report(
                        id: "a-1", action: "ill-1-08", asOf: "2026-10-01", sequence: 1, lifecycle: "AFGEROND_GEMELD")
                ])
                try await site.settled(1)
                let accept = ["assess", "ill-1-08", "--accept", "--reason", "seen at work", "--output", "json"]

                _ = try await site.command(accept, status: 2)
                try await site.publish([(key: "ill-1-08", value: Array(Self.milestone.utf8))])
                try await site.settled(2)
                let decided = try await site.command(accept)
                _ = try await site.command(accept, status: 2)
                _ = try await site.command(["assess", "nowhere", "--refuse", "--reason", "none"], status: 2)
                // What looks like personal data is no reason: the journal would keep it for good.
                _ = try await site.command(
                    ["assess", "ill-1-08", "--refuse", "--reason", "mail jan@example.org"], status: 2)
                _ = try await site.command(
                    ["conflict", "rule", "ill-1-08", "org-jenv", "--for", "holder", "--reason", "none"], status: 2)

                let status = try await eventually("the status") {
                    try await site.records(of: "status", partitions: Site.partitions)
                        .last { $0.key == "action/ill-1-08" && $0.text.contains(#""lifecycle":"AFGEROND""#) }
                }
                let change = try await site.records(of: "changes", partitions: Site.partitions)
                    .last { $0.key == "action/ill-1-08" }
                let explained = try await site.command(["explain", "action/ill-1-08"])
                let problems = try await site.soundness()
                try await daemon.stop()
                #expect(decided.contains(#""kind":"assessment.made""#))
                #expect(status.text.contains(#""data_state":"ACTUEEL""#))
                #expect(change?.text.contains(#""cause":"decision""#) ?? false)
                #expect(explained.contains("assessment.made"))
                #expect(explained.contains("GEACCEPTEERD") && explained.contains("seen at work"))
                #expect(problems == [])
            }
        }

        @Test("a round is frozen while the daemon runs, and what is published later of its day is a correction")
        func round() async throws {
            try await Site.with { site in
                let daemon = try site.start()
                try await site.publish([Site.Report(id: "r-1", action: "ill-1-08", asOf: "2026-05-30", sequence: 1)])
                try await site.settled(1)
                let why = ["--reason", "letter of July", "--output", "json"]

                _ = try await site.command(["round", "freeze", "round-2026-1"] + why, status: 2)
                _ = try await site.command(["round", "open", "round-of-ours"] + why, status: 2)
                let opened = try await site.command(["round", "open", "round-2026-1"] + why)
                let preview = try await site.command([
                    "round", "freeze", "round-2026-1", "--dry-run", "--output", "json",
                ])
                let frozen = try await site.command(["round", "freeze", "round-2026-1"] + why)
                _ = try await site.command(["round", "freeze", "round-2026-1"] + why, status: 2)
                try await site.publish([
                    Site.Report(id: "r-2", action: "ill-1-08", asOf: "2026-05-31", sequence: 1, rating: "ROOD")
                ])
                try await site.settled(2)
                let shown = try await site.command(["round", "show", "round-2026-1", "--output", "json"])
                let problems = try await site.soundness()
                try await daemon.stop()

                let calendar = try JSONParser.document(of: Array(opened.utf8)).root
                #expect(calendar["as_of"]?.string == "2026-05-31" && calendar["freeze_on"]?.string == "2026-06-15")
                #expect(calendar["label"]?.string == "2026 eerste helft")
                let hash = try JSONParser.document(of: Array(frozen.utf8)).root["hash"]?.string
                #expect(try JSONParser.document(of: Array(preview.utf8)).root["hash"]?.string == hash)
                let root = try JSONParser.document(of: Array(shown.utf8)).root
                #expect(root["hash"]?.string == hash)
                #expect(root["corrections"]?.elements.map { $0["after"]?["reported_rating"]?.string } == ["ROOD"])
                let modified =
                    root["subjects"]?.elements.filter { $0["modified_since"]?.bool == true }
                    .compactMap { $0["subject"]?.string } ?? []
                #expect(modified.first == "action/ill-1-08" && modified.last == "programme")
                #expect(problems == [])
            }
        }

        @Test("stale status is grey with the last known colour beside it, and what is rolled up apart has its own row")
        func staleAndApart() async throws {
            try await Site.with { site in
                let daemon = try site.start()
                try await site.publish([
                    Site.Report(id: "s-1", action: "ill-1-08", asOf: "2024-01-15", sequence: 1, rating: "ROOD")
                ])
                try await site.settled(1)

                let table = try await site.command(["status"])
                let json = try await site.command(["status", "--output", "json"])
                try await daemon.stop()

                let lines = table.split(separator: "\n")
                #expect(table.contains("GRIJS (was ROOD)"))
                let programme = lines.firstIndex { $0.hasPrefix("programme") }
                #expect(programme.map { lines[$0 + 1].hasPrefix("  apart") } ?? false)
                let root = try JSONParser.document(of: Array(json.utf8)).root
                let action = root["actions"]?.elements.first { $0["action_id"]?.string == "ill-1-08" }
                #expect(action?["rating"]?.string == "GRIJS" && action?["last_known_rating"]?.string == "ROOD")
                let rollup = root["rollups"]?.elements.first { $0["subject"]?.string == "programme" }
                let counts = rollup?["counts"]
                #expect(counts?["active_rating"]?["GRIJS"]?.int64 == counts?["active"]?.int64)
                #expect(rollup?["apart"]?["counts"]?["total"]?.int64 ?? 0 > 0)
            }
        }

        @Test("what Parliament was promised is listed, and stopped only with reference to a document")
        func commitments() async throws {
            try await Site.with { site in
                // The reference plan, with a motion about an action of BZ's.
                let plan = try String(contentsOf: Site.plan, encoding: .utf8).replacingOccurrences(
                    of: #""linked_to": "act-4-03""#, with: #""linked_to": "ill-1-08""#)
                let path = site.directory + "/plan.json"
                try plan.write(toFile: path, atomically: true, encoding: .utf8)
                let applied = try await site.command(["plan", "apply", path, "--reason", "a motion"])
                let daemon = try site.start()
                try await site.publish([(key: "ill-1-08", value: Self.stop(id: "s-1", asOf: "2026-10-01"))])
                try await site.settled(1)
                let explained = try await site.command(["explain", "action/ill-1-08"])
                let before = try await site.command(["commitment", "list"])
                try await site.publish([
                    (key: "ill-1-08", value: Self.stop(id: "s-2", asOf: "2026-10-02", document: "28638-259"))
                ])
                try await site.settled(2)

                let after = try await site.command(["commitment", "list", "--output", "json"])
                let planned = try await site.command(["plan", "show", "ill-1-08"])
                let problems = try await site.soundness()
                try await daemon.stop()

                #expect(applied.contains("~ commitment mot-kuik-167 linked_to: action/act-4-03 → action/ill-1-08"))
                #expect(explained.contains("document_missing"))
                let motion = before.split(separator: "\n").first { $0.hasPrefix("mot-kuik-167") }
                #expect(motion?.contains("ONBEKEND") ?? false)
                let rows = try JSONParser.document(of: Array(after.utf8)).root["commitments"]?.elements.map {
                    [$0["commitment_id"], $0["subject"], $0["lifecycle"]].map { $0?.string ?? "–" }.joined(
                        separator: " ")
                }
                #expect(rows?.contains("mot-kuik-167 action/ill-1-08 GESTOPT") ?? false)
                #expect(rows?.contains("am-bikker-2024 programme –") ?? false)
                #expect(planned.contains("mot-kuik-167"))
                #expect(problems == [])
            }
        }

        @Test("a plan is shown with its cadence, official numbers, former names and budgets")
        func planMembers() async throws {
            try await Site.with { site in
                let reference = try String(contentsOf: Site.plan, encoding: .utf8)
                let text =
                    reference
                    .replacing("\"cadence_months\": 6", with: "\"cadence_months\": 3", maxReplacements: 1)
                    .replacing("\"official_number\": null", with: "\"official_number\": \"A 1\"", maxReplacements: 1)
                    .replacing(
                        "\"abbreviation\": \"JenV\",",
                        with: "\"abbreviation\": \"JenV\", \"former_names\": [{\"name_nl\": \"ministerie van Eerder\","
                            + "\"name_en\": \"Earlier\", \"valid_until\": \"2010-10-14\"}],", maxReplacements: 1
                    )
                    .replacing(
                        "\n \"code_lists\":",
                        with: "\n \"budgets\": [{\"id\": \"bud-1\", \"linked_to\": \"act-1-01\", \"year\": 2026,"
                            + "\"kind\": \"INCIDENTEEL\", \"amount_eur\": 50000, \"status\": \"INDICATIEF\","
                            + "\"provenance\": \"illustrative\"}],\n \"code_lists\":", maxReplacements: 1)
                let file = URL(fileURLWithPath: site.directory).appendingPathComponent("plan.json")
                try text.write(to: file, atomically: true, encoding: .utf8)

                let applied = try await site.command(["plan", "apply", file.path, "--reason", "another"])
                let plan = try await site.command(["plan", "show"])
                let action = try await site.command(["plan", "show", "act-1-01"])
                let json = try await site.command(["plan", "show", "--output", "json"])
                let actionJSON = try await site.command(["plan", "show", "act-1-01", "--output", "json"])

                #expect(applied.contains("~ programme cadence_months: 6 → 3"))
                #expect(applied.contains("+ budget bud-1"))
                #expect(plan.contains("a round every 3 months"))
                #expect(plan.contains("ministerie van Eerder") && plan.contains("2010-10-14"))
                #expect(plan.contains("bud-1") && plan.contains("action/act-1-01"))
                #expect(action.contains("act-1-01 (1.01, official number A 1)"))
                #expect(action.contains("bud-1 of 2026: 50000 euros (INCIDENTEEL, INDICATIEF)"))
                let root = try JSONParser.document(of: Array(json.utf8)).root
                #expect(root["programme"]?["cadence_months"]?.int64 == 3)
                #expect(root["budgets"]?.elements.map { $0["amount_eur"]?.int64 } == [50_000])
                #expect(json.contains("\"former_names\":[{\"name_nl\":\"ministerie van Eerder\""))
                let shown = try JSONParser.document(of: Array(actionJSON.utf8)).root
                #expect(shown["official_number"]?.string == "A 1")
                #expect(shown["budgets"]?.elements.map(\.string) == ["bud-1"])
            }
        }

        private static func stop(id: String, asOf: String, document: String? = nil) -> [UInt8] {
            let reference = document.map { #","document":"\#($0)""# } ?? ""
            return Array(
                """
                {"specversion":"1.0","id":"\(id)","source":"urn:nld:oin:00000099000000104000:systeem:test",\
                "type":"nl.paraplu.progress.reported.v1","time":"2026-10-02T08:00:00Z","data":{"action":"ill-1-08",\
                "as_of":"\(asOf)","lifecycle":"GESTOPT","rating":"ORANJE","reasons":["POLITIEK_BESLUIT"]\(reference)}}
                """.utf8)
        }

        private static let milestone = """
            {"specversion":"1.0","id":"a-2","source":"urn:nld:oin:00000099000000104000:systeem:test",\
            "type":"nl.paraplu.milestone.reported.v1","time":"2026-10-02T08:00:00Z","data":{"action":"ill-1-08",\
            "milestone":"ill-1-08-m1","as_of":"2026-10-01","status":"BEREIKT_GEMELD"}}
            """
    }
}
