internal import JSON
internal import ParapluModel
internal import ParapluStore

/// What differs between the status of an earlier day and now.
struct StatusChanges {
    /// One member of one subject that has another value now.
    struct Change {
        let subject: Subject
        let title: String
        let note: String
        let member: String
        /// Nil where the subject had no status then.
        let old: String?
        let new: String
    }

    let since: CalendarDate
    let watermark: StatusReader.Watermark
    private(set) var changes: [Change] = []

    init(from old: StatusReader.Picture, to new: StatusReader.Picture, since: CalendarDate) {
        self.since = since
        watermark = new.watermark
        let rollups = Dictionary(old.rollups.map { ($0.subject, $0) }, uniquingKeysWith: { first, _ in first })
        for rollup in new.rollups {
            let before = rollups[rollup.subject]
            for (member, value) in [("rating", \StatusReader.Rollup.rating), ("lifecycle", \.lifecycle)] {
                add(
                    rollup.subject, rollup.titleNL, "", member, before.map { $0[keyPath: value] ?? "–" },
                    rollup[keyPath: value])
            }
        }
        let actions = Dictionary(old.actions.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for action in new.actions {
            let before = actions[action.id].map(StatusChanges.members)
            for (index, (member, value)) in StatusChanges.members(of: action).enumerated() {
                add(.action(action.id), action.titleNL, action.displayNoteNL, member, before?[index].value, value)
            }
        }
    }

    private static func members(of action: StatusReader.Action) -> [(name: String, value: String)] {
        [
            ("lifecycle", action.lifecycle ?? "–"), ("rating", action.rating ?? "–"),
            ("data_state", action.dataState ?? "–"), ("holder", action.holder?.rawValue ?? "–"),
            ("flags", action.flags.isEmpty ? "–" : action.flags.joined(separator: " ")),
        ]
    }

    private mutating func add(
        _ subject: Subject, _ title: String, _ note: String, _ member: String, _ old: String?, _ new: String?
    ) {
        let new = new ?? "–"
        guard old != new, old != nil || new != "–" else { return }
        changes.append(
            Change(subject: subject, title: title, note: note, member: member, old: old, new: new))
    }

    func show(_ call: Invocation) {
        if call.isJSON {
            call.terminal.print(json: json)
            return
        }
        var table = Table(columns: [
            .init("SUBJECT"), .init("TITLE", isFlexible: true), .init(""), .init("WHAT"), .init("THEN"), .init("NOW"),
        ])
        let notes = changes.reduce(into: [String]()) { notes, change in
            if !change.note.isEmpty, !notes.contains(change.note) { notes.append(change.note) }
        }
        for change in changes {
            let isRating = change.member == "rating"
            table.add([
                .init(change.subject.description), .init(change.title),
                .init(notes.firstIndex(of: change.note).map { "[\($0 + 1)]" } ?? "", .faint), .init(change.member),
                isRating ? StatusTable.rating(change.old ?? "–") : .init(change.old ?? "–"),
                isRating ? StatusTable.rating(change.new) : .init(change.new),
            ])
        }
        if changes.isEmpty {
            call.terminal.say("nothing changed since \(since)")
        } else {
            call.terminal.print(table)
            for (index, note) in notes.enumerated() {
                call.terminal.print("\(index == 0 ? "\n" : "")[\(index + 1)] \(note)\n")
            }
        }
        call.terminal.print("\nup to commit \(watermark.commit), recorded at \(watermark.recordedAt)\n")
    }

    private var json: [UInt8] {
        JSONWriter.object { json in
            StatusJSON.write(watermark, in: &json)
            json.text("since", since.description)
            json.list("changes", changes) { change, json in
                json.object { json in
                    json.text("subject", change.subject.description)
                    json.text("title_nl", change.title)
                    json.text("display_note_nl", change.note)
                    json.text("member", change.member)
                    json.text("old", change.old)
                    json.text("new", change.new)
                }
            }
        }
    }
}
