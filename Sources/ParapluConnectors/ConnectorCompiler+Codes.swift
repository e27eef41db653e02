internal import ParapluModel

extension ConnectorCompiler {
    /// The codes that a field may be given, with their numbers.
    static func canonicalCodes(_ target: TargetField) -> [(code: String, value: Int)]? {
        func numbered<Code: RawRepresentable & CaseIterable & Equatable>(_ codes: [Code]) -> [(String, Int)]
        where Code.RawValue == String {
            codes.compactMap { code in
                Code.allCases.enumerated().first { $0.element == code }.map { (code.rawValue, $0.offset) }
            }
        }
        return switch target {
        case .lifecycle: numbered(Lifecycle.reportable)
        case .rating: numbered(DeliveryRating.allCases)
        case .reasons: numbered(ReasonCode.allCases)
        case .status: numbered(MilestoneStatus.reportable)
        case .level: numbered(RiskLevel.allCases)
        case .riskStatus: numbered(RiskStatus.allCases)
        case .response: numbered(RiskResponse.allCases)
        case .withdraws: numbered(RecordKind.withdrawable)
        case .corrects: numbered(RecordKind.correctable)
        case .unit: numbered(IndicatorUnit.allCases)
        case .dimension: numbered(Dimension.allCases)
        case .flag: numbered(ValueFlag.allCases)
        case .stage: numbered(ObservationStage.allCases)
        case .risk, .riskOwner, .item, .reporter, .action, .asOf, .sequence, .recordedAtSource, .document, .milestone,
            .currentDue,
            .reachedOn, .correctedAsOf, .indicator, .period, .category, .value, .check, .piece:
            nil
        }
    }

    /// The table of a code list, or of the field's own codes where the list is `canonical`.
    mutating func codeTable(
        _ name: String, target: TargetField, ignoresCase: Bool, _ place: ConnectorDefinition.Place
    ) -> Int {
        let canonical = ConnectorCompiler.canonicalCodes(target)
        var table = ConnectorPlan.CodeTable(name: name, ignoresCase: ignoresCase)
        if name == "canonical" {
            guard let canonical else {
                note(place, .invalidCode, "“\(target.rawValue)” has no canonical codes")
                return 0
            }
            for (code, value) in canonical { table.add(code, value: value) }
        } else {
            guard let list = definition.codeLists.first(where: { $0.name == name }) else {
                note(place, .invalidCode, "there is no code list “\(name)”", hint: "add it under code_lists")
                return 0
            }
            for entry in list.entries { add(entry, target: target, canonical, to: &table) }
        }
        return add(table)
    }

    /// The table of the section `organisations`, whatever the case of what stands in a message.
    mutating func organisationTable(_ place: ConnectorDefinition.Place) -> Int {
        guard let list = definition.organisations else {
            note(place, .missingKey, "“organisation: any” needs the section “organisations”")
            return 0
        }
        var table = ConnectorPlan.CodeTable(name: list.name, ignoresCase: true)
        for entry in list.entries { add(entry, target: .check, nil, to: &table) }
        return add(table)
    }

    private mutating func add(
        _ entry: ConnectorDefinition.CodeList.Entry, target: TargetField, _ canonical: [(code: String, value: Int)]?,
        to table: inout ConnectorPlan.CodeTable
    ) {
        let value: Int
        if let canonical {
            guard let code = canonical.first(where: { $0.code == entry.target }) else {
                note(
                    entry.place, .invalidCode,
                    "“\(entry.target)” is no code that may be reported as \(target.rawValue)",
                    hint: canonical.map(\.code).joined(separator: ", "))
                return
            }
            value = code.value
        } else {
            if target != .check, ActionID(entry.target) == nil {
                note(entry.place, .invalidCode, "“\(entry.target)” has not the shape of an identifier")
                return
            }
            value = text(entry.target)
        }
        if !table.add(entry.source, value: value, from: entry.from, until: entry.until) {
            note(
                entry.place, .invalidCode, "“\(entry.source)” stands for two codes on one day",
                hint: "give “from” and “until” days that don't overlap; mind case where it is ignored")
        }
    }

    private mutating func add(_ table: ConnectorPlan.CodeTable) -> Int {
        plan.codeTables.append(table)
        return plan.codeTables.count - 1
    }

    mutating func text(_ text: String) -> Int {
        if let index = plan.texts.firstIndex(of: text) { return index }
        plan.texts.append(text)
        return plan.texts.count - 1
    }
}
