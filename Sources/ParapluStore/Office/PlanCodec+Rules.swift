import JSON
import ParapluModel

/// The settings of the rules.
extension PlanCodec {
    static func write(_ rules: RuleSettings, in json: inout JSONWriter) {
        for setting in RuleSetting.allCases {
            json.member(name: setting.rawValue)
            json.integer(rules[keyPath: setting.path])
        }
        json.member("count_min")
        json.integer(rules.countMin)
    }

    /// The settings, those of the domain notes where the version has none; nil where one can't be read.
    static func rules(_ node: JSONNode?) -> RuleSettings? {
        var rules = RuleSettings()
        guard let node else { return rules }
        for setting in RuleSetting.allCases {
            guard let value = node[name: setting.rawValue]?.int64 else { return nil }
            rules[keyPath: setting.path] = Int(value)
        }
        guard let countMin = node["count_min"]?.int64 else { return nil }
        rules.countMin = countMin
        return rules
    }
}
