internal import Glibc

/// Where a command writes: data on standard output, words on standard error.
struct Terminal: Sendable {
    /// Whether standard output is a terminal.
    let isInteractive: Bool
    /// Whether standard error is a terminal, so that progress makes sense.
    let showsProgress: Bool
    /// Whether data may be in colour: on a terminal, unless `NO_COLOR` is set.
    ///
    /// - Source: no-color.org.
    let usesColor: Bool
    /// The terminal's width in characters, or nil where there is none.
    let width: Int?

    init(environment: Environment) {
        isInteractive = isatty(STDOUT_FILENO) == 1
        showsProgress = isatty(STDERR_FILENO) == 1
        usesColor = isInteractive && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
        var size = winsize()
        let isKnown = isInteractive && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        width = isKnown ? Int(size.ws_col) : nil
    }

    /// Writes data.
    func print(_ text: String) { Terminal.write(Array(text.utf8), to: STDOUT_FILENO) }

    /// Writes a JSON document and a line break.
    func print(json: [UInt8]) { Terminal.write(json + [UInt8(ascii: "\n")], to: STDOUT_FILENO) }

    /// Writes a table.
    func print(_ table: Table) { print(table.text(width: width, usesColor: usesColor)) }

    /// Writes bytes as they are.
    func print(bytes: [UInt8]) { Terminal.write(bytes, to: STDOUT_FILENO) }

    /// Writes words for the person, on a line of their own.
    func say(_ text: String) {
        Terminal.write(Array((text.hasSuffix("\n") ? text : text + "\n").utf8), to: STDERR_FILENO)
    }

    /// Shows how far long work is, in place of what was shown before; nothing where nobody watches.
    func progress(_ text: String) {
        guard showsProgress else { return }
        Terminal.write(Array("\r\u{1B}[K\(text)".utf8), to: STDERR_FILENO)
    }

    /// Takes the progress away.
    func endProgress() {
        guard showsProgress else { return }
        Terminal.write(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO)
    }

    /// Writes all bytes; a reader that can't take them makes the command fail.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                // Nothing is left to tell anybody with: a full disk, or a pipe that nobody reads.
                exit(ExitCode.failed.rawValue)
            }
        }
    }
}
