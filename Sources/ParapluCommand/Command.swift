internal import ParapluConnectors

/// One subcommand: how it is called, what it says about itself, and what it does.
struct Command: Sendable {
    /// Its words, such as `plan` and `apply`.
    let words: [String]
    /// What stands behind the words, for the help: `FILE`, `[DIR]`.
    let operands: String
    /// How many operands it takes.
    let operandCount: ClosedRange<Int>
    /// What it does, in one line.
    let summary: String
    /// What else is to be known, in lines of at most 100 characters; may be empty.
    let details: String
    /// A command line that works.
    let example: String
    /// The options that it takes beside those of every command.
    let options: [Option]
    /// The forms that `--output` takes, the standard one first.
    let outputs: [String]
    /// Does it.
    let run: @Sendable (Invocation) throws -> ExitCode

    init(
        _ words: String, operands: String = "", _ operandCount: ClosedRange<Int> = 0...0, summary: String,
        details: String = "", example: String, options: [Option] = [], outputs: [String] = ["table", "json"],
        run: @escaping @Sendable (Invocation) throws -> ExitCode
    ) {
        self.words = words.split(separator: " ").map(String.init)
        self.operands = operands
        self.operandCount = operandCount
        self.summary = summary
        self.details = details
        self.example = example
        self.options = options
        self.outputs = outputs
        self.run = run
    }

    var name: String { words.joined(separator: " ") }

    /// The options of every command, with the forms of output that this one has.
    var commonOptions: [Option] {
        Option.common.map { $0 == .output ? Option.output(outputs) : $0 }
    }
}

/// A subcommand as it is run: with its arguments, and what it may use.
struct Invocation: Sendable {
    let arguments: ParsedArguments
    let services: Services
    let terminal: Terminal

    var operands: [String] { arguments.operands }
    var isJSON: Bool { output == "json" }
    /// The form of output that was asked for.
    var output: String { arguments[.output] ?? "table" }

    subscript(_ option: Option) -> String? { arguments[option] }

    func has(_ option: Option) -> Bool { arguments[option] != nil }

    /// The value of an option that must be given, not be empty, and hold no personal data: the journal keeps it for good.
    func required(_ option: Option) throws(UsageError) -> String {
        guard let value = arguments[option], value.contains(where: { !$0.isWhitespace }) else {
            throw UsageError("--\(option.name) \(option.value ?? "") is required")
        }
        if let pattern = Array(value.utf8).withUnsafeBytes({ PrivacyScanner.pattern(in: $0) }) {
            throw UsageError("--\(option.name) may hold no personal data; it seems to (\(pattern.rawValue))")
        }
        return value
    }

    /// The value of an option as a whole number within a range, or nil where it isn't given.
    func number(_ option: Option, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = arguments[option] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError("--\(option.name) takes a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Who decides, for the journal.
    var actor: String { self[.actor] ?? services.environment.actor }
}
