/// Records of one feed were refused with one code within one batch: one line, never one for each record.
package struct RecordRejected: TelemetryEvent {
    /// The connector's name.
    package var feed: String
    /// The rejection's code.
    package var code: String
    /// How many of the batch.
    package var count: Int
    /// Where the first of them was.
    package var topic: String
    /// The partition of the first of them.
    package var partition: Int32
    /// The offset of the first of them.
    package var offset: Int64

    package init(feed: String, code: String, count: Int, topic: String, partition: Int32, offset: Int64) {
        self.feed = feed
        self.code = code
        self.count = count
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }

    /// Adds the records to `paraplu_rejections_total` of the code and logs a line at info.
    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.rejections.add(count, code)
        telemetry.logger.log(
            .info, "Records were refused.",
            [
                .connector(feed), .rejectionCode(code), .count(count), .topic(topic), .partition(partition),
                .offset(offset),
            ])
    }
}

/// A batch committed.
package struct BatchApplied: TelemetryEvent {
    /// What became of one feed's records of the batch.
    package struct Feed: Sendable {
        /// The feed's name, as `<partner>/<feed>`.
        package var name: String
        /// Counts by outcome; outcomes left out are 0.
        package var outcomes: [String: Int]
        /// When the newest of them was written to Kafka, milliseconds since 1970; nil where Kafka doesn't say.
        package var newestTimestampMilliseconds: Int64?

        package init(name: String, outcomes: [String: Int], newestTimestampMilliseconds: Int64?) {
            self.name = name
            self.outcomes = outcomes
            self.newestTimestampMilliseconds = newestTimestampMilliseconds
        }
    }

    /// The number of the commit that wrote the batch.
    package var commit: Int64
    /// One entry for each feed with records in the batch.
    package var feeds: [Feed]
    /// From the batch's turn to its commit.
    package var duration: Duration
    /// From BEGIN to COMMIT.
    package var transactionDuration: Duration

    package init(commit: Int64, feeds: [Feed], duration: Duration, transactionDuration: Duration) {
        self.commit = commit
        self.feeds = feeds
        self.duration = duration
        self.transactionDuration = transactionDuration
    }

    /// Counts the records by feed and outcome, observes both durations, and logs the totals at debug.
    ///
    /// A feed's newest record moves `paraplu_last_record_timestamp_seconds` forward only.
    package func emit(to telemetry: Telemetry) {
        var totals: [String: Int] = [:]
        for feed in feeds {
            for (outcome, count) in feed.outcomes {
                telemetry.metrics.records.add(count, feed.name, outcome)
                totals[outcome, default: 0] += count
            }
            if let milliseconds = feed.newestTimestampMilliseconds {
                telemetry.metrics.lastRecordTimestamp.raise(to: Double(milliseconds) / 1_000, feed.name)
            }
        }
        telemetry.metrics.batchDuration.observe(duration)
        telemetry.metrics.databaseTransactionDuration.observe(transactionDuration)
        // Many a second under load, so not at info.
        telemetry.logger.log(
            .debug, "A batch was applied.",
            [
                .commit(commit), .count(totals.values.reduce(0, +)), .applied(totals["applied"] ?? 0),
                .duplicate(totals["duplicate"] ?? 0), .stale(totals["stale"] ?? 0), .rejected(totals["rejected"] ?? 0),
                .parked(totals["parked"] ?? 0), .durationSeconds(duration.inSeconds),
            ])
    }
}

/// Partitions were given to this daemon, and their positions claimed.
package struct PartitionsClaimed: TelemetryEvent {
    /// How many were claimed.
    package var partitions: Int

    package init(partitions: Int) { self.partitions = partitions }

    /// Adds one to `paraplu_rebalances_total` and logs the count at info.
    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.rebalances.add()
        telemetry.logger.log(.info, "Partitions were claimed.", [.partitions(partitions)])
    }
}

/// Partitions were taken from this daemon, by the group or by another that claimed them.
package struct PartitionsRevoked: TelemetryEvent {
    /// How many were taken.
    package var partitions: Int
    /// Whether another took them without our giving them up.
    package var wereLost: Bool

    package init(partitions: Int, wereLost: Bool) {
        self.partitions = partitions
        self.wereLost = wereLost
    }

    /// Adds one to `paraplu_rebalances_total` and logs the count.
    ///
    /// At warning where the partitions were lost, else at info.
    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.rebalances.add()
        telemetry.logger.log(
            wereLost ? .warning : .info, wereLost ? "Partitions were lost." : "Partitions were given up.",
            [.partitions(partitions)])
    }
}

/// A feed is held: nothing of it is taken in until a person resumes it.
package struct FeedHeld: TelemetryEvent {
    /// The feed's name, as `<partner>/<feed>`.
    package var feed: String
    /// Why, as a code such as `rejections` or `offset_gap`.
    package var reason: String
    /// The Kafka topic in which that was seen.
    package var topic: String
    /// The partition in which it was.
    package var partition: Int32
    /// The first offset that is meant; nil where the whole log is another.
    package var offset: Int64?

    package init(feed: String, reason: String, topic: String, partition: Int32, offset: Int64?) {
        self.feed = feed
        self.reason = reason
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }

    /// Sets `paraplu_feed_held` of the feed to 1 and logs the reason at error.
    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.feedHeld.set(1, feed)
        telemetry.logger.log(
            .error, "A feed is held.",
            [.connector(feed), .reason(reason), .topic(topic), .partition(partition)]
                + (offset.map { [.offset($0)] } ?? []) + [.hint(.feedHeld)])
    }
}

/// Messages that waited for the plan were settled.
package struct MessagesSettled: TelemetryEvent {
    /// Those that took effect.
    package var resolved: Int
    /// Those that waited for too long.
    package var refused: Int

    package init(resolved: Int, refused: Int) {
        self.resolved = resolved
        self.refused = refused
    }

    /// Logs both counts at info.
    package func emit(to telemetry: Telemetry) {
        telemetry.logger.log(
            .info, "Messages that waited for the plan were settled.", [.applied(resolved), .rejected(refused)])
    }
}

/// A held feed goes on.
package struct FeedResumed: TelemetryEvent {
    /// The feed's name, as `<partner>/<feed>`.
    package var feed: String

    package init(feed: String) { self.feed = feed }

    /// Sets `paraplu_feed_held` of the feed to 0 and logs it at info.
    package func emit(to telemetry: Telemetry) {
        telemetry.metrics.feedHeld.set(0, feed)
        telemetry.logger.log(.info, "A feed was resumed.", [.connector(feed)])
    }
}

/// Offsets that nobody can read again were recorded as lost.
package struct LossRecorded: TelemetryEvent {
    /// The full name of the topic that they were in.
    package var topic: String
    /// The partition that they were in.
    package var partition: Int32
    /// The first lost offset.
    package var firstOffset: Int64
    /// The first one after them.
    package var endOffset: Int64

    package init(topic: String, partition: Int32, firstOffset: Int64, endOffset: Int64) {
        precondition(firstOffset <= endOffset, "an end is not before its beginning")
        self.topic = topic
        self.partition = partition
        self.firstOffset = firstOffset
        self.endOffset = endOffset
    }

    /// Adds their number to `paraplu_lost_offsets_total` and logs the range at error.
    package func emit(to telemetry: Telemetry) {
        let count = Int(endOffset - firstOffset)
        telemetry.metrics.lostOffsets.add(count)
        telemetry.logger.log(
            .error, "Records were lost before they could be read.",
            [
                .topic(topic), .partition(partition), .offset(firstOffset), .offsetEnd(endOffset), .count(count),
                .hint(.recordsLost),
            ])
    }
}
