import ParapluModel
import ParapluRules
import Testing

/// The rules of one action, by their numbers in the domain notes, section 9.
struct ActionRuleTests {
    // Rule 1

    @Test("rule 1: the holder's report sets lifecycle and rating")
    func holderSets() {
        let timeline = fold(action(), [progress("2025-01-15", .underWay, .amber, reasons: [.capacity])])

        let status = timeline.status(on: day("2025-02-01"))
        #expect(timeline.dispositions == [.effective])
        #expect(status.lifecycle == .underWay)
        #expect(status.rating == .amber)
        #expect(status.dataState == .current)
        #expect(status.reasons.map(\.description) == ["reported:CAPACITEIT"])
        #expect(status.holder == .holder)
        #expect(status.asOf == day("2025-01-15"))
    }

    @Test(
        "rule 1: every role but the holder's makes an observation, which changes no timeline where it isn't worse",
        arguments: [OrganisationRole.involved, .funder, .coordinator, .figureSource])
    func observation(role: OrganisationRole) {
        let plan = action(roles: [
            ActionRole(organisation: .holder, role: .actionHolder), ActionRole(organisation: .involved, role: role),
        ])
        let own = [progress("2025-01-15")]

        let timeline = fold(plan, own + [progress("2025-02-15", .stopped, .green, reasons: [.other], from: .involved)])

        #expect(timeline.dispositions == [.effective, .observation])
        #expect(timeline.rows == fold(plan, own).rows)
    }

    @Test("rule 1: a report without a role has no effect and the disposition no_role")
    func noRole() {
        let timeline = fold(action(), [progress("2025-01-15", from: .outsider)])

        #expect(timeline.dispositions == [.noRole])
        #expect(timeline.rows == fold(action(), []).rows)
    }

    @Test("rule 1: an organisation that the plan doesn't know has no role")
    func unknownOrganisation() {
        let stranger = OrganisationID(unchecked: "org-onbekend")
        let plan = action(roles: [ActionRole(organisation: stranger, role: .actionHolder)])

        let timeline = fold(plan, [progress("2025-01-15", from: stranger)])

        #expect(timeline.dispositions == [.noRole])
        #expect(timeline.status(on: day("2025-02-01")).holder == nil)
    }

    @Test("rule 1: only the holder's word changes a milestone")
    func milestoneAuthority() {
        let plan = action(milestones: [milestone(.m1, due: "2025-06-01")])

        let timeline = fold(
            plan,
            [
                reported(.m1, "2025-01-15", .reportedReached, from: .involved),
                reported(.m3, "2025-01-16", .reportedReached),
                reported(.m1, "2025-01-17", .dropped, from: .outsider),
            ])

        #expect(timeline.dispositions == [.observation, .unknownMilestone, .noRole])
        #expect(timeline.status(on: day("2025-02-01")).milestones == MilestoneCounts(open: 1))
    }

    @Test("rule 1: the role at the record's as-of decides, whenever the record came")
    func roleAtAsOf() {
        let plan = action(roles: [
            ActionRole(organisation: .holder, role: .actionHolder, validUntil: day("2025-03-01")),
            ActionRole(organisation: .successor, role: .actionHolder, validFrom: day("2025-03-01")),
        ])

        let timeline = fold(
            plan,
            [
                progress("2025-02-28"), progress("2025-03-01", order: 1),
                progress("2025-03-01", from: .successor, order: 2), progress("2025-02-28", from: .successor),
            ])

        #expect(timeline.dispositions == [.effective, .noRole, .effective, .noRole])
    }

    // Rule 2

    @Test("rule 2: the latest as-of wins, in any order of arrival")
    func latestAsOf() {
        let early = progress("2025-01-15", .underWay, .red, reasons: [.capacity])
        let late = progress("2025-02-15", .underWay, .green)

        #expect(fold(action(), [late, early]).rows == fold(action(), [early, late]).rows)
        #expect(fold(action(), [late, early]).status(on: day("2025-03-01")).rating == .green)
        #expect(fold(action(), [late, early]).status(on: day("2025-02-14")).rating == .red)
    }

