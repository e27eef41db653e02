internal import ParapluModel

/// Turns a definition into the plan that decoding runs, or says what keeps it from being one.
struct ConnectorCompiler {
    private let definition: ConnectorDefinition
    private let file: String
    private var plan = ConnectorPlan()
    private(set) var findings: [Finding] = []

    /// The leaves by declared path, in the order of their first use.
    private var leaves: [ConnectorDefinition.Path: Leaf] = [:]
    private var leafOrder: [ConnectorDefinition.Path] = []
    /// The arrays whose elements give records; scope n is entry n − 1.
    private var arrays: [ConnectorDefinition.Path] = []
    private var tree = [TreeNode(path: "")]
    private var slotOf: [ConnectorDefinition.Path: Int] = [:]

    private struct Leaf {
        var scope: Int
        var conversions: [ConnectorDefinition.Conversion]
    }

    /// A shape while the tree grows.
    private struct TreeNode {
        enum Role { case undecided, object, array(scope: Int), leaf(ConnectorDefinition.Path), ignored }
        var path: String
        var role = Role.undecided
        var children: [(name: String, node: Int)] = []
    }

    init(_ definition: ConnectorDefinition, file: String) {
        self.definition = definition
        self.file = file
    }

    /// The most members of one object and the most values of one scope: one bit each while decoding.
    static let slotsMax = 64

    /// The plan; nil where there are findings.
    mutating func compile() -> ConnectorPlan? {
        for record in definition.records {
            if let each = record.each, !arrays.contains(each) { arrays.append(each) }
        }
        collect()
        growTree()
        guard findings.isEmpty else { return nil }
        numberSlots()
        makeShapes()
        compileRecords()
        compileMessageRules()
        return findings.isEmpty ? plan : nil
    }

    // MARK: Paths

    private mutating func collect() {
        for record in definition.records {
            if let condition = record.condition { collect(condition, recordEach: record.each) }
            for field in record.fields + record.checks { collect(field.expression, recordEach: record.each) }
        }
        for check in definition.checks { collect(check.expression, recordEach: nil) }
        for path in [definition.eventID, definition.eventSource, definition.eventTime] {
            if let path { use(path, .text(lengthMax: 256), recordEach: nil) }
        }
        if case .path(let path, _) = definition.version { use(path, .text(lengthMax: 256), recordEach: nil) }
        if case .path(let path) = definition.key { use(path, .text(lengthMax: 256), recordEach: nil) }
    }

    private mutating func collect(_ expression: ConnectorDefinition.Expression, recordEach: ConnectorDefinition.Path?) {
        switch expression.operand {
        case .path(let path, let conversion): use(path, conversion, recordEach: recordEach)
        case .attribute, .constant: break
        case .firstOf(let expressions): for expression in expressions { collect(expression, recordEach: recordEach) }
        case .when(let condition, let then, let otherwise):
            collect(condition, recordEach: recordEach)
            collect(then, recordEach: recordEach)
            if let otherwise { collect(otherwise, recordEach: recordEach) }
        }
    }

    private mutating func collect(_ condition: ConnectorDefinition.Condition, recordEach: ConnectorDefinition.Path?) {
        // A condition's value is compared, whole, with texts of the definition: what equals one of them is no alarm.
        if case .path(let path, _) = condition { use(path, .text(lengthMax: 256), recordEach: recordEach) }
    }

    private mutating func use(
        _ path: ConnectorDefinition.Path, _ conversion: ConnectorDefinition.Conversion,
        recordEach: ConnectorDefinition.Path?
    ) {
        guard let scope = scope(of: path, recordEach: recordEach) else { return }
        if leaves[path] == nil { leafOrder.append(path) }
        leaves[path, default: Leaf(scope: scope, conversions: [])].conversions.append(conversion)
    }

    private mutating func scope(of path: ConnectorDefinition.Path, recordEach: ConnectorDefinition.Path?) -> Int? {
        guard let star = path.segments.firstIndex(of: "*") else { return 0 }
        let array = Array(path.segments[..<star])
        guard array == recordEach?.segments, !path.segments[(star + 1)...].contains("*"),
            let index = arrays.firstIndex(where: { $0.segments == array })
        else {
            note(
                path.place, .pathConflict,
                "“\(path.pointer)” lies within an array that this record does not go through",
                hint: "give the record an “each” with the array's path; arrays within arrays are not supported")
            return nil
        }
        return index + 1
    }

