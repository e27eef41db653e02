internal import JSON
internal import ParapluModel
internal import ParapluRules
internal import ParapluStore

extension Command {
    private static let freezeOn = Option(
        "freeze-on", "DATE", "the last day on which a report is on time (default: as planned, or 15 days after its day)"
    )
    private static let roundAsOf = Option(
        "as-of", "DATE",
        "the day of which the round speaks (default: as planned, or as far after the last one's as the plan's cadence)"
    )
    private static let label = Option("label", "TEXT", "what people call it (default: as planned, else its id)")
    private static let letter = Option(
        "letter", "NUMBER", "the letter to Parliament, such as 28638-257 (default: as planned)")

    private static let signedOffBy = Option(
        "signed-off-by", "ORGANISATION",
        "who signs it off, by its id in the plan (default: the programme's coordinator)")

    /// The command `paraplu round list`.
    static let roundList = Command(
        "round list", summary: "show the reporting rounds, and how complete they were",
        details:
            "The counts are those of the day on which a round was frozen; paraplu round show has them by organisation.",
        example: "paraplu round list"
    ) { call in
        let rounds = try call.services.withDatabase { session in
            try RoundStore.list(session).map { ($0, try RoundReader.completeness(of: $0.id, session)) }
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.list("rounds", rounds) { round, json in
                        json.object { json in
                            round.0.write(in: &json)
                            write(round.1, in: &json)
                        }
                    }
                })
            return .done
        }
        var table = Table(columns: [
            .init("ROUND"), .init("LABEL", isFlexible: true), .init("AS OF"), .init("FREEZE ON"), .init("LETTER"),
            .init("FROZEN AT"), .init("EXPECTED", isRight: true), .init("ON TIME", isRight: true),
            .init("LATE", isRight: true), .init("MISSING", isRight: true),
        ])
        for (round, completeness) in rounds {
            let counts = [\.expected, \.onTime, \.late, \.missing] as [KeyPath<RoundReader.Completeness, Int32>]
            table.add(
                [
                    round.id.rawValue, round.label, round.asOf.description, round.freezeOn.description,
                    round.letter ?? "–", round.frozen?.at.description ?? "open",
                ].map { Table.Cell($0) }
                    + counts.map { count in
                        Table.Cell(
                            round.isFrozen ? String(completeness.reduce(0) { $0 + $1[keyPath: count] }) : "–")
                    })
        }
        call.terminal.print(table)
        return .done
    }

    /// The command `paraplu round open`.
    static let roundOpen = Command(
        "round open", operands: "ROUND", 1...1, summary: "open the next reporting round",
        details: """
            A ROUND that the plan's calendar has (reporting_rounds) is opened as it stands there. Any other is an id of
            your own, such as round-2026-2: rounds follow each other by their days, as far apart as the plan's cadence
            (programme.reporting.cadence_months, else six months) unless --as-of says otherwise. Who opened it and why is kept in the journal.
            """,
        example: "paraplu round open round-2026-2 --as-of 2026-11-15 --reason \"letter of December\"",
        options: [.reason, .actor, roundAsOf, freezeOn, label, letter, .dryRun]
    ) { call in
        let isDryRun = call.has(.dryRun)
        let draft = RoundStore.Draft(
            id: try round(call), label: call[label], asOf: try call.date(roundAsOf),
            freezeOn: try call.date(freezeOn), letter: call[letter])
        let reason = isDryRun ? "" : try call.required(.reason)
        let round = try call.services.withDatabase { session in
            try RoundStore.open(draft, actor: call.actor, reason: reason, isDryRun: isDryRun, session)
        }
        if call.isJSON { call.terminal.print(json: JSONWriter.object { round.write(in: &$0) }) }
        call.terminal.say(
            (isDryRun ? "dry run: nothing was changed; \(round.id) would be" : "\(round.id) is open:")
                + " of \(round.asOf), reports until \(round.freezeOn)")
        return .done
    }

    /// The command `paraplu round freeze`.
    static let roundFreeze = Command(
        "round freeze", operands: "ROUND", 1...1, summary: "take the snapshot of a round, for good",
        details: """
            Every subject's status on the round's day as known now, with a hash that the journal keeps, and which reports
            came in time. What is said later of that day is a correction: it changes no snapshot. Not before the round's
            last day for reports. --dry-run computes it, on any day, and keeps nothing.
            """,
        example: "paraplu round freeze round-2026-1 --reason \"steering group of 16 June\"",
        options: [signedOffBy, .reason, .actor, .dryRun]
    ) { call in
        let id = try round(call)
        guard !call.has(.dryRun) else {
            let preview = try call.services.withDatabase {
                try RoundFreeze.preview(id, $0)
            }
            report(id, hash: "\(preview.picture.hash)", subjects: preview.picture.subjects.count, commit: nil, call)
            call.terminal.say("dry run: nothing was changed")
            return .done
        }
        let reason = try call.required(.reason)
        let signer = try call[signedOffBy].map { name in
            guard let id = OrganisationID(name) else { throw InputError("“\(name)” is no organisation's id") }
            return id
        }
        let frozen = try call.services.withDatabase { session in
            try RoundFreeze.freeze(id, signer: signer, actor: call.actor, reason: reason, session)
        }
        report(id, hash: "\(frozen.hash)", subjects: Int(frozen.subjects), commit: frozen.commit, call)
        return .done
    }

    /// The command `paraplu round show`.
    static let roundShow = Command(
        "round show", operands: "ROUND", 1...1, summary: "show a frozen round, its completeness and its corrections",
        details: """
            The snapshot as it was frozen; MODIFIED says where something else is known of that day since. JSON has the
            corrections with what was and what is.
            """,
        example: "paraplu round show round-2026-1"
    ) { call in
        let id = try round(call)
        let (found, rows, completeness, corrections) = try call.services.withDatabase { session in
            guard let found = try RoundStore.list(session).first(where: { $0.id == id }) else {
                throw StoreError.unknown(kind: "round", name: id.rawValue)
            }
            return (
                found, try RoundReader.rows(of: id, session), try RoundReader.completeness(of: id, session),
                try RoundReader.corrections(of: id, session)
            )
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    found.write(in: &json)
                    write(completeness, in: &json)
                    json.list("subjects", rows) { row, json in json.object { row.write(in: &$0) } }
                    json.list("corrections", corrections) { correction, json in
                        json.object { correction.write(in: &$0) }
                    }
                })
            return .done
        }
        show(found, rows, completeness, corrections, call)
        return .done
    }

    private static func round(_ call: Invocation) throws -> RoundID {
        guard let id = RoundID(call.operands[0]) else { throw InputError("“\(call.operands[0])” is no round's id") }
        return id
    }

    private static func report(_ id: RoundID, hash: String, subjects: Int, commit: Int64?, _ call: Invocation) {
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.text("round_id", id.rawValue)
                    json.number("commit", commit)
                    json.number("subjects", subjects)
                    json.text("hash", hash)
                })
        }
        call.terminal.say("\(id): \(subjects) subjects, hash \(hash)" + (commit.map { ", commit \($0)" } ?? ""))
    }

    private static func show(
        _ round: RoundStore.Round, _ rows: [RoundReader.Row], _ completeness: [RoundReader.Completeness],
        _ corrections: [RoundReader.Correction], _ call: Invocation
    ) {
        var head = Table(columns: [.init(""), .init("")], hasHeader: false)
        head.add(["round", "\(round.id): \(round.label)"])
        head.add(["as of", round.asOf.description])
        head.add(["reports until", round.freezeOn.description])
        head.add(["letter", round.letter ?? "–"])
        head.add(["frozen at", round.frozen?.at.description ?? "still open"])
        if let frozen = round.frozen {
            head.add(["hash", "\(frozen.hash)"])
            head.add(["signed off by", frozen.signer?.rawValue ?? "–"])
        }
        call.terminal.print(head)
        guard round.isFrozen else { return }
        var reports = Table(columns: [
            .init("ORGANISATION"), .init("EXPECTED", isRight: true), .init("ON TIME", isRight: true),
            .init("LATE", isRight: true), .init("MISSING", isRight: true),
        ])
        for row in completeness {
            reports.add([
                row.organisation.rawValue, String(row.expected), String(row.onTime), String(row.late),
                String(row.missing),
            ])
        }
        call.terminal.print("\n")
        call.terminal.print(reports)
        var subjects = Table(columns: [
            .init("SUBJECT"), .init("LIFECYCLE"), .init("RATING"), .init("DATA STATE"), .init("AS OF"),
            .init("MODIFIED"),
        ])
        for row in rows {
            subjects.add([
                .init(row.subject), .init(row.lifecycle ?? "–"),
                StatusTable.rating(row.rating, lastKnown: row.lastKnownRating),
                .init(row.dataState ?? "–"), .init(row.asOf?.description ?? "–"),
                .init(row.isModifiedSince ? "since" : "–"),
            ])
        }
        call.terminal.print("\n")
        call.terminal.print(subjects)
        call.terminal.say("\(corrections.count) corrections since; --output json has them")
    }

    private static func write(_ completeness: [RoundReader.Completeness], in json: inout JSONWriter) {
        json.list("completeness", completeness) { row, json in
            json.object { json in
                json.text("organisation_id", row.organisation.rawValue)
                json.number("expected", row.expected)
                json.number("on_time", row.onTime)
                json.number("late", row.late)
                json.number("missing", row.missing)
            }
        }
    }
}

