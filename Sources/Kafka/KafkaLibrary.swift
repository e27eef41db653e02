internal import CRDKafka

/// The librdkafka this process runs with, which may be newer than the one it was built with.
package enum KafkaLibrary {
    /// The version as text, such as `2.0.2`.
    package static var version: String { String(cString: rd_kafka_version_str()) }

    /// The version as `0xMMmmrrxx`: major, minor, revision, and `ff` for a final release.
    package static var versionNumber: Int { Int(rd_kafka_version()) }

    /// Whether SCRAM authentication fails against Kafka 3.8.1 and newer whatever the password.
    ///
    /// Before 2.6.1 the client's nonce is repeated in its final message, and newer brokers refuse that.
    /// - Source: librdkafka pull request 4895.
    package static var hasSCRAMNonceDefect: Bool { versionNumber < 0x0206_01ff }
}
