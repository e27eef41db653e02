package import JSON

/// Every step of one message through its connector, for whoever writes the definition.
///
/// It holds values of the message, which is the reader's own file: what the privacy scan finds in one is masked.
package struct MessageExplanation: Sendable {
    /// A step: what was looked at, and what came of it.
    package struct Step: Sendable {
        package enum Kind: String, Sendable {
            case headers, decoding, envelope, version, identifiers, record, checks, rest
        }
        package let kind: Kind
        /// What the step is about, in a few words.
        package let title: String
        /// Names with what they are, such as an attribute with its value.
        package var facts: [Fact] = []
        package var fields: [Field] = []
        /// What is wrong by this step, each as code, place and what is accepted.
        package var violations: [String] = []
    }

    package struct Fact: Sendable {
        package let name: String
        package let value: String
    }

    /// A field of a record, or a check.
    package struct Field: Sendable {
        package let name: String
        /// The operator, as the definition has it.
        package let operation: String
        /// What it read: places with their values as JSON; “absent” for what isn't there.
        package let reads: [Fact]
        /// What it gave; nil where it is refused.
        package let result: String?
        package let violations: [String]
    }

    /// A record that came of the message.
    package struct Record: Sendable {
        package let json: [UInt8]
        /// The SHA-256 of its canonical bytes.
        package let digest: String
        /// The key by which it is found again.
        package let identity: String
    }

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
