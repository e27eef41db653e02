internal import Synchronization

/// A part that the daemon can't work without.
package enum HealthComponent: String, CaseIterable, Sendable {
    case database, kafka, migrated, relay, consumer

    /// How long a report holds; nil for what doesn't change once it is so.
    ///
    /// With reports every second or two, 8 s turn a silent part into 503 within 10 s.
    package var reportAgeMax: Duration? {
        switch self {
        case .migrated: nil
        case .database, .kafka, .relay, .consumer: .seconds(8)
        }
    }
}

/// How a component is.
package enum HealthState: Sendable, Hashable {
    case starting
    case up
    /// Why not, as a code without data.
    case down(reason: String)
}

/// What the components last said of themselves.
package final class Health: Sendable {
    private struct Report {
        var state: HealthState
        var at: Duration
    }

    private let components: [HealthComponent]
    private let clock: TelemetryClock
    private let reports = Mutex<[HealthComponent: Report]>([:])

    /// - Parameter components: those that must be up; reports of others are kept and don't count.
    package init(components: [HealthComponent] = HealthComponent.allCases, clock: TelemetryClock = .system) {
        self.components = components
        self.clock = clock
    }

    /// Notes how a component is; to be repeated more often than `reportAgeMax`.
    package func report(_ component: HealthComponent, _ state: HealthState) {
        let report = Report(state: state, at: clock.uptime())
        reports.withLock { $0[component] = report }
    }

    /// How each component is now; one whose last report is too old is down.
    package var states: [(component: HealthComponent, state: HealthState)] {
        let now = clock.uptime()
        let reports = reports.withLock { $0 }
        return components.map { component in
            guard let report = reports[component] else { return (component, .starting) }
            // What starts may take its time, as migrations do; it isn't ready anyway.
            if report.state != .starting, let limit = component.reportAgeMax, now - report.at > limit {
                return (component, .down(reason: "no_report"))
            }
            return (component, report.state)
        }
    }

    /// Whether every component is up.
    package var isReady: Bool { states.allSatisfy { $0.state == .up } }

    /// The answer's text for people: a component on each line.
    var verboseText: String {
        states.map { component, state in
            switch state {
            case .up: "[+] \(component.rawValue) up"
            case .starting: "[-] \(component.rawValue) starting"
            case .down(let reason): "[-] \(component.rawValue) down: \(LogField.token(reason))"
            }
        }.joined(separator: "\n")
    }
}
