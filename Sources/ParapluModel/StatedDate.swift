/// A date as a source states it: a day, or no more than a month.
///
/// Written as `2024-02-06` or `2024-02`.
package struct StatedDate: Hashable, Sendable, CustomStringConvertible {
    /// The date as it is written.
    package let text: String
    /// The day, or the first one of the month.
    package let first: CalendarDate

    /// The date written so, or nil for anything else.
    package init?(_ text: String) {
        let day = text.utf8.count == 7 ? CalendarDate(text + "-01") : CalendarDate(text)
        guard let day, CalendarDate.accepted.contains(day) else { return nil }
        self.text = text
        first = day
    }

    package var description: String { text }
}
