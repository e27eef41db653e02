package import JSON

/// Every step of one message through its connector, for whoever writes the definition.
///
/// It holds values of the message, which is the reader's own file: what the privacy scan finds in one is masked.
package struct MessageExplanation: Sendable {
    /// A step: what was looked at, and what came of it.
    package struct Step: Sendable {
        /// The part of decoding that a step tells of.
        package enum Kind: String, Sendable {
            case headers, decoding, envelope, version, identifiers, record, checks, rest
        }
        /// The part of decoding that it tells of.
        package let kind: Kind
        /// What the step is about, in a few words.
        package let title: String
        /// Names with what they are, such as an attribute with its value.
        package var facts: [Fact] = []
        /// The fields of a record, or the values that are checked; empty for other steps.
        package var fields: [Field] = []
        /// What is wrong by this step, each as code, place and what is accepted.
        package var violations: [String] = []
    }

    /// A name with its value, as text to be shown.
    package struct Fact: Sendable {
        /// What the value tells of, such as a header, an attribute or a place in the document.
        package let name: String
        /// The value as text; what comes from the message is cut after 120 characters.
        package let value: String
    }

    /// A field of a record, or a check.
    package struct Field: Sendable {
        /// The field of the record as a definition writes it, such as `as_of`; `check` for a check.
        package let name: String
        /// The operator, as the definition has it.
        package let operation: String
        /// What it read: places with their values as JSON; “absent” for what isn't there.
        package let reads: [Fact]
        /// What it gave; nil where it is refused.
        package let result: String?
        /// What is wrong with it, each as code, place and what is accepted; empty where nothing is.
        package let violations: [String]
    }

    /// A record that came of the message.
    package struct Record: Sendable {
        /// Its canonical bytes.
        package let json: [UInt8]
        /// The SHA-256 of its canonical bytes.
        package let digest: String
        /// The key by which it is found again.
        package let identity: String
    }

    /// The steps in the order in which decoding takes them.
    package let steps: [Step]
    /// The code that refuses it; nil where it is taken.
    package let code: String?
    /// What came of the message, as golden files have it.
    package let outcome: [UInt8]
    /// The records; empty where it is refused.
    package let records: [Record]
    /// The document that fields are read from, with values masked; nil where there is none.
    package let document: JSONTree?
}
