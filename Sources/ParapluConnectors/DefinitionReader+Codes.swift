internal import ParapluModel
internal import YAML

extension DefinitionReader {
    /// The lists under `code_lists`: each code of theirs with what it stands for, on some days or on all.
    mutating func readCodeLists(_ map: Map) -> [ConnectorDefinition.CodeList] {
        guard let node = map.node("code_lists", isRequired: false, &self) else { return [] }
        return (node.mapping ?? []).map { entry in
            var list = ConnectorDefinition.CodeList(name: entry.name, entries: [], place: entry.value.place)
            for code in entry.value.mapping ?? [] {
                for meaning in code.value.sequence ?? [code.value] {
                    if let entry = readMeaning(meaning, of: code.name) { list.entries.append(entry) }
                }
            }
            if list.entries.isEmpty || list.entries.count > 1_000 {
                note(entry.value, .invalidValue, "a code list holds 1 to 1000 codes: “theirs: OURS”")
            }
            return list
        }
    }

    /// What a code stands for: one code of ours, or `{ means, from, until }`, the last day not included.
    private mutating func readMeaning(_ node: YAMLNode, of source: String) -> ConnectorDefinition.CodeList.Entry? {
        if let target = node.text { return .init(source: source, target: target, place: node.place) }
        guard node.mapping != nil else {
            note(node, .invalidValue, "a code stands for one code of ours, or for { means, from, until }")
            return nil
        }
        let map = Map(node, "a code with its days", &self)
        let target = map.checked("means", "a code of ours", &self) { $0.isEmpty ? nil : $0 }
        let from = map.optional("from", "the first day, as yyyy-mm-dd", &self) { CalendarDate($0) }
        let until = map.optional("until", "the day after the last, as yyyy-mm-dd", &self) { CalendarDate($0) }
        map.refuseTheRest(&self)
        if let from, let until, from >= until { note(node, .invalidValue, "“from” lies before “until”") }
        return target.map { .init(source: source, target: $0, from: from, until: until, place: node.place) }
    }

    /// The section `organisations`: each organisation of the plan with the identifiers and names that stand for it.
    mutating func readOrganisations(_ map: Map) -> ConnectorDefinition.CodeList? {
        guard let node = map.node("organisations", isRequired: false, &self) else { return nil }
        var list = ConnectorDefinition.CodeList(name: "organisations", entries: [], place: node.place)
        for entry in node.mapping ?? [] {
            let identifiers = (entry.value.sequence ?? []).compactMap(\.text)
            if OrganisationID(entry.name) == nil || identifiers.isEmpty {
                note(entry.value, .invalidValue, "an organisation of the plan, with a list of its identifiers")
            }
            for identifier in identifiers {
                if list.entries.contains(where: { $0.source == identifier }) {
                    note(entry.value, .duplicate, "“\(identifier)” stands for another organisation already")
                }
                list.entries.append(.init(source: identifier, target: entry.name, place: entry.value.place))
            }
        }
        if list.entries.isEmpty || list.entries.count > 1_000 {
            note(node, .invalidValue, "1 to 1000 identifiers of organisations: “org-x: [OIN, TOOI, name]”")
        }
        return list
    }
}
