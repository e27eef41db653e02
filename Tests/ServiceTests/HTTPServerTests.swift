import Glibc
import HTTP
import Testing

/// One request over one connection, and all that comes back.
private func exchange(_ request: String, port: UInt16) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var deadline = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &deadline, socklen_t(MemoryLayout<timeval>.size))
    try #require(connection(of: descriptor, to: port) == 0)
    let bytes = Array(request.utf8)
    try #require(send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { break }
        answer += buffer[..<count]
    }
    return String(decoding: answer, as: UTF8.self)
}

/// What connect(2) says.
private func connection(of descriptor: Int32, to port: UInt16) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

@Suite("HTTP server") struct HTTPServerTests {
    /// Lends the port of a server that answers /echo and knows nothing else.
    private func withServer(_ body: (UInt16) throws -> Void) throws {
        let server = try HTTPServer(port: 0) { request in
            guard request.path == "/echo" else { return .text("not found", status: 404) }
            let query = request.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return HTTPResponse(
                status: 200, contentType: "text/x-test",
                body: Array((query + [request.accept ?? "-"]).joined(separator: "|").utf8), headers: ["X-Test": "yes"])
        }
        defer { server.stop() }
        try body(server.port)
    }

    private func request(_ method: String, _ target: String, _ headers: String = "") -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(headers)\r\n"
    }

    @Test("a request reaches the handler, and its answer comes back")
    func get() throws {
        try withServer { port in
            let answer = try exchange(request("GET", "/echo?b=%C3%A9&a=1&a=2&c", "Accept: text/plain\r\n"), port: port)

            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Content-Type: text/x-test\r\n"))
            #expect(answer.contains("X-Test: yes\r\n"))
            #expect(answer.hasSuffix("\r\n\r\na=1|b=é|c=|text/plain"))
        }
    }

    @Test("HEAD gets the headers alone")
    func head() throws {
        try withServer { port in
            let answer = try exchange(request("HEAD", "/echo"), port: port)

            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Content-Length: 1\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("what the handler does not know is its own 404")
    func notFound() throws {
        try withServer { port in
            let answer = try exchange(request("GET", "/other"), port: port)

            #expect(answer.hasPrefix("HTTP/1.1 404 "))
            #expect(answer.hasSuffix("not found\n"))
        }
    }

    @Test("other methods are not allowed", arguments: ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "X"])
    func methods(method: String) throws {
        try withServer { port in
            let answer = try exchange(request(method, "/echo"), port: port)

            #expect(answer.hasPrefix("HTTP/1.1 405 "))
            #expect(answer.contains("Allow: GET, HEAD\r\n"))
        }
    }

    @Test("a body is refused unread", arguments: ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"])
    func body(header: String) throws {
        try withServer { port in
            let answer = try exchange(request("GET", "/echo", header), port: port)

            #expect(answer.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test("a long address is refused, whether in path or in arguments")
    func longAddress() throws {
        try withServer { port in
            let long = String(repeating: "x", count: 2_048)
            let inPath = try exchange(request("GET", "/\(long)"), port: port)
            let inArguments = try exchange(request("GET", "/echo?a=\(long)"), port: port)
            let within = try exchange(request("GET", "/echo?a=\(long.dropLast(64))"), port: port)

            #expect(inPath.hasPrefix("HTTP/1.1 414 "))
            #expect(inArguments.hasPrefix("HTTP/1.1 414 "))
            #expect(within.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test("stopping frees the port, and stopping again does nothing")
    func stop() throws {
        let first = try HTTPServer(port: 0) { _ in .text("first") }
        #expect(try exchange(request("GET", "/"), port: first.port).hasSuffix("first\n"))
        #expect(throws: HTTPError.cannotListen(code: EADDRINUSE)) {
            try HTTPServer(port: first.port) { _ in .text("taken") }
        }
        first.stop()
        first.stop()

        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        #expect(connection(of: descriptor, to: first.port) != 0)
        let second = try HTTPServer(port: first.port) { _ in .text("second") }
        defer { second.stop() }
        #expect(try exchange(request("GET", "/"), port: second.port).hasSuffix("second\n"))
    }

    @Test("a host is an address in numbers", arguments: ["", "localhost", "127.0.0", "256.0.0.1", "x::1"])
    func hosts(host: String) {
        #expect(throws: HTTPError.invalidHost) { try HTTPServer(host: host, port: 0) { _ in .text("") } }
    }
}
