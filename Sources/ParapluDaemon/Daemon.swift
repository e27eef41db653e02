import Dispatch
import Foundation
import Kafka
import ParapluConfiguration
import ParapluConnectors
import ParapluPipeline
import ParapluStore
import Postgres

/// The composition root of `paraplud`: configuration in, services started in order and drained in reverse.
enum Daemon {
    /// Exit codes, which the unit file knows: a bad configuration doesn't restart in a loop.
    enum ExitCode {
        static let drained: Int32 = 0
        static let failed: Int32 = 1
        static let misconfigured: Int32 = 2
        static let replaced: Int32 = 3
    }

    private static let usage = """
        usage: paraplud --configuration FILE

        Takes messages from Kafka into PostgreSQL and publishes the consolidated status. It runs until SIGTERM or SIGINT,
        finishes the batch at hand and exits 0. SIGHUP reads the connectors again, all or none. Exit codes: 2 invalid configuration, 3 another process was started
        under the same instance id, 1 anything else.

          --configuration FILE   the settings; without it, the environment alone (PARAPLU_…)
          --version              the version
          --help                 this text

        example: paraplud --configuration /etc/paraplu/paraplu.yaml
        """

    static func run(arguments: [String], environment: [String: String]) async -> Int32 {
        var path: String?
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h":
                print(usage)
                return ExitCode.drained
            case "--version":
                print("paraplud \(PipelineVersion.text)")
                return ExitCode.drained
            case "--configuration":
                guard let file = rest.popFirst() else { return misuse("--configuration needs a file") }
                path = file
            default: return misuse("unknown argument \(argument)")
            }
        }
        let configuration: ServiceConfiguration
        do throws(ConfigurationProblems) {
            configuration = try ServiceConfiguration.load(path: path, environment: environment)
        } catch {
            complain(error.text)
            return ExitCode.misconfigured
        }
        Signals.ignoreHangUp()
        let (catalog, findings) = load(configuration.connectorsDirectory)
        guard findings.isEmpty else {
            complain(findings.map { "\($0)" }.joined(separator: "\n"))
            return ExitCode.misconfigured
        }
        return await serve(configuration, catalog)
    }

    /// All connectors below the directory, and what is wrong with them: it is none where nothing can be read from Kafka.
    private static func load(_ directory: String) -> (catalog: ConnectorCatalog, findings: [Finding]) {
        var (catalog, findings) = ConnectorCatalog.load(directory: directory)
        if catalog.connectors.isEmpty, findings.isEmpty {
            findings.append(
                Finding(
                    file: directory, line: 1, column: 1, code: .incomplete, message: "the directory holds no connector")
            )
        }
        return (catalog, findings)
    }

    private static func serve(_ configuration: ServiceConfiguration, _ catalog: ConnectorCatalog) async -> Int32 {
        let observer = Observer(configuration, catalog)
        do {
            try observer.start()
        } catch {
            complain(
                "paraplud: http.address \(configuration.http.address), http.port \(configuration.http.port): \(error)")
            return ExitCode.misconfigured
        }
        let directory = configuration.connectorsDirectory
        let pipeline = Pipeline(Pipeline.Configuration(configuration), load: { load(directory) }) { observer.take($0) }
        let probe = DependencyProbe(configuration) { observer.take($0) }
        let signals = Signals(reload: { pipeline.reload() }) { isHurry in
            observer.draining()
            pipeline.drain()
            probe.stop()
            // What takes longer than its bound is ended: nothing that isn't committed is, and the positions say so.
            let bound = isHurry ? .milliseconds(200) : configuration.shutdownDrain
            Task {
                try? await Task.sleep(for: bound)
                pipeline.abandon()
            }
        }
        let probing = Task { await probe.run() }
        let (code, reason): (Int32, String)
        do {
            try await pipeline.run(catalog)
            (code, reason) = (ExitCode.drained, "drained")
        } catch {
            (code, reason) = signals.isRaised ? (ExitCode.drained, "drained") : ending(by: error)
            // A field of the log holds no sentence, and this one says what to do.
            if !signals.isRaised, let error = error as? StoreError { complain("paraplud: \(error)") }
        }
        probe.stop()
        await probing.value
        observer.stop(code, reason: reason)
        return code
    }

    private static func ending(by error: any Error) -> (code: Int32, reason: String) {
        switch error {
        case IngestService.Failure.replaced: (ExitCode.replaced, "replaced by another start of this instance")
        case let problem as Migrator.Problem: (ExitCode.misconfigured, "database schema: \(problem)")
        case let unusable as ConnectorSet.Unusable: (ExitCode.misconfigured, "connectors: \(unusable.feeds)")
        case StoreError.countMinBelowPlan: (ExitCode.misconfigured, "count_min_below_plan")
        case let error as StoreError: (ExitCode.failed, "\(error)")
        case let error as PostgresError: (ExitCode.failed, "\(error)")
        case let error as KafkaError: (ExitCode.failed, "\(error)")
        default: (ExitCode.failed, "unexpected \(type(of: error))")
        }
    }

    private static func misuse(_ text: String) -> Int32 {
        complain("paraplud: \(text)\n\(usage)")
        return ExitCode.misconfigured
    }

    /// Writes to stderr, before there is a log.
    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
