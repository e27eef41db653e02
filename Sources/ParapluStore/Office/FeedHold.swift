package import ParapluModel
package import Postgres

/// Holds a feed because of its log, as an entry of the `office` stream: who noticed, what, and where.
///
/// A feed that is held for its rejections is held by the very commit that refused them, which is in the journal already.
package enum FeedHold {
    /// Holds the feed and returns whether it wasn't held before.
    ///
    /// - Parameters:
    ///   - code: Why, as `paraplu feed list` and the runbook have it.
    ///   - actor: The daemon that noticed.
    package static func hold(
        _ feed: FeedID, code: String, reason: String, at place: FeedStore.Place, actor: String,
        _ session: PostgresSession
    ) throws -> Bool {
        try CommitClock.transaction(session) {
            var stream = try OwnStream.lock(.office, session)
            let stamp = try CommitClock.take(session).stamp
            guard try FeedStore.hold(feed, code: code, reason: reason, at: place, stamp.recordedAt, session) else {
                return nil
            }
            _ = stream.add(
                headers: [
                    ("decision", "feed.held"), ("feed", feed.rawValue), ("code", code), ("actor", actor),
                    ("reason", reason),
                ] + place.headers, value: [], stamp: stamp)
            try stream.write(stamp, session)
            return true
        } ?? false
    }
}

extension FeedStore.Place {
    /// The place as entries of the journal name it.
    var headers: [(name: String, value: String)] {
        [("partition", String(partition))]
            + (range.map { [("first", String($0.lowerBound)), ("next", String($0.upperBound))] } ?? [])
    }
}
