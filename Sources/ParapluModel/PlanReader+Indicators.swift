internal import JSON

/// Indicators and the forms of exploitation that they are split by.
extension PlanReader {
    func indicators(_ root: JSONNode) -> [Indicator] {
        let indicators = optionalList(root, "indicators", "") { node, path in self.indicator(node, path) }
        checkUnique(indicators.map(\.id), "/indicators", "id")
        return indicators
    }

    private func indicator(_ node: JSONNode, _ path: String) -> Indicator? {
        let id = identifier(node, "id", path).map { IndicatorID(unchecked: $0) }
        let nameNL = text(node, "name_nl", path)
        let nameEN = text(node, "name_en", path)
        let unit: IndicatorUnit? = code(node, "unit", path)
        let aggregation: IndicatorAggregation? = code(node, "aggregation", path)
        let direction: IndicatorDirection? = code(node, "direction", path)
        let source = source(node, path, aggregation)
        let disclosure = optionalText(node, "disclosure_class", path)
        if let disclosure, disclosure != "high" {
            note(path + "/disclosure_class", "“high” for what is about minors; else leave it out")
        }
        let remark = optionalText(node, "note", path) ?? ""
        let targets = optionalList(node, "targets", path) { node, path in self.target(node, path, unit) }
        checkUnique(targets.map(\.period), path + "/targets", "period")
        let provenance = provenance(node, path)
        guard let id, let nameNL, let nameEN, let unit, let aggregation, let direction, let provenance else {
            return nil
        }
        return Indicator(
            id: id, nameNL: nameNL, nameEN: nameEN, unit: unit, aggregation: aggregation, direction: direction,
            source: source, isAboutMinors: disclosure == "high", note: remark, targets: targets,
            provenance: provenance)
    }

    /// The organisation whose figures are the indicator's.
    ///
    /// An estimate can come from a body that has no part in the programme; it has no source here then.
    private func source(_ node: JSONNode, _ path: String, _ aggregation: IndicatorAggregation?) -> OrganisationID? {
        guard let member = present(node, "authoritative_source") else { return nil }
        if aggregation == .estimateRange, let name = member.string {
            return OrganisationID(name).flatMap { organisations[$0] == nil ? nil : $0 }
        }
        return organisationReference(member, path + "/authoritative_source")
    }

    private func target(_ node: JSONNode, _ path: String, _ unit: IndicatorUnit?) -> IndicatorTarget? {
        let period = present(node, "period")?.string.flatMap { Period($0) }
        if period == nil {
            note(path + "/period", "a period such as 2026, 2026-H1, 2026-Q2, 2026-05 or 2026-2028 is needed here")
        }
        let value = figure(node, "value", path)
        if let value, unit?.isCount == true, !value.isWhole {
            note(path + "/value", "a whole number is needed here, for the unit is one that is counted")
        }
        let provenance = provenance(node, path)
        guard let period, let value, let provenance else { return nil }
        return IndicatorTarget(period: period, value: value, provenance: provenance)
    }

    private func figure(_ node: JSONNode, _ name: String, _ path: String) -> Figure? {
        guard let text = present(node, name)?.rawNumber.map({ String(decoding: $0, as: UTF8.self) }),
            let figure = Figure(text)
        else {
            note("\(path)/\(name)", "a number with at most \(Figure.decimals) decimals is needed here")
            return nil
        }
        return figure
    }

    func exploitationForms(_ root: JSONNode) -> [ExploitationForm] {
        let member = "exploitation_forms"
        let forms = optionalList(root, member, "") { node, path in self.exploitationForm(node, path) }
        checkUnique(forms.map(\.id), "/\(member)", "id")
        checkUnique(forms.map(\.code), "/\(member)", "code")
        let parents = Dictionary(forms.map { ($0.id, $0.parent) }, uniquingKeysWith: { first, _ in first })
        for (index, form) in forms.enumerated() {
            guard let parent = form.parent else { continue }
            guard parents[parent] != nil else {
                note("/\(member)/\(index)/parent", "no exploitation form of the plan")
                continue
            }
            var above: ExploitationFormID? = parent
            // Bounded by the number of forms, so that a ring ends.
            for _ in forms.indices { above = above.flatMap { parents[$0] ?? nil } }
            if above != nil { note("/\(member)/\(index)/parent", "the forms above it go round in a ring") }
        }
        return forms
    }

    private func exploitationForm(_ node: JSONNode, _ path: String) -> ExploitationForm? {
        let id = identifier(node, "id", path).map { ExploitationFormID(unchecked: $0) }
        let code = text(node, "code", path)
        let nameNL = text(node, "name_nl", path)
        let nameEN = text(node, "name_en", path)
        let parent =
            present(node, "parent") == nil
            ? nil : identifier(node, "parent", path).map { ExploitationFormID(unchecked: $0) }
        let from = date(node, "valid_from", path)
        let until = date(node, "valid_until", path)
        checkOrder(from, until, path)
        // A day that is not known yet is `null`; a form that always was has no such member.
        let isInForce = node["valid_from"].map { !$0.isNull } ?? true
        let provenance = provenance(node, path)
        guard let id, let code, let nameNL, let nameEN, let provenance else { return nil }
        return ExploitationForm(
            id: id, code: code, nameNL: nameNL, nameEN: nameEN, parent: parent, validFrom: from, validUntil: until,
            isInForce: isInForce, provenance: provenance)
    }

    func breakdownCodes(_ root: JSONNode) -> [BreakdownCode] {
        let member = "breakdown_codes"
        let codes = optionalList(root, member, "") { node, path in self.breakdownCode(node, path) }
        checkUnique(codes.map(\.breakdown), "/\(member)", "code")
        return codes
    }

    private func breakdownCode(_ node: JSONNode, _ path: String) -> BreakdownCode? {
        let dimension: Dimension? = self.code(node, "dimension", path)
        if let dimension, dimension == .form || dimension == .organisation {
            note(path + "/dimension", "forms of exploitation and organisations have lists of their own")
        }
        let code = identifier(node, "code", path)
        let nameNL = text(node, "name_nl", path)
        let nameEN = text(node, "name_en", path)
        let from = date(node, "valid_from", path)
        let until = date(node, "valid_until", path)
        checkOrder(from, until, path)
        let provenance = provenance(node, path)
        guard let dimension, let code, let nameNL, let nameEN, let provenance else { return nil }
        return BreakdownCode(
            breakdown: Breakdown(dimension: dimension, category: code), nameNL: nameNL, nameEN: nameEN, validFrom: from,
            validUntil: until, provenance: provenance)
    }
}
