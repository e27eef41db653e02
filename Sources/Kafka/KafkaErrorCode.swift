/// An error code of Kafka's protocol (positive) or of librdkafka itself (negative).
///
/// Foreign codes stay open: only those we act on have names.
/// - Source: `rd_kafka_resp_err_t` in rdkafka.h.
package struct KafkaErrorCode: RawRepresentable, Hashable, Sendable {
    /// The number as librdkafka writes it.
    package var rawValue: Int32

    /// A code by its number.
    package init(rawValue: Int32) { self.rawValue = rawValue }

    private init(_ rawValue: Int32) { self.rawValue = rawValue }
}

extension KafkaErrorCode {
    // librdkafka's own, below zero

    /// A received record could not be read: its format is damaged.
    package static let badMessage = Self(-199)
    /// A received record could not be decompressed.
    package static let badCompression = Self(-198)
    /// The client is closed or being closed.
    package static let destroyed = Self(-197)
    /// An internal failure of librdkafka's, such as no memory or threads.
    package static let failure = Self(-196)
    /// The connection to a broker failed.
    package static let transport = Self(-195)
    /// A host name could not be resolved.
    package static let resolve = Self(-193)
    /// A record was not delivered within `message.timeout.ms`.
    package static let messageTimedOut = Self(-192)
    /// The end of a partition was reached; not a failure.
    package static let partitionEOF = Self(-191)
    /// The partition does not exist in the cluster.
    package static let unknownPartition = Self(-190)
    /// The topic does not exist, by the client's own knowledge.
    package static let unknownTopic = Self(-188)
    /// No broker of the cluster can be reached.
    package static let allBrokersDown = Self(-187)
    /// An argument or a configuration value is not valid.
    package static let invalidArgument = Self(-186)
    /// No answer within the time given.
    package static let timedOut = Self(-185)
    /// The producer's queue is full: back-pressure, not a failure.
    package static let queueFull = Self(-184)
    /// A TLS failure: certificate, protocol version or key.
    package static let tls = Self(-181)
    /// Waiting for the group coordinator.
    package static let waitCoordinator = Self(-180)
    /// The group is being rebalanced by this client.
    package static let inProgress = Self(-178)
    /// The call does not fit the client's state.
    package static let state = Self(-172)
    /// The broker lacks a feature that is needed.
    package static let unsupportedFeature = Self(-165)
    /// Authentication failed, and will with these credentials.
    package static let authentication = Self(-169)
    /// The record was taken out of the queue, as an abort does.
    package static let purgedQueue = Self(-152)
    /// The client has failed for good and is to be made anew.
    package static let fatal = Self(-150)
    /// Another producer with the same transactional id took over.
    package static let fenced = Self(-144)
    /// The position is outside the log and `auto.offset.reset` is `error`: read gap, truncation or a new topic.
    package static let autoOffsetReset = Self(-140)

    // Kafka's protocol, above zero

    /// No error.
    package static let none = Self(0)
    /// The offset asked for is outside the log.
    package static let offsetOutOfRange = Self(1)
    /// A record fails its checksum or is otherwise damaged.
    package static let corruptMessage = Self(2)
    /// The topic or partition does not exist in the cluster, or may not be seen.
    package static let unknownTopicOrPartition = Self(3)
    /// The partition has no leader at the moment.
    package static let leaderNotAvailable = Self(5)
    /// The broker asked is no longer the partition's leader.
    package static let notLeaderForPartition = Self(6)
    /// The broker did not finish in time.
    package static let requestTimedOut = Self(7)
    /// The record is larger than the topic or the client allows.
    package static let messageSizeTooLarge = Self(10)
    /// The group's or transaction's coordinator is loading.
    package static let coordinatorLoadInProgress = Self(14)
    /// There is no coordinator at the moment.
    package static let coordinatorNotAvailable = Self(15)
    /// The broker asked is not the coordinator.
    package static let notCoordinator = Self(16)
    /// Fewer replicas in sync than the topic demands.
    package static let notEnoughReplicas = Self(19)
    /// Written, but by fewer replicas than the topic demands.
    package static let notEnoughReplicasAfterAppend = Self(20)
    /// The group is being rebalanced.
    package static let rebalanceInProgress = Self(27)
    /// The principal may not read or write the topic.
    package static let topicAuthorizationFailed = Self(29)
    /// The principal lacks a right on the cluster.
    package static let clusterAuthorizationFailed = Self(31)
    /// The SASL mechanism is not offered by the broker.
    package static let unsupportedSASLMechanism = Self(33)
    /// A topic of this name exists.
    package static let topicAlreadyExists = Self(36)
    /// The producer's sequence has a gap.
    package static let outOfOrderSequenceNumber = Self(45)
    /// Another operation on the transaction has not ended.
    package static let concurrentTransactions = Self(51)
    /// The broker's disk or log directory failed.
    package static let kafkaStorageError = Self(56)
    /// SASL authentication was refused.
    package static let saslAuthenticationFailed = Self(58)
    /// The leader's epoch is newer than ours.
    package static let fencedLeaderEpoch = Self(74)

    /// Codes after which the same call may succeed without any change by a person.
    static let retriable: Set<Self> = [
        .transport, .resolve, .messageTimedOut, .allBrokersDown, .timedOut, .queueFull, .waitCoordinator, .inProgress,
        .leaderNotAvailable, .notLeaderForPartition, .requestTimedOut, .coordinatorLoadInProgress,
        .coordinatorNotAvailable, .notCoordinator, .notEnoughReplicas, .notEnoughReplicasAfterAppend,
        .rebalanceInProgress, .concurrentTransactions, .kafkaStorageError, .fencedLeaderEpoch,
    ]
}
