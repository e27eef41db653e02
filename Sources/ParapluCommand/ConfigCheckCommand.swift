internal import JSON
internal import Kafka
internal import ParapluConfiguration
internal import ParapluConnectors
internal import ParapluModel
internal import ParapluStore

extension Command {
    private static let connect = Option("connect", nil, "also look at the database's schema and the brokers' topics")

    /// The command `paraplu config check`.
    static let configCheck = Command(
        "config check", summary: "check the configuration, all of it at once",
        details: """
            Every problem is shown with file, line and column, warnings too; the connectors are checked with it. Exit
            code 2 where the service couldn't start, 1 where --connect finds something wrong, 3 where it finds nobody.
            """,
        example: "paraplu config check --configuration /etc/paraplu/paraplu.yaml --connect", options: [connect]
    ) { call in
        var report = CheckReport()
        let configuration: ServiceConfiguration?
        do {
            let loaded = try call.services.configuration()
            report.problems = loaded.warnings
            configuration = loaded
        } catch let problems as ConfigurationProblems {
            report.problems = problems.problems
            configuration = nil
        }
        if let configuration {
            let (catalog, findings) = ConnectorCatalog.load(directory: configuration.connectorsDirectory)
            report.problems += findings.map { finding in
                Problem(
                    file: finding.file, line: finding.line, column: finding.column, key: nil, code: .invalidValue,
                    message: "\(finding.code.rawValue): \(finding.message)",
                    hint: finding.hint.isEmpty ? nil : finding.hint)
            }
            if catalog.connectors.isEmpty, findings.isEmpty {
                report.problems.append(
                    Problem(
                        key: "connectors.directory", code: .missing,
                        message: "there is no connector in \(configuration.connectorsDirectory)"))
            }
            if call.has(connect) {
                checkDatabase(call.services, configuration, &report)
                checkBrokers(call.services, configuration, catalog, &report)
            }
        }
        report.show(call, isComplete: configuration != nil)
        return report.code
    }

    private static func checkDatabase(
        _ services: Services, _ configuration: ServiceConfiguration, _ report: inout CheckReport
    ) {
        let name = "\(configuration.database.name) at \(configuration.database.host)"
        do {
            // As the daemon, unless --database-user names somebody else.
            let count = try services.withDatabase(user: configuration.database.user) { session in
                try Migrator.verify(session)
                return Migrator.needed
            }
            report.add("database", name, "schema version \(count)")
        } catch {
            report.add("database", name, error)
        }
    }

    private static func checkBrokers(
        _ services: Services, _ configuration: ServiceConfiguration, _ catalog: ConnectorCatalog,
        _ report: inout CheckReport
    ) {
        let plan = TopicPlan(prefix: configuration.topicPrefix, connectors: catalog.connectors)
        do {
            var desk = TopicDesk(admin: try services.admin())
            let known = try desk.partitionCounts()
            report.add("kafka", configuration.kafka.bootstrapServers, "\(known.count) topics may be seen")
            for topic in plan.topics {
                guard let partitions = known[topic.name] else {
                    report.add(
                        .init(
                            service: "kafka", subject: topic.name, outcome: .failed, message: "there is no such topic",
                            hint: "paraplu topics create"))
                    continue
                }
                let result = try desk.check(topic, partitions: partitions)
                if result.problems.isEmpty {
                    report.add("kafka", topic.name, "\(result.outcome), \(partitions) partitions")
                }
                for problem in result.problems {
                    report.add(
                        .init(service: "kafka", subject: topic.name, outcome: .failed, message: problem, hint: nil))
                }
            }
        } catch {
            report.add("kafka", configuration.kafka.bootstrapServers, error)
        }
    }
}
