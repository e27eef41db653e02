import ParapluModel
import ParapluRules
import Testing

/// The rules on assessments, risks, conflicts and withdrawals, by their numbers in the domain notes, section 9.
struct ContradictionRuleTests {
    private func said(
        _ asOf: String, _ content: CanonicalRecord.Content, from reporter: OrganisationID = .holder, order: Int64? = nil
    ) -> Fact { fact(reporter, day(asOf), order: order, content) }

    private func assessed(_ asOf: String, _ verdict: AssessmentVerdict, _ milestone: MilestoneID? = nil) -> Fact {
        said(asOf, .assessment(Assessment(milestone: milestone, verdict: verdict)), from: .office)
    }

    private func ruled(_ asOf: String, _ verdict: ConflictVerdict, on milestone: MilestoneID? = nil) -> Fact {
        said(
            asOf, .ruling(ConflictRuling(party: .involved, milestone: milestone, verdict: verdict)), from: .office)
    }

    private func risk(_ asOf: String, _ level: RiskLevel, isOpen: Bool = true, from: OrganisationID = .holder) -> Fact {
        said(asOf, .risk(RiskReport(risk: RiskID(unchecked: "r-1"), level: level, isOpen: isOpen)), from: from)
    }

    private let withMilestone = action(milestones: [milestone(.m1, due: "2025-06-01")])

    // Rule 3

    @Test("rule 3: done needs two steps: the holder reports it, the programme office accepts")
    func twoSteps() {
        let reportedOnly = [progress("2025-02-01", .reportedComplete)]
        #expect(fold(action(), reportedOnly).status(on: day("2025-03-01")).lifecycle == .reportedComplete)

        let timeline = fold(action(), reportedOnly + [assessed("2025-02-10", .accepted)])

        #expect(timeline.dispositions == [.effective, .effective])
        #expect(timeline.status(on: day("2025-02-09")).lifecycle == .reportedComplete)
        #expect(timeline.status(on: day("2025-02-10")).lifecycle == .complete)
        #expect(timeline.status(on: day("2030-01-01")).dataState == .current, "what is complete can't go stale")
    }

    @Test("rule 3: a verdict of the day judges the report of the day, whatever its sequence")
    func decisionsComeLast() {
        let timeline = fold(
            action(), [assessed("2025-02-01", .accepted), progress("2025-02-01", .reportedComplete, order: 900)])

        #expect(timeline.status(on: day("2025-02-01")).lifecycle == .complete)
    }

    @Test("rule 3: what the holder hasn't reported can't be accepted")
    func notReported() {
        let timeline = fold(
            withMilestone,
            [progress("2025-02-01"), assessed("2025-02-02", .accepted), assessed("2025-02-02", .refused, .m1)])

        #expect(timeline.dispositions == [.effective, .notReported, .notReported])
        #expect(timeline.status(on: day("2025-03-01")).lifecycle == .underWay)
    }

    @Test("rule 3: acceptance is refused while a milestone is open, and not when it is dropped")
    func openMilestone() {
        let done = [progress("2025-02-01", .reportedComplete), assessed("2025-02-10", .accepted)]

        let open = fold(withMilestone, done)
        #expect(open.dispositions == [.effective, .openMilestone])
        #expect(open.status(on: day("2025-03-01")).lifecycle == .reportedComplete)

        let dropped = fold(withMilestone, done + [reported(.m1, "2025-01-15", .dropped)])
        #expect(dropped.dispositions == [.effective, .effective, .effective])
        #expect(dropped.status(on: day("2025-03-01")).lifecycle == .complete)
    }

    @Test("rule 3: an accepted milestone counts as accepted, and stays so while the holder says the same")
    func acceptedMilestone() {
        let timeline = fold(
            withMilestone,
            [
                reported(.m1, "2025-02-01", .reportedReached), assessed("2025-02-10", .accepted, .m1),
                reported(.m1, "2025-03-01", .reportedReached),
            ])

        #expect(timeline.status(on: day("2025-02-05")).milestones == MilestoneCounts(reportedReached: 1))
        #expect(timeline.status(on: day("2025-03-02")).milestones == MilestoneCounts(accepted: 1))
    }

