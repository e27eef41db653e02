internal import Glibc

/// Reads small files whole, for configuration and secrets.
enum FileReader {
    /// A file's bytes, and whether everyone on the machine may read or change it.
    struct Contents {
        var bytes: [UInt8]
        var isOpenToOthers: Bool
    }

    enum Failure: Error, Equatable {
        /// There is no such file.
        case missing
        /// It is a directory, a pipe or a device.
        case noFile
        case tooLarge(bytesMax: Int)
        /// The system refuses; the code is one of errno(3).
        case refused(code: Int32)

        /// The failure in words.
        var sentence: String {
            switch self {
            case .missing: "there is no such file"
            case .noFile: "it is no regular file"
            case .tooLarge(let bytesMax): "it is larger than \(bytesMax) bytes"
            case .refused(let code): "it can't be read: " + String(cString: strerror(code))
            }
        }
    }

    /// The bytes of the file at `path`, `bytesMax` at most.
    static func read(_ path: String, bytesMax: Int) throws(Failure) -> Contents {
        // Without O_NONBLOCK a pipe would keep us waiting.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw errno == ENOENT ? .missing : .refused(code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .refused(code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .noFile }
        // One byte more than allowed tells too many from just enough.
        var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            }
            if got == 0 { break }
            if got > 0 {
                count += got
            } else if errno != EINTR {
                throw .refused(code: errno)
            }
        }
        guard count <= bytesMax else { throw .tooLarge(bytesMax: bytesMax) }
        bytes.removeSubrange(count...)
        return Contents(bytes: bytes, isOpenToOthers: status.st_mode & (S_IROTH | S_IWOTH) != 0)
    }
}
