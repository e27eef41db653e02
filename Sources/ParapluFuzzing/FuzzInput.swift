package import ParapluConnectors

/// One input of a run: known from its format, the run's seed and its number.
package struct FuzzInput {
    /// The feed that the message is for, one of the format's.
    package let feed: FuzzFeed
    /// The message to be decoded: out of a seed or the feed's grammar, its value then mutated up to six times.
    package let message: StoredMessage

    /// An address that every message holding it must be refused for, wherever it stands: no field may have it.
    package static let marker = Array("jan@voorbeeld.nl".utf8)

    package init(_ format: FuzzFormat, corpus: FuzzCorpus, seed: UInt64, number: UInt64) {
        var random = FuzzRandom(seed: seed, input: number)
        let feed = random.one(of: corpus.feeds(format))
        let mutator = FuzzMutator(format: format, feed: feed)
        let grammar = FuzzGrammar(format: format, feed: feed, mutator: mutator)
        let origin = random.one(of: feed.seeds)
        var value = random.once(in: 3) ? grammar.make(&random) : origin.value ?? []
        for _ in 0..<random.length(upTo: 6) { mutator.mutate(&value, &random) }
        var key = origin.key
        if random.once(in: 20) { key = random.once(in: 2) ? nil : mutator.token(&random) }
        var headers = origin.headers
        if random.once(in: format == .cloudevents ? 3 : 20) { headers = grammar.headers(&random) }
        self.feed = feed
        message = StoredMessage(value: random.once(in: 500) ? nil : value, key: key, frames: headers)
    }

    /// Everything of the message in hexadecimal, a line each.
    package var description: String {
        func hex(_ bytes: [UInt8]?) -> String {
            guard let bytes else { return "none" }
            return bytes.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
        }
        return
            "feed \(feed.name)\nvalue \(hex(message.value))\nkey \(hex(message.key))\nheaders \(hex(message.headers))"
    }
}
