package import Digest
package import Kafka
package import ParapluModel
package import ParapluStore

/// What the services tell of their work; the daemon makes log lines, metrics and health of it.
///
/// Values from closed sets and coordinates alone, never contents: Invariant 8.
package enum PipelineEvent: Sendable {
    /// A worker went on: it took a step, or has proven that there is nothing to do.
    case progress(Worker)
    /// A worker waits for the outside world, and says for what.
    case waiting(Worker, Dependency)
    /// The database has the schema that this program needs.
    case migrated
    case batchApplied(BatchApplied)
    case partitionsClaimed([Claim])
    case partitionsRevoked(count: Int, lost: Bool)
    case feedHeld(FeedID, code: String)
    case feedResumed(FeedID)
    /// A commit failed; it is tried again after the delay.
    case retrying(reason: String, attempt: Int, delay: Duration)
    case dependencyLost(Dependency, reason: String)
    case dependencyRestored(Dependency)
    /// Offsets that retention took before they were read.
    case lossRecorded(topic: String, partition: Int32, range: Range<Int64>)
    /// Another claimed partitions of ours.
    case fenced(partitions: Int)
    /// What was read isn't what comes next: reading begins again at the positions in the database.
    case beganAgain
    /// The ingest works with other connectors, in force since a commit.
    case connectorsChanged(commit: Int64, feeds: [FeedID])
    /// The connectors are read again, and what came of it.
    case reloading
    case reloaded(ConnectorReload.Outcome)
    /// A feed sends what its connector doesn't know, and nobody saw that before.
    case driftSeen(DriftSeen)
    /// Records between our positions and the ends of the logs, of all partitions that are ours and were fetched.
    case lag([TopicPartition: Int64])
    /// How many messages wait for the plan.
    case parked(Int64)
    /// Messages that waited for the plan took effect, or waited for too long.
    case settled(resolved: Int, refused: Int)
    /// Time alone made the status of actions another.
    case timePassed(actions: Int, statusChanges: Int)
    /// Payloads went whose retention ended: how many months of a retention class.
    case payloadsDropped(partitions: Int)
    case relayTakenOver(epoch: Int64)
    /// A relay that had the lease sends no more: `lease` where another took it, `drained`, or a failure's code.
    case relayLost(reason: String)
    /// Rows sent in one transaction, by topic without prefix and version.
    case sent(topics: [String: Int], duration: Duration)
    case outbox(OutboxStore.Backlog)
    case rowSetAside(commit: Int64, n: Int32, topic: String, code: String)
    case cutPublished(commit: Int64, subjects: Int, duration: Duration)
    case kafkaLog(level: Int, facility: String)

    package enum Worker: String, CaseIterable, Sendable {
        case ingest, relay, settler, clock
    }

    package enum Dependency: String, CaseIterable, Sendable {
        case database, kafka
    }

    package struct DriftSeen: Sendable {
        package let sighting: DriftSighting
        /// The version of the connector.
        package let version: SHA256Digest
        package let topic: String
        package let partition: Int32
    }

    package struct BatchApplied: Sendable {
        package let commit: Int64
        package let messages: Int
        package let statusChanges: Int
        /// From the batch's turn to its commit, and the last attempt's transaction alone.
        package let duration: Duration
        package let transactionDuration: Duration
        /// By feed and outcome.
        package let outcomes: [FeedID: [Outcome: Int]]
        /// By feed and code.
        package let rejections: [IngestWriter.Refused]
        /// The newest message's time at the broker, in milliseconds since 1970, by feed.
        package let newest: [FeedID: Int64]
    }
}

/// Where events go.
package typealias PipelineSink = @Sendable (PipelineEvent) -> Void
