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

    /// Adds the actions to `paraplu_time_passed_actions_total` and logs both counts at info.
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

    /// Logs at info how many partitions of payloads were dropped; no metric counts them.
    package func emit(to telemetry: Telemetry) {
        telemetry.logger.log(.info, "Payloads were dropped, as their retention ended.", [.count(partitions)])
    }
}
