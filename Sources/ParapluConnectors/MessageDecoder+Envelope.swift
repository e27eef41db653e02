internal import JSON
internal import ParapluModel

extension MessageDecoder {
    /// How a message carries its envelope.
    enum Mode {
        case structured, binary, bare
    }

    /// Reads and scans the headers, and says in which mode the message is.
    ///
    /// - Source: CloudEvents Kafka protocol binding 1.0: structured where `content-type` begins with
    ///   `application/cloudevents`, in any case; else binary, with one `ce_` header per attribute.
    func readHeaders(_ headers: UnsafeRawBufferPointer) -> Mode {
        let isEvent = connector.envelope == .cloudEvents
        var contentType: UnsafeRawBufferPointer?
        var hasContentType = false
        var frames = HeaderFrames(headers)
        while let (name, value) = frames.next() {
            if PrivacyScanner.pattern(in: name) != nil { note(.personalData, "header") }
            if let value, PrivacyScanner.pattern(in: value) != nil { note(.personalData, "header") }
            guard isEvent else { continue }
            if equal(contentTypeName, name) {
                if hasContentType { note(.envelope, "header/content-type", expected: "each header once") }
                hasContentType = true
                contentType = value
            } else if name.count > 3, name[0] == 0x63, name[1] == 0x65, name[2] == 0x5F {
                readAttributeHeader(UnsafeRawBufferPointer(rebasing: name[3...]), value)
            }
        }
        if frames.isTruncated {
            note(.envelope, "header", expected: "whole headers")
            if PrivacyScanner.pattern(in: headers) != nil { note(.personalData, "header") }
        }
        guard isEvent else { return .bare }

        guard let contentType, hasPrefix(contentType, "application/cloudevents") else {
            if !connector.acceptsBinary {
                note(.envelope, "header/content-type", expected: "application/cloudevents+json")
            }
            if !isPayloadType(contentType) {
                note(.envelope, "header/content-type", expected: connector.payload.mediaTypes)
            }
            if connector.acceptsBinary { checkAttributes(prefix: "header/ce_") }
            return .binary
        }
        let media = mediaType(contentType)
        if !equalIgnoringCase(media, "application/cloudevents+json") {
            // Batches are not defined for Kafka; other event formats cannot be read.
            note(.envelope, "header/content-type", expected: "application/cloudevents+json")
        } else if !connector.acceptsStructured {
            note(.envelope, "header/content-type", expected: "binary mode: ce_ headers")
        }
        return .structured
    }

    private func readAttributeHeader(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) {
        guard let attribute = attribute(named: name), attribute != .datacontenttype else {
            // The content type has a header of its own; `ce_datacontenttype` is a mistake.
            if isAttributeName(name) {
                note(.unknownField, "header")
            } else {
                note(.envelope, "header", expected: "names of a-z and 0-9")
            }
            return
        }
        guard attributes[attribute.index] == nil else {
            note(.envelope, "header/ce_\(attribute.rawValue)", expected: "each attribute once")
            return
        }
        guard let value, !value.isEmpty else {
            note(.envelope, "header/ce_\(attribute.rawValue)", expected: "a value that is not empty")
            return
        }
        if String(validating: value, as: UTF8.self) == nil { note(.encoding, "header/ce_\(attribute.rawValue)") }
        attributes[attribute.index] = value
    }

    /// The document in the message; nil where there is none, or where its envelope says that it is another's.
    func openEnvelope(_ root: JSONValue, _ mode: Mode, bytes: Int) -> JSONValue? {
        let isStrict = connector.profile == .nlGov
        switch mode {
        case .bare:
            return root
        case .binary:
            guard connector.acceptsBinary else {
                scan(root, "")
                return nil
            }
            if isStrict { checkProfile(prefix: "header/ce_", bytes: bytes) }
        case .structured:
            guard root.kind == .object else {
                note(.envelope, expected: "an event in JSON format")
                scan(root, "")
                return nil
            }
            let document = openStructured(root)
            if isStrict { checkProfile(prefix: "/", bytes: bytes) }
            return document
        }
        return checkMessage() ? root : skip(root)
    }

