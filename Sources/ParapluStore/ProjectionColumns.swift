import Digest
import ParapluModel
import ParapluRules
import Postgres

// The columns of the tables of `progress` as arrays, for statements that take a commit's rows as one set.

/// Coordinates of records.
struct CoordinateColumns: Sendable {
    private var streams = BinaryArray(.int4)
    private var positions = BinaryArray(.int8)
    private var records = BinaryArray(.int2)

    var count: Int { streams.count }

    mutating func append(_ coordinates: FactCoordinates) {
        streams.append(int4: coordinates.stream)
        positions.append(int8: coordinates.position)
        records.append(int2: coordinates.record)
    }

    var parameters: [Parameter] { [.array(streams), .array(positions), .array(records)] }
}

/// Records without effect, and why.
struct DispositionColumns: Sendable {
    private var coordinates = CoordinateColumns()
    private var codes = BinaryArray(.text)

    var count: Int { codes.count }

    mutating func append(_ coordinates: FactCoordinates, _ disposition: Disposition) {
        self.coordinates.append(coordinates)
        codes.append(text: disposition.rawValue)
    }

    var parameters: [Parameter] { coordinates.parameters + [.array(codes)] }
}

/// Timeline rows by action and first day.
struct ClosedColumns: Sendable {
    private var actions = BinaryArray(.text)
    private var days = BinaryArray(.date)

    var count: Int { actions.count }

    mutating func append(_ action: ActionID, _ validFrom: CalendarDate) {
        actions.append(text: action.rawValue)
        days.append(date: validFrom.daysSince2000)
    }

    var parameters: [Parameter] { [.array(actions), .array(days)] }
}

/// The columns of `action_state`.
struct ActionColumns: Sendable {
    private var names = BinaryArray(.text)
    private var states = BinaryArray(.bytea)
    private var published = BinaryArray(.bytea)
    private var contributions = BinaryArray(.bytea)
    private var revisions = BinaryArray(.int8)
    private var epochs = BinaryArray(.int4)
    private var nextSteps = BinaryArray(.date)
    private var bytes: [UInt8] = []

    var count: Int { names.count }

    mutating func append(_ id: ActionID, _ projection: ActionProjection) {
        names.append(text: id.rawValue)
        bytes.removeAll(keepingCapacity: true)
        projection.state.encode(into: &bytes)
        states.append(bytes: bytes)
        bytes.removeAll(keepingCapacity: true)
        projection.published.encode(into: &bytes)
        published.append(bytes: bytes)
        bytes.removeAll(keepingCapacity: true)
        projection.contribution.encode(into: &bytes)
        contributions.append(bytes: bytes)
        revisions.append(int8: projection.revision)
        epochs.append(int4: projection.epoch)
        if let day = projection.nextStep { nextSteps.append(date: day.daysSince2000) } else { nextSteps.appendNull() }
    }

    var parameters: [Parameter] {
        [
            .array(names), .array(states), .array(published), .array(contributions), .array(revisions),
            .array(epochs), .array(nextSteps),
        ]
    }
}

/// The columns of `milestone`.
struct MilestoneColumns: Sendable {
    private var actions = BinaryArray(.text)
    private var milestones = BinaryArray(.text)
    private var statuses = BinaryArray(.text)
    private var days = BinaryArray(.date)
    private var dues = BinaryArray(.date)
    private var refusals = BinaryArray(.bool)
    private var reached = BinaryArray(.date)
    private var evidence = BinaryArray(.text)

    var count: Int { actions.count }

    mutating func append(_ action: ActionID, _ word: ActionState.MilestoneWord) {
        actions.append(text: action.rawValue)
        milestones.append(text: word.milestone.rawValue)
        statuses.append(text: word.status.rawValue)
        days.append(date: word.asOf.daysSince2000)
        if let due = word.due { dues.append(date: due.daysSince2000) } else { dues.appendNull() }
        refusals.append(bool: word.isRefused)
        if let day = word.reachedOn { reached.append(date: day.daysSince2000) } else { reached.appendNull() }
        evidence.append(optional: word.document)
    }

    var parameters: [Parameter] {
        [
            .array(actions), .array(milestones), .array(statuses), .array(days), .array(dues), .array(refusals),
            .array(reached), .array(evidence),
        ]
    }
}

/// The columns of `rollup`.
struct RollupColumns: Sendable {
    private var subjects = BinaryArray(.text)
    private var counts = BinaryArray(.bytea)

    var count: Int { subjects.count }

    mutating func append(_ subject: Subject, _ projection: RollupProjection) {
        var bytes: [UInt8] = []
        projection.counts.encode(into: &bytes)
        subjects.append(text: subject.description)
        counts.append(bytes: bytes)
    }

    var parameters: [Parameter] { [.array(subjects), .array(counts)] }
}

/// The columns of `status`.
struct StatusColumns: Sendable {
    private var subjects = BinaryArray(.text)
    private var buckets = BinaryArray(.int2)
    private var texts = [BinaryArray](repeating: BinaryArray(.text), count: 7)
    private var days = BinaryArray(.date)
    private var epochs = BinaryArray(.int4)
    private var revisions = BinaryArray(.int8)
    private var hashes = BinaryArray(.bytea)
    private var payloads = BinaryArray(.json)