    private mutating func growTree() {
        for (index, array) in arrays.enumerated() {
            guard let node = node(at: array) else { continue }
            setRole(.array(scope: index + 1), of: node, array)
        }
        for path in leafOrder {
            guard let node = node(at: path) else { continue }
            setRole(.leaf(path), of: node, path)
        }
        for path in definition.ignored {
            guard let node = node(at: path) else { continue }
            setRole(.ignored, of: node, path)
        }
        for node in tree where node.children.count > ConnectorCompiler.slotsMax {
            note(
                .init(line: 1, column: 1), .tooLarge,
                "“\(node.path)” declares more than \(ConnectorCompiler.slotsMax) members")
        }
    }

    /// The node at a path, made where it is missing; nil with a finding where a value stands in its way.
    private mutating func node(at path: ConnectorDefinition.Path) -> Int? {
        var current = 0
        for segment in path.segments {
            switch tree[current].role {
            case .undecided: tree[current].role = .object
            case .object, .array: break
            case .leaf, .ignored:
                note(path.place, .pathConflict, "“\(tree[current].path)” is a value elsewhere, and has members here")
                return nil
            }
            if case .array = tree[current].role, segment != "*" {
                note(path.place, .pathConflict, "“\(tree[current].path)” is an array; its elements are “*”")
                return nil
            }
            if let child = tree[current].children.first(where: { $0.name == segment }) {
                current = child.node
            } else {
                if segment == "*" {
                    guard case .array = tree[current].role else {
                        note(
                            path.place, .pathConflict, "“\(tree[current].path)” is no array that a record goes through")
                        return nil
                    }
                }
                let escaped = segment.replacing("~", with: "~0").replacing("/", with: "~1")
                tree.append(TreeNode(path: tree[current].path + "/" + escaped))
                tree[current].children.append((segment, tree.count - 1))
                current = tree.count - 1
            }
        }
        return current
    }

    private mutating func setRole(_ role: TreeNode.Role, of node: Int, _ path: ConnectorDefinition.Path) {
        guard case .undecided = tree[node].role else {
            note(
                path.place, .pathConflict, "“\(path.pointer)” is declared in two ways",
                hint: "a path is a value, an object or an array, and ignored or read")
            return
        }
        tree[node].role = role
    }

    private mutating func numberSlots() {
        plan.scopes = (0...arrays.count).map { _ in
            ConnectorPlan.Scope(shape: 0, arraySlot: nil, slots: 0..<0, records: [], checks: [], generalMask: 0)
        }
        for scope in 0...arrays.count {
            let first = plan.slots.count
            for path in leafOrder {
                guard let leaf = leaves[path], leaf.scope == scope else { continue }
                slotOf[path] = plan.slots.count
                plan.slots.append(.init(shape: 0, scan: .always))
            }
            if scope == 0 {
                for (index, array) in arrays.enumerated() {
                    slotOf[array] = plan.slots.count
                    plan.scopes[index + 1].arraySlot = plan.slots.count
                    plan.slots.append(.init(shape: 0, scan: .always))
                }
            }
            plan.scopes[scope].slots = first..<plan.slots.count
            if plan.slots.count - first > ConnectorCompiler.slotsMax {
                note(
                    .init(line: 1, column: 1), .tooLarge,
                    "more than \(ConnectorCompiler.slotsMax) values are read of one object")
            }
        }
    }

    private mutating func makeShapes() {
        for node in tree {
            let kind: ConnectorPlan.Shape.Kind
            switch node.role {
            case .undecided, .object: kind = .object
            case .array(let scope): kind = .elements(scope: scope)
            case .leaf(let path): kind = .leaf(slot: slotOf[path] ?? 0)
            case .ignored: kind = .ignored
            }
            plan.shapes.append(.init(kind: kind, members: 0..<0, path: node.path))
        }
        for (index, node) in tree.enumerated() {
            switch node.role {
            case .array(let scope):
                plan.scopes[scope].shape = node.children.first?.node ?? index
                if let slot = plan.scopes[scope].arraySlot { plan.slots[slot].shape = index }
            case .leaf(let path):
                if let slot = slotOf[path] { plan.slots[slot].shape = index }
            case .undecided, .object, .ignored:
                break
            }
            if case .array = node.role { continue }
            let first = plan.members.count
            for child in node.children {
                let name = Array(child.name.utf8)
                plan.members.append(
                    .init(
                        head: name.withUnsafeBytes(ConnectorPlan.head), count: name.count, name: name, shape: child.node
                    ))
            }
            plan.shapes[index].members = first..<plan.members.count
        }
    }

