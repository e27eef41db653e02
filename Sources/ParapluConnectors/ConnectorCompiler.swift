internal import ParapluModel

/// Turns a definition into the plan that decoding runs, or says what keeps it from being one.
struct ConnectorCompiler {
    let definition: ConnectorDefinition
    private let file: String
    var plan = ConnectorPlan.Draft()
    private(set) var findings: [Finding] = []

    /// The leaves by declared path, in the order of their first use.
    private(set) var leaves: [ConnectorDefinition.Path: Leaf] = [:]
    private var leafOrder: [ConnectorDefinition.Path] = []
    /// The arrays whose elements give records; scope n is entry n − 1.
    private(set) var arrays: [ConnectorDefinition.Path] = []
    private var tree = [TreeNode(path: "")]
    private(set) var slotOf: [ConnectorDefinition.Path: Int] = [:]

    struct Leaf {
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
        return findings.isEmpty ? ConnectorPlan(plan) : nil
    }

    // MARK: Paths

    private mutating func collect() {
        for record in definition.records where !record.isOfTombstone {
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
        case .value(.path(let path), let part, let conversion):
            // What one part becomes says nothing of the other parts: the text as a whole is any text.
            use(path, part == nil ? conversion : .text(lengthMax: 256), recordEach: recordEach)
        case .value, .constant: break
        case .firstOf(let expressions), .join(let expressions, _, _):
            for expression in expressions { collect(expression, recordEach: recordEach) }
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
            ConnectorPlan.Scope(
                shape: 0, arraySlot: nil, slots: 0..<0, records: 0..<0, checks: 0..<0, generalMask: 0)
        }
        for scope in 0...arrays.count {
            let first = plan.slots.count
            for path in leafOrder {
                guard let leaf = leaves[path], leaf.scope == scope else { continue }
                slotOf[path] = plan.slots.count
                plan.slots.append(slot(plan.slots.count - first, scope: scope))
            }
            if scope == 0 {
                for (index, array) in arrays.enumerated() {
                    slotOf[array] = plan.slots.count
                    plan.scopes[index + 1].arraySlot = plan.slots.count
                    plan.slots.append(slot(plan.slots.count - first, scope: scope))
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

    /// A slot of a scope, by its number in it; one too many has a bit of no meaning, and a finding.
    private func slot(_ number: Int, scope: Int) -> ConnectorPlan.Slot {
        .init(shape: 0, scan: .always, isInRoot: scope == 0, bit: 1 << UInt64(number % ConnectorCompiler.slotsMax))
    }

    /// The number of a declared path.
    mutating func path(_ path: String) -> Int {
        if let index = plan.paths.firstIndex(of: path) { return index }
        plan.paths.append(path)
        return plan.paths.count - 1
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
            plan.shapes.append(.init(kind: kind, members: 0..<0, path: path(node.path)))
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
                        head: name.withUnsafeBytes(ConnectorPlan.head), count: name.count, name: plan.names.count,
                        shape: child.node))
                plan.names += name
            }
            plan.shapes[index].members = first..<plan.members.count
        }
    }

    private mutating func compileMessageRules() {
        func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }
        for path in [definition.eventID, definition.eventSource, definition.eventTime] {
            if let path, let slot = slotOf[path] { plan.scopes[0].generalMask |= plan.slots[slot].bit }
        }
        plan.eventID = definition.eventID.flatMap { slotOf[$0] }
        plan.eventSource = definition.eventSource.flatMap { slotOf[$0] }
        plan.eventTime = definition.eventTime.flatMap { slotOf[$0] }
        switch definition.version {
        case .none: plan.version = .none
        case .attribute(let attribute, let accepted): plan.version = .attribute(attribute, accepted: bytes(accepted))
        case .path(let path, let accepted):
            let slot = slotOf[path] ?? 0
            plan.scopes[0].generalMask |= plan.slots[slot].bit
            plan.version = .slot(slot, accepted: bytes(accepted))
        }
        switch definition.key {
        case .none: plan.key = .none
        case .attribute(let attribute): plan.key = .attribute(attribute)
        case .path(let path):
            let slot = slotOf[path] ?? 0
            plan.scopes[0].generalMask |= plan.slots[slot].bit
            plan.key = .slot(slot)
        }
        plan.actions = definition.actions.map { Set($0.map(\.rawValue)) }
        plan.kinds = Set(definition.kinds)
    }

    mutating func note(
        _ place: ConnectorDefinition.Place, _ code: FindingCode, _ message: String, hint: String = ""
    ) {
        findings.append(
            Finding(file: file, line: place.line, column: place.column, code: code, message: message, hint: hint))
    }
}
