import Foundation
import JSON
import ParapluConnectors
import ParapluModel
import ParapluRules
import ParapluTesting
import Testing

@testable import ParapluStore

/// `asyncapi.yaml` as it is kept, held against the definitions and the code that it tells of.
@Suite struct AsyncAPIFileTests {
    private static let connectors = ConnectorCatalog.load(directory: Workplace.root + "/connectors").catalog.connectors

    private let file: AsyncAPIFile

    init() throws { file = try AsyncAPIFile.kept() }

    @Test(
        "the file and the definition agree on each good example, and on it without a header, its key or its value",
        arguments: connectors)
    func inbound(_ connector: Connector) throws {
        let folder = "\(Workplace.root)/connectors/\(connector.feed)"
        let examples = ExampleFile.all(in: folder).filter { !$0.isRejected }
        #expect(examples.count >= 5)
        for example in examples {
            let key = StoredMessage(name: example.name, input: example.path, folder: folder + "/examples")?.key
            let whole = AsyncAPIFile.Sent(value: example.value, key: key, headers: example.headers)
            var variants = [("as it is", whole)]
            for name in Set(example.headers.map(\.name)) {
                var message = whole
                message.headers.removeAll { $0.name == name }
                variants.append(("without \(name)", message))
            }
            for (what, change) in Self.changes {
                var message = whole
                change(&message)
                variants.append((what, message))
            }
            for (what, message) in variants {
                let isTaken = Self.takes(message, connector)
                #expect(isTaken || what != "as it is", "\(example.path)")
                #expect(
                    file.describes(message, topic: connector.topic) == isTaken,
                    "\(example.path) \(what): the definition \(isTaken ? "takes" : "refuses") it")
            }
        }
    }

    private static let changes: [(String, @Sendable (inout AsyncAPIFile.Sent) -> Void)] = [
        ("without a key", { $0.key = nil }), ("with another key", { $0.key = Array("another".utf8) }),
        ("without a value", { $0.value = nil }),
    ]

    private static func takes(_ message: AsyncAPIFile.Sent, _ connector: Connector) -> Bool {
        let stored = StoredMessage(
            value: message.value, key: message.key, headers: message.headers.map { ($0.name, $0.value) })
        var buffer = IntakeBuffer()
        return stored.decode(connector, MessageDecoder(), into: &buffer).rejection == nil
    }

    @Test("the file lists every reason of a status, and no other")
    func reasons() throws {
        let pattern = try #require(
            file.at("components", "schemas", "actionState", "properties", "reasons", "items")?["pattern"])
        guard case .string(let text) = pattern else { throw Unexpected(pattern) }
        let reasons = Self.allReasons
        #expect(reasons.count == Set(reasons.map(\.code)).count)
        for reason in reasons {
            #expect(SchemaValidator.errors(.string("\(reason)"), .members(["pattern": pattern])) == [], "\(reason)")
            #expect(StatusReason("\(reason)") == reason)
        }
        let listed = text.split { !($0.isLetter || $0 == "_") }.map(String.init).filter { $0.count > 1 }
        #expect(listed.sorted() == reasons.map(\.code).sorted())
        #expect(
            file.choices("components", "schemas", "rollupPart", "properties", "reasons", "items")
                == RollupReason.allCases.map(\.rawValue).sorted())
    }

    private struct Unexpected: Error {
        let tree: JSONTree
        init(_ tree: JSONTree) { self.tree = tree }
    }

    /// One reason of each kind; a new kind doesn't compile until it has a place here.
    private static var allReasons: [StatusReason] {
        guard let milestone = MilestoneID("m"), let party = OrganisationID("o"), let risk = RiskID("r") else {
            return []
        }
        func next(_ reason: StatusReason) -> StatusReason? {
            switch reason {
            case .completionRefused: .conflictMilestone(milestone)
            case .conflictMilestone: .conflictRating(party)
            case .conflictRating: .milestoneCriticalOverdue(milestone)
            case .milestoneCriticalOverdue: .milestoneLongOverdue(milestone)
            case .milestoneLongOverdue: .milestoneOverdue(milestone)
            case .milestoneOverdue: .milestoneRebaselined(milestone)
            case .milestoneRebaselined: .milestoneRefused(milestone)
            case .milestoneRefused: .neverReported
            case .neverReported: .noHolder
            case .noHolder: .noProgressReport
            case .noProgressReport: .reportMissing
            case .reportMissing: .reportStale
            case .reportStale: .reported(.capacity)
            case .reported: .riskHigh(risk)
            case .riskHigh: .startOverdue
            case .startOverdue: nil
            }
        }
        return Array(sequence(first: StatusReason.completionRefused, next: next))
    }

    @Test("the file's codes, outcomes, dispositions, causes and states are those of the code")
    func codes() {
        func listed(_ schema: String, _ property: String) -> [String] {
            file.choices("components", "schemas", schema, "properties", property)
        }
        #expect(
            file.choices("components", "schemas", "rejectionCode") == RejectionCode.allCases.map(\.rawValue).sorted())
        #expect(listed("receiptData", "stage") == RejectionStage.allCases.map(\.rawValue).sorted())
        // Of a message that was parked or refused there is later word.
        let outcomes = Outcome.allCases.map(\.rawValue)
        #expect(listed("receiptData", "outcome") == (outcomes + ["resolved", "refused", "replayed"]).sorted())
        #expect(listed("receiptData", "replayed_as") == outcomes.filter { $0 != "rejected" }.sorted())
        #expect(
            file.choices(
                "components", "schemas", "receiptData", "properties", "without_effect", "items", "properties",
                "disposition") == Disposition.allCases.filter(OutboxWriter.isProblem).map(\.rawValue).sorted())
        #expect(file.choices("components", "schemas", "changeCause") == ChangeCause.allCases.map(\.rawValue).sorted())
        #expect(listed("actionState", "data_state") == DataState.allCases.map(\.rawValue).sorted())
        #expect(
            file.choices("components", "schemas", "actionState", "properties", "flags", "items")
                == StatusFlag.allCases.map(\.rawValue).sorted())
        #expect(file.choices("components", "schemas", "lifecycle") == Lifecycle.allCases.map(\.rawValue).sorted())
        #expect(file.choices("components", "schemas", "rating") == DeliveryRating.allCases.map(\.rawValue).sorted())
        let partners = Set(Self.connectors.map { String($0.feed.rawValue.prefix { $0 != "/" }) }).sorted()
        #expect(file.choices("channels", "receipts", "parameters", "partner") == partners)
    }

    /// AsyncAPI's own validator, which checks the examples of messages too; it lies beside the project, not in it.
    private static let validator = Workplace.root + "/../shared/tools/asyncapi-validate.cjs"

    @Test(
        "the public validator finds nothing wrong with the file",
        .enabled(if: FileManager.default.fileExists(atPath: validator), "the validator isn't beside the project"))
    func isValid() async throws {
        try await Workplace.with { place in
            let (ending, output, log) = try await TestProgram.run(
                "/usr/bin/env", ["-C", Workplace.root, "node", Self.validator, "asyncapi.yaml"],
                environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"],
                in: place.directory)
            #expect(ending == .exited(0), "\(output)\(log)")
        }
    }
}
