import JSON
import ParapluModel

/// Organisations with their former names as bytes, and back.
extension PlanCodec {
    static func write(_ organisation: Organisation, in json: inout JSONWriter) {
        text("id", organisation.id.rawValue, in: &json)
        text("name_nl", organisation.nameNL, in: &json)
        text("name_en", organisation.nameEN, in: &json)
        text("abbreviation", organisation.abbreviation, in: &json)
        if !organisation.formerNames.isEmpty {
            list("former_names", organisation.formerNames, in: &json) { name, json in
                text("name_nl", name.nameNL, in: &json)
                text("name_en", name.nameEN, in: &json)
                text("abbreviation", name.abbreviation, in: &json)
                text("valid_from", name.validFrom?.description, in: &json)
                text("valid_until", name.validUntil.description, in: &json)
            }
        }
        text("kind", organisation.kind, in: &json)
        text("tooi", organisation.tooi?.rawValue, in: &json)
        text("oin", organisation.oin?.rawValue, in: &json)
        text("exists_from", organisation.existsFrom?.description, in: &json)
        text("exists_until", organisation.existsUntil?.description, in: &json)
        text("successor", organisation.successor?.rawValue, in: &json)
        text("parent", organisation.parent?.rawValue, in: &json)
        text("provenance", organisation.provenance.rawValue, in: &json)
    }

    static func organisation(_ node: PlanReader) -> Organisation? {
        guard let id = node.text("id"), let nameNL = node.text("name_nl"), let nameEN = node.text("name_en"),
            let abbreviation = node.text("abbreviation"), let kind = node.text("kind"),
            let formerNames = node.listOrEmpty("former_names", formerName),
            let provenance = node.text("provenance").flatMap(Provenance.init(rawValue:))
        else { return nil }
        return Organisation(
            id: OrganisationID(unchecked: id), nameNL: nameNL, nameEN: nameEN, abbreviation: abbreviation,
            formerNames: formerNames, kind: kind, tooi: node.text("tooi").flatMap(TOOI.init),
            oin: node.text("oin").flatMap(OIN.init),
            existsFrom: node.date("exists_from"), existsUntil: node.date("exists_until"),
            successor: node.organisation("successor"), parent: node.organisation("parent"), provenance: provenance)
    }

    private static func formerName(_ node: PlanReader) -> FormerName? {
        guard let nameNL = node.text("name_nl"), let nameEN = node.text("name_en"),
            let abbreviation = node.text("abbreviation"), let validUntil = node.date("valid_until")
        else { return nil }
        return FormerName(
            nameNL: nameNL, nameEN: nameEN, abbreviation: abbreviation, validFrom: node.date("valid_from"),
            validUntil: validUntil)
    }
}
