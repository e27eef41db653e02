/// Where a message stands in Kafka, or in a stream of our own.
package struct MessagePlace: Hashable, Sendable {
    /// The Kafka topic, with its prefix; for a stream of our own its name, such as `office`.
    package let topic: String
    /// The partition's number within the topic; 0 for a stream of our own.
    package let partition: Int32
    /// The message's offset in the partition; for a stream of our own its position there.
    package let offset: Int64

    package init(topic: String, partition: Int32, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }
}

extension MessagePlace: CustomStringConvertible {
    /// `TOPIC:PARTITION:OFFSET`.
    package var description: String { "\(topic):\(partition):\(offset)" }
}

/// Where the messages of a commit came from, for the events that name them.
struct BatchCoordinates {
    private struct Entry: Hashable {
        let stream: Int32
        let position: Int64
    }

    private let topics: [Int32: (topic: String, partition: Int32)]
    private var origins: [Entry: MessagePlace] = [:]
    private var eventIDs: [Entry: String] = [:]

    init(_ batch: IntakeBatch) {
        topics = Dictionary(
            batch.streams.map { ($0.streamID, ($0.topic, $0.partition)) }, uniquingKeysWith: { first, _ in first })
        eventIDs.reserveCapacity(batch.messages.count)
        for message in batch.messages {
            guard let id = message.eventID else { continue }
            eventIDs[Entry(stream: batch.streams[message.stream].streamID, position: message.position)] = id
        }
    }

    init(_ topics: [Int32: (topic: String, partition: Int32)]) {
        self.topics = topics
    }

    /// Says of an entry of the journal where its message was received: what was brought in again is named by that.
    ///
    /// - Parameter eventID: The message's, where the batch doesn't have it.
    mutating func add(origin: MessagePlace, eventID: String? = nil, ofStream stream: Int32, position: Int64) {
        let entry = Entry(stream: stream, position: position)
        origins[entry] = origin
        if let eventID { eventIDs[entry] = eventID }
    }

    /// The event id of the message that a fact came with, where it has one.
    func eventID(of fact: FactCoordinates) -> String? {
        eventIDs[Entry(stream: fact.stream, position: fact.position)]
    }

    /// Where the message of a fact was received; the stream's own name where it is none of Kafka's.
    func place(of fact: FactCoordinates) -> MessagePlace {
        if let origin = origins[Entry(stream: fact.stream, position: fact.position)] { return origin }
        let (topic, partition) = topics[fact.stream] ?? ("stream-\(fact.stream)", 0)
        return MessagePlace(topic: topic, partition: partition, offset: fact.position)
    }
}
