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
    /// A batch of the ingest has committed.
    case batchApplied(BatchApplied)
    /// The group gave partitions, and these claims of them were had.
    case partitionsClaimed([Claim])
    /// The group took that many partitions; lost means before we knew, so that another may have them.
    case partitionsRevoked(count: Int, lost: Bool)
    /// A feed is held for a person: for `rejections`, or because its log can't be read on.
    ///
    /// The code then is `offset_gap`, `topic_recreated` or `unreadable_record`. The place is where that was seen; without an
    /// offset where the whole log is another.
    case feedHeld(FeedID, code: String, TopicPartition, offset: Int64?)
    /// A held feed was let go on, and its partitions are claimed anew.
    case feedResumed(FeedID)
    /// A commit failed; it is tried again after the delay.
    case retrying(reason: String, attempt: Int, delay: Duration)
    /// A dependency didn't answer: a SQLSTATE, the number of a Kafka error, `all_brokers_down` or `unreachable`.
    ///
    /// Told again each time that it is so.
    case dependencyLost(Dependency, reason: String)
    /// A dependency answered; told each time, also where it was never lost.
    case dependencyRestored(Dependency)
    /// Offsets that retention took before they were read.
    case lossRecorded(topic: String, partition: Int32, range: Range<Int64>)
    /// Another claimed partitions of ours.
    case fenced(partitions: Int)
    /// What was read isn't what comes next: reading begins again at the positions in the database.
    case beganAgain
    /// The ingest works with other connectors, in force since a commit.
    case connectorsChanged(commit: Int64, feeds: [FeedID])
    /// A reload begins: the connectors are read again.
    case reloading
    /// What came of reading the connectors again, once for each `reloading`.
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
    /// This daemon has the lease and sends; the epoch rises by one with each takeover.
    case relayTakenOver(epoch: Int64)
    /// A relay that had the lease sends no more: `lease` where another took it, `drained`, or a failure's code.
    case relayLost(reason: String)
    /// Rows sent in one transaction, by topic without prefix and version.
    case sent(topics: [String: Int], duration: Duration)
    /// How many rows aren't sent, and since when; about once a second from the daemon that relays.
    case outbox(OutboxStore.Backlog)
    /// The broker refused an outbox row for good: the n-th of its commit, from 0.
    ///
    /// The topic is without prefix and version; the code is `message_too_large`, `not_authorised` or `unknown_topic`.
    case rowSetAside(commit: Int64, n: Int32, topic: String, code: String)
    /// A cut up to a commit was sent and recorded; the duration includes the rows sent before it.
    case cutPublished(commit: Int64, subjects: Int, duration: Duration)
    /// librdkafka logged a line: its level as syslog's, 0 to 7, and its code, without its text.
    case kafkaLog(level: Int, facility: String)

    /// A service whose progress is watched.
    package enum Worker: String, CaseIterable, Sendable {
        case ingest, relay, settler, clock
    }

    /// What is outside the process and may be away.
    package enum Dependency: String, CaseIterable, Sendable {
        case database, kafka
    }

    /// The first sighting of a drift, with the coordinates of its message.
    package struct DriftSeen: Sendable {
        /// The feed, the code, the place in the document and the offset.
        package let sighting: DriftSighting
        /// The version of the connector.
        package let version: SHA256Digest
        /// The full name of the message's topic.
        package let topic: String
        /// The message's partition.
        package let partition: Int32
    }

    /// What one commit of the ingest wrote.
    package struct BatchApplied: Sendable {
        /// The commit's number.
        package let commit: Int64
        /// How many messages it journalled, whatever their outcome.
        package let messages: Int
        /// How many subjects have another status by it.
        package let statusChanges: Int
        /// From the batch's turn to its commit, and the last attempt's transaction alone.
        package let duration: Duration
        /// The last attempt alone, from handing it to the connection until it has committed.
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
