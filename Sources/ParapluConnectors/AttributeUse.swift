/// The attributes of an event that a definition reads.
struct AttributeUse {
    private(set) var all: Set<EventAttribute> = []
    /// Those without which a message is refused.
    private(set) var required: Set<EventAttribute> = []

    /// - Parameter ofTombstone: Whether messages without a value are meant, or those with one.
    init(_ definition: ConnectorDefinition, ofTombstone: Bool) {
        if case .attribute(let attribute, _) = definition.version { require(attribute) }
        if case .attribute(let attribute) = definition.key { require(attribute) }
        let records = definition.records.filter { $0.isOfTombstone == ofTombstone }
        for record in records {
            if case .attribute(let attribute, _)? = record.condition { all.insert(attribute) }
            // What one kind of record needs, another may do without.
            let isOnly = records.count == 1
            for field in record.fields + record.checks { visit(field.expression, isOnly && field.isRequired) }
        }
        if !ofTombstone { for check in definition.checks { visit(check.expression, check.isRequired) } }
    }

    private mutating func require(_ attribute: EventAttribute) {
        all.insert(attribute)
        required.insert(attribute)
    }

    private mutating func visit(_ expression: ConnectorDefinition.Expression, _ isRequired: Bool) {
        switch expression.operand {
        case .value(.attribute(let attribute), _, _):
            if isRequired { require(attribute) } else { all.insert(attribute) }
        case .value, .constant: break
        case .firstOf(let expressions): for expression in expressions { visit(expression, false) }
        case .join(let pieces, _, _): for piece in pieces { visit(piece, isRequired) }
        case .when(let condition, let then, let otherwise):
            if case .attribute(let attribute, _) = condition { all.insert(attribute) }
            visit(then, false)
            if let otherwise { visit(otherwise, false) }
        }
    }
}
