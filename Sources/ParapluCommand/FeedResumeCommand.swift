internal import JSON
internal import ParapluModel
internal import ParapluStore

extension Command {
    /// The command `paraplu feed resume`.
    static let feedResume = Command(
        "feed resume", operands: "FEED", 1...1, summary: "let a held feed go on",
        details: "Who resumed it and why is kept in the journal. A feed that isn't held stays as it is, exit code 0.",
        example: "paraplu feed resume jenv/voortgang --reason \"the ministry sends the right codes again\"",
        options: [.reason, .actor]
    ) { call in
        let reason = try call.required(.reason)
        guard let feed = FeedID(call.operands[0]) else { throw InputError("“\(call.operands[0])” is no feed's name") }
        let wasHeld = try call.services.withDatabase { session in
            guard try FeedStore.list(session).contains(where: { $0.feed == feed }) else {
                throw StoreError.unknown(kind: "feed", name: feed.rawValue)
            }
            return try FeedResume.resume(feed, actor: call.actor, reason: reason, session)
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.text("feed", feed.rawValue)
                    json.flag("was_held", wasHeld)
                })
        }
        call.terminal.say(wasHeld ? "\(feed) goes on" : "\(feed) isn't held")
        return .done
    }
}
