extension FindingCode {
    /// What the code means, in a few words: the short text of a rule.
    package var title: String {
        switch self {
        case .unreadable: "The file cannot be read as YAML"
        case .unknownKey: "A key that no connector has"
        case .missingKey: "A key that every connector needs"
        case .invalidValue: "A value that does not fit its key"
        case .invalidOperator: "Operators that do not fit their field or one another"
        case .pathConflict: "Two paths that contradict one another"
        case .invalidCode: "A code list or code that does not exist"
        case .duplicate: "Two connectors with one feed or topic"
        case .incomplete: "A feed without README or examples"
        case .tooLarge: "More than a bound allows"
        case .plan: "An organisation that is not that of the plan"
        case .compaction: "A compacted topic that loses earlier words"
        }
    }

    /// What to do about it, for whoever writes the definition.
    package var help: String {
        switch self {
        case .unreadable:
            """
            The file must be one YAML document in UTF-8, without anchors, aliases or tags. Indent with spaces, and quote \
            what begins with a special character.
            """
        case .unknownKey:
            "Unknown keys are refused, so that a slip of the pen is never silently without effect. The hint lists the keys known here."
        case .missingKey:
            """
            Feed, owner, topic, purpose, legal basis, retention, format, key, identity, records and authority are never \
            guessed. A record needs the fields of its kind.
            """
        case .invalidValue: "The value has the wrong shape or lies outside its range. The hint says what is taken."
        case .invalidOperator:
            "A field takes one operand with one conversion, and the conversion must give what the field holds. The hint says which do."
        case .pathConflict:
            """
            A path is a value, an object or an array, and is read or ignored, in the whole definition. Elements of an array \
            are reached by the record whose “each” names the array.
            """
        case .invalidCode:
            """
            “codes” names a list under “code_lists”, or is “canonical”. The right-hand side of a list holds codes of ours that \
            a partner may report.
            """
        case .duplicate: "Feed and topic belong to one connector each. Rename one of them, or put both shapes into one."
        case .incomplete:
            """
            A feed has a README.md, and under examples/ at least five messages that are taken and five that are refused: \
            <case>.input.json beside <case>.expected.json or <case>.rejected.json.
            """
        case .tooLarge:
            "Bounds keep decoding in constant memory. Split the definition, or leave parts of the document out by “ignore”."
        case .plan:
            """
            Identifiers and names of organisations stand for those of the plan. Take OIN, TOOI and name from the plan, or \
            mend the plan first. Looked for where “--plan” names its document.
            """
        case .compaction:
            """
            Compaction keeps the last message of each key. So every message needs a key, gives one record of one kind, and \
            has what identifies that record in its key, but for the sequence; show it by reading these fields from the \
            key, if only for messages without a value. Other feeds have topics that keep everything: “offsets: dense”.
            """
        }
    }
}
