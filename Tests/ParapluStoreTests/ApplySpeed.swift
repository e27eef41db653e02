import Digest
import Foundation
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

/// How fast step 7 alone is, against a COPY of the journal rows that it wrote; in a release build, on request.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["PARAPLU_MEASURE"] != nil)) struct ApplySpeed {
    @Test func applyAgainstCopy() async throws {
        let lines = try await StoreHarness.with { store in
            let (actions, partitions, size, batches) = (20_000, Int32(12), 5_000, 24)
            let clock = ContinuousClock()
            try store.claim(partitions: partitions)
            let applied = try clock.measure { _ = try store.apply(plan: Fixture.plan(actions: actions)) }
            let today = try store.today()
            var random = SeededGenerator(seed: 7)
            var ratings = [DeliveryRating](repeating: .grey, count: actions)
            var spent: [Duration] = []
            var changes = 0
            for batch in 0..<batches {
                let messages = (0..<size).map { index in
                    let action = Int.random(in: 0..<actions, using: &random)
                    // Two in five say something new; the rest repeat the rating for another day.
                    if ratings[action] == .grey || Int.random(in: 0..<5, using: &random) < 2 {
                        ratings[action] = ratings[action] == .green ? .amber : .green
                    }
                    let number = batch * size + index
                    return Message(
                        Int32(index) % partitions,
                        [
                            Fixture.progress(
                                action, asOf: today.adding(days: batch - batches), rating: ratings[action],
                                sequence: Int64(number))
                        ], id: "m\(number)")
                }
                let intake = store.batch(messages)
                let start = clock.now
                let result = try store.writer.apply(intake, store.session)
                spent.append(clock.now - start)
                changes += result.statusChanges
                for claim in result.claims { store.claims[claim.partition] = claim }
            }
            let rows = size * batches
            let apply = spent.reduce(.zero, +)
            let copy = try copyAgain(store, clock)
            let half = spent[(batches / 2)...].reduce(.zero, +)
            func rate(_ count: Int, _ duration: Duration) -> Int { Int(Double(count) / (duration / .seconds(1))) }
            return [
                "plan of \(actions) actions applied in \(applied)",
                "apply: \(rows) messages in \(apply), \(rate(rows, apply)) messages/s, second half \(rate(rows / 2, half))",
                "status changes: \(changes) of \(rows) messages",
                "COPY of the same entries, facts and payloads: \(copy), \(rate(rows, copy)) messages/s",
                "ratio: \(copy / apply)",
            ]
        }
        for line in lines { print(line) }
    }

    /// Copies the journal's rows of partitions into tables with the same keys, as PostgreSQL's own COPY does.
    private func copyAgain(_ store: StoreHarness, _ clock: ContinuousClock) throws -> Duration {
        try store.asAdmin { admin in
            try admin.executeScript(
                """
                CREATE SCHEMA again;
                CREATE TABLE again.entry (LIKE journal.entry INCLUDING ALL);
                CREATE TABLE again.fact (LIKE journal.fact INCLUDING ALL);
                CREATE TABLE again.payload (LIKE journal.payload INCLUDING ALL);
                COPY (SELECT * FROM journal.entry WHERE stream_id > 3) TO '/tmp/paraplu-again-entry' (FORMAT binary);
                COPY journal.fact TO '/tmp/paraplu-again-fact' (FORMAT binary);
                COPY (SELECT * FROM journal.payload WHERE stream_id > 3) TO '/tmp/paraplu-again-payload' (FORMAT binary);
                CHECKPOINT;
                """)
            return try clock.measure {
                try admin.executeScript(
                    """
                    BEGIN;
                    COPY again.payload FROM '/tmp/paraplu-again-payload' (FORMAT binary);
                    COPY again.entry FROM '/tmp/paraplu-again-entry' (FORMAT binary);
                    COPY again.fact FROM '/tmp/paraplu-again-fact' (FORMAT binary);
                    COMMIT;
                    """)
            }
        }
    }
}
