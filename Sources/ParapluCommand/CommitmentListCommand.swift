internal import JSON
internal import ParapluModel
internal import ParapluStore

extension Command {
    /// The command `paraplu commitment list`.
    static let commitmentList = Command(
        "commitment list", summary: "show motions, promises and amendments, and how the actions behind them stand",
        details: """
            Commitments come with the plan: paraplu plan apply. LIFECYCLE and RATING are those of the action, where a
            commitment is about one; such an action is stopped only with reference to a document of Parliament. JSON has
            the document as cited and as resolved.
            """,
        example: "paraplu commitment list --output json"
    ) { call in
        let commitments = try call.services.withDatabase { try CommitmentReader.list($0) }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.list("commitments", commitments) { commitment, json in
                        json.object { commitment.write(in: &$0) }
                    }
                })
            return .done
        }
        var table = Table(columns: [
            .init("COMMITMENT"), .init("KIND"), .init("TITLE", isFlexible: true), .init("DATE"), .init("OUTCOME"),
            .init("DUE"), .init("SUBJECT"), .init("DOCUMENT"), .init("LIFECYCLE"), .init("RATING"),
            .init("PROVENANCE"),
        ])
        for commitment in commitments {
            table.add([
                .init(commitment.id.rawValue), .init(commitment.kind), .init(commitment.titleNL),
                .init(commitment.dateText), .init(commitment.outcome ?? "–"),
                .init(commitment.due?.description ?? "–"), .init(commitment.subject),
                .init(commitment.document ?? commitment.citedDocument ?? "–"), .init(commitment.lifecycle ?? "–"),
                StatusTable.rating(commitment.rating), .init(commitment.provenance),
            ])
        }
        call.terminal.print(table)
        return .done
    }
}

extension CommitmentReader.Row {
    /// The members of a commitment as JSON.
    fileprivate func write(in json: inout JSONWriter) {
        json.text("commitment_id", id.rawValue)
        json.text("kind", kind)
        json.text("title_nl", titleNL)
        json.text("number", number)
        json.text("date_text", dateText)
        json.text("dated_on", datedOn.description)
        json.text("outcome", outcome)
        json.text("due", due?.description)
        json.text("subject", subject)
        json.text("cited_document", citedDocument)
        json.text("document", document)
        json.text("provenance", provenance)
        json.text("lifecycle", lifecycle)
        json.text("rating", rating)
        json.text("data_state", dataState)
    }
}
