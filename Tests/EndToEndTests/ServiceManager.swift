import Foundation
import ParapluTesting

/// A socket in the service manager's place, and what it was told: sd_notify(3).
final class ServiceManager: Sendable {
    private let descriptor: Int32
    private let path: String

    init(in directory: String) throws {
        path = directory + "/notify"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        precondition(bytes.count < MemoryLayout.size(ofValue: address.sun_path), "a socket's path is short")
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard descriptor >= 0, outcome == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    deinit { close(descriptor) }

    /// What a service is given so that it tells this manager, and pings it within so many seconds.
    func environment(watchdogSeconds: Int) -> [String: String] {
        ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": String(watchdogSeconds * 1_000_000)]
    }

    /// The next message; nil where none comes within that time.
    func next(within seconds: Int) async throws -> String? {
        let descriptor = descriptor
        return try await TestBroker.onThread {
            var timeout = timeval(tv_sec: seconds, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
        }
    }

    /// Takes messages until this one came.
    func wait(for message: String, within limit: Duration = .seconds(45)) async throws {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if let next = try await next(within: 5), next.contains(message) { return }
        }
        throw TestProgram.TooLate(waitedFor: message, log: "")
    }
}

/// Holds one thread of a process still, the others going on, until it is released: ptrace(2), which Swift can't call.
final class HeldThread: Sendable {
    private let tracer: TestProgram

    /// - Parameter name: The thread's name as the system shows it.
    init(_ name: String, of process: pid_t, in directory: String) async throws {
        let tasks = "/proc/\(process)/task"
        let thread = try FileManager.default.contentsOfDirectory(atPath: tasks).first { thread in
            (try? String(contentsOfFile: "\(tasks)/\(thread)/comm", encoding: .utf8)) == name + "\n"
        }
        guard let thread else { throw TestProgram.TooLate(waitedFor: "a thread \(name)", log: "") }
        #if arch(arm64)
            let ptrace = 117
        #else
            let ptrace = 101
        #endif
        // PTRACE_SEIZE, then PTRACE_INTERRUPT; the thread goes on when the tracer ends.
        let script = """
            syscall(\(ptrace), 0x4206, \(thread), 0, 0) == 0 && syscall(\(ptrace), 0x4207, \(thread), 0, 0) == 0
                or die "ptrace: $!"; print STDERR "held"; sleep 600;
            """
        let tracer = try TestProgram("/usr/bin/perl", ["-e", script], logPath: directory + "/perl.log")
        self.tracer = tracer
        _ = try await eventually("thread \(name) held") { () -> Bool? in
            if tracer.ending() != nil { throw TestProgram.TooLate(waitedFor: "ptrace", log: tracer.log) }
            return tracer.log.contains("held") ? true : nil
        }
    }

    func release() async throws {
        tracer.signal(SIGKILL)
        try await tracer.wait()
    }
}
