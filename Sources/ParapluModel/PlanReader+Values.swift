internal import JSON

/// The values of single members, and what is wrong with them.
extension PlanReader {
    /// The member where it is there and not null.
    func present(_ node: JSONNode?, _ name: String) -> JSONNode? {
        guard let member = node?[name: name], !member.isNull else { return nil }
        return member
    }

    func list<Value>(_ node: JSONNode, _ name: String, _ path: String, _ read: (JSONNode, String) -> Value?)
        -> [Value]
    {
        guard let member = present(node, name), member.kind == .array else {
            note("\(path)/\(name)", "an array is needed here")
            return []
        }
        return member.elements.enumerated().compactMap { index, element in
            guard element.kind == .object else {
                note("\(path)/\(name)/\(index)", "an object is needed here")
                return nil
            }
            return read(element, "\(path)/\(name)/\(index)")
        }
    }

    /// The list, or none where the member is absent; one of more than `countMax` elements is refused unread.
    func optionalList<Value>(
        _ node: JSONNode, _ name: String, _ path: String, countMax: Int = .max, _ read: (JSONNode, String) -> Value?
    ) -> [Value] {
        guard let member = present(node, name) else { return [] }
        guard member.count <= countMax else {
            note("\(path)/\(name)", "at most \(countMax) elements")
            return []
        }
        return list(node, name, path, read)
    }

    /// Notes each value that an earlier element has too.
    func checkUnique<Value: Hashable>(_ values: [Value], _ path: String, _ member: String) {
        var known: Set<Value> = []
        for (index, value) in values.enumerated() where !known.insert(value).inserted {
            note("\(path)/\(index)/\(member)", "another one of the list has this \(member)")
        }
    }

    /// The text, nil where the member is absent.
    func optionalText(_ node: JSONNode, _ name: String, _ path: String) -> String? {
        present(node, name) == nil ? nil : text(node, name, path)
    }

    func text(_ node: JSONNode?, _ name: String, _ path: String) -> String? {
        guard let text = present(node, name)?.string, !text.isEmpty else {
            note("\(path)/\(name)", "a text is needed here")
            return nil
        }
        return text
    }

    func identifier(_ node: JSONNode, _ name: String, _ path: String) -> String? {
        guard let text = text(node, name, path) else { return nil }
        guard isIdentifier(utf8: text.utf8) else {
            note("\(path)/\(name)", "1 to 64 of a-z A-Z 0-9 . _ : / -")
            return nil
        }
        return text
    }

    /// The identifiers of a list, or none where the member is absent.
    func identifiers(_ node: JSONNode, _ name: String, _ path: String) -> [String] {
        guard let member = present(node, name) else { return [] }
        guard member.kind == .array else {
            note("\(path)/\(name)", "an array is needed here")
            return []
        }
        return member.elements.enumerated().compactMap { index, element in
            guard let text = element.string, isIdentifier(utf8: text.utf8) else {
                note("\(path)/\(name)/\(index)", "1 to 64 of a-z A-Z 0-9 . _ : / -")
                return nil
            }
            return text
        }
    }

    /// A whole number within bounds, which the problem names.
    func wholeNumber(_ node: JSONNode?, _ path: String, in bounds: ClosedRange<Int>) -> Int? {
        guard let number = node?.int64, let value = Int(exactly: number), bounds.contains(value) else {
            note(path, "a whole number from \(bounds.lowerBound) to \(bounds.upperBound) is needed here")
            return nil
        }
        return value
    }

    func flag(_ node: JSONNode, _ name: String, _ path: String) -> Bool {
        guard let member = present(node, name) else { return false }
        if member.bool == nil { note("\(path)/\(name)", "true or false is needed here") }
        return member.bool ?? false
    }

    func date(_ node: JSONNode, _ name: String, _ path: String, isRequired: Bool = false) -> CalendarDate? {
        guard let member = present(node, name) else {
            if isRequired { note("\(path)/\(name)", "a date is needed here") }
            return nil
        }
        guard let date = member.utf8.flatMap({ CalendarDate(iso: $0) }), CalendarDate.accepted.contains(date) else {
            note("\(path)/\(name)", "an existing date is needed here, as yyyy-mm-dd")
            return nil
        }
        return date
    }

    /// A code of a closed list, which the problem names.
    func code<Code: CaseIterable & RawRepresentable<String>>(_ node: JSONNode, _ name: String, _ path: String) -> Code?
    {
        guard let code = present(node, name)?.string.flatMap({ Code(rawValue: $0) }) else {
            note("\(path)/\(name)", "one of: \(Code.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return code
    }

    func provenance(_ node: JSONNode, _ path: String) -> Provenance? {
        code(node, "provenance", path)
    }

    func organisationReference(_ node: JSONNode?, _ path: String) -> OrganisationID? {
        guard let id = node?.string.flatMap({ OrganisationID($0) }), organisations[id] != nil else {
            note(path, "no organisation of the plan")
            return nil
        }
        return id
    }

    func goalReferences(_ node: JSONNode, _ path: String) -> [GoalID] {
        guard let member = present(node, "goal_ids"), member.kind == .array else {
            note(path + "/goal_ids", "an array is needed here")
            return []
        }
        var known: Set<GoalID> = []
        return member.elements.enumerated().compactMap { index, element in
            guard let id = element.string.flatMap({ GoalID($0) }), goals.contains(id) else {
                note("\(path)/goal_ids/\(index)", "no goal of the plan")
                return nil
            }
            guard known.insert(id).inserted else {
                note("\(path)/goal_ids/\(index)", "the list has this goal already; an action counts once per goal")
                return nil
            }
            return id
        }
    }

    func checkOrder(_ from: CalendarDate?, _ until: CalendarDate?, _ path: String) {
        if let from, let until, until <= from { note(path + "/valid_until", "not behind valid_from") }
    }
}
