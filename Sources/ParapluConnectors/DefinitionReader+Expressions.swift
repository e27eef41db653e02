internal import YAML

extension DefinitionReader {
    typealias Path = ConnectorDefinition.Path

    /// An operator with its operands: exactly one of path, attribute, key, constant, first_of, when and join.
    mutating func readExpression(
        _ map: Map, target: TargetField, each: Path?, isPiece: Bool = false
    ) -> ConnectorDefinition.Expression? {
        let node = map.whole
        let names = ConnectorOperator.operandKeys
        let operands = names.filter { map.peek($0) != nil }
        guard operands.count == 1, let name = operands.first, let value = map.node(name, isRequired: true, &self)
        else {
            note(node, .invalidOperator, "one of \(names.joined(separator: ", "))")
            return nil
        }
        func made(_ operand: ConnectorDefinition.Operand?) -> ConnectorDefinition.Expression? {
            operand.map { .init(operand: $0, place: node.place) }
        }
        switch name {
        case "path", "attribute", "key":
            let conversion = isPiece ? .piece : readConversion(map, target: target)
            let part = readPart(map)
            guard let source = readSource(name, value, each: each), let conversion else { return nil }
            return made(.value(source, part, conversion))
        case "constant":
            guard let text = value.text else {
                note(value, .invalidValue, "a constant is one value")
                return nil
            }
            return made(.constant(text))
        case "first_of":
            let expressions = (value.sequence ?? []).compactMap { readNested($0, target: target, each: each, isPiece) }
            guard !expressions.isEmpty else {
                note(value, .invalidOperator, "“first_of” is a list of operators")
                return nil
            }
            return made(.firstOf(expressions))
        case "when":
            return made(readWhen(value, target: target, each: each, isPiece))
        default:
            return made(readJoin(map, value, target: target, each: each))
        }
    }

    private mutating func readSource(_ name: String, _ value: YAMLNode, each: Path?) -> ConnectorDefinition.Source? {
        switch name {
        case "path":
            return readPath(value, each: each).map { .path($0) }
        case "attribute":
            guard let attribute = value.text.flatMap(EventAttribute.init(rawValue:)) else {
                note(value, .invalidValue, "no attribute of CloudEvents that we know")
                return nil
            }
            return .attribute(attribute)
        default:
            if value.text == "true" { return .key }
            note(value, .invalidValue, "“key: true” is the message's key")
            return nil
        }
    }

    private mutating func readWhen(
        _ value: YAMLNode, target: TargetField, each: Path?, _ isPiece: Bool
    ) -> ConnectorDefinition.Operand? {
        let when = Map(value, "when", &self)
        guard
            let then = when.node("then", isRequired: true, &self).flatMap({
                readNested($0, target: target, each: each, isPiece)
            }),
            let condition = readCondition(when, each: each, &self, refuses: false)
        else { return nil }
        let otherwise = when.node("otherwise", isRequired: false, &self).flatMap {
            readNested($0, target: target, each: each, isPiece)
        }
        when.refuseTheRest(&self)
        return .when(condition, then: then, otherwise: otherwise)
    }

    private mutating func readJoin(
        _ map: Map, _ value: YAMLNode, target: TargetField, each: Path?
    ) -> ConnectorDefinition.Operand? {
        let conversion = readConversion(map, target: target)
        let separator = map.text("with", &self) ?? ""
        let pieces = (value.sequence ?? []).compactMap { readNested($0, target: target, each: each, true) }
        guard (2...8).contains(pieces.count), separator.utf8.count <= 8 else {
            note(value, .invalidOperator, "“join” is a list of 2 to 8 operators, “with” a text between them")
            return nil
        }
        return conversion.map { .join(pieces, separator: separator, $0) }
    }

    private mutating func readNested(
        _ node: YAMLNode, target: TargetField, each: Path?, _ isPiece: Bool
    ) -> ConnectorDefinition.Expression? {
        let map = Map(node, "an operator", &self)
        defer { map.refuseTheRest(&self) }
        return readExpression(map, target: target, each: each, isPiece: isPiece)
    }

    /// A condition: `path` or `attribute`, and the texts that it `equals`.
    func readCondition(
        _ map: Map, each: Path?, _ reader: inout DefinitionReader, refuses: Bool = true
    ) -> ConnectorDefinition.Condition? {
        let equals = map.node("equals", isRequired: true, &reader)
        let values = equals?.text.map { [$0] } ?? equals?.sequence?.compactMap(\.text) ?? []
        if let equals, values.isEmpty { reader.note(equals, .invalidValue, "“equals” is a text or a list of texts") }
        defer { if refuses { map.refuseTheRest(&reader) } }
        if let path = map.node("path", isRequired: false, &reader) {
            return reader.readPath(path, each: each).map { .path($0, values: values) }
        }
        guard let attribute = reader.readAttribute(map, true) else {
            reader.note(map.whole, .missingKey, "“when” needs “path” or “attribute”, and “equals”")
            return nil
        }
        return .attribute(attribute, values: values)
    }

