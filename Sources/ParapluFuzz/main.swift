import Foundation
import ParapluFuzzing

/// Says something to whoever looks on.
func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

do throws(FuzzOptions.Misuse) {
    let options = try FuzzOptions(Array(CommandLine.arguments.dropFirst()))
    guard let corpus = FuzzCorpus(connectors: options.connectors) else {
        say("the connectors below \(options.connectors) have findings: paraplu connector lint")
        exit(2)
    }
    exit(FuzzSession(options, corpus).run() ? 0 : 1)
} catch {
    say(error.text)
    exit(2)
}
