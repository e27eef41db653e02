/// A version of the plan: what there is to report on, by whom, and towards what.
package struct Plan: Hashable, Sendable {
    package var name: String
    package var version: String
    package var programme: Programme
    package var goals: [StrategicGoal]
    package var lines: [ActionLine]
    package var organisations: [Organisation]
    package var actions: [PlannedAction]
    package var indicators: [Indicator]
    package var exploitationForms: [ExploitationForm]
    package var breakdownCodes: [BreakdownCode]
    /// The documents of Parliament that the plan refers to.
    package var documents: [ParliamentaryDocument]
    package var commitments: [Commitment]
    /// The calendar of reporting to Parliament.
    package var rounds: [PlannedRound]

    package init(
        name: String, version: String, programme: Programme, goals: [StrategicGoal], lines: [ActionLine],
        organisations: [Organisation], actions: [PlannedAction], indicators: [Indicator] = [],
        exploitationForms: [ExploitationForm] = [], breakdownCodes: [BreakdownCode] = [],
        documents: [ParliamentaryDocument] = [],
        commitments: [Commitment] = [], rounds: [PlannedRound] = []
    ) {
        self.name = name
        self.version = version
        self.programme = programme
        self.goals = goals
        self.lines = lines
        self.organisations = organisations
        self.actions = actions
        self.indicators = indicators
        self.exploitationForms = exploitationForms
        self.breakdownCodes = breakdownCodes
        self.documents = documents
        self.commitments = commitments
        self.rounds = rounds
    }
}

/// Where a record of the plan comes from.
package enum Provenance: String, CaseIterable, Sendable {
    /// In a public source, which the record names.
    case found
    /// Made for demonstration, and always shown as such.
    case illustrative
}

/// The programme itself.
package struct Programme: Hashable, Sendable {
    package var id: String
    package var titleNL: String
    package var titleEN: String
    package var dossier: String
    package var presentedOn: CalendarDate
    package var coordinator: OrganisationID

    package init(
        id: String, titleNL: String, titleEN: String, dossier: String, presentedOn: CalendarDate,
        coordinator: OrganisationID
    ) {
        self.id = id
        self.titleNL = titleNL
        self.titleEN = titleEN
        self.dossier = dossier
        self.presentedOn = presentedOn
        self.coordinator = coordinator
    }
}

/// A strategic goal (strategisch doel).
package struct StrategicGoal: Hashable, Sendable {
    package var id: GoalID
    package var number: Int
    package var titleNL: String
    package var titleEN: String

    package init(id: GoalID, number: Int, titleNL: String, titleEN: String) {
        self.id = id
        self.number = number
        self.titleNL = titleNL
        self.titleEN = titleEN
    }
}

/// An action line (actielijn), tied to one or more goals.
package struct ActionLine: Hashable, Sendable {
    package var id: ActionLineID
    package var number: Int
    package var titleNL: String
    package var titleEN: String
    package var goals: [GoalID]

    package init(id: ActionLineID, number: Int, titleNL: String, titleEN: String, goals: [GoalID]) {
        self.id = id
        self.number = number
        self.titleNL = titleNL
        self.titleEN = titleEN
        self.goals = goals
    }
}

/// An organisation (organisatie), with its identifiers and the days between which it exists.
package struct Organisation: Hashable, Sendable {
    package var id: OrganisationID
    package var nameNL: String
    package var nameEN: String
    package var abbreviation: String
    package var kind: String
    package var tooi: TOOI?
    package var oin: OIN?
    /// The first day of its existence, nil where it always was.
    package var existsFrom: CalendarDate?
    /// The day from which it no longer exists, nil where it still does.
    package var existsUntil: CalendarDate?
    /// The organisation that took over its work.
    package var successor: OrganisationID?
    /// The organisation of which it is a part.
    package var parent: OrganisationID?
    package var provenance: Provenance

    package init(
        id: OrganisationID, nameNL: String, nameEN: String, abbreviation: String, kind: String, tooi: TOOI? = nil,
        oin: OIN? = nil, existsFrom: CalendarDate? = nil, existsUntil: CalendarDate? = nil,
        successor: OrganisationID? = nil, parent: OrganisationID? = nil, provenance: Provenance
    ) {
        self.id = id
        self.nameNL = nameNL
        self.nameEN = nameEN
        self.abbreviation = abbreviation
        self.kind = kind
        self.tooi = tooi
        self.oin = oin
        self.existsFrom = existsFrom
        self.existsUntil = existsUntil
        self.successor = successor
        self.parent = parent
        self.provenance = provenance
    }

    /// Whether the organisation exists on that day.
    package func exists(on date: CalendarDate) -> Bool {
        (existsFrom.map { $0 <= date } ?? true) && (existsUntil.map { date < $0 } ?? true)
    }
}

