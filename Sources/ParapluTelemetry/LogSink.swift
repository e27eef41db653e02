internal import Glibc
internal import Systemd

/// One log line before it takes the form of its sink.
package struct LogEntry: Sendable, Equatable {
    /// How much the line matters.
    package let level: LogLevel
    /// A constant sentence.
    package let message: String
    /// The data of the line, in the order in which they are written.
    package let fields: [LogField]
    /// Microseconds since 1970, UTC.
    package let wallMicroseconds: Int64

    /// The entry as one line of JSON, without its line break.
    package var json: String {
        var text = "{\"timestamp\":\"\(TelemetryClock.rfc3339(wallMicroseconds))\",\"level\":\"\(level.rawValue)\""
        text += ",\"message\":\(Self.quoted(message))"
        for field in fields {
            text += ",\"\(field.name)\":"
            switch field.value {
            case .integer, .number: text += field.text
            case .token, .sentence: text += Self.quoted(field.text)
            }
        }
        return text + "}"
    }

    /// The text as a JSON string; sentences of ours and tokens hold nothing that needs more.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Where log lines go: chosen once, at start.
package struct LogSink: Sendable {
    private let write: @Sendable (LogEntry) -> Void

    /// A sink of the caller's, for tests.
    package init(_ write: @escaping @Sendable (LogEntry) -> Void) { self.write = write }

    func callAsFunction(_ entry: LogEntry) { write(entry) }

    /// The form of the lines.
    package enum Format: String, Sendable {
        /// The journal where standard error is connected to it, else JSON.
        case auto
        case json, journal
    }

    /// The sink of that form.
    package static func standard(_ format: Format) -> LogSink {
        switch format {
        case .auto: Journal.isStderrJournal ? journal : json
        case .json: json
        case .journal: journal
        }
    }

    /// Lines of JSON on standard error, each in one write so that lines of several threads don't mix.
    package static let json = LogSink { entry in
        var line = Array(entry.json.utf8)
        line.append(UInt8(ascii: "\n"))
        var start = 0
        while start < line.count {
            let written = line[start...].withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written > 0 {
                start += written
            } else if written == 0 || errno != EINTR {
                // Nobody reads it: a daemon goes on without its log.
                return
            }
        }
    }

    /// Fields of the journal.
    package static let journal = LogSink { entry in
        Journal.send(
            priority: priority(entry.level), message: entry.message,
            fields: entry.fields.prefix(64).map { ($0.journalName, $0.text) })
    }

    private static func priority(_ level: LogLevel) -> Journal.Priority {
        switch level {
        case .error: .error
        case .warning: .warning
        case .info: .info
        case .debug: .debug
        }
    }
}
