package import Kafka

/// How the brokers are reached, and what each client is given.
package struct KafkaSettings: Sendable {
    /// How the connection is protected.
    package enum Security: String, Sendable {
        case plaintext, tls
        case saslTLS = "sasl_tls"
    }

    /// How a password is proven.
    package enum Mechanism: String, Sendable {
        case scramSHA512 = "SCRAM-SHA-512"
        case scramSHA256 = "SCRAM-SHA-256"
        case plain = "PLAIN"
    }

    /// The brokers to begin with, `host:port` with commas between.
    package let bootstrapServers: String
    /// The consumer group.
    package let groupID: String
    /// How the connections to the brokers are protected; by TLS where nothing else is set.
    package let security: Security
    /// How long the group waits for a silent daemon, 6 to 300 s.
    package let sessionTimeout: Duration
    /// The most that is fetched ahead, 1,024 to 1,048,576 KiB.
    package let prefetchKibibytesMax: Int
    /// The settings of every client; secrets are among them, which this type masks in print.
    private let common: KafkaConfiguration
    private let instance: String

    /// The settings of a member of the group: static membership, bounded prefetch.
    package func consumerProperties() -> KafkaConfiguration {
        let milliseconds =
            Int(sessionTimeout.components.seconds * 1_000)
            + Int(sessionTimeout.components.attoseconds / 1_000_000_000_000_000)
        return common.merging([
            "group.id": groupID,
            "group.instance.id": instance,
            "session.timeout.ms": String(milliseconds),
            // At least three heartbeats within a session.
            "heartbeat.interval.ms": String(min(3_000, milliseconds / 4)),
            "queued.max.messages.kbytes": String(prefetchKibibytesMax),
        ])
    }

    /// The settings of a producer; its transactional id is the relay's to give.
    ///
    /// Compressed with lz4 unless `kafka.properties` says otherwise: status events repeat each other, and every byte is
    /// carried, written and read again by the broker.
    package func producerProperties() -> KafkaConfiguration {
        let names = ["compression.type", "compression.codec"]
        guard !names.contains(where: { common.properties[$0] != nil }) else { return common }
        return common.merging(["compression.type": "lz4"])
    }
}

extension KafkaSettings {
    /// Takes the section's values; where one has a problem, the checker has it.
    init(_ checker: inout SettingChecker, instance: String, hasSCRAMNonceDefect: Bool) {
        self.instance = instance
        bootstrapServers = checker.text(.kafkaBootstrapServers) ?? ""
        groupID = checker.text(.kafkaGroupID) ?? ""
        security = checker.choice(.kafkaSecurity, or: .tls)
        sessionTimeout = .milliseconds(checker.integer(.kafkaSessionTimeout))
        prefetchKibibytesMax = checker.integer(.kafkaPrefetch)

        var properties = Self.passedThrough(&checker)
        properties["bootstrap.servers"] = bootstrapServers
        properties["client.id"] = "paraplu-\(instance)"
        properties["socket.keepalive.enable"] = properties["socket.keepalive.enable"] ?? "true"
        let allowsPlaintext = checker.flag(.kafkaAllowPlaintext)
        switch security {
        case .plaintext:
            properties["security.protocol"] = "plaintext"
            Self.checkPlaintext(&checker, servers: bootstrapServers, isAllowed: allowsPlaintext)
        case .tls:
            properties["security.protocol"] = "ssl"
            properties.merge(Self.tlsProperties(&checker)) { $1 }
        case .saslTLS:
            properties["security.protocol"] = "sasl_ssl"
            properties.merge(Self.tlsProperties(&checker)) { $1 }
            properties.merge(Self.saslProperties(&checker, hasSCRAMNonceDefect: hasSCRAMNonceDefect)) { $1 }
        }
        common = KafkaConfiguration(properties: properties)
    }

    private static func checkPlaintext(_ checker: inout SettingChecker, servers: String, isAllowed: Bool) {
        let isLocal = (BrokerAddress.list(servers) ?? []).allSatisfy { NetworkAddress.isLoopback($0.host) }
        guard !isLocal else { return }
        if isAllowed {
            checker.report(
                .kafkaAllowPlaintext, .unsafe, "messages travel unencrypted and anybody may be the broker",
                hint: "use kafka.security: tls", severity: .warning)
        } else {
            checker.report(
                .kafkaSecurity, .notAllowed, "plaintext is for brokers on this machine only",
                hint: "use tls or sasl_tls; for a test network, kafka.allow_plaintext: true")
        }
    }

