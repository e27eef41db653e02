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
        guard let (wanted, missing) = try await wanted(partitions) else { return }
        desk.assigned = partitions
        desk.settled()
        if !missing.isEmpty { desk.missed(missing) }
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

    /// How often the brokers are asked for partitions that they know nothing of, while others could be read.
    private static let beginningsAttemptsMax = 4

    /// The assigned partitions of our feeds with where their logs begin, and those of which the brokers didn't say it.
    ///
    /// What isn't claimed isn't read. Nil where the group gave others meanwhile. Asks until they have said it of some, and not for long of the rest: a partition without a leader, or a topic that
    /// was deleted, stops no other.
    private func wanted(
        _ partitions: [TopicPartition]
    ) async throws -> (found: [Claims.Wanted], missing: [TopicPartition])? {
        let assignment = try await thread.run { [self] in reader.withLock { $0.assignment } }
        var wanted: [Claims.Wanted] = []
        var rest = partitions
        var attempt = 0
        while true {
            let asked = rest
            let (found, missing, now) = try await thread.run { [self] in
                reader.withLock { reader in
                    let (found, missing) = reader.beginnings(of: asked)
                    return (found, missing, reader.assignment)
                }
            }
            guard now == assignment else { return nil }
            wanted += found
            rest = missing
            let isEnough = !wanted.isEmpty && attempt >= IngestService.beginningsAttemptsMax
            guard !rest.isEmpty, !isEnough, !isDraining else { return (wanted, rest) }
            attempt += 1
            try await wait(attempt, reason: "kafka beginnings")
        }
    }

    /// Claims what the group still assigns: what another claimed from us, and what the brokers know of by now.
    func claimAgain(_ desk: inout ClaimDesk) async throws {
        let (claimed, assigned, missing) = (desk.assignment, desk.assigned, desk.missing)
        let (isStillAssigned, isFound) = try await thread.run { [self] in
            reader.withLock { reader in
                (reader.assignment == claimed, missing.isEmpty || !reader.beginnings(of: missing).found.isEmpty)
            }
        }
        guard isStillAssigned else { return desk.settled() }
        // Claiming begins all partitions anew, so not for nothing.
        guard isFound || desk.isLost else { return desk.missed(missing) }
        desk.settled()
        try await claim(assigned, &desk)
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

    /// Sees what others decided: a process of our name, other connectors, which no batch tells of while nothing comes, and
    /// feeds held or let go on.
    func lookAround(_ desk: inout ClaimDesk) async throws {
        let (instance, boot) = (configuration.instance, configuration.boot)
        let (held, commit) = try await patiently { session in
            guard try Claims.isRegistered(instance: instance, boot: boot, session) else { throw Failure.replaced }
            return (try FeedStore.held(session), try CommitClock.read(session).connectorsCommit)
        }
        desk.looked()
        guard commit == desk.connectorsCommit else { return try await reloadConnectors(&desk) }
        let resumed = desk.held.subtracting(held)
        let isNew = held.subtracting(desk.held)
        desk.held = held
        if !isNew.isEmpty { try await rest(isNew) }
        guard !resumed.isEmpty else { return }
        for feed in resumed { emit(.feedResumed(feed)) }
        // Positions may have been moved, and logs begun anew: the group's next assignment claims them.
        try await thread.run { [self] in try reader.withLock { try $0.renew() } }
    }

    /// Fetches nothing more of feeds that are held.
    private func rest(_ feeds: Set<FeedID>) async throws {
        try await thread.run { [self] in reader.withLock { reader in for feed in feeds { reader.rest(feed) } } }
    }

    /// Begins again with a new client after one that failed, unless it did because another process has our name (F9).
    func renew(after error: KafkaError, _ desk: inout ClaimDesk) async throws {
        let (instance, boot) = (configuration.instance, configuration.boot)
        try await patiently { session in
            guard try Claims.isRegistered(instance: instance, boot: boot, session) else { throw Failure.replaced }
        }
        try await wait(IngestService.beginningsAttemptsMax, reason: "kafka \(error.code.rawValue)")
        try await thread.run { [self] in try reader.withLock { try $0.renew() } }
    }

    /// Holds the feed of a log that can't be read on.
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
        try await rest([feed])
        if isNew { emit(.feedHeld(feed, code: code, partition, offset: range?.lowerBound)) }
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
