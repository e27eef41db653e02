import Kafka
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
    case fenced(partitions: Int)
    case connectorsReloaded(commit: Int64)
    case lag(topic: String, partition: Int32, records: Int64)
    case settled(resolved: Int, refused: Int)
    case relayTakenOver(epoch: Int64)
    case relayLost
    case sent(rows: Int, duration: Duration)
    case outbox(OutboxStore.Backlog)
    case rowSetAside(topic: String, code: String)
    case cutPublished(commit: Int64, subjects: Int)
    case kafkaLog(level: Int, facility: String)

    package enum Worker: String, CaseIterable, Sendable {
        case ingest, relay, settler
    }

    package enum Dependency: String, CaseIterable, Sendable {
        case database, kafka
    }

    package struct BatchApplied: Sendable {
        package let messages: Int
        package let bytes: Int
        package let statusChanges: Int
        package let duration: Duration
        /// By feed and outcome.
        package let outcomes: [FeedID: [Outcome: Int]]
        package let rejections: [RejectionCode: Int]
    }
}

/// Where events go.
package typealias PipelineSink = @Sendable (PipelineEvent) -> Void