    private static func tlsProperties(_ checker: inout SettingChecker) -> [String: String] {
        var properties = [
            "enable.ssl.certificate.verification": "true",
            "ssl.endpoint.identification.algorithm": "https",
        ]
        properties["ssl.ca.location"] = checker.readablePath(.kafkaCAFile)
        guard checker.isGiven(.kafkaCertificateFile) else {
            if checker.isGiven(.kafkaKeyFile) {
                checker.report(
                    .kafkaKeyFile, .missing, "a key needs its certificate", hint: "set kafka.certificate_file")
            }
            return properties
        }
        properties["ssl.certificate.location"] = checker.readablePath(.kafkaCertificateFile)
        let before = checker.problems.count
        if let key = checker.secret(.kafkaKeyFile) {
            properties["ssl.key.location"] = key.path
        } else if checker.problems.count == before {
            checker.report(
                .kafkaKeyFile, .missing, "a certificate needs its key",
                hint: "set kafka.key_file, or hand over the credential kafka.key")
        }
        return properties
    }

    private static func saslProperties(
        _ checker: inout SettingChecker, hasSCRAMNonceDefect: Bool
    ) -> [String: String] {
        let mechanism = checker.choice(.kafkaSASLMechanism, or: Mechanism.scramSHA512)
        if mechanism != .plain, hasSCRAMNonceDefect {
            checker.report(
                .kafkaSASLMechanism, .knownDefect,
                "librdkafka \(KafkaLibrary.version) repeats the client's nonce in its last SCRAM message; Kafka 3.8.1 and"
                    + " newer answer \"invalid credentials\" to a right password",
                hint: "librdkafka 2.6.1 or newer (Debian 13), or kafka.security: tls with a client certificate",
                severity: .warning)
        }
        var properties = ["sasl.mechanism": mechanism.rawValue]
        if checker.isGiven(.kafkaSASLUser) {
            properties["sasl.username"] = checker.text(.kafkaSASLUser)
        } else {
            checker.report(.kafkaSASLUser, .missing, "sasl_tls needs a user", hint: "set kafka.sasl_user")
        }
        let before = checker.problems.count
        if let password = checker.secret(.kafkaSASLPasswordFile) {
            properties["sasl.password"] = password.secret.exposedText
        } else if checker.problems.count == before {
            checker.report(
                .kafkaSASLPasswordFile, .missing, "sasl_tls needs a password",
                hint: "set kafka.sasl_password_file, or hand over the credential kafka.sasl_password")
        }
        return properties
    }

    // MARK: Passed through

    private static func passedThrough(_ checker: inout SettingChecker) -> [String: String] {
        var properties: [String: String] = [:]
        for (name, value, place) in checker.map(.kafkaProperties) {
            if let instead = replacedBy(name) {
                checker.report(at: place, .notAllowed, "\(name) has a key of its own", hint: "set \(instead)")
            } else if KafkaConfiguration.isSecret(name) {
                checker.report(
                    at: place, .notAllowed, "\(name) is a secret, which comes from files only",
                    hint: "set kafka.sasl_password_file or kafka.key_file")
            } else if denied.contains(name) || name.hasPrefix("test.") || name.hasPrefix("ssl.")
                || name.hasPrefix("sasl.") || name.hasPrefix("group.") || name.hasPrefix("security.")
            {
                checker.report(
                    at: place, .notAllowed, "correctness or safety depends on \(name)", hint: "leave it out")
            } else if name.isEmpty || value.isEmpty {
                checker.report(at: place, .invalidValue, "a name and its value were expected")
            } else {
                properties[name] = value
            }
        }
        return properties
    }

    /// The key of ours that says what librdkafka's setting says.
    private static func replacedBy(_ name: String) -> String? {
        switch name {
        case "bootstrap.servers", "metadata.broker.list": "kafka.bootstrap_servers"
        case "group.id": "kafka.group_id"
        case "group.instance.id", "client.id": "instance"
        case "security.protocol": "kafka.security"
        case "ssl.ca.location": "kafka.ca_file"
        case "ssl.certificate.location": "kafka.certificate_file"
        case "ssl.key.location": "kafka.key_file"
        case "sasl.mechanism", "sasl.mechanisms": "kafka.sasl_mechanism"
        case "sasl.username": "kafka.sasl_user"
        case "sasl.password": "kafka.sasl_password_file"
        case "session.timeout.ms": "kafka.session_timeout_milliseconds"
        case "queued.max.messages.kbytes": "kafka.prefetch_kibibytes_max"
        default: nil
        }
    }

    /// What the consumer's positions, the relay's order and the checks of certificates rest on.
    static let denied: Set<String> = [
        "enable.auto.commit", "auto.commit.enable", "auto.commit.interval.ms", "enable.auto.offset.store",
        "auto.offset.reset", "offset.store.method", "offset.store.path", "isolation.level", "enable.partition.eof",
        "partition.assignment.strategy", "heartbeat.interval.ms", "check.crcs", "allow.auto.create.topics",
        "enable.idempotence", "enable.gapless.guarantee", "transactional.id", "acks", "request.required.acks",
        "partitioner", "msg_order_cmp", "queuing.strategy", "max.in.flight", "max.in.flight.requests.per.connection",
        "retries", "message.send.max.retries", "dr_msg_cb", "delivery.report.only.error", "produce.offset.report",
        "enable.ssl.certificate.verification", "plugin.library.paths", "log.queue", "enabled_events",
        "builtin.features",
    ]
}
