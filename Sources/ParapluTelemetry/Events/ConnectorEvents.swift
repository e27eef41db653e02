/// Connectors are read again.
package struct ConnectorsReloading: TelemetryEvent {
    package init() {}

    /// Logs at info that a reload began; its result is counted when it is known.
    package func emit(to telemetry: Telemetry) { telemetry.logger.log(.info, "Connectors are read again.") }
}

/// The connectors that were read again are in force.
package struct ConnectorsReloaded: TelemetryEvent {
    /// The commit from which on they are; nil where they were already.
    package var commit: Int64?

    package init(commit: Int64?) { self.commit = commit }

    /// Counts the reload as `switched`, or `unchanged` where there is no commit, and logs it at info.
    ///
    /// Either way the time of the last successful reload is now.
    package func emit(to telemetry: Telemetry) {
        let result: ReloadResult = commit == nil ? .unchanged : .switched
        telemetry.metrics.connectorReloads.add(1, result.rawValue)
        telemetry.metrics.connectorReloadSuccessTimestamp.set(Double(telemetry.clock.wallMicroseconds()) / 1_000_000)
        telemetry.logger.log(
            .info, commit == nil ? "Connectors were read again and are the same." : "Connectors were reloaded.",
            commit.map { [.commit($0)] } ?? [])
    }
}

/// Connectors were read again and not taken, because something is wrong with them: those in force stay.
package struct ReloadRefused: TelemetryEvent {
    /// Where something is wrong, and its code.
    package struct Finding: Sendable {
        /// The definition's file, as the loader named it.
        package var file: String
        /// The line in the file, from 1.
        package var line: Int
        /// The column in the line, from 1.
        package var column: Int
        /// The code of what is wrong, never its text.
        package var code: String

        package init(file: String, line: Int, column: Int, code: String) {
            self.file = file
            self.line = line
            self.column = column
            self.code = code
        }
    }

    /// The most findings that have a line of their own; the last line says how many there are.
    package static let linesMax = 200

    /// All findings of the reload; those beyond `linesMax` are counted only.
    package var findings: [Finding]

    package init(findings: [Finding]) { self.findings = findings }

    /// Counts the reload as `refused` and logs each finding at error, `linesMax` at most, then how many there are.
    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.connectorReloads.add(1, ReloadResult.refused.rawValue)
        for finding in findings.prefix(ReloadRefused.linesMax) {
            telemetry.logger.log(
                .error, "A connector's definition is wrong.",
                [
                    .location(file: finding.file, line: finding.line, column: finding.column),
                    .findingCode(finding.code),
                ])
        }
        telemetry.logger.log(
            .error, "A reload was refused; the connectors in force stay.",
            [.count(findings.count), .hint(.reloadRefused)])
    }
}

/// Connectors were read again and could not be put in force: those in force stay.
package struct ReloadFailed: TelemetryEvent {
    /// What the database said, as a code.
    package var errorType: String

    package init(errorType: String) { self.errorType = errorType }

    /// Counts the reload as `failed` and logs the code at error.
    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.connectorReloads.add(1, ReloadResult.failed.rawValue)
        telemetry.logger.log(
            .error, "A reload failed; the connectors in force stay.", [.errorType(errorType), .hint(.reloadFailed)])
    }
}

/// This daemon works with other connectors from now on, whoever put them in force.
package struct ConnectorsChanged: TelemetryEvent {
    /// The commit from which on they are in force, the same for every daemon.
    package var commit: Int64
    /// The names of the feeds in force, as `<partner>/<feed>`.
    package var feeds: [String]
    /// The topics that are written, as `MetricLabels` has them.
    package var topics: [String]

    package init(commit: Int64, feeds: [String], topics: [String]) {
        self.commit = commit
        self.feeds = feeds
        self.topics = topics
    }

    /// Gives the metrics the series of these feeds and topics and logs at info the commit and how many feeds there are.
    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.use(feeds: feeds, topics: topics)
        telemetry.logger.log(.info, "Other connectors are in force.", [.commit(commit), .count(feeds.count)])
    }
}

/// A feed sends what its connector doesn't know: told once for each place and version of the connector.
package struct DriftSeen: TelemetryEvent {
    /// The feed's name, as `<partner>/<feed>`.
    package var feed: String
    /// The connector's version, shortened.
    package var version: String
    /// The code of the violation or warning; `more` once the version has as many sightings on record as it may.
    package var code: String
    /// Where in the document, in declared names.
    package var path: String
    /// The full name of the topic of the message in which it was seen first.
    package var topic: String
    /// The message's partition.
    package var partition: Int32
    /// The message's offset.
    package var offset: Int64

    package init(
        feed: String, version: String, code: String, path: String, topic: String, partition: Int32, offset: Int64
    ) {
        self.feed = feed
        self.version = version
        self.code = code
        self.path = path
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }

    /// Adds one to `paraplu_drift_total` of the feed and logs the place at warning.
    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.drift.add(1, feed)
        telemetry.logger.log(
            .warning, "A feed sends what its connector doesn't know.",
            [
                .connector(feed), .connectorVersion(version), .rejectionCode(code), .path(path), .topic(topic),
                .partition(partition), .offset(offset), .hint(.drift),
            ])
    }
}
