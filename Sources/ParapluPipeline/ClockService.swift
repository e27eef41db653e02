import ParapluModel
package import ParapluStore
package import Postgres
import Synchronization

/// Looks every second whether a day began, and announces what it brought: once across all daemons.
///
/// Once an hour it also drops the payloads whose retention ended.
///
/// The database's clock says what day it is in Amsterdam, so that daemons can't differ about it, nor summer time or a
/// slept-through night matter.
package final class ClockService: Sendable {
    private let connection: PostgresConnection
    private let events: EventFactory
    private let draining = Mutex(false)
    private let emit: PipelineSink

    /// - Parameter connection: Used by this service alone.
    package init(
        connection: PostgresConnection, events: EventFactory, emit: @escaping PipelineSink
    ) {
        self.connection = connection
        self.events = events
        self.emit = emit
    }

    /// Begins no further round; `run()` returns after the one at hand.
    package func drain() { draining.withLock { $0 = true } }

    private var isDraining: Bool { draining.withLock { $0 } }

    /// Announces until it is drained.
    package func run() async {
        var attempt = 0
        var through: (day: CalendarDate, session: Int)?
        var nextDrop = ContinuousClock.now
        while !isDraining {
            do {
                emit(.waiting(.clock, .database))
                let (known, events) = (through, events)
                let (round, session) = try await connection.run { session in
                    session.deadline = .seconds(60)
                    // Through another session another server may answer, with a history of its own.
                    let through = known?.session == session.number ? known?.day : nil
                    return (
                        try ProgrammeClock.advance(through: through, events: events, session),
                        session.number
                    )
                }
                attempt = 0
                through = round.through.map { ($0, session) }
                emit(.progress(.clock))
                if round.actions > 0 {
                    emit(.timePassed(actions: round.actions, statusChanges: round.statusChanges))
                }
                if through != nil, ContinuousClock.now >= nextDrop {
                    // Where a lock isn't had it comes again soon, and the clock goes on.
                    nextDrop = .now + .seconds(60)
                    if try await dropPayloads() { nextDrop = .now + .seconds(3600) }
                }
                if through != nil { try await Task.sleep(for: .seconds(1)) }
            } catch {
                attempt += 1
                await connection.recover(from: error, attempt: attempt, or: "clock", emit)
            }
        }
    }

    /// The most months of payloads that one transaction drops, so that it locks the table for a moment only.
    private static let dropsMax = 4

    /// Drops payloads whose retention ended, and returns whether that was all.
    private func dropPayloads() async throws -> Bool {
        let dropped = try await connection.run { session in
            try JournalWriter.dropEndedPayloads(most: ClockService.dropsMax, session)
        }
        if dropped > 0 { emit(.payloadsDropped(partitions: dropped)) }
        return dropped < ClockService.dropsMax
    }
}
