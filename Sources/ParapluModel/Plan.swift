/// A version of the plan: what there is to report on, by whom, and towards what.
package struct Plan: Hashable, Sendable {
    /// What the plan is called, by its own document; never empty.
    package var name: String
    /// The version by the document's own word, such as `1.0.0`; never empty.
    package var version: String
    /// The programme of which this is the plan.
    package var programme: Programme
    /// The strategic goals (strategische doelen), in the order of the document.
    package var goals: [StrategicGoal]
    /// The action lines (actielijnen), in the order of the document.
    package var lines: [ActionLine]
    /// Every organisation that the plan refers to, among them those that have ceased.
    package var organisations: [Organisation]
    /// The actions, at least one, in the order of the document; no two share an id or a code.
    package var actions: [PlannedAction]
    /// The indicators of which reporters may send figures.
    package var indicators: [Indicator]
    /// The forms of exploitation by which actions and figures are divided; none lies above itself.
    package var exploitationForms: [ExploitationForm]
    /// The codes of the dimensions other than form and organisation.
    package var breakdownCodes: [BreakdownCode]
    /// The documents of Parliament that the plan refers to.
    package var documents: [ParliamentaryDocument]
    /// Motions, promises and amendments, each linked to the programme, a goal, a line or an action.
    package var commitments: [Commitment]
    /// Budgets, each linked as a commitment is; at most `Budget.countMax`.
    package var budgets: [Budget]
    /// The calendar of reporting to Parliament.
    package var rounds: [PlannedRound]
    /// The numbers that the rules leave open, as they hold while this version is in force.
    package var rules: RuleSettings

    /// The numbers that goals and lines may have, each once in its list.
    package static let numberBounds = 0...9_999

    package init(
        name: String, version: String, programme: Programme, goals: [StrategicGoal], lines: [ActionLine],
        organisations: [Organisation], actions: [PlannedAction], indicators: [Indicator] = [],
        exploitationForms: [ExploitationForm] = [], breakdownCodes: [BreakdownCode] = [],
        documents: [ParliamentaryDocument] = [],
        commitments: [Commitment] = [], budgets: [Budget] = [], rounds: [PlannedRound] = [],
        rules: RuleSettings = .standard
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
        self.budgets = budgets
        self.rounds = rounds
        self.rules = rules
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
    /// Its identifier, such as `prg-stm`; any text that isn't empty.
    package var id: String
    /// Its title in Dutch, never empty.
    package var titleNL: String
    /// Its title in English, never empty.
    package var titleEN: String
    /// Its dossier at Parliament, as Parliament writes it: `28 638`.
    package var dossier: String
    /// The day on which the plan was presented to Parliament; from it on every action has a holder.
    package var presentedOn: CalendarDate
    /// The organisation that coordinates the programme, one of the plan's.
    package var coordinator: OrganisationID
    /// How many months a round's day comes after that of the round before, where nothing else is said of it.
    ///
    /// The first round, which has none before it, counts the reports of as many months.
    package var cadenceMonths: Int

    /// Parliament is told twice a year: what holds where a plan says nothing else.
    package static let cadenceMonthsStandard = 6
    /// What a plan may say: every month to every other year.
    package static let cadenceMonthsBounds = 1...24

    package init(
        id: String, titleNL: String, titleEN: String, dossier: String, presentedOn: CalendarDate,
        coordinator: OrganisationID, cadenceMonths: Int = Programme.cadenceMonthsStandard
    ) {
        self.id = id
        self.titleNL = titleNL
        self.titleEN = titleEN
        self.dossier = dossier
        self.presentedOn = presentedOn
        self.coordinator = coordinator
        self.cadenceMonths = cadenceMonths
    }
}

/// A strategic goal (strategisch doel).
package struct StrategicGoal: Hashable, Sendable {
    /// Its identifier, unique among the goals, such as `goal-1`.
    package var id: GoalID
    /// Its number, by the plan's document.
    package var number: Int
    /// Its title in Dutch; the document's short title where that has no other.
    package var titleNL: String
    /// Its title in English, never empty.
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
    /// Its identifier, unique among the lines, such as `line-1`.
    package var id: ActionLineID
    /// Its number, by the plan's document.
    package var number: Int
    /// Its title in Dutch, never empty.
    package var titleNL: String
    /// Its title in English, never empty.
    package var titleEN: String
    /// The goals that it serves, each once and each one of the plan's.
    package var goals: [GoalID]

    package init(id: ActionLineID, number: Int, titleNL: String, titleEN: String, goals: [GoalID]) {
        self.id = id
        self.number = number
        self.titleNL = titleNL
        self.titleEN = titleEN
        self.goals = goals
    }
}

/// An action (actie) as the plan has it.
package struct PlannedAction: Hashable, Sendable {
    /// Its identifier, unique among the actions, such as `act-1-01`.
    package var id: ActionID
    /// Our own code, such as `1.01`.
    package var code: String
    /// The number that the government gives it, at most `officialNumberBytesMax` bytes; nil where it gives none.
    package var officialNumber: String?
    /// Its title in Dutch, never empty.
    package var titleNL: String
    /// Its title in English, never empty.
    package var titleEN: String
    /// The action line that it is part of, one of the plan's.
    package var line: ActionLineID
    /// The goals that it serves, each once: it counts once in the roll-up of each.
    package var goals: [GoalID]
    /// The forms of exploitation that it is about; none where it is about all.
    package var exploitationForms: [ExploitationFormID]
    /// What it is to the plan, which says in which roll-up it counts, if in any.
    package var policyType: PolicyType
    /// Whether it stands in a public source or was made for demonstration.
    package var provenance: Provenance
    /// What must be shown wherever the title is shown.
    package var displayNoteNL: String
    /// The day on which it is to begin; nil where the plan names none.
    ///
    /// Without one an action that hasn't begun counts as active, and nothing excuses its holder's silence.
    package var plannedStart: CalendarDate?
    /// The day on which it is to end, never before the planned start; nil where the plan names none.
    ///
    /// It is shown, and no rule of a status reads it.
    package var plannedEnd: CalendarDate?
    /// Whether a red rating of it makes its roll-ups red.
    package var isCritical: Bool
    /// Who holds it and who is involved, with validity; exactly one holder on any day.
    package var roles: [ActionRole]
    /// Its milestones (mijlpalen), in the order of the document; empty where it has none.
    package var milestones: [PlannedMilestone]
    /// Whether it can be stopped only with reference to a document of Parliament: a commitment is linked to it (rule 9).
    ///
    /// No part of the plan as it is written: `PlanIndex` derives it from the commitments.
    package var needsDocumentToStop: Bool

    /// The most bytes of an official number, so that it fits beside a code.
    package static let officialNumberBytesMax = 64
    /// The most roles with days, and the most milestones: far more than anybody holds apart, and their places fit the tables.
    package static let listCountMax = 1_000

    package init(
        id: ActionID, code: String, officialNumber: String? = nil, titleNL: String, titleEN: String, line: ActionLineID,
        goals: [GoalID],
        exploitationForms: [ExploitationFormID] = [], policyType: PolicyType, provenance: Provenance,
        displayNoteNL: String, plannedStart: CalendarDate? = nil,
        plannedEnd: CalendarDate? = nil, isCritical: Bool = false, roles: [ActionRole],
        milestones: [PlannedMilestone] = [], needsDocumentToStop: Bool = false
    ) {
        self.id = id
        self.code = code
        self.officialNumber = officialNumber
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
    /// The organisation that has the role, one of the plan's.
    package var organisation: OrganisationID
    /// What the organisation is to the action.
    package var role: OrganisationRole
    /// The first day of the role; nil where it always held.
    package var validFrom: CalendarDate?
    /// The day from which it no longer holds, after the first; nil where it still does.
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
    /// Its identifier, unique in the whole plan, such as `act-1-01-m1`.
    package var id: MilestoneID
    /// Its title in Dutch, never empty.
    package var titleNL: String
    /// What kind it is of, by the plan's document: `milestone` or `target` in the reference plan.
    package var kind: String
    /// The first date on which it was due.
    package var baselineDue: CalendarDate
    /// The latest date on which it is due, by the plan.
    package var currentDue: CalendarDate
    /// Whether being late makes the action red at once.
    package var isCritical: Bool
    /// Whether it stands in a public source or was made for demonstration.
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
