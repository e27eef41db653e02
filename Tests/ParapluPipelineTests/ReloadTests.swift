import Dispatch
import ParapluConnectors
import ParapluPipeline
import ParapluTesting
import Postgres
import Synchronization
import Testing

@Suite("Reload", .timeLimit(.minutes(6)))
struct ReloadTests {
    /// The definition with one line more, which changes its version and nothing else.
    private static func changed() throws -> [UInt8] {
        try PipelineHarness.definition() + Array("\n# changed\n".utf8)
    }

    private static let versions = Statement(
        """
        SELECT count(*) FROM journal.entry AS e
        JOIN journal.stream AS s USING (stream_id)
        JOIN LATERAL (SELECT connector_versions FROM operations.activation AS a
            WHERE a.commit <= e.commit ORDER BY a.commit DESC LIMIT 1) AS a ON true
        WHERE s.kind = 'partition' AND e.connector_version <> ALL (a.connector_versions)
        """)
    private static let entries = Statement(
        """
        SELECT count(*), count(DISTINCT connector_version) FROM journal.entry AS e
        JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'partition'
        """)

    private static func reports(_ range: ClosedRange<Int>) -> [(id: String, data: String)] {
        range.map { number in
            (
                "m-\(number)",
                #"{"action":"ill-1","as_of":"2026-06-01","sequence":\#(number),"lifecycle":"LOOPT","rating":"GROEN"}"#
            )
        }
    }

    @Test("under load every daemon switches at the same commit, and every record names the version in force at its own")
    func switching() async throws {
        try await PipelineHarness.with { harness in
            let changed = try Self.changed()
            let seen = EventLog()
            let one = harness.pipeline(
                instance: "one", load: { ConnectorCatalog.make(definitions: [("bz/canoniek", changed)]) }
            ) { seen.take($0, of: "one") }
            let two = harness.pipeline(instance: "two") { seen.take($0, of: "two") }
            try await harness.running(one) {
                // Its start puts in force what is in force, which is nothing new.
                try await harness.running(two) {
                    _ = try await eventually("both have partitions") {
                        seen.claimed.isSuperset(of: ["one", "two"]) ? true : nil
                    }
                    try await harness.publish(Self.reports(1...200))
                    _ = try await eventually("the first record") {
                        try await harness.admin.run { try $0.execute(Self.entries)[0].int8(0) } > 0 ? true : nil
                    }
                    one.reload()
                    try await harness.publish(Self.reports(201...400))
                    _ = try await eventually("both have switched") { seen.changes.count >= 2 ? true : nil }
                    try await harness.publish(Self.reports(401...420))
                    _ = try await eventually("all is journalled") {
                        try await harness.admin.run { try $0.execute(Self.entries)[0].int8(0) } == 420 ? true : nil
                    }

                    let (wrong, versions) = try await harness.admin.run { session in
                        (try session.execute(Self.versions)[0].int8(0), try session.execute(Self.entries)[0].int8(1))
                    }
                    #expect(wrong == 0)
                    #expect(versions == 2)
                    #expect(Set(seen.changes.keys) == ["one", "two"])
                    #expect(Set(seen.changes.values).count == 1)
                    #expect(seen.outcomes == ["switched"])
                }
            }
        }
    }

    @Test("a finding changes nothing; reloads never overlap, and those asked for during one are one more")
    func refusing() async throws {
        try await PipelineHarness.with { harness in
            let seen = EventLog()
            let gate = Gate()
            let finding = Finding(file: "f", line: 3, column: 5, code: .invalidValue, message: "wrong")
            let pipeline = harness.pipeline(
                instance: "one",
                load: {
                    gate.pass()
                    return (ConnectorCatalog.make(definitions: []).catalog, [finding])
                }
            ) { seen.take($0, of: "one") }
            // Before there is anything to reload.
            pipeline.reload()
            try await harness.running(pipeline) {
                _ = try await eventually("the first reload") { gate.entered == 1 ? true : nil }
                for _ in 0..<5 { pipeline.reload() }
                #expect(gate.entered == 1)
                gate.open()
                gate.open()
                _ = try await eventually("the second reload") { seen.outcomes.count == 2 ? true : nil }

                #expect(seen.outcomes == ["refused 1", "refused 1"])
                #expect(seen.changes.isEmpty)
            }
            // Nobody is asked any more.
            pipeline.reload()
            let activations = try await harness.admin.run { session in
                try session.execute(Statement("SELECT count(*) FROM operations.activation"))[0].int8(0)
            }
            #expect(gate.entered == 2)
            #expect(activations == 1)
        }
    }

    @Test("what is in force already is nothing new")
    func unchanged() async throws {
        try await PipelineHarness.with { harness in
            let same = try PipelineHarness.definition()
            let seen = EventLog()
            let pipeline = harness.pipeline(
                instance: "one", load: { ConnectorCatalog.make(definitions: [("bz/canoniek", same)]) }
            ) { seen.take($0, of: "one") }
            try await harness.running(pipeline) {
                pipeline.reload()
                _ = try await eventually("the reload") { seen.outcomes.isEmpty ? nil : true }
            }
            #expect(seen.outcomes == ["unchanged"])
            #expect(seen.changes.isEmpty)
        }
    }
}

/// What pipelines told of their connectors.
private final class EventLog: Sendable {
    private struct State {
        var claimed: Set<String> = []
        var changes: [String: Int64] = [:]
        var outcomes: [String] = []
    }

    private let state = Mutex(State())

    func take(_ event: PipelineEvent, of instance: String) {
        state.withLock { state in
            switch event {
            case .partitionsClaimed(let claims): if !claims.isEmpty { state.claimed.insert(instance) }
            case .connectorsChanged(let commit, _): state.changes[instance] = commit
            case .reloaded(.switched): state.outcomes.append("switched")
            case .reloaded(.unchanged): state.outcomes.append("unchanged")
            case .reloaded(.refused(let findings)): state.outcomes.append("refused \(findings.count)")
            case .reloaded(.failed(let reason)): state.outcomes.append("failed \(reason)")
            default: break
            }
        }
    }

    var claimed: Set<String> { state.withLock { $0.claimed } }
    var changes: [String: Int64] { state.withLock { $0.changes } }
    var outcomes: [String] { state.withLock { $0.outcomes } }
}

/// Holds a thread until it is opened, and counts who came.
private final class Gate: Sendable {
    private let count = Mutex(0)
    private let semaphore = DispatchSemaphore(value: 0)

    func pass() {
        count.withLock { $0 += 1 }
        semaphore.wait()
    }

    func open() { semaphore.signal() }

    var entered: Int { count.withLock { $0 } }
}
