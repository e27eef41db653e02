/// The closed sets of values that labels may have; known at start.
package struct MetricLabels: Sendable {
    /// The connectors' names.
    package var feeds: [String]
    /// What may become of a record at intake.
    package var outcomes: [String]
    /// The codes of rejections.
    package var rejectionCodes: [String]
    /// The topics that are written.
    package var topics: [String]
    /// The version of the daemon, and of what it was built from.
    package var version: String
    /// The revision that the daemon was built from; `unknown` where the build doesn't say.
    package var revision: String

    package init(
        feeds: [String], outcomes: [String], rejectionCodes: [String], topics: [String], version: String,
        revision: String
    ) {
        self.feeds = feeds
        self.outcomes = outcomes
        self.rejectionCodes = rejectionCodes
        self.topics = topics
        self.version = version
        self.revision = revision
    }
}

/// Why something is tried again.
package enum RetryReason: String, CaseIterable, Sendable {
    case database, kafka
    /// Another daemon claimed partitions of ours.
    case fenced
    /// What was read wasn't what comes next by the positions in the database.
    case positions
}

/// What came of reading the connectors again.
package enum ReloadResult: String, CaseIterable, Sendable {
    case switched, unchanged, refused, failed
}

/// Every metric of Paraplu, made once; the exposition of all of them.
///
/// A scrape takes no database round trip, and several may run at once.
package final class Metrics: Sendable {
    /// `paraplu_records_total`: records journalled, by feed and outcome.
    package let records: Counter
    /// `paraplu_rejections_total`: records refused, by rejection code.
    package let rejections: Counter
    /// `paraplu_batch_duration_seconds`: from the turn of a batch to its commit, all attempts included.
    package let batchDuration: Histogram
    /// `paraplu_database_transaction_duration_seconds`: how long the transactions of batches took.
    package let databaseTransactionDuration: Histogram
    /// `paraplu_consumer_lag_records`: records between our position and the log's end, by topic and partition.
    ///
    /// Partitions that are no longer ours have no series.
    package let consumerLag: Gauge
    /// `paraplu_outbox_rows`: outbox rows that are not sent.
    package let outboxRows: Gauge
    /// `paraplu_outbox_oldest_timestamp_seconds`: when the oldest unsent row was committed.
    ///
    /// Seconds since 1970; 0 where every row is sent.
    package let outboxOldestTimestamp: Gauge
    /// `paraplu_events_sent_total`: events delivered, by topic without prefix and version.
    package let eventsSent: Counter
    /// `paraplu_relay_active`: 1 where this daemon is the one that sends, else 0.
    package let relayActive: Gauge
    /// `paraplu_retries_total`: attempts that failed for a reason that passes, by `RetryReason`.
    package let retries: Counter
    /// `paraplu_feed_held`: 1 where the feed is held for a person, else 0, by feed.
    package let feedHeld: Gauge
    /// `paraplu_parked_messages`: messages that wait for what they refer to.
    package let parkedMessages: Gauge
    /// `paraplu_lost_offsets_total`: offsets that nobody can read again.
    package let lostOffsets: Counter
    /// `paraplu_time_passed_actions_total`: actions judged again because a day brought what was due on it.
    package let timePassedActions: Counter
    /// `paraplu_rebalances_total`: times that partitions were given to or taken from this daemon.
    package let rebalances: Counter
    /// `paraplu_last_record_timestamp_seconds`: when a feed's newest committed record was written to Kafka.
    ///
    /// Seconds since 1970, by feed; 0 before the first.
    package let lastRecordTimestamp: Gauge
    /// `paraplu_cut_commit`: the commit number of the last cut that this daemon published.
    package let cutCommit: Gauge
    /// `paraplu_connector_reloads_total`: times that the connectors were read again, by `ReloadResult`.
    package let connectorReloads: Counter
    /// `paraplu_connector_reload_success_timestamp_seconds`: when the last reload was taken.
    ///
    /// Seconds since 1970; 0 before the first. A reload that finds the same connectors counts.
    package let connectorReloadSuccessTimestamp: Gauge
    /// `paraplu_drift_total`: places where a feed was first seen to send what its connector doesn't know, by feed.
    package let drift: Counter
    /// `paraplu_build_info`: always 1, with the version and revision of the daemon as labels.
    package let buildInfo: Gauge

    private let outcomes: [String]
    private let families: [any MetricFamily]
    private let process: ProcessMetrics

    package init(_ labels: MetricLabels, clock: TelemetryClock = .system) {
        let feeds = labels.feeds.map { [$0] }
        records = Counter(
            "paraplu_records", labels: ["feed", "outcome"],
            combinations: labels.feeds.flatMap { feed in labels.outcomes.map { [feed, $0] } },
            help: "Records journalled, by feed and outcome.")
        rejections = Counter(
            "paraplu_rejections", labels: ["code"], combinations: labels.rejectionCodes.map { [$0] },
            help: "Records refused, by code.")
        batchDuration = Histogram(
            "paraplu_batch_duration_seconds", unit: "seconds",
            help: "Time from the turn of a batch to its commit.")
        databaseTransactionDuration = Histogram(
            "paraplu_database_transaction_duration_seconds", unit: "seconds",
            help: "Time of database transactions, from BEGIN to COMMIT.")
        consumerLag = Gauge(
            "paraplu_consumer_lag_records", unit: "records", labels: ["topic", "partition"], combinations: [],
            help: "Records between our position and the end of the log, for partitions that are ours.")
        outboxRows = Gauge("paraplu_outbox_rows", unit: "rows", help: "Outbox rows that are not sent.")
        outboxOldestTimestamp = Gauge(
            "paraplu_outbox_oldest_timestamp_seconds", unit: "seconds",
            help: "When the oldest row that is not sent was committed, since 1970; 0 when there is none.")
        eventsSent = Counter(
            "paraplu_events_sent", labels: ["topic"], combinations: labels.topics.map { [$0] },
            help: "Events delivered, by topic.")
        relayActive = Gauge("paraplu_relay_active", help: "1 where this daemon is the one that sends.")
        retries = Counter(
            "paraplu_retries", labels: ["reason"], combinations: RetryReason.allCases.map { [$0.rawValue] },
            help: "Attempts that failed for a reason that passes, by reason.")
        feedHeld = Gauge(
            "paraplu_feed_held", labels: ["feed"], combinations: feeds, help: "1 where the feed is held for a person.")
        parkedMessages = Gauge("paraplu_parked_messages", help: "Messages that wait for what they refer to.")
        lostOffsets = Counter("paraplu_lost_offsets", help: "Offsets that nobody can read again.")
        timePassedActions = Counter(
            "paraplu_time_passed_actions", help: "Actions judged again because a day brought what was due on it.")
        rebalances = Counter(
            "paraplu_rebalances", help: "Times that partitions were given to or taken from this daemon.")
        lastRecordTimestamp = Gauge(
            "paraplu_last_record_timestamp_seconds", unit: "seconds", labels: ["feed"], combinations: feeds,
            help: "When the newest committed record of the feed was written to Kafka, since 1970; 0 before the first.")
        cutCommit = Gauge("paraplu_cut_commit", help: "The commit number of the last published cut.")
        connectorReloads = Counter(
            "paraplu_connector_reloads", labels: ["result"],
            combinations: ReloadResult.allCases.map { [$0.rawValue] },
            help: "Times that the connectors were read again, by what came of it.")
        connectorReloadSuccessTimestamp = Gauge(
            "paraplu_connector_reload_success_timestamp_seconds", unit: "seconds",
            help: "When the connectors were last read again and taken, since 1970; 0 before the first time.")
        drift = Counter(
            "paraplu_drift", labels: ["feed"], combinations: feeds,
            help: "Places where the feed was first seen to send what its connector doesn't know.")
        outcomes = labels.outcomes
        buildInfo = Gauge(
            "paraplu_build_info", labels: ["version", "revision"], combinations: [[labels.version, labels.revision]],
            initial: 1, help: "Version and revision of the daemon; always 1.")
        process = ProcessMetrics(clock: clock)
        families = [
            records, rejections, batchDuration, databaseTransactionDuration, consumerLag, outboxRows,
            outboxOldestTimestamp, eventsSent, relayActive, retries, feedHeld, parkedMessages, lostOffsets,
            timePassedActions, rebalances,
            lastRecordTimestamp, cutCommit, connectorReloads, connectorReloadSuccessTimestamp, drift, buildInfo,
        ]
    }

    /// Takes the feeds that are in force now, and the topics that are written: their series exist from here on.
    ///
    /// Counters of feeds that were retired stay; that one is held is no longer said.
    package func use(feeds: [String], topics: [String]) {
        let names = feeds.map { [$0] }
        records.declare(feeds.flatMap { feed in outcomes.map { [feed, $0] } })
        eventsSent.declare(topics.map { [$0] })
        drift.declare(names)
        lastRecordTimestamp.declare(names)
        feedHeld.declare(names)
        feedHeld.removeAll(but: names)
    }

    /// All metrics in the form asked for, those of the process last.
    package func text(_ exposition: Exposition) -> String { exposition.text(of: families + process.families()) }

    /// All metrics but those of the process, which differ every time.
    func ownText(_ exposition: Exposition) -> String { exposition.text(of: families) }
}
