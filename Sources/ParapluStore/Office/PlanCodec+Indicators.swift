import JSON
import ParapluModel

/// Indicators and forms of exploitation as bytes, and back.
extension PlanCodec {
    static func write(_ indicator: Indicator, in json: inout JSONWriter) {
        text("id", indicator.id.rawValue, in: &json)
        text("name_nl", indicator.nameNL, in: &json)
        text("name_en", indicator.nameEN, in: &json)
        text("unit", indicator.unit.rawValue, in: &json)
        text("aggregation", indicator.aggregation.rawValue, in: &json)
        text("direction", indicator.direction.rawValue, in: &json)
        text("source", indicator.source?.rawValue, in: &json)
        flag("is_about_minors", indicator.isAboutMinors, in: &json)
        text("note", indicator.note, in: &json)
        list("targets", indicator.targets, in: &json) { target, json in
            text("period", target.period.text, in: &json)
            text("value", target.value.description, in: &json)
            text("provenance", target.provenance.rawValue, in: &json)
        }
        text("provenance", indicator.provenance.rawValue, in: &json)
    }

    static func indicator(_ node: PlanReader) -> Indicator? {
        guard let id = node.text("id"), let nameNL = node.text("name_nl"), let nameEN = node.text("name_en"),
            let unit: IndicatorUnit = node.code("unit"),
            let aggregation: IndicatorAggregation = node.code("aggregation"),
            let direction: IndicatorDirection = node.code("direction"),
            let isAboutMinors = node.flag("is_about_minors"), let note = node.text("note"),
            let targets = node.list("targets", target), let provenance: Provenance = node.code("provenance")
        else { return nil }
        return Indicator(
            id: IndicatorID(unchecked: id), nameNL: nameNL, nameEN: nameEN, unit: unit, aggregation: aggregation,
            direction: direction, source: node.organisation("source"), isAboutMinors: isAboutMinors, note: note,
            targets: targets, provenance: provenance)
    }

    private static func target(_ node: PlanReader) -> IndicatorTarget? {
        guard let period = node.text("period").flatMap({ Period($0) }),
            let value = node.text("value").flatMap({ Figure($0) }), let provenance: Provenance = node.code("provenance")
        else { return nil }
        return IndicatorTarget(period: period, value: value, provenance: provenance)
    }

    static func write(_ form: ExploitationForm, in json: inout JSONWriter) {
        text("id", form.id.rawValue, in: &json)
        text("code", form.code, in: &json)
        text("name_nl", form.nameNL, in: &json)
        text("name_en", form.nameEN, in: &json)
        text("parent", form.parent?.rawValue, in: &json)
        text("valid_from", form.validFrom?.description, in: &json)
        text("valid_until", form.validUntil?.description, in: &json)
        flag("is_in_force", form.isInForce, in: &json)
        text("provenance", form.provenance.rawValue, in: &json)
    }

    static func exploitationForm(_ node: PlanReader) -> ExploitationForm? {
        guard let id = node.text("id"), let code = node.text("code"), let nameNL = node.text("name_nl"),
            let nameEN = node.text("name_en"), let isInForce = node.flag("is_in_force"),
            let provenance: Provenance = node.code("provenance")
        else { return nil }
        return ExploitationForm(
            id: ExploitationFormID(unchecked: id), code: code, nameNL: nameNL, nameEN: nameEN,
            parent: node.text("parent").map(ExploitationFormID.init(unchecked:)), validFrom: node.date("valid_from"),
            validUntil: node.date("valid_until"), isInForce: isInForce, provenance: provenance)
    }

    static func write(_ code: BreakdownCode, in json: inout JSONWriter) {
        text("dimension", code.breakdown.dimension.rawValue, in: &json)
        text("code", code.breakdown.category, in: &json)
        text("name_nl", code.nameNL, in: &json)
        text("name_en", code.nameEN, in: &json)
        text("valid_from", code.validFrom?.description, in: &json)
        text("valid_until", code.validUntil?.description, in: &json)
        text("provenance", code.provenance.rawValue, in: &json)
    }

    static func breakdownCode(_ node: PlanReader) -> BreakdownCode? {
        guard let dimension = node.text("dimension").flatMap(Dimension.init(rawValue:)), let code = node.text("code"),
            let nameNL = node.text("name_nl"), let nameEN = node.text("name_en"),
            let provenance: Provenance = node.code("provenance")
        else { return nil }
        return BreakdownCode(
            breakdown: Breakdown(dimension: dimension, category: code), nameNL: nameNL, nameEN: nameEN,
            validFrom: node.date("valid_from"), validUntil: node.date("valid_until"), provenance: provenance)
    }
}
