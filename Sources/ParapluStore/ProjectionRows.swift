import ParapluModel
import ParapluRules
import Postgres

/// What one commit changes in the projections, encoded table by table: pure, so that it is made while the server is busy.
struct ProjectionRows: Sendable {
    /// Timeline rows that this commit replaces.
    private(set) var closed = ClosedColumns()
    /// New rows of the timeline, as COPY takes them.
    private(set) var timeline: CopyBuffer
    private(set) var actions = ActionColumns()
    /// Actions whose risks and conflicts are written anew, and those.
    private(set) var contradicted = BinaryArray(.text)
    private(set) var risks = RiskColumns()
    private(set) var conflicts = ConflictColumns()
    /// Actions whose milestones are written anew, and those.
    private(set) var milestoned = BinaryArray(.text)
    private(set) var milestones = MilestoneColumns()
    private(set) var rollups = RollupColumns()
    /// Records whose disposition is judged anew.
    private(set) var settled = CoordinateColumns()
    /// Those of them that have no effect, with the reason.
    private(set) var dispositions = DispositionColumns()
    /// Identities of records that a later word overtook.
    private(set) var superseded = BinaryArray(.uuid)
    private(set) var late = CoordinateColumns()
    private(set) var afterFreeze = CoordinateColumns()
    private(set) var restated = RestatedColumns()
    private(set) var statuses = StatusColumns()
    private(set) var revisions = RollupRevisionColumns()
    /// The revisions as they are announced, one for each of the effects' changes.
    private(set) var announcements: [StatusPayload.Announcement] = []

    init(_ effects: FoldEffects, of fold: ProgressFold, stamp: CommitStamp) {
        var memory = CopyBuffer()
        self.init(effects, of: fold, stamp: stamp, reusing: &memory)
    }

    /// - Parameter memory: For the timeline's rows.
    init(_ effects: FoldEffects, of fold: ProgressFold, stamp: CommitStamp, reusing memory: inout CopyBuffer) {
        timeline = CopyBuffer(reusing: &memory)
        for (action, day) in effects.closedRows { closed.append(action, day) }
        var steps = TimelineSteps()
        for row in effects.newRows { append(row, stamp, &steps) }
        for id in effects.actions {
            guard let projection = fold.actions[id] else { preconditionFailure("a changed action has a projection") }
            actions.append(id, projection)
        }
        for id in effects.contradicted {
            guard let state = fold.actions[id]?.state else { continue }
            contradicted.append(text: id.rawValue)
            for risk in state.risks { risks.append(id, risk) }
            for (n, conflict) in state.conflicts.enumerated() { conflicts.append(id, n, conflict) }
        }
        for id in effects.milestoned {
            milestoned.append(text: id.rawValue)
            for word in fold.actions[id]?.state.milestoneWords ?? [] { milestones.append(id, word) }
        }
        for subject in effects.rollups {
            if let projection = fold.rollups[subject] { rollups.append(subject, projection) }
        }
        for (coordinates, disposition) in effects.dispositions {
            settled.append(coordinates)
            if disposition != .effective { dispositions.append(coordinates, disposition) }
        }
        for key in effects.superseded { superseded.append(uuidHigh: key.identityHigh, low: key.identityLow) }
        for coordinates in effects.late { late.append(coordinates) }
        for coordinates in effects.afterFreeze { afterFreeze.append(coordinates) }
        for (round, action, status) in effects.restated {
            restated.append(round, action, StatusPayload.snapshot(of: .action(action), .action(status)))
        }
        announcements.reserveCapacity(effects.changes.count)
        for change in effects.changes {
            let announcement = StatusPayload.announcement(of: change, plan: fold.plan, stamp: stamp)
            statuses.append(change, announcement)
            if case .rollup = change.new { revisions.append(change, announcement) }
            announcements.append(announcement)
        }
    }

    private mutating func append(_ row: FoldEffects.Row, _ stamp: CommitStamp, _ steps: inout TimelineSteps) {
        let status = row.row.status
        timeline.beginRow(columns: 18)
        timeline.append(text: row.action.rawValue)
        timeline.append(date: row.row.validFrom.daysSince2000)
        timeline.append(timestamp: stamp.recordedAt.microsecondsSince2000)
        timeline.append(int8: stamp.number)
        timeline.append(int4: row.epoch)
        timeline.append(int8: row.revision)
        timeline.append(text: status.lifecycle.rawValue)
        timeline.append(text: status.rating.rawValue)
        if let reported = status.reportedRating {
            timeline.append(text: reported.rawValue)
        } else {
            timeline.appendNull()
        }
        timeline.append(text: status.dataState.rawValue)
        timeline.append(textArray: status.flags.map(\.rawValue))
        timeline.append(textArray: status.reasons.map(\.description))
        if let holder = status.holder { timeline.append(text: holder.rawValue) } else { timeline.appendNull() }
        if let asOf = status.asOf { timeline.append(date: asOf.daysSince2000) } else { timeline.appendNull() }
        if let cause = row.cause {
            timeline.append(int4: cause.stream)
            timeline.append(int8: cause.position)
        } else {
            timeline.appendNull()
            timeline.appendNull()
        }
        if row.row.steps.isEmpty { timeline.appendNull() } else { timeline.append(utf8: steps.text(of: row.row)) }
        timeline.append(optional: status.lastKnownRating?.rawValue)
    }
}
