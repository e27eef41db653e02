/// The 32 bytes of a SHA-256 or HMAC-SHA256, held as four integers so that comparing and hashing are cheap.
///
/// Order is that of the bytes, first byte first.
package struct SHA256Digest: Hashable, Comparable, Sendable {
    /// The number of bytes in a digest: 32.
    package static let byteCount = 32

    /// Thirty-two zero bytes: stands for "nothing before this" at the start of a chain.
    package static let zero = SHA256Digest(words: (0, 0, 0, 0))

    private let word0: UInt64
    private let word1: UInt64
    private let word2: UInt64
    private let word3: UInt64

    /// Four words, each made of eight bytes read big endian, first bytes first.
    private init(words: (UInt64, UInt64, UInt64, UInt64)) {
        (word0, word1, word2, word3) = words
    }

    /// Reads exactly 32 bytes; nil for any other number.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        let contiguous = bytes.withContiguousStorageIfAvailable { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            func word(_ offset: Int) -> UInt64 {
                UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            return (word(0), word(8), word(16), word(24))
        }
        if let contiguous {
            self.init(words: contiguous)
            return
        }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for (position, byte) in bytes.enumerated() {
            switch position >> 3 {
            case 0: words.0 = words.0 << 8 | UInt64(byte)
            case 1: words.1 = words.1 << 8 | UInt64(byte)
            case 2: words.2 = words.2 << 8 | UInt64(byte)
            default: words.3 = words.3 << 8 | UInt64(byte)
            }
        }
        self.init(words: words)
    }

    /// Reads exactly 64 hexadecimal digits, as `description` writes them; nil for anything else.
    package init?(hex text: String) {
        let digits = text.utf8.compactMap { digit -> UInt8? in
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
            default: nil
            }
        }
        guard digits.count == 2 * Self.byteCount, text.utf8.count == digits.count else { return nil }
        self.init(bytes: stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }

    /// Lets `body` write the 32 bytes, as libcrypto does.
    init(writing body: (UnsafeMutablePointer<UInt8>) -> Void) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { raw in
            raw.withMemoryRebound(to: UInt8.self) { bytes in
                if let start = bytes.baseAddress { body(start) }
            }
        }
        self.init(words: (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian))
    }

    /// The 32 bytes, first byte first.
    package var bytes: [UInt8] {
        withUnsafeBytes { Array($0) }
    }

    /// The first 16 bytes as two words, big endian: the short key, for a `uuid` column.
    package var uuidWords: (UInt64, UInt64) { (word0, word1) }

    /// Lends the 32 bytes, first byte first, for the duration of `body`.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let words = (word0.bigEndian, word1.bigEndian, word2.bigEndian, word3.bigEndian)
        return try Swift.withUnsafeBytes(of: words, body)
    }

    /// Appends the 32 bytes to `output`.
    package func append(to output: inout [UInt8]) {
        withUnsafeBytes { output.append(contentsOf: $0) }
    }

    /// Whether all 32 bytes are the same; the time that it takes depends on them.
    package static func == (left: Self, right: Self) -> Bool {
        left.word0 == right.word0 && left.word1 == right.word1
            && left.word2 == right.word2 && left.word3 == right.word3
    }

    /// Whether the left digest comes first, compared byte by byte.
    package static func < (left: Self, right: Self) -> Bool {
        (left.word0, left.word1, left.word2, left.word3) < (right.word0, right.word1, right.word2, right.word3)
    }

    /// Feeds the first word only: a digest's bits are already spread evenly.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(word0)
    }
}

extension SHA256Digest: CustomStringConvertible {
    /// Sixty-four lower-case hexadecimal digits.
    package var description: String {
        String(unsafeUninitializedCapacity: 64) { output in
            var position = 0
            for word in [word0, word1, word2, word3] {
                for shift in stride(from: 60, through: 0, by: -4) {
                    let nibble = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
                    output[position] = nibble < 10 ? 48 + nibble : 87 + nibble
                    position += 1
                }
            }
            return position
        }
    }
}
