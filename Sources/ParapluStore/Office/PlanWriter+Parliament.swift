import ParapluModel
import Postgres

/// Writes the documents of Parliament, the commitments, the budgets and the calendar of rounds.
extension PlanWriter {
    private static let copyDocuments = Statement(
        "COPY plan.document (number, dated_on, kind, title_nl, provenance) FROM STDIN (FORMAT binary)")
    private static let copyCitations = Statement(
        """
        COPY plan.document_citation (number, n, cited_number, resolved_number, date_cited, note_nl, provenance)
            FROM STDIN (FORMAT binary)
        """)
    private static let copyCommitments = Statement(
        """
        COPY plan.commitment (commitment_id, n, kind, title_nl, number, date_text, dated_on, outcome, due, subject,
            action_id, cited_document, document, provenance) FROM STDIN (FORMAT binary)
        """)
    private static let copyBudgets = Statement(
        """
        COPY plan.budget (budget_id, n, subject, year, kind, amount_eur, status, document, provenance)
            FROM STDIN (FORMAT binary)
        """)
    private static let copyRounds = Statement(
        """
        COPY plan.planned_round (round_id, label_nl, as_of, as_of_provenance, freeze_on, freeze_on_provenance, letter,
            letter_date, provenance) FROM STDIN (FORMAT binary)
        """)

    static func copyParliament(_ plan: Plan, _ session: PostgresSession) throws {
        try copyDocuments(plan, session)
        try copyCommitments(plan, session)
        try copyBudgets(plan, session)
        try copyRounds(plan, session)
    }

    private static func copyDocuments(_ plan: Plan, _ session: PostgresSession) throws {
        var documents = CopyBuffer()
        var citations = CopyBuffer()
        for document in plan.documents {
            documents.beginRow(columns: 5)
            documents.append(text: document.number.rawValue)
            documents.append(date: document.date.daysSince2000)
            documents.append(text: document.kind)
            documents.append(text: document.titleNL)
            documents.append(text: document.provenance.rawValue)
            for (n, citation) in document.citations.enumerated() {
                citations.beginRow(columns: 7)
                citations.append(text: document.number.rawValue)
                citations.append(int4: Int32(n))
                citations.append(text: citation.cited.rawValue)
                citations.append(text: citation.resolved.rawValue)
                citations.append(optional: citation.dateCited)
                citations.append(text: citation.noteNL)
                citations.append(text: citation.provenance.rawValue)
            }
        }
        _ = try session.copyIn(copyDocuments, documents)
        _ = try session.copyIn(copyCitations, citations)
    }

    private static func copyCommitments(_ plan: Plan, _ session: PostgresSession) throws {
        var commitments = CopyBuffer()
        for (n, commitment) in plan.commitments.enumerated() {
            commitments.beginRow(columns: 14)
            commitments.append(text: commitment.id.rawValue)
            commitments.append(int4: Int32(n))
            commitments.append(text: commitment.kind.rawValue)
            commitments.append(text: commitment.titleNL)
            commitments.append(optional: commitment.number?.rawValue)
            commitments.append(text: commitment.date.text)
            commitments.append(date: commitment.date.first.daysSince2000)
            commitments.append(optional: commitment.outcome)
            commitments.append(optional: commitment.due)
            commitments.append(text: commitment.link.description)
            commitments.append(optional: commitment.action?.rawValue)
            commitments.append(optional: commitment.citedDocument?.rawValue)
            commitments.append(optional: commitment.document?.rawValue)
            commitments.append(text: commitment.provenance.rawValue)
        }
        _ = try session.copyIn(copyCommitments, commitments)
    }

    private static func copyBudgets(_ plan: Plan, _ session: PostgresSession) throws {
        var budgets = CopyBuffer()
        for (n, budget) in plan.budgets.enumerated() {
            budgets.beginRow(columns: 9)
            budgets.append(text: budget.id.rawValue)
            budgets.append(int4: Int32(n))
            budgets.append(text: budget.link.description)
            budgets.append(int2: Int16(budget.year))
            budgets.append(text: budget.kind.rawValue)
            budgets.append(int8: budget.amountEUR)
            budgets.append(text: budget.status.rawValue)
            budgets.append(optional: budget.document?.rawValue)
            budgets.append(text: budget.provenance.rawValue)
        }
        _ = try session.copyIn(copyBudgets, budgets)
    }

    private static func copyRounds(_ plan: Plan, _ session: PostgresSession) throws {
        var rounds = CopyBuffer()
        for round in plan.rounds {
            rounds.beginRow(columns: 9)
            rounds.append(text: round.id.rawValue)
            rounds.append(text: round.labelNL)
            rounds.append(date: round.asOf.daysSince2000)
            rounds.append(text: round.asOfProvenance.rawValue)
            rounds.append(date: round.freezeOn.daysSince2000)
            rounds.append(text: round.freezeOnProvenance.rawValue)
            rounds.append(optional: round.letter?.rawValue)
            rounds.append(optional: round.letterDate)
            rounds.append(text: round.provenance.rawValue)
        }
        _ = try session.copyIn(copyRounds, rounds)
    }
}
