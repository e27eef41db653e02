/// A budget (budget): what is set aside for a part of the programme in one year.
///
/// It is shown, with what later versions of the plan make of it; no rule of a status reads it.
package struct Budget: Hashable, Sendable {
    /// Its identifier, unique among the budgets, such as `bud-2026-1`.
    package var id: BudgetID
    /// What it is for.
    package var link: Subject
    /// The calendar year in which it is to be spent.
    package var year: Int
    /// Whether it comes back every year.
    package var kind: BudgetKind
    /// The amount in whole euros.
    package var amountEUR: Int64
    /// Whether it is owed, or no more than expected.
    package var status: BudgetStatus
    /// The document of Parliament that names it, one of the plan's; nil where none does.
    package var document: DocumentNumber?
    /// Whether it stands in a public source or was made for demonstration.
    package var provenance: Provenance

    /// The most budgets of a plan: each of a hundred actions and more, for decades.
    package static let countMax = 10_000
    /// The years that a budget may be of.
    package static let yearBounds = 2000...2100
    /// The amounts that a budget may have; a state's yearly budget is below the largest.
    package static let amountBounds = 0...1_000_000_000_000

    package init(
        id: BudgetID, link: Subject, year: Int, kind: BudgetKind, amountEUR: Int64, status: BudgetStatus,
        document: DocumentNumber? = nil, provenance: Provenance
    ) {
        self.id = id
        self.link = link
        self.year = year
        self.kind = kind
        self.amountEUR = amountEUR
        self.status = status
        self.document = document
        self.provenance = provenance
    }

    /// The action that it is for, where it is for one.
    package var action: ActionID? {
        if case .action(let id) = link { id } else { nil }
    }
}

/// Whether money comes back every year.
package enum BudgetKind: String, CaseIterable, Sendable {
    case structural = "STRUCTUREEL"
    case oneOff = "INCIDENTEEL"
}

/// How firm a budget is.
///
/// - Source: IATI's code list BudgetStatus: 1 indicative, 2 committed.
package enum BudgetStatus: String, CaseIterable, Sendable {
    case indicative = "INDICATIEF"
    case committed = "VASTGELEGD"
}
