/// Where a message stands in Kafka, or in a stream of our own.
package struct MessagePlace: Hashable, Sendable {
    /// The Kafka topic, with its prefix; for a stream of our own its name, such as `office`.
    package let topic: String
    /// The partition's number within the topic; 0 for a stream of our own.
    package let partition: Int32
    /// The message's offset in the partition; for a stream of our own its position there.
    package let offset: Int64
    /// Of the topic, from 1: offsets begin again in each; nil where the latest is meant, or the stream is our own.
    package let generation: Int32?

    package init(topic: String, partition: Int32, offset: Int64, generation: Int32? = nil) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.generation = generation
    }
}

extension MessagePlace: CustomStringConvertible {
    /// `TOPIC:PARTITION:OFFSET`, and `:gN` behind it from the second generation on.
    package var description: String {
        "\(topic):\(partition):\(offset)" + (generation.map { $0 > 1 ? ":g\($0)" : "" } ?? "")
    }
}

/// Where the messages of a commit came from, for the events that name them.
struct BatchCoordinates {
    private struct Entry: Hashable {
        let stream: Int32
        let position: Int64
    }

    private let topics: [Int32: (topic: String, partition: Int32, generation: Int32?)]
    private var origins: [Entry: MessagePlace] = [:]
    private var eventIDs: [Entry: String] = [:]

    init(_ batch: IntakeBatch) {
        topics = Dictionary(
            batch.streams.map { ($0.streamID, ($0.topic, $0.partition, $0.generation)) },
            uniquingKeysWith: { first, _ in first })
        eventIDs.reserveCapacity(batch.messages.count)
        for message in batch.messages {
            guard let id = message.eventID else { continue }
            eventIDs[Entry(stream: batch.streams[message.stream].streamID, position: message.position)] = id
        }
    }

    /// The coordinates of an entry of one of our own streams.
    init(own stream: Int32, _ kind: StreamKind) {
        topics = [stream: (kind.rawValue, 0, nil)]
    }

    /// Of a commit without messages, or with such as are added.
    init() {
        topics = [:]
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
        let (topic, partition, generation) = topics[fact.stream] ?? ("stream-\(fact.stream)", 0, nil)
        return MessagePlace(topic: topic, partition: partition, offset: fact.position, generation: generation)
    }
}
