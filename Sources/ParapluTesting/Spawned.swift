internal import Foundation

/// A process started with nothing of ours but what it is given.
struct Spawned {
    private let identifier: pid_t

    /// Starts `line[0]`, an absolute path, in `directory`; without input and output it gets /dev/null.
    init(_ line: [String], input: Int32?, output: Int32?, directory: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        posix_spawn_file_actions_adddup2(&actions, input ?? null, 0)
        posix_spawn_file_actions_adddup2(&actions, output ?? null, 1)
        posix_spawn_file_actions_adddup2(&actions, output ?? null, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // A process group of its own, out of reach of a terminal's interrupt.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))

        let arguments: [UnsafeMutablePointer<CChar>?] =
            (["/usr/bin/env", "-C", directory] + line).map { strdup($0) } + [nil]
        let environment: [UnsafeMutablePointer<CChar>?] =
            ["PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C.UTF-8"].map { (entry: String) in strdup(entry) } + [nil]
        defer { for string in arguments + environment { free(string) } }
        var identifier = pid_t()
        let failure = posix_spawn(&identifier, "/usr/bin/env", &actions, &attributes, arguments, environment)
        guard failure == 0 else { throw TestCluster.Failure.command(line[0], output: "error \(failure)") }
        self.identifier = identifier
    }

    /// Waits for its end and returns its exit status.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) == -1 && errno == EINTR {}
        return (status & 0x7F) == 0 ? (status >> 8) & 0xFF : -1
    }
}
