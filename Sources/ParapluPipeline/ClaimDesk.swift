import Kafka
import ParapluModel
import ParapluStore

/// What the ingest knows of its claims, and whether a batch that was read may still be written.
struct ClaimDesk {
    /// The claims that hold, each as after the latest batch.
    var claims: [Claim] = []
    /// What the group assigned when they were claimed.
    var assigned: [TopicPartition] = []
    var held: Set<FeedID> = []
    /// The commit that put the connectors in force with which is read.
    var connectorsCommit: Int64
    /// The assignment under which records are good.
    var assignment = 0
    private var lastLook = ContinuousClock.now
    /// Whether another claimed partitions that the group still assigns to us.
    private(set) var isLost = false
    /// The assigned partitions of which the brokers didn't say where their logs begin, and which aren't read yet.
    private(set) var missing: [TopicPartition] = []
    /// When to claim again what isn't claimed though it is assigned; nil where all is.
    private var claimAgainAt: ContinuousClock.Instant?

    /// Longer than the group takes to tell a member that was paused that it is one no more.
    private static let claimAgainAfter = Duration.seconds(5)

    init(connectorsCommit: Int64) { self.connectorsCommit = connectorsCommit }

    /// Whether it's time to claim again.
    var mayClaimAgain: Bool { claimAgainAt.map { ContinuousClock.now >= $0 } ?? false }

    /// Notes that another claimed partitions of ours.
    mutating func lost() {
        isLost = true
        claimAgainAt = claimAgainAt ?? .now + ClaimDesk.claimAgainAfter
    }

    /// Notes that the brokers know nothing of some partitions yet.
    mutating func missed(_ partitions: [TopicPartition]) {
        missing = partitions
        claimAgainAt = .now + ClaimDesk.claimAgainAfter
    }

    /// Notes that everything assigned is claimed, or no longer assigned.
    mutating func settled() { (claimAgainAt, isLost, missing) = (nil, false, []) }

    /// Whether it's time to see what others decided: feeds let go on, other connectors; once a second.
    var isLookDue: Bool { ContinuousClock.now - lastLook > .seconds(1) }

    mutating func looked() { lastLook = .now }

    /// The batch with the claims as they are now; nil where what was read isn't what comes next.
    func fill(_ decoded: DecodedBatch) -> IntakeBatch? {
        guard decoded.assignment == assignment else { return nil }
        var batch = decoded.batch
        batch.streams = []
        for (partition, first) in decoded.partitions {
            guard
                let claim = claims.first(where: {
                    $0.topic == partition.topic && $0.partition == partition.partition
                }), claim.next == first
            else { return nil }
            batch.streams.append(claim)
        }
        return batch
    }

    /// A part of a batch with the claims as they are now; nil where one of them is gone.
    func fill(_ part: IntakeBatch) -> IntakeBatch? {
        var part = part
        for index in part.streams.indices {
            guard let claim = claims.first(where: { $0.streamID == part.streams[index].streamID }) else { return nil }
            part.streams[index] = claim
        }
        return part
    }

    /// Takes the claims as they are after a batch.
    mutating func advance(_ written: [Claim]) {
        for claim in written {
            if let index = claims.firstIndex(where: { $0.streamID == claim.streamID }) { claims[index] = claim }
        }
    }
}

extension IntakeBatch {
    /// Leaves out a feed's messages and gaps from a message on.
    mutating func drop(_ feed: FeedID, from index: Int) {
        let dropped = Set(
            messages[index...].filter { connectors[$0.connector].feed == feed }.map(\.stream))
        messages = messages[..<index] + messages[index...].filter { connectors[$0.connector].feed != feed }
        // A gap of a stream whose messages go is found again when the stream is read again.
        let last = messages.reduce(into: [Int: Int64]()) { $0[$1.stream] = $1.position }
        gaps.removeAll { dropped.contains($0.stream) && $0.range.lowerBound > last[$0.stream] ?? -1 }
        compact()
    }

    /// The newest message's time at the broker, in milliseconds since 1970, by feed.
    var newestByFeed: [FeedID: Int64] {
        var newest: [Int: Timestamp] = [:]
        for message in messages {
            newest[message.connector] = max(newest[message.connector] ?? message.receivedAt, message.receivedAt)
        }
        return Dictionary(
            newest.map { (connectors[$0.key].feed, $0.value.unixMilliseconds) }, uniquingKeysWith: { first, _ in first }
        )
    }

    /// Refuses the only message for its data; false where there is none.
    mutating func refuseFirst() -> Bool {
        guard let message = messages.first, message.rejection == nil else { return false }
        messages[0].rejection = Rejection(.database)
        messages[0].records = 0..<0
        return true
    }

    /// Both halves, each with the gaps before its messages.
    var halves: [IntakeBatch] {
        let middle = messages.count / 2
        var first = self
        var second = self
        first.messages = Array(messages[..<middle])
        second.messages = Array(messages[middle...])
        let reached = first.messages.reduce(into: [Int: Int64]()) { $0[$1.stream] = $1.position }
        first.gaps = gaps.filter { $0.range.lowerBound <= reached[$0.stream] ?? -1 }
        second.gaps = gaps.filter { $0.range.lowerBound > reached[$0.stream] ?? -1 }
        first.compact()
        second.compact()
        return [first, second]
    }

    /// Leaves out streams that nothing is left of.
    private mutating func compact() {
        let used = Set(messages.map(\.stream)).union(gaps.map(\.stream)).sorted()
        guard used.count < streams.count else { return }
        let places = Dictionary(
            used.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
        streams = used.map { streams[$0] }
        for index in messages.indices { messages[index].stream = places[messages[index].stream] ?? 0 }
        for index in gaps.indices { gaps[index].stream = places[gaps[index].stream] ?? 0 }
    }
}
