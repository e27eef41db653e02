internal import Digest
internal import JSON
internal import ParapluModel

extension MessageDecoder {
    /// Walks the document beside its declared shape, and maps what it finds.
    func map(_ document: JSONValue, into buffer: inout IntakeBuffer) {
        if case .elements(let scope) = plan.shapes[plan.scopes[0].shape].kind {
            guard document.kind == .array, let slot = plan.scopes[scope].arraySlot else {
                note(.type, documentPath, expected: "an array")
                scan(document, documentPath)
                return
            }
            fill(slot, with: document, scope: 0)
        } else {
            guard document.kind == .object else {
                note(.type, documentPath, expected: "an object")
                scan(document, documentPath)
                return
            }
            walk(document, shape: plan.scopes[0].shape, scope: 0)
        }
        guard versionIsAccepted() else {
            // Its fields are not known, numbers among them.
            scan(document, documentPath)
            return
        }
        checkIdentifiers()
        mapScope(0, into: &buffer)
        for scope in plan.scopes.indices.dropFirst() {
            guard let slot = plan.scopes[scope].arraySlot, isPresent(slot), let array = slots[slot] else { continue }
            let path = plan.path(ofSlot: slot)
            elementIndex = 0
            for element in array.elements {
                presentInElement = 0
                readInElement = 0
                if element.kind == .object {
                    walk(element, shape: plan.scopes[scope].shape, scope: scope)
                    mapScope(scope, into: &buffer)
                    scanUnread(scope)
                } else {
                    note(.type, at: path + "/*", expected: "an object")
                    scan(element, documentPath + path)
                }
                elementIndex += 1
            }
        }
        scanUnread(0)
    }

    /// Whether the slot holds a value in the message, or in the element at hand.
    @inline(__always)
    func isPresent(_ slot: Int) -> Bool {
        let slot = plan.slots[slot]
        return (slot.isInRoot ? presentInRoot : presentInElement) & slot.bit != 0
    }

    /// The value in a slot, for a field that reads it; nil where there is none.
    @inline(__always)
    func read(_ number: Int) -> JSONValue? {
        let slot = plan.slots[number]
        if slot.isInRoot {
            guard presentInRoot & slot.bit != 0 else { return nil }
            readInRoot |= slot.bit
        } else {
            guard presentInElement & slot.bit != 0 else { return nil }
            readInElement |= slot.bit
        }
        return slots[number]
    }

    /// Scans small numbers that no field has read, such as those behind the first of `first_of`.
    func scanUnread(_ scope: Int) {
        let present = scope == 0 ? presentInRoot & ~readInRoot : presentInElement & ~readInElement
        guard present & plan.scopes[scope].numberMask != 0 else { return }
        for slot in plan.scopes[scope].slots where plan.slots[slot].bit & present & plan.scopes[scope].numberMask != 0 {
            if let value = slots[slot] { scan(value, path: plan.slots[slot].shape) }
        }
    }

    /// Puts values into their slots, refuses what is not declared, and scans all text on the way.
    func walk(_ object: JSONValue, shape: Int, scope: Int) {
        var hint = plan.shapes[shape].members.lowerBound
        for member in object.members {
            let value = member.value
            let name = member.name
            guard let index = plan.member(name, of: shape, after: &hint) else {
                // The sender's own name is never repeated: the path is the parent's.
                let parent = plan.path(ofShape: shape)
                note(.unknownField, at: parent)
                if PrivacyScanner.pattern(in: name) != nil { note(.personalData, at: parent) }
                scan(value, path(parent))
                continue
            }
            let child = plan.members[index].shape
            switch plan.shapes[child].kind {
            case .leaf(let slot):
                if value.isNull { continue }
                fill(slot, with: value, scope: scope)
                scanLeaf(value, slot: slot, shape: child)
            case .object:
                if value.kind == .object {
                    walk(value, shape: child, scope: scope)
                } else if !value.isNull {
                    note(.type, at: plan.path(ofShape: child), expected: "an object")
                    scan(value, path(plan.path(ofShape: child)))
                }
            case .elements(let scope):
                if value.kind == .array, let slot = plan.scopes[scope].arraySlot {
                    fill(slot, with: value, scope: 0)
                } else if !value.isNull {
                    note(.type, at: plan.path(ofShape: child), expected: "an array")
                    scan(value, path(plan.path(ofShape: child)))
                }
            case .ignored:
                scan(value, path: child)
            }
        }
    }

    @inline(__always)
    func fill(_ slot: Int, with value: JSONValue, scope: Int) {
        slots[slot] = value
        let bit = plan.slots[slot].bit
        if scope == 0 { presentInRoot |= bit } else { presentInElement |= bit }
    }

    // MARK: Privacy

    private func scanLeaf(_ value: JSONValue, slot: Int, shape: Int) {
        switch value.kind {
        case .string:
            guard let text = value.utf8 else { return }
            // Text that is declared as a small number is looked at where it turns out to be none in its range.
            if plan.slots[slot].isSmallNumber { return }
            guard PrivacyScanner.pattern(in: text) != nil else { return }
            switch plan.slots[slot].scan {
            case .always: break
            case .unlessShape(let declared): if declared.matches(text) { return }
            case .unlessCode(let list): if plan.codeTables[list].value(of: text) != nil { return }
            }
            note(.personalData, at: plan.path(ofShape: shape))
        case .number:
            // A number that is declared as a small one is looked at where it turns out not to be.
            if !plan.slots[slot].isSmallNumber { scan(value, path: shape) }
        case .object, .array:
            scan(value, path: shape)
        case .true, .false, .null:
            break
        }
    }

