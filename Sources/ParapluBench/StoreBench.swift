import Digest
import Foundation
import Kafka
import ParapluConnectors
import ParapluModel
import ParapluPipeline
import ParapluRules
import ParapluStore
import Postgres

/// Steps 3 to 7 in this process and one after the other: the ceilings of decoding and of applying, each alone.
struct StoreBench {
    let options: BenchOptions
    let report: Report

    func run() async throws {
        let database = try BenchDatabase.make(options)
        do {
            try measure(database)
        } catch {
            await database.connection.close()
            throw error
        }
        await database.connection.close()
    }

    private func measure(_ database: BenchDatabase) throws {
        let today = try database.today()
        let document = PlanGenerator.document(actions: options.actions, today: today, seed: options.seed)
        let plan = try PlanDocument.parse(document, file: "plan")
        report.say("plan of \(plan.actions.count) actions, \(document.count >> 10) KiB")
        try database.apply(plan, document: document)
        let (catalog, findings) = ConnectorCatalog.load(directory: options.connectors)
        guard findings.isEmpty else { throw BenchFailure("connectors: \(findings)") }
        let connectors = try database.connection.runBlocking { session in
            _ = try ConnectorStore.activate(
                catalog.connectors.map { ConnectorSet.definition(of: $0) }, digest: catalog.setVersion, actor: "bench",
                reason: "the benchmark", session)
            return try ConnectorSet(ConnectorStore.active(session), prefix: BenchDatabase.prefix)
        }

        let (polls, truth) = polls(
            Workload(plan: plan, today: today, seed: options.seed, messages: options.messages))
        report.say("\(options.messages) messages in \(polls.count) batches")
        let decoder = BatchDecoder(connectors, keyed: KeyedHash(key: Array("bench".utf8)))
        let decodeStart = Usage()
        var batches: [DecodedBatch] = []
        for poll in polls { batches.append(decoder.decode(poll, records: poll.records, assignment: 1, gaps: [])) }
        let decoded = Usage().since(decodeStart)
        report.figure(
            "decode_messages_per_second", Double(options.messages) / decoded.seconds, unit: "1/s",
            ["cpu_seconds": decoded.cpu, "bytes": Double(polls.reduce(0) { $0 + $1.byteCount })])

        let (applied, result) = try apply(batches, database, connectors)
        report.figure(
            "apply_messages_per_second", Double(options.messages) / applied.seconds, unit: "1/s",
            [
                "cpu_seconds": applied.cpu, "status_changes": Double(result.changes), "batches": Double(batches.count),
                "outbox_rows": Double(result.outboxRows),
            ])
        report.check(
            "outcomes",
            result.outcomes
                == [
                    .applied: truth.applied, .duplicate: truth.duplicates, .rejected: truth.rejections,
                ].filter { $0.value > 0 }, "\(result.outcomes), not \(truth)")
        let copied = try CopyBaseline(database: database, report: report).run(options)
        report.figure("copy_messages_per_second", copied, unit: "1/s")
        report.figure("ratio", Double(options.messages) / applied.seconds / copied, unit: "apply alone to COPY")
    }

    private func polls(_ workload: Workload) -> (polls: [RecordBatch], truth: Workload.Truth) {
        let encoder = MessageEncoder(workload.plan)
        var polls: [RecordBatch] = []
        var poll = RecordBatch()
        var offsets: [TopicPartition: Int64] = [:]
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let truth = workload.run { message in
            let bytes = encoder.bytes(of: message)
            let partition = TopicPartition(
                topic: "\(BenchDatabase.prefix).\(message.feed.topic)", partition: message.partition)
            let offset = offsets[partition, default: 0]
            offsets[partition] = offset + 1
            poll.add(
                topic: partition.topic, partition: partition.partition, offset: offset, timestampMilliseconds: now,
                key: bytes.key, value: bytes.value, headers: bytes.headers)
            if poll.records.count == options.batchMessagesMax {
                polls.append(poll)
                poll = RecordBatch()
            }
        }
        if !poll.records.isEmpty { polls.append(poll) }
        return (polls, truth)
    }

    private struct Applied {
        var outcomes: [Outcome: Int] = [:]
        var changes = 0
        var outboxRows = 0
    }

    private func apply(
        _ batches: [DecodedBatch], _ database: BenchDatabase, _ connectors: ConnectorSet
    ) throws -> (usage: Usage, applied: Applied) {
        let boot = ShortHash(SHA256.digest(randomBytes(count: 32)).uuidWords)
        return try database.connection.runBlocking { session in
            try session.executeScript("CHECKPOINT")
            try Claims.register(instance: "bench", boot: boot, session)
            let wanted = connectors.topics.flatMap { topic in
                (0..<BenchFeed.partitions).compactMap { partition in
                    connectors.feed(ofTopic: topic).map {
                        Claims.Wanted(topic: topic, partition: Int32(partition), feed: $0, low: 0)
                    }
                }
            }
            var claims: [TopicPartition: Claim] = [:]
            for claim in try Claims.claim(wanted, instance: "bench", boot: boot, session) {
                claims[TopicPartition(topic: claim.topic, partition: claim.partition)] = claim
            }
            var writer = IngestWriter(
                instance: "bench", boot: boot, events: database.events, window: .standard)
            var applied = Applied()
            let start = Usage()
            for decoded in batches {
                var batch = decoded.batch
                batch.streams = decoded.partitions.compactMap { claims[$0.partition] }
                let result = try writer.apply(batch, session)
                for claim in result.claims {
                    claims[TopicPartition(topic: claim.topic, partition: claim.partition)] = claim
                }
                for outcomes in result.outcomes.values {
                    for (outcome, count) in outcomes { applied.outcomes[outcome, default: 0] += count }
                }
                applied.changes += result.statusChanges
                applied.outboxRows += result.outboxRows
            }
            return (Usage().since(start), applied)
        }
    }
}
