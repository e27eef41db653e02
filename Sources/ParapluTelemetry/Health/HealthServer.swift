package import HTTP

/// Serves `/livez`, `/readyz` and `/metrics`, and pages that it is given.
///
/// Listens from its making on; whoever makes it runs it, and when `run` is cancelled it closes its port.
package struct HealthServer: Sendable {
    /// Answers for a path of its own.
    package typealias Page = @Sendable (HTTPRequest) -> HTTPResponse

    /// The port it listens on, also when it was asked for a free one.
    package var port: UInt16 { server.port }

    private let server: HTTPServer

    /// - Parameters:
    ///   - address: in numbers.
    ///   - port: 0 for a free one.
    ///   - pages: by path, besides the three.
    /// - Throws: `HTTPError`, when the port is taken or the address is not ours.
    package init(
        address: String, port: UInt16, health: Health, metrics: Metrics, pages: [String: Page] = [:]
    ) throws(HTTPError) {
        server = try HTTPServer(host: address, port: port) { request in
            if let page = pages[request.path] { return page(request) }
            return Self.answer(request, health: health, metrics: metrics)
        }
    }

    /// Serves until the task is cancelled, then closes the port.
    package func run() async {
        // A stream that nothing is put into: it ends with the task.
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in stream {}
        continuation.finish()
        server.stop()
    }

    /// Closes the port, for a server that is never run; nothing the second time.
    package func stop() { server.stop() }

    /// The answer of the three paths.
    static func answer(_ request: HTTPRequest, health: Health, metrics: Metrics) -> HTTPResponse {
        switch request.path {
        // `/livez` asks for nothing else than that we answer: a broker that is away is no reason to restart.
        case "/livez":
            return uncached(.text("ok"))
        case "/readyz":
            let isReady = health.isReady
            let word = isReady ? "ok" : "not ready"
            let text = request.query["verbose"] == nil ? word : "\(health.verboseText)\n\(word)"
            return uncached(.text(text, status: isReady ? 200 : 503))
        case "/metrics":
            let exposition = Exposition(accept: request.accept)
            return uncached(
                HTTPResponse(
                    status: 200, contentType: exposition.contentType, body: Array(metrics.text(exposition).utf8),
                    headers: ["Vary": "Accept"]))
        default:
            return .text("not found", status: 404)
        }
    }

    private static func uncached(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.headers["Cache-Control"] = "no-store"
        return response
    }
}
