internal import Foundation
internal import Glibc

/// A real broker's process and its directory, run through `bin/kafka`.
///
/// A reaper, a shell that waits for its input to end, kills the broker and removes the directory however this process
/// ends, a crash included: the write end of its pipe is ours alone and the kernel closes it.
final class BrokerInstance: Sendable {
    private let launcher: URL
    private let directory: URL
    private let settings: [String: String]
    private let reaperInput: Int32

    init(settings: [String: String]) throws {
        let candidates = [
            ProcessInfo.processInfo.environment["KAFKA_HOME"].map { URL(fileURLWithPath: $0) },
            // Sources/ParapluTesting/BrokerInstance.swift is three steps below the package's root.
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/kafka"),
        ]
        let launchers = candidates.compactMap { $0?.appendingPathComponent("bin/kafka") }
        guard let launcher = launchers.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            throw TestBroker.Failure.noKafka
        }
        self.launcher = launcher
        self.settings = settings
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("paraplu-broker-\(UUID().uuidString.lowercased())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        reaperInput = try Self.startReaper(of: directory)
    }

    /// Starts the broker, on its earlier port when there is one, and returns its bootstrap address.
    func start() throws -> String {
        let settings = settings.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
        let output = try run(["start", "--dir", directory.path] + settings)
        let prefix = "bootstrap="
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix(prefix) }) else {
            throw TestBroker.Failure.didNotStart(output)
        }
        return String(line.dropFirst(prefix.count))
    }

    /// Ends the broker as a crash would.
    func kill() throws { _ = try run(["stop", "--dir", directory.path, "--kill"]) }

    /// Kills the broker, removes its directory and ends the reaper.
    func remove() throws {
        try kill()
        try FileManager.default.removeItem(at: directory)
        close(reaperInput)
    }

    /// Sends the broker's process a signal.
    func signal(_ number: Int32) throws {
        let text = try String(contentsOf: directory.appendingPathComponent("pid"), encoding: .utf8)
        guard let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), pid > 1 else { return }
        _ = Glibc.kill(pid, number)
    }

    private func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = launcher
        process.arguments = arguments
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Starts the reaper and returns the write end that keeps it waiting.
    private static func startReaper(of directory: URL) throws -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestBroker.Failure.didNotStart("no pipe for the reaper") }
        // Close-on-exec, so that no other child of this process keeps the reaper waiting.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let reaper = Process()
        reaper.executableURL = URL(fileURLWithPath: "/bin/sh")
        // Without a process id a start is still under way, which is given time to write it.
        // A Ctrl-C at the terminal reaches the reaper too and is not to end it before its work.
        let script = """
            trap '' INT TERM HUP; read -r _; [ -d "$1" ] || exit 0; \
            [ -f "$1/pid" ] || sleep 10; \
            if [ -f "$1/pid" ]; then kill -9 "$(cat "$1/pid")"; fi; rm -rf "$1"
            """
        reaper.arguments = ["-c", script, "reaper", directory.path]
        reaper.standardInput = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        reaper.standardOutput = FileHandle.nullDevice
        reaper.standardError = FileHandle.nullDevice
        try reaper.run()
        return ends[1]
    }
}
