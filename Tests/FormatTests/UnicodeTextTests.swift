import Testing
import UnicodeText

@Suite("Unicode text") struct UnicodeTextTests {
    private func bytes(_ text: String, _ make: (UnsafeRawBufferPointer) -> [UInt8]?) -> String? {
        Array(text.utf8).withUnsafeBytes { make($0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("Form C joins a letter with its mark, and leaves the rest as it is")
    func composes() {
        let composed = bytes("bee\u{308}indigd", UnicodeText.nfc)

        #expect(composed.map { Array($0.utf8) } == Array("beëindigd".utf8))
        #expect(bytes("", UnicodeText.nfc) == "")
    }

    @Test(
        "folding makes one of two spellings that differ in case or in form",
        arguments: [
            ("BEËINDIGD", "bee\u{308}indigd"), ("STRASSE", "straße"), ("IJsland", "ijsland"),
        ])
    func folds(left: String, right: String) {
        #expect(
            bytes(left, UnicodeText.folded).map { Array($0.utf8) }
                == bytes(right, UnicodeText.folded).map { Array($0.utf8) })
    }

    @Test("bytes that are no UTF-8 have no form")
    func refuses() {
        let bytes: [UInt8] = [0x62, 0xEB, 0x69]

        #expect(bytes.withUnsafeBytes { UnicodeText.nfc($0) } == nil)
        #expect(bytes.withUnsafeBytes { UnicodeText.folded($0) } == nil)
    }
}
