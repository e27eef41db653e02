internal import Digest
internal import JSON
internal import ParapluModel

extension MessageDecoder {
    /// The most records that one message gives: the journal numbers them with 16 bits.
    package static let recordsMax = Int(Int16.max)

    /// Makes one record of its fields, unless something is wrong with them.
    func map(_ kind: RecordKind, _ fields: Range<Int>, isAuthorised: Bool, into buffer: inout IntakeBuffer) {
        var draft = RecordDraft()
        var isComplete = true
        recordDay = nil
        for index in fields {
            let field = plan.fields[index]
            switch evaluate(field) {
            case .failed: isComplete = false
            case .absent: if field.isRequired { isComplete = false }
            case let value:
                draft.set(field.target, value, plan.texts)
                if field.target == .asOf { recordDay = draft.asOf }
                if kind == .correction { draft.given.append(field.target) }
            }
        }
        if !isAuthorised {
            note(.authority, expected: authorisedKinds)
            return
        }
        if let action = draft.action, let allowed = connector.plan.actions, !allowed.contains(action) {
            note(.authority, at: place(of: .action, in: fields), expected: "an action of this feed")
            return
        }
        guard isComplete, partsAgree(draft, fields) else { return }
        if kind == .withdrawal, let withdraws = draft.withdraws,
            !isAllowed(RecordKind.allCases[withdraws], at: .withdraws, fields)
        {
            return
        }
        if kind == .correction {
            correct(draft, fields, into: &buffer)
            return
        }
        // A field that is required and neither absent nor failed has filled its place: anything else would lose a record.
        guard let record = draft.record(kind, of: self) else { preconditionFailure("a complete draft makes a record") }
        if isSound(record, fields) { append(record, to: &buffer) }
    }

    private func append(_ record: CanonicalRecord, to buffer: inout IntakeBuffer) {
        guard buffer.records.count - firstRecord < MessageDecoder.recordsMax else {
            note(.size, expected: "at most \(MessageDecoder.recordsMax) records")
            return
        }
        buffer.records.append(MappedRecord(record: record))
    }

    /// Makes the records of a correction: the new word, and where it is of another day the old one's withdrawal.
    ///
    /// Of the same day the later word takes the earlier one's place by itself.
    private func correct(_ draft: RecordDraft, _ fields: Range<Int>, into buffer: inout IntakeBuffer) {
        guard let corrects = draft.corrects, let correctedAsOf = draft.correctedAsOf else {
            preconditionFailure("a correction says what it corrects")
        }
        let kind = RecordKind.allCases[corrects]
        guard isAllowed(kind, at: .corrects, fields) else { return }
        var isComplete = true
        for field in fields.map({ plan.fields[$0] })
        where !TargetField.required(in: .correction).contains(field.target) {
            let isGiven = draft.given.contains(field.target)
            if TargetField.required(in: kind).contains(field.target), !isGiven {
                note(.missingField, at: plan.path(of: field))
                isComplete = false
            } else if isGiven, !field.target.belongs(to: kind) {
                note(.unknownField, at: plan.path(of: field))
                isComplete = false
            }
        }
        // The definition need not have the fields of every kind that can be corrected: nothing vanishes for want of one.
        for target in TargetField.required(in: kind) where !fields.contains(where: { plan.fields[$0].target == target })
        {
            note(
                .missingField, at: place(of: .corrects, in: fields),
                expected: "the field \(target.rawValue) of this feed")
            isComplete = false
        }
        guard isComplete else { return }
        guard let record = draft.record(kind, of: self) else { preconditionFailure("a complete draft makes a record") }
        guard isSound(record, fields) else { return }
        append(record, to: &buffer)
        guard correctedAsOf != record.asOf else { return }
        var withdrawal = record
        withdrawal.asOf = correctedAsOf
        withdrawal.content = .withdrawal(Withdrawal(kind: kind, item: record.item))
        append(withdrawal, to: &buffer)
    }

    /// Whether the feed may speak of the kind that a correction or a withdrawal is about; notes where it may not.
    private func isAllowed(_ kind: RecordKind, at target: TargetField, _ fields: Range<Int>) -> Bool {
        if connector.kinds.contains(kind) { return true }
        note(.authority, at: place(of: target, in: fields), expected: authorisedKinds)
        return false
    }

    /// The kinds of the feed, for the publisher.
    private var authorisedKinds: String { connector.kinds.map(\.rawValue).joined(separator: ", ") }

    /// The declared path of the first of some fields that is among a record's; empty where none is.
    private func place(of targets: TargetField..., in fields: Range<Int>) -> String {
        for target in targets {
            for index in fields where plan.fields[index].target == target { return plan.path(of: plan.fields[index]) }
        }
        return ""
    }

    /// Whether what a record says agrees with itself; notes what doesn't.
    private func isSound(_ record: CanonicalRecord, _ fields: Range<Int>) -> Bool {
        if case .progress(let report) = record.content, report.lacksReason {
            note(.reasonRequired, at: place(of: .reasons, .rating, in: fields))
            return false
        }
        if case .withdrawal(let withdrawal) = record.content, withdrawal.needsItem == withdrawal.item.isEmpty {
            let place = place(of: .item, .withdraws, in: fields)
            if withdrawal.needsItem {
                note(.missingField, at: place)
            } else {
                note(.invalidValue, at: place, expected: "nothing")
            }
            return false
        }
        if case .observation(let observation) = record.content { return isConsistent(observation, fields) }
        return true
    }

    /// Whether what a figure is about is well formed: its period, and a dimension with its category.
    private func partsAgree(_ draft: RecordDraft, _ fields: Range<Int>) -> Bool {
        func place(_ target: TargetField) -> String { self.place(of: target, .indicator, in: fields) }
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
    private func isConsistent(_ observation: Observation, _ fields: Range<Int>) -> Bool {
        func place(_ target: TargetField) -> String { self.place(of: target, .indicator, in: fields) }
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
