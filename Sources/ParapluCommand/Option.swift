/// One option that a command takes, by its long name.
struct Option: Hashable, Sendable {
    /// The name behind `--`.
    let name: String
    /// What its value is called in the help; nil for an option without one.
    let value: String?
    /// What it does, in one line or a few.
    let help: String

    init(_ name: String, _ value: String? = nil, _ help: String) {
        self.name = name
        self.value = value
        self.help = help
    }
}

extension Option {
    /// What every command takes, before or behind its name.
    static let common: [Option] = [configuration, output, databaseUser, help, version]

    static let configuration = Option(
        "configuration", "FILE",
        "the service's configuration (default: $PARAPLU_CONFIG, else /etc/paraplu/paraplu.yaml)")
    static let output = output(["table", "json"])
    static let databaseUser = Option(
        "database-user", "ROLE", "the database role (default: $PGUSER, else paraplu_operator)")
    static let help = Option("help", nil, "say how the command is used")
    static let version = Option("version", nil, "say which version this is")

    /// How data are written, with the forms of one command.
    static func output(_ forms: [String]) -> Option {
        Option("output", forms.joined(separator: "|"), "how data are written (default: \(forms.first ?? "table"))")
    }

    /// For decisions, which the journal keeps with their reason.
    static let reason = Option("reason", "TEXT", "why, for the journal (required)")
    static let actor = Option("actor", "NAME", "who decides, for the journal (default: $SUDO_USER, else the user)")
}
