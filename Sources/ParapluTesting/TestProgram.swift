package import Foundation
import Synchronization

/// A built program of the project, run as a process of its own: `paraplud` or `paraplu`.
///
/// A process still running when the test process ends is killed by the supervising shell that started it.
package final class TestProgram: Sendable {
    /// How a program that was waited for ended.
    package enum Ending: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// A program didn't end, or didn't come as far as it should, in time.
    package struct TooLate: Error, CustomStringConvertible {
        /// What didn't come in time, in words that follow "no".
        package let waitedFor: String
        /// The end of the program's log, or whatever tells why; empty where there is none.
        package let log: String

        package init(waitedFor: String, log: String) {
            self.waitedFor = waitedFor
            self.log = log
        }

        package var description: String { "no \(waitedFor) in time; the log ends:\n\(log)" }
    }

    /// The process id, also the id of the process group that it leads.
    package let pid: pid_t
    /// Where standard error goes.
    package let logPath: String
    private let ended = Mutex<Ending?>(nil)

    /// Where the built programs are: beside the tests, or where PARAPLU_BIN says.
    package static var directory: URL {
        if let path = ProcessInfo.processInfo.environment["PARAPLU_BIN"], !path.isEmpty {
            return URL(fileURLWithPath: path)
        }
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let bytes = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        return URL(fileURLWithPath: String(decoding: bytes, as: UTF8.self)).deletingLastPathComponent()
    }

    /// Starts a program with standard output and error in files.
    ///
    /// - Parameter name: One of the project's programs, or the absolute path of another.
    package init(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], outputPath: String? = nil,
        logPath: String
    ) throws {
        self.logPath = logPath
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputPath ?? "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        // setpriv's parent-death signal takes the program along when the tests end, however they end.
        let path = name.hasPrefix("/") ? name : TestProgram.directory.appendingPathComponent(name).path
        let line = ["/usr/bin/setpriv", "--pdeathsig", "KILL", path] + arguments
        let words: [UnsafeMutablePointer<CChar>?] = line.map { strdup($0) } + [nil]
        var variables = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
        variables.merge(environment) { _, new in new }
        let entries: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + entries { free(word) } }
        var identifier = pid_t()
        let failure = Spawner.shared.perform {
            posix_spawn(&identifier, "/usr/bin/setpriv", &actions, &attributes, words, entries)
        }
        guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EIO) }
        pid = identifier
    }

    /// The log so far.
    package var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    /// Sends a signal to the process; does nothing once its end was seen.
    package func signal(_ number: Int32) { if ended.withLock({ $0 == nil }) { _ = kill(pid, number) } }

    /// Whether it ended by now, and how.
    package func ending() -> Ending? {
        ended.withLock { ended in
            if let ended { return ended }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            ended = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
            return ended
        }
    }

    /// Waits for its end; kills it when that doesn't come in time.
    @discardableResult
    package func wait(for limit: Duration = .seconds(60)) async throws -> Ending {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if let ending = ending() { return ending }
            try await Task.sleep(for: .milliseconds(10))
        }
        signal(SIGKILL)
        throw TooLate(waitedFor: "end of process \(pid)", log: String(log.suffix(2000)))
    }

    /// Runs a program to its end and returns how it ended, with its output and error.
    package static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], in directory: String
    ) async throws -> (ending: Ending, output: String, log: String) {
        let base = URL(fileURLWithPath: name).lastPathComponent
        let stem = "\(directory)/\(base)-\(UInt64.random(in: 0...UInt64.max))"
        let program = try TestProgram(
            name, arguments, environment: environment, outputPath: stem + ".out", logPath: stem + ".err")
        let ending = try await program.wait(for: .seconds(120))
        return (ending, (try? String(contentsOfFile: stem + ".out", encoding: .utf8)) ?? "", program.log)
    }
}

/// Asks again and again until the answer is content, or time is up.
///
/// - Throws: `TestProgram.TooLate`, which names what was waited for.
package func eventually<T>(
    _ what: String, within limit: Duration = .seconds(60), every pause: Duration = .milliseconds(25),
    _ ask: () async throws -> T?
) async throws -> T {
    let end = ContinuousClock.now + limit
    while true {
        if let answer = try await ask() { return answer }
        guard ContinuousClock.now < end else { throw TestProgram.TooLate(waitedFor: what, log: "") }
        try await Task.sleep(for: pause)
    }
}

/// The one thread that starts programs, which lives as long as the process.
///
/// The parent-death signal comes when the starting *thread* ends (prctl(2), PR_SET_PDEATHSIG), and the threads of Swift's
/// pool come and go.
private final class Spawner: Sendable {
    static let shared = Spawner()

    private let job = Mutex<Job?>(nil)
    private let given = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)
    private let turn = DispatchSemaphore(value: 1)

    /// A closure on loan from a thread that waits for it.
    ///
    /// Unchecked: the lender waits until it has run.
    private struct Job: @unchecked Sendable {
        let body: () -> Int32
        let result: UnsafeMutablePointer<Int32>
    }

    private init() {
        let thread = Thread { [self] in
            while true {
                given.wait()
                if let job = job.withLock({ $0.take() }) { job.result.pointee = job.body() }
                done.signal()
            }
        }
        thread.name = "spawner"
        thread.start()
    }

    /// Runs the body on the thread, while the caller waits.
    func perform(_ body: () -> Int32) -> Int32 {
        turn.wait()
        defer { turn.signal() }
        var result: Int32 = 0
        withoutActuallyEscaping(body) { body in
            withUnsafeMutablePointer(to: &result) { result in
                let lent = Job(body: body, result: result)
                job.withLock { $0 = lent }
                given.signal()
                done.wait()
            }
        }
        return result
    }
}
