import Foundation
import ParapluModel
import ParapluTesting
import Postgres
import Testing

/// The second implementation of the rules, in Python (Tests/Oracle): it knows the exported journal alone.
enum Oracle {
    /// What is asked: a day, and the commit up to which everything is known.
    struct Pair {
        let validOn: CalendarDate
        let commit: Int64
    }

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
            'pairs', (SELECT json_agg(json_build_object('valid_on', v, 'commit', c) ORDER BY place)
                FROM unnest($1::date[], $2::bigint[]) WITH ORDINALITY AS p (v, c, place)),
            'rollups', $3::boolean,
            'rounds', (SELECT json_agg(json_build_object('round', round_id, 'as_of', as_of, 'commit', frozen_commit)
                ORDER BY as_of) FROM plan.round WHERE frozen_commit IS NOT NULL))::text
        """)
    private static let frozen = Statement(
        """
        SELECT s.round_id || '|' || s.payload::text
        FROM progress.snapshot AS s JOIN plan.round AS r USING (round_id)
        WHERE s.subject NOT LIKE 'action/%'
        ORDER BY r.as_of, s.subject <> 'programme', s.subject NOT LIKE 'goal/%', s.subject COLLATE "C"
        """)

    /// The journal as the second implementation reads it, with what it is asked.
    ///
    /// Behind the answers to the questions come the roll-ups of the frozen rounds, as `frozen` has them.
    ///
    /// - Parameter withRollups: Whether each answer has the roll-ups too.
    static func journal(_ pairs: [Pair], withRollups: Bool = false, _ store: StoreHarness) throws -> String {
        var days = BinaryArray(.date)
        var commits = BinaryArray(.int8)
        for pair in pairs {
            days.append(date: pair.validOn.daysSince2000)
            commits.append(int8: pair.commit)
        }
        return try store.texts(export, [.array(days), .array(commits), .bool(withRollups)])[0]
    }

    /// The roll-ups of the frozen rounds, as their snapshots keep them.
    static func frozen(_ store: StoreHarness) throws -> [String] { try store.texts(frozen) }

    /// What the second implementation says of the journal, a line for each answer.
    static func answers(to journal: String) async throws -> [String] {
        let script = Scenario.root + "/Tests/Oracle/oracle.py"
        return try await TestBroker.onThread {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            // Neither the environment nor the user has a say, and nothing is left beside the script.
            process.arguments = ["-E", "-s", "-B", script]
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
