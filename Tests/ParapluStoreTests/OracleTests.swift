import Foundation
import ParapluModel
import ParapluStore
import ParapluTesting
import Postgres
import Testing

/// The rules against a second implementation of them, in Python, that knows the exported journal alone.
@Suite struct OracleTests {
    private static let export = Statement(
        """
        SELECT json_build_object(
            'plans', (SELECT json_agg(json_build_object('commit', commit, 'plan', plan) ORDER BY commit) FROM plan.version),
            'facts', (SELECT json_agg(json_build_object('commit', greatest(f.commit, s.commit), 'identity', f.identity,
                    'body', f.body))
                FROM journal.fact AS f
                JOIN journal.entry AS e USING (stream_id, position)
                LEFT JOIN journal.settlement AS s ON s.stream_id = f.stream_id AND s.settled_position = f.position
                WHERE e.outcome IN (1, 3) OR s.kind IN ('resolved', 'replayed')),
            'pairs', (SELECT json_agg(json_build_object('valid_on', v, 'commit', c) ORDER BY c, v)
                FROM unnest($1::date[]) AS v, unnest($2::bigint[]) AS c))::text
        """)
    private static let asOf = Statement(
        """
        SELECT concat_ws('|', v, c.number, s.action_id, s.lifecycle, s.rating, coalesce(s.reported_rating, '-'),
            s.data_state, array_to_string(s.flags, ','), array_to_string(s.reasons, ','), coalesce(s.holder, '-'),
            coalesce(s.as_of::text, '-'))
        FROM unnest($1::date[]) AS v, unnest($2::bigint[]) AS n
        JOIN journal.commit AS c ON c.number = n
        CROSS JOIN LATERAL report_v1.status_as_of(v, c.recorded_at) AS s
        ORDER BY c.number, v, s.action_id COLLATE "C"
        """)

    @Test(
        "a second implementation gives the same answers for every day and every moment",
        arguments: [31, 32, 33, 34] as [UInt64])
    func secondImplementation(seed: UInt64) async throws {
        let (journal, answers) = try await StoreHarness.with { store in
            try PropertyTests.run(store, seed: seed, batches: 25)
            let today = try store.today()
            var days = BinaryArray(.date)
            for offset in stride(from: -260, through: 500, by: 40) {
                days.append(date: today.adding(days: offset).daysSince2000)
            }
            let first = try store.number(Statement("SELECT min(commit) FROM plan.version"))
            let last = try store.number(Statement("SELECT number FROM operations.commit_clock"))
            var commits = BinaryArray(.int8)
            for part in 0...3 { commits.append(int8: first + (last - first) * Int64(part) / 3) }
            let pairs: [Parameter] = [.array(days), .array(commits)]
            return (try store.texts(Self.export, pairs), try store.texts(Self.asOf, pairs))
        }

        let second = try await Self.run(journal[0])

        #expect(answers.count > 800)
        for (answer, said) in zip(answers, second) { try #require(answer == said) }
        #expect(answers.count == second.count)
    }

    /// What the second implementation says of the journal, a line for each answer.
    private static func run(_ journal: String) async throws -> [String] {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Oracle/rules.py").standardizedFileURL.path
        return try await TestBroker.onThread {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            process.arguments = ["-I", script]
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            let writer = Thread {
                input.fileHandleForWriting.write(Data(journal.utf8)); try? input.fileHandleForWriting.close()
            }
            writer.start()
            let said = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            return String(decoding: said, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }
}
