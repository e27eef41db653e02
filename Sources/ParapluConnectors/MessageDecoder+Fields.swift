internal import JSON
internal import ParapluModel

extension MessageDecoder {
    /// The value of a field; a required one that is absent is noted.
    func evaluate(_ field: ConnectorPlan.Field) -> FieldValue {
        let value = evaluate(field.operand)
        if case .absent = value, field.isRequired {
            if field.isInDocument { note(.missingField, at: field.path) } else { note(.missingField, "/" + field.path) }
        }
        return value
    }

    /// The value of an operator.
    private func evaluate(_ operand: Int) -> FieldValue {
        switch connector.plan.operands[operand] {
        case .slot(let slot, let conversion):
            guard isPresent(slot), let node = slots[slot] else { return .absent }
            return convert(node, conversion, shape: connector.plan.slots[slot].shape)
        case .attribute(let attribute, let conversion):
            guard let text = attributes[attribute.index] else { return .absent }
            return convert(text, conversion) { code, expected in
                self.note(
                    code, (self.documentPath.isEmpty ? "header/ce_" : "/") + attribute.rawValue, expected: expected)
            }
        case .constant(let constant):
            return switch constant {
            case .text(let index): .constantText(index)
            case .code(let code): .code(code)
            case .codeSet(let set): .codeSet(set)
            case .date(let date): .date(date)
            case .moment(let moment): .moment(moment)
            case .integer(let number): .integer(number)
            }
        case .firstOf(let range):
            for index in range {
                let value = evaluate(connector.plan.operandLists[index])
                if case .absent = value { continue }
                return value
            }
            return .absent
        case .when(let condition, let then, let otherwise):
            return evaluate(holds(condition) ? then : otherwise)
        case .nothing:
            return .absent
        }
    }

    private func convert(_ node: JSONNode, _ conversion: ConnectorPlan.Conversion, shape: Int) -> FieldValue {
        func refuse(_ code: RejectionCode, _ expected: String?) {
            note(code, at: connector.plan.shapes[shape].path, expected: expected)
        }
        switch conversion {
        case .number(let range), .figure(let range):
            guard let raw = node.rawNumber else {
                // An unknown figure is often sent as null: the flag says why there is none.
                if node.isNull, case .figure = conversion { return .absent }
                refuse(.type, "a number")
                return .failed
            }
            var value = number(raw, whole: node.int64, range, refuse)
            if case .figure = conversion { value = thousandths(value, range, refuse) }
            if case .failed = value, PrivacyScanner.pattern(in: raw) != nil { refuse(.personalData, nil) }
            return value
        case .codes, .textCodes, .codeSet:
            if node.kind == .array, case .codeSet(let list, nil) = conversion {
                return codeSet(node, list: list, refuse)
            }
            // A publisher's codes may be numbers; they are compared as they are written.
            if let raw = node.rawNumber { return convert(raw, conversion, refuse) }
        case .date(.compact):
            if let raw = node.rawNumber { return convert(raw, conversion, refuse) }
        case .identifier, .shape, .text, .date, .moment, .reporter:
            break
        }
        guard let text = node.utf8 else {
            refuse(.type, isList(conversion) ? "an array of strings" : "a string")
            return .failed
        }
        return convert(text, conversion, refuse)
    }

    private func isList(_ conversion: ConnectorPlan.Conversion) -> Bool {
        if case .codeSet(_, nil) = conversion { return true }
        return false
    }

    /// A value out of text: a string of the document, or an attribute.
    private func convert(
        _ text: UnsafeRawBufferPointer, _ conversion: ConnectorPlan.Conversion,
        _ refuse: (RejectionCode, String?) -> Void
    ) -> FieldValue {
        switch conversion {
        case .identifier:
            if isIdentifier(utf8: text) { return .text(text) }
            refuse(.invalidValue, "an identifier: 1 to 64 of a-z A-Z 0-9 . _ : / -")
        case .shape(let shape):
            if shape.matches(text) { return .checked }
            refuse(.invalidValue, "the form of \(shape.rawValue)")
        case .text(let lengthMax):
            if text.count <= lengthMax { return .checked }
            refuse(.invalidValue, "at most \(lengthMax) bytes")
        case .codes(let list):
            if let value = connector.plan.codeTables[list].value(of: text) { return .code(value) }
            refuse(.unknownCode, connector.plan.codeTables[list].expected)
        case .textCodes(let list):
            if let value = connector.plan.codeTables[list].value(of: text) { return .constantText(value) }
            refuse(.unknownCode, connector.plan.codeTables[list].expected)
        case .codeSet(let list, let separator):
            return codeSet(text, list: list, separator: separator, refuse)
        case .date(let form):
            guard let date = form.date(text) else {
                refuse(.invalidDate, form == .iso ? "yyyy-mm-dd" : form.rawValue)
                return .failed
            }
            if CalendarDate.accepted.contains(date) { return .date(date) }
            refuse(.range, "\(CalendarDate.accepted.lowerBound) to \(CalendarDate.accepted.upperBound)")
        case .moment:
            if let moment = Timestamp(rfc3339: text) { return .moment(moment) }
            refuse(.invalidDate, "RFC 3339 with an offset")
        case .number(let range):
            return number(text, whole: nil, range, refuse)
        case .figure(let range):
            return thousandths(number(text, whole: nil, range, refuse), range, refuse)
        case .reporter:
            if text.elementsEqual(connector.owner.rawValue.utf8) || text.elementsEqual(connector.ownerOIN.rawValue.utf8)
            {
                return .checked
            }
            refuse(.authority, "the owner of the topic")
        }
        return .failed
    }

