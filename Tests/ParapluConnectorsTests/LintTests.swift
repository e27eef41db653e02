import Foundation
import Testing

@testable import ParapluConnectors

/// What is found in a folder of connectors, beyond what keeps a definition from being one.
@Suite struct LintTests {
    private func findings(_ feed: TestFeed) throws -> [String] {
        ConnectorLint.compaction(try feed.connector(), file: "t").map(\.description)
    }

    @Test("a compacted topic needs a key that stands for one record of one kind")
    func compaction() throws {
        var feed = TestFeed()
        #expect(try findings(feed) == [])

        feed.extra = "offsets: compacted"
        #expect(try findings(feed).map { $0.prefix(19) } == ["t:12:10: compaction"])
        #expect(try findings(feed).allSatisfy { $0.contains("no key is asked for") })

        feed.key = "{ path: /k }"
        #expect(try findings(feed).count == 1)
        #expect(try findings(feed).allSatisfy { $0.contains("the key tells action, as_of ") })

        feed.records = feed.records
            .replacing("{ path: /a }", with: "{ path: /k, split: \"/\", part: 1, of: 2 }")
            .replacing("{ path: /d, date: iso }", with: "{ key: true, split: \"/\", part: 2, of: 2, date: iso }")
        #expect(try findings(feed) == [])

        feed.records += """

              - kind: milestone.reported
                fields:
                  action: { path: /a }
                  milestone: { key: true }
                  as_of: { path: /d, date: iso }
                  status: { constant: GEPLAND }
            """
        #expect(try findings(feed).contains { $0.contains("milestone.reported, progress.reported") })
    }

    @Test("a message of several records has no one key")
    func elements() throws {
        var feed = TestFeed()
        feed.extra = "offsets: compacted"
        feed.key = "{ path: /k }"
        feed.records = """
              - kind: nothing.reported
                each: /i
                fields: { action: { key: true }, as_of: { key: true, date: iso } }
            """
        feed.authority = "{ actions: any, kinds: [nothing.reported] }"

        #expect(try findings(feed).contains { $0.contains("several records") })
    }

    @Test("the feeds that are here have nothing to find")
    func feeds() {
        #expect(ConnectorLint.findings(in: ExamplesTests.directory).map(\.description) == [])
    }

    @Test("a file that cannot be read is none, and an empty one is empty")
    func reading() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let empty = folder.appendingPathComponent("empty")
        try Data().write(to: empty)

        #expect(ConnectorFiles.read(empty.path, bytesMax: 8) == [])
        #expect(ConnectorFiles.read(folder.path, bytesMax: 8) == nil)
        #expect(ConnectorFiles.read(folder.path + "/nothing", bytesMax: 8) == nil)
    }
}
