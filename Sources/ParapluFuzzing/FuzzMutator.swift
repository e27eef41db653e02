import ParapluConnectors

/// Changes bytes at random: single ones, tokens, ranges, long runs, encodings.
struct FuzzMutator {
    let format: FuzzFormat
    let feed: FuzzFeed

    /// The largest input that is made, in bytes: more than any connector here takes.
    static let bytesMax = 300_000

    func mutate(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
        let index = random.below(bytes.count + 1)
        let end = min(bytes.count, index + random.length(upTo: 64))
        switch random.below(17) {
        case 0: if index < bytes.count { bytes[index] = UInt8.random(in: .min ... .max, using: &random) }
        case 1: if index < bytes.count { bytes[index] ^= 1 << UInt8(random.below(8)) }
        case 2: bytes.removeSubrange(index..<end)
        case 3: bytes.removeSubrange(index...)
        case 4: bytes.removeSubrange(..<index)
        case 5, 6, 7: bytes.insert(contentsOf: token(&random), at: index)
        case 8: bytes.insert(contentsOf: random.one(of: feed.words), at: index)
        case 9: bytes.replaceSubrange(index..<end, with: token(&random))
        case 10: bytes.insert(contentsOf: bytes[index..<end], at: random.below(bytes.count + 1))
        case 11: splice(&bytes, &random)
        case 12: if random.once(in: 4) { repeatRange(index..<end, in: &bytes, &random) }
        case 13: if random.once(in: 4) { wrap(&bytes, at: index, &random) }
        case 14: if random.once(in: 8) { bytes = FuzzMutator.reencoded(bytes, &random) }
        case 15: for index in index..<end { bytes[index] = UInt8.random(in: .min ... .max, using: &random) }
        default: bytes.insert(contentsOf: FuzzInput.marker, at: index)
        }
        if bytes.count > FuzzMutator.bytesMax { bytes.removeSubrange(FuzzMutator.bytesMax...) }
    }

    private func splice(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
        let other = random.one(of: feed.seeds).value ?? []
        bytes.replaceSubrange(random.below(bytes.count + 1)..., with: other[random.below(other.count + 1)...])
    }

    /// A part once more, up to the largest input.
    private func repeatRange(_ range: Range<Int>, in bytes: inout [UInt8], _ random: inout FuzzRandom) {
        guard !range.isEmpty else { return }
        let part = Array(bytes[range])
        let count = min(random.length(upTo: 100_000), FuzzMutator.bytesMax / part.count)
        bytes.insert(contentsOf: (0..<count).lazy.flatMap { _ in part }, at: range.lowerBound)
    }

    /// Nesting: an opening many times, and as many of its closing, or nearly.
    private func wrap(_ bytes: inout [UInt8], at index: Int, _ random: inout FuzzRandom) {
        let (open, close) = random.one(of: [
            ("[", "]"), ("{\"a\":", "}"), ("<a>", "</a>"), ("<v:acties>", "</v:acties>"), ("\"", "\""),
        ])
        let count = random.length(upTo: 5_000)
        let behind = random.below(bytes.count - index + 1) + index
        bytes.insert(contentsOf: String(repeating: close, count: max(0, count - random.below(2))).utf8, at: behind)
        bytes.insert(contentsOf: String(repeating: open, count: count).utf8, at: index)
    }

    /// The bytes as another encoding would have them, mark and all.
    static func reencoded(_ bytes: [UInt8], _ random: inout FuzzRandom) -> [UInt8] {
        switch random.below(6) {
        case 0: [0xEF, 0xBB, 0xBF] + bytes
        case 1: [0xFF, 0xFE] + bytes.flatMap { [$0, 0] }
        case 2: [0xFE, 0xFF] + bytes.flatMap { [0, $0] }
        case 3: bytes.flatMap { [0, 0, 0, $0] }
        case 4: bytes.flatMap { $0 < 0x80 ? [$0] : [0xC0 | $0 >> 6, 0x80 | $0 & 0x3F] }
        default: bytes.map { $0 &+ 0x80 }
        }
    }

