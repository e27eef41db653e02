import Glibc
import HTTP
import Systemd
import Testing

@testable import ParapluTelemetry

/// What a GET over a connection of its own brings back, headers included.
private func exchange(_ path: String, port: UInt16) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var deadline = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &deadline, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard connected == 0 else { throw Refused() }
    let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
    try #require(send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count)
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { break }
        answer += buffer[..<count]
    }
    return String(decoding: answer, as: UTF8.self)
}

/// Nobody listens.
private struct Refused: Error {}

@Suite("Health")
struct HealthTests {
    private func ready(_ health: Health) { for component in HealthComponent.allCases { health.report(component, .up) } }

    private func status(_ path: String, _ health: Health, _ harness: TelemetryHarness) -> Int {
        HealthServer.answer(HTTPRequest(path: path), health: health, metrics: harness.telemetry.metrics).status
    }

    @Test("ready is when every component is up")
    func readiness() {
        let harness = TelemetryHarness()
        let health = Health(clock: harness.clock)

        #expect(status("/readyz", health, harness) == 503)
        ready(health)
        #expect(status("/readyz", health, harness) == 200)
        health.report(.database, .down(reason: "08006"))
        #expect(status("/readyz", health, harness) == 503)
    }

    @Test("a component that is silent for more than 8 s counts as down; the migration stays as it was")
    func age() {
        let harness = TelemetryHarness()
        let health = Health(clock: harness.clock)
        ready(health)

        harness.advance(.seconds(8))
        #expect(health.isReady)
        harness.advance(.milliseconds(1))

        let down = health.states.filter { $0.state == .down(reason: "no_report") }.map(\.component)
        #expect(down == [.database, .kafka, .relay, .consumer])
    }

    @Test("components that are not asked for don't count")
    func subset() {
        let harness = TelemetryHarness()
        let health = Health(components: [.database], clock: harness.clock)

        health.report(.database, .up)
        health.report(.kafka, .down(reason: "x"))

        #expect(health.isReady)
    }

    @Test("alive is alive, whatever is down")
    func liveness() {
        let harness = TelemetryHarness()

        #expect(status("/livez", Health(clock: harness.clock), harness) == 200)
        #expect(status("/", Health(clock: harness.clock), harness) == 404)
    }

    @Test("only verbose names the components")
    func verbose() {
        let harness = TelemetryHarness()
        let health = Health(clock: harness.clock)
        ready(health)
        health.report(.kafka, .down(reason: "no broker\n"))
        health.report(.relay, .starting)
        func body(_ query: [String: String]) -> String {
            let request = HTTPRequest(path: "/readyz", query: query)
            let response = HealthServer.answer(request, health: health, metrics: harness.telemetry.metrics)
            return String(decoding: response.body, as: UTF8.self)
        }

        #expect(body([:]) == "not ready\n")
        #expect(
            body(["verbose": ""]) == """
                [+] database up
                [-] kafka down: no_broker_
                [+] migrated up
                [-] relay starting
                [+] consumer up
                not ready

                """)
    }

    @Test("it serves over HTTP until it is stopped")
    func server() async throws {
        let harness = TelemetryHarness()
        let health = Health(clock: harness.clock)
        let server = try HealthServer(
            address: "127.0.0.1", port: 0, health: health, metrics: harness.telemetry.metrics)

        let metrics = try exchange("/metrics", port: server.port)
        server.stop()

        #expect(metrics.hasPrefix("HTTP/1.1 200 "))
        #expect(metrics.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        #expect(metrics.contains("paraplu_build_info{version=\"1.2.3\",revision=\"abc\"} 1.0\n"))
        #expect(throws: (any Error).self) { try exchange("/livez", port: server.port) }
    }
}

@Suite("The watchdog")
struct WatchdogTests {
    @Test(
        "it is pinged unless a worker is over its limit",
        arguments: [
            ([:], WatchdogDecision.ping),
            (["a": .working(since: .seconds(90), limit: .seconds(10))], .ping),
            (["a": .working(since: .seconds(89), limit: .seconds(10))], .withhold(worker: "a", since: .seconds(89))),
            (["a": .waiting(.kafka, since: .seconds(1), limit: .seconds(99))], .ping),
            (
                [
                    "a": .waiting(.kafka, since: .seconds(60), limit: .seconds(99)),
                    "b": .waiting(.database, since: .seconds(1), limit: .seconds(98)),
                ], .withhold(worker: "b", since: .seconds(1))
            ),
            (
                [
                    "a": .working(since: .seconds(80), limit: .seconds(10)),
                    "b": .working(since: .seconds(70), limit: .seconds(10)),
                ], .withhold(worker: "b", since: .seconds(70))
            ),
        ] as [([String: WorkerState], WatchdogDecision)])
    func decision(states: [String: WorkerState], expected: WatchdogDecision) {
        #expect(WatchdogDecision.decide(at: .seconds(100), states) == expected)
    }

    @Test("a worker that doesn't leave a step or an attempt is a hang; an outage of days with attempts is none")
    func registry() {
        let harness = TelemetryHarness()
        let registry = ProgressRegistry(clock: harness.clock)
        let worker = registry.worker("ingest", limit: .seconds(30))
        func isPinged() -> Bool { registry.decision().0 == .ping }

        harness.advance(.seconds(31))
        #expect(!isPinged())
        worker.progress()
        #expect(isPinged())
        for _ in 0..<1000 {
            worker.waiting(for: .database)
            harness.advance(.seconds(300))
            #expect(isPinged())
        }
        harness.advance(.seconds(1))
        #expect(!isPinged())
        worker.progress()
        harness.advance(.seconds(31))
        #expect(!isPinged())
    }

    @Test("a hang is told, and the manager is not")
    func hang() {
        let harness = TelemetryHarness()
        let registry = ProgressRegistry(clock: harness.clock)
        let pings = TelemetryHarness()
        let watchdog = Watchdog(
            registry: registry, telemetry: harness.telemetry, interval: .seconds(30),
            notify: { if $0 == .watchdog { pings.telemetry.logger.log(.info, "ping") } })
        _ = registry.worker("relay", limit: .seconds(5))

        watchdog.check()
        harness.advance(.seconds(6))
        watchdog.check()

        #expect(pings.lines.count == 1)
        #expect(harness.lines.map(\.message) == ["A worker makes no progress."])
        #expect(harness.lines.first?.fields.first == .worker("relay"))
    }

    @Test("without a manager that expects pings none are sent")
    func unsupervised() {
        let harness = TelemetryHarness()
        let watchdog = Watchdog(
            registry: ProgressRegistry(clock: harness.clock), telemetry: harness.telemetry, interval: nil,
            notify: { _ in Issue.record("a ping was sent") })

        watchdog.check()
    }
}
