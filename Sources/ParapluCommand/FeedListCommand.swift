internal import JSON
internal import Kafka
internal import ParapluConfiguration
internal import ParapluModel
internal import ParapluStore

extension Command {
    /// The command `paraplu feed list`.
    static let feedList = Command(
        "feed list", summary: "show the feeds in force: lag, and which are held since when and why",
        details: """
            Lag is what the brokers hold and the journal doesn't have yet; – where the brokers can't be asked. A held feed
            is read no further until somebody resumes it.
            """,
        example: "paraplu feed list --output json"
    ) { call in
        let (feeds, positions) = try call.services.withDatabase { session in
            (try FeedStore.list(session), try FeedStore.positions(session))
        }
        let prefix = try call.services.configuration().topicPrefix
        let lags = lags(of: feeds.map { "\(prefix).\($0.topic)" }, positions, call)
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.list("feeds", feeds) { feed, json in
                        json.object { json in
                            json.text("feed", feed.feed.rawValue)
                            json.text("owner", feed.owner.rawValue)
                            json.text("topic", "\(prefix).\(feed.topic)")
                            json.number("lag", lags["\(prefix).\(feed.topic)"])
                            json.text("held_since", feed.heldSince?.description)
                            json.text("held_code", feed.code)
                            json.text("held_reason", feed.reason)
                        }
                    }
                })
            return .done
        }
        var table = Table(columns: [
            .init("FEED"), .init("OWNER"), .init("TOPIC"), .init("LAG", isRight: true), .init("STATE"),
            .init("SINCE"), .init("WHY"),
        ])
        for feed in feeds {
            let topic = "\(prefix).\(feed.topic)"
            let why = feed.code.map { "\($0): \(feed.reason ?? "")" } ?? ""
            table.add([
                .init(feed.feed.rawValue), .init(feed.owner.rawValue), .init(topic),
                .init(lags[topic].map { String($0) } ?? "–"),
                feed.heldSince == nil ? .init("runs", .green) : .init("held", .red),
                .init(feed.heldSince?.description ?? ""), .init(why),
            ])
        }
        call.terminal.print(table)
        if feeds.isEmpty { call.terminal.say("no connector was put in force yet; paraplud does that when it starts") }
        return .done
    }

    /// How many messages of each topic the journal doesn't have yet.
    private static func lags(
        of topics: [String], _ positions: [String: [Int32: Int64]], _ call: Invocation
    ) -> [String: Int64] {
        do {
            let admin = try call.services.admin()
            let timeout = Services.brokerTimeoutMilliseconds
            let counts = try admin.metadata(timeoutMilliseconds: timeout)
            var lags: [String: Int64] = [:]
            for topic in topics {
                guard let count = counts[topic] else { continue }
                var lag: Int64 = 0
                for partition in 0..<Int32(count) {
                    let marks = try admin.watermarks(
                        of: TopicPartition(topic: topic, partition: partition), timeoutMilliseconds: timeout)
                    // What retention took before it was read is lost, and no lag.
                    lag += max(0, marks.high - max(positions[topic]?[partition] ?? 0, marks.low))
                }
                lags[topic] = lag
            }
            return lags
        } catch {
            call.terminal.say("lag is unknown: \(Explanation.text(of: error))")
            return [:]
        }
    }
}
