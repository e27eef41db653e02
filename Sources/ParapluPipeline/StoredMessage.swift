package import ParapluConnectors

/// A message as the journal kept it: key, headers and value as they were received.
package struct StoredMessage: Sendable {
    private let key: [UInt8]?
    private let headers: [UInt8]
    /// The value with room behind it, as decoding asks for; nil for a tombstone.
    private let padded: [UInt8]?

    /// What decoding may read behind a value.
    private static let padding = 64

    /// - Parameter headers: In the journal's framing, as `HeaderFrames`.
    package init(key: [UInt8]?, headers: [UInt8], value: [UInt8]?) {
        self.key = key
        self.headers = headers
        padded = value.map { $0 + [UInt8](repeating: 0, count: StoredMessage.padding) }
    }

    /// Decodes the message; its records go behind those in the buffer.
    package func decode(_ connector: Connector, _ decoder: MessageDecoder, into buffer: inout IntakeBuffer) -> Intake {
        lend(key) { key in
            lend(padded) { padded in
                headers.withUnsafeBytes { headers in
                    let value = padded.map {
                        UnsafeRawBufferPointer(rebasing: $0[..<($0.count - StoredMessage.padding)])
                    }
                    return decoder.decode(connector, value: value, key: key, headers: headers, into: &buffer)
                }
            }
        }
    }

    private func lend<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard let bytes else { return body(nil) }
        return bytes.withUnsafeBytes { body($0) }
    }
}
