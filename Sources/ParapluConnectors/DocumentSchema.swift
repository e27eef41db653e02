internal import JSON
internal import ParapluModel

/// The schema of one declared document: the shapes of the plan, with what the records of an event type ask of them.
struct DocumentSchema {
    /// Whose tables are `plan`.
    private let owner: ConnectorPlan
    private let plan: ConnectorPlan.Tables
    private let definition: ConnectorDefinition
    /// The records that can be made of the document.
    private let records: [ConnectorDefinition.Record]

    init(_ plan: ConnectorPlan, _ definition: ConnectorDefinition, type: String?) {
        owner = plan
        self.plan = plan.tables
        self.definition = definition
        records = definition.records.filter { record in
            guard !record.isOfTombstone else { return false }
            guard let type, case .attribute(.type, let values)? = record.condition else { return true }
            return values.contains(type)
        }
    }

    var schema: JSONTree { schema(of: plan.scopes[0].shape, Rules(messageRules + always(nil)), each: nil) }

    // MARK: Rules

    /// What must hold of the value at a path, where it is there.
    private struct Rule {
        var segments: [String]
        /// Nil asks only that it is there.
        var schema: JSONTree?
        var isRequired: Bool
    }

    /// Rules by path.
    private struct Rules {
        private(set) var schemas: [[String]: [JSONTree]] = [:]
        private(set) var required: Set<[String]> = []

        init(_ rules: [Rule]) {
            for rule in rules {
                if let schema = rule.schema, schemas[rule.segments]?.contains(schema) != true {
                    schemas[rule.segments, default: []].append(schema)
                }
                // A value that must be there needs each object that it lies in.
                if rule.isRequired {
                    for count in 1...max(1, rule.segments.count) { required.insert(Array(rule.segments.prefix(count))) }
                }
            }
        }

        func isRequired(_ segments: [String]) -> Bool { required.contains(segments) }

        /// The schema of the value at a path; anything, where there is no rule.
        func schema(at segments: [String]) -> JSONTree {
            let found = schemas[segments] ?? []
            let schema = found.count == 1 ? found[0] : found.isEmpty ? .object([]) : .members(["allOf": .array(found)])
            guard !isRequired(segments) else { return found.isEmpty ? DocumentSchema.notNull : schema }
            return found.count > 1
                ? .members(["allOf": .array(found.map(ConversionSchema.nullable))]) : ConversionSchema.nullable(schema)
        }
    }

    private static let notNull = JSONTree.members(["not": .members(["type": .string("null")])])

    /// The rules of the message as a whole: identifiers, version, checks.
    private var messageRules: [Rule] {
        var rules: [Rule] = []
        let identifier = JSONTree.members([
            "type": .strings(["string", "number"]), "minLength": .integer(1), "maxLength": .integer(256),
        ])
        for path in [definition.eventID, definition.eventSource] {
            if let path { rules.append(Rule(segments: path.segments, schema: identifier, isRequired: true)) }
        }
        if let path = definition.eventTime {
            let schema = JSONTree.members(["type": .string("string"), "format": .string("date-time")])
            rules.append(Rule(segments: path.segments, schema: schema, isRequired: true))
        }
        if case .path(let path, let accepted) = definition.version {
            rules.append(
                Rule(segments: path.segments, schema: ConversionSchema.oneOf(accepted), isRequired: true))
        }
        if case .path(let path) = definition.key {
            rules.append(Rule(segments: path.segments, schema: nil, isRequired: true))
        }
        for check in definition.checks { rules += self.rules(check) }
        return rules
    }

    /// The rules of a scope's records that are made of every document, or of every element.
    private func always(_ each: ConnectorDefinition.Path?) -> [Rule] {
        scope(each).filter { !isConditional($0) }.flatMap(rules)
    }

    private func scope(_ each: ConnectorDefinition.Path?) -> [ConnectorDefinition.Record] {
        records.filter { $0.each == each }
    }

    /// Whether a record depends on more than the event type, which is settled here.
    private func isConditional(_ record: ConnectorDefinition.Record) -> Bool {
        switch record.condition {
        case nil, .attribute(.type, _): false
        case .attribute, .path: true
        }
    }

