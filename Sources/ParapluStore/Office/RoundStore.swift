package import Digest
package import ParapluModel
package import Postgres

/// The calendar of reporting rounds, kept by entries of the `office` stream; `RoundFreeze.swift` takes the snapshots.
package enum RoundStore {
    /// A round: a row of `plan.round`.
    package struct Round: Hashable, Sendable {
        /// The round's identifier.
        package let id: RoundID
        /// What people call it; its identifier where nothing else was said.
        package let label: String
        /// The day of which it speaks.
        package let asOf: CalendarDate
        /// The last day on which a report is on time, and the first on which the round can be frozen.
        package let freezeOn: CalendarDate
        /// The letter to Parliament, as a document number.
        package let letter: String?
        /// What its freeze left; nil while it is open.
        package let frozen: Frozen?

        /// Whether its snapshot was taken.
        package var isFrozen: Bool { frozen != nil }
    }

    /// What a freeze left.
    package struct Frozen: Hashable, Sendable {
        /// The number of the commit that froze it.
        package let commit: Int64
        /// When that commit was recorded.
        package let at: Timestamp
        /// The SHA-256 over the snapshot, as `RoundPicture` computes it; the journal's entry names it too.
        package let hash: SHA256Digest
        /// How many subjects the snapshot has.
        package let subjects: Int32
        /// The organisation that signed it off; nil where it was frozen before that was kept.
        package let signer: OrganisationID?
    }

    /// Why a round can't be opened or frozen; nothing was written.
    package enum Refusal: Error, Hashable, Sendable {
        /// There is a round with that id.
        case exists(RoundID)
        /// The first round needs its day.
        case noDay
        /// The day must be after that of the last round.
        case notAfter(Round)
        /// The last day for reports is before the day of which they speak.
        case freezeBefore(asOf: CalendarDate)
        /// The round is frozen.
        case frozen(Round)
        /// An earlier round is still open.
        case earlierOpen(Round)
        /// The round's day hasn't come: the day in Amsterdam.
        case future(today: CalendarDate)
        /// The round's last day for reports hasn't come: the day in Amsterdam.
        case beforeFreeze(Round, today: CalendarDate)
        /// The plan has no such organisation to sign off, or it doesn't exist today.
        case signer(OrganisationID, today: CalendarDate)
    }

    /// What a round is to be; what is left out is as the plan's calendar has it, else follows from the last round.
    package struct Draft: Sendable {
        /// The round's identifier, which no round may have yet.
        package var id: RoundID
        /// What people call it; where nil and the plan has none, its identifier.
        package var label: String?
        /// The day of which it speaks; where nil and the plan has none, the programme's cadence after that of the last.
        package var asOf: CalendarDate?
        /// The last day on which a report is on time, not before `asOf`.
        ///
        /// Where nil the plan's if the day is the plan's too, else `freezeAfterDays` after the day.
        package var freezeOn: CalendarDate?
        /// The letter to Parliament, as a document number; where nil the plan's, where empty none.
        package var letter: String?

        package init(
            id: RoundID, label: String? = nil, asOf: CalendarDate? = nil, freezeOn: CalendarDate? = nil,
            letter: String? = nil
        ) {
            self.id = id
            self.label = label
            self.asOf = asOf
            self.freezeOn = freezeOn
            self.letter = letter
        }
    }

    /// How long after its day a round waits for reports where nothing else is said.
    package static let freezeAfterDays = 15

    private static let read = Statement(
        """
        SELECT round_id, label, as_of, freeze_on, letter, frozen_commit, frozen_at, hash, subjects, signed_off_by
        FROM round
        ORDER BY as_of
        """, name: "rounds")
    private static let readFrozen = Statement(
        "SELECT round_id, as_of FROM round WHERE frozen_commit < $1 ORDER BY as_of", name: "frozen_rounds")
    private static let readPlanned = Statement(
        "SELECT label_nl, as_of, freeze_on, letter FROM plan.planned_round WHERE round_id = $1")
    private static let readCadence = Statement("SELECT cadence_months FROM plan.programme")
    private static let insert = Statement(
        """
        INSERT INTO round (round_id, label, as_of, freeze_on, letter, opened_commit, opened_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """)

    /// All rounds, in the order of their days.
    package static func list(_ session: PostgresSession) throws -> [Round] {
        try session.execute(read).map { row in
            Round(
                id: RoundID(unchecked: row.string(0)), label: row.string(1),
                asOf: CalendarDate(daysSince2000: row.date(2)), freezeOn: CalendarDate(daysSince2000: row.date(3)),
                letter: row.stringOrNil(4),
                frozen: row.int8OrNil(5).map { commit in
                    Frozen(
                        commit: commit, at: Timestamp(microsecondsSince2000: row.timestamp(6)),
                        hash: SHA256Digest(bytes: row.bytes(7)) ?? .zero, subjects: row.int4(8),
                        signer: row.stringOrNil(9).map(OrganisationID.init(unchecked:)))
                })
        }
    }

    /// The rounds that were frozen before a commit, in the order of their days.
    package static func frozen(before commit: Int64, _ session: PostgresSession) throws -> [FrozenRound] {
        try session.execute(readFrozen, [.int8(commit)]).map { row in
            FrozenRound(id: RoundID(unchecked: row.string(0)), asOf: CalendarDate(daysSince2000: row.date(1)))
        }
    }

    /// Opens a round.
    ///
    /// - Throws: `Refusal`.
    package static func open(
        _ draft: Draft, actor: String, reason: String, isDryRun: Bool = false, _ session: PostgresSession
    ) throws -> Round {
        var opened: Round?
        _ = try CommitClock.transaction(session) { () -> Bool? in
            var stream = try OwnStream.lock(.office, session)
            let stamp = try CommitClock.take(session).stamp
            let round = try self.round(
                draft, planned: try planned(draft.id, session), after: try list(session),
                cadenceMonths: try cadenceMonths(session))
            opened = round
            guard !isDryRun else { return nil }
            _ = stream.add(
                headers: [
                    ("decision", "round.opened"), ("round", round.id.rawValue), ("as_of", round.asOf.description),
                    ("freeze_on", round.freezeOn.description), ("label", round.label), ("letter", round.letter ?? ""),
                    ("actor", actor), ("reason", reason),
                ], value: [], stamp: stamp)
            try stream.write(stamp, session)
            try add(round, stamp, session)
            return true
        }
        guard let opened else { throw StoreError.readOnly }
        return opened
    }

    private static func add(_ round: Round, _ stamp: CommitStamp, _ session: PostgresSession) throws {
        try session.execute(
            insert,
            [
                .text(round.id.rawValue), .text(round.label), .date(round.asOf.daysSince2000),
                .date(round.freezeOn.daysSince2000), round.letter.map { .text($0) } ?? .null, .int8(stamp.number),
                .timestamp(stamp.recordedAt.microsecondsSince2000),
            ])
    }

    /// Opens the round that an entry opened; what `rebuild` does when it comes to one.
    static func replay(_ entry: OfficeEntry, stamp: CommitStamp, _ session: PostgresSession) throws {
        let letter = try entry.text("letter")
        try add(
            Round(
                id: RoundID(unchecked: try entry.text("round")), label: try entry.text("label"),
                asOf: try entry.date("as_of"), freezeOn: try entry.date("freeze_on"),
                letter: letter.isEmpty ? nil : letter, frozen: nil), stamp, session)
    }

    /// The round as the plan's calendar has it, or nil.
    private static func planned(_ id: RoundID, _ session: PostgresSession) throws -> Draft? {
        try session.execute(readPlanned, [.text(id.rawValue)]).first.map { row in
            Draft(
                id: id, label: row.string(0), asOf: CalendarDate(daysSince2000: row.date(1)),
                freezeOn: CalendarDate(daysSince2000: row.date(2)), letter: row.stringOrNil(3))
        }
    }

    /// How far rounds are apart by the plan in force; the standard before the first plan.
    private static func cadenceMonths(_ session: PostgresSession) throws -> Int {
        try session.execute(readCadence).first.map { Int($0.int2(0)) } ?? Programme.cadenceMonthsStandard
    }

    private static func round(
        _ draft: Draft, planned: Draft?, after rounds: [Round], cadenceMonths: Int
    ) throws(Refusal) -> Round {
        guard !rounds.contains(where: { $0.id == draft.id }) else { throw .exists(draft.id) }
        guard let asOf = draft.asOf ?? planned?.asOf ?? rounds.last?.asOf.adding(months: cadenceMonths) else {
            throw .noDay
        }
        if let last = rounds.last, asOf <= last.asOf { throw .notAfter(last) }
        // The last day for reports belongs to the day of which they speak.
        let plannedFreeze = asOf == planned?.asOf ? planned?.freezeOn : nil
        let freezeOn = draft.freezeOn ?? plannedFreeze ?? asOf.adding(days: freezeAfterDays)
        guard freezeOn >= asOf else { throw .freezeBefore(asOf: asOf) }
        return Round(
            id: draft.id, label: draft.label ?? planned?.label ?? draft.id.rawValue, asOf: asOf, freezeOn: freezeOn,
            letter: (draft.letter ?? planned?.letter).flatMap { $0.isEmpty ? nil : $0 }, frozen: nil)
    }
}
