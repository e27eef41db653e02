package import ParapluModel

/// An involved organisation and the holder contradict each other (tegenspraak): rule 7.
package struct Conflict: Hashable, Sendable {
    /// How it ended.
    package enum Closing: String, CaseIterable, Sendable {
        /// A newer report of the holder agrees.
        case agreed = "EENS"
        /// The programme office ruled for the holder.
        case ruledForHolder = "UITSPRAAK_ACTIEHOUDER"
        /// The programme office ruled for the involved organisation.
        case ruledForParty = "UITSPRAAK_BETROKKENE"
    }

    /// The involved organisation.
    package var party: OrganisationID
    /// The milestone that it denies; nil where it rates delivery worse.
    package var milestone: MilestoneID?
    /// The day of which it spoke first.
    package var openedOn: CalendarDate
    /// The day from which it is closed; nil while it is open.
    package var closedOn: CalendarDate?
    /// How it was closed; nil while it is open.
    package var closing: Closing?

    package init(
        party: OrganisationID, milestone: MilestoneID? = nil, openedOn: CalendarDate, closedOn: CalendarDate? = nil,
        closing: Closing? = nil
    ) {
        self.party = party
        self.milestone = milestone
        self.openedOn = openedOn
        self.closedOn = closedOn
        self.closing = closing
    }

    /// Whether neither an agreement nor a ruling has closed it yet.
    package var isOpen: Bool { closing == nil }
}

extension ActionState {
    /// An involved organisation's latest word on how delivery goes.
    struct InvolvedWord: Hashable, Sendable {
        var party: OrganisationID
        var rating: DeliveryRating
    }

    /// The most closed conflicts that are kept of an action; beyond it the oldest are forgotten.
    static let closedConflictsMax = 100

    /// Whether the risks and conflicts are those of a state before; of none there are none.
    package func contradicts(like before: ActionState?) -> Bool {
        risks == before?.risks ?? [] && conflicts == before?.conflicts ?? []
    }

    /// Takes note of an involved organisation's word, and returns whether a conflict opened.
    ///
    /// Worse than the holder by a colour, or denying a milestone that the holder says is reached: a conflict. Better, or
    /// of anything else: kept in the journal, and without effect.
    mutating func hear(_ record: CanonicalRecord) -> Bool {
        let party = record.reporter
        switch record.content {
        case .progress(let report):
            remember(InvolvedWord(party: party, rating: report.rating))
            guard let theirs = report.rating.badness, let ours = progress?.rating.badness, theirs > ours else {
                return false
            }
            return open(Conflict(party: party, openedOn: record.asOf))
        case .milestone(let report):
            let held = milestones.first { $0.milestone == report.milestone }?.status
            guard report.status == .planned, held == .reportedReached || held == .reached else { return false }
            return open(Conflict(party: party, milestone: report.milestone, openedOn: record.asOf))
        case .risk, .nothing, .withdrawal, .assessment, .ruling, .observation: return false
        }
    }

    /// Closes the conflicts about the rating in which the holder's newer report agrees with the party's latest word.
    mutating func closeConflicts(agreeing rating: DeliveryRating, on date: CalendarDate) -> Bool {
        guard let ours = rating.badness else { return false }
        let words = words
        return close(on: date, .agreed) { conflict in
            guard conflict.milestone == nil else { return false }
            let theirs = words.first { $0.party == conflict.party }?.rating.badness
            return theirs.map { ours >= $0 } ?? true
        }
    }

    /// Closes the conflicts about a milestone that the holder no longer says is reached.
    mutating func closeConflicts(
        on milestone: MilestoneID, agreeing status: MilestoneStatus, on date: CalendarDate
    ) -> Bool {
        guard status == .planned || status == .dropped else { return false }
        return close(on: date, .agreed) { $0.milestone == milestone }
    }

    /// Closes the conflict that the programme office ruled on.
    mutating func take(_ ruling: ConflictRuling, on date: CalendarDate) -> Bool {
        close(on: date, ruling.verdict == .holder ? .ruledForHolder : .ruledForParty) { conflict in
            conflict.party == ruling.party && conflict.milestone == ruling.milestone
        }
    }

    /// Whether the conflict that a ruling names is open.
    package func isOpen(_ ruling: ConflictRuling) -> Bool {
        conflicts.contains { $0.isOpen && $0.party == ruling.party && $0.milestone == ruling.milestone }
    }

    private mutating func remember(_ word: InvolvedWord) {
        let index = words.firstIndex { !($0.party < word.party) } ?? words.endIndex
        if index < words.endIndex, words[index].party == word.party {
            words[index] = word
        } else {
            words.insert(word, at: index)
        }
    }

    private mutating func open(_ conflict: Conflict) -> Bool {
        let isKnown = conflicts.contains {
            $0.isOpen && $0.party == conflict.party && $0.milestone == conflict.milestone
        }
        guard !isKnown else { return false }
        conflicts.append(conflict)
        let closed = conflicts.count { !$0.isOpen }
        if closed > ActionState.closedConflictsMax, let oldest = conflicts.firstIndex(where: { !$0.isOpen }) {
            conflicts.remove(at: oldest)
        }
        return true
    }

    private mutating func close(
        on date: CalendarDate, _ closing: Conflict.Closing, where matches: (Conflict) -> Bool
    ) -> Bool {
        var isAny = false
        for index in conflicts.indices where conflicts[index].isOpen && matches(conflicts[index]) {
            conflicts[index].closedOn = date
            conflicts[index].closing = closing
            isAny = true
        }
        return isAny
    }
}

extension DeliveryRating {
    /// How bad a colour is; nil for grey, which is none.
    fileprivate var badness: Int? {
        switch self {
        case .green: 0
        case .amber: 1
        case .red: 2
        case .grey: nil
        }
    }
}
