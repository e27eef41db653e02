internal import ParapluModel
internal import ParapluStore
internal import Postgres

/// How decisions on refused messages say which ones are meant.
extension Option {
    static let quarantineSelection: [Option] = [feed, code, connectorVersion, since, until, limit]

    private static let feed = Option("feed", "FEED", "those of this feed")
    private static let code = Option("code", "CODE", "those with this code, such as unknown_code")
    private static let connectorVersion = Option(
        "connector-version", "DIGITS", "those that this version of the connector refused: its first digits, 4 at least")
    private static let since = Option("since", "MOMENT", "those recorded on that day or later; a day or a moment")
    private static let until = Option("until", "MOMENT", "those recorded by the end of that day; a day or a moment")
    private static let limit = Option("limit", "N", "at most so many, in order of commit (default: 1000)")
}

extension Invocation {
    /// The most refused messages that one call decides on.
    static let quarantineLimits = 1...10_000

    /// How many messages the call decides on at most.
    func quarantineLimit() throws(UsageError) -> Int {
        let option = Option("limit", "N", "")
        return try number(option, in: Invocation.quarantineLimits) ?? 1000
    }

    /// The refused messages that operands name or options select.
    ///
    /// - Throws: `UsageError` where nothing is selected, or not in a form that can be read.
    func quarantineChoice() throws(UsageError) -> QuarantineChoice {
        let options = Dictionary(
            Option.quarantineSelection.map { ($0.name, self[$0]) }, uniquingKeysWith: { first, _ in first }
        ).compactMapValues { $0 }
        let isSelected = options.keys.contains { $0 != "limit" }
        guard operands.isEmpty || !isSelected else {
            throw UsageError("messages are named one by one, or selected by options, not both")
        }
        guard isSelected || !operands.isEmpty else {
            throw UsageError(
                "nothing is selected: name messages as TOPIC:PARTITION:OFFSET, or give --feed, --code,"
                    + " --connector-version, --since or --until")
        }
        var choice = QuarantineChoice()
        for text in operands { choice.places.append(try MessagePlace(written: text)) }
        choice.feed = options["feed"]
        choice.code = try code(options["code"])
        choice.version = try version(options["connector-version"])
        choice.since = try moment("since", options["since"])
        choice.until = try moment("until", options["until"])
        return choice
    }

    private func code(_ text: String?) throws(UsageError) -> String? {
        guard let text else { return nil }
        guard RejectionCode(rawValue: text) != nil else { throw UsageError("there is no code “\(text)” (--code)") }
        return text
    }

    private func version(_ text: String?) throws(UsageError) -> String? {
        guard let text else { return nil }
        let digits = text.lowercased()
        guard (QuarantineSelection.versionDigitsMin...64).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { throw UsageError("--connector-version takes the first digits of a connector's version, 4 at least") }
        return digits
    }

    private func moment(_ name: String, _ text: String?) throws(UsageError) -> QuarantineChoice.Moment? {
        guard let text else { return nil }
        if let day = CalendarDate(text) { return .day(day) }
        guard let moment = Timestamp(rfc3339: text.utf8) else {
            throw UsageError("--\(name) takes a day such as 2026-06-30, or a moment such as 2026-06-30T12:00:00Z")
        }
        return .moment(moment)
    }
}

/// Which refused messages are meant, as the command line says it.
struct QuarantineChoice: Sendable {
    enum Moment: Sendable {
        case day(CalendarDate)
        case moment(Timestamp)
    }

    var places: [MessagePlace] = []
    var feed: String?
    var code: String?
    var version: String?
    var since: Moment?
    var until: Moment?

    /// The selection, with the named messages looked up: each once, in order of commit.
    ///
    /// - Throws: `InputError` where no message was refused at a place.
    func selection(_ session: PostgresSession) throws -> QuarantineSelection {
        var selection = QuarantineSelection()
        if !places.isEmpty {
            var found: Set<QuarantinedMessage> = []
            for place in places {
                guard let message = try Quarantine.message(at: place, session) else {
                    throw InputError("no message was refused at \(place)")
                }
                found.insert(message)
            }
            selection.messages = found.sorted {
                ($0.commit, $0.stream, $0.position) < ($1.commit, $1.stream, $1.position)
            }
        }
        selection.feed = feed
        selection.code = code
        selection.version = version
        selection.since = try moment(since, session, isEnd: false)
        selection.until = try moment(until, session, isEnd: true)
        return selection
    }

    /// The moment, or the beginning of that day in Amsterdam, or of the next one.
    private func moment(_ moment: Moment?, _ session: PostgresSession, isEnd: Bool) throws -> Timestamp? {
        switch moment {
        case nil: return nil
        case .moment(let moment): return moment
        case .day(let day):
            let last = try StatusReader.end(of: isEnd ? day : day.adding(days: -1), session)
            return Timestamp(microsecondsSince2000: last.microsecondsSince2000 + 1)
        }
    }
}