    /// Scans a value with all that is in it; a find is noted at a declared shape.
    private func scan(_ value: JSONValue, path shape: Int) {
        if containsPersonalData(value) { note(.personalData, at: plan.path(ofShape: shape)) }
    }

    /// Scans a value with all that is in it, names of members included; a find is noted at a path.
    func scan(_ value: JSONValue, _ path: String) {
        if containsPersonalData(value) { note(.personalData, path) }
    }

    func containsPersonalData(_ value: JSONValue) -> Bool {
        switch value.kind {
        case .string, .number:
            guard let text = value.utf8 ?? value.rawNumber else { return false }
            return PrivacyScanner.pattern(in: text) != nil
        case .array:
            return value.elements.contains { containsPersonalData($0) }
        case .object:
            return value.members.contains {
                PrivacyScanner.pattern(in: $0.name) != nil || containsPersonalData($0.value)
            }
        case .true, .false, .null:
            return false
        }
    }

    // MARK: The message's own rules

    func versionIsAccepted() -> Bool {
        guard case .slot(let slot, let accepted) = connector.plan.version else { return true }
        let path = plan.path(ofSlot: slot)
        guard isPresent(slot), let value = slots[slot] else {
            violations.removeAll(keepingCapacity: true)
            note(.missingField, at: path)
            return false
        }
        let text = value.utf8 ?? value.rawNumber
        if let text, accepted.contains(where: { equal($0, text) }) { return true }
        // What another version means by its fields is unknown, so only this is said of the message.
        violations.removeAll(keepingCapacity: true)
        let expected = accepted.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
        note(text == nil ? .type : .version, at: path, expected: expected)
        return false
    }

    func checkIdentifiers() {
        for slot in [plan.eventID, plan.eventSource] {
            guard let slot else { continue }
            let path = plan.path(ofSlot: slot)
            guard isPresent(slot), let value = slots[slot] else {
                note(.missingField, at: path)
                continue
            }
            guard let text = value.utf8 ?? value.rawNumber else {
                note(.type, at: path, expected: "a string")
                continue
            }
            if text.isEmpty || text.count > 256 {
                note(.invalidValue, at: path, expected: "1 to 256 bytes")
            } else if slot == plan.eventSource, namesAnother(text) {
                note(.sourceMismatch, at: path, expected: connector.ownerOIN.urn)
            }
        }
        if let slot = plan.eventTime {
            let path = plan.path(ofSlot: slot)
            guard isPresent(slot), let value = slots[slot] else {
                note(.missingField, at: path)
                return
            }
            guard let text = value.utf8 else {
                note(.type, at: path, expected: "a string")
                return
            }
            eventTime = Timestamp(rfc3339: text)
            if eventTime == nil { note(.invalidDate, at: path, expected: "RFC 3339 with an offset") }
        }
    }

    // MARK: Records

    /// Maps the root or the element at hand: each record whose condition holds.
    private func mapScope(_ scope: Int, into buffer: inout IntakeBuffer) {
        let present = scope == 0 ? presentInRoot : presentInElement
        var read = plan.scopes[scope].generalMask
        var hasCondition = false
        var isMapped = false
        for index in plan.scopes[scope].records {
            let record = plan.records[index]
            if let condition = record.condition {
                hasCondition = true
                guard holds(condition) else { continue }
            }
            isMapped = true
            read |= record.mask
            if let kind = record.kind {
                map(kind, record.fields, isAuthorised: record.isAuthorised, into: &buffer)
            } else {
                // It has no day of its own, and is not judged by that of the record before it.
                recordDay = nil
                for field in record.fields { _ = evaluate(plan.fields[field]) }
            }
        }
        for check in plan.scopes[scope].checks { _ = evaluate(plan.fields[check]) }
        if hasCondition, !isMapped {
            noteUnmatched(scope)
        } else if present & ~read != 0 {
            // Declared, but not for this kind of record.
            for slot in plan.scopes[scope].slots
            where present & ~read & plan.slots[slot].bit != 0 {
                note(.unknownField, at: plan.path(ofSlot: slot))
                if let value = slots[slot] { scan(value, path: plan.slots[slot].shape) }
            }
        }
    }

    /// No record's condition holds: the value that should choose one is none that we know.
    private func noteUnmatched(_ scope: Int) {
        var accepted: [String] = []
        var subject: ConnectorPlan.Condition.Subject?
        for record in plan.scopes[scope].records {
            guard let condition = plan.records[record].condition.map({ plan.conditions[$0] }) else { continue }
            if subject == nil { subject = condition.subject }
            accepted += condition.values.map { String(decoding: $0, as: UTF8.self) }
        }
        guard case .slot(let slot)? = subject else {
            note(.version, expected: accepted.joined(separator: ", "))
            return
        }
        let path = plan.path(ofSlot: slot)
        guard isPresent(slot), let value = slots[slot] else {
            note(.missingField, at: path)
            return
        }
        note(
            value.utf8 == nil ? .type : .unknownCode, at: path, expected: "one of: " + accepted.joined(separator: ", "))
    }

    /// Whether a condition of the plan holds.
    func holds(_ number: Int) -> Bool {
        let condition = plan.conditions[number]
        let text: UnsafeRawBufferPointer?
        switch condition.subject {
        case .slot(let slot): text = isPresent(slot) ? slots[slot].flatMap { $0.utf8 ?? $0.rawNumber } : nil
        case .attribute(let attribute): text = attributes[attribute.index]
        }
        guard let text else { return false }
        return condition.values.contains { equal($0, text) }
    }
}
