internal import Glibc

/// Addresses as far as the configuration judges them; no name is looked up.
enum NetworkAddress {
    /// Whether the text is an IPv4 or IPv6 address in numbers.
    static func isNumeric(_ text: String) -> Bool {
        var ipv4 = in_addr()
        var ipv6 = in6_addr()
        return inet_pton(AF_INET, text, &ipv4) == 1 || inet_pton(AF_INET6, text, &ipv6) == 1
    }

    /// Whether the host is this machine whatever the network says: `localhost`, 127.0.0.0/8 or ::1.
    static func isLoopback(_ host: String) -> Bool {
        var ipv4 = in_addr()
        if inet_pton(AF_INET, host, &ipv4) == 1 { return UInt32(bigEndian: ipv4.s_addr) >> 24 == 127 }
        var ipv6 = in6_addr()
        if inet_pton(AF_INET6, host, &ipv6) == 1 {
            return withUnsafeBytes(of: &ipv6) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
        }
        return host == "localhost"
    }

    /// This machine's name, or nil where the system has none.
    static func machineName() -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let result = buffer.withUnsafeMutableBufferPointer { bytes in
            bytes.baseAddress.map { gethostname($0, bytes.count - 1) } ?? -1
        }
        guard result == 0 else { return nil }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return name.isEmpty ? nil : name
    }
}

/// One `host:port` of a list of brokers.
struct BrokerAddress: Equatable {
    var host: String
    var port: Int

    /// The brokers of `host:port,host:port`; nil where the text isn't such a list.
    static func list(_ text: String) -> [BrokerAddress]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let brokers = parts.compactMap { BrokerAddress($0) }
        return brokers.count == parts.count ? brokers : nil
    }

    private init?(_ text: Substring) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        let isHost = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
        guard !host.isEmpty, isHost else { return nil }
        self.host = String(host)
        self.port = port
    }
}
