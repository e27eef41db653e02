internal import CRDKafka

/// How a client reaches its cluster: librdkafka's own settings by their own names.
///
/// What correctness depends on is set by each client itself and wins over what is given here.
/// - Source: CONFIGURATION.md of librdkafka.
package struct KafkaConfiguration: Hashable, Sendable {
    /// Settings by librdkafka's key; `bootstrap.servers` is always needed.
    package var properties: [String: String]

    /// A configuration of librdkafka settings.
    package init(properties: [String: String]) { self.properties = properties }

    /// This configuration with the settings given laid over it.
    package func merging(_ settings: [String: String]) -> Self {
        Self(properties: properties.merging(settings) { $1 })
    }

    /// Whether the value of a setting is never to be shown: passwords, private keys and tokens.
    package static func isSecret(_ key: String) -> Bool {
        key.hasPrefix("ssl.key.") || key.hasPrefix("sasl.oauthbearer.") || key.hasSuffix("password")
            || key.contains("secret")
    }
}

extension KafkaConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The settings in order of key, secrets masked.
    package var description: String {
        properties.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(Self.isSecret($0.key) ? "********" : $0.value)" }
            .joined(separator: " ")
    }

    /// The same, so that no debugger or dump shows a secret either.
    package var debugDescription: String { description }

    /// The same, for `dump` and string interpolation of containers.
    package var customMirror: Mirror { Mirror(self, children: ["properties": description]) }
}

extension KafkaConfiguration {
    /// Makes a client with these settings, ours laid over them, and the events given turned on.
    ///
    /// `rd_kafka_new` takes the configuration object only when it succeeds, so it is destroyed here on failure.
    func makeClient(
        _ type: rd_kafka_type_t, forced: [String: String], events: Int32
    ) throws(KafkaError) -> OpaquePointer {
        guard let settings = rd_kafka_conf_new() else {
            throw KafkaError(code: .failure, message: "no memory for a configuration")
        }
        var text = [CChar](repeating: 0, count: 512)
        for (key, value) in merging(forced).properties.sorted(by: { $0.key < $1.key })
        where rd_kafka_conf_set(settings, key, value, &text, text.count) != RD_KAFKA_CONF_OK {
            rd_kafka_conf_destroy(settings)
            // librdkafka's text repeats the value, which for a secret is not to be shown.
            let reason = Self.isSecret(key) ? "the value is not accepted" : text.string
            throw KafkaError(code: .invalidArgument, message: "setting \(key): \(reason)")
        }
        rd_kafka_conf_set_events(settings, events)
        guard let client = rd_kafka_new(type, settings, &text, text.count) else {
            rd_kafka_conf_destroy(settings)
            throw KafkaError(code: .invalidArgument, message: text.string)
        }
        return client
    }
}