    // MARK: Records

    private mutating func compileRecords() {
        for array in arrays {
            if let slot = slotOf[array] { plan.scopes[0].generalMask |= bit(slot, scope: 0) }
        }
        for record in definition.records {
            let scope = record.each.flatMap { each in arrays.firstIndex(of: each) }.map { $0 + 1 } ?? 0
            var compiled = ConnectorPlan.Record(kind: record.kind, condition: nil, fields: [], mask: 0)
            if let condition = record.condition {
                compiled.condition = compile(condition)
                // What chooses a record is read for every record of its scope.
                if case .slot(let slot)? = compiled.condition?.subject { claim(slot, scope: scope, mask: nil) }
            }
            for field in record.fields + record.checks {
                let operand = compile(field.expression, target: field.target)
                compiled.fields.append(make(field, operand: operand))
                for slot in slots(of: field.expression) { claim(slot, scope: scope, mask: &compiled.mask) }
            }
            plan.scopes[scope].records.append(compiled)
        }
        for check in definition.checks {
            let operand = compile(check.expression, target: .check)
            plan.scopes[0].checks.append(make(check, operand: operand))
            for slot in slots(of: check.expression) { plan.scopes[0].generalMask |= bit(slot, scope: 0) }
        }
        for index in plan.slots.indices {
            plan.slots[index].scan = scan(ofSlot: index)
            plan.slots[index].isNumber = leaves.contains { path, leaf in
                slotOf[path] == index
                    && leaf.conversions.allSatisfy { if case .number = $0 { true } else { false } }
            }
        }
    }

    private func make(_ field: ConnectorDefinition.Field, operand: Int) -> ConnectorPlan.Field {
        let path = firstPath(of: field.expression)
        return ConnectorPlan.Field(
            target: field.target, operand: operand, isRequired: field.isRequired,
            path: path ?? firstAttribute(of: field.expression),
            isInDocument: path != nil)
    }

    private mutating func claim(_ slot: Int, scope: Int, mask: UnsafeMutablePointer<UInt64>?) {
        if plan.scopes[scope].slots.contains(slot), let mask {
            mask.pointee |= bit(slot, scope: scope)
        } else if plan.scopes[scope].slots.contains(slot) {
            plan.scopes[scope].generalMask |= bit(slot, scope: scope)
        } else {
            plan.scopes[0].generalMask |= bit(slot, scope: 0)
        }
    }

    private func bit(_ slot: Int, scope: Int) -> UInt64 { 1 << UInt64(slot - plan.scopes[scope].slots.lowerBound) }

    private mutating func compile(_ condition: ConnectorDefinition.Condition) -> ConnectorPlan.Condition {
        switch condition {
        case .path(let path, let values):
            ConnectorPlan.Condition(subject: .slot(slotOf[path] ?? 0), values: values.map { Array($0.utf8) })
        case .attribute(let attribute, let values):
            ConnectorPlan.Condition(subject: .attribute(attribute), values: values.map { Array($0.utf8) })
        }
    }

    private mutating func compile(_ expression: ConnectorDefinition.Expression, target: TargetField) -> Int {
        let operand: ConnectorPlan.Operand
        switch expression.operand {
        case .path(let path, let conversion):
            operand = .slot(slotOf[path] ?? 0, compile(conversion, target: target, expression.place))
        case .attribute(let attribute, let conversion):
            operand = .attribute(attribute, compile(conversion, target: target, expression.place))
        case .constant(let text):
            operand = constant(text, target: target, expression.place).map { .constant($0) } ?? .nothing
        case .firstOf(let expressions):
            let indices = expressions.map { compile($0, target: target) }
            let first = plan.operandLists.count
            plan.operandLists += indices
            operand = .firstOf(first..<first + indices.count)
        case .when(let condition, let then, let otherwise):
            let condition = compile(condition)
            let then = compile(then, target: target)
            operand = .when(
                condition, then: then, otherwise: otherwise.map { compile($0, target: target) } ?? nothing())
        }
        plan.operands.append(operand)
        return plan.operands.count - 1
    }

