internal import ParapluModel

extension ConnectorCompiler {
    mutating func compileRecords() {
        for array in arrays {
            if let slot = slotOf[array] { plan.scopes[0].generalMask |= plan.slots[slot].bit }
        }
        for scope in plan.scopes.indices {
            let first = plan.records.count
            for record in definition.records where !record.isOfTombstone && self.scope(of: record) == scope {
                compile(record, scope: scope)
            }
            plan.scopes[scope].records = first..<plan.records.count
        }
        let first = plan.records.count
        for record in definition.records where record.isOfTombstone {
            if let path = firstPathPlace(in: record) {
                note(path.place, .invalidOperator, "“\(path.pointer)” lies in the value, which a tombstone has not")
            } else {
                compile(record, scope: 0)
            }
        }
        plan.tombstone = first..<plan.records.count
        let checks = definition.checks.map { make($0) }
        for check in definition.checks {
            for slot in slots(of: check.expression) { plan.scopes[0].generalMask |= plan.slots[slot].bit }
        }
        plan.scopes[0].checks = plan.fields.count..<plan.fields.count + checks.count
        plan.fields += checks
        for index in plan.slots.indices {
            plan.slots[index].scan = scan(ofSlot: index)
            plan.slots[index].isSmallNumber = leaves.contains { path, leaf in
                slotOf[path] == index
                    && leaf.conversions.allSatisfy { if case .number(let form) = $0 { form.isSmall } else { false } }
            }
            guard plan.slots[index].isSmallNumber else { continue }
            for scope in plan.scopes.indices where plan.scopes[scope].slots.contains(index) {
                plan.scopes[scope].numberMask |= plan.slots[index].bit
            }
        }
    }

    private func scope(of record: ConnectorDefinition.Record) -> Int {
        record.each.flatMap { each in arrays.firstIndex(of: each) }.map { $0 + 1 } ?? 0
    }

    private mutating func compile(_ record: ConnectorDefinition.Record, scope: Int) {
        var compiled = ConnectorPlan.Record(
            kind: record.kind, isAuthorised: record.kind.map { definition.kinds.contains($0) } ?? false,
            condition: nil, fields: 0..<0, mask: 0)
        if let condition = record.condition {
            compiled.condition = compile(condition)
            // What chooses a record is read for every record of its scope.
            for slot in slots(of: condition) { claim(slot, scope: scope, mask: nil) }
        }
        // The day comes first: codes that are valid on some days are judged by it.
        let declared = record.fields.filter { $0.target == .asOf } + record.fields.filter { $0.target != .asOf }
        let fields = (declared + record.checks).map { make($0) }
        for field in declared + record.checks {
            for slot in slots(of: field.expression) { claim(slot, scope: scope, mask: &compiled.mask) }
        }
        compiled.fields = plan.fields.count..<plan.fields.count + fields.count
        plan.fields += fields
        plan.records.append(compiled)
    }

    private mutating func make(_ field: ConnectorDefinition.Field) -> ConnectorPlan.Field {
        let inDocument = firstPath(of: field.expression)
        return ConnectorPlan.Field(
            target: field.target, operand: compile(field.expression, target: field.target),
            isRequired: field.isRequired, path: path(inDocument ?? placeOutside(field.expression)),
            isInDocument: inDocument != nil)
    }

    mutating func claim(_ slot: Int, scope: Int, mask: UnsafeMutablePointer<UInt64>?) {
        if plan.scopes[scope].slots.contains(slot), let mask {
            mask.pointee |= plan.slots[slot].bit
        } else if plan.scopes[scope].slots.contains(slot) {
            plan.scopes[scope].generalMask |= plan.slots[slot].bit
        } else {
            plan.scopes[0].generalMask |= plan.slots[slot].bit
        }
    }

    /// The number of a condition.
    private mutating func compile(_ condition: ConnectorDefinition.Condition) -> Int {
        switch condition {
        case .path(let path, let values):
            plan.conditions.append(.init(subject: .slot(slotOf[path] ?? 0), values: values.map { Array($0.utf8) }))
        case .attribute(let attribute, let values):
            plan.conditions.append(.init(subject: .attribute(attribute), values: values.map { Array($0.utf8) }))
        }
        return plan.conditions.count - 1
    }

    mutating func compile(_ expression: ConnectorDefinition.Expression, target: TargetField) -> Int {
        let operand: ConnectorPlan.Operand
        switch expression.operand {
        case .value(let source, let part, let conversion):
            let compiled = compile(conversion, target: target, expression.place)
            operand =
                switch source {
                case .path(let path): .slot(slotOf[path] ?? 0, part, compiled)
                case .attribute(let attribute): .attribute(attribute, part, compiled)
                case .key: .key(part, compiled)
                }
        case .constant(let text):
            operand = constant(text, target: target, expression.place).map { .constant($0) } ?? .nothing
        case .firstOf(let expressions):
            operand = .firstOf(list(expressions.map { compile($0, target: target) }))
        case .when(let condition, let then, let otherwise):
            let condition = compile(condition)
            let then = compile(then, target: target)
            operand = .when(
                condition: condition, then: then, otherwise: otherwise.map { compile($0, target: target) } ?? nothing())
        case .join(let expressions, let separator, let conversion):
            let pieces = list(expressions.map { compile($0, target: .piece) })
            let path = firstPath(of: expression)
            let compiled = compile(conversion, target: target, expression.place)
            plan.joins.append(
                .init(
                    pieces: pieces, separator: Array(separator.utf8), conversion: compiled,
                    path: path ?? placeOutside(expression), isInDocument: path != nil))
            operand = .join(plan.joins.count - 1)
        }
        plan.operands.append(operand)
        return plan.operands.count - 1
    }

    private mutating func list(_ operands: [Int]) -> Range<Int> {
        let first = plan.operandLists.count
        plan.operandLists += operands
        return first..<plan.operandLists.count
    }

    mutating func nothing() -> Int {
        plan.operands.append(.nothing)
        return plan.operands.count - 1
    }
}
