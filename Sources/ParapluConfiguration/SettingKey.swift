/// Every key of the configuration, by its path; `definition` says what it takes.
///
/// One table: the parser, the environment's names, the commented example and the listing are made from it.
package enum SettingKey: String, CaseIterable, Sendable {
    case instance
    case topicPrefix = "topic_prefix"
    case sourceOIN = "source_oin"
    case connectorsDirectory = "connectors.directory"

    case kafkaBootstrapServers = "kafka.bootstrap_servers"
    case kafkaGroupID = "kafka.group_id"
    case kafkaSecurity = "kafka.security"
    case kafkaAllowPlaintext = "kafka.allow_plaintext"
    case kafkaCAFile = "kafka.ca_file"
    case kafkaCertificateFile = "kafka.certificate_file"
    case kafkaKeyFile = "kafka.key_file"
    case kafkaSASLMechanism = "kafka.sasl_mechanism"
    case kafkaSASLUser = "kafka.sasl_user"
    case kafkaSASLPasswordFile = "kafka.sasl_password_file"
    case kafkaSessionTimeout = "kafka.session_timeout_milliseconds"
    case kafkaPrefetch = "kafka.prefetch_kibibytes_max"
    case kafkaProperties = "kafka.properties"

    case databaseHost = "database.host"
    case databasePort = "database.port"
    case databaseName = "database.name"
    case databaseUser = "database.user"
    case databasePasswordFile = "database.password_file"
    case databaseTLS = "database.tls"
    case databaseCAFile = "database.ca_file"
    case databaseConnectTimeout = "database.connect_timeout_seconds"
    case databaseTarget = "database.target"

    case batchMessagesMax = "batch.messages_max"
    case batchBytesMax = "batch.bytes_max"
    case batchDelay = "batch.delay_milliseconds"

    case rejectionWindowEnabled = "rejection_window.enabled"
    case rejectionWindowSize = "rejection_window.size"
    case rejectionWindowRejectedMax = "rejection_window.rejected_max"

    case parkingDaysMax = "parking.days_max"
    case relayRowsMax = "relay.rows_max"
    case cutsInterval = "cuts.interval_seconds"

    case httpAddress = "http.address"
    case httpPort = "http.port"

    case logLevel = "log.level"
    case logFormat = "log.format"

    case shutdownDrain = "shutdown.drain_seconds"

    case privacyHashKeyFile = "privacy.hash_key_file"
    case privacyCountMin = "privacy.count_min"

    /// The section, or nil for a key at the top.
    package var section: String? {
        guard let dot = rawValue.firstIndex(of: ".") else { return nil }
        return String(rawValue[..<dot])
    }

    /// The key within its section.
    package var name: String { section.map { String(rawValue.dropFirst($0.utf8.count + 1)) } ?? rawValue }

    /// The environment variable that wins over the file: `PARAPLU_` and the path in capitals, `_` for the dot.
    package var variable: String {
        "PARAPLU_" + String(rawValue.map { $0 == "." ? "_" : $0 }).uppercased()
    }
}

/// What a key takes, and what it is when it isn't given.
package struct SettingDefinition: Sendable {
    /// The kind of a value.
    package enum Kind: Sendable {
        /// A text of so many bytes, of the characters that the rule allows.
        case text(bytesMax: Int, TextRule)
        /// A whole number with its unit.
        case integer(ClosedRange<Int>, unit: String)
        /// `true` or `false`.
        case flag
        /// One of a few words.
        case choice([String])
        /// The absolute path of a file or directory.
        case path
        /// The absolute path of a file with a secret of so many bytes; the systemd credential of that id comes first.
        case secretFile(credential: String, bytes: ClosedRange<Int>)
        /// Names and values, passed through.
        case map
    }

    /// Which texts a text key takes.
    package enum TextRule: String, Sendable {
        /// Letters, digits, `.`, `_` and `-`.
        case name = "letters, digits, '.', '_', '-'"
        /// `host:port` with commas between.
        case servers = "host:port, with commas between"
        /// An OIN of twenty positions.
        case oin = "an OIN of 20 positions"
        /// An address in numbers.
        case address = "an IPv4 or IPv6 address in numbers"
        /// Printable characters without blanks.
        case word = "printable ASCII without blanks"
    }

    /// The kind of its values.
    package let kind: Kind
    /// The value when none is given, as it would be written; nil where there is none.
    package let standard: String?
    /// Where there is no default, what that means; or how the default comes about.
    package let absence: String?
    /// Whether a value must be given.
    package let isRequired: Bool
    /// What the commented example shows for a key without a default.
    package let sample: String?
    /// What it is, in a sentence or two.
    package let summary: String

    init(
        _ kind: Kind, standard: String? = nil, absence: String? = nil, isRequired: Bool = false,
        sample: String? = nil, _ summary: String
    ) {
        self.kind = kind
        self.standard = standard
        self.absence = absence
        self.isRequired = isRequired
        self.sample = sample
        self.summary = summary
    }

    /// The kind and its range and unit, for people.
    package var range: String {
        switch kind {
        case .text(let bytesMax, let rule): "\(rule.rawValue); at most \(bytesMax) bytes"
        case .integer(let range, let unit): "\(range.lowerBound) to \(range.upperBound) \(unit)"
        case .flag: "true or false"
        case .choice(let words): words.joined(separator: " | ")
        case .path: "an absolute path"
        case .secretFile(let credential, let bytes):
            "an absolute path, \(bytes.lowerBound) to \(bytes.upperBound) bytes; the systemd credential"
                + " \(credential) comes first"
        case .map: "names and values"
        }
    }
}
