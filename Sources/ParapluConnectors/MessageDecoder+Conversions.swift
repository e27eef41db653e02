internal import JSON
internal import ParapluModel
internal import UnicodeText

extension MessageDecoder {
    /// A value out of a node of the document.
    func convert(_ node: JSONValue, _ conversion: ConnectorPlan.Conversion, shape: Int) -> FieldValue {
        func refuse(_ code: RejectionCode, _ expected: String?) {
            note(code, at: plan.path(ofShape: shape), expected: expected)
        }
        switch conversion {
        case .number(let form), .figure(let form):
            let range = plan.numbers[form]
            guard
                let raw = range.style == .dutch
                    ? node.utf8 : node.rawNumber ?? (range.style == .plain ? node.utf8 : nil)
            else {
                // An unknown figure is often sent as null: the flag says why there is none.
                if node.isNull, case .figure = conversion { return .absent }
                refuse(.type, range.style == .json ? "a number" : "a number as text")
                if containsPersonalData(node) { refuse(.personalData, nil) }
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
        case .moment(.epoch), .piece:
            if let raw = node.rawNumber { return convert(raw, conversion, refuse) }
        case .identifier, .shape, .text, .date, .moment, .reporter, .reporterCode:
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
    func convert(
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
            if isText(text, lengthMax: lengthMax) { return .checked }
            refuse(.invalidValue, "at most \(lengthMax) characters, none of them a control character")
        case .piece:
            if text.count <= 64 { return .text(text) }
            refuse(.invalidValue, "at most 64 bytes")
        case .codes(let list):
            if let value = plan.codeTables[list].value(of: text, on: recordDay) { return .code(value) }
            refuse(.unknownCode, expected(list))
        case .textCodes(let list):
            if let value = plan.codeTables[list].value(of: text, on: recordDay) {
                return .constantText(value)
            }
            refuse(.unknownCode, expected(list))
        case .reporterCode(let list):
            guard let value = plan.codeTables[list].value(of: text) else {
                refuse(.unknownCode, expected(list))
                return .failed
            }
            if plan.texts[value] == connector.owner.rawValue { return .checked }
            refuse(.authority, "the owner of the topic")
        case .codeSet(let list, let separator):
            return codeSet(text, list: list, separator: separator, refuse)
        case .date(let form):
            guard let date = form.date(text) else {
                refuse(.invalidDate, form.expected)
                return .failed
            }
            if CalendarDate.accepted.contains(date) { return .date(date) }
            refuse(.range, "\(CalendarDate.accepted.lowerBound) to \(CalendarDate.accepted.upperBound)")
        case .moment(let form):
            if let moment = form.moment(text) { return .moment(moment) }
            refuse(.invalidDate, form.expected)
        case .number(let form):
            let range = plan.numbers[form]
            return number(text, whole: nil, range, refuse)
        case .figure(let form):
            let range = plan.numbers[form]
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
        _ text: UnsafeRawBufferPointer, whole: Int64?, _ range: NumberForm, _ refuse: (RejectionCode, String?) -> Void
    ) -> FieldValue {
        let value: Int64
        if let whole, range.decimals == 0, range.exponent == 0 {
            value = whole
        } else {
            do throws(ExactNumber.Failure) {
                value = try range.value(text)
            } catch {
                switch error {
                case .overflow: refuse(.range, describe(range))
                case .fraction:
                    refuse(.type, range.decimals == 0 ? "a whole number" : "at most \(range.decimals) decimals")
                case .malformed: refuse(.type, describe(range.style))
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
        _ value: FieldValue, _ range: NumberForm, _ refuse: (RejectionCode, String?) -> Void
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

    private func describe(_ style: NumberForm.Style) -> String {
        switch style {
        case .json: "a number"
        case .plain: "a number such as 1234.5"
        case .dutch: "a number such as 1.234,5"
        }
    }

    private func describe(_ range: NumberForm) -> String {
        let unit = range.unit.isEmpty ? "" : " " + range.unit
        return
            "\(range.min.map(String.init) ?? String(Int64.min)) to \(range.max.map(String.init) ?? String(Int64.max))"
            + unit
    }

    private func codeSet(_ array: JSONValue, list: Int, _ refuse: (RejectionCode, String?) -> Void) -> FieldValue {
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
        if let code = plan.codeTables[list].value(of: text, on: recordDay) {
            set |= 1 << UInt32(code)
        } else {
            refuse(.unknownCode, expected(list))
            isGood = false
        }
    }

    /// The codes of a list that are taken; on the day of the record, where that is known.
    private func expected(_ list: Int) -> String {
        let table = plan.codeTables[list]
        return recordDay.map { table.expected(on: $0) } ?? table.expected
    }

    /// Whether a text has at most so many characters (Unicode scalars in Form C), none of them a control character.
    private func isText(_ text: UnsafeRawBufferPointer, lengthMax: Int) -> Bool {
        // A byte that is no letter of ASCII or no printing character of it is looked at closer.
        var isPlain = true
        for byte in text where byte < 0x20 || byte >= 0x7F {
            if byte < 0x20 || byte == 0x7F {
                guard byte == 0x09 || byte == 0x0A || byte == 0x0D else { return false }
            } else {
                isPlain = false
            }
        }
        if isPlain { return text.count <= lengthMax }
        guard text.count <= 4 * lengthMax, let normal = UnicodeText.nfc(text) else { return false }
        var count = 0
        for scalar in String(decoding: normal, as: UTF8.self).unicodeScalars {
            if (0x80...0x9F).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE { return false }
            count += 1
        }
        return count <= lengthMax
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
