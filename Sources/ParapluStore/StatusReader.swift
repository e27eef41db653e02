import JSON
package import ParapluModel
import ParapluRules
package import Postgres

/// Reads the consolidated status as report jobs see it, through `report_v1`: now, or as it was known at a moment.
package enum StatusReader {
    /// The latest commit: what an answer is complete up to.
    package struct Watermark: Hashable, Sendable {
        /// The number of that commit.
        package let commit: Int64
        /// When that commit was recorded.
        package let recordedAt: Timestamp
    }

    /// A row of `report_v1.action_status`, with the holder's abbreviation.
    package struct Action: Hashable, Sendable {
        /// The action's stable identifier.
        package let id: ActionID
        /// The code that people know it by, such as `1.01`.
        package let code: String
        /// The title in Dutch.
        package let titleNL: String
        /// The title in English.
        package let titleEN: String
        /// Must be shown wherever the title is shown.
        package let displayNoteNL: String
        /// The action line that it is part of.
        package let line: ActionLineID
        /// The action holder, as far as it exists; nil where there is none.
        package let holder: OrganisationID?
        /// The holder's short name in the plan in force; nil where there is no holder.
        package let holderAbbreviation: String?
        /// How far it is, as a code of the list `lifecycle`.
        package let lifecycle: String?
        /// The effective rating, the worst of the reported one and the floors, as a code of the list `rating`.
        package let rating: String?
        /// The rating as the holder reported it, as a code of the list `rating`; nil where there is none.
        package let reportedRating: String?
        /// The colour that would be shown if the data were current; nil where they are, or where there is none.
        package let lastKnownRating: String?
        /// Whether the holder's word is current, as a code of the list `data_state`.
        package let dataState: String?
        /// What else is to be known, as codes of the list `flag`; none where nothing is.
        package let flags: [String]
        /// Why: codes, with what they are about behind a colon.
        package let reasons: [String]
        /// The day of which the holder's latest report speaks; nil where there is none.
        package let asOf: CalendarDate?
        /// When the row of the timeline behind the status was recorded; nil where none is in force.
        package let recordedAt: Timestamp?
        /// The number of the announced revision within its epoch, from 1.
        package let revision: Int64
        /// The revision epoch in which `revision` counts.
        package let epoch: Int32
        /// The day at which due and stale were judged.
        package let evaluatedOn: CalendarDate
        /// What the action is to the plan, as a code such as `plan`, which says whether it counts.
        package let policyType: String
        /// Whether the action was found in a source or is illustrative: `found` or `illustrative`.
        package let provenance: String
    }

    /// A row of `report_v1.rollup_status`.
    package struct Rollup: Hashable, Sendable {
        /// The programme, goal or line.
        package let subject: Subject
        /// The title in Dutch; empty where the plan has none.
        package let titleNL: String
        /// The title in English; empty where the plan has none.
        package let titleEN: String
        /// How far it is, as a code of the list `lifecycle`; nil where it has no action of the plan.
        package let lifecycle: String?
        /// The colour, as a code of the list `rating`; nil where no action of the plan is active.
        package let rating: String?
        /// The rules that decided the colour, as the raw values of `RollupReason`.
        package let reasons: [String]
        /// The numbers of the plan's actions, those behind the colour among them, as JSON.
        package let counts: [UInt8]
        /// What is rolled up apart, with its own colour and numbers, as JSON.
        package let apart: [UInt8]
        /// The actions with a current report, in whole percent of all, rounded down; nil of none.
        package let coveragePercent: Int32?
        /// The share of milestones accepted; nil for a picture of another day, which doesn't know it.
        package let percentComplete: Int32?
        /// When it was announced; nil for a picture of another day, which wasn't.
        package let recordedAt: Timestamp?
        /// The number of the announced revision within its epoch; nil for a picture of another day.
        package let revision: Int64?
        /// The revision epoch of the announced revision; nil for a picture of another day.
        package let epoch: Int32?
        /// The day at which due and stale were judged.
        package let evaluatedOn: CalendarDate
    }

    /// All subjects in one snapshot.
    package struct Picture: Hashable, Sendable {
        /// What the picture is complete up to.
        package let watermark: Watermark
        /// By line and code.
        package let actions: [Action]
        /// The programme, then the goals, then the lines, in order.
        package let rollups: [Rollup]
        /// The goals of each action.
        package let goals: [ActionID: [GoalID]]

        /// What belongs to a subject: its own roll-up, and the actions below it; everything for the programme.
        package func part(of subject: Subject) -> Picture {
            guard subject != .programme else { return self }
            let actions = actions.filter { action in
                switch subject {
                case .programme: true
                case .goal(let id): goals[action.id]?.contains(id) ?? false
                case .line(let id): action.line == id
                case .action(let id): action.id == id
                }
            }
            return Picture(
                watermark: watermark, actions: actions, rollups: rollups.filter { $0.subject == subject }, goals: goals)
        }
    }

    private static let readWatermark = Statement("SELECT commit, recorded_at FROM report_v1.watermark")
    private static let readGoals = Statement("SELECT action_id, goals FROM plan.action")
    private static let readActions = Statement(
        """
        SELECT s.action_id, s.code, s.title_nl, s.title_en, s.display_note_nl, s.line, s.holder, o.abbreviation,
            s.lifecycle, s.rating, s.reported_rating, s.data_state, s.flags, s.reasons, s.as_of, s.recorded_at,
            s.revision, s.epoch, s.evaluated_on, s.policy_type, s.provenance, s.last_known_rating
        FROM report_v1.action_status AS s
        LEFT JOIN plan.organisation AS o ON o.organisation_id = s.holder
        LEFT JOIN plan.line AS l ON l.line_id = s.line
        ORDER BY l.number, s.line, s.code, s.action_id
        """)
    private static let readActionsAsOf = Statement(
        """
        SELECT s.action_id, s.code, s.title_nl, s.title_en, s.display_note_nl, s.line, s.holder, o.abbreviation,
            s.lifecycle, s.rating, s.reported_rating, s.data_state, s.flags, s.reasons, s.as_of, s.recorded_at,
            s.revision, s.epoch, s.evaluated_on, s.policy_type, s.provenance, s.last_known_rating
        FROM report_v1.status_as_of($1, $2) AS s
        LEFT JOIN plan.organisation AS o ON o.organisation_id = s.holder
        LEFT JOIN plan.line AS l ON l.line_id = s.line
        ORDER BY l.number, s.line, s.code, s.action_id
        """)
    private static let readRollups = Statement(
        """
        SELECT s.subject, s.title_nl, s.title_en, s.lifecycle, s.rating, s.reasons, s.counts, s.coverage_percent,
            s.percent_complete, s.recorded_at, s.revision, s.epoch, s.evaluated_on, s.apart
        FROM report_v1.rollup_status AS s
        LEFT JOIN plan.goal AS g ON s.subject = 'goal/' || g.goal_id
        LEFT JOIN plan.line AS l ON s.subject = 'line/' || l.line_id
        ORDER BY s.subject <> 'programme', g.number NULLS LAST, l.number NULLS LAST, s.subject
        """)
    private static let endOfDay = Statement(
        "SELECT ($1::date + 1)::timestamp AT TIME ZONE 'Europe/Amsterdam' - interval '1 microsecond'")

    private static let currentDay = Statement("SELECT (now() AT TIME ZONE 'Europe/Amsterdam')::date")

    /// Today in Europe/Amsterdam, by the database's clock.
    package static func today(_ session: PostgresSession) throws -> CalendarDate {
        guard let row = try session.execute(currentDay).first else {
            throw StoreError.unknown(kind: "day", name: "today")
        }
        return CalendarDate(daysSince2000: row.date(0))
    }

    /// The status as announced last.
    package static func current(_ session: PostgresSession) throws -> Picture {
        try session.transaction(isolation: .repeatableReadReadOnly) {
            let watermark = try watermark(session)
            let rollups = try session.execute(readRollups).compactMap { row -> Rollup? in
                guard let subject = Subject(row.string(0)) else { return nil }
                return Rollup(
                    subject: subject, titleNL: row.stringOrNil(1) ?? "", titleEN: row.stringOrNil(2) ?? "",
                    lifecycle: row.stringOrNil(3), rating: row.stringOrNil(4), reasons: row.textArray(5),
                    counts: row.bytesOrNil(6) ?? Array("null".utf8),
                    apart: row.bytesOrNil(13) ?? Array("null".utf8), coveragePercent: row.int4OrNil(7),
                    percentComplete: row.int4OrNil(8), recordedAt: moment(row.timestampOrNil(9)),
                    revision: row.int8(10), epoch: row.int4(11),
                    evaluatedOn: CalendarDate(daysSince2000: row.date(12)))
            }
            return Picture(
                watermark: watermark, actions: try session.execute(readActions).map(action), rollups: rollups,
                goals: try goals(session))
        }
    }

    /// The status on a day, as it was known at a moment; the roll-ups are folded from the actions.
    ///
    /// By the plan of that moment, titles, lines and goals included, so that the answer stays the same.
    package static func asOf(
        validOn: CalendarDate, knownOn: Timestamp, _ session: PostgresSession
    ) throws -> Picture {
        try session.transaction(isolation: .repeatableReadReadOnly) {
            let watermark = try watermark(session)
            let actions = try session.execute(
                readActionsAsOf, [.date(validOn.daysSince2000), .timestamp(knownOn.microsecondsSince2000)]
            ).map(action)
            let plan = try PlanStore.index(knownOn: knownOn, session)
            return Picture(
                watermark: watermark, actions: actions, rollups: fold(actions, plan, on: validOn),
                goals: plan.actions.mapValues(\.goals))
        }
    }

    /// The last microsecond of a day in Europe/Amsterdam.
    package static func end(of day: CalendarDate, _ session: PostgresSession) throws -> Timestamp {
        let row = try session.execute(endOfDay, [.date(day.daysSince2000)]).first
        guard let row else { throw StoreError.unknown(kind: "day", name: day.description) }
        return Timestamp(microsecondsSince2000: row.timestamp(0))
    }

    private static func watermark(_ session: PostgresSession) throws -> Watermark {
        guard let row = try session.execute(readWatermark).first else {
            throw StoreError.unknown(kind: "row", name: "operations.commit_clock")
        }
        return Watermark(
            commit: row.int8(0), recordedAt: Timestamp(microsecondsSince2000: row.timestamp(1)))
    }

    private static func goals(_ session: PostgresSession) throws -> [ActionID: [GoalID]] {
        var goals: [ActionID: [GoalID]] = [:]
        for row in try session.execute(readGoals) {
            goals[ActionID(unchecked: row.string(0))] = row.textArray(1).map(GoalID.init(unchecked:))
        }
        return goals
    }

    private static func action(_ row: Row) -> Action {
        Action(
            id: ActionID(unchecked: row.string(0)), code: row.string(1), titleNL: row.string(2),
            titleEN: row.string(3), displayNoteNL: row.string(4), line: ActionLineID(unchecked: row.string(5)),
            holder: row.stringOrNil(6).map(OrganisationID.init(unchecked:)), holderAbbreviation: row.stringOrNil(7),
            lifecycle: row.stringOrNil(8), rating: row.stringOrNil(9), reportedRating: row.stringOrNil(10),
            lastKnownRating: row.stringOrNil(21), dataState: row.stringOrNil(11), flags: row.textArrayOrNil(12) ?? [],
            reasons: row.textArrayOrNil(13) ?? [],
            asOf: row.dateOrNil(14).map(CalendarDate.init(daysSince2000:)), recordedAt: moment(row.timestampOrNil(15)),
            revision: row.int8(16), epoch: row.int4(17), evaluatedOn: CalendarDate(daysSince2000: row.date(18)),
            policyType: row.string(19), provenance: row.string(20))
    }

    private static func moment(_ microseconds: Int64?) -> Timestamp? {
        microseconds.map(Timestamp.init(microsecondsSince2000:))
    }

    /// The roll-ups of actions as they stood on a day.
    private static func fold(_ actions: [Action], _ plan: PlanIndex, on day: CalendarDate) -> [Rollup] {
        var counts: [Subject: RollupCounts] = [:]
        for row in actions {
            guard let action = plan.actions[row.id], let status = status(of: row) else { continue }
            let contribution = RollupContribution(of: action, status: status, on: day)
            for subject in PlanIndex.rollups(of: action) {
                counts[subject, default: RollupCounts()].add(contribution)
            }
        }
        let subjects: [Subject] =
            plan.plan.map { plan in
                [.programme] + plan.goals.map { .goal($0.id) } + plan.lines.map { .line($0.id) }
            } ?? []
        return subjects.map { subject in
            let status = rollup(counts[subject] ?? RollupCounts(), settings: plan.settings)
            let titles = plan.titles[subject]
            return Rollup(
                subject: subject, titleNL: titles?.nl ?? "", titleEN: titles?.en ?? "",
                lifecycle: status.lifecycle?.rawValue, rating: status.rating?.rawValue,
                reasons: status.reasons.map(\.rawValue),
                counts: json { StatusPayload.write(status.plan.counts, withMilestones: false, in: &$0) },
                apart: json { json in
                    json.beginObject()
                    StatusPayload.write(status.apart, withMilestones: false, in: &json)
                    json.endObject()
                }, coveragePercent: status.coveragePercent.map { Int32($0) }, percentComplete: nil, recordedAt: nil,
                revision: nil, epoch: nil, evaluatedOn: day)
        }
    }

    private static func status(of row: Action) -> ActionStatus? {
        guard let lifecycle = row.lifecycle.flatMap(Lifecycle.init(rawValue:)),
            let rating = row.rating.flatMap(DeliveryRating.init(rawValue:)),
            let dataState = row.dataState.flatMap(DataState.init(rawValue:))
        else { return nil }
        return ActionStatus(
            lifecycle: lifecycle, rating: rating, dataState: dataState,
            isRebaselined: row.flags.contains(StatusFlag.rebaselined.rawValue),
            isDisputed: row.flags.contains(StatusFlag.disputed.rawValue), asOf: row.asOf, holder: row.holder)
    }

    private static func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        write(&json)
        return json.bytes
    }
}