    @Test("rule 3: a refused milestone is open again, and can be late")
    func refusedMilestone() {
        let timeline = fold(
            withMilestone,
            [
                progress("2025-02-01"), reported(.m1, "2025-02-01", .reportedReached),
                assessed("2025-02-10", .refused, .m1),
            ])

        let status = timeline.status(on: day("2025-06-02"))
        #expect(status.milestones == MilestoneCounts(open: 1))
        #expect(status.rating == .amber)
        #expect(
            status.reasons.map(\.description) == [
                "milestone_overdue:act-1-01-m1", "milestone_refused:act-1-01-m1",
            ])
    }

    @Test("rule 3: a refused completion stays reported, with the reason, until the holder speaks again")
    func refusedCompletion() {
        let refused = [progress("2025-02-01", .reportedComplete), assessed("2025-02-10", .refused)]
        let status = fold(action(), refused).status(on: day("2025-02-11"))
        #expect(status.lifecycle == .reportedComplete)
        #expect(status.reasons == [.completionRefused])

        let later = fold(action(), refused + [progress("2025-03-01", .underWay)]).status(on: day("2025-03-02"))
        #expect(later.lifecycle == .underWay)
        #expect(later.reasons == [])
    }

    @Test("rule 3: of two verdicts of one day the later counts")
    func laterVerdict() {
        let first = CanonicalRecord(
            reporter: .office, action: ActionID(unchecked: "act-1-01"), asOf: day("2025-02-10"), sequence: 1,
            content: .assessment(Assessment(verdict: .accepted)))
        var second = first
        second.sequence = 2
        second.content = .assessment(Assessment(verdict: .refused))
        let timeline = fold(
            action(),
            [
                progress("2025-02-01", .reportedComplete), Fact(record: second, identity: (2, 2)),
                Fact(record: first, identity: (1, 1)),
            ])

        #expect(timeline.dispositions == [.effective, .effective, .superseded])
        #expect(timeline.status(on: day("2025-02-10")).lifecycle == .reportedComplete)
    }

    // Rule 5

    @Test(
        "rule 5: an open grave risk leaves it at amber at best, a lesser or a closed one doesn't",
        arguments: RiskLevel.allCases)
    func risks(level: RiskLevel) {
        let timeline = fold(
            action(), [progress("2025-01-15"), risk("2025-01-20", level), risk("2025-02-20", level, isOpen: false)])

        let status = timeline.status(on: day("2025-02-01"))
        #expect(status.rating == (level == .high ? .amber : .green))
        #expect(status.reasons.map(\.description) == (level == .high ? ["risk_high:r-1"] : []))
        #expect(timeline.status(on: day("2025-02-20")).rating == .green)
    }

    @Test("an action has a bounded number of risks; one more has no effect, and the state can still be kept")
    func boundedRisks() throws {
        let facts = (0...ActionState.risksMax).map { number in
            said(
                "2025-01-20", .risk(RiskReport(risk: RiskID(unchecked: "r-\(number)"), level: .high, isOpen: true)),
                order: Int64(number))
        }

        let timeline = fold(action(), facts)

        #expect(timeline.dispositions.last == .tooMany)
        #expect(timeline.dispositions.dropLast().allSatisfy { $0 == .effective })
        var bytes: [UInt8] = []
        timeline.state.encode(into: &bytes)
        #expect(try ActionState(decoding: bytes) == timeline.state)
    }

    @Test("rule 1 and 5: only the holder's risks count")
    func otherRisks() {
        let timeline = fold(action(), [progress("2025-01-15"), risk("2025-01-20", .high, from: .involved)])

        #expect(timeline.dispositions == [.effective, .observation])
        #expect(timeline.status(on: day("2025-02-01")).rating == .green)
    }

    // Rule 6

    @Test("rule 6: “nothing changed” from the holder refreshes its clock, from another it doesn't")
    func nothingReported() {
        let own = fold(action(), [progress("2025-01-15"), said("2025-07-15", .nothing)])
        #expect(own.status(on: day("2025-09-01")).dataState == .current)
        #expect(own.status(on: day("2025-09-01")).rating == .green)
        #expect(own.status(on: day("2025-09-01")).asOf == day("2025-07-15"))

        let others = fold(action(), [progress("2025-01-15"), said("2025-07-15", .nothing, from: .involved)])
        #expect(others.status(on: day("2025-09-01")).dataState == .stale)
    }

    // Rule 7

    @Test(
        "rule 7: an involved party worse than the holder by a colour opens a conflict; better or equal doesn't",
        arguments: [
            (DeliveryRating.green, DeliveryRating.amber, true), (.green, .red, true), (.amber, .red, true),
            (.amber, .amber, false), (.red, .green, false), (.green, .grey, false), (.grey, .red, false),
        ])
    func worseOpens(ours: DeliveryRating, theirs: DeliveryRating, opens: Bool) {
        let timeline = fold(
            action(),
            [
                progress("2025-01-15", .underWay, ours, reasons: [.capacity]),
                progress("2025-02-01", .stopped, theirs, reasons: [.capacity], from: .involved),
            ])

        let status = timeline.status(on: day("2025-02-02"))
        #expect(status.flags == (opens ? [.disputed] : []))
        #expect(status.lifecycle == .underWay, "the holder's lifecycle stands")
        if opens {
            #expect(status.rating == (ours == .green ? .amber : ours))
            #expect(status.reasons.contains(.conflictRating(.involved)))
            #expect(timeline.state.conflicts == [Conflict(party: .involved, openedOn: day("2025-02-01"))])
        } else {
            #expect(timeline.state.conflicts == [])
        }
    }

    @Test("rule 7: denying a milestone that the holder says is reached opens a conflict")
    func denialOpens() {
        let timeline = fold(
            withMilestone,
            [
                progress("2025-02-01"), reported(.m1, "2025-02-01", .reportedReached),
                reported(.m1, "2025-02-10", .planned, from: .involved),
            ])

        let status = timeline.status(on: day("2025-02-10"))
        #expect(status.flags == [.disputed])
        #expect(status.rating == .amber)
        #expect(status.reasons.map(\.description) == ["conflict_milestone:act-1-01-m1"])
        #expect(status.milestones == MilestoneCounts(reportedReached: 1))
    }

    /// Sequence numbers of the holder and of an involved organisation for the same day: one counts, the other sends microseconds.
    static let unrelated: [(ours: Int64?, theirs: Int64?)] = [
        (nil, nil), (1, 780_000_000_000_000), (780_000_000_000_000, 1), (.max, .min), (.min, .max),
    ]

    @Test(
        "rule 7: of one day, a worse word opens a conflict whatever the sequence numbers of the two",
        arguments: unrelated)
    func worseOfTheSameDayOpens(ours: Int64?, theirs: Int64?) {
        let timeline = fold(
            action(),
            [
                progress("2025-02-01", .underWay, .amber, reasons: [.other], from: .involved, order: theirs),
                progress("2025-02-01", order: ours),
            ])

        #expect(timeline.dispositions == [.observation, .effective])
        #expect(timeline.state.conflicts == [Conflict(party: .involved, openedOn: day("2025-02-01"))])
        #expect(timeline.status(on: day("2025-02-01")).flags == [.disputed])
    }

    @Test(
        "rule 7: of one day, a denial opens a conflict whatever the sequence numbers of the two",
        arguments: unrelated)
    func denialOfTheSameDayOpens(ours: Int64?, theirs: Int64?) {
        let timeline = fold(
            withMilestone,
            [
                reported(.m1, "2025-02-01", .planned, from: .involved, order: theirs),
                reported(.m1, "2025-02-01", .reportedReached, order: ours),
            ])

        #expect(
            timeline.state.conflicts == [Conflict(party: .involved, milestone: .m1, openedOn: day("2025-02-01"))])
    }

    @Test(
        "rule 7: of one day, words that agree open none, whatever the sequence numbers of the two",
        arguments: unrelated)
    func agreementOfTheSameDayOpensNone(ours: Int64?, theirs: Int64?) {
        let timeline = fold(
            withMilestone,
            [
                // What the party says of the day would contradict only what the holder said before.
                progress("2025-01-15"), reported(.m1, "2025-01-15", .reportedReached),
                progress("2025-02-01", .underWay, .amber, reasons: [.other], from: .involved, order: theirs),
                reported(.m1, "2025-02-01", .planned, from: .involved, order: theirs),
                progress("2025-02-01", .underWay, .amber, reasons: [.capacity], order: ours),
                reported(.m1, "2025-02-01", .planned, order: ours),
            ])

        #expect(timeline.state.conflicts == [])
        #expect(timeline.status(on: day("2025-02-01")).rating == .amber)
    }

    @Test(
        "rule 7: a ruling of the day comes behind both, whatever their sequence numbers",
        arguments: unrelated)
    func rulingOfTheSameDayCloses(ours: Int64?, theirs: Int64?) {
        let timeline = fold(
            action(),
            [
                ruled("2025-02-01", .holder),
                progress("2025-02-01", .underWay, .amber, reasons: [.other], from: .involved, order: theirs),
                progress("2025-02-01", order: ours),
            ])

        #expect(timeline.dispositions == [.effective, .observation, .effective])
        #expect(timeline.state.conflicts.map(\.closing) == [.ruledForHolder])
    }

    @Test("rule 2: who is the holder on the day decides whose words come first, not who holds the action later")
    func holderOfTheDayComesFirst() {
        let handedOver = action(roles: [
            ActionRole(organisation: .holder, role: .actionHolder, validUntil: day("2025-02-01")),
            ActionRole(organisation: .successor, role: .actionHolder, validFrom: day("2025-02-01")),
            ActionRole(organisation: .holder, role: .involved),
        ])
        func words(_ asOf: String) -> [Fact] {
            [
                progress(asOf, .underWay, .red, reasons: [.other], order: 1),
                progress(asOf, .underWay, .green, from: .successor, order: 2),
            ]
        }

        #expect(fold(handedOver, words("2025-01-31")).state.conflicts == [])
        #expect(
            fold(handedOver, words("2025-02-01")).state.conflicts
                == [Conflict(party: .holder, openedOn: day("2025-02-01"))])
    }

    @Test("rule 7: a conflict never closes by time alone")
    func neverByTime() {
        let timeline = fold(
            action(),
            [progress("2025-01-15"), progress("2025-02-01", .underWay, .red, reasons: [.other], from: .involved)])

        #expect(timeline.status(on: day("2035-01-01")).flags == [.disputed])
    }

    @Test("rule 7: a newer holder report closes it where it agrees, and not where it doesn't")
    func agreementCloses() {
        let opened = [
            progress("2025-01-15"), progress("2025-02-01", .underWay, .amber, reasons: [.other], from: .involved),
        ]
        let insists = fold(action(), opened + [progress("2025-03-01")])
        #expect(insists.status(on: day("2025-03-02")).flags == [.disputed])

        let agrees = fold(action(), opened + [progress("2025-03-01", .underWay, .amber, reasons: [.capacity])])
        #expect(agrees.status(on: day("2025-02-28")).flags == [.disputed])
        #expect(agrees.status(on: day("2025-03-02")).flags == [])
        #expect(
            agrees.state.conflicts == [
                Conflict(
                    party: .involved, openedOn: day("2025-02-01"), closedOn: day("2025-03-01"), closing: .agreed)
            ])
    }

    @Test("rule 7: the party's milder word makes the holder's next equal report an agreement")
    func latestWordCounts() {
        let timeline = fold(
            action(),
            [
                progress("2025-01-15"), progress("2025-02-01", .underWay, .red, reasons: [.other], from: .involved),
                progress("2025-02-10", from: .involved), progress("2025-03-01"),
            ])

        #expect(timeline.status(on: day("2025-02-15")).flags == [.disputed])
        #expect(timeline.status(on: day("2025-03-02")).flags == [])
    }

    @Test(
        "rule 7: a ruling closes it, for whichever side, and a second one has no effect",
        arguments: ConflictVerdict.allCases)
    func rulingCloses(verdict: ConflictVerdict) {
        let timeline = fold(
            action(),
            [
                progress("2025-01-15"), progress("2025-02-01", .underWay, .red, reasons: [.other], from: .involved),
                ruled("2025-02-10", verdict), ruled("2025-02-20", verdict), ruled("2025-02-20", verdict, on: .m1),
            ])

        #expect(timeline.dispositions == [.effective, .observation, .effective, .noConflict, .noConflict])
        #expect(timeline.status(on: day("2025-02-09")).flags == [.disputed])
        #expect(timeline.status(on: day("2025-02-10")).flags == [])
        #expect(timeline.state.conflicts.map(\.closedOn) == [day("2025-02-10")])
    }

    @Test("rule 7: a withdrawal takes the conflict away, as if it had never been said")
    func withdrawalCloses() {
        let before = [progress("2025-01-15")]
        let opened = before + [progress("2025-02-01", .underWay, .red, reasons: [.other], from: .involved, order: 1)]
        let withdrawal = said(
            "2025-02-01", .withdrawal(Withdrawal(kind: .progressReported)), from: .involved, order: 2)

        let timeline = fold(action(), opened + [withdrawal])

        #expect(timeline.dispositions == [.effective, .superseded, .observation])
        #expect(timeline.rows == fold(action(), before).rows)
        #expect(timeline.state.conflicts == [])
    }

    // Withdrawals

    @Test("a holder's withdrawal leaves its word before that day, whichever of the two comes first")
    func withdrawn() {
        let before = progress("2025-01-15", .underWay, .amber, reasons: [.capacity])
        let mistake = progress("2025-02-01", .stopped, .red, reasons: [.other], order: 1)
        let withdrawal = said("2025-02-01", .withdrawal(Withdrawal(kind: .progressReported)), order: 2)

        for facts in [[before, mistake, withdrawal], [withdrawal, mistake, before]] {
            let status = fold(action(), facts).status(on: day("2025-02-02"))
            #expect(status == fold(action(), [before]).status(on: day("2025-02-02")))
        }
    }
}
