internal import JSON
internal import ParapluModel

/// Values, operators and results in words, for an explanation.
extension MessageDecoder {
    /// What stands for a value in which the privacy scan finds something.
    static let mask = "▒▒▒ (personal data)"
    /// The most characters of a value that are shown.
    private static let shownMax = 120

    /// A text, masked where the scan finds something, without what could play with a terminal.
    func shown(_ text: UnsafeRawBufferPointer) -> String {
        if PrivacyScanner.pattern(in: text) != nil { return MessageDecoder.mask }
        let characters = String(decoding: text, as: UTF8.self).map { character in
            character.unicodeScalars.contains { $0.properties.generalCategory == .control } ? "?" : character
        }
        return characters.count <= MessageDecoder.shownMax
            ? String(characters) : String(characters.prefix(MessageDecoder.shownMax)) + "…"
    }

    /// The headers by name, in order.
    func headerFacts(_ headers: UnsafeRawBufferPointer) -> [MessageExplanation.Fact] {
        var facts: [MessageExplanation.Fact] = []
        var frames = HeaderFrames(headers)
        while let (name, value) = frames.next() {
            facts.append(.init(name: shown(name), value: value.map { shown($0) } ?? "no value"))
        }
        return facts
    }

    /// The value in a slot as JSON, or “absent”.
    func raw(_ slot: Int) -> String {
        guard isPresent(slot), let node = slots[slot] else { return "absent" }
        if let text = node.utf8, isExcused(text, slot) {
            return "\"\(String(decoding: text, as: UTF8.self))\""
        }
        let text = masked(node).bytes
        return text.withUnsafeBytes { bytes in
            let all = String(decoding: bytes, as: UTF8.self)
            return all.count <= MessageDecoder.shownMax ? all : all.prefix(MessageDecoder.shownMax) + "…"
        }
    }

    /// Whether a text that looks like personal data is known to be something else here, as an OIN is.
    private func isExcused(_ text: UnsafeRawBufferPointer, _ slot: Int) -> Bool {
        switch plan.slots[slot].scan {
        case .always: false
        case .unlessShape(let shape): shape.matches(text)
        case .unlessCode(let list): plan.codeTables[list].value(of: text) != nil
        }
    }

    func raw(_ subject: ConnectorPlan.Condition.Subject) -> String {
        switch subject {
        case .slot(let slot): raw(slot)
        case .attribute(let attribute): attributes[attribute.index].map { shown($0) } ?? "absent"
        }
    }

    func describe(_ subject: ConnectorPlan.Condition.Subject) -> String {
        switch subject {
        case .slot(let slot): plan.path(ofSlot: slot)
        case .attribute(let attribute): "attribute \(attribute.rawValue)"
        }
    }

    /// A value with all that is in it, masked where the scan finds something.
    func masked(_ node: JSONValue) -> JSONTree {
        switch node.kind {
        case .object:
            return .object(
                node.members.map { member in
                    let isFound = PrivacyScanner.pattern(in: member.name) != nil
                    return .init(
                        isFound ? MessageDecoder.mask : String(decoding: member.name, as: UTF8.self),
                        masked(member.value))
                })
        case .array: return .array(node.elements.map { masked($0) })
        case .string, .number:
            guard let text = node.utf8 ?? node.rawNumber, PrivacyScanner.pattern(in: text) != nil else {
                return JSONTree(node)
            }
            return .string(MessageDecoder.mask)
        case .true, .false, .null: return JSONTree(node)
        }
    }

    /// The depth of a value, and how many values and names it holds.
    static func size(of node: JSONValue) -> (depth: Int, nodes: Int) {
        var (depth, nodes) = (0, 1)
        func add(_ inner: JSONValue) {
            let size = size(of: inner)
            depth = max(depth, size.depth)
            nodes += size.nodes
        }
        switch node.kind {
        case .object:
            for member in node.members {
                nodes += 1
                add(member.value)
            }
            return (depth + 1, nodes)
        case .array:
            for element in node.elements { add(element) }
            return (depth + 1, nodes)
        case .string, .number, .true, .false, .null: return (0, 1)
        }
    }

    // MARK: Operators

