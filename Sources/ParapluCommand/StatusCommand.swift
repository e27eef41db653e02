internal import JSON
internal import ParapluModel
internal import ParapluStore
internal import Postgres

extension Command {
    private static let since = Option("since", "DATE", "only what changed since the end of that day, old and new")
    private static let validOn = Option("valid-on", "DATE", "the status of that day (default: today)")
    private static let knownOn = Option(
        "known-on", "MOMENT", "as it was known then: 2026-03-01T12:00:00Z, or a day, meaning its end (default: now)")

    /// The command `paraplu status`.
    static let status = Command(
        "status", operands: "[SUBJECT]", 0...1, summary: "show the consolidated status",
        details: """
            The programme and its goals, then each action line with its actions. SUBJECT is programme, goal/…, line/…,
            action/…, or an action's id or code. A mark behind a title (¹) leads to the note that must be shown with it. The
            colours counted are those of active actions, from which the colour follows; policy, legislation and regional
            items have a row of their own (apart). Stale data are GRIJS, with the last known colour behind it.
            """,
        example: "paraplu status line/line-1 --valid-on 2026-06-30 --known-on 2026-07-15",
        options: [since, validOn, knownOn]
    ) { call in
        let isAsOf = call.has(validOn) || call.has(knownOn)
        if isAsOf, call.has(since) { throw UsageError("--since goes without --valid-on and --known-on") }
        let day = try call.date(validOn)
        let sinceDay = try call.date(since)
        return try call.services.withDatabase { session in
            let now = try StatusReader.current(session)
            let selection = try StatusSelection(call.operands.first, now)
            if let sinceDay {
                let moment = try StatusReader.end(of: sinceDay, session)
                let then = try StatusReader.asOf(validOn: sinceDay, knownOn: moment, session)
                StatusChanges(from: selection.picture(then), to: selection.picture(now), since: sinceDay).show(call)
                return .done
            }
            var picture = now
            if isAsOf {
                let known = try call.moment(knownOn, session) ?? now.watermark.recordedAt
                let valid = try day ?? StatusReader.today(session)
                picture = try StatusReader.asOf(validOn: valid, knownOn: known, session)
            }
            let shown = selection.picture(picture)
            if call.isJSON {
                call.terminal.print(json: StatusJSON.bytes(of: shown))
            } else {
                StatusTable(shown).show(call)
            }
            return .done
        }
    }
}

extension Invocation {
    /// The value of an option as a calendar day, or nil where it isn't given.
    func date(_ option: Option) throws(UsageError) -> CalendarDate? {
        guard let text = self[option] else { return nil }
        guard let date = CalendarDate(text) else {
            throw UsageError("--\(option.name) takes a day such as 2026-06-30")
        }
        return date
    }

    /// The value of an option as a moment, or the end of a day; nil where it isn't given.
    fileprivate func moment(_ option: Option, _ session: PostgresSession) throws -> Timestamp? {
        guard let text = self[option] else { return nil }
        if let day = CalendarDate(text) { return try StatusReader.end(of: day, session) }
        guard let moment = Timestamp(rfc3339: text.utf8) else {
            throw UsageError("--\(option.name) takes a moment such as 2026-03-01T12:00:00Z, or a day")
        }
        return moment
    }
}
