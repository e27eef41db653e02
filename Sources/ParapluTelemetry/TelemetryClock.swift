internal import Glibc

/// The two clocks of telemetry, given so that tests can hold them.
package struct TelemetryClock: Sendable {
    /// Microseconds since 1970, UTC.
    package let wallMicroseconds: @Sendable () -> Int64
    /// Time that only goes forward, from some start; what ages and limits are measured with.
    package let uptime: @Sendable () -> Duration

    package init(
        wallMicroseconds: @escaping @Sendable () -> Int64, uptime: @escaping @Sendable () -> Duration
    ) {
        self.wallMicroseconds = wallMicroseconds
        self.uptime = uptime
    }

    /// The system's: CLOCK_REALTIME and CLOCK_MONOTONIC.
    package static let system = TelemetryClock(
        wallMicroseconds: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        },
        uptime: {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
        })

    /// The moment in RFC 3339, UTC, with microseconds.
    static func rfc3339(_ microseconds: Int64) -> String {
        let (seconds, fraction) = microseconds.quotientAndFloorRemainder(1_000_000)
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func padded(_ value: some BinaryInteger, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(parts.tm_year + 1_900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))T"
            + "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2)).\(padded(fraction, 6))Z"
    }
}

extension Int64 {
    /// Quotient and remainder with a remainder from 0 up, for a positive divisor.
    fileprivate func quotientAndFloorRemainder(_ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension Duration {
    /// The duration in seconds, as metrics and log fields have it.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1_000_000_000_000_000_000
    }
}
