package import Digest
package import ParapluModel

/// One message as steps 3 to 6 leave it.
package struct IntakeMessage: Sendable {
    /// Index into the batch's streams.
    package var stream: Int
    /// Its position in the stream; of a Kafka partition the offset.
    package var position: Int64
    /// The broker's timestamp.
    package var receivedAt: Timestamp
    /// The key, a range of the batch's arena; nil where it is null.
    package var key: Range<Int>?
    /// The headers in the journal's framing, a range of the arena; empty where there are none.
    package var headers: Range<Int>
    /// The value, a range of the arena; nil where it is null.
    package var value: Range<Int>?
    /// Index into the batch's connectors.
    package var connector: Int
    /// The event's own id; nil where it has none, or one of more than 512 bytes.
    package var eventID: String?
    /// First half of the SHA-256 over (owner, source, id), where the message has an id.
    package var messageKey: ShortHash?
    /// SHA-256 over key, headers and value; keyed where nothing of them may be kept.
    package var payloadDigest: SHA256Digest
    /// Range of the batch's records; empty where it was refused.
    package var records: Range<Int>
    /// Why steps 3 to 6 refused it; nil where they didn't.
    package var rejection: Rejection?
    /// Whether key, headers and value may be kept as they came.
    package var keepsPayload: Bool
    /// What the profile of its events advises and the message does otherwise.
    package var warnings: EventWarnings

    package init(
        stream: Int, position: Int64, receivedAt: Timestamp, key: Range<Int>?, headers: Range<Int>, value: Range<Int>?,
        connector: Int, eventID: String?, messageKey: ShortHash?, payloadDigest: SHA256Digest, records: Range<Int>,
        rejection: Rejection?, keepsPayload: Bool = true, warnings: EventWarnings = []
    ) {
        self.stream = stream
        self.position = position
        self.receivedAt = receivedAt
        self.key = key
        self.headers = headers
        self.value = value
        self.connector = connector
        self.eventID = eventID
        self.messageKey = messageKey
        self.payloadDigest = payloadDigest
        self.records = records
        self.rejection = rejection
        self.keepsPayload = keepsPayload && !(rejection?.forbidsPayload ?? false)
        self.warnings = warnings
    }

    /// The bytes of key, headers and value together.
    package var payloadBytes: Int { (key?.count ?? 0) + headers.count + (value?.count ?? 0) }
}

/// One canonical record of a message, with its bytes and what identifies it.
package struct IntakeRecord: Sendable {
    /// The record as the rules read it.
    package var record: CanonicalRecord
    /// The first half of the SHA-256 over what identifies the record, which finds a repeat in another message.
    package var identity: ShortHash
    /// The SHA-256 of its canonical bytes.
    package var digest: SHA256Digest
    /// Its canonical bytes, a range of the batch's bodies.
    package var body: Range<Int>

    package init(record: CanonicalRecord, identity: ShortHash, digest: SHA256Digest, body: Range<Int>) {
        self.record = record
        self.identity = identity
        self.digest = digest
        self.body = body
    }
}

/// What a daemon knows of a stream that it claimed: what the fence compares.
package struct Claim: Hashable, Sendable {
    /// The stream's id in `journal.stream`.
    package let streamID: Int32
    /// The Kafka topic, with its prefix.
    package let topic: String
    /// The partition's number within the topic, from 0.
    package let partition: Int32
    /// The generation of the topic: rises when it was made again.
    package let generation: Int32
    /// The epoch under which it was claimed.
    package let epoch: Int64
    /// The next offset to journal.
    package var next: Int64
    /// The chain hash of the latest entry before `next`; zeros where there is none.
    package var chain: SHA256Digest
    /// The cluster's id of the topic that was read so far; nil where nobody could tell.
    package let topicID: String?

    package init(
        streamID: Int32, topic: String, partition: Int32, generation: Int32, epoch: Int64, next: Int64,
        chain: SHA256Digest, topicID: String? = nil
    ) {
        self.streamID = streamID
        self.topic = topic
        self.partition = partition
        self.generation = generation
        self.epoch = epoch
        self.next = next
        self.chain = chain
        self.topicID = topicID
    }
}

/// A range of offsets that hold no message for us.
package struct OffsetGap: Hashable, Sendable {
    /// Why offsets hold no message for us; `operations.loss` keeps the raw value.
    package enum Kind: String, Sendable {
        /// Control records and aborted or compacted messages, by the connector's contract.
        case hole
        /// Retention took what wasn't read (F32).
        case retention
        /// An operator skipped it (F38).
        case skipped
    }
    /// Index into the batch's streams.
    package var stream: Int
    /// The offsets of the gap, the upper bound not among them.
    package var range: Range<Int64>
    /// Why they hold no message for us, which says whether they count as holes or as lost.
    package var kind: Kind

    package init(stream: Int, range: Range<Int64>, kind: Kind) {
        self.stream = stream
        self.range = range
        self.kind = kind
    }
}

/// What the store needs to know of a connector in force.
package struct ActiveConnector: Hashable, Sendable {
    /// The number of the definition in `operations.connector_version`.
    package let number: Int32
    /// The digest that tells this version of the definition from every other.
    package let digest: SHA256Digest
    /// The feed that the connector reads.
    package let feed: FeedID
    /// The organisation whose feed it is.
    package let owner: OrganisationID
    /// The partner's name in topics: `<prefix>.out.receipts.<partner>.v1`.
    package let partner: String
    /// How many months the messages' bytes are kept, at least 1.
    package let retentionMonths: Int16
    /// Whether every message gets a receipt, or problems alone.
    package let receiptsForAll: Bool

    package init(
        number: Int32, digest: SHA256Digest, feed: FeedID, owner: OrganisationID, partner: String,
        retentionMonths: Int16, receiptsForAll: Bool
    ) {
        self.number = number
        self.digest = digest
        self.feed = feed
        self.owner = owner
        self.partner = partner
        self.retentionMonths = retentionMonths
        self.receiptsForAll = receiptsForAll
    }
}

/// What one transaction of step 7 takes: messages of many partitions, in order per partition.
package struct IntakeBatch: Sendable {
    /// The claims under which it is written, as they are before it; messages and gaps point into them.
    package var streams: [Claim]
    /// The messages; those of one stream in rising order of position.
    package var messages: [IntakeMessage]
    /// The canonical records of all messages.
    package var records: [IntakeRecord]
    /// The canonical bytes of the records.
    package var bodies: [UInt8]
    /// Keys, headers and values as received.
    package var arena: [UInt8]
    /// The offsets of its streams that hold no message for us.
    package var gaps: [OffsetGap]
    /// All connectors in force when it was mapped; its messages point into them.
    package var connectors: [ActiveConnector]
    /// The activation under which the messages were mapped.
    package var connectorsCommit: Int64

    package init(
        streams: [Claim], messages: [IntakeMessage], records: [IntakeRecord], bodies: [UInt8], arena: [UInt8],
        gaps: [OffsetGap], connectors: [ActiveConnector], connectorsCommit: Int64
    ) {
        self.streams = streams
        self.messages = messages
        self.records = records
        self.bodies = bodies
        self.arena = arena
        self.gaps = gaps
        self.connectors = connectors
        self.connectorsCommit = connectorsCommit
    }
}
