/// A request that reached the handler: GET or HEAD, without a body.
package struct HTTPRequest: Sendable, Equatable {
    /// The path, decoded, beginning with `/`.
    package let path: String

    /// The arguments behind `?`, decoded.
    ///
    /// Of equal names the first counts; an argument without `=` is empty.
    package let query: [String: String]

    /// The `Accept` header; nil without one.
    package let accept: String?

    package init(path: String, query: [String: String] = [:], accept: String? = nil) {
        self.path = path
        self.query = query
        self.accept = accept
    }
}

/// What the handler answers.
///
/// To HEAD the server sends it without the body.
package struct HTTPResponse: Sendable, Equatable {
    /// The status code, from 200 up to 599.
    package var status: Int

    /// The `Content-Type` header.
    package var contentType: String

    /// The body.
    package var body: [UInt8]

    /// Further headers; names and values without line breaks.
    package var headers: [String: String]

    package init(status: Int, contentType: String, body: [UInt8], headers: [String: String] = [:]) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.headers = headers
    }

    /// An answer of plain text, to which a line break is added.
    package static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8) + [10])
    }
}

/// Why no server runs.
package enum HTTPError: Error, Equatable, Sendable {
    /// The host is no address in numbers, such as `127.0.0.1` or `::1`.
    case invalidHost

    /// The address is taken, not ours, or not allowed; the code is one of errno(3), 0 if unknown.
    case cannotListen(code: Int32)
}
