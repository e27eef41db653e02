/// An organisation (organisatie), with its identifiers and the days between which it exists.
package struct Organisation: Hashable, Sendable {
    /// Its identifier, unique among the organisations, such as `org-jenv`.
    package var id: OrganisationID
    /// Its official name in Dutch, never empty.
    package var nameNL: String
    /// Its name in English, never empty.
    package var nameEN: String
    /// Its abbreviation, such as `JenV`; empty where it has none.
    package var abbreviation: String
    /// What it was called before, at most `formerNamesMax`; no two names hold on one day.
    package var formerNames: [FormerName]
    /// What kind of body it is, by the plan's document, such as `ministry`; an open list.
    package var kind: String
    /// Who it is in published data; nil where the plan gives no TOOI identifier.
    package var tooi: TOOI?
    /// Who it is on the wire; nil where the plan gives no OIN.
    ///
    /// It may be one for tests, with the prefix `00000099`.
    package var oin: OIN?
    /// The first day of its existence, nil where it always was.
    package var existsFrom: CalendarDate?
    /// The day from which it no longer exists, nil where it still does.
    package var existsUntil: CalendarDate?
    /// The organisation that took over its work.
    package var successor: OrganisationID?
    /// The organisation of which it is a part.
    package var parent: OrganisationID?
    /// Whether it stands in a public source or was made for demonstration.
    package var provenance: Provenance

    /// The most former names of one organisation.
    package static let formerNamesMax = 50

    package init(
        id: OrganisationID, nameNL: String, nameEN: String, abbreviation: String, formerNames: [FormerName] = [],
        kind: String, tooi: TOOI? = nil,
        oin: OIN? = nil, existsFrom: CalendarDate? = nil, existsUntil: CalendarDate? = nil,
        successor: OrganisationID? = nil, parent: OrganisationID? = nil, provenance: Provenance
    ) {
        self.id = id
        self.nameNL = nameNL
        self.nameEN = nameEN
        self.abbreviation = abbreviation
        self.formerNames = formerNames
        self.kind = kind
        self.tooi = tooi
        self.oin = oin
        self.existsFrom = existsFrom
        self.existsUntil = existsUntil
        self.successor = successor
        self.parent = parent
        self.provenance = provenance
    }

    /// Whether the organisation exists on that day.
    package func exists(on date: CalendarDate) -> Bool {
        (existsFrom.map { $0 <= date } ?? true) && (existsUntil.map { date < $0 } ?? true)
    }
}

/// What an organisation was called on the days up to but not including `validUntil`.
///
/// A body that was renamed and kept its work has a former name; one whose work another body took over has a successor,
/// because its reports are kept apart.
package struct FormerName: Hashable, Sendable {
    /// The name in Dutch, never empty.
    package var nameNL: String
    /// The name in English, never empty.
    package var nameEN: String
    /// The abbreviation of that time; empty where it had none.
    package var abbreviation: String
    /// The first day of the name; nil where it follows on the name before, or on the first day of the organisation.
    package var validFrom: CalendarDate?
    /// The day from which the organisation is called otherwise.
    package var validUntil: CalendarDate

    package init(
        nameNL: String, nameEN: String, abbreviation: String = "", validFrom: CalendarDate? = nil,
        validUntil: CalendarDate
    ) {
        self.nameNL = nameNL
        self.nameEN = nameEN
        self.abbreviation = abbreviation
        self.validFrom = validFrom
        self.validUntil = validUntil
    }
}