    @Test("rule 2: within a day the higher sequence wins, and the other is superseded")
    func sequence() {
        let first = progress("2025-01-15", .underWay, .red, reasons: [.capacity], order: 1)
        let second = progress("2025-01-15", .underWay, .green, order: 2)

        let timeline = fold(action(), [second, first])

        #expect(timeline.dispositions == [.effective, .superseded])
        #expect(timeline.status(on: day("2025-01-15")).rating == .green)
        #expect(timeline.rows.map(\.validFrom) == [.distantPast, day("2025-01-15")])
        #expect(Staleness([second]).isSuperseded(first))
        #expect(!Staleness([first, second]).isSuperseded(second))
    }

    @Test("rule 2: another day, item or reporter supersedes nothing")
    func notSuperseded() {
        let report = progress("2025-01-15", order: 1)

        #expect(!Staleness([progress("2025-01-16", order: 2)]).isSuperseded(report))
        #expect(!Staleness([progress("2025-01-15", from: .involved, order: 2)]).isSuperseded(report))
        #expect(!Staleness([reported(.m1, "2025-01-15", .planned, order: 2)]).isSuperseded(report))
    }

    @Test("rule 2: a superseded date of a milestone is gone, an older one stands")
    func supersededDate() {
        let plan = action(milestones: [milestone(.m1, due: "2025-06-01")])

        let timeline = fold(
            plan,
            [
                reported(.m1, "2025-01-15", .planned, due: "2025-08-01"),
                reported(.m1, "2025-02-15", .planned, due: "2026-12-01", order: 1),
                reported(.m1, "2025-02-15", .planned, order: 2),
            ])

        #expect(timeline.status(on: day("2025-07-01")).slips.map(\.currentDue) == [day("2025-08-01")])
    }

    // Rule 3

    @Test(
        "rule 3: reported complete is the furthest that a report brings",
        arguments: [Lifecycle.reportedComplete, .complete])
    func reportedComplete(lifecycle: Lifecycle) {
        let plan = action(milestones: [milestone(.m1, due: "2025-06-01")])

        let timeline = fold(plan, [progress("2025-01-15", lifecycle), reported(.m1, "2025-01-15", .reached)])

        let status = timeline.status(on: day("2025-01-15"))
        #expect(status.lifecycle == .reportedComplete)
        #expect(status.milestones == MilestoneCounts(reportedReached: 1))
        #expect(status.milestones.percentComplete == 0)
    }

    // Rule 4

    @Test("rule 4: the due day itself is not late")
    func dueDay() {
        let timeline = fold(action(milestones: [milestone(.m1, due: "2025-06-01")]), [progress("2025-05-01")])

        #expect(timeline.status(on: day("2025-06-01")).rating == .green)
        #expect(timeline.status(on: day("2025-06-01")).reasons.isEmpty)
        #expect(timeline.status(on: day("2025-06-02")).rating == .amber)
        #expect(timeline.status(on: day("2025-06-02")).reasons == [.milestoneOverdue(.m1)])
    }

    @Test("rule 4: 90 days late is amber, 91 is red")
    func longOverdue() {
        let timeline = fold(action(milestones: [milestone(.m1, due: "2025-06-01")]), [progress("2025-05-01")])

        #expect(timeline.status(on: day("2025-06-01").adding(days: 90)).rating == .amber)
        #expect(timeline.status(on: day("2025-06-01").adding(days: 91)).rating == .red)
        #expect(timeline.status(on: day("2025-06-01").adding(days: 91)).reasons == [.milestoneLongOverdue(.m1)])
    }

    @Test("rule 4: a critical milestone is red from its first day late")
    func criticalOverdue() {
        let plan = action(milestones: [milestone(.m1, due: "2025-06-01", isCritical: true)])
        let timeline = fold(plan, [progress("2025-05-01")])

        #expect(timeline.status(on: day("2025-06-01")).rating == .green)
        #expect(timeline.status(on: day("2025-06-02")).rating == .red)
        #expect(timeline.status(on: day("2025-06-02")).reasons == [.milestoneCriticalOverdue(.m1)])
    }

    @Test("rule 4: late against the first date but moved keeps the colour, with HERIJKT and both slips")
    func rebaselined() {
        let plan = action(milestones: [milestone(.m1, due: "2025-06-01")])
        let timeline = fold(
            plan, [progress("2025-05-01"), reported(.m1, "2025-05-02", .planned, due: "2025-09-01")])

        let before = timeline.status(on: day("2025-06-01"))
        let after = timeline.status(on: day("2025-06-11"))
        let late = timeline.status(on: day("2025-09-11"))

        #expect(before.flags.isEmpty)
        #expect(after.rating == .green)
        #expect(after.flags == [.rebaselined])
        let slip = MilestoneSlip(milestone: .m1, baselineDue: day("2025-06-01"), currentDue: day("2025-09-01"))
        #expect(after.slips == [slip])
        #expect(late.rating == .amber)
        #expect(late.flags == [.rebaselined])
        #expect(late.slips == [slip])
    }

