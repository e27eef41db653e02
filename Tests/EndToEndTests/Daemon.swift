import Foundation
import ParapluTesting

/// A running `paraplud`.
struct Daemon: Sendable {
    let program: TestProgram

    /// Waits until it says ready.
    func ready(within limit: Duration = .seconds(45)) async throws {
        do {
            _ = try await eventually("readiness", within: limit) {
                if program.ending() != nil { throw TestProgram.TooLate(waitedFor: "readiness", log: program.log) }
                return await status(of: "/readyz") == 200 ? true : (nil as Bool?)
            }
        } catch {
            throw TestProgram.TooLate(waitedFor: "readiness", log: String(program.log.suffix(3000)))
        }
    }

    /// Waits until it has claimed partitions.
    func claimed(within limit: Duration = .seconds(45)) async throws {
        _ = try await eventually("claimed partitions", within: limit) {
            program.log.contains("Partitions were claimed") ? true : nil
        }
    }

    /// Ends it in order and returns how it ended.
    @discardableResult
    func stop(within limit: Duration = .seconds(40)) async throws -> TestProgram.Ending {
        program.signal(SIGTERM)
        return try await program.wait(for: limit)
    }

    /// Ends it as a crash would.
    func kill() async throws {
        program.signal(SIGKILL)
        try await program.wait()
    }

    /// The port of health and metrics, out of its log.
    var port: UInt16? {
        guard let range = program.log.range(of: "\"server.port\":", options: .backwards) else { return nil }
        return UInt16(program.log[range.upperBound...].prefix { $0.isNumber })
    }

    /// The status of a page; nil where nobody answers.
    func status(of path: String) async -> Int? {
        guard let answer = await get(path) else { return nil }
        return Int(answer.split(separator: " ", maxSplits: 2).dropFirst().first ?? "")
    }

    /// A page as it comes over the socket, head and body.
    func get(_ path: String) async -> String? {
        guard let port else { return nil }
        return try? await TestBroker.onThread {
            let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard handle >= 0 else { throw POSIXError(.EIO) }
            defer { close(handle) }
            var timeout = timeval(tv_sec: 2, tv_usec: 0)
            setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let connected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    connect(handle, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard connected == 0 else { throw POSIXError(.ECONNREFUSED) }
            let request = Array("GET \(path) HTTP/1.0\r\nHost: localhost\r\n\r\n".utf8)
            guard send(handle, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
                throw POSIXError(.EIO)
            }
            var answer: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(handle, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                answer += buffer[..<count]
            }
            return String(decoding: answer, as: UTF8.self)
        }
    }
}
