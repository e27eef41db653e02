/// What a definition can do to a value, each with what it means: the one list that the reader's accepted names, the
/// reference page and the matrix of feeds are made of.
///
/// Raw values are how a definition writes them, such as `date: dd-mm-yyyy`.
package enum ConnectorOperator: String, CaseIterable, Sendable {
    // Operands: where a value comes from.
    case path, attribute, key, constant
    case firstOf = "first_of"
    case when, join
    case part
    // Conversions: what becomes of it.
    case identifier
    case codes
    case codesSplit = "codes, split"
    case codesIgnoreCase = "codes, ignore_case"
    case codesDays = "codes, from and until"
    case dateISO = "date: iso"
    case dateDayFirst = "date: dd-mm-yyyy"
    case dateCompact = "date: yyyymmdd"
    case dateShort = "date: d-m-yyyy"
    case dateSlashes = "date: dd/mm/yyyy"
    case dateWords = "date: d mmmm yyyy"
    case dateMoment = "date: rfc3339"
    case momentRFC3339 = "moment: rfc3339"
    case momentISO = "moment: iso-local"
    case momentDayFirst = "moment: dd-mm-yyyy hh:mm"
    case momentEpoch = "moment: epoch-milliseconds"
    case number = "number"
    case numberPlain = "number, style: plain"
    case numberDutch = "number, style: dutch"
    case numberSuffix = "number, suffix"
    case numberTimes = "number, times"
    case text
    case shape
    case organisation
    // Records: which values belong together.
    case each
    case recordWhen = "when, of a record"
    case tombstone = "on: tombstone"
    case checks
    case ignore

    /// A part of a definition that operators belong to; its raw value is a heading of the reference page.
    package enum Group: String, CaseIterable, Sendable {
        case operand = "Operands"
        case conversion = "Conversions"
        case record = "Records"
    }

    /// The heading under which the reference page has the operator.
    package var group: Group {
        switch self {
        case .path, .attribute, .key, .constant, .firstOf, .when, .join, .part: .operand
        case .each, .recordWhen, .tombstone, .checks, .ignore: .record
        case .identifier, .codes, .codesSplit, .codesIgnoreCase, .codesDays, .dateISO, .dateDayFirst, .dateCompact,
            .dateShort, .dateSlashes, .dateWords, .dateMoment, .momentRFC3339, .momentISO, .momentDayFirst,
            .momentEpoch,
            .number, .numberPlain, .numberDutch, .numberSuffix, .numberTimes, .text, .shape, .organisation:
            .conversion
        }
    }

    /// The names of operands, of which an operator has exactly one.
    static let operandKeys = [path, attribute, key, constant, firstOf, when, join].map(\.rawValue)
    /// The names of conversions, of which a value has at most one.
    static let conversionKeys = ["codes", "date", "moment", "number", "text", "shape", "organisation"]

    /// The operator of a form of dates, of moments, or of a style of numbers.
    init(_ form: DateForm) {
        self =
            switch form {
            case .iso: .dateISO
            case .dayFirst: .dateDayFirst
            case .compact: .dateCompact
            case .shortDayFirst: .dateShort
            case .slashes: .dateSlashes
            case .words: .dateWords
            case .moment: .dateMoment
            }
    }

    init(_ form: MomentForm) {
        self =
            switch form {
            case .rfc3339: .momentRFC3339
            case .iso: .momentISO
            case .dayFirst: .momentDayFirst
            case .epoch: .momentEpoch
            }
    }

    init(_ style: NumberForm.Style) {
        self =
            switch style {
            case .json: .number
            case .plain: .numberPlain
            case .dutch: .numberDutch
            }
    }
}
