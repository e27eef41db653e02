import ParapluModel
import ParapluRules
import Testing

struct ActionStateCodingTests {
    private func bytes(of state: ActionState) -> [UInt8] {
        var bytes: [UInt8] = []
        state.encode(into: &bytes)
        return bytes
    }

    private var full: ActionState {
        let plan = action(milestones: [milestone(.m1, due: "2025-03-01"), milestone(.m2, due: "2025-04-01")])
        return fold(
            plan,
            [
                progress("2025-01-15", .underWay, .red, reasons: [.capacity, .other], order: -5),
                reported(.m2, "2025-01-10", .planned, due: "2025-09-01"),
                reported(.m2, "2025-01-15", .planned, due: "2025-10-01"), reported(.m1, "2025-01-15", .dropped),
                progress("2025-01-15", .paused, .grey, from: .involved),
            ]
        ).state
    }

    @Test("a state comes back from its bytes")
    func roundTrip() throws {
        for state in [ActionState(), full] {
            #expect(try ActionState(decoding: bytes(of: state)) == state)
        }
        #expect(bytes(of: ActionState()) == [4, 0, 0, 0, 0, 0])
        #expect(bytes(of: full).count < 400)
    }

    @Test("random states come back from their bytes, and equal states have equal bytes")
    func randomRoundTrip() throws {
        for seed in UInt64(5000)..<5300 {
            let world = TimelineTests.World(seed: seed)
            let state = fold(world.plan, world.facts).state
            let same = fold(world.plan, world.facts.reversed()).state

            try #require(ActionState(decoding: bytes(of: state)) == state, "seed \(seed)")
            try #require(bytes(of: state) == bytes(of: same), "seed \(seed)")
        }
    }

    @Test("the day on which a milestone was reached comes back, and stands only with one that is")
    func reachedOn() throws {
        let report = MilestoneReport(milestone: .m1, status: .reportedReached, reachedOn: day("2025-02-20"))
        let state = fold(
            action(milestones: [milestone(.m1, due: "2025-03-01")]),
            [fact(.holder, day("2025-03-02"), order: nil, .milestone(report))]
        ).state
        let whole = bytes(of: state)

        #expect(try ActionState(decoding: whole) == state)
        #expect(state.milestoneWords.first?.reachedOn == day("2025-02-20"))
        // The milestone's code: status 2, reached, with that day (64). With status 1, planned, it would be none of ours.
        let place = try #require(whole.indices.first { whole[..<$0].suffix(11).elementsEqual("act-1-01-m1".utf8) })
        #expect(whole[place] == 64 | 2)
        var damaged = whole
        damaged[place] = 64 | 1
        #expect(throws: ActionStateDecodingError.self) { try ActionState(decoding: damaged) }
    }

    @Test("evidence comes back with a milestone that is reached, and what is done about a risk with the risk")
    func besides() throws {
        let reached = MilestoneReport(milestone: .m1, status: .reportedReached, document: "28638-257")
        let risk = RiskReport(
            risk: RiskID(unchecked: "r-1"), level: .high, isOpen: true, response: .transfer, owner: .involved)
        let plan = action(milestones: [milestone(.m1, due: "2025-03-01")])
        let facts = [
            fact(.holder, day("2025-03-02"), order: nil, .milestone(reached)),
            fact(.holder, day("2025-03-02"), order: nil, .risk(risk)),
        ]

        let state = fold(plan, facts).state

        #expect(try ActionState(decoding: bytes(of: state)) == state)
        #expect(state.milestoneWords.map(\.document) == ["28638-257"])
        #expect(state.risks.map(\.response) == [.transfer] && state.risks.map(\.owner) == [.involved])
        // A later word without them takes the place of all of an earlier one, and what isn't reached has no evidence.
        let later = [
            fact(
                .holder, day("2025-03-03"), order: nil,
                .milestone(MilestoneReport(milestone: .m1, status: .planned, document: "28638-257"))),
            fact(
                .holder, day("2025-03-03"), order: nil,
                .risk(RiskReport(risk: RiskID(unchecked: "r-1"), level: .high, isOpen: true))),
        ]
        let after = fold(plan, facts + later).state
        #expect(after.milestoneWords.map(\.document) == [nil])
        #expect(after.risks.map(\.response) == [nil] && after.risks.map(\.owner) == [nil])
    }

    @Test("every truncation is refused")
    func truncated() {
        let whole = bytes(of: full)
        for count in whole.indices {
            #expect(throws: ActionStateDecodingError.self) { try ActionState(decoding: Array(whole.prefix(count))) }
        }
    }

    @Test("bytes behind the state, and another version, are refused")
    func refused() {
        #expect(throws: ActionStateDecodingError.invalid(offset: 6)) {
            try ActionState(decoding: [4, 0, 0, 0, 0, 0, 0])
        }
        #expect(throws: ActionStateDecodingError.unknownVersion(3)) { try ActionState(decoding: [3, 0, 0, 0, 0, 0]) }
        #expect(throws: ActionStateDecodingError.truncated) { try ActionState(decoding: []) }
    }

    @Test("a changed byte is refused, or decodes to another state with just those bytes")
    func canonical() {
        let whole = bytes(of: full)
        for index in whole.indices {
            for change in [UInt8(1), 0x10, 0x80] {
                var damaged = whole
                damaged[index] ^= change
                guard let state = try? ActionState(decoding: damaged) else { continue }
                #expect(bytes(of: state) == damaged, "byte \(index)")
            }
        }
    }
}
