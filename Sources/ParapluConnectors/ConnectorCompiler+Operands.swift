extension ConnectorCompiler {
    /// What the privacy scan makes of the text in a slot.
    func scan(ofSlot slot: Int) -> ConnectorPlan.Scan {
        var shape: DeclaredShape?
        var list: Int?
        for operand in plan.operands {
            guard case .slot(slot, nil, let conversion) = operand else { continue }
            switch conversion {
            case .shape(let declared): shape = declared
            case .reporter: shape = .oin
            case .codes(let table), .textCodes(let table), .reporterCode(let table): list = table
            case .identifier, .text, .codeSet, .date, .moment, .number, .figure, .piece: break
            }
        }
        if slot == plan.eventID ?? -1 { return .unlessShape(.uuid) }
        if let shape { return .unlessShape(shape) }
        if let list { return .unlessCode(list: list) }
        return .always
    }

    func slots(of expression: ConnectorDefinition.Expression) -> [Int] {
        switch expression.operand {
        case .value(.path(let path), _, _): [slotOf[path]].compactMap { $0 }
        case .value, .constant: []
        case .firstOf(let expressions), .join(let expressions, _, _): expressions.flatMap(slots(of:))
        case .when(let condition, let then, let otherwise):
            slots(of: condition) + slots(of: then) + (otherwise.map(slots(of:)) ?? [])
        }
    }

    func slots(of condition: ConnectorDefinition.Condition) -> [Int] {
        if case .path(let path, _) = condition { return [slotOf[path]].compactMap { $0 } }
        return []
    }

    func firstPath(of expression: ConnectorDefinition.Expression) -> String? { path(of: expression)?.pointer }

    private func path(of expression: ConnectorDefinition.Expression) -> ConnectorDefinition.Path? {
        switch expression.operand {
        case .value(.path(let path), _, _): path
        case .value, .constant: nil
        case .firstOf(let expressions), .join(let expressions, _, _): expressions.lazy.compactMap(path(of:)).first
        case .when(_, let then, let otherwise): path(of: then) ?? otherwise.flatMap(path(of:))
        }
    }

    /// The first path into the value that a record reads, or nil.
    func firstPathPlace(in record: ConnectorDefinition.Record) -> ConnectorDefinition.Path? {
        if case .path(let path, _)? = record.condition { return path }
        return (record.fields + record.checks).lazy.compactMap { path(of: $0.expression) }.first
    }

    /// The place of a value outside the document: an attribute's name, or the key.
    func placeOutside(_ expression: ConnectorDefinition.Expression) -> String {
        switch expression.operand {
        case .value(.attribute(let attribute), _, _): attribute.rawValue
        case .value(.key, _, _): "key"
        case .value, .constant: ""
        case .firstOf(let expressions), .join(let expressions, _, _):
            expressions.map { placeOutside($0) }.first { !$0.isEmpty } ?? ""
        case .when(_, let then, _): placeOutside(then)
        }
    }
}
