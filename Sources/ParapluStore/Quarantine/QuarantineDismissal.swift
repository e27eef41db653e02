package import Postgres

/// Records that a person decided not to bring refused messages in; they leave the list of what waits.
package enum QuarantineDismissal {
    /// Dismisses those of the messages that are open, in one commit, and returns what became of each.
    ///
    /// - Parameters:
    ///   - messages: At most `QuarantineReplay.perCommitMax`.
    ///   - actor, reason: Who decides and why, for the journal.
    /// - Returns: For each message nil where it was dismissed, else what had become of it before.
    package static func dismiss(
        _ messages: [QuarantinedMessage], actor: String, reason: String, _ session: PostgresSession
    ) throws -> [QuarantinedMessage.State?] {
        precondition(messages.count <= QuarantineReplay.perCommitMax, "a commit dismisses some hundreds")
        var before: [MessageCoordinates: QuarantinedMessage.State] = [:]
        _ = try CommitClock.transaction(session) { () -> Bool? in
            var stream = try OwnStream.lock(.settlement, session)
            before = try Quarantine.settled(messages, session)
            let open = messages.filter { before[$0.coordinates] == nil }
            guard !open.isEmpty else { return nil }
            let stamp = try CommitClock.take(session).stamp
            var settlements = SettlementWriter(.dismissed, actor: actor, reason: reason)
            for message in open {
                let position = stream.add(headers: settlements.headers(of: message), value: [], stamp: stamp)
                settlements.add(message, at: position)
            }
            try stream.write(stamp, session)
            try settlements.write(stamp, session)
            return true
        }
        return messages.map { before[$0.coordinates] }
    }
}

extension QuarantinedMessage {
    /// Where it stands in the journal.
    var coordinates: MessageCoordinates { MessageCoordinates(stream: stream, position: position) }
}