    private func number(
        _ text: UnsafeRawBufferPointer, whole: Int64?, _ range: NumberRange, _ refuse: (RejectionCode, String?) -> Void
    ) -> FieldValue {
        let value: Int64
        if let whole, range.decimals == 0 {
            value = whole
        } else {
            do throws(ExactNumber.Failure) {
                value = try ExactNumber.scaled(text, decimals: range.decimals)
            } catch {
                switch error {
                case .overflow: refuse(.range, describe(range))
                case .fraction:
                    refuse(.type, range.decimals == 0 ? "a whole number" : "at most \(range.decimals) decimals")
                case .malformed: refuse(.type, "a number")
                }
                return .failed
            }
        }
        if let min = range.scaledMin, value < min {
            refuse(.range, describe(range))
            return .failed
        }
        if let max = range.scaledMax, value > max {
            refuse(.range, describe(range))
            return .failed
        }
        return .integer(value)
    }

    /// A number of some decimals in thousandths.
    private func thousandths(
        _ value: FieldValue, _ range: NumberRange, _ refuse: (RejectionCode, String?) -> Void
    ) -> FieldValue {
        guard case .integer(var number) = value else { return value }
        for _ in range.decimals..<Figure.decimals {
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            guard !overflow else {
                refuse(.range, "a smaller number")
                return .failed
            }
            number = product
        }
        return .integer(number)
    }

    private func describe(_ range: NumberRange) -> String {
        let unit = range.unit.isEmpty ? "" : " " + range.unit
        return
            "\(range.min.map(String.init) ?? String(Int64.min)) to \(range.max.map(String.init) ?? String(Int64.max))"
            + unit
    }

    private func codeSet(_ array: JSONNode, list: Int, _ refuse: (RejectionCode, String?) -> Void) -> FieldValue {
        var set: UInt32 = 0
        var isGood = true
        for element in array.elements {
            guard let text = element.utf8 ?? element.rawNumber else {
                refuse(.type, "an array of strings")
                isGood = false
                continue
            }
            add(text, list: list, to: &set, &isGood, refuse)
        }
        return isGood ? .codeSet(set) : .failed
    }

    private func codeSet(
        _ text: UnsafeRawBufferPointer, list: Int, separator: UInt8?, _ refuse: (RejectionCode, String?) -> Void
    ) -> FieldValue {
        var set: UInt32 = 0
        var isGood = true
        guard let separator else {
            refuse(.type, "an array of strings")
            return .failed
        }
        var start = 0
        for end in 0...text.count where end == text.count || text[end] == separator {
            var (first, last) = (start, end)
            while first < last, text[first] == UInt8(ascii: " ") { first += 1 }
            while last > first, text[last - 1] == UInt8(ascii: " ") { last -= 1 }
            start = end + 1
            if first == last, text.isEmpty { continue }
            add(UnsafeRawBufferPointer(rebasing: text[first..<last]), list: list, to: &set, &isGood, refuse)
        }
        return isGood ? .codeSet(set) : .failed
    }

    private func add(
        _ text: UnsafeRawBufferPointer, list: Int, to set: inout UInt32, _ isGood: inout Bool,
        _ refuse: (RejectionCode, String?) -> Void
    ) {
        if let code = connector.plan.codeTables[list].value(of: text) {
            set |= 1 << UInt32(code)
        } else {
            refuse(.unknownCode, connector.plan.codeTables[list].expected)
            isGood = false
        }
    }

    /// The reasons of a set, in the order of the code list, so that the order of the message makes no difference.
    func reasons(_ set: UInt32) -> [ReasonCode] {
        guard set != 0 else { return [] }
        if let known = reasonsBySet[set] { return known }
        let reasons = ReasonCode.allCases.enumerated().filter { set & (1 << UInt32($0.offset)) != 0 }.map(\.element)
        reasonsBySet[set] = reasons
        return reasons
    }
}
