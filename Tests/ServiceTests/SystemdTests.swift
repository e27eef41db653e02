import Glibc
import Testing

@testable import Systemd

/// The only suite that changes the environment: once, before anything reads it here.
@Suite("Systemd notifications", .serialized) struct SystemdNotifierTests {
    /// A socket in the manager's place, named by `$NOTIFY_SOCKET` from its first use on.
    private static let manager: Int32 = {
        let name = "paraplu-test-\(getpid())"
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The abstract namespace: a NUL, then the name, which systemd writes with a leading @.
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path.dropFirst().copyBytes(from: Array(name.utf8))
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        precondition(descriptor >= 0 && bound == 0, "no socket")
        setenv("NOTIFY_SOCKET", "@" + name, 1)
        return descriptor
    }()

    /// What the manager got, if anything.
    ///
    /// sd_notify(3) sends before it returns.
    private func received() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(Self.manager, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    @Test(
        "each state arrives as the manager expects it",
        arguments: [
            (.ready, "READY=1"), (.stopping, "STOPPING=1"), (.watchdog, "WATCHDOG=1"),
            (.status("two\nlines\r\nREADY=1"), "STATUS=two lines READY=1"),
        ] as [(SystemdNotifier.State, String)])
    func states(state: SystemdNotifier.State, expected: String) {
        #expect(Self.manager >= 0)

        #expect(SystemdNotifier.notify(state) == .sent)
        #expect(received() == expected)
    }

    @Test("a reload carries the time at which it began")
    func reloading() throws {
        #expect(Self.manager >= 0)

        #expect(SystemdNotifier.notify(.reloading) == .sent)
        let lines = try #require(received()).split(separator: "\n")
        #expect(lines.first == "RELOADING=1")
        #expect(lines.last?.hasPrefix("MONOTONIC_USEC=") == true)
        #expect(lines.count == 2)
    }

    @Test("without a watchdog there is no interval")
    func watchdog() {
        #expect(SystemdNotifier.watchdogInterval == nil)
    }
}

@Suite("Journal") struct JournalTests {
    @Test("standard error is the journal when device and inode are those of the variable")
    func stream() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        var status = stat()
        try #require(fstat(ends[1], &status) == 0)

        #expect(Journal.isJournal(descriptor: ends[1], stream: "\(status.st_dev):\(status.st_ino)"))
        #expect(!Journal.isJournal(descriptor: ends[1], stream: "\(status.st_dev):\(status.st_ino + 1)"))
        for other in [nil, "", ":", "1", "a:b", "1:2:3"] {
            #expect(!Journal.isJournal(descriptor: ends[1], stream: other))
        }
        #expect(!Journal.isJournal(descriptor: -1, stream: "\(status.st_dev):\(status.st_ino)"))
    }

    @Test("a name of a field is capital letters, digits and underscores")
    func names() {
        #expect(["A", "PARAPLU_TOPIC", "X2"].allSatisfy { Journal.isFieldName($0) })
        let refused = ["", "_A", "2A", "a", "A B", "A=B", "É", String(repeating: "A", count: 65)]
        #expect(!refused.contains { Journal.isFieldName($0) })
    }

    @Test("an entry is taken, or lost where no journal runs, without an error")
    func send() {
        let code = Journal.send(
            priority: .debug, message: "a test\nof two lines", fields: [(name: "PARAPLU_TEST", value: "1\n2")])
        #expect(code == 0)
    }
}
