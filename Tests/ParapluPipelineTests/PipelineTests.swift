import ParapluPipeline
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
}
