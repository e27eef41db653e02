import Foundation
import JSON
import Synchronization

/// Figures on stdout, one JSON object per line; words on stderr.
final class Report: Sendable {
    private let failures = Mutex<[String]>([])

    /// One figure of the run.
    ///
    /// - Parameter more: What belongs to the figure, by name.
    func figure(_ name: String, _ value: Double, unit: String, _ more: KeyValuePairs<String, Double> = [:]) {
        var json = JSONWriter()
        json.beginObject()
        json.member("figure")
        json.string(name)
        json.member(name == "ratio" ? "ratio" : "value")
        json.raw(Array(Report.text(value).utf8))
        json.member("unit")
        json.string(unit)
        for (name, value) in more {
            json.member(name: name)
            json.raw(Array(Report.text(value).utf8))
        }
        json.endObject()
        FileHandle.standardOutput.write(Data(json.bytes + [UInt8(ascii: "\n")]))
    }

    /// Says something to whoever looks on.
    func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// Notes whether something is as it must be.
    func check(_ what: String, _ isRight: Bool, _ difference: @autoclosure () -> String = "") {
        guard !isRight else { return say("  ok  \(what)") }
        say("FAIL  \(what): \(difference())")
        failures.withLock { $0.append(what) }
    }

    var hasFailed: Bool { failures.withLock { !$0.isEmpty } }

    /// A whole number as such, else with three places.
    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(format: "%.3f", value)
    }
}
