internal import CLibCrypto

/// A SHA-256 computation: feed it with `update`, end it with `finalize`, and feed it the next message.
///
/// Owns one libcrypto context, made once and used for every message. Keep one where many digests are made:
/// allocating a context costs more than hashing a short message.
///
/// ```swift
/// var hash = SHA256()
/// hash.update(utf8: "abc")
/// let digest = hash.finalize()
/// ```
///
/// - Source: FIPS 180-4, and <https://docs.openssl.org/3.0/man3/EVP_DigestInit/>.
package struct SHA256: ~Copyable {
    private let context: OpaquePointer

    /// Starts the first message.
    package init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("libcrypto has no memory for a context") }
        self.context = context
        start()
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    private func start() {
        let started = EVP_DigestInit_ex2(context, Algorithm.sha256.pointer, nil)
        precondition(started == 1, "libcrypto does not start SHA-256")
    }

    /// Adds `bytes` to the message.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let updated = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(updated == 1, "libcrypto does not continue SHA-256")
    }

    /// Adds `bytes` to the message.
    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Adds `bytes` to the message.
    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Adds the UTF-8 of `text` to the message, without a length or an end mark.
    package mutating func update(utf8 text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    /// Adds eight bytes to the message: `integer`, big endian.
    package mutating func update(integer: UInt64) {
        withUnsafeBytes(of: integer.bigEndian) { update($0) }
    }

    /// Adds the 32 bytes of `digest` to the message, as a chain does.
    package mutating func update(_ digest: SHA256Digest) {
        digest.withUnsafeBytes { update($0) }
    }

    /// Returns the digest of the message, and starts an empty next one.
    package mutating func finalize() -> SHA256Digest {
        let digest = SHA256Digest { output in
            let finished = EVP_DigestFinal_ex(context, output, nil)
            precondition(finished == 1, "libcrypto does not finish SHA-256")
        }
        start()
        return digest
    }

    /// The digest of `bytes` alone.
    package static func digest(_ bytes: UnsafeRawBufferPointer) -> SHA256Digest {
        SHA256Digest { output in
            let done = EVP_Digest(bytes.baseAddress, bytes.count, output, nil, Algorithm.sha256.pointer, nil)
            precondition(done == 1, "libcrypto does not compute SHA-256")
        }
    }

    /// The digest of `bytes` alone.
    package static func digest(_ bytes: [UInt8]) -> SHA256Digest {
        bytes.withUnsafeBytes { digest($0) }
    }

    /// The digest of `bytes` alone.
    package static func digest(_ bytes: ArraySlice<UInt8>) -> SHA256Digest {
        bytes.withUnsafeBytes { digest($0) }
    }

    /// The digest of the UTF-8 of `text`.
    package static func digest(utf8 text: String) -> SHA256Digest {
        var text = text
        return text.withUTF8 { digest(UnsafeRawBufferPointer($0)) }
    }
}

/// An algorithm of libcrypto's, fetched once for the process: each fetch takes locks and searches providers.
///
/// `@unchecked Sendable`: "EVP_MD objects are reference counted" and never change once fetched, so that threads share
/// them; see <https://docs.openssl.org/3.0/man7/crypto/#explicit-fetching>.
struct Algorithm: @unchecked Sendable {
    let pointer: OpaquePointer

    static let sha256: Algorithm = {
        guard let pointer = EVP_MD_fetch(nil, "SHA256", nil) else {
            preconditionFailure("libcrypto does not offer SHA-256")
        }
        return Algorithm(pointer: pointer)
    }()
}
