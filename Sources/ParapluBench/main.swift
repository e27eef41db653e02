import Foundation

let report = Report()
do {
    let options = try BenchOptions(
        arguments: CommandLine.arguments, environment: ProcessInfo.processInfo.environment)
    switch options.mode {
    case .store: try await StoreBench(options: options, report: report).run()
    case .connectors: try ConnectorBench(options: options, report: report).run()
    case .formats: try FormatBench(report: report).run()
    case .run: try await FullPath(options: options, report: report).run()
    }
} catch let misuse as BenchOptions.Misuse {
    report.say("ParapluBench: \(misuse.text)")
    exit(2)
} catch {
    report.say("ParapluBench: \(error)")
    exit(1)
}
exit(report.hasFailed ? 1 : 0)
