internal import Foundation
internal import JSON
internal import ParapluModel

/// What a conversion takes, in the words of JSON Schema.
///
/// Never stricter than the decoder, but for the length of text that is not in Normalization Form C: where JSON Schema
/// cannot say it, a description does.
enum ConversionSchema {
    /// The schema of a value that is there.
    static func schema(
        of conversion: ConnectorDefinition.Conversion, part: ConnectorDefinition.Part?, target: TargetField,
        in definition: ConnectorDefinition
    ) -> JSONTree {
        if let part {
            let separator = String(decoding: [part.separator], as: UTF8.self)
            return .members([
                "type": .string("string"),
                "description": .string(
                    "Part \(part.number) of \(part.count), with “\(separator)” between them, is read."),
            ])
        }
        switch conversion {
        case .identifier:
            if target == .reporter { return reporter(definition) }
            return text(pattern: "^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$")
        case .shape(let shape): return target == .reporter ? reporter(definition) : text(pattern: pattern(shape))
        case .text(let lengthMax):
            return .members(["type": .string("string"), "maxLength": .integer(Int64(lengthMax))])
        case .codes(let list, let separator, let ignoresCase):
            return codes(list, separator: separator, ignoresCase: ignoresCase, target, definition)
        case .organisation:
            let names = definition.organisations?.entries.map(\.source) ?? []
            return described("One of, in any case: \(names.joined(separator: ", "))")
        case .date(let form): return date(form)
        case .moment(let form): return moment(form)
        case .number(let form): return number(form, isFigure: target == .value)
        case .piece: return .members(["type": .strings(["string", "number"])])
        }
    }

    /// The schema with null beside it: an optional member may be null, which means absent.
    static func nullable(_ schema: JSONTree) -> JSONTree {
        if case .array(let choices)? = schema["enum"] { return schema.setting("enum", .array(choices + [.null])) }
        switch schema["type"] {
        case .string(let type): return schema.setting("type", .strings([type, "null"]))
        case .array(let types): return schema.setting("type", .array(types + [.string("null")]))
        default: return schema
        }
    }

    /// The schema of texts that are compared as they stand, numbers as written.
    ///
    /// Readers of schemas compare code points, so that letters with marks are listed in both of their forms.
    static func oneOf(_ texts: [String]) -> JSONTree {
        var seen: Set<[UInt8]> = []
        let forms = texts.flatMap { text in
            [text, text.precomposedStringWithCanonicalMapping, text.decomposedStringWithCanonicalMapping]
        }.filter { seen.insert(Array($0.utf8)).inserted }
        let numbers = forms.filter(isNumber).map { JSONTree.number($0) }
        return .members(["enum": .array(forms.map { .string($0) } + numbers)])
    }

    private static func text(pattern: String) -> JSONTree {
        .members(["type": .string("string"), "pattern": .string(pattern)])
    }

    private static func described(_ description: String) -> JSONTree {
        .members(["type": .string("string"), "description": .string(description)])
    }

    private static func reporter(_ definition: ConnectorDefinition) -> JSONTree {
        oneOf([definition.owner.organisation.rawValue, definition.owner.oin?.rawValue].compactMap { $0 })
    }

    private static func pattern(_ shape: DeclaredShape) -> String {
        switch shape {
        case .oin: "^[0-9]{8}[0-9A-Z]{12}$"
        case .rsin: "^[0-9]{9}$"
        case .kvk: "^[0-9]{8}$"
        case .uuid: "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
        }
    }

    private static func codes(
        _ list: String, separator: UInt8?, ignoresCase: Bool, _ target: TargetField, _ definition: ConnectorDefinition
    ) -> JSONTree {
        let codes =
            list == "canonical"
            ? (ConnectorCompiler.canonicalCodes(target) ?? []).map(\.code)
            : definition.codeLists.first { $0.name == list }?.entries.map(\.source) ?? []
        let all = codes.joined(separator: ", ")
        if let separator {
            return described("Codes with “\(String(decoding: [separator], as: UTF8.self))” between them, of: \(all)")
        }
        let one =
            ignoresCase
            ? .members(["type": .strings(["string", "number"]), "description": .string("One of, in any case: \(all)")])
            : oneOf(codes)
        return target == .reasons ? .members(["type": .string("array"), "items": one]) : one
    }

