internal import ParapluModel

extension ConnectorCompiler {
    mutating func compile(
        _ conversion: ConnectorDefinition.Conversion, target: TargetField, _ place: ConnectorDefinition.Place
    ) -> ConnectorPlan.Conversion {
        let compiled: ConnectorPlan.Conversion
        switch conversion {
        case .identifier: compiled = target == .reporter ? .reporter : .identifier
        case .shape(let shape): compiled = target == .reporter ? .reporter : .shape(shape)
        case .text(let lengthMax): compiled = .text(lengthMax: lengthMax)
        case .piece: compiled = .piece
        case .organisation:
            let table = organisationTable(place)
            compiled = target == .reporter ? .reporterCode(list: table) : .textCodes(list: table)
        case .codes(let list, let separator, let ignoresCase):
            let table = codeTable(list, target: target, ignoresCase: ignoresCase, place)
            switch target {
            case .reasons: compiled = .codeSet(list: table, separator: separator)
            // Codes of a check are looked up and not kept, so that it may have several of any list.
            case .check where separator != nil: compiled = .codeSet(list: table, separator: separator)
            case .action, .milestone, .document, .risk, .riskOwner, .item, .indicator, .period, .category, .check:
                compiled = .textCodes(list: table)
            default: compiled = .codes(list: table)
            }
            if separator != nil, target != .reasons, target != .check {
                note(place, .invalidOperator, "“split” without “part” fits a field with several codes: reasons")
            }
        case .date(let form): compiled = .date(form)
        case .moment(let form): compiled = .moment(form)
        case .number(let form):
            plan.numbers.append(target == .value ? figureRange(form, place) : form)
            compiled = target == .value ? .figure(plan.numbers.count - 1) : .number(plan.numbers.count - 1)
        }
        if !fits(conversion, target) {
            note(
                place, .invalidOperator, "the operator does not fit “\(target.rawValue)”",
                hint: ConnectorCompiler.hint(target))
        }
        return compiled
    }

    /// The range of a figure: never below none, with at most three decimals.
    mutating func figureRange(_ range: NumberForm, _ place: ConnectorDefinition.Place) -> NumberForm {
        var range = range
        range.min = max(range.min ?? 0, 0)
        if range.decimals > Figure.decimals {
            note(place, .invalidOperator, "a figure has at most \(Figure.decimals) decimals")
        }
        return range
    }

    func fits(_ conversion: ConnectorDefinition.Conversion, _ target: TargetField) -> Bool {
        switch target {
        case .check: return conversion != .piece
        case .piece: return conversion == .piece
        case .category where conversion == .organisation, .riskOwner where conversion == .organisation: return true
        case .action, .milestone, .document, .risk, .riskOwner, .item, .indicator, .category:
            if case .codes = conversion { return true }
            return conversion == .identifier
        case .period:
            switch conversion {
            case .identifier, .codes: return true
            case .number(let range): return range.decimals == 0
            case .shape, .text, .date, .moment, .organisation, .piece: return false
            }
        case .value:
            if case .number = conversion { return true }
        case .reporter:
            return [.identifier, .shape(.oin), .organisation].contains(conversion)
        case .asOf, .currentDue, .reachedOn, .correctedAsOf:
            if case .date = conversion { return true }
        case .recordedAtSource:
            if case .moment = conversion { return true }
        case .sequence:
            if case .number(let range) = conversion { return range.decimals == 0 }
        case .lifecycle, .rating, .reasons, .status, .level, .riskStatus, .response, .withdraws, .corrects, .unit,
            .dimension, .flag, .stage:
            if case .codes = conversion { return true }
        }
        return false
    }

    static func hint(_ target: TargetField) -> String {
        switch target {
        case .check, .piece: ""
        case .riskOwner: "an identifier, “codes” with a list, or “organisation: any”"
        case .action, .milestone, .document, .risk, .item, .indicator, .category:
            "an identifier, or “codes” with a list"
        case .period: "an identifier such as 2023-H1, “codes” with a list, or “number” without decimals"
        case .value: "“number”"
        case .reporter: "an identifier, “shape: oin” or “organisation: any”"
        case .asOf, .currentDue, .reachedOn, .correctedAsOf:
            "“date” with one of " + DateForm.allCases.map(\.rawValue).joined(separator: ", ")
        case .recordedAtSource: "“moment” with one of " + MomentForm.names.joined(separator: ", ")
        case .sequence: "“number” without decimals"
        case .lifecycle, .rating, .reasons, .status, .level, .riskStatus, .response, .withdraws, .corrects, .unit,
            .dimension, .flag, .stage:
            "“codes” with a list, or “codes: canonical”"
        }
    }

    mutating func constant(
        _ text: String, target: TargetField, _ place: ConnectorDefinition.Place
    ) -> ConnectorPlan.Constant? {
        let constant: ConnectorPlan.Constant?
        switch target {
        case .action, .milestone, .document, .risk, .riskOwner, .item, .indicator, .category:
            constant = ActionID(text) == nil ? nil : .text(self.text(text))
        case .asOf, .currentDue, .reachedOn, .correctedAsOf: constant = CalendarDate(text).map { .date($0) }
        case .sequence: constant = Int64(text).map { .integer($0) }
        case .recordedAtSource: constant = Timestamp(rfc3339: text.utf8).map { .moment($0) }
        case .period: constant = Period(text) == nil ? nil : .text(self.text(text))
        case .lifecycle, .rating, .status, .level, .riskStatus, .response, .withdraws, .corrects, .unit, .dimension,
            .flag,
            .stage:
            constant = ConnectorCompiler.canonicalCodes(target)?.first { $0.code == text }.map { .code($0.value) }
        case .reasons:
            constant = ConnectorCompiler.canonicalCodes(target)?.first { $0.code == text }.map {
                .codeSet(1 << UInt32($0.value))
            }
        case .piece: constant = text.utf8.count <= 64 ? .text(self.text(text)) : nil
        case .reporter, .value, .check: constant = nil
        }
        if constant == nil { note(place, .invalidValue, "“\(text)” cannot be the value of “\(target.rawValue)”") }
        return constant
    }
}
