internal import ParapluModel
internal import YAML

/// Reads a `connector.yaml`: every problem becomes a finding, and reading goes on.
struct DefinitionReader {
    let file: String
    private(set) var findings: [Finding] = []
    /// The payload's format, which says what a path can name.
    var payload: PayloadFormat = .json
    /// Whether values come as text alone, as in CSV and XML, so that numbers do.
    var isTextOnly: Bool { payload != .json }

    init(file: String) {
        self.file = file
    }

    /// The version of this file's form, which `connector:` names.
    static let formVersion = "1"

    /// The definition; nil where there are findings.
    mutating func definition(_ bytes: [UInt8]) -> ConnectorDefinition? {
        let root: YAMLNode
        do {
            root = try YAMLDocument.parse(bytes, file: file)
        } catch {
            findings.append(
                Finding(
                    file: file, line: error.line, column: error.column, code: .unreadable,
                    message: "this is no YAML that we read: \(error.message)"))
            return nil
        }
        let map = Map(root, "the connector", &self)
        if map.text("connector", &self) ?? DefinitionReader.formVersion != DefinitionReader.formVersion {
            note(root, .invalidValue, "“connector” is the version of this form: \(DefinitionReader.formVersion)")
        }
        let feed = map.checked("feed", "<partner>/<feed>", &self) { text in
            text.split(separator: "/").count == 2 ? FeedID(text) : nil
        }
        let owner = readOwner(map)
        let topic = map.checked("topic", "in.<partner>.<feed>.v<number>, without the prefix", &self) {
            DefinitionReader.topic($0)
        }
        let purpose = map.checked("purpose", "why these data are processed (doelbinding)", &self) {
            $0.isEmpty ? nil : $0
        }
        let legalBasis = map.checked("legal_basis", "the legal basis (grondslag)", &self) { $0.isEmpty ? nil : $0 }
        let retention = map.checked("retention_months", "1 to 240", &self) {
            Int($0).flatMap { (1...240).contains($0) ? $0 : nil }
        }
        let receipts = map.choice("receipts", ReceiptPolicy.problems, &self)
        let offsets = map.choice("offsets", OffsetPolicy.dense, &self)
        let format = readFormat(map)
        payload = format.kind
        let identity = readIdentity(map)
        var definition = ConnectorDefinition(
            feed: feed ?? FeedID(unchecked: "x/x"),
            owner: owner
                ?? .init(
                    organisation: OrganisationID(unchecked: "x"), oin: nil, tooi: nil, principal: "", place: root.place),
            topic: topic ?? "", purpose: purpose ?? "", legalBasis: legalBasis ?? "", retentionMonths: retention ?? 1,
            receipts: receipts, offsets: offsets,
            offsetsPlace: map.peek("offsets")?.place ?? root.place, format: format, version: .none, key: .none,
            identity: identity, codeLists: readCodeLists(map), organisations: readOrganisations(map), records: [],
            checks: [], ignored: [], kinds: [])
        readEvent(map, into: &definition)
        readVersion(map, into: &definition)
        readKey(map, into: &definition)
        if let records = map.items("records", isRequired: true, &self) {
            for node in records { if let record = readRecord(node) { definition.records.append(record) } }
        }
        definition.checks = readChecks(map, each: nil)
        for node in map.items("ignore", isRequired: false, &self) ?? [] {
            if let path = readPath(node, each: nil) { definition.ignored.append(path) }
        }
        readAuthority(map, into: &definition)
        map.refuseTheRest(&self)
        return findings.isEmpty ? definition : nil
    }

    // MARK: Sections

    private mutating func readOwner(_ map: Map) -> ConnectorDefinition.Owner? {
        guard let node = map.node("owner", isRequired: true, &self) else { return nil }
        let owner = Map(node, "owner", &self)
        let organisation = owner.checked("organisation", "an organisation of the plan, such as org-jenv", &self) {
            OrganisationID($0)
        }
        let oin = owner.checked("oin", "twenty positions, in quotes", &self) { OIN($0) }
        let tooi = owner.optional("tooi", "https://identifier.overheid.nl/tooi/id/…", &self) { TOOI($0) }
        let principal = owner.checked("principal", "the Kafka principal that writes the topic", &self) {
            $0.isEmpty ? nil : $0
        }
        owner.refuseTheRest(&self)
        guard let organisation, let oin, let principal else { return nil }
        return .init(organisation: organisation, oin: oin, tooi: tooi, principal: principal, place: node.place)
    }

