internal import CUniString
internal import Glibc

/// Normal forms of Unicode text, so that the same word in two spellings is one.
///
/// - Source: Unicode Standard Annex 15 (normal forms) and chapter 3.13 (case folding), as GNU libunistring has them.
package enum UnicodeText {
    /// The text in Normalization Form C; nil where the bytes are no UTF-8 or memory is short.
    package static func nfc(_ utf8: UnsafeRawBufferPointer) -> [UInt8]? { made(of: utf8, paraplu_nfc) }

    /// The text by which two spellings that differ in case alone are compared: full case folding, in Form C.
    ///
    /// Nil where the bytes are no UTF-8 or memory is short.
    package static func folded(_ utf8: UnsafeRawBufferPointer) -> [UInt8]? { made(of: utf8, paraplu_fold) }

    private static func made(
        of utf8: UnsafeRawBufferPointer,
        _ make: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<Int>?) -> UnsafeMutablePointer<UInt8>?
    ) -> [UInt8]? {
        guard let base = utf8.baseAddress, !utf8.isEmpty else { return [] }
        guard String(validating: utf8, as: UTF8.self) != nil else { return nil }
        var count = 0
        let made = make(base.assumingMemoryBound(to: UInt8.self), utf8.count, &count)
        defer { free(made) }
        return made.map { Array(UnsafeBufferPointer(start: $0, count: count)) }
    }
}
