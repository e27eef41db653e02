/// An indicator (indicator) as the plan has it: what is counted, by whom with authority, and how it may be read.
package struct Indicator: Hashable, Sendable {
    /// Its identifier, unique among the plan's indicators.
    package var id: IndicatorID
    /// Its name in Dutch, never empty.
    package var nameNL: String
    /// Its name in English, never empty.
    package var nameEN: String
    /// What its figures count, or that they are percentages.
    package var unit: IndicatorUnit
    /// Which of its figures may be added, if any.
    package var aggregation: IndicatorAggregation
    /// Which way it is to move, if it has a direction at all.
    package var direction: IndicatorDirection
    /// The one organisation whose figures are the indicator's; nil where every reporter has its own part.
    ///
    /// What others say is kept beside it, as a secondary series.
    package var source: OrganisationID?
    /// Whether it is about minors: national totals only, by form of exploitation.
    package var isAboutMinors: Bool
    /// What must be shown wherever the figure is shown; empty where nothing must.
    package var note: String
    /// What it is to be, at most one target for each period; empty where none was set.
    package var targets: [IndicatorTarget]
    /// Whether it stands in a public source or was made for demonstration.
    package var provenance: Provenance

    package init(
        id: IndicatorID, nameNL: String, nameEN: String, unit: IndicatorUnit, aggregation: IndicatorAggregation,
        direction: IndicatorDirection, source: OrganisationID? = nil, isAboutMinors: Bool = false,
        note: String = "", targets: [IndicatorTarget] = [], provenance: Provenance
    ) {
        self.id = id
        self.nameNL = nameNL
        self.nameEN = nameEN
        self.unit = unit
        self.aggregation = aggregation
        self.direction = direction
        self.source = source
        self.isAboutMinors = isAboutMinors
        self.note = note
        self.targets = targets
        self.provenance = provenance
    }
}

/// What an indicator is to be in a period (streefwaarde).
package struct IndicatorTarget: Hashable, Sendable {
    /// The period that the target is for.
    package var period: Period
    /// The figure that is aimed at, in the indicator's unit; whole where that unit is counted.
    package var value: Figure
    /// Whether it stands in a public source or was made for demonstration.
    package var provenance: Provenance

    package init(period: Period, value: Figure, provenance: Provenance) {
        self.period = period
        self.value = value
        self.provenance = provenance
    }
}

/// A form of exploitation (uitbuitingsvorm): an entry of an open, dated, hierarchical code list.
package struct ExploitationForm: Hashable, Sendable {
    /// Its identifier, unique in the plan: the category of a figure that is broken down by form.
    package var id: ExploitationFormID
    /// Its short code, unique in the plan, such as `ARB`.
    package var code: String
    /// Its name in Dutch, never empty.
    package var nameNL: String
    /// Its name in English, never empty.
    package var nameEN: String
    /// The form of which it is a kind; nil at the top of the list.
    package var parent: ExploitationFormID?
    /// The first day on which the form is in use; nil where it always was.
    package var validFrom: CalendarDate?
    /// The day from which it is no longer in use; nil where it still is.
    package var validUntil: CalendarDate?
    /// Whether it is in use at all: three forms wait for their act.
    package var isInForce: Bool
    /// Whether it stands in a public source or was made for demonstration.
    package var provenance: Provenance

    package init(
        id: ExploitationFormID, code: String, nameNL: String, nameEN: String, parent: ExploitationFormID? = nil,
        validFrom: CalendarDate? = nil, validUntil: CalendarDate? = nil, isInForce: Bool = true,
        provenance: Provenance
    ) {
        self.id = id
        self.code = code
        self.nameNL = nameNL
        self.nameEN = nameEN
        self.parent = parent
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.isInForce = isInForce
        self.provenance = provenance
    }

    /// Whether the form is in use on some day of a period.
    package func isValid(in period: Period) -> Bool {
        isInForce && (validFrom.map { $0 <= period.last } ?? true) && (validUntil.map { period.first < $0 } ?? true)
    }
}

/// A code of a dimension by which figures are broken down, with the days between which it is in use.
///
/// Forms of exploitation and organisations have lists of their own.
package struct BreakdownCode: Hashable, Sendable {
    /// The dimension and the code itself, unique together; the dimension is neither form nor organisation.
    package var breakdown: Breakdown
    /// What the code stands for, in Dutch.
    package var nameNL: String
    /// What the code stands for, in English.
    package var nameEN: String
    /// The first day on which the code is in use; nil where it always was.
    package var validFrom: CalendarDate?
    /// The day from which it is no longer in use; nil where it still is.
    package var validUntil: CalendarDate?
    /// Whether it stands in a public source or was made for demonstration.
    package var provenance: Provenance

    package init(
        breakdown: Breakdown, nameNL: String, nameEN: String, validFrom: CalendarDate? = nil,
        validUntil: CalendarDate? = nil, provenance: Provenance
    ) {
        self.breakdown = breakdown
        self.nameNL = nameNL
        self.nameEN = nameEN
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.provenance = provenance
    }

    /// Whether the code is in use on some day of a period.
    package func isValid(in period: Period) -> Bool {
        (validFrom.map { $0 <= period.last } ?? true) && (validUntil.map { period.first < $0 } ?? true)
    }
}

/// What an indicator counts.
///
/// Source: the programme's reference plan.
package enum IndicatorUnit: String, CaseIterable, Sendable {
    case persons, reports, suspects, investigations, percent, regions
    /// People in a function, such as care coordinators: their number says nothing of anybody's case.
    case personsInRole = "persons_in_role"

    /// Whether a small number of it points at people, and is therefore suppressed.
    package var isDisclosive: Bool {
        switch self {
        case .persons, .reports, .suspects, .investigations: true
        case .percent, .regions, .personsInRole: false
        }
    }

    /// Whether it is a count: a whole number.
    package var isCount: Bool { self != .percent }
}

/// Which figures of an indicator may be added.
package enum IndicatorAggregation: String, CaseIterable, Sendable {
    case doNotSum = "do_not_sum_across_reporters"
    case reportsNotPersons = "reports_not_persons"
    case singleSource = "single_source"
    case estimateRange = "estimate_range"
    case sumAcrossReporters = "sum_across_reporters"
}

/// Which way an indicator is to move; counts of victims have none, and colour nothing.
package enum IndicatorDirection: String, CaseIterable, Sendable {
    case none = "no_target_direction"
    case higher = "higher_is_on_target"
    case lower = "lower_is_on_target"
}
