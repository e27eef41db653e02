internal import Foundation

/// The files and the processes of a private PostgreSQL server.
final class Server: Sendable {
    /// Holds the data, the log and the socket.
    let directory: String
    let port: Int
    private let commands: String
    /// The superuser may not run PostgreSQL, so it lends the server to this account.
    private let account: String?
    /// The end of the pipe whose closing, by us or by our death, ends the server.
    private let lifeline: Int32
    /// What moves the server's clock, where it isn't the machine's.
    private let clock: FakeClock?

    init(clock: FakeClock? = nil) throws {
        self.clock = clock
        guard let commands = Self.newestInstallation() else { throw TestCluster.Failure.notInstalled }
        self.commands = commands
        account = geteuid() == 0 ? (getpwnam("postgres") != nil ? "postgres" : "nobody") : nil
        directory = try Self.makeDirectory(owner: account)
        port = try Self.freePort()
        lifeline = try Self.startSupervisor(directory)
        do {
            try run(
                "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
            try start()
        } catch {
            destroy()
            throw error
        }
    }

    private var data: String { directory + "/data" }

    /// Starts the server and returns when it takes connections.
    func start() throws {
        let settings = [
            "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=\(directory)", "fsync=off",
            "full_page_writes=off", "max_connections=600", "shared_buffers=128MB", "max_wal_size=1GB",
            "log_min_messages=warning",
        ]
        let options = settings.map { "-c \($0)" }.joined(separator: " ")
        try run("pg_ctl", "-D", data, "-l", directory + "/log", "-o", options, "-t", "60", "-w", "start")
    }

    func stop(mode: String) throws { try run("pg_ctl", "-D", data, "-m", mode, "-t", "60", "-w", "stop") }

    /// Sends a signal to the postmaster and to each of its children, which have process groups of their own.
    func signal(_ signal: Int32) throws {
        guard let text = try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8),
            let postmaster = text.split(separator: "\n").first.flatMap({ Int32($0) })
        else { throw TestCluster.Failure.command("signal", output: "no postmaster") }
        kill(postmaster, signal)
        for child in Self.children(of: postmaster) { kill(child, signal) }
    }

    /// Lets the supervisor end the server and remove its files.
    func destroy() { close(lifeline) }

    private func run(_ command: String, _ arguments: String...) throws {
        var line = ["/usr/bin/env"] + (clock?.environment ?? []) + [commands + "/" + command] + arguments
        if let account { line = ["/usr/sbin/runuser", "-u", account, "--"] + line }
        // pg_ctl hands its output on to the server, so that goes to a file: a pipe would never end.
        let path = directory + "/" + command + ".out"
        let output = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(output) }
        let outcome = try Spawned(line, input: nil, output: output, directory: directory).wait()
        guard outcome == 0 else {
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            let log = (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
            throw TestCluster.Failure.command(command, output: text + log.suffix(2000))
        }
    }
}

extension Server {
    private static func newestInstallation() -> String? {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap { Int($0) }.sorted(by: >).map { "\(root)/\($0)/bin" }
            .first { access($0 + "/initdb", X_OK) == 0 }
    }

    /// A directory under /tmp, where the path of a socket stays short enough.
    private static func makeDirectory(owner: String?) throws -> String {
        var template = Array("/tmp/paraplu-pg-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestCluster.Failure.command("mkdtemp", output: "") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if let owner, let entry = getpwnam(owner) { chown(path, entry.pointee.pw_uid, entry.pointee.pw_gid) }
        return path
    }

    /// A port that was free a moment ago.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failure = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) != 0 || getsockname(descriptor, $0, &length) != 0
            }
        }
        guard !failure else { throw TestCluster.Failure.command("bind", output: "") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func children(of process: Int32) -> [Int32] {
        let text = try? String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
        return (text ?? "").split(separator: " ").compactMap { Int32($0) }
    }

    /// Starts a shell that waits for the end of a pipe, then ends the server and removes the directory.
    private static func startSupervisor(_ directory: String) throws -> Int32 {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw TestCluster.Failure.command("pipe", output: "") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let script = """
            trap '' HUP INT TERM
            read -r line
            if read -r pid < "$0/data/postmaster.pid"; then
                kill -CONT "$pid" $(cat "/proc/$pid/task/$pid/children")
                kill -QUIT "$pid"
                n=0
                while kill -0 "$pid" && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done
                kill -KILL "$pid"
            fi
            rm -rf "$0"
            """
        _ = try Spawned(["/bin/sh", "-c", script, directory], input: ends[0], output: nil, directory: "/")
        return ends[1]
    }
}
