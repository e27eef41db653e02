internal import Glibc

/// Why a credential cannot be read.
package enum CredentialsError: Error, Equatable, Sendable {
    /// The unit was given no credentials: `$CREDENTIALS_DIRECTORY` is not set.
    /// Hint: `LoadCredential=` in the unit.
    case noDirectory

    /// The name is empty, `.` or `..`, or holds `/` or NUL.
    case invalidName

    /// The unit was given no credential of that name. Hint: `LoadCredential=name:path` in the unit.
    case missing(name: String)

    /// The credential has more bytes than were allowed.
    case tooLarge(name: String, bytesMax: Int)

    /// The file cannot be read; the code is one of errno(3).
    case unreadable(name: String, code: Int32)
}

/// Secrets that the service manager hands over as files only we can read.
///
/// - Source: systemd.exec(5), `LoadCredential=`; <https://systemd.io/CREDENTIALS/>.
package enum Credentials {
    /// The directory of this unit's credentials; nil when it was given none.
    package static var directory: String? {
        getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) }
    }

    /// The bytes of the credential `name`, as they are: a line break at the end stays.
    ///
    /// - Parameter bytesMax: The most bytes that it may have; systemd itself allows 1 MiB for all.
    /// - Throws: `CredentialsError`.
    package static func read(_ name: String, bytesMax: Int = 65_536) throws(CredentialsError) -> [UInt8] {
        guard let directory else { throw .noDirectory }
        return try read(name, in: directory, bytesMax: bytesMax)
    }

    /// The bytes of the file `name` of `directory`; see `read(_:bytesMax:)`.
    static func read(_ name: String, in directory: String, bytesMax: Int) throws(CredentialsError) -> [UInt8] {
        precondition((0...(1 << 20)).contains(bytesMax), "between 0 bytes and 1 MiB")
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(0)
        else { throw .invalidName }
        // A link would lead out of the directory, and a pipe would keep us waiting.
        let descriptor = open("\(directory)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .missing(name: name) : .unreadable(name: name, code: errno)
        }
        defer { close(descriptor) }
        // One byte more than allowed tells too many from just enough.
        var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            }
            if got == 0 { break }
            guard got > 0 else {
                if errno == EINTR { continue }
                throw .unreadable(name: name, code: errno)
            }
            count += got
        }
        guard count <= bytesMax else { throw .tooLarge(name: name, bytesMax: bytesMax) }
        bytes.removeSubrange(count...)
        return bytes
    }
}
