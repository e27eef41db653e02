internal import Digest
internal import JSON
internal import ParapluModel

extension MessageDecoder {
    /// Walks the document beside its declared shape, and maps what it finds.
    func map(_ document: JSONNode, into buffer: inout IntakeBuffer) {
        let plan = connector.plan
        guard document.kind == .object else {
            note(.type, documentPath, expected: "an object")
            scan(document, documentPath)
            return
        }
        walk(document, shape: plan.scopes[0].shape, scope: 0)
        guard versionIsAccepted() else {
            // Its fields are not known, numbers among them.
            scan(document, documentPath)
            return
        }
        checkIdentifiers()
        mapScope(0, into: &buffer)
        for scope in plan.scopes.indices.dropFirst() {
            guard let slot = plan.scopes[scope].arraySlot, isPresent(slot), let array = slots[slot] else { continue }
            let path = plan.shapes[plan.slots[slot].shape].path
            elementIndex = 0
            for element in array.elements {
                presentInElement = 0
                if element.kind == .object {
                    walk(element, shape: plan.scopes[scope].shape, scope: scope)
                    mapScope(scope, into: &buffer)
                } else {
                    note(.type, at: path + "/*", expected: "an object")
                    scan(element, documentPath + path)
                }
                elementIndex += 1
            }
        }
    }

    /// Whether the slot holds a value in the message, or in the element at hand.
    func isPresent(_ slot: Int) -> Bool {
        let root = connector.plan.scopes[0].slots
        if root.contains(slot) { return presentInRoot & (1 << UInt64(slot - root.lowerBound)) != 0 }
        for scope in connector.plan.scopes.dropFirst() where scope.slots.contains(slot) {
            return presentInElement & (1 << UInt64(slot - scope.slots.lowerBound)) != 0
        }
        return false
    }

    /// Puts values into their slots, refuses what is not declared, and scans all text on the way.
    private func walk(_ object: JSONNode, shape: Int, scope: Int) {
        var hint = connector.plan.shapes[shape].members.lowerBound
        for member in object.members {
            let value = member.value
            let name = member.nameUTF8
            guard let index = connector.plan.member(name, of: shape, after: &hint) else {
                // The sender's own name is never repeated: the path is the parent's.
                let parent = connector.plan.shapes[shape].path
                note(.unknownField, at: parent)
                if PrivacyScanner.pattern(in: name) != nil { note(.personalData, at: parent) }
                scan(value, path(parent))
                continue
            }
            let child = connector.plan.members[index].shape
            switch connector.plan.shapes[child].kind {
            case .leaf(let slot):
                if value.isNull { continue }
                fill(slot, with: value, scope: scope)
                scanLeaf(value, slot: slot, shape: child)
            case .object:
                if value.kind == .object {
                    walk(value, shape: child, scope: scope)
                } else if !value.isNull {
                    note(.type, at: connector.plan.shapes[child].path, expected: "an object")
                    scan(value, path(connector.plan.shapes[child].path))
                }
            case .elements(let scope):
                if value.kind == .array, let slot = connector.plan.scopes[scope].arraySlot {
                    fill(slot, with: value, scope: 0)
                } else if !value.isNull {
                    note(.type, at: connector.plan.shapes[child].path, expected: "an array")
                    scan(value, path(connector.plan.shapes[child].path))
                }
            case .ignored:
                scan(value, path: child)
            }
        }
    }

    @inline(__always)
    private func fill(_ slot: Int, with value: JSONNode, scope: Int) {
        slots[slot] = value
        let bit: UInt64 = 1 << UInt64(slot - connector.plan.scopes[scope].slots.lowerBound)
        if scope == 0 { presentInRoot |= bit } else { presentInElement |= bit }
    }

    // MARK: Privacy

    private func scanLeaf(_ value: JSONNode, slot: Int, shape: Int) {
        switch value.kind {
        case .string:
            guard let text = value.utf8 else { return }
            guard PrivacyScanner.pattern(in: text) != nil else { return }
            switch connector.plan.slots[slot].scan {
            case .always: break
            case .unlessShape(let declared): if declared.matches(text) { return }
            case .unlessCode(let list): if connector.plan.codeTables[list].value(of: text) != nil { return }
            }
            note(.personalData, at: connector.plan.shapes[shape].path)
        case .number:
            // A number that is declared as one is looked at once it is known to be in its range.
            if !connector.plan.slots[slot].isNumber { scan(value, path: shape) }
        case .object, .array:
            scan(value, path: shape)
        case .true, .false, .null:
            break
        }
    }