/// An action (actie) as the plan has it.
package struct PlannedAction: Hashable, Sendable {
    package var id: ActionID
    /// Our own code, such as `1.01`; no official numbers were found.
    package var code: String
    package var titleNL: String
    package var titleEN: String
    package var line: ActionLineID
    package var goals: [GoalID]
    /// The forms of exploitation that it is about; none where it is about all.
    package var exploitationForms: [ExploitationFormID]
    package var policyType: PolicyType
    package var provenance: Provenance
    /// What must be shown wherever the title is shown.
    package var displayNoteNL: String
    package var plannedStart: CalendarDate?
    package var plannedEnd: CalendarDate?
    /// Whether a red rating of it makes its roll-ups red.
    package var isCritical: Bool
    /// Who holds it and who is involved, with validity; exactly one holder on any day.
    package var roles: [ActionRole]
    package var milestones: [PlannedMilestone]
    /// Whether it can be stopped only with reference to a document of Parliament: a commitment is linked to it (rule 9).
    ///
    /// No part of the plan as it is written: `PlanIndex` derives it from the commitments.
    package var needsDocumentToStop: Bool

    package init(
        id: ActionID, code: String, titleNL: String, titleEN: String, line: ActionLineID, goals: [GoalID],
        exploitationForms: [ExploitationFormID] = [], policyType: PolicyType, provenance: Provenance,
        displayNoteNL: String, plannedStart: CalendarDate? = nil,
        plannedEnd: CalendarDate? = nil, isCritical: Bool = false, roles: [ActionRole],
        milestones: [PlannedMilestone] = [], needsDocumentToStop: Bool = false
    ) {
        self.id = id
        self.code = code
        self.titleNL = titleNL
        self.titleEN = titleEN
        self.line = line
        self.goals = goals
        self.exploitationForms = exploitationForms
        self.policyType = policyType
        self.provenance = provenance
        self.displayNoteNL = displayNoteNL
        self.plannedStart = plannedStart
        self.plannedEnd = plannedEnd
        self.isCritical = isCritical
        self.roles = roles
        self.milestones = milestones
        self.needsDocumentToStop = needsDocumentToStop
    }
}

/// A role (rol) of an organisation on an action, on the days from `validFrom` up to but not including `validUntil`.
package struct ActionRole: Hashable, Sendable {
    package var organisation: OrganisationID
    package var role: OrganisationRole
    package var validFrom: CalendarDate?
    package var validUntil: CalendarDate?

    package init(
        organisation: OrganisationID, role: OrganisationRole, validFrom: CalendarDate? = nil,
        validUntil: CalendarDate? = nil
    ) {
        self.organisation = organisation
        self.role = role
        self.validFrom = validFrom
        self.validUntil = validUntil
    }

    /// Whether the role holds on that day.
    package func holds(on date: CalendarDate) -> Bool {
        (validFrom.map { $0 <= date } ?? true) && (validUntil.map { date < $0 } ?? true)
    }
}

/// A milestone (mijlpaal) as the plan has it: the first and the latest date, both kept for ever.
package struct PlannedMilestone: Hashable, Sendable {
    package var id: MilestoneID
    package var titleNL: String
    package var kind: String
    /// The first date on which it was due.
    package var baselineDue: CalendarDate
    /// The latest date on which it is due, by the plan.
    package var currentDue: CalendarDate
    /// Whether being late makes the action red at once.
    package var isCritical: Bool
    package var provenance: Provenance

    package init(
        id: MilestoneID, titleNL: String, kind: String, baselineDue: CalendarDate, currentDue: CalendarDate,
        isCritical: Bool = false, provenance: Provenance
    ) {
        self.id = id
        self.titleNL = titleNL
        self.kind = kind
        self.baselineDue = baselineDue
        self.currentDue = currentDue
        self.isCritical = isCritical
        self.provenance = provenance
    }
}
