internal import Charsets

/// What is looked at before libxml2 is.
enum XMLPrecheck {
    /// Where the element begins that has more than `XMLLimits.attributesMax` attributes, or nil.
    ///
    /// A start tag begins with `<` and holds no other, quoted or not (XML 1.0, production 10), so counting afresh at each
    /// `<` misses none; in comments and CDATA sections it may count what is no attribute.
    static func tooManyAttributes(_ text: UnsafeRawBufferPointer) -> Int? {
        var start = 0
        var count = 0
        var isInTag = false
        var quote: UInt8?
        for (index, byte) in text.enumerated() {
            switch byte {
            case UInt8(ascii: "<"):
                (start, count, isInTag, quote) = (index, 0, true, nil)
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                guard isInTag else { continue }
                if quote == byte {
                    quote = nil
                } else if quote == nil {
                    quote = byte
                    count += 1
                    if count > XMLLimits.attributesMax { return start }
                }
            case UInt8(ascii: ">"):
                if quote == nil { isInTag = false }
            default:
                continue
            }
        }
        return nil
    }

    /// The encoding that the text says it has, with the place of its name; UTF-8 where it says nothing.
    ///
    /// Its charset is nil where it is one that we don't take. What is wrong with a declaration in other ways, libxml2
    /// says.
    ///
    /// - Source: XML 1.0, productions 23 to 26, 32 and 80.
    static func encoding(_ text: UnsafeRawBufferPointer) -> (charset: Charset?, offset: Int) {
        let hasMark = text.starts(with: Charset.mark)
        var index = hasMark ? 3 : 0
        func skipSpace() { while index < text.count, isSpace(text[index]) { index += 1 } }
        guard text[index...].starts(with: "<?xml".utf8) else { return (.utf8, 0) }
        index += 5
        while true {
            skipSpace()
            let name = text[index...].prefix { $0 &- 0x61 < 26 }
            index += name.count
            skipSpace()
            guard !name.isEmpty, index < text.count, text[index] == UInt8(ascii: "=") else { return (.utf8, 0) }
            index += 1
            skipSpace()
            guard index < text.count, text[index] == UInt8(ascii: "\"") || text[index] == UInt8(ascii: "'"),
                let end = text[(index + 1)...].firstIndex(of: text[index])
            else { return (.utf8, 0) }
            if name.elementsEqual("encoding".utf8) {
                let value = String(decoding: text[(index + 1)..<end], as: UTF8.self).lowercased()
                let charset = value == "ascii" ? .ascii : Charset(rawValue: value)
                // A mark is UTF-8's; with another name beside it one of the two is wrong.
                return (hasMark && charset != .utf8 ? nil : charset, index + 1)
            }
            index = end + 1
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
