internal import JSON

/// What organisations were called before.
extension PlanReader {
    /// The former names of an organisation that exists between these days, in the order of the document.
    func formerNames(
        _ node: JSONNode, _ path: String, from: CalendarDate?, until: CalendarDate?
    ) -> [FormerName] {
        let names = optionalList(node, "former_names", path, countMax: Organisation.formerNamesMax) { node, path in
            self.formerName(node, path).map { (path: path, name: $0) }
        }
        for (path, name) in names {
            if let from, let first = name.validFrom, first < from {
                note(path + "/valid_from", "before the first day of the organisation, \(from)")
            }
            if let from, name.validUntil <= from {
                note(path + "/valid_until", "not behind the first day of the organisation, \(from)")
            }
            // The last name is the organisation's own, and it needs a day.
            if let until, name.validUntil >= until {
                note(path + "/valid_until", "not before the day from which the organisation is no more, \(until)")
            }
        }
        checkOverlap(names)
        return names.map(\.name)
    }

    private func formerName(_ node: JSONNode, _ path: String) -> FormerName? {
        let nameNL = text(node, "name_nl", path)
        let nameEN = text(node, "name_en", path)
        let abbreviation = optionalText(node, "abbreviation", path) ?? ""
        let from = date(node, "valid_from", path)
        let until = date(node, "valid_until", path, isRequired: true)
        checkOrder(from, until, path)
        guard let nameNL, let nameEN, let until else { return nil }
        return FormerName(
            nameNL: nameNL, nameEN: nameEN, abbreviation: abbreviation, validFrom: from, validUntil: until)
    }

    private func checkOverlap(_ names: [(path: String, name: FormerName)]) {
        let sorted = names.sorted { $0.name.validUntil < $1.name.validUntil }
        for (earlier, later) in zip(sorted, sorted.dropFirst()) {
            let end = earlier.name.validUntil
            if later.name.validUntil == end {
                note(later.path + "/valid_until", "another former name ends on this day")
            } else if let from = later.name.validFrom, from < end {
                note(later.path + "/valid_from", "another former name holds until \(end)")
            }
        }
    }
}
