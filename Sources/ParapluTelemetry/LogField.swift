/// How much a log line matters.
package enum LogLevel: String, CaseIterable, Sendable, Comparable {
    /// A person must act.
    case error
    /// Unexpected, and handled.
    case warning
    /// The life of the daemon and its work in batches.
    case info
    /// The rest.
    case debug

    /// Whether `left` matters less than `right`.
    package static func < (left: Self, right: Self) -> Bool { left.weight < right.weight }

    private var weight: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}

/// What a person can do about a line: our own words, and no data.
package enum LogHint: String, Sendable {
    case feedHeld = "paraplu feed list shows why; when it is mended, paraplu feed resume"
    case recordsLost = "ask the publisher to send them again; lengthen the topic's retention"
    case rowSetAside = "see the runbook of outbox rows that are set aside"
    case reloadRefused = "paraplu connector lint says in words what is wrong; when it is mended, reload again"
    case reloadFailed = "when the database answers, reload again"
    case drift = "paraplu connector drift lists what was seen; the connector may need a change"
    case workerHung = "the service manager restarts the daemon when its watchdog is on"
}

/// A value of a log line under one of a closed set of names.
///
/// No case holds contents of messages, keys, or error texts of others: only names, codes, coordinates and numbers.
/// Invariant 8: personal data appears in no log line.
///
/// - Source: OpenTelemetry semantic conventions, where they have a name.
package enum LogField: Hashable, Sendable {
    case connector(String)
    case topic(String)
    case partition(Int32)
    case offset(Int64)
    case offsetEnd(Int64)
    case group(String)
    case sqlState(String)
    case errorType(String)
    case rejectionCode(String)
    case outcome(String)
    case reason(String)
    case component(String)
    case worker(String)
    case instance(String)
    case version(String)
    case libraryVersion(String)
    case configurationFile(String)
    case signal(String)
    /// A place in a definition's file: `file:line:column`; of a long path the end.
    case location(file: String, line: Int, column: Int)
    case findingCode(String)
    case connectorVersion(String)
    /// A place in a document, in the connector's own names.
    case path(String)
    case commit(Int64)
    case outboxIndex(Int)
    case epoch(Int64)
    case count(Int)
    case statusChanges(Int)
    case applied(Int)
    case duplicate(Int)
    case stale(Int)
    case rejected(Int)
    case parked(Int)
    case partitions(Int)
    case attempt(Int)
    case rejectedMax(Int)
    case windowSize(Int)
    case suppressed(Int)
    case port(Int)
    case exitCode(Int)
    case delaySeconds(Double)
    case durationSeconds(Double)
    case sinceSeconds(Double)
    /// What a person can do: our own words.
    case hint(LogHint)

    /// What a field holds.
    enum Value: Hashable {
        /// A name or code: see `LogField.token`.
        case token(String)
        case integer(Int64)
        case number(Double)
        case sentence(String)
    }

    /// The name in JSON.
    package var name: String { parts.name }

    /// The name in the journal: ours have our prefix, as systemd asks.
    package var journalName: String {
        "PARAPLU_" + String(name.map { $0 == "." ? "_" : $0 }).uppercased()
    }

    /// What it holds.
    var value: Value { parts.value }

    private var parts: (name: String, value: Value) {
        switch self {
        case .connector(let text): ("connector", .token(text))
        case .topic(let text): ("messaging.destination.name", .token(text))
        case .partition(let number): ("messaging.destination.partition.id", .integer(Int64(number)))
        case .offset(let number): ("messaging.kafka.offset", .integer(number))
        case .offsetEnd(let number): ("messaging.kafka.offset_end", .integer(number))
        case .group(let text): ("messaging.consumer.group.name", .token(text))
        case .sqlState(let text): ("db.response.status_code", .token(text))
        case .errorType(let text): ("error.type", .token(text))
        case .rejectionCode(let text): ("rejection.code", .token(text))
        case .outcome(let text): ("outcome", .token(text))
        case .reason(let text): ("reason", .token(text))
        case .component(let text): ("component", .token(text))
        case .worker(let text): ("worker", .token(text))
        case .instance(let text): ("service.instance.id", .token(text))
        case .version(let text): ("service.version", .token(text))
        case .libraryVersion(let text): ("librdkafka.version", .token(text))
        case .configurationFile(let text): ("configuration.file", .token(text))
        case .signal(let text): ("signal", .token(text))
        case .location(let file, let line, let column):
            ("definition.location", .token("\(file.suffix(200)):\(line):\(column)"))
        case .findingCode(let text): ("finding.code", .token(text))
        case .connectorVersion(let text): ("connector.version", .token(text))
        case .path(let text): ("document.path", .token(text))
        case .commit(let number): ("commit", .integer(number))
        case .outboxIndex(let number): ("outbox.n", .integer(Int64(number)))
        case .epoch(let number): ("epoch", .integer(number))
        case .count(let number): ("count", .integer(Int64(number)))
        case .statusChanges(let number): ("status_changes", .integer(Int64(number)))
        case .applied(let number): ("applied", .integer(Int64(number)))
        case .duplicate(let number): ("duplicate", .integer(Int64(number)))
        case .stale(let number): ("stale", .integer(Int64(number)))
        case .rejected(let number): ("rejected", .integer(Int64(number)))
        case .parked(let number): ("parked", .integer(Int64(number)))
        case .partitions(let number): ("partitions", .integer(Int64(number)))
        case .attempt(let number): ("attempt", .integer(Int64(number)))
        case .rejectedMax(let number): ("rejected_max", .integer(Int64(number)))
        case .windowSize(let number): ("window_size", .integer(Int64(number)))
        case .suppressed(let number): ("suppressed", .integer(Int64(number)))
        case .port(let number): ("server.port", .integer(Int64(number)))
        case .exitCode(let number): ("process.exit.code", .integer(Int64(number)))
        case .delaySeconds(let number): ("delay_seconds", .number(number))
        case .durationSeconds(let number): ("duration_seconds", .number(number))
        case .sinceSeconds(let number): ("since_seconds", .number(number))
        case .hint(let text): ("hint", .sentence(text.rawValue))
        }
    }

    /// The value as text.
    var text: String {
        switch value {
        case .token(let text): Self.token(text)
        case .integer(let number): String(number)
        case .number(let number): number.isFinite ? String(number) : "null"
        case .sentence(let text): text
        }
    }

    /// Whether lines that differ in this field tell of different things, and so are limited apart.
    var isIdentity: Bool {
        switch value {
        case .token: true
        case .integer: name == "messaging.destination.partition.id"
        case .number, .sentence: false
        }
    }

    /// A name or code, so that no sentence of others and no line break gets in.
    ///
    /// Letters, digits and a few signs stay, others become `_`; at most 249 bytes, as long as a topic's name may be.
    static func token(_ text: String) -> String {
        let bytes = text.utf8.prefix(249).map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                byte
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "/"),
                UInt8(ascii: "+"), UInt8(ascii: "*"):
                byte
            default: UInt8(ascii: "_")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