    @Test("rule 4: a milestone that was red and is moved turns green again, but never without HERIJKT")
    func rebaselineKeepsFirstDate() {
        let plan = action(milestones: [milestone(.m1, due: "2025-01-01")])
        let timeline = fold(
            plan, [progress("2025-05-01"), reported(.m1, "2025-05-02", .planned, due: "2026-01-01")])

        #expect(timeline.status(on: day("2025-05-01")).rating == .red)
        #expect(timeline.status(on: day("2025-05-02")).rating == .green)
        #expect(timeline.status(on: day("2025-05-02")).flags == [.rebaselined])
        #expect(timeline.status(on: day("2025-05-02")).slips.map(\.baselineDue) == [day("2025-01-01")])
    }

    @Test("rule 4: the plan's own two dates rebaseline too")
    func rebaselinedByPlan() {
        let plan = action(milestones: [milestone(.m1, due: "2025-09-01", baseline: "2025-06-01")])

        #expect(fold(plan, [progress("2025-05-01")]).status(on: day("2025-06-02")).flags == [.rebaselined])
    }

    @Test(
        "rule 4: a milestone reported reached or dropped is not late",
        arguments: [MilestoneStatus.reportedReached, .dropped])
    func closedMilestone(status: MilestoneStatus) {
        let plan = action(milestones: [milestone(.m1, due: "2025-06-01")])
        let timeline = fold(plan, [progress("2025-05-01"), reported(.m1, "2025-07-01", status)])

        #expect(timeline.status(on: day("2025-06-30")).rating == .amber)
        #expect(timeline.status(on: day("2025-07-01")).rating == .green)
        #expect(timeline.status(on: day("2025-07-01")).slips.isEmpty)
    }

    // Rule 5

    @Test(
        "rule 5: the shown rating is the worst of the reported one and the floor",
        arguments: [
            (DeliveryRating.green, DeliveryRating.amber), (.amber, .amber), (.red, .red), (.grey, .amber),
        ])
    func floor(reported: DeliveryRating, shown: DeliveryRating) {
        let plan = action(milestones: [milestone(.m1, due: "2025-06-01")])
        let timeline = fold(plan, [progress("2025-05-01", .underWay, reported, reasons: [.other])])

        #expect(timeline.status(on: day("2025-06-01")).rating == reported)
        #expect(timeline.status(on: day("2025-06-02")).rating == shown)
        #expect(timeline.status(on: day("2025-06-02")).reportedRating == reported)
    }

