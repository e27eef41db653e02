import ParapluConnectors
import ParapluModel

/// Measures what one core maps: decoding, validation, privacy scan, mapping and digests of the good examples of all feeds
/// in JSON, again and again, without Kafka and the store.
struct ConnectorBench {
    let options: BenchOptions
    let report: Report

    /// The largest example that counts as a small message, in bytes.
    private static let smallMax = 4_096
    /// How many messages share one buffer, as in a batch.
    private static let batch = 1_000

    private struct Sample {
        var connector: Connector
        var message: StoredMessage
        var records: Int
    }

    /// Runs the feeds one by one, then all of them in turn.
    func run() throws {
        let (catalog, findings) = ConnectorCatalog.load(directory: options.connectors)
        guard findings.isEmpty else { throw BenchFailure("connectors: \(findings)") }
        var all: [Sample] = []
        for connector in catalog.connectors where connector.isJSON {
            let samples = samples(of: connector)
            guard !samples.isEmpty else { throw BenchFailure("\(connector.feed.rawValue) has no small good example") }
            let result = measure(samples, messages: options.messages / 10)
            report.say(
                connector.feed.rawValue.padding(toLength: 24) + " \(samples.count) examples, "
                    + "\(Int(result.perSecond)) messages/s, \(Int(result.bytesPerMessage)) bytes each")
            all += samples
        }
        // Every example in turn: no feed's paths stay warm.
        let result = measure(all, messages: options.messages)
        report.figure(
            "connector_messages_per_second", result.perSecond, unit: "1/s",
            [
                "messages": Double(options.messages), "cpu_seconds": result.cpu,
                "bytes_per_message": result.bytesPerMessage, "records_per_message": result.recordsPerMessage,
                "examples": Double(all.count), "feeds": Double(Set(all.map(\.connector.feed)).count),
            ])
    }

    private func samples(of connector: Connector) -> [Sample] {
        let decoder = MessageDecoder()
        return ConnectorExamples.good(in: options.connectors + "/" + connector.feed.rawValue).compactMap { message in
            guard let count = message.byteCount, count <= ConnectorBench.smallMax else { return nil }
            var buffer = IntakeBuffer()
            let intake = message.decode(connector, decoder, into: &buffer)
            return intake.rejection == nil
                ? Sample(connector: connector, message: message, records: intake.records.count) : nil
        }
    }

    private func measure(
        _ samples: [Sample], messages: Int
    ) -> (perSecond: Double, cpu: Double, bytesPerMessage: Double, recordsPerMessage: Double) {
        let decoder = MessageDecoder()
        var buffer = IntakeBuffer()
        var next = 0
        var bytes = 0
        var records = 0
        let start = Usage()
        for number in 0..<messages {
            if number % ConnectorBench.batch == 0 { buffer.removeAll() }
            let sample = samples[next]
            next = next + 1 == samples.count ? 0 : next + 1
            let intake = sample.message.decode(sample.connector, decoder, into: &buffer)
            bytes += sample.message.byteCount ?? 0
            records += intake.records.count
        }
        let used = Usage().since(start)
        let count = Double(messages)
        return (count / used.cpu, used.cpu, Double(bytes) / count, Double(records) / count)
    }
}

extension String {
    fileprivate func padding(toLength length: Int) -> String {
        self + String(repeating: " ", count: max(0, length - count))
    }
}
