internal import Digest
internal import JSON
internal import ParapluModel

/// A second walk over the plan that says what it does; decoding itself does not know of it.
///
/// It takes the steps of `decode` in their order, with the same functions, and notes between them.
extension MessageDecoder {
    typealias Step = MessageExplanation.Step

    /// All steps of a message.
    func explain(
        _ connector: Connector, value: UnsafeRawBufferPointer?, key: UnsafeRawBufferPointer?,
        headers: UnsafeRawBufferPointer
    ) -> (steps: [Step], document: JSONTree?) {
        begin(connector)
        self.key = key
        var steps: [Step] = []
        var isText = true
        var document: JSONTree?

        var step = Step(kind: .headers, title: "")
        if let key, PrivacyScanner.pattern(in: key) != nil { note(.personalData, "key") }
        let mode = readHeaders(headers)
        let titles: [Mode: String] = [
            .bare: "no envelope", .structured: "CloudEvents, structured mode", .binary: "CloudEvents, binary mode",
        ]
        step.facts = [.init(name: "key", value: key.map { shown($0) } ?? "absent")]
        step.facts += headerFacts(headers)
        add(Step(kind: .headers, title: titles[mode] ?? "", facts: step.facts), to: &steps)

        guard let value else {
            let isOpen = opensTombstone(mode)
            add(Step(kind: .rest, title: "no value"), to: &steps)
            if isOpen { explainRecords(plan.tombstone, title: "for a message without a value", to: &steps) }
            return (steps, nil)
        }
        let root = parse(value, &isText)
        step = Step(kind: .decoding, title: "\(value.count) bytes of at most \(connector.bytesMax)")
        if let root {
            let size = MessageDecoder.size(of: root)
            step.facts = [
                .init(name: "depth", value: "\(size.depth) of at most \(connector.depthMax)"),
                .init(name: "values and names", value: "\(size.nodes) of at most \(connector.nodesMax)"),
            ]
        }
        add(step, to: &steps)
        guard let root else { return (steps, nil) }

        let opened = openEnvelope(root, mode, bytes: value.count)
        if connector.envelope == .cloudEvents {
            step = Step(
                kind: .envelope, title: mode == .structured ? "attributes of the event" : "attributes in ce_ headers")
            step.facts = EventAttribute.allCases.compactMap { attribute in
                attributes[attribute.index].map { .init(name: attribute.rawValue, value: shown($0)) }
            }
            step.facts += warnings.codes.map { .init(name: "warning", value: $0) }
            add(step, to: &steps)
        }
        if let opened {
            document = masked(opened)
            explainDocument(opened, to: &steps)
            checkKey(key)
            add(Step(kind: .rest, title: "the key"), to: &steps)
        }
        return (steps, document)
    }

    private func explainDocument(_ document: JSONValue, to steps: inout [Step]) {
        let isArray: Bool
        if case .elements(let scope) = plan.shapes[plan.scopes[0].shape].kind {
            isArray = true
            guard document.kind == .array, let slot = plan.scopes[scope].arraySlot else {
                note(.type, documentPath, expected: "an array")
                add(Step(kind: .rest, title: "the document"), to: &steps)
                return
            }
            fill(slot, with: document, scope: 0)
        } else {
            isArray = false
            guard document.kind == .object else {
                note(.type, documentPath, expected: "an object")
                add(Step(kind: .rest, title: "the document"), to: &steps)
                return
            }
            walk(document, shape: plan.scopes[0].shape, scope: 0)
        }
        // What the walk found comes last, with what no record has read.
        let found = noted
        let isAccepted = versionIsAccepted()
        var step = Step(kind: .version, title: "none is asked for")
        if case .slot(let slot, let accepted) = connector.plan.version {
            let texts = accepted.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
            step = Step(kind: .version, title: "\(plan.path(ofSlot: slot)), one of: \(texts)")
            step.facts = [.init(name: "value", value: raw(slot))]
        } else if case .attribute(let attribute, _) = connector.plan.version {
            step = Step(kind: .version, title: "the attribute \(attribute.rawValue)")
        }
        add(step, to: &steps, after: found)
        guard isAccepted else { return }

        checkIdentifiers()
        let identifiers = [("id", plan.eventID), ("source", plan.eventSource), ("time", plan.eventTime)]
        step = Step(kind: .identifiers, title: "the message's own")
        step.facts = identifiers.compactMap { name, slot in slot.map { .init(name: name, value: raw($0)) } }
        if !step.facts.isEmpty { add(step, to: &steps, after: found) }

        explainScope(0, place: isArray ? "the array" : "the document", found, to: &steps)
        for scope in plan.scopes.indices.dropFirst() {
            guard let slot = plan.scopes[scope].arraySlot, isPresent(slot), let array = slots[slot] else { continue }
            elementIndex = 0
            for element in array.elements {
                presentInElement = 0
                readInElement = 0
                let before = noted
                let place = "\(plan.path(ofSlot: slot))/\(elementIndex)"
                if element.kind == .object {
                    walk(element, shape: plan.scopes[scope].shape, scope: scope)
                    explainScope(scope, place: place, before, to: &steps)
                    scanUnread(scope)
                } else {
                    note(.type, at: plan.path(ofSlot: slot) + "/*", expected: "an object")
                    add(Step(kind: .rest, title: place), to: &steps, after: before)
                }
                elementIndex += 1
            }
        }
        scanUnread(0)
        explainRest(document, found, to: &steps)
    }

