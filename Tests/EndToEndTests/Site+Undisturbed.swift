import ParapluTesting
import Postgres

extension Site {
    private static let readFacts = Statement(
        "SELECT identity::text || body::text FROM journal.fact ORDER BY identity, key_use")
    private static let readTimeline = Statement(
        """
        SELECT concat_ws(' ', action_id, valid_from, lifecycle, rating, reported_rating, data_state, flags, reasons,
            holder, as_of, steps)
        FROM progress.timeline WHERE known_until IS NULL ORDER BY action_id, valid_from
        """)

    /// `soundness()`, and that facts and timeline are those of a run of the same reports that nobody disturbed.
    ///
    /// What may differ is in Tests/EndToEndTests/differences.md; when a row became known is.
    func soundness(like reports: [Report]) async throws -> [String] {
        var problems = try await soundness()
        let here = try await watcher.run { session in
            try [Site.readFacts, Site.readTimeline].map { try session.execute($0).map { $0.string(0) } }
        }
        try await Site.with { calm in
            try await calm.publish(reports)
            let daemon = try calm.start()
            try await calm.settled(reports.count)
            try await daemon.stop()
            let there = try await calm.watcher.run { session in
                try [Site.readFacts, Site.readTimeline].map { try session.execute($0).map { $0.string(0) } }
            }
            if here[0] != there[0] { problems.append("facts differ: \(here[0].difference(from: there[0]))") }
            if here[1] != there[1] { problems.append("the timeline differs: \(here[1].difference(from: there[1]))") }
        }
        return problems
    }
}
