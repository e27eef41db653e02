internal import ParapluModel

extension EventAttribute {
    /// What a value must be, beyond text that is not empty.
    enum Form: Sendable {
        case text
        /// An absolute URI, without a fragment.
        case uri
        case uriReference
        /// RFC 3339.
        case moment
        /// One of a few texts.
        case codes([String])
        /// One or more of a few texts, with commas between them.
        case codeSet([String])
        /// Text, or by its `sequencetype` a number of 32 bits.
        case sequence
    }

    /// The form of the attribute's values.
    ///
    /// - Source: CloudEvents 1.0.2, and its documented extensions; ADR 0040 says what is ours.
    var form: Form {
        switch self {
        case .specversion: .codes(EventAttribute.specVersions)
        case .source, .dataref: .uriReference
        case .dataschema: .uri
        case .time, .recordedtime, .expirytime: .moment
        case .sequence: .sequence
        case .sequencetype: .codes(EventAttribute.integerTypes)
        case .dataclassification: .codes(EventAttribute.levels)
        case .dataregulation: .codeSet(EventAttribute.regulations)
        case .datacategory: .codes(EventAttribute.categories)
        case .id, .type, .datacontenttype, .subject, .partitionkey, .traceparent, .tracestate, .correlationid,
            .causationid:
            .text
        }
    }

    /// The attribute without which this one has no meaning.
    var companion: EventAttribute? {
        switch self {
        case .sequencetype: .sequence
        case .tracestate: .traceparent
        case .dataregulation, .datacategory: .dataclassification
        case .specversion, .id, .source, .type, .datacontenttype, .dataschema, .subject, .time, .partitionkey,
            .sequence, .traceparent, .dataref, .recordedtime, .expirytime, .correlationid, .causationid,
            .dataclassification:
            nil
        }
    }

    // Made once: the form of each attribute of each message is asked for.
    private static let specVersions = ["1.0"]
    private static let levels = ["public", "internal", "confidential", "restricted"]
    private static let regulations = ["GDPR", "AVG", "ISO-27001", "BIO"]
    private static let categories = ["non-sensitive", "standard"]

    /// The type of numbers: the NL GOV profile writes it in both ways.
    static let integerTypes = ["Integer", "integer"]
}

extension MessageDecoder {
    /// Checks an attribute's value against its form.
    func checkForm(of attribute: EventAttribute, _ text: UnsafeRawBufferPointer, prefix: String) {
        func refuse(_ code: RejectionCode, _ expected: String) {
            note(code, prefix + attribute.rawValue, expected: expected)
        }
        if let companion = attribute.companion, attributes[companion.index] == nil {
            note(.envelope, prefix + companion.rawValue, expected: "a value beside \(attribute.rawValue)")
        }
        switch attribute.form {
        case .text: break
        case .uri: if !URIText.isAbsolute(text) { refuse(.envelope, "an absolute URI without a fragment") }
        case .uriReference: if !URIText.isReference(text) { refuse(.envelope, "a URI-reference") }
        case .moment:
            let moment = Timestamp(rfc3339: text)
            if attribute == .time { eventTime = moment }
            if moment == nil { refuse(.invalidDate, "RFC 3339 with an offset") }
        case .codes(let codes):
            if !isCode(text, of: codes) { refuse(.envelope, codes.joined(separator: ", ")) }
        case .codeSet(let codes):
            let isGood = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy { part in
                var part = part.drop { $0 == UInt8(ascii: " ") }
                while part.last == UInt8(ascii: " ") { part.removeLast() }
                return isCode(UnsafeRawBufferPointer(rebasing: part), of: codes)
            }
            if !isGood { refuse(.envelope, codes.joined(separator: ", ")) }
        case .sequence:
            guard let type = attributes[EventAttribute.sequencetype.index],
                isCode(type, of: EventAttribute.integerTypes)
            else { break }
            if !MessageDecoder.isInteger(text) { refuse(.envelope, "\(Int32.min) to \(Int32.max)") }
        }
    }

    private func isCode(_ text: UnsafeRawBufferPointer, of codes: [String]) -> Bool {
        codes.contains { text.elementsEqual($0.utf8) }
    }

    /// Whether a text is a whole number of 32 bits with a sign; with any number of leading zeros.
    private static func isInteger(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.first != UInt8(ascii: "+") else { return false }
        return Int32(String(decoding: text, as: UTF8.self)) != nil
    }
}
