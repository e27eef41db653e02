package import ParapluStore
package import Postgres
import Synchronization

/// Looks twice a second whether parked messages can be settled, and settles them, some hundreds a commit.
package final class SettlerService: Sendable {
    private let connection: PostgresConnection
    private let events: EventFactory
    private let parkedDaysMax: Int
    private let draining = Mutex(false)
    private let emit: PipelineSink

    /// - Parameter connection: Used by this service, and by a reload of connectors.
    package init(
        connection: PostgresConnection, events: EventFactory, parkedDaysMax: Int,
        emit: @escaping PipelineSink
    ) {
        self.connection = connection
        self.events = events
        self.parkedDaysMax = parkedDaysMax
        self.emit = emit
    }

    /// Begins no further round; `run()` returns after the one at hand.
    package func drain() { draining.withLock { $0 = true } }

    private var isDraining: Bool { draining.withLock { $0 } }

    /// Settles until it is drained.
    package func run() async {
        var attempt = 0
        while !isDraining {
            do {
                emit(.waiting(.settler, .database))
                let (days, events) = (parkedDaysMax, events)
                let (round, waiting) = try await connection.run { session in
                    session.deadline = .seconds(60)
                    let round = try Settler.settle(
                        parkedDaysMax: days, events: events, session)
                    return (round, try Settler.waiting(session))
                }
                attempt = 0
                emit(.progress(.settler))
                emit(.parked(waiting))
                if round.resolved + round.refused > 0 {
                    emit(.settled(resolved: round.resolved, refused: round.refused))
                }
                if !round.isFull { try await Task.sleep(for: .milliseconds(500)) }
            } catch {
                attempt += 1
                await connection.recover(from: error, attempt: attempt, or: "settler", emit)
            }
        }
    }
}
