/// What is written about the configuration, made from the table of keys.
package enum ConfigurationReference {
    /// The commented example, `deploy/paraplu.yaml`: every key with its default, range and unit; those needed are set.
    package static var example: String {
        var text = """
            # The configuration of paraplud and paraplu.
            #
            # A line that is commented out shows the default, or a sample where there is none. An environment variable wins
            # over the file. Unknown keys are refused; `paraplu config check` reports all problems at once.

            """
        var section: String?
        for key in SettingKey.allCases {
            if key.section != section {
                section = key.section
                if let section { text += "\n\(section):\n" }
            } else {
                text += section == nil || key != SettingKey.allCases.first ? "\n" : ""
            }
            text += entry(key)
        }
        return text
    }

    /// One line or two for each key, for a terminal.
    package static var listing: String {
        SettingKey.allCases.map { key in
            let definition = key.definition
            return "\(key.rawValue)  (\(definition.range); \(standard(definition)))\n"
                + "    \(definition.summary.replacing("\n", with: " ")) \(key.variable)\n"
        }.joined()
    }

    private static func entry(_ key: SettingKey) -> String {
        let indent = key.section == nil ? "" : "  "
        let definition = key.definition
        var lines = definition.summary.split(separator: "\n").map { "# \($0)" }
        lines.append("# Takes \(definition.range). \(capitalised(standard(definition))).")
        lines.append("# \(key.variable)")
        let value = definition.standard ?? definition.sample ?? ""
        lines.append("\(definition.isRequired ? "" : "#")\(key.name): \(value)")
        return lines.map { "\(indent)\($0)\n" }.joined()
    }

    private static func standard(_ definition: SettingDefinition) -> String {
        if definition.isRequired { return "required" }
        return "default: \(definition.standard ?? definition.absence ?? "none")"
    }

    private static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
