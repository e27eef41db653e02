internal import ParapluModel

extension ConnectorCompiler {
    mutating func compileRecords() {
        for array in arrays {
            if let slot = slotOf[array] { plan.scopes[0].generalMask |= plan.slots[slot].bit }
        }
        for record in definition.records {
            let scope = record.each.flatMap { each in arrays.firstIndex(of: each) }.map { $0 + 1 } ?? 0
            var compiled = ConnectorPlan.Record(kind: record.kind, condition: nil, fields: [], mask: 0)
            if record.isOfTombstone, let path = firstPathPlace(in: record) {
                note(path.place, .invalidOperator, "“\(path.pointer)” lies in the value, which a tombstone has not")
                continue
            }
            if let condition = record.condition {
                compiled.condition = compile(condition)
                // What chooses a record is read for every record of its scope.
                if case .slot(let slot)? = compiled.condition?.subject { claim(slot, scope: scope, mask: nil) }
            }
            // The day comes first: codes that are valid on some days are judged by it.
            let fields = record.fields.filter { $0.target == .asOf } + record.fields.filter { $0.target != .asOf }
            for field in fields + record.checks {
                let operand = compile(field.expression, target: field.target)
                compiled.fields.append(make(field, operand: operand))
                for slot in slots(of: field.expression) { claim(slot, scope: scope, mask: &compiled.mask) }
            }
            if record.isOfTombstone {
                plan.tombstone.append(compiled)
            } else {
                plan.scopes[scope].records.append(compiled)
            }
        }
        for check in definition.checks {
            let operand = compile(check.expression, target: .check)
            plan.scopes[0].checks.append(make(check, operand: operand))
            for slot in slots(of: check.expression) { plan.scopes[0].generalMask |= plan.slots[slot].bit }
        }
        for index in plan.slots.indices {
            plan.slots[index].scan = scan(ofSlot: index)
            plan.slots[index].isNumber = leaves.contains { path, leaf in
                slotOf[path] == index
                    && leaf.conversions.allSatisfy { if case .number = $0 { true } else { false } }
            }
            guard plan.slots[index].isNumber else { continue }
            for scope in plan.scopes.indices where plan.scopes[scope].slots.contains(index) {
                plan.scopes[scope].numberMask |= plan.slots[index].bit
            }
        }
    }

    func make(_ field: ConnectorDefinition.Field, operand: Int) -> ConnectorPlan.Field {
        let path = firstPath(of: field.expression)
        return ConnectorPlan.Field(
            target: field.target, operand: operand, isRequired: field.isRequired,
            path: path ?? placeOutside(field.expression),
            isInDocument: path != nil)
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

    mutating func compile(_ condition: ConnectorDefinition.Condition) -> ConnectorPlan.Condition {
        switch condition {
        case .path(let path, let values):
            ConnectorPlan.Condition(subject: .slot(slotOf[path] ?? 0), values: values.map { Array($0.utf8) })
        case .attribute(let attribute, let values):
            ConnectorPlan.Condition(subject: .attribute(attribute), values: values.map { Array($0.utf8) })
        }
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
                condition, then: then, otherwise: otherwise.map { compile($0, target: target) } ?? nothing())
        case .join(let expressions, let separator, let conversion):
            let pieces = list(expressions.map { compile($0, target: .piece) })
            let path = firstPath(of: expression)
            operand = .join(
                .init(
                    pieces: pieces, separator: Array(separator.utf8),
                    conversion: compile(conversion, target: target, expression.place),
                    path: path ?? placeOutside(expression), isInDocument: path != nil))
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
