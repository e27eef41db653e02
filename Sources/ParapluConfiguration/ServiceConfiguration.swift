internal import Kafka
internal import ParapluModel

/// How this daemon runs: every setting, checked, from one file and the environment.
///
/// Defaults, ranges and units of the values are those of `SettingKey.definition`.
package struct ServiceConfiguration: Sendable {
    /// How many messages make one transaction.
    package struct Batch: Hashable, Sendable {
        /// The most messages, 1 to 100,000.
        package var messagesMax: Int
        /// The most bytes of messages, 64 KiB to 256 MiB; the last message may pass it.
        package var bytesMax: Int
        /// How long a batch that isn't full waits for more, up to 10 s.
        package var delay: Duration
    }

    /// When a feed that sends mostly bad messages is held.
    package struct RejectionWindow: Hashable, Sendable {
        /// Whether a feed is ever held for its bad messages.
        package var isEnabled: Bool
        /// How many of the last messages count, 1 to 100.
        package var size: Int
        /// How many of them may be refused, 1 to the size.
        package var rejectedMax: Int
    }

    /// Where health and metrics are served.
    package struct HTTP: Hashable, Sendable {
        /// An address in numbers.
        package var address: String
        /// The port; 0 takes a free one.
        package var port: UInt16
    }

    /// What is logged, and how.
    package struct Log: Hashable, Sendable {
        /// The least severity that is logged: `error` gives the fewest lines, `debug` the most.
        package enum Level: String, Sendable, CaseIterable { case error, warning, info, debug }
        /// How a line is written: as JSON on standard error, or as fields of the journal.
        ///
        /// `auto` takes the journal where standard error is connected to it.
        package enum Format: String, Sendable, CaseIterable { case auto, json, journal }

        /// The least severity that is logged; `info` where nothing else is set.
        package var level: Level
        /// How a line is written; `auto` where nothing else is set.
        package var format: Format
    }

    /// The name of this daemon among those that share the work; also its static membership of the group.
    package var instance: String
    /// What every topic's name begins with, before the dot.
    package var topicPrefix: String
    /// The organisation that runs this daemon, an OIN, as the source of what it publishes.
    package var sourceOIN: String
    /// The directory of the connector definitions.
    package var connectorsDirectory: String
    /// How the brokers are reached, and what each of our clients is given.
    package var kafka: KafkaSettings
    /// Where the database is, as which role it is reached, and how the connection is protected.
    package var database: DatabaseSettings
    /// When a batch of messages is full, or has waited long enough, to become a transaction.
    package var batch: Batch
    /// When a feed is held because most of what it sends is refused.
    package var rejectionWindow: RejectionWindow
    /// How many days a message waits for what it refers to, 1 to 365.
    package var parkingDaysMax: Int
    /// The most outbox rows of one Kafka transaction, 1 to 100,000.
    package var relayRowsMax: Int
    /// The least time between two published cuts, from 5 s.
    package var cutsInterval: Duration
    /// Where health and metrics are served.
    package var http: HTTP
    /// From which severity on, and in which form, the daemon logs.
    package var log: Log
    /// How long a stop may take to finish what is begun, 1 to 40 s.
    package var shutdownDrain: Duration
    /// The key of the keyed hash that stands for what must not be kept, at least 16 bytes.
    package var privacyHashKey: Secret
    /// The smallest count of people that may be stored, 3 to 100.
    package var countMin: Int64
    /// What the operator should know although the daemon can start.
    package var warnings: [Problem]
}

extension ServiceConfiguration {
    /// Reads and checks everything at once.
    ///
    /// A variable wins over the file, the file over the default.
    ///
    /// - Parameters:
    ///   - path: The YAML file; nil takes everything from the environment.
    ///   - environment: `PARAPLU_…` and `CREDENTIALS_DIRECTORY` are looked at.
    /// - Throws: all problems together, warnings among them.
    package static func load(
        path: String?, environment: [String: String]
    ) throws(ConfigurationProblems) -> ServiceConfiguration {
        try load(path: path, environment: environment, hasSCRAMNonceDefect: KafkaLibrary.hasSCRAMNonceDefect)
    }

