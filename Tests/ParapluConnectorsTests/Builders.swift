import ParapluConnectors
import ParapluModel
import Testing

/// A bare-JSON connector for tests, of which a test replaces the parts that matter.
struct TestFeed {
    var format = "{ envelope: none }"
    var extra = ""
    var key = "none"
    var identity = "[reporter, kind, action, item, as_of, sequence]"
    var records = """
          - kind: progress.reported
            fields:
              action: { path: /a }
              as_of: { path: /d, date: iso }
              sequence: { path: /n, number: { min: 0, max: 100 } }
              lifecycle: { path: /l, codes: canonical }
              rating: { path: /r, codes: canonical }
              reasons: { path: /w, codes: canonical }
        """
    var authority = "{ actions: any, kinds: [progress.reported, milestone.reported] }"

    var yaml: String {
        """
        connector: 1
        feed: test/feed
        owner: { organisation: org-jenv, oin: "00000099000000101000", principal: "User:CN=test" }
        topic: in.test.feed.v1
        purpose: a test
        legal_basis: none is needed for invented data
        retention_months: 1
        format: \(format)
        key: \(key)
        identity: \(identity)
        authority: \(authority)
        \(extra)
        records:
        \(records)
        """
    }

    /// The connector; its findings are issues of the test.
    func connector() throws -> Connector {
        let (connector, findings) = Connector.make(file: "test.yaml", bytes: Array(yaml.utf8))
        #expect(findings.map(\.description) == [])
        return try #require(connector)
    }

    /// A good message of the standard fields, with members replaced or added.
    static func message(_ changes: [String: String?] = [:]) -> String {
        var members: [String: String?] = [
            "a": "\"act-1-01\"", "d": "\"2025-05-31\"", "l": "\"LOOPT\"", "r": "\"GROEN\"",
        ]
        for (name, value) in changes { members[name] = value }
        let text = members.sorted { $0.key < $1.key }.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
        return "{" + text.joined(separator: ",") + "}"
    }
}

/// What a message gave, in a form that tests compare.
struct Received: Equatable {
    var violations: [String]
    var records: [CanonicalRecord]
    var intake: Intake?

    static func == (left: Received, right: Received) -> Bool {
        left.violations == right.violations && left.records == right.records
    }
}

extension Connector {
    /// Decodes one message with a decoder of its own; violations as `code path`.
    func receive(_ value: String?, key: String? = nil, headers: [(String, String?)] = []) -> Received {
        receive(bytes: value.map { Array($0.utf8) }, key: key, headers: headers)
    }

    func receive(bytes: [UInt8]?, key: String? = nil, headers: [(String, String?)] = []) -> Received {
        var buffer = IntakeBuffer()
        let message = StoredMessage(
            value: bytes, key: key.map { Array($0.utf8) }, headers: headers.map { (name: $0.0, value: $0.1) })
        let intake = message.decode(self, MessageDecoder(), into: &buffer)
        let violations = intake.rejection?.violations.map { "\($0.code.rawValue) \($0.path)" } ?? []
        return Received(violations: violations, records: buffer.records[intake.records].map(\.record), intake: intake)
    }
}