    private func rules(_ record: ConnectorDefinition.Record) -> [Rule] {
        (record.fields + record.checks).flatMap { rules($0) }
    }

    private func rules(_ field: ConnectorDefinition.Field) -> [Rule] {
        rules(field.expression, target: field.target, isRequired: field.isRequired)
    }

    /// What an operator asks of the document whenever it runs; what depends on other values asks nothing here.
    private func rules(_ expression: ConnectorDefinition.Expression, target: TargetField, isRequired: Bool) -> [Rule] {
        switch expression.operand {
        case .value(.path(let path), let part, let conversion):
            let schema = ConversionSchema.schema(of: conversion, part: part, target: target, in: definition)
            return [Rule(segments: path.segments, schema: schema, isRequired: isRequired)]
        case .value, .constant, .when: return []
        case .firstOf(let expressions):
            return expressions.first.map { rules($0, target: target, isRequired: false) } ?? []
        case .join(let pieces, _, _):
            return pieces.flatMap { rules($0, target: .piece, isRequired: isRequired) }
        }
    }

    // MARK: Shapes

    private func schema(of shape: Int, _ rules: Rules, each: ConnectorDefinition.Path?) -> JSONTree {
        if case .elements(let scope) = plan.shapes[shape].kind { return array(shape, scope) }
        var object = self.object(shape, rules, each: each)
        let choices = self.choices(each)
        if !choices.isEmpty { object = object.setting("allOf", .array(choices)) }
        return object
    }

    private func object(_ shape: Int, _ rules: Rules, each: ConnectorDefinition.Path?) -> JSONTree {
        var properties: [JSONTree.Member] = []
        var required: [String] = []
        for index in plan.shapes[shape].members {
            let member = plan.members[index]
            let segments = self.segments(member.shape)
            let name = segments.last ?? ""
            if rules.isRequired(segments) { required.append(name) }
            let schema: JSONTree
            switch plan.shapes[member.shape].kind {
            case .leaf(let slot): schema = isRead(slot, each) ? rules.schema(at: segments) : DocumentSchema.absent
            case .ignored: schema = .bool(true)
            case .object:
                let object = self.object(member.shape, rules, each: each)
                schema = rules.isRequired(segments) ? object : ConversionSchema.nullable(object)
            case .elements(let scope): schema = ConversionSchema.nullable(array(member.shape, scope))
            }
            properties.append(.init(name, schema))
        }
        return .members([
            "type": .string("object"), "properties": .object(properties),
            "required": required.isEmpty ? nil : .strings(required), "additionalProperties": .bool(false),
        ])
    }

    private func array(_ shape: Int, _ scope: Int) -> JSONTree {
        let path = ConnectorDefinition.Path(segments: segments(shape), place: .init(line: 1, column: 1))
        let items = schema(of: plan.scopes[scope].shape, Rules(always(path)), each: path)
        return .members(["type": .string("array"), "items": items])
    }