    /// The same, for a given librdkafka.
    static func load(
        path: String?, environment: [String: String], hasSCRAMNonceDefect: Bool
    ) throws(ConfigurationProblems) -> ServiceConfiguration {
        let reader = SettingReader(path: path, environment: environment)
        var checker = SettingChecker(reader, file: path, environment: environment)
        var configuration = ServiceConfiguration(&checker, hasSCRAMNonceDefect: hasSCRAMNonceDefect)
        let problems = ConfigurationProblems(checker.problems)
        guard !problems.hasErrors else { throw problems }
        configuration.warnings = problems.problems
        return configuration
    }

    /// Takes every value; where one has a problem, the checker has it and the configuration isn't used.
    private init(_ checker: inout SettingChecker, hasSCRAMNonceDefect: Bool) {
        let machine = NetworkAddress.machineName() ?? ""
        if checker.isGiven(.instance) {
            instance = checker.text(.instance) ?? ""
        } else {
            instance = machine
            if !SettingDefinition.TextRule.name.allows(machine) || machine.isEmpty || machine.utf8.count > 100 {
                checker.report(.instance, .missing, "the machine's host name can't be used", hint: "set instance")
            }
        }
        topicPrefix = checker.text(.topicPrefix) ?? ""
        sourceOIN = checker.text(.sourceOIN) ?? ""
        if OIN(sourceOIN)?.isTest == true {
            checker.report(
                .sourceOIN, .unsafe, "the OIN is of the test range", hint: "take your organisation's own in production",
                severity: .warning)
        }
        connectorsDirectory = checker.directory(.connectorsDirectory) ?? ""
        kafka = KafkaSettings(&checker, instance: instance, hasSCRAMNonceDefect: hasSCRAMNonceDefect)
        database = DatabaseSettings(&checker)
        batch = Batch(
            messagesMax: checker.integer(.batchMessagesMax), bytesMax: checker.integer(.batchBytesMax),
            delay: .milliseconds(checker.integer(.batchDelay)))
        rejectionWindow = Self.rejectionWindow(&checker)
        parkingDaysMax = checker.integer(.parkingDaysMax)
        relayRowsMax = checker.integer(.relayRowsMax)
        cutsInterval = .seconds(checker.integer(.cutsInterval))
        http = HTTP(
            address: checker.text(.httpAddress) ?? "", port: UInt16(truncatingIfNeeded: checker.integer(.httpPort)))
        if !http.address.isEmpty, !NetworkAddress.isLoopback(http.address) {
            checker.report(
                .httpAddress, .unsafe, "health and metrics leave this machine without TLS and without a login",
                hint: "let a firewall or a proxy decide who sees them", severity: .warning)
        }
        log = Log(level: checker.choice(.logLevel, or: .info), format: checker.choice(.logFormat, or: .auto))
        shutdownDrain = .seconds(checker.integer(.shutdownDrain))
        privacyHashKey = checker.secret(.privacyHashKeyFile)?.secret ?? Secret([])
        countMin = Int64(checker.integer(.privacyCountMin))
        warnings = []
    }

    private static func rejectionWindow(_ checker: inout SettingChecker) -> RejectionWindow {
        let window = RejectionWindow(
            isEnabled: checker.flag(.rejectionWindowEnabled), size: checker.integer(.rejectionWindowSize),
            rejectedMax: checker.integer(.rejectionWindowRejectedMax))
        if window.rejectedMax > window.size {
            // At whichever of the two was given.
            let key: SettingKey =
                checker.isGiven(.rejectionWindowRejectedMax) ? .rejectionWindowRejectedMax : .rejectionWindowSize
            checker.report(
                key, .conflict, "\(window.rejectedMax) refused of \(window.size) messages can never come",
                hint: "rejection_window.rejected_max must be at most rejection_window.size")
        }
        return window
    }
}
