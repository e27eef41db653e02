import JSON
import ParapluModel

/// Documents of Parliament, commitments, budgets and the calendar of rounds as bytes, and back.
extension PlanCodec {
    static func write(_ document: ParliamentaryDocument, in json: inout JSONWriter) {
        text("number", document.number.rawValue, in: &json)
        text("date", document.date.description, in: &json)
        text("kind", document.kind, in: &json)
        text("title_nl", document.titleNL, in: &json)
        list("citations", document.citations, in: &json) { citation, json in
            text("cited", citation.cited.rawValue, in: &json)
            text("resolved", citation.resolved.rawValue, in: &json)
            text("date_cited", citation.dateCited?.description, in: &json)
            text("note_nl", citation.noteNL, in: &json)
            text("provenance", citation.provenance.rawValue, in: &json)
        }
        text("provenance", document.provenance.rawValue, in: &json)
    }

    static func document(_ node: PlanReader) -> ParliamentaryDocument? {
        guard let number = node.document("number"), let date = node.date("date"), let kind = node.text("kind"),
            let titleNL = node.text("title_nl"), let citations = node.list("citations", citation),
            let provenance: Provenance = node.code("provenance")
        else { return nil }
        return ParliamentaryDocument(
            number: number, date: date, kind: kind, titleNL: titleNL, citations: citations, provenance: provenance)
    }

    private static func citation(_ node: PlanReader) -> DocumentCitation? {
        guard let cited = node.document("cited"), let resolved = node.document("resolved"),
            let noteNL = node.text("note_nl"), let provenance: Provenance = node.code("provenance")
        else { return nil }
        return DocumentCitation(
            cited: cited, resolved: resolved, dateCited: node.date("date_cited"), noteNL: noteNL,
            provenance: provenance)
    }

    static func write(_ commitment: Commitment, in json: inout JSONWriter) {
        text("id", commitment.id.rawValue, in: &json)
        text("kind", commitment.kind.rawValue, in: &json)
        text("title_nl", commitment.titleNL, in: &json)
        text("number", commitment.number?.rawValue, in: &json)
        text("date", commitment.date.text, in: &json)
        text("outcome", commitment.outcome, in: &json)
        text("due", commitment.due?.description, in: &json)
        text("link", commitment.link.description, in: &json)
        text("cited_document", commitment.citedDocument?.rawValue, in: &json)
        text("document", commitment.document?.rawValue, in: &json)
        text("provenance", commitment.provenance.rawValue, in: &json)
    }

    static func commitment(_ node: PlanReader) -> Commitment? {
        guard let id = node.text("id"), let kind: CommitmentKind = node.code("kind"),
            let titleNL = node.text("title_nl"), let date = node.text("date").flatMap({ StatedDate($0) }),
            let link = node.text("link").flatMap({ Subject($0) }), let provenance: Provenance = node.code("provenance")
        else { return nil }
        return Commitment(
            id: CommitmentID(unchecked: id), kind: kind, titleNL: titleNL, number: node.document("number"), date: date,
            outcome: node.text("outcome"), due: node.date("due"), link: link,
            citedDocument: node.document("cited_document"), document: node.document("document"),
            provenance: provenance)
    }

    static func write(_ budget: Budget, in json: inout JSONWriter) {
        text("id", budget.id.rawValue, in: &json)
        text("link", budget.link.description, in: &json)
        json.member("year")
        json.integer(budget.year)
        text("kind", budget.kind.rawValue, in: &json)
        json.member("amount_eur")
        json.integer(budget.amountEUR)
        text("status", budget.status.rawValue, in: &json)
        text("document", budget.document?.rawValue, in: &json)
        text("provenance", budget.provenance.rawValue, in: &json)
    }

    static func budget(_ node: PlanReader) -> Budget? {
        guard let id = node.text("id"), let link = node.text("link").flatMap({ Subject($0) }),
            let year = node.number("year"), let kind: BudgetKind = node.code("kind"),
            let amount = node.number("amount_eur"), let status: BudgetStatus = node.code("status"),
            let provenance: Provenance = node.code("provenance")
        else { return nil }
        return Budget(
            id: BudgetID(unchecked: id), link: link, year: year, kind: kind, amountEUR: Int64(amount), status: status,
            document: node.document("document"), provenance: provenance)
    }

    static func write(_ round: PlannedRound, in json: inout JSONWriter) {
        text("id", round.id.rawValue, in: &json)
        text("label_nl", round.labelNL, in: &json)
        text("as_of", round.asOf.description, in: &json)
        text("as_of_provenance", round.asOfProvenance.rawValue, in: &json)
        text("freeze_on", round.freezeOn.description, in: &json)
        text("freeze_on_provenance", round.freezeOnProvenance.rawValue, in: &json)
        text("letter", round.letter?.rawValue, in: &json)
        text("letter_date", round.letterDate?.description, in: &json)
        text("provenance", round.provenance.rawValue, in: &json)
    }

    static func round(_ node: PlanReader) -> PlannedRound? {
        guard let id = node.text("id"), let labelNL = node.text("label_nl"), let asOf = node.date("as_of"),
            let asOfProvenance: Provenance = node.code("as_of_provenance"), let freezeOn = node.date("freeze_on"),
            let freezeOnProvenance: Provenance = node.code("freeze_on_provenance"),
            let provenance: Provenance = node.code("provenance")
        else { return nil }
        return PlannedRound(
            id: RoundID(unchecked: id), labelNL: labelNL, asOf: asOf, asOfProvenance: asOfProvenance,
            freezeOn: freezeOn, freezeOnProvenance: freezeOnProvenance, letter: node.document("letter"),
            letterDate: node.date("letter_date"), provenance: provenance)
    }
}
