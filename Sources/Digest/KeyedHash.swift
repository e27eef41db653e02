internal import CLibCrypto

/// HMAC-SHA256 under one key: the digest of a text that could be guessed, for those without the key irreversible.
///
/// - Source: RFC 2104, RFC 4231.
package struct KeyedHash: Sendable {
    private let key: [UInt8]

    /// Takes the key as it is; 32 random bytes are as strong as the digest.
    package init(key: [UInt8]) {
        self.key = key
    }

    /// The HMAC of `message` and nothing else.
    package func digest(_ message: [UInt8]) -> SHA256Digest {
        SHA256Digest { output in
            // "It places the result in md, which must have space for the output": 32 bytes here. A null key would mean
            // "the previous key", so an empty key is lent as one byte of length 0.
            // https://docs.openssl.org/3.0/man3/HMAC/
            let keyBytes = key.isEmpty ? [0] : key
            let result = HMAC(
                Algorithm.sha256.pointer, keyBytes, Int32(key.count), message, message.count, output, nil)
            precondition(result != nil, "libcrypto does not compute an HMAC")
        }
    }

    /// The HMAC of `parts`, each preceded by its length in eight bytes, big endian.
    ///
    /// The lengths keep ("ab", "c") and ("a", "bc") apart.
    package func callAsFunction(_ parts: [UInt8]...) -> SHA256Digest {
        self(parts: parts)
    }

    /// The HMAC of `parts`, each preceded by its length in eight bytes, big endian.
    package func callAsFunction(parts: [[UInt8]]) -> SHA256Digest {
        var message: [UInt8] = []
        message.reserveCapacity(parts.reduce(0) { $0 + $1.count + 8 })
        for part in parts {
            withUnsafeBytes(of: UInt64(part.count).bigEndian) { message.append(contentsOf: $0) }
            message += part
        }
        return digest(message)
    }
}
