internal import Foundation
package import Postgres

/// Two scripted years of the whole reference plan: who says what on which day, and twelve questions about it.
///
/// The script is data, Tests/Scenario/script.txt, so that the store's tests and those of the built daemon play the same.
package struct Scenario: Sendable {
    /// What happens on a day; the steps are in the order of days.
    package struct Step: Sendable {
        /// The day, as YYYY-MM-DD.
        package let day: String
        /// What happens on it.
        package let event: Event
    }

    /// What may happen on a day.
    package enum Event: Sendable {
        case messages([Message])
        case decisions([Decision])
        case plan(PlanVersion)
        case open(Round)
        case freeze(round: String)
    }

    /// One record of one organisation, which is one message.
    package struct Message: Sendable {
        /// The event's id: `<reporter>-<n>`, counted from 1 for each reporter; a repeat has that of the first.
        package let id: String
        /// The organisation that sends it, such as `org-jenv`.
        package let reporter: String
        /// The kind of canonical record, such as `progress.reported`.
        package let kind: String
        /// The action that it is about; of a figure, the indicator.
        package let subject: String
        /// The day that the words are about, as YYYY-MM-DD.
        package let asOf: String
        /// The day on which it was written, which orders the words about one day.
        package let writtenOn: String
        /// Whether it was sent before, and comes once more.
        package let isRepeat: Bool
        /// What the kind says, as JSON.
        let members: [(name: String, value: String)]

        /// Whether it is a figure, and so about an indicator.
        package var isFigure: Bool { kind == "indicator.observed" }
    }

    /// A decision of the programme office's.
    package struct Decision: Sendable {
        /// What the office decides: an assessment accepted or refused, or a conflict ruled for holder or party.
        package enum Verdict: String, Sendable {
            case accept, refuse, holder, party
        }

        /// The day on which it is taken, and as of which it holds, as YYYY-MM-DD.
        package let day: String
        /// The action that it is about.
        package let action: String
        /// What is decided.
        package let verdict: Verdict
        /// The action's milestone that it is about; nil where it is the action itself.
        package let milestone: String?
        /// The involved organisation of the conflict that is ruled on.
        package let party: String?
        /// The code with which the decision is refused; nil where it is taken.
        package let refusal: String?
    }

    /// A version of the plan: the reference plan with what differs in it.
    package struct PlanVersion: Sendable {
        /// The version's name, such as `2024-06`.
        package let name: String
        let edits: [Edit]

        /// One thing that differs: a member of what has that id, or all of it.
        struct Edit: Sendable {
            let kind: String
            /// Empty of the rules, which are one.
            let id: String
            /// Nil where the whole is absent.
            let change: (member: String, value: String)?
        }
    }

    /// A reporting round, as it is opened.
    package struct Round: Sendable {
        /// The round's id, such as `round-2024-2`.
        package let id: String
        /// The day whose status the round reports, as YYYY-MM-DD.
        package let asOf: String
        /// The day on which the round is to be frozen, as YYYY-MM-DD.
        package let freezeOn: String
    }

    /// What was true on a day, as known at the end of another.
    package struct Question: Sendable {
        /// The day whose status is asked for, as YYYY-MM-DD.
        package let validOn: String
        /// The day at whose end the answer was known, as YYYY-MM-DD.
        package let knownOn: String
        /// What the question is about, in words for the reader.
        package let words: String
    }

    /// What happens, in the order of the script.
    package let steps: [Step]
    /// What is asked once all has happened, in the order of the script.
    package let questions: [Question]

    /// The path of the repository's root, as it was when this file was compiled.
    package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The scenario as the script has it.
    package static func read() throws -> Scenario {
        try ScenarioScript(try String(contentsOfFile: root + "/Tests/Scenario/script.txt", encoding: .utf8)).scenario
    }

    /// Every message, in the order in which the script sends them.
    package var messages: [Message] {
        steps.flatMap { step -> [Message] in
            if case .messages(let messages) = step.event { messages } else { [] }
        }
    }

    // MARK: What every run of it ends with

    /// The facts that `facts` finds at the end, from the script alone: of an action that no plan has there are none.
    package var expectedFacts: [String] {
        let decisions = steps.flatMap { step -> [Decision] in
            if case .decisions(let decisions) = step.event { decisions } else { [] }
        }
        let said = messages.filter { !$0.isRepeat && !$0.subject.hasPrefix("act-9") }.map(\.body)
        return (said + decisions.filter { $0.refusal == nil }.map(\.fact)).sorted()
    }

    /// The facts that count, whichever order they came in; of a decision without the moment at which it was taken.
    package static let facts = Statement(
        """
        SELECT line FROM (
            SELECT CASE WHEN f.body ->> 'kind' IN ('assessment.made', 'conflict.ruled')
                THEN concat_ws(' ', f.body ->> 'action', f.as_of, f.body ->> 'party', f.body ->> 'milestone',
                    f.body ->> 'verdict')
                ELSE f.body::text END
            FROM journal.fact AS f
            JOIN journal.entry AS e USING (stream_id, position)
            LEFT JOIN journal.settlement AS s ON s.stream_id = f.stream_id AND s.settled_position = f.position
            WHERE e.outcome IN (1, 3) OR s.kind IN ('resolved', 'replayed')) AS f (line)
        ORDER BY line COLLATE "C"
        """)
    /// Every vintage of every figure.
    package static let figures = Statement(
        """
        SELECT concat_ws('|', indicator_id, period, series, reporter, vintage,
            CASE WHEN is_latest THEN 'latest' ELSE 'superseded' END, coalesce(value::text, flag), stage, as_of)
        FROM report_v1.indicator_figure
        ORDER BY indicator_id COLLATE "C", period, series, reporter COLLATE "C", vintage
        """)
    /// The timeline in valid time, as known at the end.
    package static let timeline = Statement(
        """
        SELECT concat_ws('|', action_id, valid_from, lifecycle, rating, coalesce(reported_rating, '-'), data_state,
            array_to_string(flags, ','), array_to_string(reasons, ','), coalesce(holder, '-'), coalesce(as_of::text, '-'),
            coalesce(last_known_rating, '-'), replace(steps, E'\\n', '; '))
        FROM progress.timeline WHERE known_until IS NULL ORDER BY action_id COLLATE "C", valid_from
        """)
}