    private func openStructured(_ root: JSONValue) -> JSONValue? {
        var data: JSONValue?
        // Headers may repeat these four.
        let repeated = (
            id: attributes[EventAttribute.id.index], source: attributes[EventAttribute.source.index],
            type: attributes[EventAttribute.type.index], version: attributes[EventAttribute.specversion.index]
        )
        for index in attributes.indices { attributes[index] = nil }
        for member in root.members {
            let name = member.name
            let value = member.value
            if equal(dataName, name) {
                data = value
                continue
            }
            guard let attribute = attribute(named: name) else {
                let isData = equal(dataBase64Name, name)
                if isData || !isAttributeName(name) {
                    note(.envelope, expected: isData ? "JSON in “data”" : "attribute names of a-z and 0-9")
                } else {
                    note(.unknownField)
                }
                if PrivacyScanner.pattern(in: name) != nil { note(.personalData) }
                scan(value, "")
                continue
            }
            // An attribute that is null is absent.
            if value.isNull { continue }
            guard let text = value.utf8 else {
                note(.envelope, "/" + attribute.rawValue, expected: "a string")
                scan(value, "/" + attribute.rawValue)
                continue
            }
            if text.isEmpty { note(.envelope, "/" + attribute.rawValue, expected: "a value that is not empty") }
            if PrivacyScanner.pattern(in: text) != nil { note(.personalData, "/" + attribute.rawValue) }
            attributes[attribute.index] = text
        }
        compare(repeated.id, .id)
        compare(repeated.source, .source)
        compare(repeated.type, .type)
        compare(repeated.version, .specversion)
        checkAttributes(prefix: "/")
        if let type = attributes[EventAttribute.datacontenttype.index], !isJSON(type) {
            note(.envelope, "/datacontenttype", expected: "application/json")
        }
        documentPath = "/data"
        guard let data else {
            note(.missingField, "/data")
            return nil
        }
        return checkMessage() ? data : skip(data)
    }

    /// Compares what a header repeats of an attribute with the event's own.
    private func compare(_ header: UnsafeRawBufferPointer?, _ attribute: EventAttribute) {
        guard let header, let member = attributes[attribute.index], !equal(header, member) else { return }
        note(.envelope, "header/ce_\(attribute.rawValue)", expected: "the value of the event")
    }

    /// What fails before its fields are known is scanned as a whole.
    private func skip(_ node: JSONValue) -> JSONValue? {
        scan(node, documentPath)
        return nil
    }

    /// Checks the attributes themselves.
    private func checkAttributes(prefix: String) {
        for attribute in [EventAttribute.specversion, .id, .source, .type] where attributes[attribute.index] == nil {
            note(.envelope, prefix + attribute.rawValue, expected: "a value that is not empty")
        }
        for attribute in EventAttribute.allCases {
            guard let text = attributes[attribute.index] else { continue }
            if hasForbiddenCharacter(text) {
                note(.envelope, prefix + attribute.rawValue, expected: "no control characters")
            } else if text.count <= attributeBytesMax {
                checkForm(of: attribute, text, prefix: prefix)
            }
            if text.count > attributeBytesMax {
                note(.invalidValue, prefix + attribute.rawValue, expected: "at most \(attributeBytesMax) bytes")
                attributes[attribute.index] = nil
            }
        }
        if let source = attributes[EventAttribute.source.index], !namesOwner(source) {
            note(.sourceMismatch, prefix + "source", expected: connector.ownerOIN.urn)
        }
    }

    /// Whether a source in a document without an envelope is the OIN of somebody else; a system's own name is not.
    ///
    /// The OIN may stand alone or as a URN, whose first parts are the same in any case (RFC 8141, section 3.1).
    func namesAnother(_ source: UnsafeRawBufferPointer) -> Bool {
        if DeclaredShape.oin.matches(source) { return !source.elementsEqual(connector.ownerOIN.rawValue.utf8) }
        guard hasPrefix(source, "urn:nld:oin:") else { return false }
        let urn = connector.sourceURN
        guard source.count >= urn.count, equalIgnoringCase(source[..<urn.count], urn[...]) else { return true }
        return source.count > urn.count && source[urn.count] != UInt8(ascii: ":")
    }

    /// Whether a source is `urn:nld:oin:<OIN>` of the owner, alone or before a colon.
    private func namesOwner(_ source: UnsafeRawBufferPointer) -> Bool {
        let urn = connector.sourceURN
        guard source.count >= urn.count, equal(urn, UnsafeRawBufferPointer(rebasing: source[..<urn.count])) else {
            return false
        }
        return source.count == urn.count || source[urn.count] == UInt8(ascii: ":")
    }

    /// Whether the type and the version of the event are among those that the connector takes, or among some more.
    func checkMessage(besides more: [[UInt8]] = []) -> Bool {
        guard case .attribute(let attribute, var accepted) = connector.plan.version else { return true }
        if !more.isEmpty { accepted += more.filter { !accepted.contains($0) } }
        var path: String { (documentPath.isEmpty ? "header/ce_" : "/") + attribute.rawValue }
        guard let text = attributes[attribute.index] else {
            if attribute != .type { note(.envelope, path, expected: "a value that is not empty") }
            return false
        }
        if accepted.contains(where: { equal($0, text) }) { return true }
        let name = String(decoding: text, as: UTF8.self)
        let kind = attribute == .type ? RecordKind.allCases.first { $0.eventType == name } : nil
        let expected = accepted.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
        if let kind {
            note(kind.isSupported ? .authority : .kindNotSupported, path, expected: expected)
        } else {
            note(.version, path, expected: expected)
        }
        return false
    }

