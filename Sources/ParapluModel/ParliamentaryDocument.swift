/// A document of Parliament (Kamerstuk): a letter, a motion, the report of a debate.
package struct ParliamentaryDocument: Hashable, Sendable {
    /// Its dossier and number, unique among the plan's documents, such as `28638-257`.
    package var number: DocumentNumber
    /// The day of which it is dated.
    package var date: CalendarDate
    /// What kind it is of, in Parliament's own words: `brief`, `motie`, `verslag commissiedebat`.
    package var kind: String
    /// Its title in Dutch, never empty.
    package var titleNL: String
    /// What it says of other documents, where that isn't what they say of themselves.
    package var citations: [DocumentCitation]
    /// Whether it stands in a public source or was made for demonstration.
    package var provenance: Provenance

    package init(
        number: DocumentNumber, date: CalendarDate, kind: String, titleNL: String, citations: [DocumentCitation] = [],
        provenance: Provenance
    ) {
        self.number = number
        self.date = date
        self.kind = kind
        self.titleNL = titleNL
        self.citations = citations
        self.provenance = provenance
    }
}

/// A reference in a document to another one, as it is written and as it is meant; both are kept.
///
/// Letter 28638-251 cites the letter of 23 April 2024 as 28638-248; it is 28638-249.
package struct DocumentCitation: Hashable, Sendable {
    /// The number as it is written.
    package var cited: DocumentNumber
    /// The number of the document that is meant.
    package var resolved: DocumentNumber
    /// The date as it is written, where it isn't that of the document; nil where nothing is to be said of it.
    package var dateCited: CalendarDate?
    /// What else is to be known of it; empty where nothing is.
    package var noteNL: String
    /// Whether it stands in a public source or was made for demonstration.
    package var provenance: Provenance

    package init(
        cited: DocumentNumber, resolved: DocumentNumber, dateCited: CalendarDate? = nil, noteNL: String = "",
        provenance: Provenance
    ) {
        self.cited = cited
        self.resolved = resolved
        self.dateCited = dateCited
        self.noteNL = noteNL
        self.provenance = provenance
    }
}

/// What a minister owes Parliament or was asked by it: a motion, a promise or an amendment.
package struct Commitment: Hashable, Sendable {
    /// Our own identifier for it, unique in the plan, such as `mot-kuik-167`.
    package var id: CommitmentID
    /// Whether it is a motion, a promise or an amendment.
    package var kind: CommitmentKind
    /// Its title in Dutch, never empty.
    package var titleNL: String
    /// The number under which it is known itself, where one was found.
    package var number: DocumentNumber?
    /// Its date as the source states it: a day, or no more than a month.
    package var date: StatedDate
    /// What became of it, in Parliament's own words: `aangenomen`, `verworpen`, `lopend`.
    package var outcome: String?
    /// The day by which it is to be met.
    package var due: CalendarDate?
    /// What it is about.
    package var link: Subject
    /// The number of the document it stands in, as sources cite it.
    package var citedDocument: DocumentNumber?
    /// The document it does stand in, one of the plan's.
    package var document: DocumentNumber?
    /// Whether it stands in a public source or was made for demonstration.
    package var provenance: Provenance

    package init(
        id: CommitmentID, kind: CommitmentKind, titleNL: String, number: DocumentNumber? = nil, date: StatedDate,
        outcome: String? = nil, due: CalendarDate? = nil, link: Subject, citedDocument: DocumentNumber? = nil,
        document: DocumentNumber? = nil, provenance: Provenance
    ) {
        self.id = id
        self.kind = kind
        self.titleNL = titleNL
        self.number = number
        self.date = date
        self.outcome = outcome
        self.due = due
        self.link = link
        self.citedDocument = citedDocument
        self.document = document
        self.provenance = provenance
    }

    /// The action that it is about, where it is about one.
    package var action: ActionID? {
        if case .action(let id) = link { id } else { nil }
    }
}

/// What a commitment is.
package enum CommitmentKind: String, CaseIterable, Sendable {
    /// The House asks the government for something.
    case motion = "motie"
    /// A minister promises the House something.
    case promise = "toezegging"
    /// The House changes a bill or a budget.
    case amendment = "amendement"
}
