internal import Glibc

/// A TCP socket that listens, until whoever is given its descriptor closes it.
///
/// libmicrohttpd could bind for itself, but 1.0.1 (Debian 13's) closes the descriptor twice when the address is taken:
/// the reason is lost, and a descriptor that another thread opened meanwhile may be closed.
struct ListeningSocket {
    let descriptor: Int32
    let port: UInt16
    let isIPv6: Bool

    /// Listens at an address in numbers, IPv4 or IPv6; port 0 for one that is free.
    init(host: String, port: UInt16) throws(HTTPError) {
        var ipv4 = sockaddr_in()
        var ipv6 = sockaddr_in6()
        if inet_pton(AF_INET, host, &ipv4.sin_addr) == 1 {
            ipv4.sin_family = sa_family_t(AF_INET)
            ipv4.sin_port = port.bigEndian
            (descriptor, self.port) = try Self.listen(at: &ipv4, of: MemoryLayout<sockaddr_in>.size, family: AF_INET)
            isIPv6 = false
        } else if inet_pton(AF_INET6, host, &ipv6.sin6_addr) == 1 {
            ipv6.sin6_family = sa_family_t(AF_INET6)
            ipv6.sin6_port = port.bigEndian
            (descriptor, self.port) = try Self.listen(at: &ipv6, of: MemoryLayout<sockaddr_in6>.size, family: AF_INET6)
            isIPv6 = true
        } else {
            throw .invalidHost
        }
    }

    private static func listen(
        at address: UnsafeRawPointer, of size: Int, family: Int32
    ) throws(HTTPError) -> (descriptor: Int32, port: UInt16) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw .cannotListen(code: errno) }
        // A restart needn't wait for connections of the last run; and an IPv6 address means itself alone.
        var isListening = set(SO_REUSEADDR, of: SOL_SOCKET, on: descriptor)
        if family == AF_INET6 { isListening = isListening && set(IPV6_V6ONLY, of: Int32(IPPROTO_IPV6), on: descriptor) }
        isListening =
            isListening && bind(descriptor, address.assumingMemoryBound(to: sockaddr.self), socklen_t(size)) == 0
            && Glibc.listen(descriptor, SOMAXCONN) == 0
        guard isListening, let port = port(of: descriptor) else {
            let code = errno
            close(descriptor)
            throw .cannotListen(code: code)
        }
        return (descriptor, port)
    }

    private static func set(_ option: Int32, of level: Int32, on descriptor: Int32) -> Bool {
        var yes: Int32 = 1
        return setsockopt(descriptor, level, option, &yes, socklen_t(MemoryLayout<Int32>.size)) == 0
    }

    /// The port it was given; it stands at the same place in an IPv4 and in an IPv6 address.
    private static func port(of descriptor: Int32) -> UInt16? {
        var address = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return result == 0 ? UInt16(bigEndian: address.sin6_port) : nil
    }
}
