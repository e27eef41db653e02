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
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let year = Period.number(parts[0], digits: 4) else { return nil }
        var months = 1...12
        var lastYear = year
        if parts.count == 2 {
            if let half = Period.number(parts[1].dropFirst(), digits: 1), parts[1].hasPrefix("H"),
                (1...2).contains(half)
            {
                months = half * 6 - 5...half * 6
            } else if let quarter = Period.number(parts[1].dropFirst(), digits: 1), parts[1].hasPrefix("Q"),
                (1...4).contains(quarter)
            {
                months = quarter * 3 - 2...quarter * 3
            } else if let month = Period.number(parts[1], digits: 2), (1...12).contains(month) {
                months = month...month
            } else if let end = Period.number(parts[1], digits: 4), end > year, end - year <= Period.yearsMax {
                lastYear = end
            } else {
                return nil
            }
        }
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

    package static func < (left: Period, right: Period) -> Bool {
        (left.first, left.last) < (right.first, right.last)
    }

    private static func number(_ text: Substring, digits: Int) -> Int? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
        return Int(text)
    }
}