    func token(_ random: inout FuzzRandom) -> [UInt8] {
        if random.once(in: 6) { return FuzzMutator.number(&random) }
        if random.once(in: 8) { return FuzzMutator.rawBytes[random.below(FuzzMutator.rawBytes.count)] }
        let tokens =
            switch format {
            case .json, .cloudevents: FuzzMutator.jsonTokens
            case .csv: FuzzMutator.tableTokens
            case .xml: FuzzMutator.xmlTokens
            }
        return Array(random.one(of: tokens).utf8)
    }

    static func number(_ random: inout FuzzRandom) -> [UInt8] {
        switch random.below(5) {
        case 0: Array(String(UInt64.random(in: .min ... .max, using: &random)).utf8)
        case 1: Array("-\(random.below(1 << 40))".utf8)
        case 2:
            Array((String(repeating: "9", count: 1 + random.length(upTo: 400)) + "e" + String(random.below(1000))).utf8)
        case 3: Array("0.\(String(repeating: "0", count: random.length(upTo: 400)))1".utf8)
        default:
            Array(
                random.one(of: [
                    "1e999", "-0", "00", "1.", ".5", "1e", "+1", "9223372036854775808", "NaN", "1,5", "12%",
                ]).utf8)
        }
    }

    /// Bytes on which decoders of text go wrong.
    private static let rawBytes: [[UInt8]] = [
        [0x00], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xEF, 0xBF, 0xBE],
        [0xEF, 0xBB, 0xBF],
        [0xE2, 0x80, 0xA8], [0x80], [0x81], [0x1B], [0x0D], [0x0A], [0x0B], [0x85], [0xC2, 0xA0],
        [0xF0, 0x9F, 0x92, 0xA9],
        [0x65, 0xCC, 0x81], [0xCC, 0x81], [0xE2, 0x80, 0xAE],
    ]

    private static let jsonTokens = [
        "null", "true", "[]", "{}", "\"\"", "\\u0000", "\\ud800", "\\udc00\\ud800", "\\u0061", "\\", "\"", ":", ",",
        "{", "}", "[", "]",
        "{\"data\":", "\"specversion\":\"1.0\",", "\"id\":\"\",", "\"id\":\"1\",\"id\":\"1\",",
        "\"data_base64\":\"e30=\",",
        "\"time\":\"2025-05-31T10:00:00+24:00\",", "\"source\":\"urn:nld:oin:00000099000000104000:systeem:x\",",
        "\"a\":1,", "/*", "//",
        "2024-02-30", "0000-00-00", "10000-01-01", "2025-05-31T24:00:60.999999999999Z", "\"111222333\"", "\u{2028}",
    ]
    private static let tableTokens = [
        ",", ";", "\t", "\"", "\"\"", "\"\"\"", "\n", "\r\n", "\r", "\n\n", "\";\"", "\"\n\"", " ", "=cmd()", "'", "\\",
        "\u{FEFF}",
        "31-02-2025", "Actie", "Actie;Actie", ";;;;;;;;;;;;;;;;",
    ]
    private static let xmlTokens = [
        "<", ">", "</", "/>", "&", ";", "&amp;", "&lt;", "&#0;", "&#x10FFFF;", "&#x110000;", "&#38;", "&a;", "<a>",
        "</a>", "<a/>",
        "<![CDATA[", "]]>", "<!--", "-->", "--", "<?", "?>", "<?a b?>", "<?xml version=\"1.0\"?>",
        "<?xml version='1.1' encoding='",
        "encoding=\"UTF-16\"", "encoding='ISO-8859-1'", "encoding='UTF-7'", "encoding='windows-1252'",
        "standalone='yes'",
        "<!DOCTYPE a [", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>", "<!ENTITY a '&b;&b;'>",
        "<!ENTITY % p SYSTEM 'http://127.0.0.1/'>",
        "<!ATTLIST a b CDATA 'c'>", "]>", "xmlns='urn:v'", "xmlns:v='urn:w'", "xmlns:v=''", "xmlns:xml='urn:v'",
        " id='1'", " a='1' a='1'",
        " xsi:nil='true'", " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'", " xml:lang='nl'", " v:a='", "'",
        "\"", ":", "v:", "=",
    ]
}
