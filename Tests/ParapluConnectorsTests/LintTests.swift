import Foundation
import ParapluModel
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

    @Test("the feeds that are here have nothing to find, nor has the reference plan other organisations")
    func feeds() throws {
        let file = ExamplesTests.directory + "/../deploy/reference-plan.json"
        let plan = try PlanDocument.parse(Array(try Data(contentsOf: URL(fileURLWithPath: file))), file: file)

        #expect(ConnectorLint.findings(in: ExamplesTests.directory, plan: plan).map(\.description) == [])
    }

    @Test("owner and organisations are those of the plan, by every identifier that it keeps")
    func organisations() throws {
        func organisation(_ id: String, _ name: String, oin: String, tooi: String? = nil) -> Organisation {
            Organisation(
                id: OrganisationID(unchecked: id), nameNL: name, nameEN: name, abbreviation: "", kind: "ministry",
                tooi: tooi.flatMap { TOOI($0) }, oin: OIN(oin), provenance: .found)
        }
        let tooi = "https://identifier.overheid.nl/tooi/id/ministerie/mnre1058"
        var plan = Plan(
            name: "x", version: "1",
            programme: Programme(
                id: "x", titleNL: "x", titleEN: "x", dossier: "1",
                presentedOn: try #require(CalendarDate("2024-01-01")),
                coordinator: OrganisationID(unchecked: "org-jenv")),
            goals: [], lines: [], organisations: [], actions: [])
        func findings(_ names: String) throws -> [String] {
            var feed = TestFeed()
            feed.extra = "organisations: { \(names) }"
            return ConnectorLint.organisations(try feed.connector(), plan, file: "t").map {
                "\($0.line) \($0.code.rawValue) \($0.message)"
            }
        }

        #expect(
            try findings("org-y: [Y]") == [
                "3 plan the plan has no organisation org-jenv", "12 plan the plan has no organisation org-y",
            ])
        plan.organisations = [
            organisation("org-jenv", "JenV", oin: "00000099000000101000", tooi: tooi),
            organisation("org-y", "Ypsilon", oin: "00000099000000102000"),
        ]
        #expect(try findings("org-jenv: [\"00000099000000101000\", jenv, \(tooi), Justitie], org-y: [ypsilon]") == [])
        #expect(
            try findings("org-y: [\"00000099000000103000\", JENV, \(tooi), \"urn:nld:oin:00000099000000102000\"]") == [
                "12 plan “00000099000000103000” is no identifier of org-y in the plan",
                "12 plan “JENV” is org-jenv in the plan", "12 plan “\(tooi)” is org-jenv in the plan",
            ])
        plan.organisations[0].oin = OIN("00000099000000109000")
        #expect(try findings("org-y: [y]") == ["3 plan the OIN of org-jenv is another one in the plan"])
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
