internal import CMicroHTTPD

/// What libmicrohttpd's threads call: from its connection to our request, and from our response to its own.
final class HandlerContext: Sendable {
    /// The most bytes of path and arguments together.
    private static let urlBytesMax = 2_048

    private let handler: @Sendable (HTTPRequest) -> HTTPResponse

    init(handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse) {
        self.handler = handler
    }

    /// Answers, or asks to be called again.
    ///
    /// The manual, `MHD_AccessHandlerCallback`: called first with the headers alone, when an answer closes the connection
    /// without reading a body; then again, when an answer lets the connection live on. `state` is null the first time.
    func answer(
        _ connection: OpaquePointer, url: UnsafePointer<CChar>, method: UnsafePointer<CChar>, uploadCount: Int,
        state: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> MHD_Result {
        let isFirst = state.pointee == nil
        state.pointee = Unmanaged.passUnretained(self).toOpaque()
        let method = String(cString: method)
        guard method == "GET" || method == "HEAD" else {
            var response = HTTPResponse.text("method not allowed", status: 405)
            response.headers["Allow"] = "GET, HEAD"
            return queue(response, on: connection)
        }
        guard uploadCount == 0, !announcesBody(connection) else {
            return queue(.text("no body is taken", status: 413), on: connection)
        }
        let arguments = arguments(of: connection)
        let path = String(cString: url)
        guard path.utf8.count + arguments.bytes <= Self.urlBytesMax else {
            return queue(.text("the address is too long", status: 414), on: connection)
        }
        if isFirst { return cmicrohttpd_result(true) }
        let request = HTTPRequest(path: path, query: arguments.values, accept: header("Accept", of: connection))
        return queue(handler(request), on: connection)
    }

    /// Arguments as they come in, and their bytes.
    private struct Arguments {
        var values: [String: String] = [:]
        var bytes = 0

        mutating func add(_ name: String, _ value: String) {
            bytes += name.utf8.count + value.utf8.count + 2
            if values[name] == nil { values[name] = value }
        }
    }

    private func arguments(of connection: OpaquePointer) -> Arguments {
        var arguments = Arguments()
        withUnsafeMutablePointer(to: &arguments) { pointer in
            cmicrohttpd_arguments(
                connection,
                { context, _, name, value in
                    guard let context, let name else { return cmicrohttpd_result(false) }
                    context.assumingMemoryBound(to: Arguments.self).pointee.add(
                        String(cString: name), value.map { String(cString: $0) } ?? "")
                    return cmicrohttpd_result(true)
                }, pointer)
        }
        return arguments
    }

    private func header(_ name: String, of connection: OpaquePointer) -> String? {
        cmicrohttpd_header(connection, name).map { String(cString: $0) }
    }

    private func announcesBody(_ connection: OpaquePointer) -> Bool {
        if header("Transfer-Encoding", of: connection) != nil { return true }
        return header("Content-Length", of: connection).map { $0 != "0" } ?? false
    }

    private func queue(_ response: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
        precondition((200...599).contains(response.status), "a final status")
        let created = response.body.withUnsafeBytes { cmicrohttpd_response($0.count, $0.baseAddress) }
        // Without memory for a response the connection closes, which a refusal asks for.
        guard let created else { return cmicrohttpd_result(false) }
        defer { MHD_destroy_response(created) }
        let headers = [("Content-Type", response.contentType)] + response.headers.map { ($0.key, $0.value) }
        for (name, value) in headers {
            // Refused are names and values with line breaks.
            precondition(cmicrohttpd_add_header(created, name, value), "a header that can be sent")
        }
        return MHD_queue_response(connection, UInt32(response.status), created)
    }
}
