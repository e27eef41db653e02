internal import Glibc

/// What the system knows about this process, read at each scrape from `/proc/self`.
///
/// - Source: Prometheus, standard process metrics; proc(5).
struct ProcessMetrics: Sendable {
    /// A family with one number, made for one scrape.
    private struct Reading: MetricFamily {
        let description: MetricDescription
        let suffix: String
        let value: MetricValue

        func samples() -> [MetricSample] { [MetricSample(suffix: suffix, labels: [], value: value)] }
    }

    /// Seconds since 1970; reckoned once, as the two clocks drift.
    private let startSeconds: Double?

    init(clock: TelemetryClock = .system) {
        var boot = timespec()
        clock_gettime(CLOCK_BOOTTIME, &boot)
        // Not from `btime` of /proc/stat, which a sandbox may hide.
        startSeconds = Stat.read().map { stat in
            let bootSeconds = Double(boot.tv_sec) + Double(boot.tv_nsec) / 1_000_000_000
            return Double(clock.wallMicroseconds()) / 1_000_000 - (bootSeconds - stat.startSeconds)
        }
    }

    /// The families at this moment; without those that the system doesn't tell.
    func families() -> [any MetricFamily] {
        var families: [any MetricFamily] = []
        func add(
            _ name: String, _ kind: MetricDescription.Kind, unit: String?, _ value: MetricValue?, _ help: String
        ) {
            guard let value else { return }
            families.append(
                Reading(
                    description: MetricDescription(name: name, kind: kind, unit: unit, help: help, labels: []),
                    suffix: kind == .counter ? "_total" : "", value: value))
        }
        let stat = Stat.read()
        add(
            "process_cpu_seconds", .counter, unit: "seconds", stat.map { .number($0.cpuSeconds) },
            "User and system time spent.")
        add("process_open_fds", .gauge, unit: nil, Self.openFiles().map { .integer($0) }, "Open file descriptors.")
        add(
            "process_max_fds", .gauge, unit: nil, Self.openFilesMax().map { .integer($0) },
            "Most open file descriptors.")
        add(
            "process_virtual_memory_bytes", .gauge, unit: "bytes", stat.map { .integer($0.virtualBytes) },
            "Virtual memory size.")
        add(
            "process_resident_memory_bytes", .gauge, unit: "bytes", stat.map { .integer($0.residentBytes) },
            "Resident memory size.")
        add("process_threads", .gauge, unit: nil, stat.map { .integer($0.threads) }, "Threads.")
        add(
            "process_start_time_seconds", .gauge, unit: "seconds", startSeconds.map { .number($0) },
            "When the process started, since 1970.")
        return families
    }

    private static func openFiles() -> UInt64? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count: UInt64 = 0
        while readdir(directory) != nil { count += 1 }
        // Not `.`, `..`, nor the one that reads the directory.
        return count >= 3 ? count - 3 : 0
    }

    private static func openFilesMax() -> UInt64? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return UInt64(limit.rlim_cur)
    }

    /// What we read of `/proc/self/stat`.
    private struct Stat {
        var cpuSeconds: Double
        var threads: UInt64
        /// Since the machine started.
        var startSeconds: Double
        var virtualBytes: UInt64
        var residentBytes: UInt64

        static func read() -> Stat? {
            let descriptor = open("/proc/self/stat", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return nil }
            let text = String(decoding: bytes.prefix(count), as: UTF8.self)
            // The name of the program, in parentheses, may hold blanks; what follows is field 3 on.
            guard let end = text.lastIndex(of: ")") else { return nil }
            let fields = text[text.index(after: end)...].split(separator: " ")
            func field(_ number: Int) -> UInt64? { fields.count > number - 3 ? UInt64(fields[number - 3]) : nil }
            let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
            guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
                let virtual = field(23), let pages = field(24)
            else { return nil }
            return Stat(
                cpuSeconds: Double(user + system) / ticks, threads: threads, startSeconds: Double(start) / ticks,
                virtualBytes: virtual, residentBytes: pages * UInt64(max(1, sysconf(Int32(_SC_PAGESIZE)))))
        }
    }
}
