/// Bytes that nobody may see in print: a password or a key.
///
/// Every way of printing it gives `***`; reading it is spelled out at the place of use.
package struct Secret: Sendable, Hashable {
    /// The bytes themselves, never to be logged, nor put into an error.
    package let exposedBytes: [UInt8]

    /// A secret of these bytes.
    package init(_ bytes: [UInt8]) { exposedBytes = bytes }

    /// The bytes as UTF-8 text, never to be logged, nor put into an error.
    package var exposedText: String { String(decoding: exposedBytes, as: UTF8.self) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "***" }

    /// Three asterisks, whatever the secret is.
    package var debugDescription: String { "***" }

    /// A mirror without children, so that `dump` shows nothing either.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
