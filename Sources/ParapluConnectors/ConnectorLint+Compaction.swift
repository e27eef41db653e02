internal import ParapluModel

extension ConnectorLint {
    /// What a feed on a compacted topic would lose.
    ///
    /// The topic keeps the last message of each key, so that each key has to stand for one thing that is said again and
    /// again. What is newer by its sequence takes the place of the older word in the store too: the sequence need not be
    /// in the key. A withdrawal says something of the same thing, and is of no kind here.
    static func compaction(_ connector: Connector, file: String) -> [Finding] {
        guard connector.offsets == .compacted else { return [] }
        let definition = connector.parsed
        func finding(_ message: String, _ hint: String) -> Finding {
            Finding(
                file: file, line: definition.offsetsPlace.line, column: definition.offsetsPlace.column,
                code: .compaction, message: message, hint: hint)
        }
        if case .none = definition.key {
            return [
                finding("a compacted topic keeps one message of each key, and no key is asked for", "declare “key”")
            ]
        }
        var findings: [Finding] = []
        let records = definition.records.filter { !$0.isOfTombstone && $0.kind != nil && $0.kind != .withdrawal }
        let kinds = Set(records.compactMap { $0.kind?.rawValue }).sorted()
        if kinds.count > 1 || records.contains(where: { $0.each != nil }) {
            findings.append(
                finding(
                    "one key stands for several records: \(kinds.joined(separator: ", "))",
                    "one record of one kind for each message, or “offsets: dense”"))
        }
        let missing = identifying(definition, kinds).filter { target in
            !definition.records.contains { record in
                record.fields.contains { $0.target == target && isOfKey($0.expression, definition.key) }
            }
        }
        if !missing.isEmpty {
            findings.append(
                finding(
                    "nothing shows that the key tells \(missing.map(\.rawValue).joined(separator: ", "))",
                    "read them from the key, or from what it must equal"))
        }
        return findings
    }

    /// The fields of the feed's identity that differ from record to record.
    private static func identifying(_ definition: ConnectorDefinition, _ kinds: [String]) -> [TargetField] {
        var fields: [TargetField] = []
        let isFigure = kinds.contains(RecordKind.indicatorObserved.rawValue)
        if definition.identity.contains(.action) { fields.append(isFigure ? .indicator : .action) }
        if definition.identity.contains(.item) {
            if kinds.contains(RecordKind.milestoneReported.rawValue) { fields.append(.milestone) }
            if kinds.contains(RecordKind.riskReported.rawValue) { fields.append(.risk) }
            if isFigure { fields.append(.period) }
        }
        if definition.identity.contains(.asOf) { fields.append(.asOf) }
        return fields
    }

    /// Whether an operator reads the key, or the value that the key must equal.
    private static func isOfKey(_ expression: ConnectorDefinition.Expression, _ key: ConnectorDefinition.Key) -> Bool {
        switch expression.operand {
        case .value(.key, _, _): return true
        case .value(.attribute(let attribute), _, _):
            if case .attribute(attribute) = key { return true }
            return false
        case .value(.path(let path), _, _):
            if case .path(path) = key { return true }
            return false
        case .join(let pieces, _, _): return pieces.allSatisfy { isConstant($0) || isOfKey($0, key) }
        case .constant, .firstOf, .when: return false
        }
    }

    private static func isConstant(_ expression: ConnectorDefinition.Expression) -> Bool {
        if case .constant = expression.operand { return true }
        return false
    }
}
