internal import JSON
internal import ParapluModel
internal import ParapluStore

extension Command {
    /// The command `paraplu organisation list`.
    static let organisationList = Command(
        "organisation list", summary: "show the plan's organisations, how long they exist, and their roles today",
        details: "Organisations come with the plan: paraplu plan apply. JSON has TOOI and OIN too.",
        example: "paraplu organisation list --output json"
    ) { call in
        let organisations = try call.services.withDatabase { try OrganisationReader.list($0) }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.list("organisations", organisations) { organisation, json in
                        json.object { organisation.write(in: &$0) }
                    }
                })
            return .done
        }
        var table = Table(columns: [
            .init("ORGANISATION"), .init("NAME", isFlexible: true), .init("KIND"), .init("FROM"), .init("UNTIL"),
            .init("SUCCESSOR"), .init("HOLDS", isRight: true), .init("INVOLVED IN", isRight: true),
        ])
        for organisation in organisations {
            table.add([
                organisation.id.rawValue, organisation.nameNL, organisation.kind,
                organisation.existsFrom?.description ?? "–", organisation.existsUntil?.description ?? "–",
                organisation.successor?.rawValue ?? "–", String(organisation.actionsHeld),
                String(organisation.actionsInvolved),
            ])
        }
        call.terminal.print(table)
        return .done
    }
}

extension OrganisationReader.Row {
    /// The members of an organisation as JSON.
    fileprivate func write(in json: inout JSONWriter) {
        json.text("organisation_id", id.rawValue)
        json.text("name_nl", nameNL)
        json.text("name_en", nameEN)
        json.text("abbreviation", abbreviation)
        json.text("kind", kind)
        json.text("tooi", tooi)
        json.text("oin", oin)
        json.text("exists_from", existsFrom?.description)
        json.text("exists_until", existsUntil?.description)
        json.text("successor", successor?.rawValue)
        json.number("actions_held", actionsHeld)
        json.number("actions_involved", actionsInvolved)
    }
}
