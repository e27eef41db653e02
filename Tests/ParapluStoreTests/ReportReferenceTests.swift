import Foundation
import ParapluModel
import ParapluRules
import Postgres
import Testing

/// The contract with report jobs, as its own comments tell it.
@Suite struct ReportReferenceTests {
    private static let relations = Statement(
        """
        SELECT c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''), a.attname, format_type(a.atttypid, a.atttypmod),
            coalesce(col_description(c.oid, a.attnum), '')
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'report_v1'::regnamespace AND c.relkind = 'v'
        ORDER BY c.relname COLLATE "C", a.attnum
        """)
    private static let functions = Statement(
        """
        SELECT p.proname, pg_get_function_arguments(p.oid), coalesce(obj_description(p.oid, 'pg_proc'), '')
        FROM pg_proc AS p WHERE p.pronamespace = 'report_v1'::regnamespace ORDER BY p.proname COLLATE "C"
        """)
    private static let results = Statement(
        """
        SELECT u.name, format_type(u.type, NULL)
        FROM pg_proc AS p
        CROSS JOIN LATERAL unnest(p.proargnames, p.proallargtypes, p.proargmodes) AS u (name, type, mode)
        WHERE p.pronamespace = 'report_v1'::regnamespace AND p.proname = $1 AND u.mode = 't'
        """)
    private static let unsaid = Statement(
        """
        SELECT concat_ws('.', n.nspname, c.relname, a.attname)
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN LATERAL (
            SELECT NULL AS attname WHERE obj_description(c.oid, 'pg_class') IS NULL
            UNION ALL
            SELECT attname FROM pg_attribute
            WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND col_description(c.oid, attnum) IS NULL) AS a ON true
        WHERE n.nspname IN ('journal', 'operations', 'outbox', 'plan', 'progress', 'report_v1')
            AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
        UNION ALL
        SELECT concat_ws('.', 'report_v1', proname) FROM pg_proc
        WHERE pronamespace = 'report_v1'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL
        ORDER BY 1
        """)
    private static let codes = Statement("SELECT list || ' ' || code FROM report_v1.code_list ORDER BY 1")

    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../docs/report-reference.md").standardizedFileURL

    @Test("Golden: docs/report-reference.md lists every view, function and column, each with what it means")
    func page() async throws {
        let text = try await StoreHarness.with { store in try store.asReport { try Self.text($0) } }

        if ProcessInfo.processInfo.environment["PARAPLU_GOLDEN"] == "rewrite" {
            try text.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        let kept = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(text.split(separator: "\n") == kept.split(separator: "\n"))
        #expect(!text.contains("| |"), "every column says what it means")
    }

    @Test("every table, view and column of the six schemas says what it is")
    func comments() async throws {
        let unsaid = try await StoreHarness.with { store in
            try store.asAdmin { try $0.execute(Self.unsaid).map { $0.string(0) } }
        }

        #expect(unsaid == [])
    }

    @Test("the code lists are those of the rules")
    func codeLists() async throws {
        let said = try await StoreHarness.with { store in
            try store.asReport { session in try session.execute(Self.codes).map { $0.string(0) } }
        }

        let lists: [(String, [String])] = [
            ("budget_kind", BudgetKind.allCases.map(\.rawValue)),
            ("budget_status", BudgetStatus.allCases.map(\.rawValue)),
            ("commitment_kind", CommitmentKind.allCases.map(\.rawValue)),
            ("lifecycle", Lifecycle.allCases.map(\.rawValue)), ("rating", DeliveryRating.allCases.map(\.rawValue)),
            ("data_state", DataState.allCases.map(\.rawValue)), ("flag", StatusFlag.allCases.map(\.rawValue)),
            ("milestone_status", MilestoneStatus.allCases.map(\.rawValue)),
            ("risk_level", RiskLevel.allCases.map(\.rawValue)),
            ("risk_response", RiskResponse.allCases.map(\.rawValue)),
            ("conflict_closing", Conflict.Closing.allCases.map(\.rawValue)),
            ("reason", ReasonCode.allCases.map(\.rawValue)), ("role", OrganisationRole.allCases.map(\.rawValue)),
            ("value_flag", ValueFlag.allCases.map(\.rawValue)), ("stage", ObservationStage.allCases.map(\.rawValue)),
            ("series", IndicatorSeries.allCases.filter { $0 != .none }.map(\.rawValue)),
        ]
        #expect(Set(said) == Set(lists.flatMap { list, codes in codes.map { "\(list) \($0)" } }))
    }

    private static func text(_ session: PostgresSession) throws -> String {
        var text = """
            # What `report_v1` has

            Generated from the schema by `make golden`; [reports.md](reports.md) has a query for each. Columns are added, never
            changed.

            """
        var meanings: [String: String] = [:]
        var relation = ""
        for row in try session.execute(relations) {
            if row.string(0) != relation {
                relation = row.string(0)
                text += "\n## \(relation)\n\n\(row.string(1)).\n\n| column | type | meaning |\n|---|---|---|\n"
            }
            text += "| `\(row.string(2))` | \(row.string(3)) | \(row.string(4)) |\n"
            if meanings[row.string(2)] == nil { meanings[row.string(2)] = row.string(4) }
        }
        for row in try session.execute(functions) {
            text += "\n## \(row.string(0))(\(row.string(1)))\n\n\(row.string(2)).\n\n"
            text += "| column | type | meaning |\n|---|---|---|\n"
            for column in try session.execute(results, [.text(row.string(0))]) {
                let meaning =
                    own["\(row.string(0)).\(column.string(0))"] ?? own[column.string(0)] ?? meanings[column.string(0)]
                    ?? ""
                text += "| `\(column.string(0))` | \(column.string(1)) | \(meaning) |\n"
            }
        }
        return text
    }

    /// Columns that no view has, or that mean something else there.
    private static let own = [
        "explain.as_of": "The day of which the record speaks",
        "explain.recorded_at": "When the record was recorded here",
        "status_as_of.as_of": "The latest day of which the holder had reported",
        "status_as_of.recorded_at": "When what was known of that day was recorded here",
        "status_as_of.title_nl": "Title in Dutch, as in the plan of that moment",
        "status_as_of.title_en": "Title in English, as in the plan of that moment",
        "status_as_of.evaluated_on": "The day at which due and stale were judged: the one asked for",
        "item": "The milestone, risk or party that it is about; null where it is about the action",
        "outcome": "What became of the message: applied or stale", "kind": "The kind of record",
        "disposition": "effective, observation (of an involved organisation), not_yet, or why it has no effect",
        "body": "The canonical record",
    ]
}
