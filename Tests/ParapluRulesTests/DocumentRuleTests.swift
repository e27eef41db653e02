import ParapluModel
import ParapluRules
import Testing

/// The rule on stopping what Parliament was promised, by its number in the domain notes, section 9.
struct DocumentRuleTests {
    private var promised: PlannedAction {
        var plan = action()
        plan.needsDocumentToStop = true
        return plan
    }

    private func stopped(
        _ asOf: String, document: String? = nil, from reporter: OrganisationID = .holder, order: Int64? = nil
    ) -> Fact {
        fact(
            reporter, day(asOf), order: order,
            .progress(
                ProgressReport(
                    lifecycle: .stopped, rating: .green, reasons: [.politicalDecision], document: document)))
    }

    @Test("rule 9: where a commitment is linked, stopping needs a document reference; without one it has no effect")
    func withoutDocument() {
        let facts = [progress("2025-02-01", .underWay, .amber), stopped("2025-03-01")]

        let timeline = fold(promised, facts)

        #expect(timeline.dispositions == [.effective, .documentMissing])
        let status = timeline.status(on: day("2025-03-02"))
        #expect(status.lifecycle == .underWay && status.reportedRating == .amber)
        #expect(timeline.state.holderAsOf == day("2025-02-01"), "it doesn't refresh the holder's clock either")
        #expect(fold(action(), facts).status(on: day("2025-03-02")).lifecycle == .stopped, "no commitment, no need")
    }

    @Test("rule 9: with a document reference the action is stopped")
    func withDocument() {
        let timeline = fold(promised, [progress("2025-02-01"), stopped("2025-03-01", document: "28638-257")])

        #expect(timeline.dispositions == [.effective, .effective])
        #expect(timeline.status(on: day("2025-03-01")).lifecycle == .stopped)
    }

    @Test("rule 9: it is the holder's last word of the day nevertheless, so that order of arrival makes no difference")
    func lastWord() {
        let first = progress("2025-03-01", .underWay, .red, order: 1)
        let second = stopped("2025-03-01", order: 2)
        let third = stopped("2025-03-01", document: "28638-257", order: 3)

        #expect(fold(promised, [first, second]).dispositions == [.superseded, .documentMissing])
        #expect(fold(promised, [first, second]).status(on: day("2025-03-01")).reportedRating == nil)
        #expect(fold(promised, [third, second, first]).dispositions == [.effective, .superseded, .superseded])
        #expect(Staleness([second]).isSuperseded(first))
    }

    @Test("rule 9: an involved organisation's word is an observation, with a document or without")
    func observation() {
        #expect(fold(promised, [stopped("2025-03-01", from: .involved)]).dispositions == [.observation])
        #expect(fold(promised, [stopped("2025-03-01", from: .outsider)]).dispositions == [.noRole])
    }
}
