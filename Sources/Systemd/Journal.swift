internal import CLibSystemd
internal import Glibc

/// The journal: structured entries, rather than lines that are taken apart again.
///
/// - Source: sd_journal_sendv(3), systemd.journal-fields(7).
package enum Journal {
    /// How much an entry matters; syslog(3)'s levels.
    package enum Priority: Int32, Sendable, Comparable {
        case emergency, alert, critical, error, warning, notice, info, debug

        /// Whether the left level is the more urgent: an emergency is the least, debug the greatest.
        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// Whether standard error goes to the journal, so that `send` is the better way there.
    ///
    /// The manager sets `$JOURNAL_STREAM` to the device and inode of what it connected; a redirection makes them differ.
    /// - Source: systemd.exec(5), `$JOURNAL_STREAM`.
    package static var isStderrJournal: Bool {
        isJournal(descriptor: STDERR_FILENO, stream: getenv("JOURNAL_STREAM").map { String(cString: $0) })
    }

    /// Whether `descriptor` is the `device:inode` that `stream` names.
    static func isJournal(descriptor: Int32, stream: String?) -> Bool {
        guard let stream else { return false }
        let parts = stream.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return false }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
    }

    /// Adds an entry with `message` and `fields`; values may hold any bytes, line breaks too.
    ///
    /// - Parameter fields: At most 64, with names of capital letters, digits and `_`, of which the first is a letter.
    /// - Returns: 0, also where no journal runs and the entry is lost, or a code of errno(3).
    @discardableResult
    package static func send(priority: Priority, message: String, fields: [(name: String, value: String)] = []) -> Int32
    {
        precondition(fields.count <= 64, "at most 64 fields")
        var bytes: [UInt8] = []
        var ends: [Int] = []
        func append(_ name: String, _ value: String) {
            bytes += name.utf8
            bytes.append(UInt8(ascii: "="))
            bytes += value.utf8
            ends.append(bytes.count)
        }
        append("MESSAGE", message)
        append("PRIORITY", String(priority.rawValue))
        for (name, value) in fields {
            precondition(isFieldName(name), "no name of a field of ours")
            append(name, value)
        }
        return bytes.withUnsafeMutableBytes { buffer in
            var start = 0
            let vectors = ends.map { end in
                defer { start = end }
                return iovec(iov_base: buffer.baseAddress.map { $0 + start }, iov_len: end - start)
            }
            return -min(0, sd_journal_sendv(vectors, Int32(vectors.count)))
        }
    }

    /// Whether the journal takes `name` from a client; others it drops without a word.
    static func isFieldName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 64 else { return false }
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return capitals.contains(first)
            && name.utf8.allSatisfy { capitals.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") }
    }
}
