/// A moment with microseconds, in UTC.
///
/// The value counts microseconds since 2000-01-01T00:00:00Z, which is also how PostgreSQL sends a `timestamptz`. A
/// `Double` of seconds, as Foundation's `Date` has it, would lose digits.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 2000-01-01T00:00:00Z; negative before it.
    package let microsecondsSince2000: Int64

    /// The moment with this number of microseconds since 2000-01-01T00:00:00Z.
    package init(microsecondsSince2000: Int64) {
        self.microsecondsSince2000 = microsecondsSince2000
    }

    /// The moment with this number of milliseconds since 1970-01-01T00:00:00Z, as Kafka gives it; what lies beyond
    /// `unixMillisecondsMax` becomes that.
    package init(unixMilliseconds: Int64) {
        // Clamped: a broker passes on whatever a producer wrote.
        let bound = Timestamp.unixMillisecondsMax
        let clamped = min(max(unixMilliseconds, -bound), bound)
        microsecondsSince2000 = clamped * 1000 - Timestamp.unixEpochOffset
    }

    /// The moment written by RFC 3339, or nil for anything else.
    ///
    /// The offset is required. `t` and `z` in lower case are read; a fraction may have any number of digits and is cut,
    /// not rounded, to microseconds, so that a moment before midnight stays before midnight. `-00:00` (offset unknown)
    /// and leap seconds are refused: neither names a moment.
    package init?(rfc3339 utf8: some Collection<UInt8>) {
        guard let moment = Array(utf8).withUnsafeBytes({ Timestamp(rfc3339: $0) }) else { return nil }
        self = moment
    }

    /// The same out of bytes in memory.
    package init?(rfc3339 bytes: UnsafeRawBufferPointer) {
        guard (20...64).contains(bytes.count),
            let date = CalendarDate(iso: UnsafeRawBufferPointer(rebasing: bytes[0..<10])),
            bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let hour = Timestamp.twoDigits(bytes, 11), hour < 24,
            let minute = Timestamp.twoDigits(bytes, 14), minute < 60,
            let second = Timestamp.twoDigits(bytes, 17), second < 60
        else { return nil }
        var index = 19
        var fraction: Int64 = 0
        if bytes[index] == UInt8(ascii: ".") {
            index += 1
            var scale: Int64 = 100_000
            let first = index
            while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 {
                fraction += Int64(bytes[index] - 0x30) * scale
                scale /= 10
                index += 1
            }
            guard index > first else { return nil }
        }
        guard index < bytes.count,
            let offset = Timestamp.offsetMinutes(UnsafeRawBufferPointer(rebasing: bytes[index...]))
        else { return nil }
        let minutes = Int64(hour) * 60 + Int64(minute) - Int64(offset)
        let seconds = Int64(date.daysSince2000) * 86_400 + minutes * 60 + Int64(second)
        microsecondsSince2000 = seconds * 1_000_000 + fraction
    }

    /// Milliseconds since 1970-01-01T00:00:00Z, cut.
    package var unixMilliseconds: Int64 {
        let microseconds = microsecondsSince2000 + Timestamp.unixEpochOffset
        return microseconds >= 0 ? microseconds / 1000 : (microseconds - 999) / 1000
    }

    /// The calendar day of the moment in UTC.
    package var utcDate: CalendarDate {
        let day: Int64 = 86_400_000_000
        let days = microsecondsSince2000 >= 0 ? microsecondsSince2000 / day : (microsecondsSince2000 - day + 1) / day
        return CalendarDate(daysSince2000: Int32(truncatingIfNeeded: days))
    }

    /// Whether the left moment is the earlier one.
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microsecondsSince2000 < right.microsecondsSince2000
    }

    /// The last moment that milliseconds are taken for, in the year 2255, and before 1970 the first one.
    package static let unixMillisecondsMax: Int64 = 9_000_000_000_000

    /// Microseconds from 1970-01-01 to 2000-01-01.
    private static let unixEpochOffset: Int64 = 946_684_800_000_000

    private static func twoDigits(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Int? {
        guard bytes[index] >= 0x30, bytes[index] <= 0x39, bytes[index + 1] >= 0x30, bytes[index + 1] <= 0x39 else {
            return nil
        }
        return Int(bytes[index] - 0x30) * 10 + Int(bytes[index + 1] - 0x30)
    }

    /// Minutes east of Greenwich of `Z` or `±hh:mm`.
    private static func offsetMinutes(_ bytes: UnsafeRawBufferPointer) -> Int? {
        if bytes.count == 1 { return bytes[0] == UInt8(ascii: "Z") || bytes[0] == UInt8(ascii: "z") ? 0 : nil }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), let hours = twoDigits(bytes, 1), hours < 24,
            let minutes = twoDigits(bytes, 4), minutes < 60
        else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "+"): return hours * 60 + minutes
        case UInt8(ascii: "-"): return hours == 0 && minutes == 0 ? nil : -(hours * 60 + minutes)
        default: return nil
        }
    }
}

extension Timestamp: CustomStringConvertible {
    /// The moment as `YYYY-MM-DDThh:mm:ss.ffffffZ`, always with six digits, so that text order is time order.
    package var description: String {
        let day: Int64 = 86_400_000_000
        let date = utcDate
        let rest = microsecondsSince2000 - Int64(date.daysSince2000) * day
        let seconds = Int(rest / 1_000_000)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(27)
        date.write(into: &bytes)
        for (mark, part) in [("T", seconds / 3600), (":", seconds / 60 % 60), (":", seconds % 60)] {
            bytes.append(contentsOf: mark.utf8)
            bytes.append(twoDigits: part)
        }
        bytes.append(UInt8(ascii: "."))
        bytes.append(number: Int(rest % 1_000_000), digits: 6)
        bytes.append(UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }
}
