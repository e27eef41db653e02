/// The daemon is up.
package struct Started: TelemetryEvent {
    /// The name of this daemon among those that share the work.
    package var instance: String
    /// The version of the program.
    package var version: String
    /// The version of librdkafka that the program runs with.
    package var librdkafkaVersion: String
    /// The port of health and metrics.
    package var port: Int

    package init(instance: String, version: String, librdkafkaVersion: String, port: Int) {
        self.instance = instance
        self.version = version
        self.librdkafkaVersion = librdkafkaVersion
        self.port = port
    }

    /// Logs all of it at info.
    package func emit(to telemetry: Telemetry) {
        telemetry.logger.log(
            .info, "Started.",
            [.instance(instance), .version(version), .libraryVersion(librdkafkaVersion), .port(port)])
    }
}

/// The daemon finishes what is begun, and takes in nothing new.
package struct Draining: TelemetryEvent {
    /// Why, as a code such as `SIGTERM` or `service_ended`.
    package var reason: String
    /// How long it may take.
    package var limit: Duration

    package init(reason: String, limit: Duration) {
        self.reason = reason
        self.limit = limit
    }

    /// Logs the reason and the limit in seconds at info.
    package func emit(to telemetry: Telemetry) {
        telemetry.logger.log(.info, "Draining.", [.reason(reason), .delaySeconds(limit.inSeconds)])
    }
}

/// The daemon has ended its work: the last line of the log.
package struct Stopped: TelemetryEvent {
    /// Why, as a code.
    package var reason: String
    /// The exit status of the process; 0 after a drain.
    package var exitCode: Int
    /// How long the drain took.
    package var duration: Duration

    package init(reason: String, exitCode: Int, duration: Duration) {
        self.reason = reason
        self.exitCode = exitCode
        self.duration = duration
    }

    /// Logs the ending, at info where the exit status is 0, else at error.
    package func emit(to telemetry: Telemetry) {
        telemetry.logger.log(
            exitCode == 0 ? .info : .error, "Stopped.",
            [.reason(reason), .exitCode(exitCode), .durationSeconds(duration.inSeconds)])
    }
}

/// Something failed for a reason that passes, and is tried again.
package struct Retrying: TelemetryEvent {
    /// What kind of failure it was, which is also the label of its counter.
    package var reason: RetryReason
    /// What the other side said, as a code: a SQLSTATE or the name of a Kafka error.
    package var errorType: String
    /// Which attempt failed, from 1.
    package var attempt: Int
    /// How long until the next.
    package var delay: Duration

    package init(reason: RetryReason, errorType: String, attempt: Int, delay: Duration) {
        self.reason = reason
        self.errorType = errorType
        self.attempt = attempt
        self.delay = delay
    }

    /// Adds one to `paraplu_retries_total` of the reason and logs the attempt at warning.
    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.retries.add(1, reason.rawValue)
        telemetry.logger.log(
            .warning, "An attempt failed and is made again.",
            [.reason(reason.rawValue), .errorType(errorType), .attempt(attempt), .delaySeconds(delay.inSeconds)])
    }
}

/// The Kafka client wrote a line to its log.
///
/// Its text may quote hosts and credentials' names, so that the code of the line is told alone.
package struct ClientLogged: TelemetryEvent {
    /// As syslog's, 0 to 7.
    package var level: Int
    /// The client's code for the line, such as `FAIL` or `REQTMOUT`.
    package var facility: String

    package init(level: Int, facility: String) {
        self.level = level
        self.facility = facility
    }

    /// Logs the code alone: at warning for syslog's levels 0 to 3 (error and worse), else at debug.
    package func emit(to telemetry: Telemetry) {
        telemetry.logger.log(
            level <= 3 ? .warning : .debug, "The Kafka client logged something.", [.errorType(facility)])
    }
}

/// The database or the brokers can't be reached.
package struct DependencyLost: TelemetryEvent {
    /// Which of them it is.
    package var component: HealthComponent
    /// Why, as a code: a SQLSTATE, the number of a Kafka error, `all_brokers_down` or `unreachable`.
    package var errorType: String

    package init(component: HealthComponent, errorType: String) {
        self.component = component
        self.errorType = errorType
    }

    /// Logs the component and the code at warning.
    package func emit(to telemetry: Telemetry) {
        telemetry.logger.log(
            .warning, "A dependency was lost.", [.component(component.rawValue), .errorType(errorType)])
    }
}

/// What was lost can be reached again.
package struct DependencyRestored: TelemetryEvent {
    /// Which dependency it is.
    package var component: HealthComponent
    /// How long it was away.
    package var duration: Duration

    package init(component: HealthComponent, duration: Duration) {
        self.component = component
        self.duration = duration
    }

    /// Logs the component and how long it was away, in seconds, at info.
    package func emit(to telemetry: Telemetry) {
        telemetry.logger.log(
            .info, "A dependency was restored.",
            [.component(component.rawValue), .durationSeconds(duration.inSeconds)])
    }
}

/// A worker has been in one step for longer than its limit; the watchdog is no longer pinged.
package struct WorkerHung: TelemetryEvent {
    /// The worker's name in the registry.
    package var worker: String
    /// How long it has been in the step.
    package var duration: Duration

    package init(worker: String, duration: Duration) {
        self.worker = worker
        self.duration = duration
    }

    /// Logs the worker and the seconds that it has been in its step at error.
    package func emit(to telemetry: Telemetry) {
        telemetry.logger.log(
            .error, "A worker makes no progress.",
            [.worker(worker), .sinceSeconds(duration.inSeconds), .hint(.workerHung)])
    }
}