    /// The names on the way to a shape, `*` for an element.
    private func segments(_ shape: Int) -> [String] {
        plan.path(ofShape: shape).split(separator: "/").map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    /// Declared for another kind of record: only null, which is absent.
    private static let absent = JSONTree.members(["type": .string("null")])

    /// Whether any record here reads the slot, or the message as a whole does.
    private func isRead(_ slot: Int, _ each: ConnectorDefinition.Path?) -> Bool {
        let segments = self.segments(plan.slots[slot].shape)
        let general = plan.scopes.indices.contains { scope in
            plan.scopes[scope].slots.contains(slot) && plan.scopes[scope].generalMask & plan.slots[slot].bit != 0
        }
        return general || records.contains { paths(of: $0).contains(segments) }
    }

    // MARK: Records by condition

    /// One choice for each set of records that a value of a condition's path makes.
    ///
    /// Where the scope's conditions look at several paths, a value of one says nothing of the records that another makes: what
    /// its own records ask is said, and not that the rest is absent. Conditions on attributes are not said.
    private func choices(_ each: ConnectorDefinition.Path?) -> [JSONTree] {
        var subjects: [(path: [String], values: [String])] = []
        for record in scope(each) where isConditional(record) {
            guard case .path(let path, let texts)? = record.condition else { return [] }
            let place = subjects.firstIndex { $0.path == path.segments } ?? subjects.endIndex
            if place == subjects.endIndex { subjects.append((path.segments, [])) }
            for text in texts where !subjects[place].values.contains(text) { subjects[place].values.append(text) }
        }
        let prefix = each.map { $0.segments.count + 1 } ?? 0
        let isInside = subjects.allSatisfy { subject in
            subject.path.count > prefix && each.map { subject.path.starts(with: $0.segments + ["*"]) } ?? true
        }
        guard !subjects.isEmpty, isInside else { return [] }
        var choices: [JSONTree] = []
        if scope(each).allSatisfy(isConditional) {
            let known = subjects.map {
                nested(Array($0.path[prefix...]), ConversionSchema.oneOf($0.values), isRequired: true)
            }
            choices.append(known.count == 1 ? known[0] : .members(["anyOf": .array(known)]))
        }
        for subject in subjects {
            for value in subject.values {
                let made = scope(each).filter { record in
                    guard case .path(let path, let texts)? = record.condition else { return true }
                    return path.segments == subject.path && texts.contains(value)
                }
                let names = Array(subject.path[prefix...])
                let condition = nested(names, ConversionSchema.oneOf([value]), isRequired: true)
                let then = then(made, each, prefix, areAll: subjects.count == 1)
                choices.append(.members(["if": condition, "then": then]))
            }
        }
        return choices
    }

    /// What holds of the object when these records are made of it; where they are all of its scope, the others' fields are absent.
    private func then(
        _ made: [ConnectorDefinition.Record], _ each: ConnectorDefinition.Path?, _ prefix: Int, areAll: Bool
    ) -> JSONTree {
        let rules = Rules(made.flatMap(self.rules))
        let read = made.reduce(into: Set<[String]>()) { $0.formUnion(paths(of: $1)) }
        var parts: [JSONTree] = []
        let mentioned = scope(each).reduce(into: Set<[String]>()) { $0.formUnion(paths(of: $1)) }
        for segments in mentioned.sorted(by: { $0.lexicographicallyPrecedes($1) }) where segments.count > prefix {
            if each != nil, !segments.contains("*") { continue }
            let inner = Array(segments[prefix...])
            if read.contains(segments) {
                let schema = rules.schema(at: segments)
                if schema == .object([]), !rules.isRequired(segments) { continue }
                parts.append(nested(inner, schema, isRequired: rules.isRequired(segments)))
            } else if areAll, !isGeneral(segments) {
                parts.append(nested(inner, DocumentSchema.absent, isRequired: false))
            }
        }
        return parts.count == 1 ? parts[0] : .members(["allOf": .array(parts)])
    }

    private func isGeneral(_ segments: [String]) -> Bool {
        plan.scopes.indices.contains { scope in
            plan.scopes[scope].slots.contains { slot in
                plan.scopes[scope].generalMask & plan.slots[slot].bit != 0
                    && self.segments(plan.slots[slot].shape) == segments
            }
        }
    }

    /// A schema of the value at the end of a way through objects.
    private func nested(_ names: [String], _ schema: JSONTree, isRequired: Bool) -> JSONTree {
        names.reversed().reduce(schema) { inner, name in
            .members([
                "properties": .object([.init(name, inner)]), "required": isRequired ? .strings([name]) : nil,
            ])
        }
    }

    /// All places of the document that a record looks at.
    private func paths(of record: ConnectorDefinition.Record) -> Set<[String]> {
        var paths: Set<[String]> = []
        func visit(_ condition: ConnectorDefinition.Condition) {
            if case .path(let path, _) = condition { paths.insert(path.segments) }
        }
        func visit(_ expression: ConnectorDefinition.Expression) {
            switch expression.operand {
            case .value(.path(let path), _, _): paths.insert(path.segments)
            case .value, .constant: break
            case .firstOf(let list), .join(let list, _, _): for expression in list { visit(expression) }
            case .when(let condition, let then, let otherwise):
                visit(condition)
                visit(then)
                if let otherwise { visit(otherwise) }
            }
        }
        if let condition = record.condition { visit(condition) }
        for field in record.fields + record.checks { visit(field.expression) }
        return paths
    }
}
