internal import Synchronization

/// Writes log lines: a constant sentence each, and data in fields of a closed set.
///
/// Warnings and errors that repeat are limited: five a minute of each kind, then they are counted and the next line that
/// is written carries the count as `suppressed`.
package final class Logger: Sendable {
    /// What is less than this is not written.
    package let level: LogLevel

    private let sink: LogSink
    private let clock: TelemetryClock
    private let limits = Mutex(RepetitionLimit())

    package init(level: LogLevel, sink: LogSink, clock: TelemetryClock = .system) {
        self.level = level
        self.sink = sink
        self.clock = clock
    }

    /// Writes a line, unless its level is too low or it repeats too often.
    package func log(_ level: LogLevel, _ message: StaticString, _ fields: [LogField] = []) {
        guard level >= self.level else { return }
        let sentence = message.description
        var fields = fields
        if level >= .warning {
            let identity = RepetitionLimit.Identity(message: sentence, fields: fields.filter(\.isIdentity))
            let now = clock.uptime()
            guard let suppressed = limits.withLock({ $0.admit(identity, at: now) }) else { return }
            if suppressed > 0 { fields.append(.suppressed(suppressed)) }
        }
        sink(
            LogEntry(
                level: level, message: sentence, fields: fields, wallMicroseconds: clock.wallMicroseconds()))
    }
}

/// Counts lines of a kind within a window of time; holds a bounded number of kinds.
struct RepetitionLimit {
    /// What makes lines the same: the sentence and the names in its fields.
    struct Identity: Hashable {
        var message: String
        var fields: [LogField]
    }

    private struct Window {
        var start: Duration
        var written: Int
        var suppressed: Int
    }

    /// How many of a kind are written within a window.
    static let perWindow = 5
    /// A window's length.
    static let window: Duration = .seconds(60)
    /// The most kinds that are told apart; beyond, the kind whose window is oldest is forgotten.
    static let kindsMax = 256

    private var windows: [Identity: Window] = [:]

    /// Nil when the line is not to be written; otherwise how many of its kind were not, since the last that was.
    mutating func admit(_ identity: Identity, at now: Duration) -> Int? {
        guard var window = windows[identity] else {
            if windows.count >= Self.kindsMax, let oldest = windows.min(by: { $0.value.start < $1.value.start }) {
                windows[oldest.key] = nil
            }
            windows[identity] = Window(start: now, written: 1, suppressed: 0)
            return 0
        }
        let isOver = now - window.start >= Self.window
        if isOver { window = Window(start: now, written: 0, suppressed: window.suppressed) }
        guard window.written < Self.perWindow else {
            window.suppressed += 1
            windows[identity] = window
            return nil
        }
        let suppressed = window.suppressed
        window.written += 1
        window.suppressed = 0
        windows[identity] = window
        return suppressed
    }
}
