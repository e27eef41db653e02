/// Whether bytes are a URI, by its grammar alone: nothing is looked up or made of it.
///
/// - Source: RFC 3986, section 4.1 (URI-reference), 4.3 (absolute-URI) and appendix A.
enum URIText {
    /// Whether the text is a URI, or one relative to another.
    static func isReference(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let fragment = text.firstIndex(of: UInt8(ascii: "#")) else { return isWithoutFragment(text[...]) }
        return isWithoutFragment(text[..<fragment]) && isRun(text[(fragment + 1)...], of: isQuery)
    }

    /// Whether the text is a URI with a scheme and without a fragment.
    static func isAbsolute(_ text: UnsafeRawBufferPointer) -> Bool {
        schemeEnd(text[...]) != nil && isWithoutFragment(text[...])
    }

    private typealias Bytes = Slice<UnsafeRawBufferPointer>

    private static func isWithoutFragment(_ text: Bytes) -> Bool {
        let query = text.firstIndex(of: UInt8(ascii: "?")) ?? text.endIndex
        guard query == text.endIndex || isRun(text[(query + 1)...], of: isQuery) else { return false }
        var rest = text[..<query]
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
        return isRun(rest, of: isPath)
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
            guard isRun(text[..<at], of: { isName($0) || $0 == UInt8(ascii: ":") }) else { return false }
            host = text[(at + 1)...]
        }
        if host.first == UInt8(ascii: "[") {
            guard let end = host.firstIndex(of: UInt8(ascii: "]")), end > host.startIndex + 1,
                host[(host.startIndex + 1)..<end].allSatisfy({ isName($0) || $0 == UInt8(ascii: ":") })
            else { return false }
            return isPort(host[(end + 1)...])
        }
        let end = host.firstIndex(of: UInt8(ascii: ":")) ?? host.endIndex
        return isRun(host[..<end], of: isName) && isPort(host[end...])
    }

    private static func isPort(_ text: Bytes) -> Bool {
        text.isEmpty || (text.first == UInt8(ascii: ":") && text.dropFirst().allSatisfy(isDigit))
    }

    /// Whether all bytes are of a kind, or two hexadecimal digits behind a percent sign.
    private static func isRun(_ text: Bytes, of kind: (UInt8) -> Bool) -> Bool {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "%") {
                guard text.endIndex - index > 2, isHex(text[index + 1]), isHex(text[index + 2]) else { return false }
                index += 3
            } else {
                guard kind(text[index]) else { return false }
                index += 1
            }
        }
        return true
    }

    private static func isQuery(_ byte: UInt8) -> Bool { isPath(byte) || byte == UInt8(ascii: "?") }
    private static func isPath(_ byte: UInt8) -> Bool {
        isName(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "/")
    }
    /// `unreserved` and `sub-delims`.
    private static func isName(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || marks.contains(byte)
    }
    private static let marks = Array("-._~!$&'()*+,;=".utf8)
    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    private static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }
}
