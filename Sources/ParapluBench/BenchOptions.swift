import Kafka
import Postgres

/// What the benchmark is told: `--name value`, all optional, and where its services are, by the environment.
struct BenchOptions {
    /// `run` measures the daemon; within this process, `store` steps 3 to 7, `connectors` steps 3 to 6, `formats` 4 to 6.
    var mode = Mode.run
    var seed: UInt64 = 1
    var actions = 20_000
    var messages = 500_000
    /// The most messages of a batch, for daemon and `store` alike.
    var batchMessagesMax = 5_000
    /// Where configuration and logs of the run are kept.
    var directory = "."
    /// The release build of `paraplud`.
    var daemon = "paraplud"
    /// The directory of the connector definitions.
    var connectors = "connectors"
    /// How long the daemon may take for all of it.
    var limitSeconds = 1_800
    let environment: [String: String]

    enum Mode: String { case run, store, connectors, formats }

    /// Why the command line can't be used.
    struct Misuse: Error { let text: String }

    init(arguments: [String], environment: [String: String]) throws(Misuse) {
        self.environment = environment
        var rest = arguments.dropFirst()
        if let first = rest.first, let mode = Mode(rawValue: first) {
            self.mode = mode
            rest.removeFirst()
        }
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Misuse(text: "\(name) needs a value") }
            switch name {
            case "--seed": seed = try BenchOptions.number(name, value, 0...(1 << 40))
            case "--actions": actions = try BenchOptions.number(name, value, 10...100_000)
            case "--messages": messages = try BenchOptions.number(name, value, 100...10_000_000)
            case "--batch": batchMessagesMax = try BenchOptions.number(name, value, 1...100_000)
            case "--limit": limitSeconds = try BenchOptions.number(name, value, 1...86_400)
            case "--directory": directory = value
            case "--daemon": daemon = value
            case "--connectors": connectors = value
            default: throw Misuse(text: "unknown option \(name)")
            }
        }
    }

    private static func number<Number: FixedWidthInteger>(
        _ name: String, _ text: String, _ range: ClosedRange<Number>
    ) throws(Misuse) -> Number {
        guard let number = Number(text), range.contains(number) else {
            throw Misuse(text: "\(name) takes \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    // MARK: Services, as ops/local/with-services names them

    func variable(_ name: String) throws(Misuse) -> String {
        guard let value = environment[name], !value.isEmpty else {
            throw Misuse(text: "\(name) isn't set; run this with ops/local/with-services")
        }
        return value
    }

    /// The database of the run, as superuser.
    func database(_ name: String) throws(Misuse) -> PostgresConfiguration {
        PostgresConfiguration(parameters: [
            "host": try variable("PARAPLU_TEST_PGHOST"), "port": try variable("PARAPLU_TEST_PGPORT"),
            "user": try variable("PARAPLU_TEST_PGUSER"), "dbname": name,
        ])
    }

    func kafka(_ properties: [String: String] = [:]) throws(Misuse) -> KafkaConfiguration {
        KafkaConfiguration(properties: ["bootstrap.servers": try variable("PARAPLU_TEST_BOOTSTRAP")])
            .merging(properties)
    }
}
