import Foundation
import Kafka
import ParapluTesting
import Postgres

extension Site {
    /// Publishes examples on their feed's topic, all in the first partition, in order.
    func publish(_ examples: [FeedExample], to feed: FeedExample.Feed) async throws {
        let (broker, topic) = (broker, "\(prefix).\(feed.topic)")
        try await TestBroker.onThread {
            let producer = try KafkaProducer(broker.configuration(), transactionalID: nil)
            defer { producer.close(timeoutMilliseconds: 2000) }
            for example in examples {
                try producer.produce(
                    topic: topic, partition: 0, key: example.key, value: example.value,
                    nullableHeaders: example.headers, token: 0)
            }
            let isDone = producer.flush(timeoutMilliseconds: 30_000)
            let failures = producer.poll(timeoutMilliseconds: 0).compactMap { $0.error?.description }
            guard isDone, failures.isEmpty else {
                throw TestProgram.TooLate(waitedFor: "delivery", log: failures.first ?? "")
            }
        }
    }

    private static let outcomesOfTopic = Statement(
        """
        SELECT coalesce(r.code, 'taken') FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id)
        LEFT JOIN operations.rejection AS r USING (stream_id, position)
        WHERE s.topic = $1 AND s.partition = 0 AND (e.outcome = 4) = (r.code IS NOT NULL) ORDER BY e.position
        """)
    private static let counts = Statement(
        """
        SELECT concat_ws(' ', (ARRAY['applied', 'duplicate', 'stale', 'rejected', 'parked'])[e.outcome], r.code), count(*)
        FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id)
        LEFT JOIN operations.rejection AS r USING (stream_id, position)
        WHERE s.kind = 'partition' GROUP BY 1
        """)

    /// What became of each message of a topic's first partition: the code of its refusal, or that it was taken.
    func outcomes(of topic: String) async throws -> [String] {
        try await watcher.run { session in
            try session.execute(Site.outcomesOfTopic, [.text(topic)]).map { $0.string(0) }
        }
    }

    /// How many messages had which outcome, with the code where they were refused.
    func outcomeCounts() async throws -> [String: Int] {
        try await watcher.run { session in
            Dictionary(
                try session.execute(Site.counts).map { ($0.string(0), Int($0.int8(1))) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// What a partner's receipts say of each message, by its coordinates: codes, outcomes other than refusal,
    /// dispositions.
    func receipts(for partner: String) async throws -> [String: [String]] {
        var said: [String: [String]] = [:]
        for record in try await records(of: "receipts.\(partner)", partitions: 1) {
            guard let event = try JSONSerialization.jsonObject(with: Data(record.value)) as? [String: Any],
                let data = event["data"] as? [String: Any], let topic = data["topic"] as? String,
                let partition = data["partition"] as? Int, let offset = data["offset"] as? Int
            else { continue }
            let without = (data["without_effect"] as? [[String: Any]] ?? []).compactMap { $0["disposition"] as? String }
            let words = [data["code"] as? String ?? data["outcome"] as? String].compactMap { $0 } + without
            said["\(topic):\(partition):\(offset)", default: []] += words
        }
        return said
    }

    /// The tables of the store in which one of the texts stands, as text or as bytes.
    func tablesHolding(_ texts: Set<String>) async throws -> [String] {
        let tables = try await watcher.run { session in
            try session.execute(
                Statement(
                    """
                    SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE c.relkind = 'r' AND n.nspname IN ('journal', 'operations', 'progress', 'outbox', 'plan')
                    """)
            ).map { $0.string(0) }
        }
        var found: [String] = []
        for table in tables {
            for text in texts {
                let bytes = text.utf8.map { String($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                let holds = try await watcher.run { session in
                    try session.executeScript(
                        """
                        DO $$ BEGIN
                            PERFORM set_config('test.found', (SELECT count(*) FROM \(table) AS t
                                WHERE position('\(text)' IN t::text) > 0 OR position('\(bytes)' IN t::text) > 0)::text, false);
                        END $$
                        """)
                    return try session.execute(Statement("SELECT current_setting('test.found')")).first?.string(0)
                        != "0"
                }
                if holds { found.append("\(table): \(text)") }
            }
        }
        return found
    }
}
