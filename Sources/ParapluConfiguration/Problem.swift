/// One thing that is wrong with the configuration, or that its operator should know.
package struct Problem: Error, Hashable, Sendable {
    /// Whether the daemon can start with it.
    package enum Severity: String, Sendable {
        /// It can't.
        case error
        /// It can, and somebody should look at it.
        case warning
    }

    /// What kind of problem it is: stable, for scripts.
    package enum Code: String, CaseIterable, Sendable {
        /// The file can't be opened or read.
        case unreadableFile = "unreadable_file"
        /// The file isn't the YAML that we take.
        case syntax
        /// No such key.
        case unknownKey = "unknown_key"
        /// A key that has no default is not given, or something that another one needs.
        case missing
        /// The value isn't of the key's kind.
        case invalidValue = "invalid_value"
        /// A number outside the key's range.
        case outOfRange = "out_of_range"
        /// A value that is refused because correctness or safety depends on it.
        case notAllowed = "not_allowed"
        /// Values that contradict each other.
        case conflict
        /// A file with a secret can be read by everyone on the machine.
        case fileTooOpen = "file_too_open"
        /// A defect of a library that this configuration runs into.
        case knownDefect = "known_defect"
        /// It works, but not as a production system should.
        case unsafe
    }

    /// The configuration file; nil where the value came from the environment or is missing without a file.
    package var file: String?
    /// The line in the file, from 1.
    package var line: Int?
    /// The column in the file, in characters from 1.
    package var column: Int?
    /// The key, such as `kafka.group_id`, or the environment variable that gave the value; nil for the whole file.
    package var key: String?
    /// What kind of problem it is, for scripts.
    package var code: Code
    /// Whether it keeps the daemon from starting.
    package var severity: Severity
    /// What is wrong, in a sentence without secrets.
    package var message: String
    /// What to do about it.
    package var hint: String?

    package init(
        file: String? = nil, line: Int? = nil, column: Int? = nil, key: String?, code: Code,
        severity: Severity = .error, message: String, hint: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.code = code
        self.severity = severity
        self.message = message
        self.hint = hint
    }
}

extension Problem: CustomStringConvertible {
    /// As compilers write it: `file:line:column: error: key: message [code]`, and the hint on a line of its own.
    package var description: String {
        var text = ""
        if let file {
            text += file
            if let line { text += ":\(line)" }
            if let column { text += ":\(column)" }
            text += ": "
        }
        text += "\(severity.rawValue): "
        if let key { text += "\(key): " }
        text += "\(message) [\(code.rawValue)]"
        if let hint { text += "\n  hint: \(hint)" }
        return text
    }
}

/// Everything that is wrong with a configuration, found in one go.
package struct ConfigurationProblems: Error, Hashable, Sendable, CustomStringConvertible {
    /// All of them: by place in the file, then those without one.
    package let problems: [Problem]

    /// The problems given, in order of place.
    package init(_ problems: [Problem]) {
        self.problems = problems.enumerated().sorted { left, right in
            let leftPlace = (left.element.line ?? .max, left.element.column ?? .max, left.offset)
            let rightPlace = (right.element.line ?? .max, right.element.column ?? .max, right.offset)
            return leftPlace < rightPlace
        }.map(\.element)
    }

    /// Whether one of them keeps the daemon from starting.
    package var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// All of them as lines of text.
    package var text: String { problems.map(\.description).joined(separator: "\n") }

    package var description: String { text }

    /// All of them as one JSON document: `{"problems": [{"severity", "code", "key", "message", …}]}`.
    ///
    /// Members without a value are left out.
    package var json: String {
        let objects = problems.map { problem in
            var members = ["\"severity\":\(Self.quoted(problem.severity.rawValue))"]
            members.append("\"code\":\(Self.quoted(problem.code.rawValue))")
            if let file = problem.file { members.append("\"file\":\(Self.quoted(file))") }
            if let line = problem.line { members.append("\"line\":\(line)") }
            if let column = problem.column { members.append("\"column\":\(column)") }
            if let key = problem.key { members.append("\"key\":\(Self.quoted(key))") }
            members.append("\"message\":\(Self.quoted(problem.message))")
            if let hint = problem.hint { members.append("\"hint\":\(Self.quoted(hint))") }
            return "{" + members.joined(separator: ",") + "}"
        }
        return "{\"problems\":[" + objects.joined(separator: ",") + "]}"
    }

    /// The text as a JSON string, control characters escaped.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