    /// Checks the key against the connector's rule.
    func checkKey(_ key: UnsafeRawBufferPointer?) {
        let expected: UnsafeRawBufferPointer?
        let rule: String
        switch connector.plan.key {
        case .none: return
        case .attribute(let attribute):
            expected = attributes[attribute.index]
            rule = "the attribute \(attribute.rawValue)"
        case .slot(let slot):
            expected = (isPresent(slot) ? slots[slot] : nil).flatMap { $0.utf8 ?? $0.rawNumber }
            rule = "the value of \(plan.path(ofSlot: slot))"
        }
        guard let expected, let key, equal(key, expected) else {
            note(.key, "key", expected: rule)
            return
        }
    }

    /// The message's own id and source.
    func identifiers() -> (id: UnsafeRawBufferPointer?, source: UnsafeRawBufferPointer?) {
        if connector.envelope == .cloudEvents {
            return (attributes[EventAttribute.id.index], attributes[EventAttribute.source.index])
        }
        func text(_ slot: Int?) -> UnsafeRawBufferPointer? {
            guard let slot, isPresent(slot), let node = slots[slot], let text = node.utf8 ?? node.rawNumber,
                !text.isEmpty,
                text.count <= attributeBytesMax
            else { return nil }
            return text
        }
        return (text(plan.eventID), text(plan.eventSource))
    }

    private func attribute(named name: UnsafeRawBufferPointer) -> EventAttribute? {
        let head = ConnectorPlan.head(name)
        for index in attributeNames.indices
        where attributeNames[index].head == head && equal(attributeNames[index].name, name) {
            return attributeNames[index].attribute
        }
        return nil
    }

    private func isAttributeName(_ name: UnsafeRawBufferPointer) -> Bool {
        !name.isEmpty && name.count <= 20
            && name.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) }
    }

    /// Whether a text holds what no attribute may: control characters, or what Unicode says is no character.
    private func hasForbiddenCharacter(_ text: UnsafeRawBufferPointer) -> Bool {
        var isASCII = true
        for index in 0..<text.count {
            let byte = text[index]
            if byte < 0x20 || byte == 0x7F { return true }
            if byte >= 0x80 { isASCII = false }
        }
        guard !isASCII else { return false }
        return String(decoding: text, as: UTF8.self).unicodeScalars.contains { scalar in
            (0x80...0x9F).contains(scalar.value) || (0xFDD0...0xFDEF).contains(scalar.value)
                || scalar.value & 0xFFFE == 0xFFFE
        }
    }

    /// A media type without its parameters.
    private func mediaType(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var end = text.firstIndex(of: UInt8(ascii: ";")) ?? text.count
        while end > 0, text[end - 1] == UInt8(ascii: " ") { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: text[..<end])
    }

    /// Whether a media type is `*/json` or `*/*+json`.
    private func isJSON(_ text: UnsafeRawBufferPointer) -> Bool {
        let media = mediaType(text)
        guard media.count > 5 else { return false }
        let end = UnsafeRawBufferPointer(rebasing: media[(media.count - 5)...])
        return equalIgnoringCase(end, "/json") || equalIgnoringCase(end, "+json")
    }

    private func hasPrefix(_ text: UnsafeRawBufferPointer, _ prefix: StaticString) -> Bool {
        text.count >= prefix.utf8CodeUnitCount
            && equalIgnoringCase(UnsafeRawBufferPointer(rebasing: text[..<prefix.utf8CodeUnitCount]), prefix)
    }

    /// Whether two texts are the same but for case.
    private func equalIgnoringCase(_ text: Slice<UnsafeRawBufferPointer>, _ other: ArraySlice<UInt8>) -> Bool {
        func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
        return text.elementsEqual(other) { lower($0) == lower($1) }
    }

    /// Whether a text is another one, which is in lower case, but for case.
    private func equalIgnoringCase(_ text: UnsafeRawBufferPointer, _ other: StaticString) -> Bool {
        guard text.count == other.utf8CodeUnitCount else { return false }
        for index in 0..<text.count {
            let byte = text[index]
            guard (byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) == other.utf8Start[index] else { return false }
        }
        return true
    }

    /// Whether a content type is one of the payload's format; without one the payload is JSON, as CloudEvents 1.0.2 has it.
    private func isPayloadType(_ text: UnsafeRawBufferPointer?) -> Bool {
        guard let text else { return connector.payload == .json }
        switch connector.payload {
        case .json: return isJSON(text)
        case .csv: return equalIgnoringCase(mediaType(text), "text/csv")
        case .xml:
            let media = mediaType(text)
            return equalIgnoringCase(media, "application/xml") || equalIgnoringCase(media, "text/xml")
                || hasPrefix(UnsafeRawBufferPointer(rebasing: media.suffix(4)), "+xml")
        }
    }
}

/// The longest attribute that is read, in bytes: ids and sources go into keys and receipts.
private let attributeBytesMax = 1_024
private let contentTypeName = Array("content-type".utf8)
private let dataName = Array("data".utf8)
private let dataBase64Name = Array("data_base64".utf8)
private let attributeNames = EventAttribute.allCases.map { attribute in
    let name = Array(attribute.rawValue.utf8)
    return (head: name.withUnsafeBytes { ConnectorPlan.head($0) }, name: name, attribute: attribute)
}
