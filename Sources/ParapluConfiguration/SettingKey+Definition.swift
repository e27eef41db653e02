extension SettingKey {
    /// What the key takes.
    package var definition: SettingDefinition {
        switch self {
        case .instance, .topicPrefix, .sourceOIN, .connectorsDirectory: general
        case .kafkaBootstrapServers, .kafkaGroupID, .kafkaSecurity, .kafkaAllowPlaintext, .kafkaCAFile,
            .kafkaCertificateFile, .kafkaKeyFile, .kafkaSASLMechanism, .kafkaSASLUser, .kafkaSASLPasswordFile,
            .kafkaSessionTimeout, .kafkaPrefetch, .kafkaProperties:
            kafka
        case .databaseHost, .databasePort, .databaseName, .databaseUser, .databasePasswordFile, .databaseTLS,
            .databaseCAFile, .databaseConnectTimeout, .databaseTarget:
            database
        default: running
        }
    }

    private var general: SettingDefinition {
        switch self {
        case .instance:
            .init(
                .text(bytesMax: 100, .name), absence: "the machine's host name", sample: "paraplu-1",
                "The name of this daemon among those that share the work; also its static membership of the group.")
        case .topicPrefix:
            .init(.text(bytesMax: 64, .name), standard: "stm", "What every topic's name begins with, before the dot.")
        case .sourceOIN:
            .init(
                .text(bytesMax: 20, .oin), isRequired: true, sample: "00000099000000900000",
                "The OIN of the organisation that runs this daemon, as the source of what it publishes.\n"
                    + "The one shown is of the test range.")
        default:
            .init(
                .path, standard: "/usr/share/paraplu/connectors",
                "The directory of the connector definitions: <organisation>/<feed>/connector.yaml.")
        }
    }

    private var kafka: SettingDefinition {
        switch self {
        case .kafkaBootstrapServers:
            .init(
                .text(bytesMax: 1_000, .servers), isRequired: true, sample: "kafka-1.example.nl:9093",
                "The brokers to begin with.")
        case .kafkaGroupID:
            .init(
                .text(bytesMax: 200, .name), standard: "paraplu",
                "The consumer group that all daemons of one programme share.")
        case .kafkaSecurity:
            .init(
                .choice(["plaintext", "tls", "sasl_tls"]), standard: "tls",
                "How the brokers are reached; plaintext only on this machine, see allow_plaintext.")
        case .kafkaAllowPlaintext:
            .init(.flag, standard: "false", "Whether plaintext may leave this machine. For tests only.")
        case .kafkaCAFile:
            .init(
                .path, absence: "the system's certificate authorities", sample: "/etc/paraplu/kafka-ca.pem",
                "The certificate authorities that the brokers' certificates must come from, PEM.")
        case .kafkaCertificateFile:
            .init(
                .path, absence: "no client certificate", sample: "/etc/paraplu/kafka.pem",
                "Our certificate for mutual TLS, PEM, with its chain. Needs the key.")
        case .kafkaKeyFile:
            .init(
                .secretFile(credential: "kafka.key", bytes: 16...65_536), absence: "no client certificate",
                sample: "/etc/paraplu/credentials/kafka.key",
                "The private key of the certificate, PEM, without a passphrase.")
        case .kafkaSASLMechanism:
            .init(
                .choice(["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]), standard: "SCRAM-SHA-512",
                "How the password is proven, with sasl_tls.\n"
                    + "SCRAM against Kafka 3.8.1 and newer needs librdkafka 2.6.1 or newer (Debian 13).")
        case .kafkaSASLUser:
            .init(
                .text(bytesMax: 200, .word), absence: "required with sasl_tls", sample: "paraplu",
                "The user, with sasl_tls.")
        case .kafkaSASLPasswordFile:
            .init(
                .secretFile(credential: "kafka.sasl_password", bytes: 1...4_096), absence: "required with sasl_tls",
                sample: "/etc/paraplu/credentials/kafka.sasl_password",
                "The file with the password, with sasl_tls. A line break at its end doesn't count.")
        case .kafkaSessionTimeout:
            .init(
                .integer(6_000...300_000, unit: "milliseconds"), standard: "10000",
                "How long the group waits for a silent daemon before others take its partitions over.")
        case .kafkaPrefetch:
            .init(
                .integer(1_024...1_048_576, unit: "KiB"), standard: "16384",
                "The most that is fetched ahead, all partitions together.")
        default:
            .init(
                .map, absence: "none", sample: "{ statistics.interval.ms: 5000 }",
                "Further settings of librdkafka by their own names, for consumer and producer.\n"
                    + "Those that correctness or safety depends on are refused. In the environment: name=value;name=value."
            )
        }
    }

    private var database: SettingDefinition {
        switch self {
        case .databaseHost:
            .init(
                .text(bytesMax: 1_000, .word), standard: "/var/run/postgresql",
                "The server's host name or address, or the directory of its socket. Several with commas between.")
        case .databasePort: .init(.integer(1...65_535, unit: "(port)"), standard: "5432", "The server's port.")
        case .databaseName: .init(.text(bytesMax: 63, .word), standard: "paraplu", "The database.")
        case .databaseUser:
            .init(
                .text(bytesMax: 63, .word), standard: "paraplu_app",
                "The role. The command line's --database-user and PGUSER win over it.")
        case .databasePasswordFile:
            .init(
                .secretFile(credential: "database.password", bytes: 1...4_096), absence: "no password",
                sample: "/etc/paraplu/credentials/database.password",
                "The file with the role's password. A line break at its end doesn't count.")
        case .databaseTLS:
            .init(
                .choice(["disable", "require", "verify_full"]), standard: "verify_full",
                "Whether the connection is encrypted, and the server's name and certificate checked.\n"
                    + "A socket of this machine needs none. verify_full needs ca_file for a server elsewhere.")
        case .databaseCAFile:
            .init(
                .path, absence: "required with verify_full for a server elsewhere",
                sample: "/etc/paraplu/database-ca.pem",
                "The certificate authorities that the server's certificate must come from, PEM.")
        case .databaseConnectTimeout:
            .init(
                .integer(1...10, unit: "seconds"), standard: "5",
                "How long one attempt to connect to one host may take.")
        default:
            .init(
                .choice(["read-write", "primary", "any"]), standard: "read-write",
                "Which of several hosts will do. The daemon writes.")
        }
    }

    private var running: SettingDefinition {
        switch self {
        case .batchMessagesMax:
            .init(.integer(1...100_000, unit: "messages"), standard: "5000", "The most messages of one transaction.")
        case .batchBytesMax:
            .init(
                .integer(65_536...268_435_456, unit: "bytes"), standard: "8388608",
                "The most bytes of messages of one transaction; the last message may pass it.")
        case .batchDelay:
            .init(
                .integer(0...10_000, unit: "milliseconds"), standard: "20",
                "How long a batch that isn't full waits for more.")
        case .rejectionWindowEnabled:
            .init(
                .flag, standard: "true",
                "Whether a feed that sends mostly bad messages is held. \"rejection_window: off\" says the same as false."
            )
        case .rejectionWindowSize:
            .init(.integer(1...100, unit: "messages"), standard: "30", "How many of a feed's last messages count.")
        case .rejectionWindowRejectedMax:
            .init(
                .integer(1...100, unit: "messages"), standard: "25",
                "How many of them may be refused before the feed is held; at most the size.")
        case .parkingDaysMax:
            .init(
                .integer(1...365, unit: "days"), standard: "30",
                "How long a message waits for what it refers to before it is refused.")
        case .relayRowsMax:
            .init(
                .integer(1...100_000, unit: "rows"), standard: "5000", "The most outbox rows of one Kafka transaction.")
        case .cutsInterval:
            .init(
                .integer(5...86_400, unit: "seconds"), standard: "5", "The least time between two published cuts.")
        case .httpAddress:
            .init(
                .text(bytesMax: 45, .address), standard: "127.0.0.1",
                "Where /livez, /readyz and /metrics are served. There is no TLS and no login: keep it on this machine.")
        case .httpPort:
            .init(.integer(0...65_535, unit: "(port; 0 takes a free one)"), standard: "9464", "Its port.")
        case .logLevel:
            .init(.choice(["error", "warning", "info", "debug"]), standard: "info", "The least that is logged.")
        case .logFormat:
            .init(
                .choice(["auto", "json", "journal"]), standard: "auto",
                "JSON lines on standard error, or fields of the journal; auto takes the journal where standard error\n"
                    + "is connected to it.")
        case .shutdownDrain:
            .init(
                .integer(1...40, unit: "seconds"), standard: "20",
                "How long a stop may take to finish what is begun; below the unit's TimeoutStopSec.")
        case .privacyCountMin:
            .init(
                .integer(3...100, unit: "people"), standard: "5",
                "A smaller count of people, reports, suspects or investigations is suppressed before it is stored, and what\n"
                    + "would give it away. The same for all daemons and tools of one database; in force for figures from the\n"
                    + "next `paraplu plan apply` on, and never less than when the plan was applied.")
        default:
            .init(
                .secretFile(credential: "privacy.hash_key", bytes: 16...4_096), isRequired: true,
                sample: "/etc/paraplu/credentials/privacy.hash_key",
                "The file with the key of the keyed hash that stands for what must not be kept.\n"
                    + "All daemons of one programme have the same. Make one: head -c 32 /dev/urandom")
        }
    }
}
