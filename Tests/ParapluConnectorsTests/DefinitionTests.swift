import ParapluConnectors
import ParapluModel
import Testing

@Suite struct DefinitionTests {
    private func findings(_ yaml: String) -> [String] {
        Connector.make(file: "t", bytes: Array(yaml.utf8)).findings.map { $0.code.rawValue }
    }

    @Test(
        "a connector without purpose, legal basis or identity is not loaded",
        arguments: ["purpose", "legal_basis", "identity", "owner", "topic", "authority", "key", "records"])
    func missing(key: String) throws {
        let lines = TestFeed().yaml.split(separator: "\n", omittingEmptySubsequences: false)
        var isLeftOut = false
        let rest = lines.filter { line in
            if !line.hasPrefix(" ") { isLeftOut = line.hasPrefix(key + ":") }
            return !isLeftOut
        }

        let (connector, findings) = Connector.make(file: "t", bytes: Array(rest.joined(separator: "\n").utf8))

        #expect(connector == nil)
        #expect(findings.contains { $0.code == .missingKey && $0.message.contains("“\(key)”") })
    }

    @Test(
        "what is wrong is found with its place",
        arguments: [
            ("connector: 1", "connector: 2", "invalid_value"),
            ("retention_months: 1", "retention_months: 0", "invalid_value"),
            ("purpose: a test", "purpose: a test\nsurprise: 1", "unknown_key"),
            ("topic: in.test.feed.v1", "topic: stm.in.test.feed.v1", "invalid_value"),
            ("codes: canonical }", "codes: other }", "invalid_code"),
            ("path: /a }", "path: /a, size: 3 }", "unknown_key"),
            ("path: /a }", "path: /a, date: iso }", "invalid_operator"),
            ("path: /a }", "path: /a/b/c, first_of: [] }", "invalid_operator"),
            ("path: /a }", "path: /r/x }", "path_conflict"), ("path: /a }", "path: /x/*/y }", "path_conflict"),
            ("date: iso", "date: mdy", "invalid_value"),
            ("action: { path: /a }", "action: { constant: \"a b\" }", "invalid_value"),
            ("action: { path: /a }", "actie: { path: /a }", "unknown_key"),
            ("kinds: [progress.reported", "kinds: [assessment.made", "invalid_value"),
            ("identity: [reporter,", "identity: [naam,", "invalid_value"),
            ("feed: test/feed", "feed: test", "invalid_value"),
            ("key: none", "key: { attribute: id }", "invalid_operator"),
            ("connector: 1", "connector: [", "unreadable"),
        ])
    func finding(text: String, replacement: String, code: String) {
        let codes = findings(TestFeed().yaml.replacing(text, with: replacement, maxReplacements: 1))

        #expect(codes.contains(code))
    }

    @Test("a list may not map to a code that only the programme office gives")
    func office() {
        var feed = TestFeed()
        feed.extra = "code_lists: { s: { klaar: AFGEROND } }"
        feed.records = feed.records.replacing(
            "lifecycle: { path: /l, codes: canonical }", with: "lifecycle: { path: /l, codes: s }")

        #expect(findings(feed.yaml) == ["invalid_code"])
    }

    @Test("all findings are reported together, each with line and column")
    func together() {
        let yaml = TestFeed().yaml.replacing("retention_months: 1", with: "retention_months: never").replacing(
            "date: iso", with: "date: us")
        let findings = Connector.make(file: "t", bytes: Array(yaml.utf8)).findings

        #expect(findings.map(\.line) == [7, 17])
        #expect(findings.first?.description.hasPrefix("t:7:19: invalid_value: ") == true)
    }

    @Test("a version changes with the definition, and a set's with any of its members")
    func versions() throws {
        let one = TestFeed().yaml
        let two = one.replacing("min: 0", with: "min: 1")
        let other = one.replacing("test/feed", with: "test/other").replacing(
            "in.test.feed.v1", with: "in.test.other.v1")
        func set(_ texts: String...) throws -> ConnectorCatalog {
            try #require(ConnectorCatalog(definitions: texts.map { (file: "t", bytes: Array($0.utf8)) }))
        }

        #expect(try set(one).connectors.map(\.version) != set(two).connectors.map(\.version))
        #expect(try set(one, other).setVersion == set(other, one).setVersion)
        #expect(try set(one, other).setVersion != set(two, other).setVersion)
        #expect(try set(one).setVersion != set().setVersion)
        #expect(
            ConnectorCatalog(definitions: [(file: "a", bytes: Array(one.utf8)), (file: "b", bytes: Array(one.utf8))])
                == nil)
    }
}
