/// This daemon is the one that sends from now on.
package struct RelayTakenOver: TelemetryEvent {
    package var epoch: Int64

    package init(epoch: Int64) { self.epoch = epoch }

    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.relayActive.set(1)
        telemetry.logger.log(.info, "The relay was taken over.", [.epoch(epoch)])
    }
}

/// Another daemon sends from now on, or none does.
package struct RelayGivenUp: TelemetryEvent {
    package var reason: String

    package init(reason: String) { self.reason = reason }

    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.relayActive.set(0)
        telemetry.logger.log(.info, "The relay was given up.", [.reason(reason)])
    }
}

/// Events of one transaction were delivered.
package struct EventsSent: TelemetryEvent {
    /// How many, by topic.
    package var topics: [String: Int]

    package init(topics: [String: Int]) { self.topics = topics }

    package func emit(to telemetry: Telemetry) {
        for (topic, count) in topics { telemetry.metrics.eventsSent.add(count, topic) }
        telemetry.logger.log(.debug, "Events were sent.", [.count(topics.values.reduce(0, +))])
    }
}

/// A cut was published.
package struct CutPublished: TelemetryEvent {
    package var commit: Int64
    /// How many subjects it covers.
    package var subjects: Int
    package var duration: Duration

    package init(commit: Int64, subjects: Int, duration: Duration) {
        self.commit = commit
        self.subjects = subjects
        self.duration = duration
    }

    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.cutCommit.set(Double(commit))
        telemetry.logger.log(
            .debug, "A cut was published.",
            [.commit(commit), .count(subjects), .durationSeconds(duration.inSeconds)])
    }
}

/// An outbox row can't be sent and waits for a person; later rows go on, and a status or change set aside stops the cuts.
package struct RowSetAside: TelemetryEvent {
    package var commit: Int64
    package var index: Int
    package var topic: String
    /// What Kafka said, as a code.
    package var errorType: String

    package init(commit: Int64, index: Int, topic: String, errorType: String) {
        self.commit = commit
        self.index = index
        self.topic = topic
        self.errorType = errorType
    }

    package func emit(to telemetry: Telemetry) {
        telemetry.logger.log(
            .error, "An outbox row was set aside.",
            [.commit(commit), .outboxIndex(index), .topic(topic), .errorType(errorType), .hint(.rowSetAside)])
    }
}
