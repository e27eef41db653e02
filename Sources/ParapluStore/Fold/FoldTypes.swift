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
    /// The first eight bytes, as a big-endian number.
    package let high: UInt64
    /// The eight bytes after those, as a big-endian number.
    package let low: UInt64

    package init(_ words: (high: UInt64, low: UInt64)) {
        high = words.high
        low = words.low
    }
}

/// Where a canonical record came from: its message's stream and position, and its place in the message.
package struct FactCoordinates: Hashable, Sendable {
    /// The stream's id in `journal.stream`.
    package let stream: Int32
    /// The message's position in that stream; of a Kafka partition the offset.
    package let position: Int64
    /// The record's place among those of its message that are new, from 0.
    package let record: Int16

    package init(stream: Int32, position: Int64, record: Int16) {
        self.stream = stream
        self.position = position
        self.record = record
    }
}

/// A canonical record on its way through the fold.
package struct FoldFact: Hashable, Sendable {
    /// The record with its place in valid time, as the rules take it.
    package let fact: Fact
    /// Where the record came from.
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
    /// The epoch of its announced revision.
    package var epoch: Int32
    /// The announced revision's number within its epoch, from 1.
    package var revision: Int64
    /// The first day after the announced status was judged on which time alone makes it another; nil where none does.
    package var nextStep: CalendarDate?
}

/// What the fold keeps of a roll-up between commits.
package struct RollupProjection: Hashable, Sendable {
    /// The counts of the actions below the subject, which a changed action is added to and taken off.
    package var counts: RollupCounts
    /// The status that was announced last; nil where none was yet.
    package var published: RollupStatus?
    /// The revision epoch of the status announced last; 0 where none was yet.
    package var epoch: Int32
    /// The number of the status announced last within its epoch, from 1; 0 where none was yet.
    package var revision: Int64
}

/// A reporting round whose snapshot was taken: what is said later of its day is a correction.
package struct FrozenRound: Hashable, Sendable {
    /// The round's identifier.
    package let id: RoundID
    /// The day of which the round speaks.
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
        /// The action of whose timeline it is.
        package let action: ActionID
        /// What stands from the row's first day on, with the steps that time alone brings after it.
        package let row: TimelineRow
        /// Where the record that made the row came from; nil where the plan made it.
        package let cause: FactCoordinates?
        /// The epoch of the action's announced revision after this commit.
        package let epoch: Int32
        /// The number of the action's announced revision after this commit, within its epoch.
        package let revision: Int64
    }

    /// A new revision of a subject's status.
    package struct Change: Sendable {
        /// The action, line, goal or programme whose status it is.
        package let subject: Subject
        /// What was announced before; nil where nothing was.
        package let old: Published?
        /// What is announced with this revision; the same as `old` where only the plan's words or the epoch changed.
        package let new: Published
        /// The revision epoch, which is the commit's.
        package let epoch: Int32
        /// The revision's number within its epoch, from 1.
        package let revision: Int64
        /// Where the records that caused it came from, at most `causesMax`.
        package let causes: [FactCoordinates]
        /// How many records caused it, those beyond `causesMax` too.
        package let causesTotal: Int
        /// Why it changed: by what kind of commit.
        package let cause: ChangeCause
    }

    /// What is announced of a subject.
    package enum Published: Hashable, Sendable {
        case action(ActionStatus)
        case rollup(RollupStatus)
    }

    /// Timeline rows that this commit replaces: known until now.
    package var closedRows: [(action: ActionID, validFrom: CalendarDate)] = []
    /// Timeline rows that are known from this commit on.
    package var newRows: [Row] = []
    /// The actions whose projections changed.
    package var actions: [ActionID] = []
    /// The lines, goals and the programme whose projections are saved; with a new plan version all of them.
    package var rollups: [Subject] = []
    /// The actions whose risks or conflicts changed.
    package var contradicted: [ActionID] = []
    /// The actions of which something else stands of their milestones.
    package var milestoned: [ActionID] = []
    /// The new revisions of subjects, each of which is announced: actions before roll-ups.
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