    /// The records of the root or of an element, then what is declared and was read by none.
    private func explainScope(_ scope: Int, place: String, _ found: [Violation], to steps: inout [Step]) {
        let records = plan.scopes[scope].records
        let made = explainRecords(records, title: "of \(place)", to: &steps, after: found)
        let checks = plan.scopes[scope].checks
        if !checks.isEmpty {
            let before = noted
            var step = Step(kind: .checks, title: "of \(place)")
            step.fields = checks.map { explain(plan.fields[$0]) }
            add(step, to: &steps, after: before)
        }
        let present = scope == 0 ? presentInRoot : presentInElement
        let read = made.reduce(plan.scopes[scope].generalMask) { $0 | plan.records[$1].mask }
        let hasCondition = records.contains { plan.records[$0].condition != nil }
        var step = Step(kind: .rest, title: "of \(place)")
        if hasCondition, made.isEmpty { step.facts.append(.init(name: "no record", value: "no condition holds")) }
        for slot in plan.scopes[scope].slots where present & ~read & plan.slots[slot].bit != 0 {
            step.facts.append(.init(name: "unread", value: "\(plan.path(ofSlot: slot)), by no record made here"))
        }
        if !step.facts.isEmpty { steps.append(step) }
    }

    /// The records of a range, with their conditions; returns those that are made.
    @discardableResult
    private func explainRecords(
        _ records: Range<Int>, title: String, to steps: inout [Step], after found: [Violation] = []
    ) -> [Int] {
        var made: [Int] = []
        for index in records {
            let record = plan.records[index]
            var step = Step(kind: .record, title: "\(record.kind?.rawValue ?? "no record") \(title)")
            if let number = record.condition {
                let condition = plan.conditions[number]
                let holds = holds(number)
                let values = condition.values.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
                step.facts.append(.init(name: "when", value: "\(describe(condition.subject)) equals \(values)"))
                step.facts.append(.init(name: holds ? "holds" : "does not hold", value: raw(condition.subject)))
                guard holds else {
                    steps.append(step)
                    continue
                }
            }
            made.append(index)
            recordDay = nil
            let before = noted
            for number in record.fields { step.fields.append(explain(plan.fields[number])) }
            step.violations = noted.filter { !before.contains($0) }.map(MessageDecoder.text)
            steps.append(step)
        }
        return made
    }

    private func explain(_ field: ConnectorPlan.Field) -> MessageExplanation.Field {
        let before = noted
        let value = evaluate(field)
        if field.target == .asOf, case .date(let day) = value { recordDay = day }
        return .init(
            name: field.target.rawValue, operation: describe(operand: field.operand), reads: reads(field.operand),
            result: describe(value, target: field.target),
            violations: noted.filter { !before.contains($0) }.map(MessageDecoder.text))
    }

    /// What the document has and no field reads: unknown members by their names, and what is left out.
    private func explainRest(_ document: JSONValue, _ before: [Violation], to steps: inout [Step]) {
        var step = Step(kind: .rest, title: "of the whole document")
        collect(document, shape: plan.scopes[0].shape, at: documentPath, &step.facts)
        let known = Set(steps.flatMap { $0.violations + $0.fields.flatMap(\.violations) })
        step.violations = noted.map(MessageDecoder.text).filter { !known.contains($0) }
        if !step.facts.isEmpty || !step.violations.isEmpty { steps.append(step) }
    }

    private func collect(_ node: JSONValue, shape: Int, at path: String, _ facts: inout [MessageExplanation.Fact]) {
        switch plan.shapes[shape].kind {
        case .leaf: break
        case .ignored: facts.append(.init(name: "ignored", value: path))
        case .elements(let scope):
            for (index, element) in node.elements.enumerated() {
                collect(element, shape: plan.scopes[scope].shape, at: "\(path)/\(index)", &facts)
            }
        case .object:
            var hint = plan.shapes[shape].members.lowerBound
            for member in node.members {
                let name = member.name
                let place = "\(path)/\(shown(name))"
                if let index = plan.member(name, of: shape, after: &hint) {
                    collect(member.value, shape: plan.members[index].shape, at: place, &facts)
                } else {
                    facts.append(.init(name: "unknown", value: place))
                }
            }
        }
    }

    // MARK: Notes

    private var noted: [Violation] { privacyViolations + violations }

    /// Adds a step with what was noted since the earlier ones.
    private func add(_ step: Step, to steps: inout [Step], after found: [Violation] = []) {
        let known = Set(
            steps.flatMap { $0.violations + $0.fields.flatMap(\.violations) } + found.map(MessageDecoder.text))
        var step = step
        let inFields = Set(step.fields.flatMap(\.violations))
        step.violations = noted.map(MessageDecoder.text).filter { !known.contains($0) && !inFields.contains($0) }
        if step.kind == .rest, step.violations.isEmpty, step.facts.isEmpty { return }
        steps.append(step)
    }

    static func text(_ violation: Violation) -> String {
        var text = violation.code.rawValue
        if !violation.path.isEmpty { text += " at \(violation.path)" }
        if let offset = violation.byteOffset { text += " at byte \(offset)" }
        if let expected = violation.expected { text += ", expected: \(expected)" }
        return text
    }
}
