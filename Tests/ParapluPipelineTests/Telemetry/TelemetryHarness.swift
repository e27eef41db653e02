import ParapluTelemetry
import Synchronization

/// Telemetry whose clock stands still until it is moved, and whose lines are kept.
final class TelemetryHarness: Sendable {
    private struct State {
        var lines: [LogEntry] = []
        var uptime: Duration = .seconds(100)
    }

    private let state: SharedState<State>
    let clock: TelemetryClock
    let telemetry: Telemetry

    init(level: LogLevel = .debug) {
        let state = SharedState(State())
        self.state = state
        clock = TelemetryClock(
            wallMicroseconds: { 1_700_000_000_000_123 }, uptime: { state.value.withLock { $0.uptime } })
        let sink = LogSink { entry in state.value.withLock { $0.lines.append(entry) } }
        let labels = MetricLabels(
            feeds: ["szw.progress"], outcomes: ["applied", "rejected"], rejectionCodes: ["invalid_date"],
            topics: ["stm.status"], version: "1.2.3", revision: "abc")
        telemetry = Telemetry(
            logger: Logger(level: level, sink: sink, clock: clock), metrics: Metrics(labels, clock: clock), clock: clock
        )
    }

    var lines: [LogEntry] { state.value.withLock { $0.lines } }

    /// Moves the clock on.
    func advance(_ duration: Duration) { state.value.withLock { $0.uptime += duration } }
}

/// A lock that closures can share.
private final class SharedState<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: sending Value) { self.value = Mutex(value) }
}
