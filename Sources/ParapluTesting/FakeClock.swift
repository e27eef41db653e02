internal import Foundation

/// A clock for servers of tests that runs ahead of the machine's by as much as it is told, from one moment to the next.
///
/// libfaketime, loaded before the server, adds what a file says to every look at the time of day; durations stay true.
/// - Source: libfaketime's manual, FAKETIME_TIMESTAMP_FILE and "relative dates".
package final class FakeClock: Sendable {
    /// libfaketime isn't installed.
    package struct NotInstalled: Error {}

    private let library: String
    private let file: String

    package init() throws {
        let root = "/usr/lib"
        let places = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).map {
            "\(root)/\($0)/faketime/libfaketime.so.1"
        }
        guard let library = places.first(where: { access($0, R_OK) == 0 }) else { throw NotInstalled() }
        self.library = library
        file = FileManager.default.temporaryDirectory.appendingPathComponent("paraplu-clock-\(UUID())").path
        try write(0)
    }

    deinit { try? FileManager.default.removeItem(atPath: file) }

    /// Makes it that moment, RFC 3339; the clock goes on from there.
    package func set(_ moment: String) throws {
        let formatter = ISO8601DateFormatter()
        guard let wanted = formatter.date(from: moment) else { preconditionFailure("not a moment: \(moment)") }
        try write(Int(wanted.timeIntervalSinceNow.rounded()))
    }

    /// The settings of a program that is to see this clock, as `env` takes them.
    var environment: [String] {
        [
            "LD_PRELOAD=\(library)", "FAKETIME_TIMESTAMP_FILE=\(file)", "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        ]
    }

    /// Replaces the file in one step, so that nobody reads half a number.
    private func write(_ seconds: Int) throws {
        let text = "\(seconds < 0 ? "" : "+")\(seconds)\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        chmod(file, 0o644)
    }
}
