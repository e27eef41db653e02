import ParapluModel
package import ParapluRules
package import ParapluStore
package import Postgres
import Synchronization

/// Looks every second whether a day began, and announces what it brought: once across all daemons.
///
/// The database's clock says what day it is in Amsterdam, so that daemons can't differ about it, nor summer time or a
/// slept-through night matter.
package final class ClockService: Sendable {
    private let connection: PostgresConnection
    private let events: EventFactory
    private let settings: RuleSettings
    private let draining = Mutex(false)
    private let emit: PipelineSink

    /// - Parameter connection: Used by this service alone.
    package init(
        connection: PostgresConnection, events: EventFactory, settings: RuleSettings, emit: @escaping PipelineSink
    ) {
        self.connection = connection
        self.events = events
        self.settings = settings
        self.emit = emit
    }

    package func drain() { draining.withLock { $0 = true } }

    private var isDraining: Bool { draining.withLock { $0 } }

    /// Announces until it is drained.
    package func run() async {
        var attempt = 0
        var through: (day: CalendarDate, session: Int)?
        while !isDraining {
            do {
                emit(.waiting(.clock, .database))
                let (known, events, settings) = (through, events, settings)
                let (round, session) = try await connection.run { session in
                    session.deadline = .seconds(60)
                    // Through another session another server may answer, with a history of its own.
                    let through = known?.session == session.number ? known?.day : nil
                    return (
                        try ProgrammeClock.advance(through: through, events: events, settings: settings, session),
                        session.number
                    )
                }
                attempt = 0
                through = round.through.map { ($0, session) }
                emit(.progress(.clock))
                if round.actions > 0 {
                    emit(.timePassed(actions: round.actions, statusChanges: round.statusChanges))
                }
                if through != nil { try await Task.sleep(for: .seconds(1)) }
            } catch {
                attempt += 1
                let delay = FailurePolicy.delay(attempt: attempt)
                if (error as? PostgresError)?.state == .lockNotAvailable {
                    _ = try? await connection.run { try Claims.endSilentHolders($0) }
                }
                emit(
                    .retrying(
                        reason: (error as? PostgresError)?.state?.rawValue ?? "clock", attempt: attempt, delay: delay))
                try? await Task.sleep(for: delay)
            }
        }
    }
}
