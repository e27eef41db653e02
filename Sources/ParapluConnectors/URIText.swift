/// Whether bytes are a URI, by its grammar alone: nothing is looked up or made of it.
///
/// - Source: RFC 3986, section 4.1 (URI-reference), 4.3 (absolute-URI) and appendix A.
enum URIText {
    /// Whether the text is a URI, or one relative to another.
    static func isReference(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let fragment = text.firstIndex(of: UInt8(ascii: "#")) else { return isWithoutFragment(text[...]) }
        return isWithoutFragment(text[..<fragment]) && isRun(text[(fragment + 1)...], of: query)
    }

    /// Whether the text is a URI with a scheme and without a fragment.
    static func isAbsolute(_ text: UnsafeRawBufferPointer) -> Bool {
        schemeEnd(text[...]) != nil && isWithoutFragment(text[...])
    }

    private typealias Bytes = Slice<UnsafeRawBufferPointer>

    private static func isWithoutFragment(_ text: Bytes) -> Bool {
        let end = text.firstIndex(of: UInt8(ascii: "?")) ?? text.endIndex
        guard end == text.endIndex || isRun(text[(end + 1)...], of: query) else { return false }
        var rest = text[..<end]
        let scheme = schemeEnd(rest)
        if let scheme { rest = rest[(scheme + 1)...] }
        if rest.starts(with: "//".utf8) {
            let authority = rest.dropFirst(2)
            let end = authority.firstIndex(of: UInt8(ascii: "/")) ?? authority.endIndex
            guard isAuthority(authority[..<end]) else { return false }
            rest = rest[end...]
        } else if scheme == nil {
            // A colon in the first segment would end a scheme.
            let segment = rest.prefix { $0 != UInt8(ascii: "/") }
            guard !segment.contains(UInt8(ascii: ":")) else { return false }
        }
        return isRun(rest, of: path)
    }

    /// The place of the colon behind the scheme, or nil.
    private static func schemeEnd(_ text: Bytes) -> Int? {
        guard let first = text.first, isLetter(first) else { return nil }
        let end = text.firstIndex { byte in
            !(isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: "."))
        }
        guard let end, text[end] == UInt8(ascii: ":") else { return nil }
        return end
    }

    private static func isAuthority(_ text: Bytes) -> Bool {
        var host = text
        if let at = text.firstIndex(of: UInt8(ascii: "@")) {
            guard isRun(text[..<at], of: user) else { return false }
            host = text[(at + 1)...]
        }
        if host.first == UInt8(ascii: "[") {
            guard let end = host.firstIndex(of: UInt8(ascii: "]")), end > host.startIndex + 1,
                host[(host.startIndex + 1)..<end].allSatisfy({ user.contains($0) })
            else { return false }
            return isPort(host[(end + 1)...])
        }
        let end = host.firstIndex(of: UInt8(ascii: ":")) ?? host.endIndex
        return isRun(host[..<end], of: name) && isPort(host[end...])
    }

    private static func isPort(_ text: Bytes) -> Bool {
        text.isEmpty || (text.first == UInt8(ascii: ":") && text.dropFirst().allSatisfy(isDigit))
    }

    /// Whether all bytes are of a set, or two hexadecimal digits behind a percent sign.
    private static func isRun(_ text: Bytes, of set: ByteSet) -> Bool {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "%") {
                guard text.endIndex - index > 2, isHex(text[index + 1]), isHex(text[index + 2]) else { return false }
                index += 3
            } else {
                guard set.contains(text[index]) else { return false }
                index += 1
            }
        }
        return true
    }

    /// Some bytes of ASCII, one bit each: sources are looked at in every message.
    private struct ByteSet {
        private var low: UInt64 = 0
        private var high: UInt64 = 0

        init(_ text: String) {
            for byte in text.utf8 {
                if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
            }
        }

        @inline(__always)
        func contains(_ byte: UInt8) -> Bool {
            byte < 0x80 && (byte < 64 ? low : high) & (1 << UInt64(byte & 63)) != 0
        }
    }

    /// `unreserved` and `sub-delims`.
    private static let names =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;="
    private static let name = ByteSet(names)
    private static let user = ByteSet(names + ":")
    private static let path = ByteSet(names + ":@/")
    private static let query = ByteSet(names + ":@/?")

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    private static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }
}
