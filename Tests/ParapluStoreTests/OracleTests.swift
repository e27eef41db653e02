import ParapluModel
import ParapluStore
import ParapluTesting
import Postgres
import Testing

/// The rules against a second implementation of them, in Python, that knows the exported journal alone.
@Suite struct OracleTests {
    private static let asOf = Statement(
        """
        SELECT concat_ws('|', v, c.number, s.action_id, s.lifecycle, s.rating, coalesce(s.reported_rating, '-'),
            s.data_state, array_to_string(s.flags, ','), array_to_string(s.reasons, ','), coalesce(s.holder, '-'),
            coalesce(s.as_of::text, '-'), coalesce(s.last_known_rating, '-'))
        FROM unnest($1::date[]) AS v, unnest($2::bigint[]) AS n
        JOIN journal.commit AS c ON c.number = n
        CROSS JOIN LATERAL report_v1.status_as_of(v, c.recorded_at) AS s
        ORDER BY c.number, v, s.action_id COLLATE "C"
        """)

    @Test(
        "a second implementation gives the same answers for every day and moment, and the same frozen rounds",
        arguments: [31, 32, 33, 34] as [UInt64])
    func secondImplementation(seed: UInt64) async throws {
        let (journal, answers) = try await StoreHarness.with { store in
            try PropertyTests.run(store, seed: seed, batches: 25)
            let today = try store.today()
            let days = stride(from: -260, through: 500, by: 40).map { today.adding(days: $0) }
            let first = try store.number(Statement("SELECT min(commit) FROM plan.version"))
            let last = try store.number(Statement("SELECT number FROM operations.commit_clock"))
            let commits = (0...3).map { first + (last - first) * Int64($0) / 3 }
            let pairs = commits.flatMap { commit in days.map { Oracle.Pair(validOn: $0, commit: commit) } }
            var validOn = BinaryArray(.date)
            for day in days { validOn.append(date: day.daysSince2000) }
            var knownAt = BinaryArray(.int8)
            for commit in commits { knownAt.append(int8: commit) }
            let actions = try store.texts(Self.asOf, [.array(validOn), .array(knownAt)])
            return (try Oracle.journal(pairs, store), actions + (try Oracle.frozen(store)))
        }

        let second = try await Oracle.answers(to: journal)

        #expect(answers.count > 800)
        for (answer, said) in zip(answers, second) { try #require(answer == said) }
        #expect(answers.count == second.count)
    }
}
