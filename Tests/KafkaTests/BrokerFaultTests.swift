import Foundation
import Kafka
import ParapluTesting
import Testing

/// Faults of a broker of the test's own.
@Suite(.timeLimit(.minutes(6)))
struct BrokerFaultTests {
    @Test("a consumer goes on after its broker was killed and restarted, and closes in time when it hangs")
    func survivesRestart() async throws {
        let broker = try await TestBroker.start()
        let topic = try await broker.createTopic()
        let partition = TopicPartition(topic: topic, partition: 0)
        let consumer = try KafkaConsumer(
            consumerConfiguration(broker, ["reconnect.backoff.max.ms": "500", "session.timeout.ms": "45000"]))
        try await TestBroker.onThread {
            try send(5, to: topic, broker: broker)
            try consumer.subscribe([topic])
            let polled = Polled()
            #expect(try poll(consumer, into: polled) { $0.events.reachedEnd(of: partition) })
            #expect(polled.records.map(\.offset) == Array(0..<5))
        }

        try await broker.restart()
        try await TestBroker.onThread {
            try send(5, to: topic, from: 5, broker: broker)
            let polled = Polled()
            let isDone = try poll(consumer, into: polled, positions: { _ in 5 }) {
                Set($0.records.map(\.offset)) == Set(5..<10)
            }
            #expect(isDone)
        }

        try broker.suspend()
        let start = ContinuousClock.now
        try await TestBroker.onThread { _ = consumer.close(timeoutMilliseconds: 3000) }
        #expect(ContinuousClock.now - start < .seconds(4))

        try broker.resume()
        try await broker.stop()
    }
}
