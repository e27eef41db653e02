/// What the NL GOV profile for CloudEvents advises and an event does otherwise: taken, and told.
///
/// - Source: NL GOV profile for CloudEvents 1.1 (Logius), its SHOULDs that a reader can judge.
package struct EventWarnings: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Nothing; a literal would be built anew for each message.
    package static let none = EventWarnings(rawValue: 0)
    /// The source names the organisation and not the system.
    package static let sourceSystem = EventWarnings(rawValue: 1)
    /// The type names the organisation, whose name may change.
    package static let typeOrganisation = EventWarnings(rawValue: 2)
    /// The version in the type is not one number behind a `v`.
    package static let typeVersion = EventWarnings(rawValue: 4)
    /// There is no `time`.
    package static let timeMissing = EventWarnings(rawValue: 8)
    /// The event is larger than 64 KiB, which an intermediary need not pass on.
    package static let large = EventWarnings(rawValue: 16)

    /// All warnings with their stable codes, the attribute that each is about, and what is advised.
    package static let all: [(warning: EventWarnings, code: String, attribute: String, advice: String)] = [
        (
            .sourceSystem, "source_system", "source",
            "Name the source system behind the OIN: urn:nld:oin:<OIN>:systeem:<name>."
        ),
        (
            .typeOrganisation, "type_organisation", "type",
            "Name the data or the domain in the type, not the organisation."
        ),
        (.typeVersion, "type_version", "type", "End the type with one number: .v1, not .v1.2."),
        (.timeMissing, "time_missing", "time", "Give the time at which the event was logged."),
        (.large, "large", "", "Keep the event below 64 KiB."),
    ]

    /// The codes of the warnings that are given.
    package var codes: [String] { EventWarnings.all.filter { contains($0.warning) }.map(\.code) }
}
