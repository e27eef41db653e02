import Foundation

/// Wall clock and CPU time of a process, as readings or as the difference of two.
struct Usage {
    /// Monotonic.
    var seconds: Double
    /// User and system time together.
    var cpu: Double

    /// Of this process, now.
    init() {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        self.init(seconds: Usage.now, cpu: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
    }

    init(seconds: Double, cpu: Double) {
        self.seconds = seconds
        self.cpu = cpu
    }

    static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    /// Of another process, now; nil where it is gone.
    ///
    /// Source: proc(5), `/proc/<pid>/stat`, fields 14 and 15.
    init?(pid: Int32) {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        self.init(seconds: Usage.now, cpu: (user + system) / Double(sysconf(Int32(_SC_CLK_TCK))))
    }

    func since(_ earlier: Usage) -> Usage { Usage(seconds: seconds - earlier.seconds, cpu: cpu - earlier.cpu) }

    /// The most memory that a process had resident, in bytes.
    ///
    /// Source: proc(5), `VmHWM`.
    static func peakMemoryBytes(pid: Int32) -> Double? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) }
            .map { $0 * 1024 }
    }
}

/// Why a run can't go on.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
