internal import JSON

/// The numbers of the rules.
extension PlanReader {
    /// The settings of the member `rules`, those of the domain notes where it or one of its members is absent.
    ///
    /// A member that is no setting is refused here, unlike elsewhere in the document: a misspelt threshold would be without
    /// effect, and nobody would see it.
    func rules(_ root: JSONNode) -> RuleSettings {
        var settings = RuleSettings()
        guard let node = present(root, "rules") else { return settings }
        guard node.kind == .object else {
            note("/rules", "an object is needed here")
            return settings
        }
        for member in node.members {
            guard let setting = RuleSetting(rawValue: member.name) else {
                let known = RuleSetting.allCases.map(\.rawValue).joined(separator: ", ")
                note("/rules/\(member.name)", "no setting of the rules, which are: \(known)")
                continue
            }
            guard let value = wholeNumber(member.value, "/rules/\(member.name)", in: setting.bounds) else { continue }
            settings[keyPath: setting.path] = value
        }
        if settings.missingAfterMonths <= settings.staleAfterMonths {
            note(
                "/rules",
                "missing_after_months (\(settings.missingAfterMonths)) is to be more than stale_after_months"
                    + " (\(settings.staleAfterMonths)): a word is stale before it counts as missing")
        }
        return settings
    }
}
