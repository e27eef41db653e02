/// What an organisation says a figure of an indicator was in a period (waarneming).
package struct Observation: Hashable, Sendable {
    /// The indicator of which it is a figure.
    package var indicator: IndicatorID
    /// What is counted, by the reporter's word; the plan's indicator has the same, or the observation counts for nothing.
    package var unit: IndicatorUnit
    /// The span of time that the figure is about.
    package var period: Period
    /// Which part of the whole it is; nil for the whole.
    package var breakdown: Breakdown?
    /// The figure; nil exactly where the flag says that there is none.
    package var value: Figure?
    /// What the figure is, such as rounded by its source, or why there is none.
    package var flag: ValueFlag
    /// How final the figure is, by its source's word.
    package var stage: ObservationStage

    package init(
        indicator: IndicatorID, unit: IndicatorUnit, period: Period, breakdown: Breakdown? = nil, value: Figure?,
        flag: ValueFlag = .ok, stage: ObservationStage
    ) {
        self.indicator = indicator
        self.unit = unit
        self.period = period
        self.breakdown = breakdown
        self.value = value
        self.flag = flag
        self.stage = stage
    }

    /// The cell of the indicator that it is about, as text: period, dimension, category.
    package var cell: String {
        "\(period.text) \(breakdown?.dimension.rawValue ?? "") \(breakdown?.category ?? "")"
    }

    /// Whether the value is a count that points at people: more than nothing, and less than may be shown.
    package func isSmall(countMin: Int64) -> Bool {
        guard unit.isDisclosive, let value else { return false }
        return value.thousandths > 0 && value.thousandths < countMin * 1000
    }
}

/// One part of a figure: a category of a dimension.
package struct Breakdown: Hashable, Comparable, Sendable {
    /// By what the figure is broken down, such as form of exploitation or region.
    package var dimension: Dimension
    /// A code of the dimension, in the shape of an identifier: a form of exploitation, an organisation, a region.
    package var category: String

    package init(dimension: Dimension, category: String) {
        self.dimension = dimension
        self.category = category
    }

    /// Whether the left breakdown comes first: by the dimension's Dutch name, then by category.
    package static func < (left: Breakdown, right: Breakdown) -> Bool {
        (left.dimension.rawValue, left.category) < (right.dimension.rawValue, right.category)
    }
}

/// By what a figure is broken down.
///
/// Ours; a closed list, so that no cell can be about less than these.
package enum Dimension: String, CaseIterable, Sendable {
    /// A form of exploitation of the plan.
    case form = "uitbuitingsvorm"
    /// An organisation of the plan, such as the type of reporter.
    case organisation = "organisatie"
    case sex = "geslacht"
    case age = "leeftijd"
    case region = "regio"
    case nationality = "nationaliteit"
    /// A term, such as within two years.
    case term = "termijn"
}

/// What a figure is, or why there is none.
///
/// Source: the programme's reference plan, code list `value_flag`; the stage says what P and PP say there.
package enum ValueFlag: String, CaseIterable, Sendable {
    case ok = "OK"
    /// Unknown, not reliable enough, or secret.
    case unknown = "X"
    /// Suppressed: a small count.
    case suppressed = "S1"
    /// Suppressed: it would give a small count away.
    case suppressedSecondary = "S2"
    /// Rounded to a multiple of five by its source.
    case rounded = "R"
    /// It can't occur.
    case notApplicable = "NA"

    /// Whether a figure stands beside it.
    package var hasValue: Bool { self == .ok || self == .rounded }
    /// Whether something is kept from the reader.
    package var isSuppressed: Bool { self == .suppressed || self == .suppressedSecondary }
}

/// How final a figure is, by its source's word.
package enum ObservationStage: String, CaseIterable, Sendable {
    case provisional, revised, definitive, restated
}
