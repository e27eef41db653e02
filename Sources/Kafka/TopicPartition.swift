/// One partition of one topic.
package struct TopicPartition: Hashable, Comparable, Sendable {
    /// The topic's name.
    package var topic: String
    /// The partition's number, from 0.
    package var partition: Int32

    /// A partition by topic name and number.
    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// Orders by topic name, then by partition number.
    package static func < (left: Self, right: Self) -> Bool {
        left.topic == right.topic ? left.partition < right.partition : left.topic < right.topic
    }
}

extension TopicPartition: CustomStringConvertible {
    /// The coordinates as Kafka's tools write them: `topic-0`.
    package var description: String { "\(topic)-\(partition)" }
}
