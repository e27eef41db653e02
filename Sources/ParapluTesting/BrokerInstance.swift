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
        let log = directory.appendingPathComponent("launcher.log").path
        let output = open(log, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        defer { close(output) }
        let pid = try Self.spawn([launcher.path] + arguments, input: -1, output: output)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        return (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    }

    /// Starts the reaper and returns the write end that keeps it waiting.
    private static func startReaper(of directory: URL) throws -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestBroker.Failure.didNotStart("no pipe for the reaper") }
        // Close-on-exec, so that no other child of this process keeps the reaper waiting.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        // Without a process id a start is still under way, which is given time to write it.
        let script = """
            read -r _; [ -d "$1" ] || exit 0; [ -f "$1/pid" ] || sleep 10; \
            if [ -f "$1/pid" ]; then kill -9 "$(cat "$1/pid")"; fi; rm -rf "$1"
            """
        _ = try spawn(["/bin/bash", "-c", script, "reaper", directory.path], input: ends[0], output: -1)
        return ends[1]
    }

    /// Starts a program in a process group of its own, so that a Ctrl-C at the terminal does not reach it.
    ///
    /// Not Foundation's `Process`: that one waits until every descendant has closed what it inherited, and a broker is
    /// a descendant that stays. Descriptors above 2 are closed for the same reason; -1 stands for `/dev/null`.
    private static func spawn(_ command: [String], input: Int32, output: Int32) throws -> pid_t {
        let closing = #"for f in /proc/$$/fd/*; do n=${f##*/}; ((n > 2)) && eval "exec $n>&-"; done; exec "$@""#
        let arguments: [UnsafeMutablePointer<CChar>?] = (["/bin/bash", "-c", closing, "spawn"] + command).map {
            strdup($0)
        }
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, target) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (output, STDERR_FILENO)] {
            if descriptor >= 0 {
                posix_spawn_file_actions_adddup2(&actions, descriptor, target)
            } else {
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        var pid: pid_t = 0
        guard posix_spawn(&pid, "/bin/bash", &actions, &attributes, arguments + [nil], environ) == 0 else {
            throw TestBroker.Failure.didNotStart("\(command[0]) could not be run")
        }
        return pid
    }
}
