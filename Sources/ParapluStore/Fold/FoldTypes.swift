package import ParapluModel
package import ParapluRules

/// The commit clock's reading under which a commit writes.
package struct CommitStamp: Hashable, Sendable {
    /// The commit's number: one more than the one before it.
    package let number: Int64
    /// Its recorded time, later than that of every commit before it.
    package let recordedAt: Timestamp
    /// The day in Europe/Amsterdam at which it evaluates status.
    package let evaluatedOn: CalendarDate
    /// The revision epoch.
    package let epoch: Int32

    package init(number: Int64, recordedAt: Timestamp, evaluatedOn: CalendarDate, epoch: Int32) {
        self.number = number
        self.recordedAt = recordedAt
        self.evaluatedOn = evaluatedOn
        self.epoch = epoch
    }
}

/// Sixteen bytes that stand for a key: the first half of its SHA-256.
package struct ShortHash: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(_ words: (high: UInt64, low: UInt64)) {
        high = words.high
        low = words.low
    }
}

/// Where a canonical record came from: its message's stream and position, and its place in the message.
package struct FactCoordinates: Hashable, Sendable {
    package let stream: Int32
    package let position: Int64
    package let record: Int16

    package init(stream: Int32, position: Int64, record: Int16) {
        self.stream = stream
        self.position = position
        self.record = record
    }
}

/// A canonical record on its way through the fold.
package struct FoldFact: Hashable, Sendable {
    package let fact: Fact
    package let coordinates: FactCoordinates

    package init(record: CanonicalRecord, identity: ShortHash, coordinates: FactCoordinates) {
        fact = Fact(record: record, identity: (identity.high, identity.low))
        self.coordinates = coordinates
    }
}

/// What the fold keeps of an action between commits.
package struct ActionProjection: Hashable, Sendable {
    /// The accumulator after the latest fact in valid time.
    package var state: ActionState
    /// The status that was announced last.
    package var published: ActionStatus
    /// What that status adds to the roll-ups.
    package var contribution: RollupContribution
    /// The epoch and number of its announced revision.
    package var epoch: Int32
    package var revision: Int64
    /// The first day after the announced status was judged on which time alone makes it another; nil where none does.
    package var nextStep: CalendarDate?
}

/// What the fold keeps of a roll-up between commits.
package struct RollupProjection: Hashable, Sendable {
    package var counts: RollupCounts
    package var published: RollupStatus?
    package var epoch: Int32
    package var revision: Int64
}

/// A reporting round whose snapshot was taken: what is said later of its day is a correction.
package struct FrozenRound: Hashable, Sendable {
    package let id: RoundID
    package let asOf: CalendarDate

    package init(id: RoundID, asOf: CalendarDate) {
        self.id = id
        self.asOf = asOf
    }
}

/// Why a status changed, as change events say it.
package enum ChangeCause: String, CaseIterable, Sendable {
    case report, plan, settlement, decision, time, epoch
}

/// What one commit changes in the projections, as sets.
package struct FoldEffects: Sendable {
    /// A row of an action's timeline, known from this commit on.
    package struct Row: Sendable {
        package let action: ActionID
        package let row: TimelineRow
        package let cause: FactCoordinates?
        package let epoch: Int32
        package let revision: Int64
    }

    /// A new revision of a subject's status.
    package struct Change: Sendable {
        package let subject: Subject
        package let old: Published?
        package let new: Published
        package let epoch: Int32
        package let revision: Int64
        /// The messages that caused it, at most `causesMax`, and how many there were.
        package let causes: [FactCoordinates]
        package let causesTotal: Int
        package let cause: ChangeCause
    }

    /// What is announced of a subject.
    package enum Published: Hashable, Sendable {
        case action(ActionStatus)
        case rollup(RollupStatus)
    }

    /// Timeline rows that this commit replaces: known until now.
    package var closedRows: [(action: ActionID, validFrom: CalendarDate)] = []
    package var newRows: [Row] = []
    /// The actions and roll-ups whose projections changed.
    package var actions: [ActionID] = []
    package var rollups: [Subject] = []
    /// The actions whose risks or conflicts changed.
    package var contradicted: [ActionID] = []
    /// The actions of which something else stands of their milestones.
    package var milestoned: [ActionID] = []
    package var changes: [Change] = []
    /// Dispositions that changed, `effective` among them.
    package var dispositions: [(FactCoordinates, Disposition)] = []
    /// Facts that a later word of the same reporter about the same day overtook in this commit.
    package var superseded: [FactKey] = []
    /// Records that came after one of a later day and still changed the past.
    package var late: [FactCoordinates] = []
    /// Records of a day whose round was frozen before they came.
    package var afterFreeze: [FactCoordinates] = []
    /// What actions were on the day of a frozen round, as known now, where that may be another than before.
    package var restated: [(round: RoundID, action: ActionID, status: ActionStatus)] = []

    /// The most messages that one change event names.
    package static let causesMax = 50
}