    private mutating func readIdentity(_ map: Map) -> IdentityFields {
        var fields: IdentityFields = []
        for node in map.items("identity", isRequired: true, &self) ?? [] {
            guard let field = IdentityFields.named.first(where: { $0.name == node.text }) else {
                note(
                    node, .invalidValue, "no field of an identity",
                    hint: IdentityFields.named.map(\.name).joined(separator: ", "))
                continue
            }
            fields.insert(field.field)
        }
        if let node = map.peek("identity"), !fields.isSuperset(of: .always) {
            note(node, .invalidValue, "an identity holds at least reporter, kind and action")
        }
        return fields
    }

    private mutating func readEvent(_ map: Map, into definition: inout ConnectorDefinition) {
        guard let node = map.node("event", isRequired: false, &self) else { return }
        guard definition.format.envelope == .none else {
            note(node, .invalidOperator, "“event” is for messages without an envelope: CloudEvents has its own")
            return
        }
        let event = Map(node, "event", &self)
        definition.eventID = event.node("id", isRequired: false, &self).flatMap { readPath($0, each: nil) }
        definition.eventSource = event.node("source", isRequired: false, &self).flatMap { readPath($0, each: nil) }
        definition.eventTime = event.node("time", isRequired: false, &self).flatMap { readPath($0, each: nil) }
        event.refuseTheRest(&self)
    }

    private mutating func readVersion(_ map: Map, into definition: inout ConnectorDefinition) {
        let isEvent = definition.format.envelope == .cloudEvents
        guard let node = map.node("version", isRequired: isEvent, &self) else { return }
        let version = Map(node, "version", &self)
        let accepted = (version.items("accepted", isRequired: true, &self) ?? []).compactMap(\.text)
        if accepted.isEmpty { note(node, .invalidValue, "“accepted” lists the versions that are taken") }
        if let path = version.node("path", isRequired: false, &self) {
            if let path = readPath(path, each: nil) { definition.version = .path(path, accepted: accepted) }
        } else if let attribute = readAttribute(version, isEvent) {
            definition.version = .attribute(attribute, accepted: accepted)
        } else {
            note(node, .missingKey, "“version” needs “attribute” or “path”")
        }
        version.refuseTheRest(&self)
    }

    private mutating func readKey(_ map: Map, into definition: inout ConnectorDefinition) {
        guard let node = map.node("key", isRequired: true, &self) else { return }
        if node.text == "none" { return }
        let key = Map(node, "key", &self)
        if let path = key.node("path", isRequired: false, &self) {
            if let path = readPath(path, each: nil) { definition.key = .path(path) }
        } else if let attribute = readAttribute(key, definition.format.envelope == .cloudEvents) {
            definition.key = .attribute(attribute)
        } else {
            note(node, .invalidValue, "“key” is none, a path or an attribute")
        }
        key.refuseTheRest(&self)
    }

    private mutating func readAuthority(_ map: Map, into definition: inout ConnectorDefinition) {
        guard let node = map.node("authority", isRequired: true, &self) else { return }
        let authority = Map(node, "authority", &self)
        if let actions = authority.node("actions", isRequired: true, &self), actions.text != "any" {
            definition.actions = (actions.sequence ?? []).compactMap { node in
                if let action = node.text.flatMap({ ActionID($0) }) { return action }
                note(node, .invalidValue, "this has not the shape of an action's identifier")
                return nil
            }
            if actions.sequence == nil { note(actions, .invalidValue, "“actions” is any, or a list of actions") }
        }
        for node in authority.items("kinds", isRequired: true, &self) ?? [] {
            guard let kind = node.text.flatMap(RecordKind.init(rawValue:)), kind.isSupported else {
                note(node, .invalidValue, "no kind of record that a partner may report", hint: DefinitionReader.kinds)
                continue
            }
            definition.kinds.append(kind)
        }
        authority.refuseTheRest(&self)
    }

    private static let kinds = RecordKind.allCases.filter(\.isSupported).map(\.rawValue).joined(separator: ", ")

    // MARK: Records

