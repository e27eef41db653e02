package import Systemd

/// Pings the service manager while every worker makes progress or waits for the world outside.
///
/// It runs on the same threads as the work, so that threads that are all taken stop it as well.
///
/// - Source: sd_watchdog_enabled(3): at half the interval.
package struct Watchdog: Sendable {
    private let registry: ProgressRegistry
    private let telemetry: Telemetry
    private let interval: Duration?
    private let notify: @Sendable (SystemdNotifier.State) -> Void

    /// - Parameter interval: within which the manager expects a ping; nil when it expects none.
    package init(
        registry: ProgressRegistry, telemetry: Telemetry, interval: Duration? = SystemdNotifier.watchdogInterval,
        notify: @escaping @Sendable (SystemdNotifier.State) -> Void = { SystemdNotifier.notify($0) }
    ) {
        self.registry = registry
        self.telemetry = telemetry
        self.interval = interval
        self.notify = notify
    }

    /// Looks and pings until the task is cancelled; where nobody expects pings it still tells of hung workers.
    package func run() async {
        let pause = (interval ?? .seconds(30)) / 2
        repeat {
            check()
            try? await Task.sleep(for: pause)
        } while !Task.isCancelled
    }

    /// Looks once: pings, or tells which worker hangs.
    func check() {
        let (decision, now) = registry.decision()
        switch decision {
        case .ping: if interval != nil { notify(.watchdog) }
        case .withhold(let worker, let since):
            WorkerHung(worker: worker, duration: now - since).emit(to: telemetry)
        }
    }
}
