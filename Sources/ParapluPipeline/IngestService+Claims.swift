import Digest
import Kafka
import ParapluConnectors
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Synchronization

extension IngestService {
    func claim(_ partitions: [TopicPartition], _ desk: inout ClaimDesk) async throws {
        let wanted = try await wanted(partitions)
        desk.assigned = partitions
        desk.settled()
        let (instance, boot) = (configuration.instance, configuration.boot)
        (desk.held, desk.claims) = try await patiently { session in
            guard try Claims.isRegistered(instance: instance, boot: boot, session) else { throw Failure.replaced }
            // Before the claims: a feed that is let go on in between waits until it is looked for. The other way round
            // it would be read from positions that the operator has moved.
            return (
                try FeedStore.held(session), try Claims.claim(wanted, instance: instance, boot: boot, session)
            )
        }
        emit(.partitionsClaimed(desk.claims))
        try await assign(&desk)
    }

    /// The assigned partitions of our feeds, each with where its log begins; asks until the brokers have said it of all,
    /// because a partition that isn't claimed isn't read.
    func wanted(_ partitions: [TopicPartition]) async throws -> [Claims.Wanted] {
        var wanted: [Claims.Wanted] = []
        var attempt = 0
        while true {
            let known = Set(wanted.map { TopicPartition(topic: $0.topic, partition: $0.partition) })
            let rest = partitions.filter { !known.contains($0) }
            let (found, missing) = try await thread.run { [self] in reader.withLock { $0.beginnings(of: rest) } }
            wanted += found
            guard missing > 0, !isDraining else { return wanted }
            attempt += 1
            try await wait(attempt, reason: "kafka beginnings")
        }
    }

    /// Claims what the group still assigns; where it was taken from us meanwhile, the next assignment does.
    func claimAgain(_ desk: inout ClaimDesk) async throws {
        let (claimed, assigned) = (desk.assignment, desk.assigned)
        let isStillAssigned = try await thread.run { [self] in reader.withLock { $0.assignment == claimed } }
        desk.settled()
        if isStillAssigned { try await claim(assigned, &desk) }
    }

    /// Reads from the claims' positions again; what was read before is dropped.
    func assign(_ desk: inout ClaimDesk) async throws {
        let (claims, held) = (desk.claims, desk.held)
        let digests = try await patiently { session in
            var digests: [Int32: SHA256Digest] = [:]
            for claim in claims { digests[claim.streamID] = try Claims.lastDigest(of: claim, session) }
            return digests
        }
        desk.assignment = try await thread.run { [self] in
            try reader.withLock { reader in
                try reader.assign(claims, held: held, lastDigests: digests)
                return reader.assignment
            }
        }
    }

    /// Looks at the database and begins again there: after a fence, a lost answer, a switch of connectors.
    func resynchronise(_ desk: inout ClaimDesk) async throws {
        let claims = desk.claims
        let (instance, boot) = (configuration.instance, configuration.boot)
        let (held, kept) = try await patiently { session in
            guard try Claims.isRegistered(instance: instance, boot: boot, session) else { throw Failure.replaced }
            return (
                try FeedStore.held(session), try Claims.reload(claims, instance: instance, boot: boot, session)
            )
        }
        if kept.count < claims.count {
            emit(.fenced(partitions: claims.count - kept.count))
            desk.lost()
        }
        (desk.held, desk.claims) = (held, kept)
        try await assign(&desk)
    }

    func reloadConnectors(_ desk: inout ClaimDesk) async throws {
        let prefix = configuration.topicPrefix
        let connectors = try await patiently { session in
            try ConnectorSet(ConnectorStore.active(session), prefix: prefix)
        }
        let (isResubscribed, assignment) = try await thread.run { [self] in
            try reader.withLock { reader in (try reader.use(connectors), reader.assignment) }
        }
        desk.connectorsCommit = connectors.commit
        emit(.connectorsChanged(commit: connectors.commit, feeds: connectors.items.map(\.connector.feed)))
        guard isResubscribed else { return try await resynchronise(&desk) }
        // The group gives the partitions anew, those of the topics that stay as well.
        (desk.claims, desk.assigned, desk.assignment) = ([], [], assignment)
        desk.settled()
    }

    /// Sees what others decided: other connectors, which no batch tells of while nothing comes, and feeds let go on.
    func lookAround(_ desk: inout ClaimDesk) async throws {
        let (held, commit) = try await patiently { session in
            (try FeedStore.held(session), try CommitClock.read(session).connectorsCommit)
        }
        desk.looked()
        guard commit == desk.connectorsCommit else { return try await reloadConnectors(&desk) }
        let resumed = desk.held.subtracting(held)
        desk.held = held
        guard !resumed.isEmpty else { return }
        for feed in resumed { emit(.feedResumed(feed)) }
        // Positions may have been moved, and logs begun anew: the group's next assignment claims them.
        try await thread.run { [self] in try reader.withLock { try $0.renew() } }
    }

    func hold(
        _ partition: TopicPartition, code: String, _ range: Range<Int64>?, _ desk: inout ClaimDesk
    ) async throws {
        let feed = try await thread.run { [self] in reader.withLock { $0.feed(ofTopic: partition.topic) } }
        guard let feed else { return }
        let instance = configuration.instance
        let isNew = try await patiently { session in
            try FeedHold.hold(
                feed, code: code, reason: IngestService.reason(of: code, partition, range),
                at: FeedStore.Place(partition: partition.partition, range: range), actor: instance, session)
        }
        desk.held.insert(feed)
        if isNew { emit(.feedHeld(feed, code: code)) }
        // The client is not to learn what the topic is now.
        if code == "topic_recreated" { try await thread.run { [self] in try reader.withLock { try $0.renew() } } }
    }

    private static func reason(of code: String, _ partition: TopicPartition, _ range: Range<Int64>?) -> String {
        let place = "partition \(partition.partition)"
        guard let range else { return "the log of \(place) isn't the one that was read" }
        return code == "offset_gap"
            ? "offsets \(range.lowerBound) to \(range.upperBound - 1) of \(place) are missing"
            : "offset \(range.lowerBound) of \(place) can't be read"
    }
}