extension RoundStore.Round {
    /// The members of a round as JSON.
    func write(in json: inout JSONWriter) {
        json.text("round_id", id.rawValue)
        json.text("label", label)
        json.text("as_of", asOf.description)
        json.text("freeze_on", freezeOn.description)
        json.text("letter", letter)
        json.text("frozen_at", frozen?.at.description)
        json.text("hash", frozen.map { "\($0.hash)" })
        json.number("subjects_total", frozen?.subjects)
        json.text("signed_off_by", frozen?.signer?.rawValue)
    }
}

extension RoundReader.Row {
    /// The members of a frozen status as JSON.
    func write(in json: inout JSONWriter) {
        json.text("subject", subject)
        json.text("lifecycle", lifecycle)
        json.text("rating", rating)
        json.text("last_known_rating", lastKnownRating)
        json.text("data_state", dataState)
        json.text("as_of", asOf?.description)
        json.flag("modified_since", isModifiedSince)
    }
}

extension RoundReader.Correction {
    /// The members of a correction as JSON.
    func write(in json: inout JSONWriter) {
        json.text("action_id", action.rawValue)
        json.text("recorded_at", recordedAt.description)
        json.member("before")
        json.raw(before)
        json.member("after")
        json.raw(after)
    }
}

extension RoundStore.Refusal: CustomStringConvertible {
    /// Why it can't be, and what can be done.
    package var description: String {
        switch self {
        case .exists(let id): "there is a round \(id) already; see paraplu round list"
        case .noDay: "the first round needs its day: --as-of, or a plan that has the round in its calendar"
        case .notAfter(let last): "the round's day must be after that of \(last.id), \(last.asOf)"
        case .freezeBefore(let asOf): "--freeze-on is before the day of which the reports speak, \(asOf)"
        case .frozen(let round): "\(round.id) is frozen; what is said later of its day is a correction"
        case .earlierOpen(let earlier): "\(earlier.id) is still open: freeze it first"
        case .future(let today): "the round's day hasn't come; today is \(today)"
        case .beforeFreeze(let round, let today):
            "\(round.id) takes reports until \(round.freezeOn), and today is \(today): freeze it from that day on; --dry-run"
                + " shows it as it is now"
        case .signer(let id, let today):
            "--signed-off-by names \(id), and the plan has no such organisation on \(today); see paraplu organisation list"
        }
    }
}