    var count: Int { subjects.count }

    mutating func append(_ change: FoldEffects.Change, _ announcement: StatusPayload.Announcement) {
        subjects.append(text: announcement.subject)
        buckets.append(int2: announcement.bucket)
        let words: [String?]
        var asOf: CalendarDate?
        switch change.new {
        case .action(let status):
            words = [
                status.lifecycle.rawValue, status.rating.rawValue, status.reportedRating?.rawValue,
                status.dataState.rawValue, status.flags.map(\.rawValue).joined(separator: " "),
                status.reasons.map(\.description).joined(separator: " "), status.holder?.rawValue,
            ]
            asOf = status.asOf
        case .rollup(let status):
            words = [
                status.lifecycle?.rawValue, status.rating?.rawValue, nil, nil, "",
                status.reasons.map(\.rawValue).joined(separator: " "), nil,
            ]
        }
        for (index, word) in words.enumerated() {
            if let word { texts[index].append(text: word) } else { texts[index].appendNull() }
        }
        if let asOf { days.append(date: asOf.daysSince2000) } else { days.appendNull() }
        epochs.append(int4: change.epoch)
        revisions.append(int8: change.revision)
        hashes.append(bytes: announcement.hash.bytes)
        payloads.append(utf8: announcement.payload)
    }

    var parameters: [Parameter] {
        [.array(subjects), .array(buckets)] + texts.map { .array($0) }
            + [.array(days), .array(epochs), .array(revisions), .array(hashes), .array(payloads)]
    }
}

/// The columns of `rollup_revision`.
struct RollupRevisionColumns: Sendable {
    private var subjects = BinaryArray(.text)
    private var epochs = BinaryArray(.int4)
    private var revisions = BinaryArray(.int8)
    private var payloads = BinaryArray(.json)

    var count: Int { subjects.count }

    mutating func append(_ change: FoldEffects.Change, _ announcement: StatusPayload.Announcement) {
        subjects.append(text: announcement.subject)
        epochs.append(int4: change.epoch)
        revisions.append(int8: change.revision)
        payloads.append(utf8: announcement.payload)
    }

    var parameters: [Parameter] { [.array(subjects), .array(epochs), .array(revisions), .array(payloads)] }
}

/// The columns of `risk`.
struct RiskColumns: Sendable {
    private var actions = BinaryArray(.text)
    private var risks = BinaryArray(.text)
    private var levels = BinaryArray(.text)
    private var responses = BinaryArray(.text)
    private var owners = BinaryArray(.text)

    var count: Int { actions.count }

    mutating func append(_ action: ActionID, _ risk: ActionState.ReportedRisk) {
        actions.append(text: action.rawValue)
        risks.append(text: risk.risk.rawValue)
        levels.append(text: risk.level.rawValue)
        responses.append(optional: risk.response?.rawValue)
        owners.append(optional: risk.owner?.rawValue)
    }

    var parameters: [Parameter] {
        [.array(actions), .array(risks), .array(levels), .array(responses), .array(owners)]
    }
}

extension BinaryArray {
    /// Appends the text, or NULL.
    fileprivate mutating func append(optional text: String?) {
        if let text { append(text: text) } else { appendNull() }
    }
}

/// The columns of `conflict`.
struct ConflictColumns: Sendable {
    private var actions = BinaryArray(.text)
    private var places = BinaryArray(.int2)
    private var parties = BinaryArray(.text)
    private var milestones = BinaryArray(.text)
    private var opened = BinaryArray(.date)
    private var closed = BinaryArray(.date)
    private var closings = BinaryArray(.text)

    var count: Int { actions.count }

    mutating func append(_ action: ActionID, _ place: Int, _ conflict: Conflict) {
        actions.append(text: action.rawValue)
        places.append(int2: Int16(clamping: place))
        parties.append(text: conflict.party.rawValue)
        if let milestone = conflict.milestone {
            milestones.append(text: milestone.rawValue)
        } else {
            milestones.appendNull()
        }
        opened.append(date: conflict.openedOn.daysSince2000)
        if let day = conflict.closedOn { closed.append(date: day.daysSince2000) } else { closed.appendNull() }
        if let closing = conflict.closing { closings.append(text: closing.rawValue) } else { closings.appendNull() }
    }

    var parameters: [Parameter] {
        [
            .array(actions), .array(places), .array(parties), .array(milestones), .array(opened), .array(closed),
            .array(closings),
        ]
    }
}

/// What actions were on the day of a frozen round, as known now.
struct RestatedColumns: Sendable {
    private var rounds = BinaryArray(.text)
    private var actions = BinaryArray(.text)
    private var payloads = BinaryArray(.json)

    var count: Int { rounds.count }

    mutating func append(_ round: RoundID, _ action: ActionID, _ payload: [UInt8]) {
        rounds.append(text: round.rawValue)
        actions.append(text: action.rawValue)
        payloads.append(utf8: payload)
    }

    var parameters: [Parameter] { [.array(rounds), .array(actions), .array(payloads)] }
}
