package import ParapluModel
package import Postgres

/// Lets a held feed go on, as a decision of the operator's and an entry of the `office` stream.
package enum FeedResume {
    /// What the operator decides about what held the feed.
    package enum Way: String, CaseIterable, Sendable {
        /// What held it is mended: go on where it stands. If it isn't, the feed is held again.
        case asItStands = "as_it_stands"
        /// The offsets that can't be read are given up, and counted as lost (F32, F38).
        case acceptingLoss = "accepting_loss"
        /// The topic was made again: its log is read from its beginning, as a new generation (F30).
        case newGeneration = "new_generation"
    }

    /// What was decided, or would be.
    package struct Outcome: Hashable, Sendable {
        /// Why the feed was held, such as `rejections` or `topic_recreated`.
        package let code: String
        /// The offsets given up, and of which partition.
        package let lost: FeedStore.Place?
        /// The partitions whose log begins anew.
        package let partitions: Int
    }

    /// Why the decision doesn't fit.
    package enum Refusal: Error, Hashable, Sendable {
        /// The feed is held for something else than the decision is about.
        case doesNotFit(way: Way, code: String)
        /// The position isn't where the feed was held any more.
        case moved(Int64)
    }

    private static let held = Statement(
        """
        SELECT held_code, held_partition, held_first, held_next FROM operations.feed
        WHERE feed = $1 AND held_since IS NOT NULL FOR UPDATE
        """, name: "held_feed")
    private static let lockStreams = Statement(
        """
        SELECT stream_id, partition, next_position FROM journal.stream
        WHERE kind = 'partition' AND is_current AND feed = $1 ORDER BY stream_id FOR UPDATE
        """, name: "lock_feed_streams")
    private static let skip = Statement(
        "UPDATE journal.stream SET next_position = $2, lost = lost + $3 WHERE stream_id = $1", name: "skip_positions")
    private static let recordSkip = Statement(
        """
        INSERT INTO operations.loss (stream_id, first_position, next_position, commit, recorded_at, kind)
        VALUES ($1, $2, $3, $4, $5, 'skipped')
        """, name: "record_skip")
    private static let retire = Statement(
        "UPDATE journal.stream SET is_current = false WHERE kind = 'partition' AND is_current AND feed = $1",
        name: "retire_streams")

    /// Resumes the feed; nil where it isn't held.
    ///
    /// - Parameter isDryRun: Says what would be decided, and changes nothing.
    /// - Throws: `Refusal` where the decision doesn't fit what held the feed.
    package static func resume(
        _ feed: FeedID, _ way: Way = .asItStands, actor: String, reason: String, isDryRun: Bool = false,
        _ session: PostgresSession
    ) throws -> Outcome? {
        var outcome: Outcome?
        _ = try CommitClock.transaction(session) { () -> Bool? in
            // Positions first, then our own stream, then the clock: the order of every writer.
            let streams = try session.execute(lockStreams, [.text(feed.rawValue)]).map {
                (id: $0.int4(0), partition: $0.int4(1), next: $0.int8(2))
            }
            var office = try OwnStream.lock(.office, session)
            let stamp = try CommitClock.take(session).stamp
            guard let row = try session.execute(held, [.text(feed.rawValue)]).first else { return nil }
            let place = row.int4OrNil(1).map { partition in
                FeedStore.Place(partition: partition, range: row.int8OrNil(2).map { $0..<row.int8(3) })
            }
            let decided = try decide(way, code: row.string(0), place, streams.count)
            if let lost = decided.lost, let range = lost.range {
                guard let stream = streams.first(where: { $0.partition == lost.partition }),
                    stream.next == range.lowerBound
                else { throw Refusal.moved(streams.first { $0.partition == lost.partition }?.next ?? -1) }
                try session.execute(skip, [.int4(stream.id), .int8(range.upperBound), .int8(Int64(range.count))])
                try session.execute(
                    recordSkip,
                    [
                        .int4(stream.id), .int8(range.lowerBound), .int8(range.upperBound), .int8(stamp.number),
                        .timestamp(stamp.recordedAt.microsecondsSince2000),
                    ])
            }
            if way == .newGeneration { try session.execute(retire, [.text(feed.rawValue)]) }
            guard try FeedStore.resume(feed, session) else { return nil }
            _ = office.add(
                headers: [
                    ("decision", "feed.resumed"), ("feed", feed.rawValue), ("way", way.rawValue),
                    ("actor", actor), ("reason", reason),
                ] + (decided.lost?.headers ?? []), value: [], stamp: stamp)
            try office.write(stamp, session)
            outcome = decided
            return isDryRun ? nil : true
        }
        return outcome
    }

    private static func decide(
        _ way: Way, code: String, _ place: FeedStore.Place?, _ partitions: Int
    ) throws -> Outcome {
        switch way {
        case .asItStands: return Outcome(code: code, lost: nil, partitions: 0)
        case .acceptingLoss:
            guard let place, place.range != nil else { throw Refusal.doesNotFit(way: way, code: code) }
            return Outcome(code: code, lost: place, partitions: 0)
        case .newGeneration:
            guard code == "topic_recreated" else { throw Refusal.doesNotFit(way: way, code: code) }
            return Outcome(code: code, lost: nil, partitions: partitions)
        }
    }
}