    private mutating func readRecord(_ node: YAMLNode) -> ConnectorDefinition.Record? {
        let map = Map(node, "a record", &self)
        let each = map.node("each", isRequired: false, &self).flatMap { (node: YAMLNode) -> ConnectorDefinition.Path? in
            // The document itself may be the array.
            if node.text == "/", payload == .json { return .init(segments: [], place: node.place) }
            return readPath(node, each: nil)
        }
        let condition = map.node("when", isRequired: false, &self).flatMap {
            readCondition(Map($0, "when", &self), each: each, &self)
        }
        let checks = readChecks(map, each: each)
        var record = ConnectorDefinition.Record(
            kind: nil, each: each, condition: condition, fields: [], checks: checks, place: node.place)
        let name = map.checked("kind", "\(DefinitionReader.kinds), or none", &self) { $0 }
        defer { map.refuseTheRest(&self) }
        guard name != "none" else { return record }
        guard let kind = name.flatMap(RecordKind.init(rawValue:)), kind.isSupported else {
            if name != nil {
                note(node, .invalidValue, "no kind of record that a partner may report", hint: DefinitionReader.kinds)
            }
            return nil
        }
        record.kind = kind
        if let on = map.node("on", isRequired: false, &self) {
            if on.text == "tombstone", each == nil {
                record.isOfTombstone = true
            } else {
                note(on, .invalidValue, "a record is “on: tombstone” or of the value; a tombstone has no “each”")
            }
        }
        guard let fields = map.node("fields", isRequired: true, &self) else { return nil }
        for entry in fields.mapping ?? [] {
            guard let target = TargetField(rawValue: entry.name), target.belongs(to: kind) else {
                let known = TargetField.allCases.filter { $0.belongs(to: kind) }.map(\.rawValue).joined(separator: ", ")
                note(entry.value, .unknownKey, "“\(entry.name)” is no field of \(kind.rawValue)", hint: known)
                continue
            }
            let mustBe = TargetField.required(in: kind).contains(target)
            if let field = readField(entry.value, target: target, each: each, mustBe: mustBe) {
                record.fields.append(field)
            }
        }
        for target in TargetField.required(in: kind)
        where !(fields.mapping ?? []).contains(where: { $0.name == target.rawValue }) {
            note(fields, .missingKey, "\(kind.rawValue) needs the field “\(target.rawValue)”")
        }
        return record
    }

    private mutating func readChecks(_ map: Map, each: ConnectorDefinition.Path?) -> [ConnectorDefinition.Field] {
        (map.items("checks", isRequired: false, &self) ?? []).compactMap {
            readField($0, target: .check, each: each, mustBe: false)
        }
    }

    private mutating func readField(
        _ node: YAMLNode, target: TargetField, each: ConnectorDefinition.Path?, mustBe: Bool
    ) -> ConnectorDefinition.Field? {
        let map = Map(node, target.rawValue, &self)
        let required = map.choice("required", mustBe ? YesNo.yes : .no, &self) == .yes
        guard let expression = readExpression(map, target: target, each: each) else { return nil }
        map.refuseTheRest(&self)
        if mustBe, !required { note(node, .invalidValue, "“\(target.rawValue)” is always required") }
        return .init(target: target, expression: expression, isRequired: required)
    }

    private enum YesNo: String, CaseIterable {
        case yes = "true"
        case no = "false"
    }

    mutating func readAttribute(_ map: Map, _ isEvent: Bool) -> EventAttribute? {
        guard let node = map.node("attribute", isRequired: false, &self) else { return nil }
        guard isEvent else {
            note(node, .invalidOperator, "an attribute needs “envelope: cloudevents”")
            return nil
        }
        guard let attribute = node.text.flatMap(EventAttribute.init(rawValue:)) else {
            note(node, .invalidValue, "no attribute of CloudEvents that we know")
            return nil
        }
        return attribute
    }

    /// A path: `/a/b` from the root, `a/b` from the element that the record goes through (or the root, without one).
    mutating func readPath(_ node: YAMLNode, each: ConnectorDefinition.Path?) -> ConnectorDefinition.Path? {
        guard let text = node.text, !text.isEmpty, text != "/", text.utf8.count <= 256 else {
            note(node, .invalidValue, "a path such as /action/id, or action/id below “each”")
            return nil
        }
        let isAbsolute = text.hasPrefix("/")
        let parts = (isAbsolute ? text.dropFirst() : Substring(text)).split(
            separator: "/", omittingEmptySubsequences: false)
        let segments = parts.map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") }
        guard segments.count <= 16, !segments.contains("") else {
            note(node, .invalidValue, "a path has 1 to 16 members, none of them empty")
            return nil
        }
        let prefix = isAbsolute ? [] : each.map { $0.segments + ["*"] } ?? []
        refuseUnnamable(prefix + segments, node)
        return .init(segments: prefix + segments, place: node.place)
    }

    /// The topic where it is `in.<partner>.<feed>.v<number>`.
    private static func topic(_ text: String) -> String? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "in", parts[3].first == "v", Int(parts[3].dropFirst()) ?? 0 > 0,
            parts.allSatisfy({ $0.utf8.allSatisfy { isTopicByte($0) } && !$0.isEmpty }), text.utf8.count <= 200
        else { return nil }
        return text
    }

    private static func isTopicByte(_ byte: UInt8) -> Bool {
        (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == UInt8(ascii: "-")
    }

    /// Notes a finding at a node.
    mutating func note(_ node: YAMLNode, _ code: FindingCode, _ message: String, hint: String = "") {
        findings.append(
            Finding(file: file, line: node.line, column: node.column, code: code, message: message, hint: hint))
    }
}
