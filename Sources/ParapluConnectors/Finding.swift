/// Something wrong in a connector's definition, where it stands, and what to do about it.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// The file, as it was named to the loader.
    package let file: String
    /// The line in it, from 1.
    package let line: Int
    /// The column in that line, from 1.
    package let column: Int
    /// What kind of mistake it is: stable, for scripts.
    package let code: FindingCode
    /// What is wrong, in one sentence.
    package let message: String
    /// What to do, in one sentence; empty where the message says it.
    package let hint: String

    package init(file: String, line: Int, column: Int, code: FindingCode, message: String, hint: String = "") {
        self.file = file
        self.line = line
        self.column = column
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// `file:line:column: code: message (hint)`, the form that editors jump to.
    package var description: String {
        "\(file):\(line):\(column): \(code.rawValue): \(message)\(hint.isEmpty ? "" : " (\(hint))")"
    }
}

/// The stable codes of findings.
package enum FindingCode: String, CaseIterable, Sendable {
    /// The file cannot be read, or is no YAML.
    case unreadable
    /// A key that no connector has.
    case unknownKey = "unknown_key"
    /// A key that every connector needs; without purpose, legal basis and identity none is loaded.
    case missingKey = "missing_key"
    /// A value of the wrong shape, or outside its range.
    case invalidValue = "invalid_value"
    /// An operator that does not fit its field, or two of them together.
    case invalidOperator = "invalid_operator"
    /// A path that contradicts another one.
    case pathConflict = "path_conflict"
    /// A code list that does not exist, or a code that no reporter may give.
    case invalidCode = "invalid_code"
    /// Two connectors with one topic or one feed.
    case duplicate
    /// A folder without what a feed needs: README, good and bad examples.
    case incomplete
    /// More than a bound allows.
    case tooLarge = "too_large"
    /// An organisation that the plan does not have, or has under another identifier.
    case plan
    /// A compacted topic that would lose what was said before.
    case compaction
}
