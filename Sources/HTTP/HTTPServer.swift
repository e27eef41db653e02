internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// A small HTTP server for health, metrics and status: GET and HEAD, no bodies, no TLS; for the loopback interface.
///
/// libmicrohttpd's threads, two of them, call the handler, which must not block for long. Bounds: connections as given,
/// 32 KiB of memory for each, 2 KiB of path and arguments, 10 seconds without activity.
///
/// Whoever makes a server stops it.
///
/// - Source: <https://www.gnu.org/software/libmicrohttpd/manual/libmicrohttpd.html>.
package final class HTTPServer: Sendable {
    /// The port it listens on, also when it was asked for a free one.
    package let port: UInt16

    /// libmicrohttpd's handle until `stop`.
    ///
    /// Its functions may be called from any thread; the lock keeps `stop` single.
    private let daemon: Mutex<Daemon?>
    private let context: HandlerContext

    private struct Daemon: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// Listens, and returns when connections are accepted.
    ///
    /// - Parameters:
    ///   - host: An address in numbers, IPv4 or IPv6.
    ///   - port: 0 for one that is free.
    ///   - connectionsMax: From 2 up to 1,024; those beyond are closed at once.
    ///   - handler: Called on the server's threads, several at a time.
    /// - Throws: `HTTPError`.
    package init(
        host: String = "127.0.0.1", port: UInt16, connectionsMax: Int = 32,
        handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) throws(HTTPError) {
        precondition((2...1_024).contains(connectionsMax), "between 2 and 1,024 connections")
        let context = HandlerContext(handler: handler)
        let socket = try ListeningSocket(host: host, port: port)
        guard let started = Self.start(on: socket, connectionsMax: connectionsMax, context: context) else {
            throw .cannotListen(code: errno)
        }
        self.context = context
        self.port = socket.port
        self.daemon = Mutex(Daemon(pointer: started))
    }

    deinit {
        assert(daemon.withLock { $0 == nil }, "a server is stopped by whoever made it")
        stop()
    }

    /// Closes the port and all connections, and waits for handlers that run; nothing the second time.
    package func stop() {
        daemon.withLock { daemon in
            guard let running = daemon else { return }
            daemon = nil
            MHD_stop_daemon(running.pointer)
        }
    }

    /// The socket is libmicrohttpd's from here on, which closes it when it stops and where it fails to start.
    private static func start(
        on socket: ListeningSocket, connectionsMax: Int, context: HandlerContext
    ) -> OpaquePointer? {
        // The context is not retained: the server holds it until the daemon, with its threads, has stopped.
        cmicrohttpd_start(
            socket.isIPv6, socket.descriptor, UInt32(connectionsMax), 2, 10, 32_768,
            { context, connection, url, method, _, _, uploadCount, state in
                guard let context, let connection, let url, let method, let uploadCount, let state else {
                    return cmicrohttpd_result(false)
                }
                let handler = Unmanaged<HandlerContext>.fromOpaque(context).takeUnretainedValue()
                return handler.answer(
                    connection, url: url, method: method, uploadCount: uploadCount.pointee, state: state)
            }, Unmanaged.passUnretained(context).toOpaque())
    }
}
