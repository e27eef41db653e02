package import Postgres

extension FeedStore {
    private static let readPositions = Statement(
        "SELECT topic, partition, next_position FROM journal.stream WHERE kind = 'partition' AND is_current",
        name: "feed_positions")

    /// The next offset to be journalled of every partition, by topic.
    package static func positions(_ session: PostgresSession) throws -> [String: [Int32: Int64]] {
        var positions: [String: [Int32: Int64]] = [:]
        for row in try session.execute(readPositions) {
            positions[row.string(0), default: [:]][row.int4(1)] = row.int8(2)
        }
        return positions
    }
}
