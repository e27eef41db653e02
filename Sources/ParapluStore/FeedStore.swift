package import ParapluModel
package import Postgres

/// Reads and writes how each feed stands: its latest outcomes, and whether it is held.
package enum FeedStore {
    /// What a writer keeps of a feed.
    package struct State: Hashable, Sendable {
        /// The latest outcomes, with those of a batch that isn't saved yet.
        package var window: RejectionWindow
        /// Whether nothing of the feed is taken until an operator resumes it.
        package var isHeld: Bool
        /// The window as the store has it.
        var stored: RejectionWindow
    }

    /// What of a partition's log is the reason why a feed is held.
    package struct Place: Hashable, Sendable {
        /// The partition's number within the feed's topic, from 0.
        package let partition: Int32
        /// The offsets that can't be read; nil where it is the log as a whole.
        package let range: Range<Int64>?

        package init(partition: Int32, range: Range<Int64>?) {
            self.partition = partition
            self.range = range
        }
    }

    /// A feed as `paraplu feed list` shows it.
    package struct Listing: Hashable, Sendable {
        /// The feed's name: `<partner>/<feed>`.
        package let feed: FeedID
        /// The organisation whose feed it is, as its connector names it.
        package let owner: OrganisationID
        /// The topic without prefix: `in.<partner>.<feed>.v1`.
        package let topic: String
        /// The moment at which it was held; nil while it isn't.
        package let heldSince: Timestamp?
        /// Why it is held, such as `rejections` or `topic_recreated`; nil while it isn't.
        package let code: String?
        /// A sentence for the operator, of what it is held for; nil while it isn't.
        package let reason: String?
        /// What of its log is the reason, where that is.
        package let place: Place?
    }

    private static let read = Statement(
        "SELECT feed, outcome_window, held_since IS NOT NULL FROM operations.feed WHERE feed = ANY($1)",
        name: "read_feeds")
    private static let list = Statement(
        """
        SELECT feed, owner, topic, held_since, held_code, held_reason, held_partition, held_first, held_next
        FROM operations.feed ORDER BY feed
        """, name: "list_feeds")
    private static let listHeld = Statement(
        "SELECT feed FROM operations.feed WHERE held_since IS NOT NULL", name: "list_held")
    private static let saveWindows = Statement(
        """
        UPDATE operations.feed AS f SET outcome_window = u.w
        FROM unnest($1::text[], $2::text[]) AS u (feed, w) WHERE f.feed = u.feed
        """, name: "save_windows")
    private static let hold = Statement(
        """
        UPDATE operations.feed SET held_since = $1, held_code = $2, held_reason = $3
        WHERE feed = ANY($4) AND held_since IS NULL
        """, name: "hold_feeds")
    private static let holdPlace = Statement(
        """
        UPDATE operations.feed SET held_since = $1, held_code = $2, held_reason = $3, held_partition = $4,
            held_first = $5, held_next = $6
        WHERE feed = $7 AND held_since IS NULL
        """, name: "hold_feed_at")
    private static let resume = Statement(
        """
        UPDATE operations.feed SET held_since = NULL, held_code = NULL, held_reason = NULL, held_partition = NULL,
            held_first = NULL, held_next = NULL, outcome_window = ''
        WHERE feed = $1 AND held_since IS NOT NULL
        """, name: "resume_feed")

    /// How these feeds stand; a feed that isn't in force is absent.
    package static func states(
        of feeds: [FeedID], _ session: PostgresSession
    ) throws -> [FeedID: State] {
        var names = BinaryArray(.text)
        for feed in feeds { names.append(text: feed.rawValue) }
        var states: [FeedID: State] = [:]
        for row in try session.execute(read, [.array(names)]) {
            let window = RejectionWindow(row.string(1))
            states[FeedID(unchecked: row.string(0))] = State(window: window, isHeld: row.bool(2), stored: window)
        }
        return states
    }

    /// All feeds in force, by name.
    package static func list(_ session: PostgresSession) throws -> [Listing] {
        try session.execute(list).map { row in
            Listing(
                feed: FeedID(unchecked: row.string(0)), owner: OrganisationID(unchecked: row.string(1)),
                topic: row.string(2), heldSince: row.timestampOrNil(3).map(Timestamp.init(microsecondsSince2000:)),
                code: row.stringOrNil(4), reason: row.stringOrNil(5),
                place: row.int4OrNil(6).map { partition in
                    Place(partition: partition, range: row.int8OrNil(7).map { $0..<row.int8(8) })
                })
        }
    }

    /// The feeds that are held.
    package static func held(_ session: PostgresSession) throws -> Set<FeedID> {
        Set(try session.execute(listHeld).map { FeedID(unchecked: $0.string(0)) })
    }

    /// Writes the windows that changed, and holds the feeds whose rejections passed theirs.
    static func save(
        _ states: inout [FeedID: State], held: [FeedID], stamp: CommitStamp, _ session: PostgresSession
    ) throws {
        var feeds = BinaryArray(.text)
        var windows = BinaryArray(.text)
        for (feed, state) in states where state.window != state.stored {
            feeds.append(text: feed.rawValue)
            windows.append(text: state.window.description)
            states[feed]?.stored = state.window
        }
        if feeds.count > 0 { try session.execute(saveWindows, [.array(feeds), .array(windows)]) }
        try hold(
            held, code: "rejections", reason: "too many of the latest messages were refused", at: stamp.recordedAt,
            session)
    }

    /// Holds a feed for what is wrong with a partition's log; whether it wasn't held before.
    static func hold(
        _ feed: FeedID, code: String, reason: String, at place: Place, _ moment: Timestamp, _ session: PostgresSession
    ) throws -> Bool {
        let first: Parameter = place.range.map { .int8($0.lowerBound) } ?? .null
        let next: Parameter = place.range.map { .int8($0.upperBound) } ?? .null
        let parameters: [Parameter] = [
            .timestamp(moment.microsecondsSince2000), .text(code), .text(reason), .int4(place.partition), first, next,
            .text(feed.rawValue),
        ]
        return try session.execute(holdPlace, parameters).affected > 0
    }

    /// Holds feeds, each with a code and a sentence for the operator.
    private static func hold(
        _ feeds: [FeedID], code: String, reason: String, at moment: Timestamp, _ session: PostgresSession
    ) throws {
        guard !feeds.isEmpty else { return }
        var names = BinaryArray(.text)
        for feed in feeds { names.append(text: feed.rawValue) }
        try session.execute(
            hold, [.timestamp(moment.microsecondsSince2000), .text(code), .text(reason), .array(names)])
    }

    /// Lets a held feed go on and forgets its window; whether it was held.
    static func resume(_ feed: FeedID, _ session: PostgresSession) throws -> Bool {
        try session.execute(resume, [.text(feed.rawValue)]).affected > 0
    }
}
