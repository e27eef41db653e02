internal import Digest
internal import JSON
internal import ParapluModel

/// A record while its fields come in.
struct RecordDraft {
    var action: String?
    var milestone: String?
    var document: String?
    var asOf: CalendarDate?
    var sequence: Int64?
    var recordedAtSource: Timestamp?
    var lifecycle: Int?
    var rating: Int?
    var status: Int?
    var reasons: UInt32 = 0
    var currentDue: CalendarDate?
    var reachedOn: CalendarDate?
    /// A risk, or the item of a withdrawal.
    var item: String?
    var level: Int?
    var riskStatus: Int?
    var response: Int?
    var riskOwner: String?
    var withdraws: Int?
    var corrects: Int?
    var correctedAsOf: CalendarDate?
    /// The fields of a correction that have a value.
    var given: [TargetField] = []
    var indicator: String?
    var unit: Int?
    var period: String?
    var dimension: Int?
    var category: String?
    var figure: Int64?
    var flag: Int?
    var stage: Int?

    mutating func set(_ target: TargetField, _ value: FieldValue, _ texts: UnsafeBufferPointer<String>) {
        if let text = value.text(texts) {
            set(target, text)
            return
        }
        switch (target, value) {
        case (.level, .code(let code)): level = code
        case (.riskStatus, .code(let code)): riskStatus = code
        case (.response, .code(let code)): response = code
        case (.withdraws, .code(let code)): withdraws = code
        case (.corrects, .code(let code)): corrects = code
        case (.correctedAsOf, .date(let date)): correctedAsOf = date
        case (.period, .integer(let number)): period = String(number)
        case (.value, .integer(let number)): figure = number
        case (.unit, .code(let code)): unit = code
        case (.dimension, .code(let code)): dimension = code
        case (.flag, .code(let code)): flag = code
        case (.stage, .code(let code)): stage = code
        case (.asOf, .date(let date)): asOf = date
        case (.currentDue, .date(let date)): currentDue = date
        case (.reachedOn, .date(let date)): reachedOn = date
        case (.sequence, .integer(let number)): sequence = number
        case (.recordedAtSource, .moment(let moment)): recordedAtSource = moment
        case (.lifecycle, .code(let code)): lifecycle = code
        case (.rating, .code(let code)): rating = code
        case (.status, .code(let code)): status = code
        case (.reasons, .codeSet(let set)): reasons = set
        case (.reasons, .code(let code)): reasons = 1 << UInt32(code)
        default: break  // a check, or a reporter that is the owner
        }
    }

    private mutating func set(_ target: TargetField, _ text: String) {
        switch target {
        case .action: action = text
        case .milestone: milestone = text
        case .document: document = text
        case .risk, .item: item = text
        case .riskOwner: riskOwner = text
        case .indicator: indicator = text
        case .period: period = text
        case .category: category = text
        default: break  // a check
        }
    }

    /// The record; nil where a field that it needs has no value.
    func record(_ kind: RecordKind, of decoder: MessageDecoder) -> CanonicalRecord? {
        guard let asOf else { return nil }
        if kind == .indicatorObserved { return observation(asOf, of: decoder) }
        guard let action else { return nil }
        guard let content = content(kind, of: decoder) else { return nil }
        return CanonicalRecord(
            reporter: decoder.connector.owner, action: ActionID(unchecked: action), asOf: asOf, sequence: sequence,
            recordedAtSource: recordedAtSource ?? decoder.eventTime, content: content)
    }

    private func observation(_ asOf: CalendarDate, of decoder: MessageDecoder) -> CanonicalRecord? {
        guard let indicator, let unit, let stage, let period = period.flatMap({ Period($0) }) else { return nil }
        var breakdown: Breakdown?
        if let dimension, let category {
            breakdown = Breakdown(dimension: Dimension.allCases[dimension], category: category)
        }
        let value = figure.map { Figure(thousandths: $0) }
        return CanonicalRecord(
            reporter: decoder.connector.owner,
            observation: Observation(
                indicator: IndicatorID(unchecked: indicator), unit: IndicatorUnit.allCases[unit], period: period,
                breakdown: breakdown, value: value, flag: flag.map { ValueFlag.allCases[$0] } ?? .ok,
                stage: ObservationStage.allCases[stage]),
            asOf: asOf, sequence: sequence, recordedAtSource: recordedAtSource ?? decoder.eventTime)
    }

    /// What the record says; nil where a field that it needs has no value.
    private func content(_ kind: RecordKind, of decoder: MessageDecoder) -> CanonicalRecord.Content? {
        switch kind {
        case .milestoneReported:
            guard let milestone, let status else { return nil }
            return .milestone(
                MilestoneReport(
                    milestone: MilestoneID(unchecked: milestone), status: MilestoneStatus.allCases[status],
                    currentDue: currentDue, reachedOn: reachedOn, document: document))
        case .progressReported:
            guard let lifecycle, let rating else { return nil }
            return .progress(
                ProgressReport(
                    lifecycle: Lifecycle.allCases[lifecycle], rating: DeliveryRating.allCases[rating],
                    reasons: decoder.reasons(reasons), document: document))
        case .riskReported:
            guard let item, let level, let riskStatus else { return nil }
            return .risk(
                RiskReport(
                    risk: RiskID(unchecked: item), level: RiskLevel.allCases[level],
                    isOpen: RiskStatus.allCases[riskStatus] == .open,
                    response: response.map { RiskResponse.allCases[$0] },
                    owner: riskOwner.map(OrganisationID.init(unchecked:))))
        case .nothingReported: return .nothing
        case .withdrawal:
            guard let withdraws else { return nil }
            return .withdrawal(Withdrawal(kind: RecordKind.allCases[withdraws], item: item ?? ""))
        case .planPublished, .actionChanged, .organisationChanged, .indicatorObserved, .correction, .assessmentMade,
            .conflictRuled, .roundFrozen:
            return nil
        }
    }
}
