internal import JSON
internal import ParapluConfiguration

/// What `config check` found: problems of the configuration, and how the services answered.
struct CheckReport {
    /// One look at a service.
    struct Check {
        enum Outcome: String { case ok, failed, unreachable }

        /// `database` or `kafka`.
        let service: String
        /// What was looked at.
        let subject: String
        let outcome: Outcome
        let message: String
        let hint: String?
    }

    var problems: [Problem] = []
    private(set) var checks: [Check] = []

    mutating func add(_ check: Check) { checks.append(check) }

    /// Adds what is well.
    mutating func add(_ service: String, _ subject: String, _ message: String) {
        checks.append(Check(service: service, subject: subject, outcome: .ok, message: message, hint: nil))
    }

    /// Adds an error in its own words, the hint apart.
    mutating func add(_ service: String, _ subject: String, _ error: any Error) {
        let parts = Explanation.text(of: error).split(separator: "\n", maxSplits: 1)
        let hint = parts.count > 1 ? String(parts[1].drop { $0 == " " }.dropFirst("hint: ".count)) : nil
        checks.append(
            Check(
                service: service, subject: subject,
                outcome: ExitCode(of: error) == .unreachable ? .unreachable : .failed,
                message: parts.first.map(String.init) ?? "", hint: hint))
    }

    /// The worst that was found.
    var code: ExitCode {
        if problems.contains(where: { $0.severity == .error }) { return .invalidInput }
        if checks.contains(where: { $0.outcome == .unreachable }) { return .unreachable }
        return checks.contains { $0.outcome == .failed } ? .failed : .done
    }

    /// Shows everything: findings are the data of this command.
    func show(_ call: Invocation, isComplete: Bool) {
        guard !call.isJSON else {
            call.terminal.print(json: json)
            return
        }
        for problem in problems { call.terminal.print("\(problem)\n") }
        for check in checks {
            let hint = check.hint.map { "\n  hint: \($0)" } ?? ""
            call.terminal.print(
                "\(check.service): \(check.subject): \(check.outcome.rawValue): \(check.message)\(hint)\n")
        }
        let errors = problems.count { $0.severity == .error }
        call.terminal.say(
            errors == 0
                ? "the configuration is right (\(problems.count) warnings)"
                : "\(errors) errors, \(problems.count - errors) warnings")
    }

    private var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("problems")
        json.beginArray()
        for problem in problems {
            json.beginObject()
            text("severity", problem.severity.rawValue, in: &json)
            text("code", problem.code.rawValue, in: &json)
            text("file", problem.file, in: &json)
            number("line", problem.line, in: &json)
            number("column", problem.column, in: &json)
            text("key", problem.key, in: &json)
            text("message", problem.message, in: &json)
            text("hint", problem.hint, in: &json)
            json.endObject()
        }
        json.endArray()
        json.member("checks")
        json.beginArray()
        for check in checks {
            json.beginObject()
            text("service", check.service, in: &json)
            text("subject", check.subject, in: &json)
            text("outcome", check.outcome.rawValue, in: &json)
            text("message", check.message, in: &json)
            text("hint", check.hint, in: &json)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    private func text(_ name: StaticString, _ value: String?, in json: inout JSONWriter) {
        guard let value else { return }
        json.member(name)
        json.string(value)
    }

    private func number(_ name: StaticString, _ value: Int?, in json: inout JSONWriter) {
        guard let value else { return }
        json.member(name)
        json.integer(value)
    }
}
