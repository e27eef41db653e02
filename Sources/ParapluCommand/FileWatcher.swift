internal import Foundation
internal import Glibc

/// Waits for changes of files below a directory.
///
/// - Source: inotify(7): watches are per directory; reading gives whole events; a full queue says so, and means a change.
final class FileWatcher {
    /// The most directories that are watched: more is no folder of connectors.
    static let directoriesMax = 1_000
    /// How long it must be quiet before a change counts as complete, and how long it is waited for at most.
    static let quietMilliseconds: Int32 = 150
    static let waitsMax = 20

    private let descriptor: Int32
    private let root: String

    /// - Throws: `CommandFailure` where the kernel gives no watch.
    init(_ root: String) throws {
        descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        self.root = root
        guard descriptor >= 0 else { throw CommandFailure("changes can't be watched: the kernel has no room for it") }
        try addAll()
    }

    deinit { close(descriptor) }

    /// Returns when something below the directory changed and it has been quiet since.
    ///
    /// - Throws: `CommandFailure` where the directory is gone or holds too many directories.
    func change() throws {
        while try !read(waitMilliseconds: -1) {}
        var waits = 0
        while waits < FileWatcher.waitsMax, try read(waitMilliseconds: FileWatcher.quietMilliseconds) { waits += 1 }
        // Directories that are new are watched from here on; what happened in them meanwhile is seen by the next run.
        try addAll()
    }

    /// Whether there were events of interest within the time; -1 waits for ever.
    private func read(waitMilliseconds: Int32) throws -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = Glibc.poll(&poll, 1, waitMilliseconds)
        if ready <= 0 { return false }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return false }
        return buffer.withUnsafeBytes { bytes in
            var offset = 0
            var found = false
            while offset + MemoryLayout<inotify_event>.size <= count {
                let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                let nameStart = offset + MemoryLayout<inotify_event>.size
                // Editors keep hidden files beside the one that is written.
                let isHidden = event.len > 0 && bytes[nameStart] == UInt8(ascii: ".")
                if !isHidden { found = true }
                offset = nameStart + Int(event.len)
            }
            return found
        }
    }

    private func addAll() throws {
        var directories = [root]
        var next = 0
        while next < directories.count {
            let directory = directories[next]
            next += 1
            let mask = UInt32(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR)
            guard inotify_add_watch(descriptor, directory, mask) >= 0 else {
                if directory == root { throw CommandFailure("\(root) can't be watched") }
                continue
            }
            for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            where !name.hasPrefix(".") && FileBytes.isDirectory("\(directory)/\(name)") {
                directories.append("\(directory)/\(name)")
            }
            guard directories.count <= FileWatcher.directoriesMax else {
                throw CommandFailure("\(root) holds more than \(FileWatcher.directoriesMax) directories")
            }
        }
    }
}

extension Option {
    /// For commands on files that somebody is writing.
    static let watch = Option("watch", nil, "do it again after each change below DIR, until Ctrl-C")
}

extension Invocation {
    /// Does something once, or with `--watch` again after each change below a directory.
    ///
    /// Never returns with `--watch`: SIGINT ends the process, which a shell shows as 130.
    /// - Throws: What `body` throws, where it isn't repeated.
    func repeating(below directory: String, _ body: () throws -> ExitCode) throws -> ExitCode {
        guard has(.watch) else { return try body() }
        let watcher = try FileWatcher(directory)
        while true {
            if terminal.isInteractive { terminal.print("\u{1B}[H\u{1B}[2J") }
            do {
                _ = try body()
            } catch {
                // A half-written folder is what watching is for: it is said, and the next change is waited for.
                terminal.say("paraplu: \(Explanation.text(of: error))")
            }
            terminal.say("waiting for changes below \(directory); Ctrl-C ends")
            try watcher.change()
        }
    }
}