extension Scenario.Message {
    private typealias Pairs = [(name: String, value: String)]

    private func object(_ pairs: Pairs) -> String {
        "{" + pairs.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    private func text(_ name: String, _ value: String) -> Pairs { [(name, "\"\(value)\"")] }

    private var about: Pairs { text(isFigure ? "indicator" : "action", subject) }

    /// What of the action the record is about, which stands behind the action.
    private var item: Pairs { members.filter { ["milestone", "risk"].contains($0.name) } }
    private var rest: Pairs { members.filter { !["milestone", "risk"].contains($0.name) } }

    /// The record's canonical bytes, as text.
    package var body: String {
        object(
            text("kind", kind) + text("reporter", reporter) + about + item + text("as_of", asOf)
                + text("recorded_at_source", writtenOn + "T08:00:00.000000Z") + rest)
    }

    /// The message as a structured event in the canonical form.
    package func event(oin: String) -> String {
        object(
            text("specversion", "1.0") + text("id", id) + text("source", "urn:nld:oin:\(oin):systeem:scenario")
                + text("type", "nl.paraplu.\(kind).v1") + text("time", writtenOn + "T08:00:00Z")
                + text("datacontenttype", "application/json")
                + [(name: "data", value: object(about + text("as_of", asOf) + members))])
    }
}

extension Scenario.Decision {
    /// The decision as `Scenario.facts` has it.
    fileprivate var fact: String {
        let code =
            switch verdict {
            case .accept: "GEACCEPTEERD"
            case .refuse: "AFGEWEZEN"
            case .holder: "ACTIEHOUDER"
            case .party: "BETROKKENE"
            }
        return [action, day, party, milestone, code].compactMap { $0 }.joined(separator: " ")
    }
}

extension Scenario.PlanVersion {
    /// The version as a document that `paraplu plan apply` reads.
    package func document() throws -> [UInt8] {
        let path = Scenario.root + "/deploy/reference-plan.json"
        guard
            var root = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
                as? [String: Any],
            var meta = root["meta"] as? [String: Any], var actions = root["actions"] as? [[String: Any]],
            var organisations = root["organisations"] as? [[String: Any]]
        else { throw ScenarioScript.Malformed(words: path) }
        var rules = root["rules"] as? [String: Any] ?? [:]
        for edit in edits {
            switch edit.kind {
            case "rules": rules = try edit.applied(to: rules)
            case "organisation": organisations = try edit.applied(to: organisations)
            case "action": actions = try edit.applied(to: actions)
            default:
                for index in actions.indices {
                    guard let milestones = actions[index]["milestones"] as? [[String: Any]] else { continue }
                    actions[index]["milestones"] = try edit.applied(to: milestones)
                }
            }
        }
        meta["version"] = name
        (root["meta"], root["actions"], root["organisations"], root["rules"]) = (meta, actions, organisations, rules)
        return Array(try JSONSerialization.data(withJSONObject: root, options: .sortedKeys))
    }
}

extension Scenario.PlanVersion.Edit {
    fileprivate func applied(to items: [[String: Any]]) throws -> [[String: Any]] {
        try items.compactMap { item in
            guard item["id"] as? String == id else { return item }
            return change == nil ? nil : try applied(to: item)
        }
    }

    /// What it differs in, with the member that the edit sets.
    fileprivate func applied(to item: [String: Any]) throws -> [String: Any] {
        guard let change else { return item }
        var item = item
        item[change.member] = try JSONSerialization.jsonObject(
            with: Data(change.value.utf8), options: .fragmentsAllowed)
        return item
    }
}
