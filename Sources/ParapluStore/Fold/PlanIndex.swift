package import ParapluModel
package import ParapluRules

/// The plan in force, arranged for look-ups by the fold.
package struct PlanIndex: Sendable {
    /// The commit that applied it; 0 where no plan was applied yet.
    package let commit: Int64
    /// The plan itself, nil where none was applied yet.
    package let plan: Plan?
    /// The numbers that the rules leave open; the standard ones where no plan was applied yet.
    package let settings: RuleSettings
    /// The actions by id; those to which a commitment is linked need a document to be stopped (rule 9).
    package let actions: [ActionID: PlannedAction]
    /// The plan's indicators by id.
    package let indicators: [IndicatorID: Indicator]
    /// The forms of exploitation by id, those that aren't in force among them.
    package let forms: [ExploitationFormID: ExploitationForm]
    /// The codes by which figures are broken down besides those forms and organisations, by dimension and code.
    package let breakdownCodes: [Breakdown: BreakdownCode]
    /// The organisations by id, with their existence.
    package let organisations: OrganisationLookup
    private let organisationIDs: Set<OrganisationID>
    /// The titles of every subject that is rolled up.
    package let titles: [Subject: (nl: String, en: String)]

    package init(commit: Int64, plan: Plan?) {
        self.commit = commit
        self.plan = plan
        settings = plan?.rules ?? .standard
        guard let plan else {
            actions = [:]
            indicators = [:]
            forms = [:]
            breakdownCodes = [:]
            organisations = OrganisationLookup([Organisation]())
            organisationIDs = []
            titles = [:]
            return
        }
        var actions = Dictionary(plan.actions.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for id in plan.commitments.compactMap(\.action) { actions[id]?.needsDocumentToStop = true }
        self.actions = actions
        indicators = Dictionary(plan.indicators.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        forms = Dictionary(plan.exploitationForms.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        breakdownCodes = Dictionary(
            plan.breakdownCodes.map { ($0.breakdown, $0) }, uniquingKeysWith: { first, _ in first })
        organisations = OrganisationLookup(plan.organisations)
        organisationIDs = Set(plan.organisations.map(\.id))
        var titles: [Subject: (nl: String, en: String)] = [
            .programme: (plan.programme.titleNL, plan.programme.titleEN)
        ]
        for goal in plan.goals { titles[.goal(goal.id)] = (goal.titleNL, goal.titleEN) }
        for line in plan.lines { titles[.line(line.id)] = (line.titleNL, line.titleEN) }
        self.titles = titles
    }

    /// By what figures are judged.
    package var indicatorPlan: IndicatorPlan {
        IndicatorPlan(
            indicators: indicators, forms: forms, codes: breakdownCodes, organisations: organisations)
    }

    /// The subjects into which an action is rolled up: its line, each of its goals once, and the programme.
    package static func rollups(of action: PlannedAction) -> [Subject] {
        [.programme, .line(action.line)] + action.goals.map { .goal($0) }
    }

    /// Whether the plan has the subject of a parked message: `action/…`, `indicator/…` or `organisation/…`.
    package func knows(_ subject: String) -> Bool {
        if subject.hasPrefix("action/") { return actions[ActionID(unchecked: String(subject.dropFirst(7)))] != nil }
        if subject.hasPrefix("indicator/") {
            return indicators[IndicatorID(unchecked: String(subject.dropFirst(10)))] != nil
        }
        guard subject.hasPrefix("organisation/") else { return false }
        return organisationIDs.contains(OrganisationID(unchecked: String(subject.dropFirst(13))))
    }

    /// What a record names that the plan doesn't have, as subjects of a parked message: `action/…`, `organisation/…`.
    package func missing(for record: CanonicalRecord) -> [String] {
        var missing: [String] = []
        if let indicator = record.indicator {
            if indicators[indicator] == nil { missing.append("indicator/\(indicator.rawValue)") }
        } else if actions[record.action] == nil {
            missing.append("action/\(record.action.rawValue)")
        }
        if !organisationIDs.contains(record.reporter) { missing.append("organisation/\(record.reporter.rawValue)") }
        if case .risk(let report) = record.content, let owner = report.owner, owner != record.reporter,
            !organisationIDs.contains(owner)
        {
            missing.append("organisation/\(owner.rawValue)")
        }
        return missing
    }
}
