import ParapluConnectors
import ParapluModel
import Testing

/// Messages without a value, of feeds that give them a meaning.
@Suite struct TombstoneTests {
    @Test(
        "a message without a value withdraws what its key names, where the contract says so",
        arguments: [
            ("act-1-01/2025-05-31", nil), ("act-1-01", "invalid_value key"),
            ("act-1-01/31-05-2025", "invalid_date key"),
            (nil, "missing_field key"),
        ] as [(String?, String?)])
    func tombstone(key: String?, violation: String?) throws {
        var feed = TestFeed()
        feed.records += """

              - kind: withdrawal
                on: tombstone
                fields:
                  action: { key: true, split: "/", part: 1, of: 2 }
                  as_of: { key: true, split: "/", part: 2, of: 2, date: iso }
                  withdraws: { constant: progress.reported }
            """
        feed.authority = "{ actions: any, kinds: [progress.reported, withdrawal] }"

        let received = try feed.connector().receive(nil, key: key)

        #expect(Set(received.violations) == Set(violation.map { [$0] } ?? []))
        #expect(received.records.map(\.asOf) == (violation == nil ? [CalendarDate("2025-05-31")] : []))
    }

    @Test("a record of a tombstone that reads the value is a finding")
    func tombstoneReadsNoValue() {
        var feed = TestFeed()
        feed.records += """

              - kind: withdrawal
                on: tombstone
                fields:
                  action: { path: /a }
                  as_of: { key: true, date: iso }
                  withdraws: { constant: progress.reported }
            """

        let findings = Connector.make(file: "test.yaml", bytes: Array(feed.yaml.utf8)).findings

        #expect(findings.map(\.code) == [.invalidOperator])
    }

    private static let given = "nl.test.bijdragen.gegeven.v1"
    private static let withdrawn = "nl.test.bijdragen.ingetrokken.v1"

    /// A feed of events keyed by an attribute, where a message without a value and of its own type withdraws.
    private func events(_ mode: String, when: String = "when: { attribute: type, equals: \(withdrawn) }") throws
        -> Connector
    {
        var feed = TestFeed()
        feed.format = "{ envelope: cloudevents, mode: \(mode), profile: nl-gov }"
        feed.extra = "version: { attribute: type, accepted: [\(TombstoneTests.given)] }"
        feed.key = "{ attribute: partitionkey }"
        feed.records += """

              - kind: withdrawal
                on: tombstone
                \(when)
                fields:
                  action: { key: true, split: "/", part: 1, of: 2 }
                  as_of: { key: true, split: "/", part: 2, of: 2, date: iso }
                  withdraws: { constant: progress.reported }
            """
        feed.authority = "{ actions: any, kinds: [progress.reported, withdrawal] }"
        return try feed.connector()
    }

    private static let headers: [(String, String?)] = [
        ("ce_specversion", "1.0"), ("ce_id", "e-1"), ("ce_source", "urn:nld:oin:00000099000000101000:systeem:x"),
        ("ce_type", withdrawn), ("ce_partitionkey", key), ("content-type", "application/json"),
    ]
    private static let key = "act-1-01/2025-05-31"

    @Test(
        "an event without a value keeps the rules of key, version and profile",
        arguments: [
            // (header, its value or none, violations)
            ("ce_subject", "x", []), ("ce_partitionkey", "act-1-02/2025-05-31", ["key key"]),
            ("ce_partitionkey", nil, ["key key"]),
            ("ce_type", "nl.test.bijdragen.gegeven.v2", ["version header/ce_type"]),
            ("ce_type", given, ["tombstone "]), ("ce_type", nil, ["envelope header/ce_type"]),
            ("ce_type", "weg", ["envelope header/ce_type", "version header/ce_type"]),
            ("ce_source", "urn:nld:oin:00000099000000102000", ["source_mismatch header/ce_source"]),
            ("ce_specversion", "0.3", ["envelope header/ce_specversion"]),
        ] as [(String, String?, [String])])
    func rules(header: String, value: String?, violations: [String]) throws {
        var headers = TombstoneTests.headers.filter { $0.0 != header }
        if let value { headers.append((header, value)) }

        let received = try events("both").receive(nil, key: TombstoneTests.key, headers: headers)

        #expect(received.violations == violations)
        #expect(received.records.count == (violations.isEmpty ? 1 : 0))
    }

    @Test("a record of a message without a value that names no type takes the versions of the feed alone")
    func versions() throws {
        let connector = try events("binary", when: "")
        func violations(_ type: String) -> [String] {
            let headers = TombstoneTests.headers.filter { $0.0 != "ce_type" } + [("ce_type", type)]
            return connector.receive(nil, key: TombstoneTests.key, headers: headers).violations
        }

        #expect(violations(TombstoneTests.given) == [])
        #expect(violations(TombstoneTests.withdrawn) == ["version header/ce_type"])
    }

    @Test("an event in structured mode has a value, and its headers are no event", arguments: ["both", "structured"])
    func structured(mode: String) throws {
        let headers = TombstoneTests.headers.dropLast() + [("content-type", "application/cloudevents+json")]

        let received = try events(mode).receive(nil, key: TombstoneTests.key, headers: Array(headers))

        #expect(received.violations == ["envelope "])
        #expect(received.intake?.eventID == nil)
    }

    @Test("a key that equals a value of the document is not compared where there is none")
    func keyOfDocument() throws {
        var feed = TestFeed()
        feed.key = "{ path: /a }"
        feed.records += """

              - kind: withdrawal
                on: tombstone
                fields:
                  action: { key: true }
                  as_of: { constant: "2025-05-31" }
                  withdraws: { constant: progress.reported }
            """
        feed.authority = "{ actions: any, kinds: [progress.reported, withdrawal] }"

        #expect(try feed.connector().receive(nil, key: "act-1-01").records.count == 1)
    }
}
