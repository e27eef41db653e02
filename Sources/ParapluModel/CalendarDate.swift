/// A calendar day, without a time or a zone.
///
/// Valid time is counted in these: an as-of date, a due date, the day on which a status is evaluated. The programme's
/// calendar days are days in Europe/Amsterdam; whoever makes a day out of a moment says so with that zone.
///
/// The value is the number of days since 2000-01-01, which is also how PostgreSQL sends a `date`.
/// Source: proleptic Gregorian calendar, ISO 8601-1; PostgreSQL manual, "Date/Time Types".
package struct CalendarDate: Hashable, Comparable, Sendable {
    /// Days since 2000-01-01; negative before it.
    ///
    /// `Int32.min` is PostgreSQL's `-infinity`.
    package let daysSince2000: Int32

    /// The day with this number of days since 2000-01-01.
    package init(daysSince2000: Int32) {
        self.daysSince2000 = daysSince2000
    }

    /// Before every other day: where an action's timeline begins.
    package static let distantPast = CalendarDate(daysSince2000: .min)

    /// The first and the last day that a partner may name: 1900-01-01 and 2199-12-31.
    ///
    /// A date outside is a slip of the pen or a default of somebody's database, never a date of this programme.
    package static let accepted = CalendarDate(daysSince2000: -36_524)...CalendarDate(daysSince2000: 73_048)

    /// The day of a year, month (1–12) and day (1–31), or nil where no such day exists.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CalendarDate.length(ofMonth: month, year: year)
        else { return nil }
        daysSince2000 = Int32(CalendarDate.days(year: year, month: month, day: day))
    }

    /// The day written as `YYYY-MM-DD`, or nil for anything else.
    ///
    /// Exactly ten ASCII characters; no sign, no space, no other separator. Source: RFC 3339 `full-date`.
    package init?(iso utf8: some Collection<UInt8>) {
        guard utf8.count == 10, let date = Array(utf8).withUnsafeBytes({ CalendarDate(iso: $0) }) else { return nil }
        self = date
    }

    /// The same of bytes in memory.
    package init?(iso text: UnsafeRawBufferPointer) {
        guard text.count == 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for index in range {
                guard text[index] >= 0x30, text[index] <= 0x39 else { return nil }
                value = value * 10 + Int(text[index] - 0x30)
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The day written as `YYYY-MM-DD`, or nil for anything else.
    package init?(_ text: String) {
        self.init(iso: text.utf8)
    }

    /// Year, month and day of the month.
    package var components: (year: Int, month: Int, day: Int) {
        // Howard Hinnant's civil_from_days, with days counted from 0000-03-01.
        let shifted = Int(daysSince2000) + 730_425
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The day that many days later; earlier when negative.
    package func adding(days: Int) -> CalendarDate {
        CalendarDate(daysSince2000: daysSince2000 + Int32(days))
    }

    /// The same day that many months later, or that month's last day where it is shorter.
    package func adding(months: Int) -> CalendarDate {
        let (year, month, day) = components
        let total = year * 12 + (month - 1) + months
        let newYear = total / 12
        let newMonth = total % 12 + 1
        let last = CalendarDate.length(ofMonth: newMonth, year: newYear)
        return CalendarDate(
            daysSince2000: Int32(CalendarDate.days(year: newYear, month: newMonth, day: min(day, last))))
    }

    /// The number of days from another day to this one.
    package func days(since other: CalendarDate) -> Int {
        Int(daysSince2000) - Int(other.daysSince2000)
    }

    /// Whether the left day is before the right one.
    package static func < (left: CalendarDate, right: CalendarDate) -> Bool {
        left.daysSince2000 < right.daysSince2000
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func days(year: Int, month: Int, day: Int) -> Int {
        // Howard Hinnant's days_from_civil; the year begins in March.
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 730_425
    }
}

extension CalendarDate: CustomStringConvertible {
    /// The day as `YYYY-MM-DD`; `-infinity` for the distant past.
    package var description: String { String(decoding: utf8, as: UTF8.self) }

    /// Appends the description, without a string of its own.
    package func write(into bytes: inout [UInt8]) {
        guard self != .distantPast else { return bytes.append(contentsOf: "-infinity".utf8) }
        let (year, month, day) = components
        if (0...99).contains(year / 100) && year >= 0 {
            bytes.append(twoDigits: year / 100)
            bytes.append(twoDigits: year % 100)
        } else {
            bytes.append(number: year, digits: 4)
        }
        bytes.append(UInt8(ascii: "-"))
        bytes.append(twoDigits: month)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(twoDigits: day)
    }

    private var utf8: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(10)
        write(into: &bytes)
        return bytes
    }
}

extension [UInt8] {
    /// Appends a number in decimal with zeros in front, so many digits wide; one that is wider stays whole.
    mutating func append(number: Int, digits: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        let start = count
        var rest = number.magnitude
        while rest > 0 || count - start < digits {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        self[start...].reverse()
    }

    /// Appends a number of two decimal digits.
    mutating func append(twoDigits number: Int) {
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10))
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }
}
