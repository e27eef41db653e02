/// Reads the scenario's script: paragraphs, each with a day and what happens on it, and indented lines below.
///
/// The head of Tests/Scenario/script.txt says what may stand in it.
struct ScenarioScript {
    /// A line that can't be read.
    struct Malformed: Error {
        let words: String
    }

    var scenario: Scenario { Scenario(steps: steps, questions: questions) }
    private var steps: [Scenario.Step] = []
    private var questions: [Scenario.Question] = []
    /// How many messages each organisation sent.
    private var sent: [String: Int] = [:]
    /// What an organisation said of a day, to be sent again.
    private var said: [String: [Scenario.Message]] = [:]

    init(_ text: String) throws {
        var head: [Substring] = []
        var below: [[Substring]] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard !line.hasPrefix("#") else { continue }
            let words = line.split(separator: " ")
            if line.hasPrefix(" ") {
                below.append(words)
                continue
            }
            if !head.isEmpty { try take(head, below) }
            (head, below) = (words, [])
        }
        if !head.isEmpty { try take(head, below) }
    }

    private mutating func take(_ head: [Substring], _ below: [[Substring]]) throws {
        let words = head.map(String.init)
        if words[0] == "ask", words.count > 4, words[2] == "known" {
            questions.append(
                Scenario.Question(
                    validOn: words[1], knownOn: String(words[3].dropLast()),
                    words: words[4...].joined(separator: " ")))
            return
        }
        guard words.count >= 2 else { throw Malformed(words: words.joined(separator: " ")) }
        let event: Scenario.Event
        switch (words[1], words.count) {
        case ("plan", 3):
            event = .plan(Scenario.PlanVersion(name: words[2], edits: try below.map { try edit($0) }))
        case ("round", 8):
            event = .open(Scenario.Round(id: words[3], asOf: words[5], freezeOn: words[7]))
        case ("round", 4): event = .freeze(round: words[3])
        case ("office", 2): event = .decisions(try below.map { try decision(on: words[0], $0) })
        case (_, 4...): event = .messages(try messages(words, below))
        default: throw Malformed(words: words.joined(separator: " "))
        }
        steps.append(Scenario.Step(day: words[0], event: event))
    }

    private func edit(_ words: [Substring]) throws -> Scenario.PlanVersion.Edit {
        switch words.count {
        case 3 where words[2] == "absent":
            return Scenario.PlanVersion.Edit(kind: String(words[0]), id: String(words[1]), change: nil)
        case 3 where words[0] == "rules":
            return Scenario.PlanVersion.Edit(kind: "rules", id: "", change: (String(words[1]), String(words[2])))
        case 4:
            return Scenario.PlanVersion.Edit(
                kind: String(words[0]), id: String(words[1]), change: (String(words[2]), String(words[3])))
        default: throw Malformed(words: words.joined(separator: " "))
        }
    }

    private func decision(on day: String, _ line: [Substring]) throws -> Scenario.Decision {
        var words = line.map(String.init)
        var refusal: String?
        if words.count > 2, words[words.count - 2] == "but" {
            refusal = words.removeLast()
            words.removeLast()
        }
        switch (words[0], words.count) {
        case ("accept", 2...3), ("refuse", 2...3):
            return Scenario.Decision(
                day: day, action: words[1], verdict: words[0] == "accept" ? .accept : .refuse,
                milestone: words.count > 2 ? words[2] : nil, party: nil, refusal: refusal)
        case ("rule", 5...6):
            guard let verdict = Scenario.Decision.Verdict(rawValue: words[words.count - 1]) else {
                throw Malformed(words: words.joined(separator: " "))
            }
            return Scenario.Decision(
                day: day, action: words[1], verdict: verdict, milestone: words.count > 5 ? words[3] : nil,
                party: words[2], refusal: refusal)
        default: throw Malformed(words: words.joined(separator: " "))
        }
    }

    // MARK: Messages

    private mutating func messages(_ head: [String], _ below: [[Substring]]) throws -> [Scenario.Message] {
        let (day, reporter, asOf) = (head[0], head[1], head[3])
        let slot = reporter + " " + asOf
        if head.last == "again" {
            return (said[slot] ?? []).map { message in
                Scenario.Message(
                    id: message.id, reporter: reporter, kind: message.kind, subject: message.subject, asOf: asOf,
                    writtenOn: message.writtenOn, isRepeat: true, members: message.members)
            }
        }
        let writtenOn = head.count == 6 && head[4] == "written" ? head[5] : day
        let messages = try below.map { line in
            let number = (sent[reporter] ?? 0) + 1
            sent[reporter] = number
            let (kind, members) = try Self.content(line.dropFirst().map(String.init))
            return Scenario.Message(
                id: "\(reporter)-\(number)", reporter: reporter, kind: kind, subject: String(line[0]), asOf: asOf,
                writtenOn: writtenOn, isRepeat: false, members: members)
        }
        said[slot, default: []] += messages
        return messages
    }

    /// The kind that the words behind an action are of, and what they say.
    private static func content(_ words: [String]) throws -> (kind: String, members: [(name: String, value: String)]) {
        func quoted(_ text: String) -> String { "\"\(text)\"" }
        guard let first = words.first else { throw Malformed(words: "nothing is said") }
        switch first {
        case "nothing": return ("nothing.reported", [])
        case "withdraw" where words.count >= 2:
            let item = words.count > 2 ? [(name: "item", value: quoted(words[2]))] : []
            return ("withdrawal", [(name: "withdraws", value: quoted(words[1]))] + item)
        case "figure" where words.count == 5:
            let value = Int(words[3]).map { [(name: "value", value: String($0))] } ?? []
            return (
                "indicator.observed",
                [(name: "unit", value: quoted(words[1])), (name: "period", value: quoted(words[2]))] + value + [
                    (name: "flag", value: quoted(value.isEmpty ? words[3] : "OK")),
                    (name: "stage", value: quoted(words[4])),
                ]
            )
        case "risk" where words.count == 4:
            return (
                "risk.reported",
                [
                    (name: "risk", value: quoted(words[1])), (name: "level", value: quoted(words[2])),
                    (name: "status", value: quoted(words[3])),
                ]
            )
        case "milestone" where words.count == 3 || words.count == 5:
            var members = [(name: "milestone", value: quoted(words[1])), (name: "status", value: quoted(words[2]))]
            if words.count == 5 {
                members.append((name: words[3] == "due" ? "current_due" : "reached_on", value: quoted(words[4])))
            }
            return ("milestone.reported", members)
        case _ where words.count >= 2:
            var reasons = words[2...].map(quoted)
            var members = [(name: "lifecycle", value: quoted(first)), (name: "rating", value: quoted(words[1]))]
            var document: String?
            if words.count > 3, words[words.count - 2] == "document" {
                document = reasons.removeLast()
                reasons.removeLast()
            }
            if !reasons.isEmpty { members.append((name: "reasons", value: "[" + reasons.joined(separator: ",") + "]")) }
            if let document { members.append((name: "document", value: document)) }
            return ("progress.reported", members)
        default: throw Malformed(words: words.joined(separator: " "))
        }
    }
}
