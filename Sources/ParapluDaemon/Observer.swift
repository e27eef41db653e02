import Foundation
import HTTP
import ParapluConfiguration
import ParapluConnectors
import ParapluModel
import ParapluPipeline
import ParapluStore
import Synchronization
import Systemd

/// Makes health, log lines and supervision of what the services tell.
final class Observer: Sendable {
    private struct State {
        var server: HTTPServer?
        var up: [PipelineEvent.Dependency: ContinuousClock.Instant] = [:]
        var isDraining = false
        var isReady = false
    }

    private let state = Mutex(State())
    private let configuration: ServiceConfiguration

    init(_ configuration: ServiceConfiguration, _ catalog: ConnectorCatalog) {
        self.configuration = configuration
    }

    func start() throws {
        let server = try HTTPServer(
            host: configuration.http.address, port: configuration.http.port, connectionsMax: 32
        ) { [self] request in
            switch request.path {
            case "/livez": return .text("ok\n", status: 200)
            case "/readyz": return isReady ? .text("ready\n", status: 200) : .text("not ready\n", status: 503)
            default: return .text("not found\n", status: 404)
            }
        }
        state.withLock { [server] in $0.server = server }
        line("started", ["http.port": "\(server.port)"])
    }

    private var isReady: Bool {
        state.withLock { state in
            !state.isDraining
                && PipelineEvent.Dependency.allCases.allSatisfy { dependency in
                    state.up[dependency].map { ContinuousClock.now - $0 < .seconds(8) } ?? false
                }
        }
    }

    func take(_ event: PipelineEvent) {
        switch event {
        case .dependencyRestored(let dependency):
            let isFirst = state.withLock { state in
                state.up[dependency] = .now
                guard !state.isReady, state.up.count == 2 else { return false }
                state.isReady = true
                return true
            }
            if isFirst {
                line("ready", [:])
                _ = SystemdNotifier.notify(.ready)
            }
        case .dependencyLost(let dependency, let reason):
            state.withLock { $0.up[dependency] = nil }
            line("dependency lost", ["dependency": dependency.rawValue, "reason": reason])
        case .retrying(let reason, let attempt, _): line("retrying", ["reason": reason, "attempt": "\(attempt)"])
        case .feedHeld(let feed, let code): line("feed held", ["feed": feed.rawValue, "code": code])
        case .feedResumed(let feed): line("feed resumed", ["feed": feed.rawValue])
        case .fenced(let partitions): line("fenced", ["partitions": "\(partitions)"])
        case .partitionsClaimed(let claims): line("partitions claimed", ["count": "\(claims.count)"])
        case .cutPublished(let commit, _): line("cut published", ["commit": "\(commit)"])
        default: break
        }
    }

    func draining() {
        state.withLock { $0.isDraining = true }
        _ = SystemdNotifier.notify(.stopping)
        line("draining", [:])
    }

    func failed(_ error: any Error) { line("failed", ["error": "\(error)"]) }

    func stop(_ code: Int32) {
        let server = state.withLock { $0.server.take() }
        server?.stop()
        line("stopped", ["code": "\(code)"])
    }

    private func line(_ message: String, _ fields: [String: String]) {
        var text = "{\"message\":\"\(message)\""
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { text += ",\"\(name)\":\"\(value)\"" }
        FileHandle.standardError.write(Data((text + "}\n").utf8))
    }
}