    private mutating func nothing() -> Int {
        plan.operands.append(.nothing)
        return plan.operands.count - 1
    }

    // MARK: Conversions

    private mutating func compile(
        _ conversion: ConnectorDefinition.Conversion, target: TargetField, _ place: ConnectorDefinition.Place
    ) -> ConnectorPlan.Conversion {
        let compiled: ConnectorPlan.Conversion
        switch conversion {
        case .identifier: compiled = target == .reporter ? .reporter : .identifier
        case .shape(let shape): compiled = target == .reporter ? .reporter : .shape(shape)
        case .text(let lengthMax): compiled = .text(lengthMax: lengthMax)
        case .codes(let list, let separator):
            let table = codeTable(list, target: target, place)
            switch target {
            case .reasons: compiled = .codeSet(list: table, separator: separator)
            case .action, .milestone, .document, .risk, .item, .indicator, .period, .category, .check:
                compiled = .textCodes(list: table)
            default: compiled = .codes(list: table)
            }
            if separator != nil, target != .reasons, target != .check {
                note(place, .invalidOperator, "“split” fits a field with several codes: reasons")
            }
        case .date(let form): compiled = .date(form)
        case .moment: compiled = .moment
        case .number(let range): compiled = target == .value ? .figure(figureRange(range, place)) : .number(range)
        }
        if !fits(conversion, target) {
            note(
                place, .invalidOperator, "the operator does not fit “\(target.rawValue)”",
                hint: ConnectorCompiler.hint(target))
        }
        return compiled
    }

    /// The range of a figure: never below none, with at most three decimals.
    private mutating func figureRange(_ range: NumberRange, _ place: ConnectorDefinition.Place) -> NumberRange {
        var range = range
        range.min = max(range.min ?? 0, 0)
        if range.decimals > Figure.decimals {
            note(place, .invalidOperator, "a figure has at most \(Figure.decimals) decimals")
        }
        return range
    }

    private func fits(_ conversion: ConnectorDefinition.Conversion, _ target: TargetField) -> Bool {
        switch target {
        case .check: return true
        case .action, .milestone, .document, .risk, .item, .indicator, .category:
            if case .codes = conversion { return true }
            return conversion == .identifier
        case .period:
            switch conversion {
            case .identifier, .codes: return true
            case .number(let range): return range.decimals == 0
            case .shape, .text, .date, .moment: return false
            }
        case .value:
            if case .number = conversion { return true }
        case .reporter:
            return conversion == .identifier || conversion == .shape(.oin)
        case .asOf, .currentDue, .reachedOn, .correctedAsOf:
            if case .date = conversion { return true }
        case .recordedAtSource: return conversion == .moment
        case .sequence:
            if case .number(let range) = conversion { return range.decimals == 0 }
        case .lifecycle, .rating, .reasons, .status, .level, .riskStatus, .withdraws, .corrects, .unit, .dimension,
            .flag, .stage:
            if case .codes = conversion { return true }
        }
        return false
    }

    private static func hint(_ target: TargetField) -> String {
        switch target {
        case .check: ""
        case .action, .milestone, .document, .risk, .item, .indicator, .category:
            "an identifier, or “codes” with a list"
        case .period: "an identifier such as 2023-H1, “codes” with a list, or “number” without decimals"
        case .value: "“number”"
        case .reporter: "an identifier, or “shape: oin”"
        case .asOf, .currentDue, .reachedOn, .correctedAsOf: "“date: iso”, “date: dd-mm-yyyy” or “date: yyyymmdd”"
        case .recordedAtSource: "“moment: rfc3339”"
        case .sequence: "“number” without decimals"
        case .lifecycle, .rating, .reasons, .status, .level, .riskStatus, .withdraws, .corrects, .unit, .dimension,
            .flag, .stage:
            "“codes” with a list, or “codes: canonical”"
        }
    }

