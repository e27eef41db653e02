internal import JSON
internal import ParapluModel

extension MessageDecoder {
    /// The value of a field; a required one that is absent is noted.
    func evaluate(_ field: ConnectorPlan.Field) -> FieldValue {
        let value = evaluate(field.operand)
        if case .absent = value, field.isRequired {
            let path = plan.path(of: field)
            if field.isInDocument {
                note(.missingField, at: path)
            } else {
                note(.missingField, outside(path))
            }
        }
        return value
    }

    /// Where an attribute, or the key, stands in the message at hand.
    private func outside(_ name: String) -> String {
        name.isEmpty || name == "key" ? name : (documentPath.isEmpty ? "header/ce_" : "/") + name
    }

    /// The value of an operator.
    private func evaluate(_ operand: Int) -> FieldValue {
        switch plan.operands[operand] {
        case .slot(let slot, nil, let conversion):
            guard let node = read(slot) else { return .absent }
            return convert(node, conversion, shape: plan.slots[slot].shape)
        case .slot(let slot, let part?, let conversion):
            guard let node = read(slot) else { return .absent }
            let path = plan.path(ofSlot: slot)
            guard let text = node.utf8 else {
                note(.type, at: path, expected: "a string")
                return .failed
            }
            return convert(text, part, conversion) { self.note($0, at: path, expected: $1) }
        case .attribute(let attribute, let part, let conversion):
            guard let text = attributes[attribute.index] else { return .absent }
            return convert(text, part, conversion) { code, expected in
                self.note(code, self.outside(attribute.rawValue), expected: expected)
            }
        case .key(let part, let conversion):
            guard let key, !key.isEmpty else { return .absent }
            return convert(key, part, conversion) { self.note($0, "key", expected: $1) }
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
                let value = evaluate(plan.operandLists[index])
                if case .absent = value { continue }
                return value
            }
            return .absent
        case .when(let condition, let then, let otherwise):
            return evaluate(holds(condition) ? then : otherwise)
        case .join(let number):
            return join(plan.joins[number])
        case .nothing:
            return .absent
        }
    }

    /// What pieces make together: all of them, or where none is there nothing.
    private func join(_ join: ConnectorPlan.Join) -> FieldValue {
        func refuse(_ code: RejectionCode, _ expected: String?) {
            note(code, join.isInDocument ? path(join.path) : outside(join.path), expected: expected)
        }
        var joined: [UInt8] = []
        var missing: Int?
        // Constants are always there, so they say nothing about whether the value is.
        var hasValue = false
        for (number, index) in join.pieces.enumerated() {
            let piece = plan.operandLists[index]
            let value = evaluate(piece)
            if case .failed = value { return .failed }
            guard let text = value.text(plan.texts) else {
                missing = missing ?? piece
                continue
            }
            if case .constant = plan.operands[piece] {} else { hasValue = true }
            if number > 0 { joined += join.separator }
            joined += text.utf8
        }
        guard hasValue else { return .absent }
        if let missing {
            let expected = "all \(join.pieces.count) parts"
            if case .slot(let slot, _, _) = plan.operands[missing] {
                note(.missingField, at: plan.path(ofSlot: slot), expected: expected)
            } else {
                refuse(.missingField, expected)
            }
            return .failed
        }
        return joined.withUnsafeBytes { bytes in
            let value = convert(bytes, join.conversion, refuse)
            // The bytes end here.
            if case .text(let text) = value { return .made(String(decoding: text, as: UTF8.self)) }
            return value
        }
    }

    /// A value out of one part of a text.
    private func convert(
        _ text: UnsafeRawBufferPointer, _ part: ConnectorDefinition.Part?, _ conversion: ConnectorPlan.Conversion,
        _ refuse: (RejectionCode, String?) -> Void
    ) -> FieldValue {
        guard let part else { return convert(text, conversion, refuse) }
        let parts = text.split(separator: part.separator, maxSplits: part.count, omittingEmptySubsequences: false)
        guard parts.count == part.count else {
            let separator = String(decoding: [part.separator], as: UTF8.self)
            refuse(.invalidValue, "\(part.count) parts with “\(separator)” between them")
            return .failed
        }
        return convert(UnsafeRawBufferPointer(rebasing: parts[part.number - 1]), conversion, refuse)
    }
}
