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
        let started = try Self.start(host: host, port: port, connectionsMax: connectionsMax, context: context)
        let bound = UInt16(truncatingIfNeeded: cmicrohttpd_port(started))
        self.context = context
        self.port = bound
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

    private static func start(
        host: String, port: UInt16, connectionsMax: Int, context: HandlerContext
    ) throws(HTTPError) -> OpaquePointer {
        var ipv4 = sockaddr_in()
        var ipv6 = sockaddr_in6()
        let daemon: OpaquePointer?
        let code: Int32
        if inet_pton(AF_INET, host, &ipv4.sin_addr) == 1 {
            ipv4.sin_family = sa_family_t(AF_INET)
            ipv4.sin_port = port.bigEndian
            daemon = start(address: &ipv4, isIPv6: false, connectionsMax: connectionsMax, context: context)
            code = daemon == nil ? refusal(AF_INET, &ipv4, MemoryLayout<sockaddr_in>.size) : 0
        } else if inet_pton(AF_INET6, host, &ipv6.sin6_addr) == 1 {
            ipv6.sin6_family = sa_family_t(AF_INET6)
            ipv6.sin6_port = port.bigEndian
            daemon = start(address: &ipv6, isIPv6: true, connectionsMax: connectionsMax, context: context)
            code = daemon == nil ? refusal(AF_INET6, &ipv6, MemoryLayout<sockaddr_in6>.size) : 0
        } else {
            throw .invalidHost
        }
        guard let daemon else { throw .cannotListen(code: code) }
        return daemon
    }

    /// Why nobody can listen there, as the kernel says: libmicrohttpd 1.0 clears up before it returns, and `errno` with it.
    private static func refusal(_ family: Int32, _ address: UnsafeRawPointer, _ size: Int) -> Int32 {
        let failure = errno
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        let outcome = bind(descriptor, address.assumingMemoryBound(to: sockaddr.self), socklen_t(size))
        return outcome == 0 && listen(descriptor, 1) == 0 ? failure : errno
    }

    private static func start(
        address: UnsafeRawPointer, isIPv6: Bool, connectionsMax: Int, context: HandlerContext
    ) -> OpaquePointer? {
        // The context is not retained: the server holds it until the daemon, with its threads, has stopped.
        cmicrohttpd_start(
            isIPv6, address.assumingMemoryBound(to: sockaddr.self), UInt32(connectionsMax), 2, 10, 32_768,
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
