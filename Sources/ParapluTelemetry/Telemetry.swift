/// What occurrences are told to: one log, one set of metrics.
package struct Telemetry: Sendable {
    /// Where occurrences write their log lines.
    package let logger: Logger
    /// What occurrences count and set, and what a scrape reads.
    package let metrics: Metrics
    /// The clock for times that an occurrence itself puts into a metric.
    package let clock: TelemetryClock

    package init(logger: Logger, metrics: Metrics, clock: TelemetryClock = .system) {
        self.logger = logger
        self.metrics = metrics
        self.clock = clock
    }
}

/// An occurrence worth knowing, which writes its log line and its metrics together.
package protocol TelemetryEvent: Sendable {
    /// Tells it.
    func emit(to telemetry: Telemetry)
}
