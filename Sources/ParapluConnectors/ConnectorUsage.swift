package import ParapluModel

/// Which operators and which places of its document a definition uses.
package struct ConnectorUsage: Sendable {
    /// The feed whose definition it is.
    package let feed: FeedID
    /// Its formats and modes: two for events that are taken in both modes.
    package let formats: [String]
    /// The operators that occur in the definition at least once.
    package let operators: Set<ConnectorOperator>
    /// The declared paths, as JSON Pointers with `*` for an element, and attributes as `@name`; sorted.
    package let paths: [String]
}

extension Connector {
    /// The definition as it was read; a connector's definition has no findings.
    var parsed: ConnectorDefinition {
        var reader = DefinitionReader(file: feed.rawValue)
        guard let parsed = reader.definition(definition) else {
            preconditionFailure("a connector was made of this definition")
        }
        return parsed
    }

    /// What the definition uses.
    package var usage: ConnectorUsage {
        var finder = UsageFinder()
        finder.visit(parsed)
        return ConnectorUsage(
            feed: feed, formats: formatNames, operators: finder.operators, paths: finder.paths.sorted())
    }
}

/// Collects operators and paths on a walk over a definition.
private struct UsageFinder {
    var operators: Set<ConnectorOperator> = []
    var paths: Set<String> = []
    private var datedLists: Set<String> = []

    mutating func visit(_ definition: ConnectorDefinition) {
        datedLists = Set(
            definition.codeLists.filter { list in list.entries.contains { $0.from != nil || $0.until != nil } }
                .map(\.name))
        for record in definition.records {
            if let each = record.each {
                operators.insert(.each)
                paths.insert(each.pointer)
            }
            if record.isOfTombstone { operators.insert(.tombstone) }
            if !record.checks.isEmpty { operators.insert(.checks) }
            if let condition = record.condition {
                operators.insert(.recordWhen)
                visit(condition)
            }
            for field in record.fields + record.checks { visit(field.expression) }
        }
        if !definition.checks.isEmpty { operators.insert(.checks) }
        for check in definition.checks { visit(check.expression) }
        if !definition.ignored.isEmpty { operators.insert(.ignore) }
        for path in definition.ignored
            + [definition.eventID, definition.eventSource, definition.eventTime].compactMap({ $0 })
        {
            paths.insert(path.pointer)
        }
        if case .path(let path, _) = definition.version { paths.insert(path.pointer) }
        if case .path(let path) = definition.key { paths.insert(path.pointer) }
    }

    private mutating func visit(_ condition: ConnectorDefinition.Condition) {
        switch condition {
        case .path(let path, _): paths.insert(path.pointer)
        case .attribute(let attribute, _): paths.insert("@" + attribute.rawValue)
        }
    }

    private mutating func visit(_ expression: ConnectorDefinition.Expression) {
        switch expression.operand {
        case .value(let source, let part, let conversion):
            switch source {
            case .path(let path):
                operators.insert(.path)
                paths.insert(path.pointer)
            case .attribute(let attribute):
                operators.insert(.attribute)
                paths.insert("@" + attribute.rawValue)
            case .key: operators.insert(.key)
            }
            if part != nil { operators.insert(.part) }
            visit(conversion)
        case .constant: operators.insert(.constant)
        case .firstOf(let expressions):
            operators.insert(.firstOf)
            for expression in expressions { visit(expression) }
        case .when(let condition, let then, let otherwise):
            operators.insert(.when)
            visit(condition)
            visit(then)
            if let otherwise { visit(otherwise) }
        case .join(let pieces, _, let conversion):
            operators.insert(.join)
            for piece in pieces { visit(piece) }
            visit(conversion)
        }
    }

    private mutating func visit(_ conversion: ConnectorDefinition.Conversion) {
        switch conversion {
        case .identifier: operators.insert(.identifier)
        case .shape: operators.insert(.shape)
        case .text: operators.insert(.text)
        case .organisation: operators.insert(.organisation)
        case .piece: break
        case .date(let form): operators.insert(ConnectorOperator(form))
        case .moment(let form): operators.insert(ConnectorOperator(form))
        case .codes(let list, let separator, let ignoresCase):
            operators.insert(.codes)
            if separator != nil { operators.insert(.codesSplit) }
            if ignoresCase { operators.insert(.codesIgnoreCase) }
            if datedLists.contains(list) { operators.insert(.codesDays) }
        case .number(let form):
            operators.insert(ConnectorOperator(form.style))
            if !form.suffix.isEmpty { operators.insert(.numberSuffix) }
            if form.exponent > 0 { operators.insert(.numberTimes) }
        }
    }
}

/// Which feed uses what: that no operator is there for one feed alone, and that no two feeds are one.
package struct ConnectorMatrix: Sendable {
    /// The fewest feeds that an operator or a format is kept for.
    package static let usersMin = 2

    /// In order of the feeds.
    package let usages: [ConnectorUsage]

    package init(_ connectors: [Connector]) { usages = connectors.map(\.usage) }

    /// The formats, sorted, each with the feeds in it.
    package var formats: [(name: String, feeds: [FeedID])] {
        Set(usages.flatMap(\.formats)).sorted().map { format in
            (format, usages.filter { $0.formats.contains(format) }.map(\.feed))
        }
    }

    /// All operators, each with the feeds that use it.
    package var operators: [(name: ConnectorOperator, feeds: [FeedID])] {
        ConnectorOperator.allCases.map { entry in
            (entry, usages.filter { $0.operators.contains(entry) }.map(\.feed))
        }
    }

    /// What is wrong, a sentence each; empty where nothing is.
    package var problems: [String] {
        var problems: [String] = []
        for (index, usage) in usages.enumerated() {
            for other in usages[(index + 1)...] where other.paths == usage.paths {
                problems.append("\(usage.feed) and \(other.feed) read the same \(usage.paths.count) paths")
            }
        }
        let rare =
            formats.map { ("format \($0.name)", $0.feeds) }
            + operators.map { ("operator \($0.name.rawValue)", $0.feeds) }
        for (name, feeds) in rare where feeds.count < ConnectorMatrix.usersMin {
            let users = feeds.isEmpty ? "no feed" : "\(feeds.map(\.rawValue).joined(separator: ", ")) alone"
            problems.append("\(name) is used by \(users)")
        }
        return problems
    }
}