    /// What an operator reads: each place with its value.
    func reads(_ operand: Int) -> [MessageExplanation.Fact] {
        switch plan.operands[operand] {
        case .slot(let slot, _, _): [.init(name: plan.path(ofSlot: slot), value: raw(slot))]
        case .attribute(let attribute, _, _):
            [.init(name: attribute.rawValue, value: attributes[attribute.index].map { shown($0) } ?? "absent")]
        case .key: [.init(name: "key", value: key.map { shown($0) } ?? "absent")]
        case .constant, .nothing: []
        case .firstOf(let range): range.flatMap { reads(plan.operandLists[$0]) }
        case .when(let condition, let then, let otherwise):
            [.init(name: describe(plan.conditions[condition].subject), value: raw(plan.conditions[condition].subject))]
                + reads(then) + reads(otherwise)
        case .join(let number): plan.joins[number].pieces.flatMap { reads(plan.operandLists[$0]) }
        }
    }

    /// An operator in the words of the definition.
    func describe(operand: Int) -> String {
        switch plan.operands[operand] {
        case .slot(let slot, let part, let conversion):
            return "path: \(plan.path(ofSlot: slot))" + describe(part) + describe(conversion)
        case .attribute(let attribute, let part, let conversion):
            return "attribute: \(attribute.rawValue)" + describe(part) + describe(conversion)
        case .key(let part, let conversion): return "key" + describe(part) + describe(conversion)
        case .constant: return "constant"
        case .nothing: return "nothing"
        case .firstOf(let range):
            return "first_of: [" + range.map { describe(operand: plan.operandLists[$0]) }.joined(separator: "; ") + "]"
        case .when(let number, let then, let otherwise):
            let condition = plan.conditions[number]
            let values = condition.values.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
            return "when \(describe(condition.subject)) equals \(values): \(describe(operand: then))"
                + ", otherwise: \(describe(operand: otherwise))"
        case .join(let number):
            let join = plan.joins[number]
            let pieces = join.pieces.map { describe(operand: plan.operandLists[$0]) }.joined(separator: "; ")
            return "join: [\(pieces)] with “\(String(decoding: join.separator, as: UTF8.self))”"
                + describe(join.conversion)
        }
    }

    private func describe(_ part: ConnectorDefinition.Part?) -> String {
        guard let part else { return "" }
        return ", split: “\(String(decoding: [part.separator], as: UTF8.self))”, part: \(part.number) of \(part.count)"
    }

    private func describe(_ conversion: ConnectorPlan.Conversion) -> String {
        switch conversion {
        case .identifier, .piece: return ""
        case .reporter: return ", the owner"
        case .reporterCode: return ", organisation: any, the owner"
        case .shape(let shape): return ", shape: \(shape.rawValue)"
        case .text(let lengthMax): return ", text: at most \(lengthMax)"
        case .codes(let list), .textCodes(let list): return ", codes: \(plan.codeTables[list].name)"
        case .codeSet(let list, let separator):
            let split = separator.map { ", split: “\(String(decoding: [$0], as: UTF8.self))”" } ?? ""
            return ", codes: \(plan.codeTables[list].name)\(split)"
        case .date(let form): return ", date: \(form.rawValue)"
        case .moment(let form): return ", \(ConnectorOperator(form).rawValue)"
        case .number(let number), .figure(let number):
            let form = plan.numbers[number]
            let bounds = [form.min.map { "min \($0)" }, form.max.map { "max \($0)" }].compactMap { $0 }
            let style = form.style == .json ? [] : ["style \(form.style.rawValue)"]
            return ", number" + (bounds + style).map { " " + $0 }.joined()
        }
    }

    /// What an operator gave; nil where it is refused.
    func describe(_ value: FieldValue, target: TargetField) -> String? {
        func code(_ number: Int) -> String {
            ConnectorCompiler.canonicalCodes(target)?.first { $0.value == number }?.code ?? String(number)
        }
        switch value {
        case .absent: return "absent"
        case .failed: return nil
        case .constantText(let index): return plan.texts[index]
        case .text, .made:
            guard let text = value.text(plan.texts) else { return nil }
            return Array(text.utf8).withUnsafeBytes { shown($0) }
        case .code(let number): return code(number)
        case .codeSet(let set):
            let codes = (0..<32).filter { set & (1 << UInt32($0)) != 0 }.map(code)
            return codes.isEmpty ? "none" : codes.joined(separator: ", ")
        case .date(let day): return day.description
        case .moment(let moment): return moment.description
        case .integer(let number):
            return target == .value ? Figure(thousandths: number).description : String(number)
        case .checked: return "good"
        }
    }
}