    @Test("rule 5: reasons are sorted texts, the same from any order of report")
    func sortedReasons() {
        let plan = action(milestones: [milestone(.m2, due: "2025-06-01"), milestone(.m1, due: "2025-01-01")])
        let one = fold(plan, [progress("2025-05-01", .underWay, .red, reasons: [.other, .funding, .capacity])])
        let other = fold(plan, [progress("2025-05-01", .underWay, .red, reasons: [.capacity, .other, .funding])])

        let texts = one.status(on: day("2025-06-02")).reasons.map(\.description)

        #expect(
            texts == [
                "milestone_long_overdue:act-1-01-m1", "milestone_overdue:act-1-01-m2", "reported:CAPACITEIT",
                "reported:FINANCIERING", "reported:OVERIG",
            ])
        #expect(texts == texts.sorted())
        #expect(one.rows == other.rows)
    }

    // Rule 6

    @Test("rule 6: stale above 6 months and 30 days, missing above 12 months and 30 days")
    func ageing() {
        let timeline = fold(action(), [progress("2025-01-15", .underWay, .amber, reasons: [.capacity])])
        let lastCurrent = day("2025-07-15").adding(days: 30)
        let lastStale = day("2026-01-15").adding(days: 30)

        let stale = timeline.status(on: lastCurrent.adding(days: 1))
        let missing = timeline.status(on: lastStale.adding(days: 1))

        #expect(timeline.status(on: lastCurrent).dataState == .current)
        #expect(timeline.status(on: lastCurrent).lastKnownRating == nil)
        #expect(stale.dataState == .stale)
        #expect(stale.rating == .grey)
        #expect(stale.lastKnownRating == .amber)
        #expect(stale.lifecycle == .underWay)
        #expect(stale.reasons.map(\.description) == ["report_stale", "reported:CAPACITEIT"])
        #expect(timeline.status(on: lastStale).dataState == .stale)
        #expect(missing.dataState == .missing)
        #expect(missing.rating == .grey)
        #expect(missing.lastKnownRating == .amber)
        #expect(missing.reasons.contains(.reportMissing))
    }

    @Test("rule 6: the thresholds are settings")
    func ageingSettings() {
        var settings = RuleSettings.standard
        settings.staleAfterMonths = 1
        settings.graceDays = 0

        let timeline = fold(action(), [progress("2025-01-31")], settings: settings)

        #expect(timeline.status(on: day("2025-02-28")).dataState == .current)
        #expect(timeline.status(on: day("2025-03-01")).dataState == .stale)
    }

    @Test("rule 6: never reported is unknown, grey and missing, before the planned start too")
    func neverReported() {
        let plan = action(start: "2026-01-01", milestones: [milestone(.m1, due: "2025-06-01")])
        let timeline = fold(plan, [])

        let status = timeline.status(on: day("2025-01-01"))
        let late = timeline.status(on: day("2025-06-02"))
        #expect(status.lifecycle == .unknown)
        #expect(status.rating == .grey)
        #expect(status.reportedRating == nil)
        #expect(status.dataState == .missing)
        #expect(status.reasons == [.neverReported])
        #expect(late.rating == .grey)
        #expect(late.lastKnownRating == nil)
        #expect(late.reasons == [.milestoneOverdue(.m1), .neverReported])
    }

    @Test("rule 6: an involved organisation's report doesn't refresh the holder's clock")
    func involvedDoesNotRefresh() {
        let timeline = fold(action(), [progress("2025-01-15"), progress("2025-08-01", from: .involved)])

        #expect(timeline.status(on: day("2025-08-15")).dataState == .stale)
    }

    @Test("rule 6: the holder's word on a milestone refreshes its clock")
    func milestoneRefreshes() {
        let plan = action(milestones: [milestone(.m1, due: "2027-06-01")])
        let timeline = fold(plan, [progress("2025-01-15"), reported(.m1, "2025-08-01", .planned)])

        #expect(timeline.status(on: day("2025-08-15")).dataState == .current)
        #expect(timeline.status(on: day("2025-08-15")).asOf == day("2025-08-01"))
    }

    @Test("rule 6: a holder that only reported on milestones has given no lifecycle and no rating")
    func onlyMilestones() {
        let plan = action(milestones: [milestone(.m1, due: "2027-06-01")])
        let status = fold(plan, [reported(.m1, "2025-08-01", .planned)]).status(on: day("2025-08-15"))

        #expect(status.lifecycle == .unknown)
        #expect(status.rating == .grey)
        #expect(status.dataState == .current)
        #expect(status.reasons == [.noProgressReport])
    }

    @Test("rule 6: reporting unknown is a report: the axes stay apart")
    func reportedUnknown() {
        let status = fold(action(), [progress("2025-01-15", .unknown, .grey)]).status(on: day("2025-01-15"))

        #expect(status.lifecycle == .unknown)
        #expect(status.rating == .grey)
        #expect(status.dataState == .current)
    }

    @Test("rule 6: a stopped action doesn't go stale, one reported complete does")
    func stoppedDoesNotAge() {
        let stopped = fold(action(), [progress("2025-01-15", .stopped, .grey, reasons: [.priority])])
        let complete = fold(action(), [progress("2025-01-15", .reportedComplete)])

        #expect(stopped.status(on: day("2035-01-01")).dataState == .current)
        #expect(complete.status(on: day("2035-01-01")).dataState == .missing)
    }

    @Test("rule 6: not started can't go stale until its planned start and 30 days")
    func notStarted() {
        let timeline = fold(action(start: "2027-01-01"), [progress("2025-01-15", .notStarted, .grey)])

        #expect(timeline.status(on: day("2027-01-30")).dataState == .current)
        #expect(timeline.status(on: day("2027-01-31")).dataState == .missing)
    }

    @Test("rule 6: not started after its planned start goes stale by age as any other")
    func notStartedAges() {
        let started = fold(action(start: "2025-01-01"), [progress("2025-01-15", .notStarted, .grey)])
        let without = fold(action(), [progress("2025-01-15", .notStarted, .grey)])

        #expect(started.status(on: day("2025-08-14")).dataState == .current)
        #expect(started.status(on: day("2025-08-15")).dataState == .stale)
        #expect(without.status(on: day("2025-08-15")).dataState == .stale)
    }

    @Test("rule 6: not started after the day of its planned start says so")
    func startOverdue() {
        let timeline = fold(action(start: "2025-03-01"), [progress("2025-01-15", .notStarted, .green)])

        #expect(timeline.status(on: day("2025-03-01")).reasons.isEmpty)
        #expect(timeline.status(on: day("2025-03-02")).reasons == [.startOverdue])
        #expect(timeline.status(on: day("2025-03-02")).rating == .green)
    }

    // Rule 8

    @Test("rule 8: a change of holder keeps the old report, its reporter and its age")
    func holderChange() {
        let plan = action(roles: [
            ActionRole(organisation: .holder, role: .actionHolder, validUntil: day("2025-03-01")),
            ActionRole(organisation: .successor, role: .actionHolder, validFrom: day("2025-03-01")),
        ])
        let timeline = fold(plan, [progress("2025-01-15")])

        let before = timeline.status(on: day("2025-02-28"))
        let after = timeline.status(on: day("2025-03-01"))
        #expect(before.holder == .holder)
        #expect(after.holder == .successor)
        #expect(after.reporter == .holder)
        #expect(after.rating == .green)
        #expect(timeline.status(on: day("2025-08-15")).dataState == .stale)
    }

    @Test("rule 8: a body that begins after the as-of has no effect, and there is no holder before its first day")
    func bodyToCome() {
        let plan = action(roles: [ActionRole(organisation: .successor, role: .actionHolder)])
        let organisations = OrganisationLookup([organisation(.successor, from: day("2025-03-01"))])

        let timeline = timeline(
            of: plan,
            facts: [progress("2025-02-28", from: .successor), progress("2025-03-01", from: .successor)],
            organisations: organisations, settings: .standard)

        #expect(timeline.dispositions == [.noRole, .effective])
        #expect(timeline.rows.map(\.validFrom) == [.distantPast, day("2025-03-01")])
        #expect(timeline.status(on: day("2025-02-28")).holder == nil)
        #expect(timeline.status(on: day("2025-03-01")).holder == .successor)
        #expect(organisations.existence(of: .successor, on: day("2025-02-28")) == .unknown)
    }

    @Test("rule 8: a body that ceased before the as-of has no effect, and no holder is left")
    func ceasedBody() {
        let plan = action(roles: [ActionRole(organisation: .ceased, role: .actionHolder)])

        let timeline = fold(plan, [progress("2025-06-30", from: .ceased), progress("2025-07-01", from: .ceased)])

        #expect(timeline.dispositions == [.effective, .ceasedBody])
        #expect(timeline.status(on: day("2025-06-30")).holder == .ceased)
        #expect(timeline.status(on: day("2025-07-01")).holder == nil)
        #expect(timeline.status(on: day("2025-07-01")).reasons == [.noHolder])
    }

    // Publishing

    @Test("a refresh of the as-of alone is nothing to publish")
    func publishedDiffers() {
        let timeline = fold(action(), [progress("2025-01-15"), progress("2025-02-15")])
        let one = timeline.status(on: day("2025-02-01"))
        let other = timeline.status(on: day("2025-02-15"))

        #expect(one != other)
        #expect(!one.publishedDiffers(from: other))
        #expect(one.publishedDiffers(from: timeline.status(on: day("2025-12-01"))))
    }

    @Test("a reason is read back from its text")
    func reasonTexts() {
        let reasons: [StatusReason] = [
            .milestoneCriticalOverdue(.m1), .milestoneLongOverdue(.m1), .milestoneOverdue(.m1), .milestoneOverdue(.m2),
            .milestoneRebaselined(.m1), .neverReported, .noHolder, .noProgressReport, .reportMissing, .reportStale,
            .reported(.capacity), .reported(.other), .startOverdue,
        ]

        #expect(reasons.map { StatusReason($0.description) } == reasons)
        #expect(reasons.map(\.description) == reasons.map(\.description).sorted())
        #expect(reasons.reversed().sorted() == reasons)
        #expect(["report_stale:x", "milestone_overdue", "reported:X", ""].allSatisfy { StatusReason($0) == nil })
    }
}
