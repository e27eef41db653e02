import Kafka
import ParapluConfiguration
import Postgres
import Testing

@testable import struct ParapluConfiguration.KafkaSettings
@testable import struct ParapluConfiguration.ServiceConfiguration

@Suite("Connections and secrets")
struct ConnectionTests {
    @Test("the consumer is a static member with a bounded prefetch; the producer isn't")
    func clients() throws {
        try withScratch { scratch in
            let kafka = try scratch.load("kafka:\n  session_timeout_milliseconds: 6000\n").kafka

            let consumer = kafka.consumerProperties().properties
            let producer = kafka.producerProperties().properties

            #expect(
                consumer == [
                    "bootstrap.servers": "localhost:9092", "client.id": "paraplu-one", "group.id": "paraplu",
                    "group.instance.id": "one", "session.timeout.ms": "6000", "heartbeat.interval.ms": "1500",
                    "queued.max.messages.kbytes": "16384", "security.protocol": "plaintext",
                    "socket.keepalive.enable": "true",
                ])
            #expect(
                producer == [
                    "bootstrap.servers": "localhost:9092", "client.id": "paraplu-one", "compression.type": "lz4",
                    "security.protocol": "plaintext", "socket.keepalive.enable": "true",
                ])
        }
    }

    @Test("what is sent is compressed as the operator says", arguments: ["compression.type", "compression.codec"])
    func compression(name: String) throws {
        try withScratch { scratch in
            let kafka = try scratch.load("kafka:\n  properties: { \(name): zstd }\n").kafka

            let producer = kafka.producerProperties().properties

            #expect(producer.filter { $0.key.hasPrefix("compression") } == [name: "zstd"])
        }
    }

    @Test(
        "plaintext stays on this machine",
        arguments: ["kafka.example.nl:9092", "127.0.0.1:9092,10.0.0.1:9092", "[::2]:1"]
    )
    func plaintext(servers: String) throws {
        try withScratch { scratch in
            let variables = ["PARAPLU_KAFKA_BOOTSTRAP_SERVERS": servers]

            #expect(try scratch.problems("", variables).map(\.code) == [.notAllowed])

            let allowed = try scratch.load("kafka:\n  allow_plaintext: true\n", variables)
            #expect(allowed.warnings.contains { $0.key == "kafka.allow_plaintext" })
        }
    }

    @Test("brokers are host:port", arguments: ["", "kafka", "kafka:0", "kafka:70000", "a:1,,b:1", "::1:9092", "a/b:1"])
    func servers(text: String) throws {
        try withScratch { scratch in
            let problems = try scratch.problems("", ["PARAPLU_KAFKA_BOOTSTRAP_SERVERS": text])

            #expect(problems.map(\.code) == [.invalidValue])
        }
    }

    @Test("what correctness, safety or secrecy depends on is not passed through")
    func denied() throws {
        let names =
            KafkaSettings.denied + [
                "group.instance.id", "group.protocol", "bootstrap.servers", "security.protocol", "ssl.key.pem",
                "ssl.endpoint.identification.algorithm", "sasl.password", "test.mock.num.brokers",
            ]
        try withScratch { scratch in
            let yaml = "kafka:\n  properties:\n" + names.map { "    \($0): x\n" }.joined()

            let problems = try scratch.problems(yaml)

            #expect(problems.map(\.key) == names.map { "kafka.properties.\($0)" })
            #expect(problems.allSatisfy { $0.code == .notAllowed && $0.hint != nil && $0.line != nil })
        }
    }

    @Test("the rest is passed through, from the file or a variable")
    func passedThrough() throws {
        try withScratch { scratch in
            let file = try scratch.load("kafka:\n  properties: { linger.ms: 7, compression.type: lz4 }\n")
            let variable = try scratch.load("", ["PARAPLU_KAFKA_PROPERTIES": "linger.ms=8;debug=a,b"])

            #expect(file.kafka.producerProperties().properties["linger.ms"] == "7")
            #expect(variable.kafka.producerProperties().properties["linger.ms"] == "8")
            #expect(variable.kafka.consumerProperties().properties["debug"] == "a,b")
        }
    }

    @Test("mutual TLS needs certificate and key, checks the broker, and takes the credential's key")
    func mutualTLS() throws {
        try withScratch { scratch in
            let certificate = try scratch.file("kafka.pem", "certificate", mode: 0o644)
            let key = try scratch.file("kafka.key", "a key of sixteen bytes or more")
            let variables = ["PARAPLU_KAFKA_SECURITY": "tls", "PARAPLU_KAFKA_CERTIFICATE_FILE": certificate]

            let missing = try scratch.problems("", variables)
            let alone = try scratch.problems("", ["PARAPLU_KAFKA_SECURITY": "tls", "PARAPLU_KAFKA_KEY_FILE": key])
            let loaded = try scratch.load("", variables.merging(["CREDENTIALS_DIRECTORY": scratch.path]) { $1 })

            #expect(missing.map(\.key) == ["kafka.key_file"])
            #expect(alone.map(\.code) == [.missing])
            let properties = loaded.kafka.consumerProperties().properties
            #expect(properties["ssl.key.location"] == key)
            #expect(properties["ssl.certificate.location"] == certificate)
            #expect(properties["enable.ssl.certificate.verification"] == "true")
            #expect(properties["ssl.endpoint.identification.algorithm"] == "https")
            #expect(properties["security.protocol"] == "ssl")
        }
    }

    @Test("a password comes from its file, and is never printed")
    func sasl() throws {
        try withScratch { scratch in
            let password = try scratch.file("password", "hunter2 and more\n")

            let configuration = try scratch.load(
                "kafka:\n  security: sasl_tls\n  sasl_user: paraplu\n  sasl_password_file: \(password)\n",
                ["PARAPLU_KAFKA_SECURITY": "sasl_tls"])

            let properties = configuration.kafka.producerProperties()
            #expect(properties.properties["sasl.password"] == "hunter2 and more")
            #expect(properties.properties["sasl.mechanism"] == "SCRAM-SHA-512")
            var dumped = ""
            dump(configuration.privacyHashKey, to: &dumped)
            dump(properties, to: &dumped)
            dump(configuration.kafka, to: &dumped)
            dumped += "\(configuration) \(String(reflecting: configuration.kafka))"
            #expect(!dumped.contains("hunter2"))
        }
    }

    @Test("sasl_tls needs a user and a password")
    func saslMissing() throws {
        try withScratch { scratch in
            let problems = try scratch.problems("", ["PARAPLU_KAFKA_SECURITY": "sasl_tls"])

            #expect(Set(problems.map(\.key)) == ["kafka.sasl_user", "kafka.sasl_password_file"])
        }
    }

    @Test("SCRAM with a librdkafka that breaks it is warned of, PLAIN and newer ones are not")
    func scramDefect() throws {
        try withScratch { scratch in
            var environment = try scratch.environment([
                "PARAPLU_KAFKA_SECURITY": "sasl_tls", "PARAPLU_KAFKA_SASL_USER": "paraplu",
                "PARAPLU_KAFKA_SASL_PASSWORD_FILE": try scratch.file("password", "secret"),
            ])
            func defects(_ hasDefect: Bool) throws -> [Problem] {
                try ServiceConfiguration.load(path: nil, environment: environment, hasSCRAMNonceDefect: hasDefect)
                    .warnings.filter { $0.code == .knownDefect }
            }

            let old = try defects(true)

            #expect(old.count == 1)
            #expect(old.first?.message.contains("invalid credentials") == true)
            #expect(try defects(false).isEmpty)
            environment["PARAPLU_KAFKA_SASL_MECHANISM"] = "PLAIN"
            #expect(try defects(true).isEmpty)
        }
    }

    @Test("a secret that everyone can read or change is a problem", arguments: [0o604, 0o602, 0o644])
    func tooOpen(mode: Int) throws {
        try withScratch { scratch in
            let key = try scratch.file("open-key", [UInt8](0..<32), mode: mode)

            let problems = try scratch.problems("", ["PARAPLU_PRIVACY_HASH_KEY_FILE": key])

            #expect(problems.map(\.code) == [.fileTooOpen])
            #expect(problems.first?.hint == "chmod o= \(key)")
        }
    }

    @Test("a secret must have its length, and be a file")
    func secretForm() throws {
        try withScratch { scratch in
            let short = try scratch.file("short", "fifteen bytes..")

            #expect(try scratch.problems("", ["PARAPLU_PRIVACY_HASH_KEY_FILE": short]).map(\.code) == [.outOfRange])
            #expect(
                try scratch.problems("", ["PARAPLU_PRIVACY_HASH_KEY_FILE": "/dev/null"]).map(\.code)
                    == [.unreadableFile])
            #expect(
                try scratch.problems("", ["PARAPLU_PRIVACY_HASH_KEY_FILE": "key"]).map(\.code) == [.invalidValue])
            #expect(
                try scratch.problems("", ["PARAPLU_DATABASE_PASSWORD_FILE": try scratch.file("two", "a\nb\n")])
                    .map(\.code) == [.invalidValue])
        }
    }

    @Test("the systemd credential comes before the file")
    func credential() throws {
        try withScratch { scratch in
            _ = try scratch.file("database.password", "from the credential")
            let file = try scratch.file("other", "from the file")

            let configuration = try scratch.load(
                "database:\n  password_file: \(file)\n", ["CREDENTIALS_DIRECTORY": scratch.path])

            #expect(configuration.database.password?.exposedText == "from the credential")
        }
    }

    @Test("libpq gets what the section says")
    func postgres() throws {
        try withScratch { scratch in
            let authorities = try scratch.file("ca.pem", "authorities", mode: 0o644)
            let password = try scratch.file("password", "secret\r\n")

            let database = try scratch.load(
                """
                database:
                  host: one.example.nl,two.example.nl
                  port: 5433
                  ca_file: \(authorities)
                  password_file: \(password)
                """
            ).database

            let parameters = database.postgres(applicationName: "paraplu/ingest").parameters
            #expect(parameters["host"] == "one.example.nl,two.example.nl")
            #expect(parameters["port"] == "5433,5433")
            #expect(parameters["user"] == "paraplu_app")
            #expect(parameters["password"] == "secret")
            #expect(parameters["sslmode"] == "verify-full")
            #expect(parameters["sslrootcert"] == authorities)
            #expect(parameters["target_session_attrs"] == "read-write")
            #expect(parameters["connect_timeout"] == "5")
            #expect(parameters["application_name"] == "paraplu/ingest")
        }
    }

    @Test("another role doesn't get the daemon's password")
    func otherRole() throws {
        try withScratch { scratch in
            let password = try scratch.file("password", "secret")
            let database = try scratch.load("database:\n  password_file: \(password)\n").database

            let parameters = database.postgres(user: "paraplu_operator", applicationName: "paraplu").parameters

            #expect(parameters["user"] == "paraplu_operator")
            #expect(parameters["password"] == nil)
        }
    }

    @Test("a database on the network is verified, or warned of")
    func databaseTLS() throws {
        try withScratch { scratch in
            let elsewhere = ["PARAPLU_DATABASE_HOST": "db.example.nl"]

            #expect(try scratch.problems("", elsewhere).map(\.key) == ["database.ca_file"])

            let warned = try scratch.load("database:\n  tls: require\n", elsewhere).warnings
            #expect(warned.contains { $0.key == "database.tls" && $0.code == .unsafe })
        }
    }
}
