/// What a consumer tells besides records.
package enum ConsumerEvent: Hashable, Sendable {
    /// The group gives these partitions: the owner answers with `assign`. Always the last event of its poll.
    case assign([TopicPartition])
    /// The group takes these partitions: the owner ends its work on them and answers with `unassign`.
    ///
    /// Lost means they were taken before we knew, so another member may have them: commit nothing for them. Always the
    /// last event of its poll.
    case revoke([TopicPartition], lost: Bool)
    /// The partition was read to its end; `offset` is the next one to come.
    case partitionEOF(TopicPartition, offset: Int64)
    /// An error of the client, the cluster or a subscription; librdkafka goes on by itself unless it is fatal.
    case error(KafkaError)
    /// librdkafka's statistics, as JSON.
    case statistics([UInt8])
    /// A log line of librdkafka's; the level is syslog's, 0 to 7.
    case log(level: Int, facility: String, message: String)
    /// An error about one partition, at the offset given or -1 when it is about none in particular.
    ///
    /// With `.autoOffsetReset` the position is outside the log; with `.badMessage`, `.badCompression` or
    /// `.corruptMessage` the record cannot be read.
    case recordError(TopicPartition, offset: Int64, KafkaError)
}
