import Foundation
import ParapluTesting
import Testing

extension EndToEnd {
    @Suite("supervision", .timeLimit(.minutes(3)))
    struct WatchdogTests {
        @Test("the service manager is told of readiness, progress and the end, and of nothing while a worker is stuck")
        func stuckWorker() async throws {
            try await Site.with { site in
                let manager = try ServiceManager(in: site.directory)
                let daemon = try site.start(environment: manager.environment(watchdogSeconds: 2))
                try await manager.wait(for: "READY=1")
                // Idle is proven, again and again.
                for _ in 0..<3 { try await manager.wait(for: "WATCHDOG=1", within: .seconds(5)) }

                let held = try await HeldThread("poll", of: daemon.program.pid, in: site.directory)
                _ = try await eventually("the daemon seeing it", within: .seconds(30)) {
                    daemon.program.log.contains("A worker makes no progress.") ? true : nil
                }
                while let message = try await manager.next(within: 1), message.contains("WATCHDOG=1") {}
                let silence = try await manager.next(within: 5)
                let live = await daemon.status(of: "/livez")
                try await held.release()

                #expect(silence == nil, "two intervals and more without a ping")
                #expect(live == 200)
                #expect(daemon.program.log.contains("\"worker\":\"ingest\""))
                try await manager.wait(for: "WATCHDOG=1", within: .seconds(20))
                daemon.program.signal(SIGTERM)
                try await manager.wait(for: "STOPPING=1")
                #expect(try await daemon.program.wait(for: .seconds(40)) == .exited(0))
            }
        }
    }
}
