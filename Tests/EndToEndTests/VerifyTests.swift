import Foundation
import ParapluTesting
import Postgres
import Testing

/// The journal held against what readers were told.
extension EndToEnd {
    @Suite("verify", .timeLimit(.minutes(3)))
    struct VerifyTests {
        @Test("a journal that was rewritten, its chains and recorded cuts too, doesn't fit the topic of cuts")
        func rewritten() async throws {
            try await Site.with { site in
                let daemon = try site.start()
                try await site.publish([
                    Site.Report(id: "v-1", action: "ill-1-08", asOf: "2026-05-01", sequence: 1),
                    Site.Report(id: "v-2", action: "ill-1-08", asOf: "2026-05-02", sequence: 2, rating: "ROOD"),
                ])
                try await site.settled(2)
                let commit = try await site.number(Statement("SELECT number FROM operations.commit_clock"))
                _ = try await eventually("the cut") {
                    try await site.number(Statement("SELECT max(commit) FROM outbox.cut")) >= commit ? true : nil
                }
                try await daemon.stop()
                let sound = try await site.command(["verify", "--output", "json"])

                try await site.watcher.run { session in
                    try session.executeScript(
                        """
                        CREATE TEMP TABLE gone AS SELECT e.stream_id, e.position FROM journal.entry AS e WHERE event_id = 'v-2';
                        DELETE FROM journal.fact AS f USING gone AS g WHERE f.stream_id = g.stream_id AND f.position = g.position;
                        DELETE FROM journal.payload AS p USING gone AS g
                            WHERE p.stream_id = g.stream_id AND p.position = g.position;
                        DELETE FROM journal.entry AS e USING gone AS g WHERE e.stream_id = g.stream_id AND e.position = g.position;
                        UPDATE journal.stream AS s SET next_position = s.next_position - 1, applied = applied - 1,
                            chain = coalesce((SELECT e.chain FROM journal.entry AS e WHERE e.stream_id = s.stream_id
                                ORDER BY e.position DESC LIMIT 1), decode(repeat('00', 32), 'hex'))
                            FROM gone AS g WHERE s.stream_id = g.stream_id;
                        DELETE FROM outbox.cut;
                        """)
                }
                let tampered = try await site.command(["verify", "--output", "json"], status: 1)

                #expect(!sound.contains(#""published_cuts":0"#) && sound.contains(#""topic_read":true"#))
                #expect(tampered.contains(#""code":"published_cut""#))
            }
        }
    }
}
