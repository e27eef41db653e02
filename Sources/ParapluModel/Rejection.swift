/// Where on its way a message was refused.
package enum RejectionStage: String, CaseIterable, Sendable {
    case route, decode, validate, map, apply
}

/// Why a message was refused: stable codes, which publishers may build on.
///
/// One table: the receipt, the quarantine, the metrics and the documentation read it.
package enum RejectionCode: String, CaseIterable, Sendable {
    case decode
    case encoding
    case ambiguous
    case depth
    case size
    case tombstone
    case key
    case envelope
    case type
    case range
    case invalidDate = "invalid_date"
    case missingField = "missing_field"
    case unknownField = "unknown_field"
    case unknownCode = "unknown_code"
    case invalidValue = "invalid_value"
    case version
    case sourceMismatch = "source_mismatch"
    case authority
    case personalData = "personal_data"
    case kindNotSupported = "kind_not_supported"
    case reasonRequired = "reason_required"
    case futureAsOf = "future_as_of"
    case idReused = "id_reused"
    case unresolved
    case database

    /// The stage at which the code is given.
    package var stage: RejectionStage {
        switch self {
        case .decode, .encoding, .ambiguous, .depth, .size, .tombstone, .key, .envelope: .decode
        case .type, .range, .invalidDate, .missingField, .unknownField, .unknownCode, .invalidValue, .version,
            .sourceMismatch, .personalData:
            .validate
        case .authority, .kindNotSupported, .reasonRequired: .map
        case .futureAsOf, .idReused, .unresolved, .database: .apply
        }
    }

    /// What would be accepted instead, in one sentence for the publisher.
    package var remedy: String {
        switch self {
        case .decode: "Send one complete value in the format that the connector declares."
        case .encoding: "Send UTF-8 without byte order mark, without U+0000 and without unpaired surrogates."
        case .ambiguous: "Give every member of an object once."
        case .depth: "Nest no deeper than the connector's limit."
        case .size: "Keep the message below the connector's size limit."
        case .tombstone: "Send a value: this feed gives no meaning to a message without one."
        case .key: "Give the key that the connector declares."
        case .envelope: "Send the CloudEvents 1.0 attributes that the connector declares, each once, in one mode."
        case .type: "Send the type that the field declares."
        case .range: "Send a number within the range that the field declares."
        case .invalidDate: "Send an existing date in the declared form, and a moment with its offset."
        case .missingField: "Add the field."
        case .unknownField: "Leave the field out, or ask for it to be added to the connector."
        case .unknownCode: "Use a code of the connector's list."
        case .invalidValue: "Send a value of the declared form and length."
        case .version: "Send a version that the connector declares, or wait until the new one is added."
        case .sourceMismatch: "Use a source that names the owner of the topic."
        case .authority: "Report only the actions and record kinds that the feed was given."
        case .personalData: "Leave personal data out; send codes and totals."
        case .kindNotSupported: "Wait until this kind of record is supported; it has no rules yet."
        case .reasonRequired: "Give at least one reason code with amber, red or stopped."
        case .futureAsOf: "Report of a day that has come, or comes within a month."
        case .idReused: "Give a new id to a message with other contents."
        case .unresolved: "Name an action and organisations of the plan."
        case .database: "Nothing: the store could not hold a value of the message; the operator is told."
        }
    }
}

/// A violation: one thing wrong with one message, and where.
package struct Violation: Hashable, Sendable {
    /// What is wrong, as a stable code.
    package let code: RejectionCode
    /// Where in the document, as a JSON Pointer in declared names (RFC 6901), or empty for the message as a whole.
    package let path: String
    /// The byte at which decoding failed, where it did.
    package let byteOffset: Int?
    /// What is accepted there, in the connector's words: never a value of the message.
    package let expected: String?

    package init(_ code: RejectionCode, path: String = "", byteOffset: Int? = nil, expected: String? = nil) {
        self.code = code
        self.path = path
        self.byteOffset = byteOffset
        self.expected = expected
    }
}

/// Why a message was refused: all its violations, the first of which names it.
package struct Rejection: Hashable, Sendable, Error {
    /// At least one, at most `violationsMax`, in order of the document.
    package let violations: [Violation]
    /// Whether the message is text at all; what isn't can't be scanned, so nothing of it may be kept.
    package let isText: Bool

    /// The most violations that are kept of one message.
    package static let violationsMax = 20

    package init(_ violations: [Violation], isText: Bool = true) {
        precondition(!violations.isEmpty, "a rejection has a reason")
        self.violations = Array(violations.prefix(Rejection.violationsMax))
        self.isText = isText
    }

    package init(
        _ code: RejectionCode, path: String = "", byteOffset: Int? = nil, expected: String? = nil, isText: Bool = true
    ) {
        self.init([Violation(code, path: path, byteOffset: byteOffset, expected: expected)], isText: isText)
    }

    /// The code that names the rejection: personal data before anything else, else the first.
    package var code: RejectionCode {
        violations.contains { $0.code == .personalData } ? .personalData : violations[0].code
    }

    /// Whether nothing of the message may be kept: Invariant 8.
    package var forbidsPayload: Bool { code == .personalData || !isText }
}
