/// A day brought what was due on it: an overdue milestone, a report that grew stale.
package struct TimePassed: TelemetryEvent {
    /// The actions that were judged again.
    package var actions: Int
    /// The subjects whose status is another.
    package var statusChanges: Int

    package init(actions: Int, statusChanges: Int) {
        self.actions = actions
        self.statusChanges = statusChanges
    }

    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.timePassedActions.add(actions)
        telemetry.logger.log(.info, "Time passed.", [.count(actions), .statusChanges(statusChanges)])
    }
}

/// Payloads went whose retention ended; their digests and facts stay.
package struct PayloadsDropped: TelemetryEvent {
    /// The months of a retention class.
    package var partitions: Int

    package init(partitions: Int) { self.partitions = partitions }

    package func emit(to telemetry: Telemetry) {
        telemetry.logger.log(.info, "Payloads were dropped, as their retention ended.", [.count(partitions)])
    }
}
