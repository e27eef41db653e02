import Foundation
import ParapluModel
import ParapluStore
import ParapluTesting
import Postgres

/// What the store says of the scenario, in lines that a person can read and a golden file can hold.
enum ScenarioAnswers {
    private static let commit = Statement("SELECT max(number) FROM journal.commit WHERE recorded_at <= $1")

    /// A question with what is to be looked up for it.
    static func pair(_ question: Scenario.Question, _ store: StoreHarness) throws -> (Oracle.Pair, known: Timestamp) {
        guard let validOn = CalendarDate(question.validOn), let day = CalendarDate(question.knownOn) else {
            preconditionFailure("the script's questions name days")
        }
        let known = try StatusReader.end(of: day, store.session)
        let commit = try store.number(commit, [.timestamp(known.microsecondsSince2000)])
        return (Oracle.Pair(validOn: validOn, commit: commit), known)
    }

    /// The status of a day as known at a moment: a line for each action, then one for each roll-up.
    static func lines(validOn: CalendarDate, known: Timestamp, _ store: StoreHarness) throws -> [String] {
        let picture = try StatusReader.asOf(validOn: validOn, knownOn: known, store.session)
        let actions = picture.actions.sorted { $0.id < $1.id }.map { (action: StatusReader.Action) -> String in
            let fields: [String] = [
                action.id.rawValue, action.lifecycle ?? "-", action.rating ?? "-", action.reportedRating ?? "-",
                action.dataState ?? "-", action.flags.joined(separator: ","), action.reasons.joined(separator: ","),
                action.holder?.rawValue ?? "-", action.asOf?.description ?? "-", action.lastKnownRating ?? "-",
            ]
            return fields.joined(separator: "|")
        }
        let rollups = picture.rollups.map { (rollup: StatusReader.Rollup) -> String in
            let fields: [String] = [
                rollup.subject.description, rollup.lifecycle ?? "-", rollup.rating ?? "-",
                rollup.coveragePercent.map(String.init) ?? "-", rollup.reasons.joined(separator: ","),
                String(decoding: rollup.counts, as: UTF8.self), String(decoding: rollup.apart, as: UTF8.self),
            ]
            return fields.joined(separator: "|")
        }
        return actions + rollups
    }

    // MARK: Round by round

    private static let programme = Statement(
        """
        SELECT concat_ws('|', r.round_id, r.as_of, (r.frozen_at AT TIME ZONE 'Europe/Amsterdam')::date, s.lifecycle,
            coalesce(s.rating, '-'), (SELECT string_agg(reason, ' ') FROM json_array_elements_text(s.reasons) AS reason),
            s.counts ->> 'total', s.counts ->> 'active', s.counts -> 'rating' ->> 'GROEN',
            s.counts -> 'rating' ->> 'ORANJE', s.counts -> 'rating' ->> 'ROOD', s.counts -> 'rating' ->> 'GRIJS',
            s.counts ->> 'disputed', s.counts ->> 'rebaselined', s.coverage_percent || ' %',
            s.percent_complete || ' %', r.on_time || ' of ' || r.expected, r.late, r.missing, r.actions_corrected)
        FROM report_v1.round AS r
        JOIN report_v1.round_status AS s ON s.round_id = r.round_id AND s.subject = 'programme'
        ORDER BY r.as_of
        """)
    private static let programmeRows = [
        "PROGRAMME", "as of", "frozen", "lifecycle", "rating", "why", "actions", "active", "green", "amber", "red",
        "grey",
        "disputed", "rebaselined", "coverage", "milestones accepted", "reports on time", "late", "missing",
        "corrected since",
    ]
    private static let ratings = Statement(
        """
        SELECT concat_ws('|', s.subject, string_agg(concat_ws(' ', s.lifecycle, coalesce(s.rating, '-')), '|'
            ORDER BY s.round_as_of))
        FROM report_v1.round_status AS s WHERE s.subject NOT LIKE 'action/%' GROUP BY s.subject
        ORDER BY s.subject <> 'programme', s.subject COLLATE "C"
        """)
    private static let corrections = Statement(
        """
        SELECT concat_ws('|', round_id, (recorded_at AT TIME ZONE 'Europe/Amsterdam')::date, action_id,
            concat_ws(' ', before ->> 'rating', before ->> 'as_of', (before -> 'flags') ->> 0),
            concat_ws(' ', after ->> 'rating', after ->> 'as_of', (after -> 'flags') ->> 0))
        FROM report_v1.round_correction ORDER BY recorded_at, round_id, action_id COLLATE "C"
        """)

    private static let figures = Statement(
        """
        SELECT concat_ws('|', indicator_id, period, reporter, series, vintage, coalesce(value::text, flag), stage, as_of,
            (recorded_at AT TIME ZONE 'Europe/Amsterdam')::date)
        FROM report_v1.indicator_figure
        ORDER BY indicator_id COLLATE "C", period, series, reporter COLLATE "C", vintage
        """)

    /// The sequence of the programme's status, round by round, as tables.
    static func rounds(_ store: StoreHarness) throws -> String {
        let rounds = try rows(programme, store)
        let sequence = programmeRows.enumerated().map { place, name in [name] + rounds.map { $0[place] } }
        let subjects = [["SUBJECT"] + rounds.map { $0[0] }] + (try rows(ratings, store))
        let corrected = [["ROUND", "KNOWN", "ACTION", "BEFORE", "AFTER"]] + (try rows(corrections, store))
        let stated =
            [["INDICATOR", "PERIOD", "REPORTER", "SERIES", "VINTAGE", "VALUE", "STAGE", "STATED", "KNOWN"]]
            + (try rows(figures, store))
        return """
            The programme at each round, as it was frozen

            \(table(sequence))
            Its goals and lines

            \(table(subjects))
            What was learnt of a round's day after its freeze

            \(table(corrected))
            Figures, every vintage

            \(table(stated))
            """
    }

    /// The columns of each line that a statement of report jobs' gives.
    private static func rows(_ statement: Statement, _ store: StoreHarness) throws -> [[String]] {
        try store.asReport { session in
            try session.execute(statement).map { row in
                row.string(0).split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            }
        }
    }

    private static func table(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { place, cell in
                place == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[place] - cell.count)
            }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }
}
