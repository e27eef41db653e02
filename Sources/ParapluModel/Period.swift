/// A span of time that a figure is about: years, a half, a quarter or a month of the calendar, or one month to another.
///
/// Written as `2023`, `2023-H1`, `2023-Q2`, `2023-05`, and several whole years as `2019-2023`.
package struct Period: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The period as it is written.
    package let text: String
    /// Its first day.
    package let first: CalendarDate
    /// Its last day.
    package let last: CalendarDate

    /// The period written so, or nil for anything else.
    package init?(_ text: String) {
        var text = text
        guard let (year, lastYear, months) = text.withUTF8({ Period.parts($0) }) else { return nil }
        let next = months.upperBound == 12 ? (lastYear + 1, 1) : (lastYear, months.upperBound + 1)
        guard let first = CalendarDate(year: year, month: months.lowerBound, day: 1),
            let behind = CalendarDate(year: next.0, month: next.1, day: 1), CalendarDate.accepted.contains(first),
            CalendarDate.accepted.contains(behind)
        else { return nil }
        self.text = text
        self.first = first
        last = CalendarDate(daysSince2000: behind.daysSince2000 - 1)
    }

    /// The most years between the first and the last of one period.
    package static let yearsMax = 30

    package var description: String { text }

    /// Whether the left period begins earlier, or begins with the right one and ends earlier.
    package static func < (left: Period, right: Period) -> Bool {
        (left.first, left.last) < (right.first, right.last)
    }

    /// The first and the last year, and the months of the last one where it is one year.
    private static func parts(_ text: UnsafeBufferPointer<UInt8>) -> (Int, Int, ClosedRange<Int>)? {
        guard text.count >= 4, let year = number(text[0..<4]) else { return nil }
        if text.count == 4 { return (year, year, 1...12) }
        guard text[4] == UInt8(ascii: "-") else { return nil }
        let rest = text[5...]
        switch rest.count {
        case 2 where rest[5] == UInt8(ascii: "H"):
            guard let half = number(rest[6...]), (1...2).contains(half) else { return nil }
            return (year, year, half * 6 - 5...half * 6)
        case 2 where rest[5] == UInt8(ascii: "Q"):
            guard let quarter = number(rest[6...]), (1...4).contains(quarter) else { return nil }
            return (year, year, quarter * 3 - 2...quarter * 3)
        case 2:
            guard let month = number(rest), (1...12).contains(month) else { return nil }
            return (year, year, month...month)
        case 4:
            guard let end = number(rest), end > year, end - year <= yearsMax else { return nil }
            return (year, end, 1...12)
        default: return nil
        }
    }

    private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        var value = 0
        for byte in digits {
            guard byte &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }
}
