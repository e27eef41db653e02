internal import JSON

/// Documents of Parliament, commitments to it, and the calendar of reporting.
extension PlanReader {
    func documents(_ root: JSONNode) -> [ParliamentaryDocument] {
        let member = "parliamentary_documents"
        let documents = optionalList(root, member, "") { node, path in self.document(node, path) }
        checkUnique(documents.map(\.number), "/\(member)", "number")
        let numbers = Set(documents.map(\.number))
        for (index, document) in documents.enumerated() {
            for (place, citation) in document.citations.enumerated() where !numbers.contains(citation.resolved) {
                note("/\(member)/\(index)/cites/\(place)/resolved", "no document of the plan: add that first")
            }
        }
        return documents
    }

    private func document(_ node: JSONNode, _ path: String) -> ParliamentaryDocument? {
        let number = documentNumber(node, "number", path, isRequired: true)
        let date = date(node, "date", path, isRequired: true)
        let kind = text(node, "kind", path)
        let titleNL = text(node, "title_nl", path)
        let citations = optionalList(node, "cites", path) { node, path in self.citation(node, path) }
        let provenance = provenance(node, path)
        guard let number, let date, let kind, let titleNL, let provenance else { return nil }
        return ParliamentaryDocument(
            number: number, date: date, kind: kind, titleNL: titleNL, citations: citations, provenance: provenance)
    }

    private func citation(_ node: JSONNode, _ path: String) -> DocumentCitation? {
        let cited = documentNumber(node, "cited", path, isRequired: true)
        let resolved = documentNumber(node, "resolved", path, isRequired: true)
        let dateCited = date(node, "date_cited", path)
        let noteNL = optionalText(node, "note_nl", path) ?? ""
        let provenance = provenance(node, path)
        guard let cited, let resolved, let provenance else { return nil }
        return DocumentCitation(
            cited: cited, resolved: resolved, dateCited: dateCited, noteNL: noteNL, provenance: provenance)
    }

    func commitments(_ root: JSONNode, documents: Set<DocumentNumber>) -> [Commitment] {
        let commitments = optionalList(root, "commitments", "") { node, path in
            self.commitment(node, path, documents)
        }
        checkUnique(commitments.map(\.id), "/commitments", "id")
        return commitments
    }

    private func commitment(_ node: JSONNode, _ path: String, _ documents: Set<DocumentNumber>) -> Commitment? {
        let id = identifier(node, "id", path).map { CommitmentID(unchecked: $0) }
        let kind: CommitmentKind? = code(node, "kind", path)
        let titleNL = text(node, "title_nl", path)
        let number = documentNumber(node, "number", path)
        let date = present(node, "date")?.string.flatMap { StatedDate($0) }
        if date == nil { note(path + "/date", "an existing date is needed here, as yyyy-mm-dd or yyyy-mm") }
        let outcome = optionalText(node, "outcome", path)
        let due = self.date(node, "due", path)
        let link = link(node, path)
        let cited = documentNumber(node, "cited_document", path)
        let document = knownDocument(node, "document", path, documents)
        let provenance = provenance(node, path)
        guard let id, let kind, let titleNL, let date, let link, let provenance else { return nil }
        return Commitment(
            id: id, kind: kind, titleNL: titleNL, number: number, date: date, outcome: outcome, due: due, link: link,
            citedDocument: cited, document: document, provenance: provenance)
    }

    /// What a commitment is about or a budget is for: “programme”, or the id of an action, a line or a goal.
    func link(_ node: JSONNode, _ path: String) -> Subject? {
        guard let name = text(node, "linked_to", path) else { return nil }
        if name == "programme" { return .programme }
        if let id = ActionID(name), actionIDs.contains(id) { return .action(id) }
        if let id = ActionLineID(name), lines.contains(id) { return .line(id) }
        if let id = GoalID(name), goals.contains(id) { return .goal(id) }
        note(path + "/linked_to", "“programme”, or the id of an action, a line or a goal of the plan")
        return nil
    }

    func rounds(_ root: JSONNode, documents: Set<DocumentNumber>) -> [PlannedRound] {
        let member = "reporting_rounds"
        let rounds = optionalList(root, member, "") { node, path in self.round(node, path, documents) }
        checkUnique(rounds.map(\.id), "/\(member)", "id")
        checkUnique(rounds.map(\.asOf), "/\(member)", "as_of_date")
        return rounds
    }

    private func round(_ node: JSONNode, _ path: String, _ documents: Set<DocumentNumber>) -> PlannedRound? {
        let id = identifier(node, "id", path).map { RoundID(unchecked: $0) }
        let label = text(node, "label", path)
        if let label, label.utf8.count > PlannedRound.labelBytesMax {
            note(path + "/label", "at most \(PlannedRound.labelBytesMax) bytes")
        }
        let letter = knownDocument(node, "letter", path, documents)
        let letterDate = date(node, "letter_date", path)
        let asOf = sourcedDate(node, "as_of_date", path)
        let freezeOn = sourcedDate(node, "freeze_date", path)
        if let asOf, let freezeOn, freezeOn.date < asOf.date {
            note(path + "/freeze_date/value", "before the day of which the round speaks, \(asOf.date)")
        }
        let provenance = provenance(node, path)
        guard let id, let label, let asOf, let freezeOn, let provenance else { return nil }
        return PlannedRound(
            id: id, labelNL: label, asOf: asOf.date, asOfProvenance: asOf.provenance, freezeOn: freezeOn.date,
            freezeOnProvenance: freezeOn.provenance, letter: letter, letterDate: letterDate, provenance: provenance)
    }

    /// A date with a provenance of its own: `{"value": …, "provenance": …}`.
    private func sourcedDate(
        _ node: JSONNode, _ name: String, _ path: String
    ) -> (date: CalendarDate, provenance: Provenance)? {
        let path = "\(path)/\(name)"
        guard let member = present(node, name), member.kind == .object else {
            note(path, "an object with “value” and “provenance” is needed here")
            return nil
        }
        let date = date(member, "value", path, isRequired: true)
        let provenance = provenance(member, path)
        guard let date, let provenance else { return nil }
        return (date, provenance)
    }

    private func documentNumber(
        _ node: JSONNode, _ name: String, _ path: String, isRequired: Bool = false
    ) -> DocumentNumber? {
        guard isRequired || present(node, name) != nil else { return nil }
        return identifier(node, name, path).map { DocumentNumber(unchecked: $0) }
    }

    func knownDocument(
        _ node: JSONNode, _ name: String, _ path: String, _ documents: Set<DocumentNumber>
    ) -> DocumentNumber? {
        guard let number = documentNumber(node, name, path) else { return nil }
        if !documents.contains(number) {
            note("\(path)/\(name)", "no document of the plan: add it to parliamentary_documents")
        }
        return number
    }
}
