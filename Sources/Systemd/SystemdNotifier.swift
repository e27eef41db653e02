internal import CLibSystemd
internal import Glibc

/// Tells the service manager how we are, as a unit of `Type=notify` or `Type=notify-reload` must.
///
/// Outside systemd every call does nothing.
///
/// - Source: sd_notify(3), sd_watchdog_enabled(3).
package enum SystemdNotifier {
    /// What the manager is told.
    package enum State: Sendable, Equatable {
        /// Starting, or reloading, is done.
        case ready

        /// The configuration is read again; `ready` must follow.
        case reloading

        /// The service drains and ends.
        case stopping

        /// One line for `systemctl status`; line breaks become spaces. Names no person.
        case status(String)

        /// The service makes progress; due at least every `watchdogInterval`.
        case watchdog
    }

    /// What became of a notification.
    package enum Outcome: Sendable, Equatable {
        case sent

        /// No manager asked for notifications: `$NOTIFY_SOCKET` is not set.
        case notSupervised

        /// The manager could not be reached; the code is one of errno(3).
        case failed(code: Int32)
    }

    /// Sends `state` to the manager, without waiting for it to be acted on.
    @discardableResult
    package static func notify(_ state: State) -> Outcome {
        // "a negative errno-style error code … 0 … if $NOTIFY_SOCKET was not set … a positive value" when sent.
        let result = sd_notify(0, message(for: state))
        if result < 0 { return .failed(code: -result) }
        return result == 0 ? .notSupervised : .sent
    }

    /// The time within which the manager expects `watchdog`, after which it kills us; nil when it expects none.
    ///
    /// sd_watchdog_enabled(3) advises to send it at half of that.
    package static var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }

    /// The assignments that say `state`, one to a line.
    static func message(for state: State) -> String {
        switch state {
        case .ready: "READY=1"
        // The manager takes "the value of CLOCK_MONOTONIC in µs" to tell this reload from an earlier one.
        case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(monotonicMicroseconds)"
        case .stopping: "STOPPING=1"
        case .status(let text): "STATUS=" + String(text.map { $0.isNewline || $0 == "\0" ? " " : $0 })
        case .watchdog: "WATCHDOG=1"
        }
    }

    private static var monotonicMicroseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
