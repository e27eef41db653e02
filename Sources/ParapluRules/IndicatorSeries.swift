package import ParapluModel

/// What the plan says that figures are judged by.
package struct IndicatorPlan: Sendable {
    /// The plan's indicators; a figure of any other takes no part.
    package let indicators: [IndicatorID: Indicator]
    /// The plan's forms of exploitation, by which figures may be broken down.
    package let forms: [ExploitationFormID: ExploitationForm]
    /// The plan's codes of sex, age, region, nationality and term.
    package let codes: [Breakdown: BreakdownCode]
    /// Which organisations exist when: those that report, and those by which figures are broken down.
    package let organisations: OrganisationLookup

    package init(
        indicators: [IndicatorID: Indicator], forms: [ExploitationFormID: ExploitationForm],
        codes: [Breakdown: BreakdownCode], organisations: OrganisationLookup
    ) {
        self.indicators = indicators
        self.forms = forms
        self.codes = codes
        self.organisations = organisations
    }
}

/// To which series of its indicator a figure belongs.
package enum IndicatorSeries: String, CaseIterable, Sendable {
    /// The one source's: the indicator's own.
    case authoritative
    /// Another organisation's: kept beside it.
    case secondary
    /// One reporter's part of an indicator whose parts may be added.
    case part
    /// None: it takes no part.
    case none
}

/// What one word on a figure comes to, among all that was said of its indicator and year.
package struct FigureState: Hashable, Sendable {
    /// Whether the word takes part, and if not, why.
    package var disposition: Disposition
    /// The series that the figure belongs to; none where the word takes no part.
    package var series: IndicatorSeries
    /// Which word of its reporter on this cell it is, from 1, in the reporter's order; 0 where it takes no part.
    package var vintage: Int
    /// Whether it is the reporter's last word on this cell.
    package var isLatest: Bool
    /// What may be shown: the figure, or nil and a flag that says why.
    package var value: Figure?
    /// What the figure that may be shown is, or why none may.
    package var flag: ValueFlag

    /// A word on a figure of which there are too many already: it takes no part, and nothing of it is shown.
    package static let tooMany = FigureState(
        disposition: .tooMany, series: .none, vintage: 0, isLatest: false, value: nil, flag: .unknown)
}

/// What each word on the figures of one indicator and the periods of one year comes to.
///
/// Depends on the words alone, not on their order of arrival. Every vintage stays. What may be shown is decided over all
/// of them: a cell that was suppressed once stays so, a later word that differs from one that is shown by a
/// small count isn't shown, and a second cell goes, in every vintage, where the whole would give the first back. Forms of
/// exploitation that are part of another are parts of that one, and halves, quarters and months parts of the period around them.
///
/// - Parameter facts: All `indicator.observed` records of one indicator and of the periods within a calendar year, or of one
///   period of several years; in any order.
/// - Returns: In the order given.
/// - Source: domain notes, sections 11 and 12.
package func figureStates(of facts: [Fact], plan: IndicatorPlan, settings: RuleSettings) -> [FigureState] {
    var states: [FigureState] = []
    states.reserveCapacity(facts.count)
    for fact in facts {
        guard case .observation(let observation) = fact.record.content else {
            preconditionFailure("a record about an indicator is an observation")
        }
        let disposition = plan.disposition(of: observation, fact.record)
        states.append(
            FigureState(
                disposition: disposition, series: plan.series(of: observation, fact.record.reporter, disposition),
                vintage: 0, isLatest: false, value: observation.value, flag: observation.flag))
    }
    let order = facts.indices.sorted { facts[$0].key < facts[$1].key }
    var byReporter: [OrganisationID: [Int]] = [:]
    for index in order where states[index].series != .none {
        byReporter[facts[index].record.reporter, default: []].append(index)
    }
    for indices in byReporter.values {
        var desk = DisclosureDesk(countMin: settings.countMin, forms: plan.forms)
        var place = 0
        while place < indices.count {
            // The words of one day and order are one statement, and judged together.
            let key = facts[indices[place]].key
            let first = place
            while place < indices.count, facts[indices[place]].key.asOf == key.asOf,
                facts[indices[place]].key.order == key.order
            { place += 1 }
            desk.take(indices[first..<place], facts, &states)
        }
        desk.finish(&states)
    }
    return states
}

extension IndicatorPlan {
    /// Whether and why not a figure takes part.
    fileprivate func disposition(of observation: Observation, _ record: CanonicalRecord) -> Disposition {
        guard let indicator = indicators[observation.indicator] else { return .noRole }
        switch organisations.existence(of: record.reporter, on: record.asOf) {
        case .ceased: return .ceasedBody
        case .unknown: return .noRole
        case .exists: break
        }
        guard observation.unit == indicator.unit else { return .unitMismatch }
        if let breakdown = observation.breakdown {
            if indicator.isAboutMinors, breakdown.dimension != .form { return .breakdownNotAllowed }
            guard knows(breakdown, in: observation.period) else { return .unknownBreakdown }
        }
        return indicator.source == nil || indicator.source == record.reporter ? .effective : .secondarySeries
    }

    fileprivate func series(
        of observation: Observation, _ reporter: OrganisationID, _ disposition: Disposition
    ) -> IndicatorSeries {
        switch disposition {
        case .effective: indicators[observation.indicator]?.source == nil ? .part : .authoritative
        case .secondarySeries: .secondary
        default: .none
        }
    }

    private func knows(_ breakdown: Breakdown, in period: Period) -> Bool {
        switch breakdown.dimension {
        case .form: forms[ExploitationFormID(unchecked: breakdown.category)]?.isValid(in: period) ?? false
        case .organisation:
            organisations.exists(
                OrganisationID(unchecked: breakdown.category), from: period.first, through: period.last)
        case .sex, .age, .region, .nationality, .term: codes[breakdown]?.isValid(in: period) ?? false
        }
    }
}
