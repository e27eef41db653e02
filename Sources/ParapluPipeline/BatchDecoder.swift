package import Digest
package import Kafka
import ParapluConnectors
import ParapluModel
package import ParapluStore

/// Messages of one poll, decoded: what step 7 takes, but for the claims, which are known when it is written.
package struct DecodedBatch: Sendable {
    /// The assignment under which they were read; a batch of an earlier one is dropped.
    package var assignment: Int
    /// The partitions, each with the position from which it was read.
    package var partitions: [(partition: TopicPartition, first: Int64)]
    /// The messages with their records and gaps, without the claims: `streams` is empty.
    package var batch: IntakeBatch
}

/// Steps 3 to 6 over one poll: routes, decodes, validates, maps and digests, without allocation per message that a batch
/// could share.
package final class BatchDecoder {
    private let connectors: ConnectorSet
    private let keyed: KeyedHash
    private var decoders: [MessageDecoder]
    private var digest = PayloadDigest()

    /// - Parameters:
    ///   - keyed: For payloads of which nothing may be kept: a plain hash of a guessable text can be reversed.
    ///   - countMin: The smallest count of people that may be kept.
    package init(
        _ connectors: ConnectorSet, keyed: KeyedHash, countMin: Int64 = DisclosureControl.countMin
    ) {
        self.connectors = connectors
        self.keyed = keyed
        decoders = connectors.items.map { _ in MessageDecoder(countMin: countMin) }
    }

    /// Decodes records.
    ///
    /// - Parameters:
    ///   - records: Those to take, in order; others of the poll are left out.
    ///   - gaps: Ranges without a message, by partition, that came before, between or behind them; those of one partition
    ///     in order.
    package func decode(
        _ poll: RecordBatch, records: [RecordSlot], assignment: Int,
        gaps: [(partition: TopicPartition, range: Range<Int64>, kind: OffsetGap.Kind)]
    ) -> DecodedBatch {
        var partitions: [(partition: TopicPartition, first: Int64)] = []
        var places: [TopicPartition: Int] = [:]
        var placesByTopic = [[Int32: Int]](repeating: [:], count: poll.topics.count)
        let connectorOfTopic = poll.topics.map { connectors.index(ofTopic: $0) }
        var batch = IntakeBatch(
            streams: [], messages: [], records: [], bodies: [], arena: [], gaps: [],
            connectors: connectors.items.map(\.active), connectorsCommit: connectors.commit)
        for gap in gaps {
            let place = places[gap.partition] ?? partitions.count
            if place == partitions.count {
                places[gap.partition] = place
                partitions.append((gap.partition, gap.range.lowerBound))
            }
            batch.gaps.append(OffsetGap(stream: place, range: gap.range, kind: gap.kind))
        }
        batch.messages.reserveCapacity(records.count)
        var buffer = IntakeBuffer()
        poll.arena.withUnsafeBytes { arena in
            for record in records {
                guard let connector = connectorOfTopic[record.topicIndex] else { continue }
                let place: Int
                if let known = placesByTopic[record.topicIndex][record.partition] {
                    place = known
                } else {
                    let partition = TopicPartition(topic: poll.topics[record.topicIndex], partition: record.partition)
                    place = places[partition] ?? partitions.count
                    if place == partitions.count {
                        places[partition] = place
                        partitions.append((partition, record.offset))
                    }
                    // A gap may have come behind the partition's first record.
                    partitions[place].first = min(partitions[place].first, record.offset)
                    placesByTopic[record.topicIndex][record.partition] = place
                }
                batch.messages.append(
                    message(record, poll, arena, stream: place, connector: connector, into: &buffer))
            }
        }
        batch.records = buffer.records.map { mapped in
            IntakeRecord(
                record: mapped.record, identity: ShortHash(mapped.identity), digest: mapped.digest, body: mapped.json)
        }
        batch.bodies = buffer.bytes
        batch.arena = poll.arena
        return DecodedBatch(assignment: assignment, partitions: partitions, batch: batch)
    }

    private func message(
        _ record: RecordSlot, _ poll: RecordBatch, _ arena: UnsafeRawBufferPointer, stream: Int, connector: Int,
        into buffer: inout IntakeBuffer
    ) -> IntakeMessage {
        let intake = decoders[connector].decode(
            connectors.items[connector].connector,
            value: record.isTombstone ? nil : UnsafeRawBufferPointer(rebasing: arena[record.value]),
            key: record.key.map { UnsafeRawBufferPointer(rebasing: arena[$0]) },
            headers: UnsafeRawBufferPointer(rebasing: arena[record.headers]), into: &buffer)
        let value = record.isTombstone ? nil : record.value
        let payloadDigest: SHA256Digest
        if !intake.keepsPayload {
            payloadDigest = keyedDigest(poll, record)
        } else {
            payloadDigest = digest.digest(
                key: record.key.map { poll.arena[$0] }, headers: poll.arena[record.headers],
                value: value.map { poll.arena[$0] })
        }
        return IntakeMessage(
            stream: stream, position: record.offset,
            receivedAt: Timestamp(unixMilliseconds: record.timestampMilliseconds), key: record.key,
            headers: record.headers, value: value, connector: connector,
            eventID: intake.eventID.flatMap { $0.utf8.count <= 512 ? $0 : nil },
            messageKey: intake.messageKey.map { ShortHash($0) }, payloadDigest: payloadDigest, records: intake.records,
            rejection: intake.rejection, keepsPayload: intake.keepsPayload, warnings: intake.warnings)
    }

    private func keyedDigest(_ poll: RecordBatch, _ record: RecordSlot) -> SHA256Digest {
        keyed(parts: [
            record.key.map { Array(poll.arena[$0]) } ?? [], Array(poll.arena[record.headers]),
            Array(poll.arena[record.value]),
        ])
    }

    /// The digest that a record at the given place would have in the journal, either way it may have been taken.
    package func digests(of record: RecordSlot, _ poll: RecordBatch) -> [SHA256Digest] {
        let plain = digest.digest(
            key: record.key.map { poll.arena[$0] }, headers: poll.arena[record.headers],
            value: record.isTombstone ? nil : poll.arena[record.value])
        return [plain, keyedDigest(poll, record)]
    }
}
