import Foundation
import JSON

/// A validator of the keywords of JSON Schema that generated schemas use; an unknown keyword is an error of its own.
struct SchemaValidator {
    private static let annotations: Set<String> = [
        "$schema", "$id", "$comment", "title", "description", "format",
    ]

    /// What is wrong with a value, as path and keyword; empty where it is valid.
    static func errors(_ value: JSONTree, _ schema: JSONTree, at path: String = "") -> [String] {
        if schema == .bool(true) { return [] }
        if schema == .bool(false) { return ["\(path): false"] }
        return schema.members.flatMap { errors(value, keyword: $0.name, $0.value, schema, path) }
    }

    private static func errors(
        _ value: JSONTree, keyword: String, _ rule: JSONTree, _ schema: JSONTree, _ path: String
    ) -> [String] {
        func check(_ isValid: Bool) -> [String] { isValid ? [] : ["\(path): \(keyword)"] }
        func elements(_ tree: JSONTree?) -> [JSONTree] {
            if case .array(let elements)? = tree { return elements }
            return []
        }
        switch keyword {
        case _ where annotations.contains(keyword): return []
        case "type":
            let types = elements(rule).isEmpty ? [rule] : elements(rule)
            return check(types.contains { SchemaValidator.types(of: value).map { JSONTree.string($0) }.contains($0) })
        case "const": return check(value == rule)
        case "enum": return check(elements(rule).contains(value))
        case "pattern":
            guard case .string(let text) = value, case .string(let pattern) = rule else { return [] }
            return check(text.range(of: pattern, options: .regularExpression) != nil)
        case "minLength", "maxLength":
            guard case .string(let text) = value, case .integer(let bound) = rule else { return [] }
            let count = text.unicodeScalars.count
            return check(keyword == "minLength" ? count >= bound : count <= bound)
        case "minimum", "maximum":
            guard case .number(let text) = value, let number = Double(text), case .integer(let bound) = rule else {
                return []
            }
            return check(keyword == "minimum" ? number >= Double(bound) : number <= Double(bound))
        case "properties":
            return rule.members.flatMap { member in
                value[member.name].map { errors($0, member.value, at: "\(path)/\(member.name)") } ?? []
            }
        case "required":
            guard case .object = value else { return [] }
            return elements(rule).flatMap { name in
                if case .string(let name) = name, value[name] == nil { return ["\(path)/\(name): required"] }
                return [String]()
            }
        case "additionalProperties":
            let known = Set(schema["properties"]?.members.map(\.name) ?? [])
            return value.members.filter { !known.contains($0.name) }.map { "\(path)/\($0.name): unknown" }
        case "items":
            return elements(value).enumerated().flatMap { errors($1, rule, at: "\(path)/\($0)") }
        case "allOf": return elements(rule).flatMap { errors(value, $0, at: path) }
        case "anyOf":
            let failures = elements(rule).map { errors(value, $0, at: path) }
            return failures.contains([]) ? [] : failures.flatMap { $0 }
        case "not": return check(!errors(value, rule, at: path).isEmpty)
        case "if":
            return errors(value, rule, at: path) == [] ? errors(value, schema["then"] ?? .bool(true), at: path) : []
        case "then": return []
        default: return ["\(path): the keyword \(keyword) is not known"]
        }
    }

    private static func types(of value: JSONTree) -> [String] {
        switch value {
        case .object: ["object"]
        case .array: ["array"]
        case .string: ["string"]
        case .integer: ["integer", "number"]
        case .number(let text):
            Double(text).map { $0.rounded() == $0 } == true ? ["integer", "number"] : ["number"]
        case .bool: ["boolean"]
        case .null: ["null"]
        }
    }
}
