internal import CRDKafka

/// What librdkafka or the broker reports, read in full before the C object goes.
package struct KafkaError: Error, Hashable, Sendable {
    /// The code; for a fatal error the one that made it fatal.
    package var code: KafkaErrorCode
    /// librdkafka's own text: coordinates and addresses, never contents of records or secrets.
    package var message: String
    /// The client has failed for good: close it and make a new one.
    package var isFatal: Bool
    /// The same call may succeed later.
    package var isRetriable: Bool
    /// The transaction is to be aborted, after which a new one may succeed.
    package var requiresAbort: Bool

    /// An error with the facts given.
    package init(
        code: KafkaErrorCode, message: String, isFatal: Bool = false, isRetriable: Bool = false,
        requiresAbort: Bool = false
    ) {
        self.code = code
        self.message = message
        self.isFatal = isFatal
        self.isRetriable = isRetriable
        self.requiresAbort = requiresAbort
    }
}

extension KafkaError: CustomStringConvertible {
    /// Code and text on one line.
    package var description: String { "Kafka error \(code.rawValue): \(message)" }
}

extension KafkaError {
    /// An error from a bare code, with librdkafka's text for it when there is no better one.
    init(_ code: rd_kafka_resp_err_t, message: String? = nil, isFatal: Bool = false) {
        let code = KafkaErrorCode(rawValue: code.rawValue)
        self.init(
            code: code, message: message ?? String(cString: rd_kafka_err2str(rd_kafka_resp_err_t(code.rawValue))),
            isFatal: isFatal || code == .fatal, isRetriable: KafkaErrorCode.retriable.contains(code))
    }

    /// Reads an error object in full and destroys it.
    ///
    /// `rd_kafka_error_destroy` frees the strings, so they are copied first.
    init(consuming error: OpaquePointer) {
        defer { rd_kafka_error_destroy(error) }
        let code = KafkaErrorCode(rawValue: rd_kafka_error_code(error).rawValue)
        self.init(
            code: code,
            message: String(cString: rd_kafka_error_string(error)),
            isFatal: rd_kafka_error_is_fatal(error) != 0,
            // A full queue is not marked by librdkafka, though its manual says to poll and try again.
            isRetriable: rd_kafka_error_is_retriable(error) != 0 || code == .queueFull,
            requiresAbort: rd_kafka_error_txn_requires_abort(error) != 0)
    }

    /// Throws when a call answered with an error object.
    static func check(_ error: OpaquePointer?) throws(KafkaError) {
        if let error { throw KafkaError(consuming: error) }
    }

    /// Throws when a call answered with a code other than none.
    static func check(_ code: rd_kafka_resp_err_t) throws(KafkaError) {
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code) }
    }

    /// The error of an error event; for a fatal one the underlying code (`rd_kafka_fatal_error`).
    init(event: OpaquePointer, client: OpaquePointer) {
        let code = rd_kafka_event_error(event)
        if code == RD_KAFKA_RESP_ERR__FATAL || rd_kafka_event_error_is_fatal(event) != 0,
            let fatal = Self.fatal(of: client)
        {
            self = fatal
            return
        }
        self.init(code, message: rd_kafka_event_error_string(event).map { String(cString: $0) })
    }

    /// The error that made the client fail for good, or nil while it works.
    static func fatal(of client: OpaquePointer) -> KafkaError? {
        var text = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(client, &text, text.count)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaError(code, message: text.string, isFatal: true)
    }
}

extension [CChar] {
    /// The text up to the terminating zero.
    var string: String {
        withUnsafeBufferPointer { characters in
            String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
