import ParapluModel
import ParapluRules

/// The day written as `YYYY-MM-DD`; a slip of the pen in a test becomes the distant past, and fails the test.
func day(_ text: String) -> CalendarDate { CalendarDate(text) ?? .distantPast }

extension OrganisationID {
    static let holder = OrganisationID(unchecked: "org-jenv")
    static let successor = OrganisationID(unchecked: "org-aenm")
    static let involved = OrganisationID(unchecked: "org-szw")
    static let office = OrganisationID(unchecked: "org-office")
    static let outsider = OrganisationID(unchecked: "org-vws")
    /// Has the role of the holder at first, and ceases on 2025-07-01.
    static let ceased = OrganisationID(unchecked: "org-oud")
}

extension MilestoneID {
    static let m1 = MilestoneID(unchecked: "act-1-01-m1")
    static let m2 = MilestoneID(unchecked: "act-1-01-m2")
    static let m3 = MilestoneID(unchecked: "act-1-01-m3")
}

let testOrganisations = OrganisationLookup([
    organisation(.holder), organisation(.successor), organisation(.involved), organisation(.outsider),
    organisation(.ceased, until: day("2025-07-01")),
])

func organisation(_ id: OrganisationID, from: CalendarDate? = nil, until: CalendarDate? = nil) -> Organisation {
    Organisation(
        id: id, nameNL: id.rawValue, nameEN: id.rawValue, abbreviation: "X", kind: "ministry", existsFrom: from,
        existsUntil: until, provenance: .illustrative)
}

func milestone(
    _ id: MilestoneID, due: String, baseline: String? = nil, isCritical: Bool = false
) -> PlannedMilestone {
    PlannedMilestone(
        id: id, titleNL: "mijlpaal", kind: "output", baselineDue: day(baseline ?? due), currentDue: day(due),
        isCritical: isCritical, provenance: .illustrative)
}

func action(
    start: String? = nil, isCritical: Bool = false, policyType: PolicyType = .plan, roles: [ActionRole]? = nil,
    milestones: [PlannedMilestone] = []
) -> PlannedAction {
    PlannedAction(
        id: ActionID(unchecked: "act-1-01"), code: "1.01", titleNL: "actie", titleEN: "action",
        line: ActionLineID(unchecked: "line-1"), goals: [], policyType: policyType, provenance: .illustrative,
        displayNoteNL: "", plannedStart: start.map(day), isCritical: isCritical,
        roles: roles ?? [
            ActionRole(organisation: .holder, role: .actionHolder),
            ActionRole(organisation: .involved, role: .involved),
        ], milestones: milestones)
}

/// A fact with an identity that follows from what identifies it, so that equal records are equal facts.
func fact(
    _ reporter: OrganisationID, _ asOf: CalendarDate, order: Int64? = nil, _ content: CanonicalRecord.Content
) -> Fact {
    let record = CanonicalRecord(
        reporter: reporter, action: ActionID(unchecked: "act-1-01"), asOf: asOf, sequence: order, content: content)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(reporter)|\(record.kind)|\(record.item)|\(asOf)|\(record.order)".utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    return Fact(record: record, identity: (hash, hash &* 31))
}

func progress(
    _ asOf: String, _ lifecycle: Lifecycle = .underWay, _ rating: DeliveryRating = .green,
    reasons: [ReasonCode] = [], from reporter: OrganisationID = .holder, order: Int64? = nil
) -> Fact {
    fact(
        reporter, day(asOf), order: order,
        .progress(ProgressReport(lifecycle: lifecycle, rating: rating, reasons: reasons)))
}

func reported(
    _ milestone: MilestoneID, _ asOf: String, _ status: MilestoneStatus, due: String? = nil,
    from reporter: OrganisationID = .holder, order: Int64? = nil
) -> Fact {
    fact(
        reporter, day(asOf), order: order,
        .milestone(MilestoneReport(milestone: milestone, status: status, currentDue: due.map(day))))
}

func fold(_ plan: PlannedAction, _ facts: [Fact], settings: RuleSettings = .standard) -> Timeline {
    timeline(of: plan, facts: facts, organisations: testOrganisations, settings: settings)
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
