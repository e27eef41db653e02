import JSON
import ParapluModel

/// A plan of many actions, as the document that `paraplu plan apply` reads.
///
/// Six lines, three goals; the holders go round over the feeds' organisations, but for SZW, whose connector names the
/// four actions that it may report on. One in three actions has another organisation involved; each has up to three
/// milestones, of which one in ten is due before the day of evaluation.
enum PlanGenerator {
    /// The feeds whose owners hold the actions that SZW doesn't.
    static let holders: [BenchFeed] = [.jenv, .vws, .bz, .politie, .comensha]

    /// The feed whose owner holds the action of that number.
    static func holder(of number: Int) -> BenchFeed {
        number < BenchFeed.actionsOfSZW.count ? .szw : holders[number % holders.count]
    }

    static func document(actions: Int, today: CalendarDate, seed: UInt64) -> [UInt8] {
        precondition(actions > BenchFeed.actionsOfSZW.count, "SZW alone holds four")
        var random = SeededGenerator(seed: seed)
        var json = JSONWriter()
        json.beginObject()
        json.member("meta")
        object(["name": "Plan of the benchmark", "version": "1"], in: &json)
        json.member("programme")
        object(
            [
                "id": "prg-bench", "title_nl": "Programma van de meting", "title_en": "Programme of the benchmark",
                "dossier": "28 638", "presented_on": "2024-06-17", "coordinating_org_id": "org-jenv",
            ], in: &json)
        json.member("goals")
        json.beginArray()
        for number in 1...3 { numbered("goal", number, goals: nil, in: &json) }
        json.endArray()
        json.member("action_lines")
        json.beginArray()
        for number in 1...6 { numbered("line", number, goals: [(number - 1) % 3 + 1], in: &json) }
        json.endArray()
        json.member("organisations")
        json.beginArray()
        for feed in BenchFeed.allCases {
            object(
                [
                    "id": feed.organisation.rawValue, "official_name_nl": feed.partner, "name_en": feed.partner,
                    "kind": "ministry", "provenance": "illustrative",
                ], in: &json)
        }
        json.endArray()
        json.member("actions")
        json.beginArray()
        for number in 0..<actions { action(number, today: today, &random, in: &json) }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    private static func action(
        _ number: Int, today: CalendarDate, _ random: inout SeededGenerator, in json: inout JSONWriter
    ) {
        let isOfSZW = number < BenchFeed.actionsOfSZW.count
        let id = isOfSZW ? BenchFeed.actionsOfSZW[number] : "act-b-\(number)"
        let holder = holder(of: number)
        let line = number % 6 + 1
        json.beginObject()
        members(
            [
                "id": id, "code": "\(line).\(number)", "title_nl": "Actie \(number) van de meting",
                "title_en": "Action \(number) of the benchmark", "line_id": "line-\(line)", "policy_type": "plan",
                "provenance": "illustrative", "display_note_nl": "Verzonnen voor een meting",
                "planned_start": "2024-07-01", "action_holder_id": holder.organisation.rawValue,
            ], in: &json)
        json.member("goal_ids")
        strings(["goal-\((line - 1) % 3 + 1)"], in: &json)
        json.member("involved_org_ids")
        let other = BenchFeed.allCases[random.below(BenchFeed.allCases.count)]
        strings(random.below(3) == 0 && other != holder ? [other.organisation.rawValue] : [], in: &json)
        json.member("milestones")
        json.beginArray()
        for place in 0..<random.below(4) {
            let due = today.adding(days: random.below(10) == 0 ? -30 - random.below(100) : 30 + random.below(700))
            object(
                [
                    "id": "\(id)-m\(place + 1)", "title_nl": "Mijlpaal \(place + 1)", "kind": "target",
                    "baseline_due": due.description, "current_due": due.description, "provenance": "illustrative",
                ], in: &json)
        }
        json.endArray()
        json.endObject()
    }

    private static func numbered(_ name: String, _ number: Int, goals: [Int]?, in json: inout JSONWriter) {
        json.beginObject()
        members(
            ["id": "\(name)-\(number)", "title_nl": "\(name) \(number)", "title_en": "\(name) \(number)"], in: &json)
        json.member("number")
        json.integer(Int64(number))
        if let goals {
            json.member("goal_ids")
            strings(goals.map { "goal-\($0)" }, in: &json)
        }
        json.endObject()
    }

    private static func object(_ pairs: KeyValuePairs<StaticString, String>, in json: inout JSONWriter) {
        json.beginObject()
        members(pairs, in: &json)
        json.endObject()
    }

    private static func members(_ pairs: KeyValuePairs<StaticString, String>, in json: inout JSONWriter) {
        for (name, value) in pairs {
            json.member(name)
            json.string(value)
        }
    }

    private static func strings(_ texts: [String], in json: inout JSONWriter) {
        json.beginArray()
        for text in texts { json.string(text) }
        json.endArray()
    }
}
