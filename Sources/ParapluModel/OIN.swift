/// An organisatie-identificatienummer: who an organisation is on the wire.
///
/// Twenty positions, kept as text because leading zeros count: prefix (8), main number (8 or 9), suffix (4 or 3 zeros).
/// There is no check digit over the whole; prefix `00000001` holds an RSIN, which passes the elfproef.
/// Source: Logius OIN-Stelsel.
package struct OIN: Hashable, Sendable, CustomStringConvertible {
    /// The twenty positions.
    package let rawValue: String

    /// The OIN, or nil where the text breaks the rules of its prefix.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 20, bytes[0..<8].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            bytes[8...].allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x41 && $0 <= 0x5A) })
        else { return nil }
        let zero = UInt8(ascii: "0")
        switch String(decoding: bytes[0..<8], as: UTF8.self) {
        case "00000001":
            guard bytes[17...].allSatisfy({ $0 == zero }), Elfproef.passes(bytes[8..<17]) else { return nil }
        case "00000003":
            guard bytes[16...].allSatisfy({ $0 == zero }) else { return nil }
        case "00000002", "00000004", "00000006", "00000007", "00000008", "00000009", "00000010", "00000099":
            break
        default: return nil
        }
        rawValue = text
    }

    /// Whether the number is of the test range, free for anyone, prefix `00000099`.
    package var isTest: Bool { rawValue.hasPrefix("00000099") }

    /// The organisation as a CloudEvents source begins with it: `urn:nld:oin:<OIN>`.
    ///
    /// Source: NL GOV profile for CloudEvents, attribute `source`.
    package var urn: String { "urn:nld:oin:\(rawValue)" }

    package var description: String { rawValue }
}

/// A TOOI identifier: who an organisation is in published data, as a full URI.
///
/// Pattern `https://identifier.overheid.nl/tooi/id/{kind}/{code}`. Source: KOOP, TOOI.
package struct TOOI: Hashable, Sendable, CustomStringConvertible {
    /// The whole URI.
    package let rawValue: String

    /// The identifier, or nil where the text isn't such a URI.
    package init?(_ text: String) {
        let stem = "https://identifier.overheid.nl/tooi/id/"
        guard text.hasPrefix(stem), text.utf8.count <= 120 else { return nil }
        let parts = text.dropFirst(stem.count).split(separator: "/", omittingEmptySubsequences: false)
        let isWord: (Substring) -> Bool = { word in
            !word.isEmpty && word.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x7A) }
        }
        guard parts.count == 2, parts.allSatisfy(isWord) else { return nil }
        rawValue = text
    }

    package var description: String { rawValue }
}

/// The test that a citizen service number (BSN) and an RSIN pass.
package enum Elfproef {
    /// Whether nine ASCII digits pass: weights 9 to 2 and −1, sum divisible by 11, and not all zero.
    ///
    /// Source: Wet algemene bepalingen burgerservicenummer, as public code has it; −1 sets it apart from the old test for
    /// bank accounts.
    package static func passes(_ digits: some Collection<UInt8>) -> Bool {
        guard digits.count == 9 else { return false }
        var sum = 0
        var weight = 9
        var isZero = true
        for byte in digits {
            guard byte >= 0x30, byte <= 0x39 else { return false }
            sum += Int(byte - 0x30) * (weight == 1 ? -1 : weight)
            weight -= 1
            if byte != 0x30 { isZero = false }
        }
        return !isZero && sum % 11 == 0
    }
}