    /// One part of a text: `split`, `part` and `of`.
    private mutating func readPart(_ map: Map) -> ConnectorDefinition.Part? {
        guard map.peek("part") != nil || map.peek("of") != nil else { return nil }
        let separator = readSeparator(map)
        let count = map.optional("of", "2 to 16", &self) { text in
            Int(text).flatMap { (2...16).contains($0) ? $0 : nil }
        }
        let number = map.checked("part", "the number of the part, from 1", &self) { text in
            Int(text).flatMap { (1...(count ?? 16)).contains($0) ? $0 : nil }
        }
        guard let separator, let count, let number else {
            note(
                map.whole, .invalidOperator, "a part needs “split”, “part” and “of”: the separator, which, and how many"
            )
            return nil
        }
        return .init(separator: separator, number: number, count: count)
    }

    private mutating func readSeparator(_ map: Map) -> UInt8? {
        guard let node = map.node("split", isRequired: false, &self) else { return nil }
        guard let text = node.text, text.utf8.count == 1, let byte = text.utf8.first, byte < 0x80 else {
            note(node, .invalidValue, "“split” is one ASCII character, such as \";\"")
            return nil
        }
        return byte
    }

    /// How the value becomes one of ours; without a conversion an identifier, or for a check any text.
    private mutating func readConversion(_ map: Map, target: TargetField) -> ConnectorDefinition.Conversion? {
        let names = ConnectorOperator.conversionKeys.filter { map.peek($0) != nil }
        guard names.count <= 1 else {
            note(map.whole, .invalidOperator, "one of \(names.joined(separator: ", "))")
            return nil
        }
        guard let name = names.first, let value = map.node(name, isRequired: true, &self) else {
            if let separator = map.peek("split"), map.peek("part") == nil {
                note(separator, .invalidOperator, "“split” goes with “codes”, or with “part” and “of”")
            }
            return target == .check ? .text(lengthMax: 1_000) : .identifier
        }
        switch name {
        case "codes":
            let separator = map.peek("part") == nil ? readSeparator(map) : nil
            let ignoresCase = map.optional("ignore_case", "true or false", &self) { Bool($0) } ?? false
            return .codes(list: value.text ?? "", separator: separator, ignoresCase: ignoresCase)
        case "date":
            return value.text.flatMap(DateForm.init(rawValue:)).map { .date($0) }
                ?? refuse(value, DateForm.allCases.map(\.rawValue))
        case "moment":
            return readMoment(map, value)
        case "number":
            return readNumber(value)
        case "text":
            let text = Map(value, "text", &self)
            let lengthMax = text.number("length_max", 1...65_536, 1_000, &self)
            text.refuseTheRest(&self)
            return .text(lengthMax: lengthMax)
        case "organisation":
            return value.text == "any" ? .organisation : refuse(value, ["any"])
        default:
            return value.text.flatMap(DeclaredShape.init(rawValue:)).map { .shape($0) }
                ?? refuse(value, DeclaredShape.allCases.map(\.rawValue))
        }
    }

    private mutating func readMoment(_ map: Map, _ value: YAMLNode) -> ConnectorDefinition.Conversion? {
        let zone = map.optional("zone", TimeZones.allCases.map(\.rawValue).joined(separator: ", "), &self) {
            TimeZones(rawValue: $0)
        }
        switch (value.text, zone) {
        case ("rfc3339", nil): return .moment(.rfc3339)
        case ("epoch-milliseconds", nil): return .moment(.epoch)
        case ("iso-local", let zone?): return .moment(.iso(zone))
        case ("dd-mm-yyyy hh:mm", let zone?): return .moment(.dayFirst(zone))
        case ("iso-local", nil), ("dd-mm-yyyy hh:mm", nil):
            note(value, .missingKey, "local time needs “zone”")
            return nil
        default: return refuse(value, MomentForm.names)
        }
    }

    private mutating func readNumber(_ value: YAMLNode) -> ConnectorDefinition.Conversion {
        let number = Map(value, "number", &self)
        var form = NumberForm(
            unit: number.text("unit", &self) ?? "",
            min: number.optional("min", "a whole number", &self) { Int64($0) },
            max: number.optional("max", "a whole number", &self) { Int64($0) },
            decimals: number.number("decimals", 0...9, 0, &self))
        form.style = number.choice("style", isTextOnly ? NumberForm.Style.plain : .json, &self)
        if let suffix = number.optional(
            "suffix", "1 to 16 bytes behind the digits", &self,
            { (text: String) in
                (1...16).contains(text.utf8.count) ? text : nil
            })
        {
            form.suffix = Array(suffix.utf8)
            if form.style == .json, let node = number.peek("suffix") {
                note(node, .invalidOperator, "a suffix is for numbers in text: “style: plain” or “style: dutch”")
            }
        }
        form.exponent =
            number.optional("times", "10, 100, … 1000000000", &self) { text in
                (1...9).first { text == "1" + String(repeating: "0", count: $0) }
            } ?? 0
        number.refuseTheRest(&self)
        return .number(form)
    }

    private mutating func refuse(_ node: YAMLNode, _ accepted: [String]) -> ConnectorDefinition.Conversion? {
        note(node, .invalidValue, "this is not taken here", hint: accepted.joined(separator: ", "))
        return nil
    }
}
