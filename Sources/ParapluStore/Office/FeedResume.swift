package import ParapluModel
package import Postgres

/// Lets a held feed go on, as a decision of the operator's.
package enum FeedResume {
    /// Resumes the feed and returns whether it was held.
    package static func resume(
        _ feed: FeedID, actor: String, reason: String, _ session: PostgresSession
    ) throws -> Bool {
        try CommitClock.transaction(session) {
            var stream = try OwnStream.lock(.office, session)
            let reading = try CommitClock.take(session)
            guard try FeedStore.resume(feed, session) else { return nil }
            _ = stream.add(
                headers: [
                    ("decision", "feed.resumed"), ("feed", feed.rawValue), ("actor", actor), ("reason", reason),
                ], value: [], stamp: reading.stamp)
            try stream.write(reading.stamp, session)
            return true
        } ?? false
    }
}
