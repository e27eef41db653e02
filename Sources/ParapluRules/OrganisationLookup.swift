package import ParapluModel

/// The organisations of a plan by identifier, and whether they exist on a day.
package struct OrganisationLookup: Hashable, Sendable {
    private let organisations: [OrganisationID: Organisation]

    package init(_ organisations: [OrganisationID: Organisation]) {
        self.organisations = organisations
    }

    package init(_ organisations: [Organisation]) {
        self.init(Dictionary(organisations.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }))
    }

    /// Whether an organisation exists on a day, and if not, why.
    package enum Existence: Hashable, Sendable {
        case exists
        case ceased
        /// It begins later, or the plan doesn't know it.
        case unknown
    }

    /// Whether the organisation exists on that day.
    package func existence(of id: OrganisationID, on date: CalendarDate) -> Existence {
        guard let organisation = organisations[id] else { return .unknown }
        if let until = organisation.existsUntil, date >= until { return .ceased }
        return organisation.exists(on: date) ? .exists : .unknown
    }

    /// Whether the organisation exists on some day of a period.
    package func exists(_ id: OrganisationID, from first: CalendarDate, through last: CalendarDate) -> Bool {
        guard let lifetime = lifetime(of: id) else { return false }
        return (lifetime.from.map { $0 <= last } ?? true) && (lifetime.until.map { first < $0 } ?? true)
    }

    /// The days of the organisation's existence: from the first, up to but not including the second; nil is open.
    func lifetime(of id: OrganisationID) -> (from: CalendarDate?, until: CalendarDate?)? {
        organisations[id].map { ($0.existsFrom, $0.existsUntil) }
    }
}

/// What a reporter is to an action on a day, and so what its word does.
///
/// Also the order of the words of one day, from first to last: an involved organisation contradicts what the holder says of the
/// day, whichever was said first, and the programme office judges both. Their own sequence numbers can't tell: one counts from
/// one, another sends microseconds. The raw values are kept in states, and never given to another case.
enum Standing: UInt8 {
    case holder = 1
    /// Another role than the holder's.
    case other = 2
    /// No role.
    case none = 3
    /// The programme office, with a decision.
    case office = 4
}

extension PlannedAction {
    /// Whether the organisation holds the action on that day.
    package func isHeld(by organisation: OrganisationID, on date: CalendarDate) -> Bool {
        standing(of: organisation, on: date) == .holder
    }

    /// What a record's reporter is to the action on the record's day.
    func standing(of record: CanonicalRecord) -> Standing {
        record.kind.isOfficeDecision ? .office : standing(of: record.reporter, on: record.asOf)
    }

    /// Whether a fact of the action takes effect before another: the earlier day, within a day the stronger standing, then the
    /// reporter's own order.
    package func places(_ left: Fact, before right: Fact) -> Bool {
        guard left.key.asOf == right.key.asOf else { return left.key.asOf < right.key.asOf }
        let standings = (standing(of: left.record).rawValue, standing(of: right.record).rawValue)
        return standings.0 == standings.1 ? left.key < right.key : standings.0 < standings.1
    }

    /// What the organisation is to the action on that day; an organisation with more than one role has the strongest.
    ///
    /// The plan has exactly one holder on any day; should it name two, the first of the list is the holder.
    func standing(of organisation: OrganisationID, on date: CalendarDate) -> Standing {
        var standing = Standing.none
        var holderIsKnown = false
        for role in roles where role.holds(on: date) {
            if role.role == .actionHolder && !holderIsKnown {
                if role.organisation == organisation { return .holder }
                holderIsKnown = true
            } else if role.organisation == organisation {
                standing = .other
            }
        }
        return standing
    }
}