    private static func date(_ form: DateForm) -> JSONTree {
        switch form {
        case .iso:
            .members([
                "type": .string("string"), "format": .string("date"),
                "pattern": .string("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
            ])
        case .dayFirst: text(pattern: "^[0-9]{2}-[0-9]{2}-[0-9]{4}$")
        case .shortDayFirst: text(pattern: "^[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}$")
        case .slashes: text(pattern: "^[0-9]{2}/[0-9]{2}/[0-9]{4}$")
        case .words: text(pattern: "^[0-9]{1,2} [A-Za-z]{3,9} [0-9]{4}$")
        case .compact: .members(["type": .strings(["string", "integer"]), "pattern": .string("^[0-9]{8}$")])
        case .moment: .members(["type": .string("string"), "format": .string("date-time")])
        }
    }

    private static func moment(_ form: MomentForm) -> JSONTree {
        switch form {
        case .rfc3339: .members(["type": .string("string"), "format": .string("date-time")])
        case .iso: text(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?$")
        case .dayFirst: text(pattern: "^[0-9]{2}-[0-9]{2}-[0-9]{4} [0-9]{2}:[0-9]{2}(:[0-9]{2})?$")
        case .epoch: .members(["type": .strings(["string", "integer"]), "pattern": .string("^[0-9]{12,13}$")])
        }
    }

    private static func number(_ form: NumberForm, isFigure: Bool) -> JSONTree {
        let unit: String? = form.unit.isEmpty ? nil : "in \(form.unit)"
        let times: String? = form.exponent == 0 ? nil : "times 1\(String(repeating: "0", count: form.exponent))"
        let decimals: String? = form.decimals == 0 ? nil : "at most \(form.decimals) decimals"
        let words = [unit, times, decimals].compactMap { $0 }.joined(separator: ", ")
        let description: JSONTree? = words.isEmpty ? nil : .string("A number \(words).")
        switch form.style {
        case .json:
            let isWhole = form.decimals == 0 && form.exponent == 0
            // Bounds are those of the value in its unit, so another count has none that can be written here.
            let min = form.exponent == 0 ? form.min ?? (isFigure ? 0 : nil) : nil
            let max = form.exponent == 0 ? form.max : nil
            return .members([
                "type": .string(isWhole ? "integer" : "number"), "minimum": min.map { .integer($0) },
                "maximum": max.map { .integer($0) }, "description": description,
            ])
        case .plain:
            let suffix = suffix(form)
            return .members([
                "type": .strings(["string", "number"]), "pattern": .string("^ *-?[0-9]+(\\.[0-9]+)?\(suffix) *$"),
                "description": description,
            ])
        case .dutch:
            return .members([
                "type": .string("string"),
                "pattern": .string(
                    "^ *-?[0-9]{1,3}(\\.?[0-9]{3})*(,[0-9]+)?\(suffix(form)) *$|^ *-?[0-9]+(,[0-9]+)?\(suffix(form)) *$"
                ),
                "description": description,
            ])
        }
    }

    private static func suffix(_ form: NumberForm) -> String {
        form.suffix.isEmpty ? "" : "( *\(escaped(String(decoding: form.suffix, as: UTF8.self))))?"
    }

    /// A text as a regular expression of ECMA-262 that matches it alone.
    static func escaped(_ text: String) -> String {
        text.map { "\\^$.|?*+()[]{}/-".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    /// Whether a text is a number of JSON.
    private static func isNumber(_ text: String) -> Bool {
        guard let node = try? JSONParser.document(of: Array(text.utf8)).root else { return false }
        return node.kind == .number
    }
}
