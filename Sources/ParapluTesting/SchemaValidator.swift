internal import Foundation
package import JSON

/// A validator of the keywords of JSON Schema that our schemas use; an unknown keyword is an error of its own.
///
/// - Source: JSON Schema 2020-12; `format` is an annotation there.
package struct SchemaValidator {
    private static let annotations: Set<String> = [
        "$schema", "$id", "$comment", "title", "description", "format", "examples", "default",
    ]

    /// The document that references beginning with `#` are about.
    private let root: JSONTree
    /// Reads the document that another reference names.
    private let document: (String) -> JSONTree?

    package init(root: JSONTree, document: @escaping (String) -> JSONTree? = { _ in nil }) {
        self.root = root
        self.document = document
    }

    /// What is wrong with a value by a schema that refers to nothing outside, as path and keyword.
    package static func errors(_ value: JSONTree, _ schema: JSONTree) -> [String] {
        SchemaValidator(root: schema).errors(value, schema)
    }

    /// What is wrong with a value, as path and keyword; empty where it is valid.
    package func errors(_ value: JSONTree, _ schema: JSONTree, at path: String = "") -> [String] {
        if schema == .bool(true) { return [] }
        if schema == .bool(false) { return ["\(path): false"] }
        return schema.members.flatMap { errors(value, keyword: $0.name, $0.value, schema, path) }
    }

    /// What a reference names; nil where it leads nowhere.
    package func target(_ reference: String) -> JSONTree? {
        guard reference.hasPrefix("#") else { return document(reference) }
        return reference.split(separator: "/").dropFirst().reduce(root) { (tree: JSONTree?, name: Substring) in
            tree?[String(name)]
        }
    }

    private func errors(
        _ value: JSONTree, keyword: String, _ rule: JSONTree, _ schema: JSONTree, _ path: String
    ) -> [String] {
        func check(_ isValid: Bool) -> [String] { isValid ? [] : ["\(path): \(keyword)"] }
        switch keyword {
        case _ where SchemaValidator.annotations.contains(keyword): return []
        case "$ref":
            guard case .string(let reference) = rule, let target = target(reference) else {
                return ["\(path): a reference leads nowhere"]
            }
            return errors(value, target, at: path)
        case "type":
            let types = elements(rule).isEmpty ? [rule] : elements(rule)
            return check(types.contains { SchemaValidator.types(of: value).map { JSONTree.string($0) }.contains($0) })
        case "const": return check(isSame(value, rule))
        case "enum": return check(elements(rule).contains { isSame(value, $0) })
        case "pattern":
            guard case .string(let text) = value, case .string(let pattern) = rule else { return [] }
            return check(text.range(of: pattern, options: .regularExpression) != nil)
        case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "minimum", "maximum", "multipleOf":
            guard let bound = number(rule) else { return ["\(path): \(keyword) is no number"] }
            return check(isWithin(value, keyword, bound))
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
            return value.members.filter { !known.contains($0.name) }.flatMap { member in
                errors(member.value, rule, at: "\(path)/\(member.name)")
            }
        case "items":
            return elements(value).enumerated().flatMap { errors($1, rule, at: "\(path)/\($0)") }
        case "allOf": return elements(rule).flatMap { errors(value, $0, at: path) }
        case "anyOf":
            let failures = elements(rule).map { errors(value, $0, at: path) }
            return failures.contains([]) ? [] : failures.flatMap { $0 }
        case "oneOf": return check(elements(rule).count { errors(value, $0, at: path).isEmpty } == 1)
        case "not": return check(!errors(value, rule, at: path).isEmpty)
        case "if":
            return errors(value, rule, at: path) == [] ? errors(value, schema["then"] ?? .bool(true), at: path) : []
        case "then": return []
        default: return ["\(path): the keyword \(keyword) is not known"]
        }
    }

    private func elements(_ tree: JSONTree?) -> [JSONTree] {
        if case .array(let elements)? = tree { return elements }
        return []
    }

    private func number(_ tree: JSONTree) -> Double? {
        switch tree {
        case .integer(let number): Double(number)
        case .number(let text): Double(text)
        case .object, .array, .string, .bool, .null: nil
        }
    }

    /// Whether two values are equal, numbers by what they count.
    private func isSame(_ one: JSONTree, _ other: JSONTree) -> Bool {
        if let one = number(one), let other = number(other) { return one == other }
        return one == other
    }

    /// Whether a value keeps a bound; a bound of another type holds of every value.
    private func isWithin(_ value: JSONTree, _ keyword: String, _ bound: Double) -> Bool {
        switch (keyword, value) {
        case ("minLength", .string(let text)): Double(text.unicodeScalars.count) >= bound
        case ("maxLength", .string(let text)): Double(text.unicodeScalars.count) <= bound
        case ("minItems", .array(let elements)): Double(elements.count) >= bound
        case ("maxItems", .array(let elements)): Double(elements.count) <= bound
        case ("minProperties", .object(let members)): Double(members.count) >= bound
        case ("minimum", _): number(value).map { $0 >= bound } ?? true
        case ("maximum", _): number(value).map { $0 <= bound } ?? true
        case ("multipleOf", _):
            number(value).map { abs($0 / bound - ($0 / bound).rounded()) < 1e-6 } ?? true
        default: true
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
