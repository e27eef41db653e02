import ParapluModel

/// What is compared of indicators, documents of Parliament, commitments, budgets and rounds.
extension PlanDiff {
    static func fields(of indicator: Indicator) -> Fields {
        [
            ("name_nl", indicator.nameNL), ("name_en", indicator.nameEN), ("unit", indicator.unit.rawValue),
            ("aggregation", indicator.aggregation.rawValue), ("direction", indicator.direction.rawValue),
            ("source", indicator.source?.rawValue ?? "–"), ("is_about_minors", String(indicator.isAboutMinors)),
            ("note", indicator.note), ("targets", indicator.targets.map(text).joined(separator: ", ")),
            ("provenance", indicator.provenance.rawValue),
        ]
    }

    static func fields(of code: BreakdownCode) -> Fields {
        [
            ("name_nl", code.nameNL), ("name_en", code.nameEN), ("valid_from", text(code.validFrom)),
            ("valid_until", text(code.validUntil)), ("provenance", code.provenance.rawValue),
        ]
    }

    static func fields(of form: ExploitationForm) -> Fields {
        [
            ("name_nl", form.nameNL), ("name_en", form.nameEN), ("code", form.code),
            ("parent", form.parent?.rawValue ?? "–"), ("valid_from", text(form.validFrom)),
            ("valid_until", text(form.validUntil)), ("is_in_force", String(form.isInForce)),
            ("provenance", form.provenance.rawValue),
        ]
    }

    static func fields(of document: ParliamentaryDocument) -> Fields {
        [
            ("title_nl", document.titleNL), ("date", document.date.description), ("kind", document.kind),
            ("cites", document.citations.map(text).joined(separator: ", ")),
            ("provenance", document.provenance.rawValue),
        ]
    }

    static func fields(of commitment: Commitment) -> Fields {
        [
            ("title_nl", commitment.titleNL), ("kind", commitment.kind.rawValue),
            ("number", commitment.number?.rawValue ?? "–"), ("date", commitment.date.text),
            ("outcome", commitment.outcome ?? "–"), ("due", text(commitment.due)),
            ("linked_to", commitment.link.description),
            ("cited_document", commitment.citedDocument?.rawValue ?? "–"),
            ("document", commitment.document?.rawValue ?? "–"), ("provenance", commitment.provenance.rawValue),
        ]
    }

    static func fields(of budget: Budget) -> Fields {
        [
            ("amount_eur", String(budget.amountEUR)), ("year", String(budget.year)), ("kind", budget.kind.rawValue),
            ("status", budget.status.rawValue), ("linked_to", budget.link.description),
            ("document", budget.document?.rawValue ?? "–"), ("provenance", budget.provenance.rawValue),
        ]
    }

    static func fields(of round: PlannedRound) -> Fields {
        [
            ("label", round.labelNL), ("as_of", "\(round.asOf) (\(round.asOfProvenance.rawValue))"),
            ("freeze_on", "\(round.freezeOn) (\(round.freezeOnProvenance.rawValue))"),
            ("letter", round.letter?.rawValue ?? "–"), ("letter_date", text(round.letterDate)),
            ("provenance", round.provenance.rawValue),
        ]
    }

    private static func text(_ target: IndicatorTarget) -> String {
        "\(target.period): \(target.value) (\(target.provenance.rawValue))"
    }

    private static func text(_ citation: DocumentCitation) -> String {
        var text = "\(citation.cited) = \(citation.resolved)"
        if let date = citation.dateCited { text += " of \(date)" }
        if !citation.noteNL.isEmpty { text += " “\(citation.noteNL)”" }
        return text + " (\(citation.provenance.rawValue))"
    }
}
