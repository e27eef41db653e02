import Kafka
import ParapluConfiguration
import ParapluPipeline
import Postgres
import Synchronization

/// Asks broker and database every two seconds whether they answer, beside the workers, so that readiness is known within
/// ten seconds whatever the workers are waiting for.
final class DependencyProbe: Sendable {
    private static let ping = Statement("SELECT 1")
    private let kafka: KafkaConfiguration
    private let connection: PostgresConnection
    private let stopped = Mutex(false)
    /// Made on first use, and again where that failed.
    private let admin = Mutex<KafkaAdmin?>(nil)
    private let emit: PipelineSink

    init(_ configuration: ServiceConfiguration, emit: @escaping PipelineSink) {
        kafka = configuration.kafka.producerProperties()
        connection = PostgresConnection(
            configuration.database.postgres(applicationName: "paraplud/\(configuration.instance)/probe"), name: "probe")
        self.emit = emit
    }

    func stop() {
        stopped.withLock { $0 = true }
        connection.abandon()
    }

    func run() async {
        let thread = WorkThread(name: "ask")
        while !isStopped {
            async let database: Void = probeDatabase()
            await probeKafka(thread)
            await database
            try? await Task.sleep(for: .seconds(2))
        }
        let last = takeClient()
        _ = try? await thread.run { last?.close(timeoutMilliseconds: 1000) }
        thread.close()
        await connection.close()
    }

    // Swift 6.0's compiler can't check a lock that is looked into in the middle of an async function: each has its own.

    private var isStopped: Bool { stopped.withLock { $0 } }

    private func takeClient() -> KafkaAdmin? { admin.withLock { $0.take() } }

    private func client() throws -> KafkaAdmin {
        try admin.withLock { admin in
            if let admin { return admin }
            let made = try KafkaAdmin(configuration: kafka)
            admin = made
            return made
        }
    }

    private func probeDatabase() async {
        do {
            _ = try await connection.run { session in
                session.deadline = .seconds(3)
                return try session.execute(DependencyProbe.ping)
            }
            emit(.dependencyRestored(.database))
        } catch {
            emit(.dependencyLost(.database, reason: (error as? PostgresError)?.state?.rawValue ?? "unreachable"))
        }
    }

    private func probeKafka(_ thread: WorkThread) async {
        do {
            let client = try client()
            _ = try await thread.run { try client.metadata(timeoutMilliseconds: 3000) }
            emit(.dependencyRestored(.kafka))
        } catch {
            emit(.dependencyLost(.kafka, reason: (error as? KafkaError).map { "\($0.code.rawValue)" } ?? "unreachable"))
        }
    }
}
