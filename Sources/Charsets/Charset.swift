/// An encoding of text in which every byte below 0x80 is ASCII, so that formats and personal data can be seen in it.
///
/// No text holds U+0000. UTF-16 and its like are not here: what fails to decode is looked at as it came, and in them
/// nothing would be found.
///
/// - Source: the names are IANA's; the tables are those of Unicode's `MAPPINGS` for 8859-1, 8859-15 and CP1252.
package enum Charset: String, CaseIterable, Sendable {
    case utf8 = "utf-8"
    case ascii = "us-ascii"
    case latin1 = "iso-8859-1"
    case latin9 = "iso-8859-15"
    case windows1252 = "windows-1252"

    /// The byte order mark of UTF-8.
    package static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Where the first bytes are that this encoding does not have, or a NUL; nil where there are none.
    package func undecodableOffset(in text: UnsafeRawBufferPointer) -> Int? {
        guard self != .utf8 else { return Charset.invalidOffset(in: text) }
        return text.firstIndex { scalar($0) == nil }
    }

    /// Appends the text to bytes of UTF-8.
    ///
    /// - Returns: Whether all of it could be decoded; nothing is certain of what was appended where not. UTF-8 is copied
    ///   unseen.
    package func append(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) -> Bool {
        guard self != .utf8 else {
            bytes.append(contentsOf: text)
            return true
        }
        for byte in text {
            guard let scalar = scalar(byte) else { return false }
            if scalar.value < 0x80 {
                bytes.append(byte)
            } else {
                bytes.append(contentsOf: UTF8.encode(scalar) ?? .init())
            }
        }
        return true
    }

    /// The character of a byte in an encoding of one byte each; nil where it has none.
    private func scalar(_ byte: UInt8) -> Unicode.Scalar? {
        if byte == 0 { return nil }
        switch self {
        case .utf8, .ascii:
            return byte < 0x80 ? Unicode.Scalar(byte) : nil
        case .latin1:
            return Unicode.Scalar(byte)
        case .latin9:
            return Charset.latin9Differences[byte] ?? Unicode.Scalar(byte)
        case .windows1252:
            guard (0x80...0x9F).contains(byte) else { return Unicode.Scalar(byte) }
            let scalar = Charset.windows[Int(byte - 0x80)]
            return scalar == 0 ? nil : Unicode.Scalar(scalar)
        }
    }

    /// Where ISO 8859-15 differs from 8859-1.
    private static let latin9Differences: [UInt8: Unicode.Scalar] = [
        0xA4: "€", 0xA6: "Š", 0xA8: "š", 0xB4: "Ž", 0xB8: "ž", 0xBC: "Œ", 0xBD: "œ", 0xBE: "Ÿ",
    ]

    /// 0x80 to 0x9F of windows-1252; 0 for the five that have no character.
    private static let windows: [UInt16] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
        0x0178,
    ]

    /// Where the first byte is that begins no character of UTF-8, or a NUL.
    private static func invalidOffset(in text: UnsafeRawBufferPointer) -> Int? {
        var offset = 0
        while offset < text.count {
            // Eight bytes of ASCII at once, none of them NUL.
            if offset + 8 <= text.count {
                let word = text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let hasZero = (word &- 0x0101_0101_0101_0101) & ~word
                if (word | hasZero) & 0x8080_8080_8080_8080 == 0 {
                    offset += 8
                    continue
                }
            }
            if text[offset] != 0, text[offset] < 0x80 {
                offset += 1
                continue
            }
            var parser = Unicode.UTF8.ForwardParser()
            var rest = text[offset...].makeIterator()
            guard text[offset] != 0, case .valid(let scalar) = parser.parseScalar(from: &rest) else { return offset }
            offset += scalar.count
        }
        return nil
    }
}
