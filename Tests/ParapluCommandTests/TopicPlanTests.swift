import Foundation
import ParapluConnectors
import Testing

@testable import ParapluCommand

@Suite("The plan of topics") struct TopicPlanTests {
    private func plan() throws -> TopicPlan {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let (catalog, findings) = ConnectorCatalog.load(directory: root.appending(path: "connectors").path())
        #expect(findings.isEmpty)
        return TopicPlan(prefix: "x", connectors: catalog.connectors)
    }

    @Test("a topic whose messages without a value say something keeps those for thirty days")
    func tombstones() throws {
        let topic = try #require(try plan().topics.first { $0.name == "x.in.nidos.bijdrage.v1" })

        #expect(topic.settings == ["cleanup.policy": "compact", "delete.retention.ms": "2592000000"])
        #expect(topic.problems(topic.settings).isEmpty)
        #expect(topic.problems(["cleanup.policy": "compact", "delete.retention.ms": "86400000"]).count == 1)
    }

    @Test("nothing of an inbound topic is deleted by age or by key")
    func unlimited() throws {
        let topic = try #require(try plan().topics.first { $0.name == "x.in.jenv.voortgang.v1" })

        #expect(topic.settings == ["cleanup.policy": "delete", "retention.ms": "-1"])
        #expect(topic.problems(["cleanup.policy": "compact", "retention.ms": "1000"]).count == 2)
    }
}
