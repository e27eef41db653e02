internal import ParapluModel

extension ConnectorLint {
    /// Where a feed's owner, or what it calls organisations, is not what the plan says.
    static func organisations(_ connector: Connector, _ plan: Plan, file: String) -> [Finding] {
        let definition = connector.parsed
        let planned = Dictionary(
            plan.organisations.map { ($0.id.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
        var findings: [Finding] = []
        func note(_ place: ConnectorDefinition.Place, _ message: String, _ hint: String = "") {
            findings.append(
                Finding(
                    file: file, line: place.line, column: place.column, code: .plan, message: message, hint: hint))
        }

        let owner = definition.owner
        if let organisation = planned[owner.organisation.rawValue] {
            if let oin = organisation.oin, oin != owner.oin {
                note(owner.place, "the OIN of \(organisation.id) is another one in the plan", oin.rawValue)
            }
            if let tooi = organisation.tooi, let own = owner.tooi, tooi != own {
                note(owner.place, "the TOOI of \(organisation.id) is another one in the plan", tooi.rawValue)
            }
        } else {
            note(owner.place, "the plan has no organisation \(owner.organisation)")
        }

        for entry in definition.organisations?.entries ?? [] {
            guard let organisation = planned[entry.target] else {
                note(entry.place, "the plan has no organisation \(entry.target)")
                continue
            }
            if let other = plan.organisations.first(where: { $0.id != organisation.id && $0.isCalled(entry.source) }) {
                note(entry.place, "“\(entry.source)” is \(other.id) in the plan")
            } else if isIdentifier(entry.source), !organisation.isCalled(entry.source) {
                let known = [organisation.oin?.rawValue, organisation.tooi?.rawValue].compactMap { $0 }
                note(
                    entry.place, "“\(entry.source)” is no identifier of \(organisation.id) in the plan",
                    known.joined(separator: ", "))
            }
        }
        return findings
    }

    /// Whether a text is an identifier that the plan keeps, not a name of the partner's own.
    private static func isIdentifier(_ text: String) -> Bool {
        OIN(text) != nil || TOOI(text) != nil || text.lowercased().hasPrefix("urn:nld:oin:")
    }
}

extension Organisation {
    /// Whether the plan knows it by that text, in any case.
    fileprivate func isCalled(_ text: String) -> Bool {
        [nameNL, nameEN, abbreviation, oin?.rawValue, oin?.urn, tooi?.rawValue].contains {
            $0?.isEmpty == false && $0?.lowercased() == text.lowercased()
        }
    }
}
