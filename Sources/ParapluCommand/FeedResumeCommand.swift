internal import JSON
internal import ParapluModel
internal import ParapluStore

extension Command {
    private static let acceptLoss = Option(
        "accept-loss", nil, "give up the offsets that can't be read; they count as lost in the balance")
    private static let newGeneration = Option(
        "new-generation", nil, "the topic was made again: read its log from the beginning")

    /// The command `paraplu feed resume`.
    static let feedResume = Command(
        "feed resume", operands: "FEED", 1...1, summary: "let a held feed go on",
        details: """
            Where what held it is mended, no option is needed; if it isn't, the feed is held again. Offsets that nobody
            can read any more are given up with --accept-loss, a topic that was made again is begun with
            --new-generation. Who decided and why is kept in the journal. A feed that isn't held stays as it is, exit
            code 0.
            """,
        example: "paraplu feed resume jenv/voortgang --reason \"the ministry sends the right codes again\"",
        options: [.reason, .actor, acceptLoss, newGeneration, .dryRun]
    ) { call in
        let reason = try call.required(.reason)
        guard let feed = FeedID(call.operands[0]) else { throw InputError("“\(call.operands[0])” is no feed's name") }
        guard !call.has(acceptLoss) || !call.has(newGeneration) else {
            throw InputError("--accept-loss and --new-generation exclude each other")
        }
        let way: FeedResume.Way =
            call.has(acceptLoss) ? .acceptingLoss : call.has(newGeneration) ? .newGeneration : .asItStands
        let outcome = try call.services.withDatabase { session in
            guard try FeedStore.list(session).contains(where: { $0.feed == feed }) else {
                throw StoreError.unknown(kind: "feed", name: feed.rawValue)
            }
            return try FeedResume.resume(
                feed, way, actor: call.actor, reason: reason, isDryRun: call.has(.dryRun), session)
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.text("feed", feed.rawValue)
                    json.flag("was_held", outcome != nil)
                    json.text("held_code", outcome?.code)
                    json.text("way", way.rawValue)
                    json.number("lost", outcome?.lost?.range.map { Int64($0.count) })
                    json.flag("dry_run", call.has(.dryRun))
                })
        }
        guard let outcome else {
            call.terminal.say("\(feed) isn't held")
            return .done
        }
        if let lost = outcome.lost, let range = lost.range {
            call.terminal.say(
                "partition \(lost.partition): offsets \(range.lowerBound) to \(range.upperBound - 1) count as lost")
        }
        if way == .newGeneration { call.terminal.say("\(outcome.partitions) partitions begin a new generation") }
        call.terminal.say(call.has(.dryRun) ? "nothing was changed" : "\(feed) goes on")
        return .done
    }
}

extension FeedResume.Refusal: CustomStringConvertible {
    /// What is wrong with the decision, and what fits.
    package var description: String {
        switch self {
        case .doesNotFit(.acceptingLoss, let code):
            "the feed is held with \(code), and no offset is to be given up; --accept-loss is for offset_gap and"
                + " unreadable_record"
        case .doesNotFit(_, let code):
            "the feed is held with \(code); --new-generation is for topic_recreated"
        case .moved(let next):
            "the partition stands at offset \(next) and not where the feed was held; see paraplu feed list"
        }
    }
}
