/// This daemon is the one that sends from now on.
package struct RelayTakenOver: TelemetryEvent {
    /// The lease's epoch, which rises by one with each takeover.
    package var epoch: Int64

    package init(epoch: Int64) { self.epoch = epoch }

    /// Sets `paraplu_relay_active` to 1 and logs the epoch at info.
    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.relayActive.set(1)
        telemetry.logger.log(.info, "The relay was taken over.", [.epoch(epoch)])
    }
}

/// Another daemon sends from now on, or none does.
package struct RelayGivenUp: TelemetryEvent {
    /// Why: `lease` where another took it, `drained`, or the code of a failure.
    package var reason: String

    package init(reason: String) { self.reason = reason }

    /// Sets `paraplu_relay_active` to 0 and logs the reason at info.
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

    /// Adds the events to `paraplu_events_sent_total` of each topic and logs their sum at debug.
    package func emit(to telemetry: Telemetry) {
        for (topic, count) in topics { telemetry.metrics.eventsSent.add(count, topic) }
        telemetry.logger.log(.debug, "Events were sent.", [.count(topics.values.reduce(0, +))])
    }
}

/// A cut was published.
package struct CutPublished: TelemetryEvent {
    /// The number of the commit up to which the cut covers everything.
    package var commit: Int64
    /// How many subjects it covers.
    package var subjects: Int
    /// From the beginning of the cut's reading until it was sent and recorded, with the rows sent before it.
    package var duration: Duration

    package init(commit: Int64, subjects: Int, duration: Duration) {
        self.commit = commit
        self.subjects = subjects
        self.duration = duration
    }

    /// Sets `paraplu_cut_commit` to the commit and logs the cut at debug.
    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.cutCommit.set(Double(commit))
        telemetry.logger.log(
            .debug, "A cut was published.",
            [.commit(commit), .count(subjects), .durationSeconds(duration.inSeconds)])
    }
}

/// An outbox row can't be sent and waits for a person; later rows go on, and a status or change set aside stops the cuts.
package struct RowSetAside: TelemetryEvent {
    /// The number of the commit that wrote the row.
    package var commit: Int64
    /// The row's number within its commit, from 0.
    package var index: Int
    /// The topic that the row is for, without prefix and version.
    package var topic: String
    /// What Kafka said, as a code.
    package var errorType: String

    package init(commit: Int64, index: Int, topic: String, errorType: String) {
        self.commit = commit
        self.index = index
        self.topic = topic
        self.errorType = errorType
    }

    /// Logs the row's place, topic and code at error.
    package func emit(to telemetry: Telemetry) {
        telemetry.logger.log(
            .error, "An outbox row was set aside.",
            [.commit(commit), .outboxIndex(index), .topic(topic), .errorType(errorType), .hint(.rowSetAside)])
    }
}
