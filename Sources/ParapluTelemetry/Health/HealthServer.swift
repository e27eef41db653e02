package import HTTP

/// Serves `/livez`, `/readyz` and `/metrics` from its making on, until it is stopped.
package struct HealthServer: Sendable {
    /// The port it listens on, also when it was asked for a free one.
    package var port: UInt16 { server.port }

    private let server: HTTPServer

    /// - Parameters:
    ///   - address: in numbers.
    ///   - port: 0 for a free one.
    /// - Throws: `HTTPError`, when the port is taken or the address is not ours.
    package init(address: String, port: UInt16, health: Health, metrics: Metrics) throws(HTTPError) {
        server = try HTTPServer(host: address, port: port) { request in
            Self.answer(request, health: health, metrics: metrics)
        }
    }

    /// Closes the port; nothing the second time.
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
