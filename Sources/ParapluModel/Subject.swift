/// What a consolidated status is about: the programme, a goal, a line or an action.
package enum Subject: Hashable, Comparable, Sendable, CustomStringConvertible {
    case programme
    case goal(GoalID)
    case line(ActionLineID)
    case action(ActionID)

    /// The subject as topics, views and commands write it: `programme`, `goal/…`, `line/…`, `action/…`.
    package var description: String {
        switch self {
        case .programme: "programme"
        case .goal(let id): "goal/\(id.rawValue)"
        case .line(let id): "line/\(id.rawValue)"
        case .action(let id): "action/\(id.rawValue)"
        }
    }

    /// The subject written so, or nil.
    package init?(_ text: String) {
        if text == "programme" {
            self = .programme
            return
        }
        guard let slash = text.firstIndex(of: "/") else { return nil }
        let rest = String(text[text.index(after: slash)...])
        switch text[..<slash] {
        case "goal": guard let id = GoalID(rest) else { return nil }; self = .goal(id)
        case "line": guard let id = ActionLineID(rest) else { return nil }; self = .line(id)
        case "action": guard let id = ActionID(rest) else { return nil }; self = .action(id)
        default: return nil
        }
    }

    /// Whether the left subject's text comes first: actions, then goals, lines and the programme.
    package static func < (left: Subject, right: Subject) -> Bool { left.description < right.description }
}