    /// The codes that a field may be given, with their numbers.
    private static func canonicalCodes(_ target: TargetField) -> [(code: String, value: Int)]? {
        func numbered<Code: RawRepresentable & CaseIterable & Equatable>(_ codes: [Code]) -> [(String, Int)]
        where Code.RawValue == String {
            codes.compactMap { code in
                Code.allCases.enumerated().first { $0.element == code }.map { (code.rawValue, $0.offset) }
            }
        }
        return switch target {
        case .lifecycle: numbered(Lifecycle.reportable)
        case .rating: numbered(DeliveryRating.allCases)
        case .reasons: numbered(ReasonCode.allCases)
        case .status: numbered(MilestoneStatus.reportable)
        case .level: numbered(RiskLevel.allCases)
        case .riskStatus: numbered(RiskStatus.allCases)
        case .withdraws: numbered(RecordKind.withdrawable)
        case .corrects: numbered(RecordKind.correctable)
        case .unit: numbered(IndicatorUnit.allCases)
        case .dimension: numbered(Dimension.allCases)
        case .flag: numbered(ValueFlag.allCases)
        case .stage: numbered(ObservationStage.allCases)
        case .risk, .item, .reporter, .action, .asOf, .sequence, .recordedAtSource, .document, .milestone, .currentDue,
            .reachedOn, .correctedAsOf, .indicator, .period, .category, .value, .check:
            nil
        }
    }

    private mutating func codeTable(_ name: String, target: TargetField, _ place: ConnectorDefinition.Place) -> Int {
        let canonical = ConnectorCompiler.canonicalCodes(target)
        var table = ConnectorPlan.CodeTable(entries: [], name: name, expected: "")
        if name == "canonical" {
            guard let canonical else {
                note(place, .invalidCode, "“\(target.rawValue)” has no canonical codes")
                return 0
            }
            table.entries = canonical.map { .init(source: Array($0.code.utf8), value: $0.value) }
        } else {
            guard let list = definition.codeLists.first(where: { $0.name == name }) else {
                note(place, .invalidCode, "there is no code list “\(name)”", hint: "add it under code_lists")
                return 0
            }
            for entry in list.entries {
                if let canonical {
                    guard let value = canonical.first(where: { $0.code == entry.target })?.value else {
                        note(
                            entry.place, .invalidCode,
                            "“\(entry.target)” is no code that may be reported as \(target.rawValue)",
                            hint: canonical.map(\.code).joined(separator: ", "))
                        continue
                    }
                    table.entries.append(.init(source: Array(entry.source.utf8), value: value))
                } else {
                    if target != .check, ActionID(entry.target) == nil {
                        note(entry.place, .invalidCode, "“\(entry.target)” has not the shape of an identifier")
                        continue
                    }
                    table.entries.append(.init(source: Array(entry.source.utf8), value: text(entry.target)))
                }
            }
        }
        let sources = table.entries.map { String(decoding: $0.source, as: UTF8.self) }
        table.expected = "one of: " + sources.prefix(20).joined(separator: ", ") + (sources.count > 20 ? ", …" : "")
        plan.codeTables.append(table)
        return plan.codeTables.count - 1
    }

    private mutating func text(_ text: String) -> Int {
        if let index = plan.texts.firstIndex(of: text) { return index }
        plan.texts.append(text)
        return plan.texts.count - 1
    }

    private mutating func constant(
        _ text: String, target: TargetField, _ place: ConnectorDefinition.Place
    ) -> ConnectorPlan.Constant? {
        let constant: ConnectorPlan.Constant?
        switch target {
        case .action, .milestone, .document, .risk, .item, .indicator, .category:
            constant = ActionID(text) == nil ? nil : .text(self.text(text))
        case .asOf, .currentDue, .reachedOn, .correctedAsOf: constant = CalendarDate(text).map { .date($0) }
        case .sequence: constant = Int64(text).map { .integer($0) }
        case .recordedAtSource: constant = Timestamp(rfc3339: text.utf8).map { .moment($0) }
        case .period: constant = Period(text) == nil ? nil : .text(self.text(text))
        case .lifecycle, .rating, .status, .level, .riskStatus, .withdraws, .corrects, .unit, .dimension, .flag, .stage:
            constant = ConnectorCompiler.canonicalCodes(target)?.first { $0.code == text }.map { .code($0.value) }
        case .reasons:
            constant = ConnectorCompiler.canonicalCodes(target)?.first { $0.code == text }.map {
                .codeSet(1 << UInt32($0.value))
            }
        case .reporter, .value, .check: constant = nil
        }
        if constant == nil { note(place, .invalidValue, "“\(text)” cannot be the value of “\(target.rawValue)”") }
        return constant
    }

