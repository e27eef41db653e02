import Digest
package import ParapluConnectors
package import ParapluModel
package import ParapluStore
package import Postgres

/// What two versions of a feed's connector make of the same journalled messages.
///
/// Reads only. A difference shows declared paths and values of canonical records: never a message's own text, and a small
/// count that is suppressed in one is in the other too.
package struct ConnectorComparison: Sendable {
    /// How one message fares.
    package enum Change: String, CaseIterable, Sendable {
        /// Both take it, and make other records of it.
        case different
        case nowRefused = "now_refused"
        case nowAccepted = "now_accepted"
        /// Both refuse it, for other reasons.
        case refusedOtherwise = "refused_otherwise"
    }

    /// One message that fares differently.
    package struct Difference: Hashable, Sendable {
        /// Where the message stands in Kafka, or in a stream of our own.
        package let place: MessagePlace
        /// How it fares under the new version, compared with the old one.
        package let change: Change
        /// What the old version gives and the new one doesn't (`-`), and the other way round (`+`).
        package let lines: [String]
    }

    /// The feed whose messages were compared.
    package let feed: FeedID
    /// The versions, in hexadecimal digits; nil where that side doesn't have the feed.
    package let oldVersion: String?
    /// The new version, in hexadecimal digits; nil where the feed isn't read any more.
    package let newVersion: String?
    /// The messages that were read and compared.
    package private(set) var compared = 0
    /// Messages of which nothing is kept.
    package private(set) var notKept = 0
    /// How many messages fare differently, by how; a kind that didn't occur is left out.
    package private(set) var changes: [Change: Int] = [:]
    /// How many messages are now refused, by code.
    package private(set) var refusals: [RejectionCode: Int] = [:]
    /// The first differences, the newest messages first.
    package private(set) var differences: [Difference] = []

    /// The most differences that are shown of a feed, and the most lines of each.
    package static let differencesMax = 5
    /// The most lines that are shown of one difference.
    package static let linesMax = 40

    /// How many of the compared messages fare the same under both versions.
    package var same: Int { compared - changes.values.reduce(0, +) }
    /// Whether anything would change: messages fare differently, or the feed isn't read any more.
    package var isChanged: Bool { !changes.isEmpty || newVersion == nil }

    /// Compares what two connectors make of the latest messages of their feed.
    ///
    /// - Parameters:
    ///   - old, new: One of them may be nil: then there is nothing to compare.
    ///   - limit: How many messages are read at most.
    ///   - countMin: The smallest count of people that may be shown.
    ///   - progress: Is told now and then how many messages were read.
    package static func run(
        _ feed: FeedID, old: Connector?, new: Connector?, limit: Int, countMin: Int64, _ session: PostgresSession,
        progress: (Int) -> Void = { _ in }
    ) throws -> ConnectorComparison {
        var comparison = ConnectorComparison(
            feed: feed, oldVersion: old?.version.description, newVersion: new?.version.description)
        guard let old, let new, old.version != new.version else { return comparison }
        let decoder = MessageDecoder(countMin: countMin)
        var read = 0
        try JournalledMessages.forEachLatest(of: feed, limit: limit, session) { place, payload in
            read += 1
            if read % 500 == 0 { progress(read) }
            guard let payload else {
                comparison.notKept += 1
                return
            }
            let message = StoredMessage(value: payload.value, key: payload.key, frames: payload.headers)
            comparison.add(place, Reading(message, old, decoder), Reading(message, new, decoder))
        }
        return comparison
    }

    private init(feed: FeedID, oldVersion: String?, newVersion: String?) {
        self.feed = feed
        self.oldVersion = oldVersion
        self.newVersion = newVersion
    }

    private mutating func add(_ place: MessagePlace, _ old: Reading, _ new: Reading) {
        compared += 1
        guard old != new else { return }
        let change: Change
        switch (old.rejection, new.rejection) {
        case (nil, nil): change = .different
        case (nil, let rejection?):
            change = .nowRefused
            refusals[rejection.code, default: 0] += 1
        case (_?, nil): change = .nowAccepted
        case (_?, _?): change = .refusedOtherwise
        }
        changes[change, default: 0] += 1
        guard differences.count < ConnectorComparison.differencesMax else { return }
        let lines = Reading.difference(old.lines, new.lines)
        differences.append(
            Difference(place: place, change: change, lines: Array(lines.prefix(ConnectorComparison.linesMax))))
    }
}

/// What one connector makes of a message.
private struct Reading: Equatable {
    let rejection: Rejection?
    /// The canonical records' bytes.
    private let records: [[UInt8]]
    /// What a repeat of each is told by.
    private let identities: [ShortHash]

    init(_ message: StoredMessage, _ connector: Connector, _ decoder: MessageDecoder) {
        var buffer = IntakeBuffer()
        let intake = message.decode(connector, decoder, into: &buffer)
        rejection = intake.rejection
        records = buffer.records[intake.records].map { Array(buffer.bytes[$0.json]) }
        identities = buffer.records[intake.records].map { ShortHash($0.identity) }
    }

    /// Refusals are the same where they have the same codes at the same places, whatever each would accept.
    static func == (left: Reading, right: Reading) -> Bool {
        left.records == right.records && left.identities == right.identities
            && left.rejection?.violations.map(\.code) == right.rejection?.violations.map(\.code)
            && left.rejection?.violations.map(\.path) == right.rejection?.violations.map(\.path)
    }

    /// The lines of one reading that are missing in the other, both ways, in order.
    static func difference(_ old: [String], _ new: [String]) -> [String] {
        new.difference(from: old).map { change in
            switch change {
            case .remove(_, let line, _): "- " + line
            case .insert(_, let line, _): "+ " + line
            }
        }
    }

    /// A line for each value of the records, or each reason of the refusal.
    var lines: [String] {
        guard let rejection else {
            return zip(records, identities).enumerated().flatMap { index, record in
                ConnectorExamples.lines(record.0).map { "/records/\(index)\($0)" }
                    + ["/records/\(index) identity \(String(record.1.high, radix: 16))"]
            }
        }
        return rejection.violations.map { violation in
            "refused \(violation.code.rawValue)" + (violation.path.isEmpty ? "" : " at \(violation.path)")
        }
    }
}
