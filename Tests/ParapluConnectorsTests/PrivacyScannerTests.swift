import ParapluConnectors
import Testing

@Suite struct PrivacyScannerTests {
    private func pattern(_ text: String) -> PersonalDataPattern? {
        Array(text.utf8).withUnsafeBytes { PrivacyScanner.pattern(in: $0) }
    }

    @Test(
        "personal data is found in text",
        arguments: [
            ("111222333", .citizenServiceNumber), ("bsn:111222333", .citizenServiceNumber),
            ("Nummer 123456782.", .citizenServiceNumber), ("999990342", .citizenServiceNumber),
            ("\"111222333\"", .citizenServiceNumber), ("{\"x\":111222333}", .citizenServiceNumber),
            ("BSN111222333", .citizenServiceNumber), ("persoon/111222333/x", .citizenServiceNumber),
            ("111.222.333", .citizenServiceNumber), ("111 222 333", .citizenServiceNumber),
            ("111-222-333", .citizenServiceNumber), ("1112.22.333 is gesloten", .citizenServiceNumber),
            ("sinds 2024: 111 222 333 en verder", .citizenServiceNumber), ("NL111222333B01", .citizenServiceNumber),
            // Eight digits with the leading zero left out: 010000008 is 8·1 − 8.
            ("10000008", .citizenServiceNumber),
            ("NL91ABNA0417164300", .bankAccount), ("iban NL91 ABNA 0417 1643 00 graag", .bankAccount),
            ("nl91abna0417164300", .bankAccount), ("DE89370400440532013000", .bankAccount),
            ("BE68 5390 0754 7034", .bankAccount),
            ("voorbeeld@example.org", .email), ("mail: een.twee+drie@post.example.nl.", .email),
            ("é@example.nl", .email),
            ("0612345678", .phone), ("06-12345678", .phone), ("06 12 34 56 78", .phone), ("bel 06 1234 5678.", .phone),
            ("+31612345678", .phone), ("+31 6 12345678", .phone), ("+31 (0)6 1234 5678", .phone),
            ("+31 70 123 45 67", .phone),
            ("0031612345678", .phone), ("0031 6 12345678", .phone),
        ] as [(String, PersonalDataPattern)])
    func found(text: String, expected: PersonalDataPattern) {
        #expect(pattern(text) == expected)
    }

    @Test(
        "what only looks like personal data is no alarm",
        arguments: [
            "", "LOOPT", "act-1-01", "111222334", "123456789", "000000000", "1112223330", "11122233",
            // An OIN that embeds an RSIN which passes the elfproef, alone and in a source.
            "00000001111222333000", "urn:nld:oin:00000001111222333000:systeem:x", "00000099000000101000",
            // UUIDs, trace ids and digests.
            "11122233-1112-4111-8111-111222333444", "018ff2a6-7d2e-7c41-9b53-3f1a0c6d2e11",
            "urn:uuid:10000008-1234-4321-8765-123456782000", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "ab111222333cdef0ab111222333cdef0",
            // Days, moments, years and epoch numbers.
            "2024-05-31", "31-05-2024", "20240531", "19991231", "2023-2026", "2024-2025",
            "2024-05-31T10:00:00.111222333Z",
            "06-12-2024 10:30", "06-12-2024", "1717142400", "1717142400000", "1717142400000000",
            // Documents, amounts and versions.
            "28638-257", "28 638 nr. 251", "2024D25295", "10.000.000", "1.250.000,50", "1.2.3.4",
            "€ 2.500.000 per jaar",
            // Almost an IBAN, an address or a number of a phone.
            "NL92ABNA0417164300", "XX91ABNA0417164300", "ANL91ABNA0417164300", "@", "a@b", "@example.org",
            "een @ twee.nl",
            "+31", "+32 2 123 45 67", "061234567", "06123456789", "+316123456789",
        ])
    func notFound(text: String) {
        #expect(pattern(text) == nil)
    }

    @Test("bytes that are no text are scanned without a trap")
    func anyBytes() {
        var random = SeededRandom(seed: 62)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                Array("0123456789@+-. NLab\u{E9}".utf8).randomElement(using: &random) ?? 0
            }
            _ = bytes.withUnsafeBytes { PrivacyScanner.pattern(in: $0) }
        }
    }
}

/// A generator with a seed, so that a failure can be repeated.
///
/// Source: SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
