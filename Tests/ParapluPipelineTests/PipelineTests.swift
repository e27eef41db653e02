import ParapluModel
import ParapluPipeline
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite("Pipeline", .timeLimit(.minutes(6)))
struct PipelineTests {
    @Test("a message published ends as a status, a change and a fact, once")
    func path() async throws {
        try await PipelineHarness.with { harness in
            let pipeline = harness.pipeline(instance: "one") { _ in }
            try await harness.running(pipeline) {
                try await harness.publish([
                    (
                        "m-1",
                        #"{"action":"ill-1","as_of":"2026-06-01","sequence":1,"lifecycle":"LOOPT","rating":"GROEN"}"#
                    ),
                    (
                        "m-1",
                        #"{"action":"ill-1","as_of":"2026-06-01","sequence":1,"lifecycle":"LOOPT","rating":"GROEN"}"#
                    ),
                    ("m-2", #"{"action":"ill-2","as_of":"2026-06-01","lifecycle":"LOOPT","rating":"ROOD"}"#),
                    ("m-3", #"{"action":"nowhere","as_of":"2026-06-01","lifecycle":"LOOPT","rating":"GROEN"}"#),
                ])

                let statuses = try await harness.read("out.status.v1", partitions: 2) { found in
                    found.contains { $0.key == "action/ill-1" && $0.value.contains("\"LOOPT\"") }
                }
                let receipts = try await harness.read("out.receipts.bz.v1", partitions: 1) { $0.count >= 2 }

                #expect(statuses.contains { $0.key == "action/ill-1" && $0.value.contains("\"LOOPT\"") })
                #expect(receipts.contains { $0.value.contains("reason_required") })
                #expect(receipts.contains { $0.value.contains("waits_for") })
            }
            let counts = Statement(
                """
                SELECT sum(applied)::text, sum(duplicate)::text, sum(rejected)::text, sum(parked)::text,
                    sum(next_position - first_position)::text
                FROM journal.stream WHERE kind = 'partition'
                """)
            let rows = try await harness.admin.run { session in
                try session.execute(counts).map { row in (0..<5).map { row.string($0) } }
            }
            #expect(rows == [["1", "1", "1", "1", "4"]])
        }
    }

    @Test("payloads whose retention ended are dropped, and no others; a message refused with them can't be replayed")
    func retention() async throws {
        try await PipelineHarness.with { harness in
            let (dropped, drops) = AsyncStream.makeStream(of: Int.self)
            let sink: PipelineSink = { event in
                if case .payloadsDropped(let partitions) = event { drops.yield(partitions) }
            }
            try await harness.running(harness.pipeline(instance: "one", emit: sink)) {
                try await harness.publish(
                    ["old", "new"].map {
                        (id: $0, data: #"{"action":"ill-2","as_of":"2026-06-01","lifecycle":"LOOPT","rating":"ROOD"}"#)
                    })
                _ = try await harness.read("out.receipts.bz.v1", partitions: 1) { $0.count >= 2 }
            }
            // As if the one had been received long ago, in a class of six months, and the other in one of 240.
            try await harness.admin.run { session in
                try session.executeScript(
                    """
                    SELECT journal.prepare_payload(6::smallint, '2024-01-31'), journal.prepare_payload(240::smallint, '2024-01-31');
                    UPDATE journal.payload AS p SET stored_on = '2024-01-31',
                        retention_months = CASE WHEN e.event_id = 'old' THEN 6 ELSE 240 END
                    FROM journal.entry AS e WHERE e.stream_id = p.stream_id AND e.position = p.position AND e.outcome = 4;
                    """)
            }
            try await harness.running(harness.pipeline(instance: "one", emit: sink)) {
                for await count in dropped {
                    #expect(count == 1)
                    break
                }
            }
            let prefix = harness.prefix
            let fates = try await harness.admin.run { session in
                let messages = try Quarantine.messages(QuarantineSelection(), after: nil, limit: 10, session)
                var desk = QuarantineDesk(
                    prefix: prefix, events: EventFactory(source: PipelineHarness.source), countMin: 5)
                return (messages.count, try desk.preview(messages, session))
            }
            #expect(fates.0 == 2)
            #expect(
                fates.1.contains(.payloadGone) && fates.1.contains(.refused(.reasonRequired, path: "/data/reasons")))
        }
    }
}
