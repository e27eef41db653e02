import ParapluModel

/// Invented plans and records.
enum Fixture {
    static func action(_ number: Int) -> ActionID { ActionID(unchecked: "act-\(number)") }
    static func organisation(_ number: Int) -> OrganisationID { OrganisationID(unchecked: "org-\(number)") }
    static func milestone(_ number: Int) -> MilestoneID { MilestoneID(unchecked: "act-\(number)-m1") }
    static let start = CalendarDate(daysSince2000: 12_000)

    /// A plan of that many actions on three lines and two goals; action `i` is held by organisation `i % 3`.
    static func plan(
        actions: Int, version: String = "1", organisations: Int = 4, due: CalendarDate = start
    ) -> Plan {
        Plan(
            name: "invented", version: version,
            programme: Programme(
                id: "programme", titleNL: "Programma", titleEN: "Programme", dossier: "28638", presentedOn: start,
                coordinator: organisation(0)),
            goals: (1...2).map {
                StrategicGoal(
                    id: GoalID(unchecked: "goal-\($0)"), number: $0, titleNL: "Doel \($0)", titleEN: "Goal \($0)")
            },
            lines: (1...3).map {
                ActionLine(
                    id: ActionLineID(unchecked: "line-\($0)"), number: $0, titleNL: "Lijn \($0)", titleEN: "Line \($0)",
                    goals: [GoalID(unchecked: "goal-1")])
            },
            organisations: (0..<organisations).map {
                Organisation(
                    id: organisation($0), nameNL: "Organisatie \($0)", nameEN: "Organisation \($0)",
                    abbreviation: "O\($0)", kind: "ministerie", provenance: .illustrative)
            }, actions: (0..<actions).map { planned($0, due: due) })
    }

    static func planned(_ number: Int, due: CalendarDate = start) -> PlannedAction {
        PlannedAction(
            id: action(number), code: "1.\(number)", titleNL: "Actie \(number)", titleEN: "Action \(number)",
            line: ActionLineID(unchecked: "line-\(number % 3 + 1)"),
            goals: number % 2 == 0
                ? [GoalID(unchecked: "goal-1")] : [GoalID(unchecked: "goal-1"), GoalID(unchecked: "goal-2")],
            policyType: number % 7 == 6 ? .standingPolicy : .plan, provenance: .illustrative,
            displayNoteNL: "verzonnen", isCritical: number % 5 == 0,
            roles: [
                ActionRole(organisation: organisation(number % 3), role: .actionHolder),
                ActionRole(organisation: organisation((number + 1) % 3), role: .involved),
            ],
            milestones: [
                PlannedMilestone(
                    id: milestone(number), titleNL: "Mijlpaal", kind: "product", baselineDue: due, currentDue: due,
                    provenance: .illustrative)
            ])
    }

    /// The holder's word on an action.
    static func progress(
        _ number: Int, asOf: CalendarDate, rating: DeliveryRating = .green, lifecycle: Lifecycle = .underWay,
        sequence: Int64? = nil, reporter: OrganisationID? = nil, document: String? = nil
    ) -> CanonicalRecord {
        CanonicalRecord(
            reporter: reporter ?? organisation(number % 3), action: action(number), asOf: asOf, sequence: sequence,
            content: .progress(
                ProgressReport(
                    lifecycle: lifecycle, rating: rating, reasons: rating == .green ? [] : [.capacity],
                    document: document)))
    }

    /// A motion about a subject.
    static func commitment(_ id: String, on subject: Subject) -> Commitment {
        Commitment(
            id: CommitmentID(unchecked: id), kind: .motion, titleNL: "Motie \(id)", date: statedDate("2024-02"),
            link: subject, provenance: .illustrative)
    }

    /// A date that is known to be one.
    static func statedDate(_ text: String) -> StatedDate {
        guard let date = StatedDate(text) else { preconditionFailure("“\(text)” is no date") }
        return date
    }

    /// The holder's word on the one milestone of an action.
    static func milestone(
        _ number: Int, asOf: CalendarDate, status: MilestoneStatus, due: CalendarDate? = nil,
        reachedOn: CalendarDate? = nil, sequence: Int64? = nil
    ) -> CanonicalRecord {
        CanonicalRecord(
            reporter: organisation(number % 3), action: action(number), asOf: asOf, sequence: sequence,
            content: .milestone(
                MilestoneReport(
                    milestone: milestone(number), status: status, currentDue: due, reachedOn: reachedOn)))
    }

    /// Anybody's word on an action.
    static func record(
        _ number: Int, asOf: CalendarDate, sequence: Int64? = nil, reporter: OrganisationID? = nil,
        _ content: CanonicalRecord.Content
    ) -> CanonicalRecord {
        CanonicalRecord(
            reporter: reporter ?? organisation(number % 3), action: action(number), asOf: asOf, sequence: sequence,
            content: content)
    }
}
