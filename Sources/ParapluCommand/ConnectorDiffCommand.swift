internal import Digest
internal import JSON
internal import ParapluConfiguration
internal import ParapluConnectors
internal import ParapluModel
internal import ParapluPipeline
internal import ParapluRules
internal import ParapluStore
internal import Postgres

extension Command {
    private static let feed = Option("feed", "FEED", "only this feed")
    private static let limit = Option("limit", "N", "the newest so many messages of each feed (default: 1000)")

    /// The command `paraplu connector diff`.
    static let connectorDiff = Command(
        "connector diff", operands: "[OLD] NEW", 1...2,
        summary: "replay journalled messages through two versions, and show what would change",
        details: """
            OLD and NEW are directories of connectors, or the folders of one feed; without OLD, what is in force is
            compared with NEW. The newest messages of each feed whose bytes are kept are read, applied and refused alike;
            nothing is written. Lines show declared paths and canonical values, - of the old and + of the new version. Exit
            code 1 where something would change.
            """,
        example: "paraplu connector diff connectors/jenv/voortgang --limit 5000", options: [feed, limit]
    ) { call in
        let count = try call.number(limit, in: 1...1_000_000) ?? 1000
        let new = try ConnectorSide(directory: call.operands[call.operands.count - 1])
        let given = call.operands.count == 2 ? try ConnectorSide(directory: call.operands[0]) : nil
        let countMin = try call.services.configuration().countMin
        let comparisons = try call.services.withDatabase { session in
            defer { call.terminal.endProgress() }
            let old = try given ?? ConnectorSide(active: try ConnectorStore.active(session))
            return try ConnectorSide.feeds(old, new, only: call[feed]).map { feed in
                try ConnectorComparison.run(
                    feed, old: old[feed], new: new[feed], limit: count, countMin: countMin, session
                ) { call.terminal.progress("\(feed): \($0) messages") }
            }
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.list("feeds", comparisons) { comparison, json in json.object { comparison.write(in: &$0) } }
                })
        } else {
            show(comparisons, call.terminal)
        }
        let changed = comparisons.count { $0.isChanged }
        call.terminal.say(
            changed == 0
                ? "nothing would change"
                : "\(changed) of \(comparisons.count) feeds would change")
        return changed == 0 ? .done : .failed
    }

    private static func show(_ comparisons: [ConnectorComparison], _ terminal: Terminal) {
        var table = Table(columns: [
            .init("FEED"), .init("READ", isRight: true), .init("SAME", isRight: true),
            .init("DIFFERENT", isRight: true), .init("NOW REFUSED", isRight: true),
            .init("NOW ACCEPTED", isRight: true), .init("REFUSED OTHERWISE", isRight: true),
            .init("NOT KEPT", isRight: true), .init("NOTE"),
        ])
        for comparison in comparisons {
            var cells = [comparison.feed.rawValue, String(comparison.compared), String(comparison.same)]
            cells += ConnectorComparison.Change.allCases.map { String(comparison.changes[$0] ?? 0) }
            table.add(cells + [String(comparison.notKept), comparison.note])
        }
        terminal.print(table)
        for comparison in comparisons {
            for (code, count) in comparison.refusals.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                terminal.print("\n\(comparison.feed): \(count) now refused with \(code.rawValue)\n")
            }
            for difference in comparison.differences {
                let change = difference.change.rawValue.replacing("_", with: " ")
                terminal.print("\n\(difference.place): \(change)\n")
                for line in difference.lines { terminal.print("  \(line)\n") }
            }
        }
    }
}

extension ConnectorComparison {
    /// Why nothing was compared; empty where it was.
    fileprivate var note: String {
        switch (oldVersion, newVersion) {
        case (nil, _): "new feed"
        case (_, nil): "gone"
        case (let old?, let new?): old == new ? "same version" : ""
        }
    }

    /// The members of one feed's comparison as JSON.
    fileprivate func write(in json: inout JSONWriter) {
        json.text("feed", feed.rawValue)
        json.text("old_version", oldVersion)
        json.text("new_version", newVersion)
        json.flag("changed", isChanged)
        json.number("read", compared)
        json.number("same", same)
        json.number("different", changes[.different] ?? 0)
        json.number("now_refused", changes[.nowRefused] ?? 0)
        json.number("now_accepted", changes[.nowAccepted] ?? 0)
        json.number("refused_otherwise", changes[.refusedOtherwise] ?? 0)
        json.number("not_kept", notKept)
        json.list("refusals", refusals.sorted { $0.key.rawValue < $1.key.rawValue }) { refusal, json in
            json.object { json in
                json.text("code", refusal.key.rawValue)
                json.number("count", refusal.value)
            }
        }
        json.list("differences", differences) { difference, json in
            json.object { json in
                json.text("topic", difference.place.topic)
                json.number("partition", difference.place.partition)
                json.number("offset", difference.place.offset)
                json.text("change", difference.change.rawValue)
                json.texts("lines", difference.lines)
            }
        }
    }
}

/// One side of a comparison: the connectors of a directory, the one of a folder, or those in force.
private struct ConnectorSide {
    private let connectors: [FeedID: Connector]
    /// Whether it is the folder of one feed, so that the others are not meant.
    private let isOneFeed: Bool

    subscript(feed: FeedID) -> Connector? { connectors[feed] }

    /// - Throws: `InputError` where there is no connector, or one that can't be used.
    init(directory: String) throws {
        guard FileBytes.isDirectory(directory) else { throw InputError("\(directory): there is no such directory") }
        let scope = Connectors.Scope(directory)
        let made: [Connector]
        let findings: [Finding]
        if let folder = scope.folder {
            let file = folder + "/connector.yaml"
            let one = Connector.make(
                file: file, bytes: try FileBytes.read(file, bytesMax: Connector.definitionBytesMax))
            (made, findings) = (one.connector.map { [$0] } ?? [], one.findings)
        } else {
            let all = ConnectorCatalog.load(directory: scope.root)
            (made, findings) = (all.catalog.connectors, all.findings)
        }
        guard !made.isEmpty, findings.isEmpty else {
            throw InputError(
                findings.isEmpty
                    ? "there is no connector in \(directory)"
                    : "the connectors have problems\n" + findings.map(\.description).joined(separator: "\n"))
        }
        connectors = Dictionary(made.map { ($0.feed, $0) }, uniquingKeysWith: { first, _ in first })
        isOneFeed = scope.folder != nil
    }

    /// - Throws: `CommandFailure` where this program can't use what is in force.
    init(active: ConnectorStore.Active) throws {
        var connectors: [FeedID: Connector] = [:]
        for definition in active.definitions.values {
            let made = Connector.make(file: definition.feed.rawValue, bytes: Array(definition.text.utf8))
            guard let connector = made.connector else {
                throw CommandFailure(
                    "the connector in force of \(definition.feed) is of another version of this program")
            }
            connectors[definition.feed] = connector
        }
        self.connectors = connectors
        isOneFeed = false
    }

    /// The feeds that are compared, in order.
    ///
    /// - Throws: `InputError` where neither side has the feed that is asked for.
    static func feeds(_ old: ConnectorSide, _ new: ConnectorSide, only name: String?) throws -> [FeedID] {
        var feeds = Set(old.connectors.keys).union(new.connectors.keys)
        if new.isOneFeed { feeds = Set(new.connectors.keys) }
        if let name {
            feeds = feeds.filter { $0.rawValue == name }
            guard !feeds.isEmpty else { throw InputError("there is no feed \(name) in what is compared") }
        }
        return feeds.sorted()
    }
}