    /// Scans a value with all that is in it; a find is noted at a declared shape.
    private func scan(_ value: JSONNode, path shape: Int) {
        if containsPersonalData(value) { note(.personalData, at: connector.plan.shapes[shape].path) }
    }

    /// Scans a value with all that is in it, names of members included; a find is noted at a path.
    func scan(_ value: JSONNode, _ path: String) {
        if containsPersonalData(value) { note(.personalData, path) }
    }

    func containsPersonalData(_ value: JSONNode) -> Bool {
        switch value.kind {
        case .string, .number:
            guard let text = value.utf8 ?? value.rawNumber else { return false }
            return PrivacyScanner.pattern(in: text) != nil
        case .array:
            return value.elements.contains { containsPersonalData($0) }
        case .object:
            return value.members.contains {
                PrivacyScanner.pattern(in: $0.nameUTF8) != nil || containsPersonalData($0.value)
            }
        case .true, .false, .null:
            return false
        }
    }

    // MARK: The message's own rules

    private func versionIsAccepted() -> Bool {
        guard case .slot(let slot, let accepted) = connector.plan.version else { return true }
        let path = connector.plan.shapes[connector.plan.slots[slot].shape].path
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

    private func checkIdentifiers() {
        let plan = connector.plan
        for slot in [plan.eventID, plan.eventSource] {
            guard let slot else { continue }
            let path = plan.shapes[plan.slots[slot].shape].path
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
            let path = plan.shapes[plan.slots[slot].shape].path
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
        let plan = connector.plan
        let present = scope == 0 ? presentInRoot : presentInElement
        var read = plan.scopes[scope].generalMask
        var hasCondition = false
        var isMapped = false
        for index in plan.scopes[scope].records.indices {
            if let condition = plan.scopes[scope].records[index].condition {
                hasCondition = true
                guard holds(condition) else { continue }
            }
            isMapped = true
            read |= plan.scopes[scope].records[index].mask
            if let kind = plan.scopes[scope].records[index].kind {
                map(kind, plan.scopes[scope].records[index].fields, into: &buffer)
            } else {
                for field in plan.scopes[scope].records[index].fields { _ = evaluate(field) }
            }
        }
        for check in plan.scopes[scope].checks { _ = evaluate(check) }
        if hasCondition, !isMapped {
            noteUnmatched(scope)
        } else if present & ~read != 0 {
            // Declared, but not for this kind of record.
            for slot in plan.scopes[scope].slots
            where present & ~read & (1 << UInt64(slot - plan.scopes[scope].slots.lowerBound)) != 0 {
                note(.unknownField, at: plan.shapes[plan.slots[slot].shape].path)
                if let value = slots[slot] { scan(value, path: plan.slots[slot].shape) }
            }
        }
    }

    /// No record's condition holds: the value that should choose one is none that we know.
    private func noteUnmatched(_ scope: Int) {
        let plan = connector.plan
        var accepted: [String] = []
        for record in plan.scopes[scope].records {
            accepted += record.condition?.values.map { String(decoding: $0, as: UTF8.self) } ?? []
        }
        guard case .slot(let slot)? = plan.scopes[scope].records.first?.condition?.subject else {
            note(.version, expected: accepted.joined(separator: ", "))
            return
        }
        let path = plan.shapes[plan.slots[slot].shape].path
        guard isPresent(slot), let value = slots[slot] else {
            note(.missingField, at: path)
            return
        }
        note(
            value.utf8 == nil ? .type : .unknownCode, at: path, expected: "one of: " + accepted.joined(separator: ", "))
    }

    func holds(_ condition: ConnectorPlan.Condition) -> Bool {
        let text: UnsafeRawBufferPointer?
        switch condition.subject {
        case .slot(let slot): text = isPresent(slot) ? slots[slot].flatMap { $0.utf8 ?? $0.rawNumber } : nil
        case .attribute(let attribute): text = attributes[attribute.index]
        }
        guard let text else { return false }
        return condition.values.contains { equal($0, text) }
    }

    /// Makes one record of its fields, unless something is wrong with them.
    private func map(_ kind: RecordKind, _ fields: [ConnectorPlan.Field], into buffer: inout IntakeBuffer) {
        var draft = RecordDraft()
        var isComplete = true
        for field in fields {
            switch evaluate(field) {
            case .failed: isComplete = false
            case .absent: if field.isRequired { isComplete = false }
            case let value: draft.set(field.target, value, texts: connector.plan.texts)
            }
        }
        if !connector.plan.kinds.contains(kind) {
            note(.authority, expected: connector.kinds.map(\.rawValue).joined(separator: ", "))
            return
        }
        if let action = draft.action, let allowed = connector.plan.actions, !allowed.contains(action) {
            note(.authority, at: fields.first { $0.target == .action }?.path ?? "", expected: "an action of this feed")
            return
        }
        guard isComplete, partsAgree(draft, fields) else { return }
        // A field that is required and neither absent nor failed has filled its place: anything else would lose a record.
        guard let record = draft.record(kind, of: self) else { preconditionFailure("a complete draft makes a record") }
        if case .progress(let report) = record.content, report.lacksReason {
            let reasons = fields.first { $0.target == .reasons }
            note(.reasonRequired, at: (reasons ?? fields.first { $0.target == .rating })?.path ?? "")
            return
        }
        if case .withdrawal(let withdrawal) = record.content, withdrawal.needsItem == withdrawal.item.isEmpty {
            let item = fields.first { $0.target == .item }
            let place = (item ?? fields.first { $0.target == .withdraws })?.path ?? ""
            if withdrawal.needsItem {
                note(.missingField, at: place)
            } else {
                note(.invalidValue, at: place, expected: "nothing")
            }
            return
        }
        if case .observation(let observation) = record.content, !isConsistent(observation, fields) { return }
        buffer.records.append(MappedRecord(record: record, json: 0..<0, digest: .zero, identity: (0, 0)))
    }
}

extension MessageDecoder {
    /// Whether what a figure is about is well formed: its period, and a dimension with its category.
    fileprivate func partsAgree(_ draft: RecordDraft, _ fields: [ConnectorPlan.Field]) -> Bool {
        func place(_ target: TargetField) -> String {
            (fields.first { $0.target == target } ?? fields.first { $0.target == .indicator })?.path ?? ""
        }
        if let period = draft.period, Period(period) == nil {
            note(.invalidValue, at: place(.period), expected: "2023, 2023-H1, 2023-Q2, 2023-05 or 2019-2023")
            return false
        }
        if (draft.dimension == nil) != (draft.category == nil) {
            note(.missingField, at: place(draft.dimension == nil ? .dimension : .category))
            return false
        }
        return true
    }

    /// Whether value, flag and unit of a figure agree; notes what doesn't.
    fileprivate func isConsistent(_ observation: Observation, _ fields: [ConnectorPlan.Field]) -> Bool {
        func place(_ target: TargetField) -> String {
            (fields.first { $0.target == target } ?? fields.first { $0.target == .indicator })?.path ?? ""
        }
        if observation.flag.hasValue != (observation.value != nil) {
            if observation.value == nil {
                note(.missingField, at: place(.value))
            } else {
                note(.invalidValue, at: place(.value), expected: "no value with flag \(observation.flag.rawValue)")
            }
            return false
        }
        if observation.unit.isCount, let value = observation.value, !value.isWhole {
            note(.type, at: place(.value), expected: "a whole number")
            return false
        }
        return true
    }
}

/// A record while its fields come in.
fileprivate struct RecordDraft {
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
    var withdraws: Int?
    var indicator: String?
    var unit: Int?
    var period: String?
    var dimension: Int?
    var category: String?
    var figure: Int64?
    var flag: Int?
    var stage: Int?

    mutating func set(_ target: TargetField, _ value: FieldValue, texts: [String]) {
        switch (target, value) {
        case (.action, .text(let text)): action = String(decoding: text, as: UTF8.self)
        case (.action, .constantText(let index)): action = texts[index]
        case (.milestone, .text(let text)): milestone = String(decoding: text, as: UTF8.self)
        case (.milestone, .constantText(let index)): milestone = texts[index]
        case (.document, .text(let text)): document = String(decoding: text, as: UTF8.self)
        case (.document, .constantText(let index)): document = texts[index]
        case (.risk, .text(let text)), (.item, .text(let text)): item = String(decoding: text, as: UTF8.self)
        case (.risk, .constantText(let index)), (.item, .constantText(let index)): item = texts[index]
        case (.level, .code(let code)): level = code
        case (.riskStatus, .code(let code)): riskStatus = code
        case (.withdraws, .code(let code)): withdraws = code
        case (.indicator, .text(let text)): indicator = String(decoding: text, as: UTF8.self)
        case (.indicator, .constantText(let index)): indicator = texts[index]
        case (.period, .text(let text)): period = String(decoding: text, as: UTF8.self)
        case (.period, .constantText(let index)): period = texts[index]
        case (.period, .integer(let number)): period = String(number)
        case (.category, .text(let text)): category = String(decoding: text, as: UTF8.self)
        case (.category, .constantText(let index)): category = texts[index]
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
                    currentDue: currentDue, reachedOn: reachedOn))
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
                    isOpen: RiskStatus.allCases[riskStatus] == .open))
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