    private mutating func compileMessageRules() {
        func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }
        for path in [definition.eventID, definition.eventSource, definition.eventTime] {
            if let path, let slot = slotOf[path] { plan.scopes[0].generalMask |= bit(slot, scope: 0) }
        }
        plan.eventID = definition.eventID.flatMap { slotOf[$0] }
        plan.eventSource = definition.eventSource.flatMap { slotOf[$0] }
        plan.eventTime = definition.eventTime.flatMap { slotOf[$0] }
        switch definition.version {
        case .none: plan.version = .none
        case .attribute(let attribute, let accepted): plan.version = .attribute(attribute, accepted: bytes(accepted))
        case .path(let path, let accepted):
            let slot = slotOf[path] ?? 0
            plan.scopes[0].generalMask |= bit(slot, scope: 0)
            plan.version = .slot(slot, accepted: bytes(accepted))
        }
        switch definition.key {
        case .none: plan.key = .none
        case .attribute(let attribute): plan.key = .attribute(attribute)
        case .path(let path):
            let slot = slotOf[path] ?? 0
            plan.scopes[0].generalMask |= bit(slot, scope: 0)
            plan.key = .slot(slot)
        }
        plan.actions = definition.actions.map { Set($0.map(\.rawValue)) }
        plan.kinds = Set(definition.kinds)
    }

    // MARK: Looking through expressions

    private func scan(ofSlot slot: Int) -> ConnectorPlan.Scan {
        var shape: DeclaredShape?
        var list: Int?
        for operand in plan.operands {
            guard case .slot(slot, let conversion) = operand else { continue }
            switch conversion {
            case .shape(let declared): shape = declared
            case .reporter: shape = .oin
            case .codes(let table), .textCodes(let table): list = table
            case .identifier, .text, .codeSet, .date, .moment, .number, .figure: break
            }
        }
        if slot == plan.eventID ?? -1 { return .unlessShape(.uuid) }
        if let shape { return .unlessShape(shape) }
        if let list { return .unlessCode(list: list) }
        return .always
    }

    private func slots(of expression: ConnectorDefinition.Expression) -> [Int] {
        switch expression.operand {
        case .path(let path, _): [slotOf[path]].compactMap { $0 }
        case .attribute, .constant: []
        case .firstOf(let expressions): expressions.flatMap(slots(of:))
        case .when(let condition, let then, let otherwise):
            slots(of: condition) + slots(of: then) + (otherwise.map(slots(of:)) ?? [])
        }
    }

    private func slots(of condition: ConnectorDefinition.Condition) -> [Int] {
        if case .path(let path, _) = condition { return [slotOf[path]].compactMap { $0 } }
        return []
    }

    private func firstPath(of expression: ConnectorDefinition.Expression) -> String? {
        switch expression.operand {
        case .path(let path, _): path.pointer
        case .attribute, .constant: nil
        case .firstOf(let expressions): expressions.lazy.compactMap(firstPath(of:)).first
        case .when(_, let then, let otherwise): firstPath(of: then) ?? otherwise.flatMap(firstPath(of:))
        }
    }

    private func firstAttribute(of expression: ConnectorDefinition.Expression) -> String {
        switch expression.operand {
        case .attribute(let attribute, _): attribute.rawValue
        case .path, .constant: ""
        case .firstOf(let expressions): expressions.first.map(firstAttribute(of:)) ?? ""
        case .when(_, let then, _): firstAttribute(of: then)
        }
    }

    private mutating func note(
        _ place: ConnectorDefinition.Place, _ code: FindingCode, _ message: String, hint: String = ""
    ) {
        findings.append(
            Finding(file: file, line: place.line, column: place.column, code: code, message: message, hint: hint))
    }
}
