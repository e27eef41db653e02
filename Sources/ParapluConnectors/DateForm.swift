internal import Foundation
internal import ParapluModel

/// How a feed writes its days.
enum DateForm: String, CaseIterable, Sendable {
    case iso
    case dayFirst = "dd-mm-yyyy"
    case compact = "yyyymmdd"
    case shortDayFirst = "d-m-yyyy"
    case slashes = "dd/mm/yyyy"
    case words = "d mmmm yyyy"
    /// The day in Amsterdam of a moment with its offset.
    case moment = "rfc3339"

    /// The form for the publisher.
    var expected: String {
        switch self {
        case .iso: "yyyy-mm-dd"
        case .words: "d mmmm yyyy, with the month in Dutch"
        case .moment: "RFC 3339 with an offset"
        case .dayFirst, .compact, .shortDayFirst, .slashes: rawValue
        }
    }

    /// The day, or nil where the text is none in this form.
    func date(_ text: UnsafeRawBufferPointer) -> CalendarDate? {
        switch self {
        case .iso: CalendarDate(iso: text)
        case .dayFirst: DateForm.dayFirst(text, separator: UInt8(ascii: "-"), isPadded: true)
        case .shortDayFirst: DateForm.dayFirst(text, separator: UInt8(ascii: "-"), isPadded: false)
        case .slashes: DateForm.dayFirst(text, separator: UInt8(ascii: "/"), isPadded: true)
        case .compact:
            text.count == 8
                ? DateForm.date(
                    day: DateForm.number(text, 6..<8), month: DateForm.number(text, 4..<6),
                    year: DateForm.number(text, 0..<4))
                : nil
        case .words: DateForm.inWords(text)
        case .moment: Timestamp(rfc3339: text).map { TimeZones.amsterdam.date(of: $0) }
        }
    }

    private static func dayFirst(_ text: UnsafeRawBufferPointer, separator: UInt8, isPadded: Bool) -> CalendarDate? {
        guard let first = text.firstIndex(of: separator),
            let second = text[(first + 1)...].firstIndex(of: separator), text.count - second == 5
        else { return nil }
        let lengths = isPadded ? 2...2 : 1...2
        guard lengths.contains(first), lengths.contains(second - first - 1) else { return nil }
        return date(
            day: number(text, 0..<first), month: number(text, first + 1..<second),
            year: number(text, second + 1..<text.count))
    }

    private static func inWords(_ text: UnsafeRawBufferPointer) -> CalendarDate? {
        let parts = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3, (1...2).contains(parts[0].count), (3...9).contains(parts[1].count), parts[2].count == 4,
            parts[1].allSatisfy({ $0 < 0x80 })
        else { return nil }
        let name = String(decoding: parts[1], as: UTF8.self).lowercased()
        guard let month = months.firstIndex(where: { $0.contains(name) }) else { return nil }
        return date(
            day: number(text, parts[0].indices), month: month + 1, year: number(text, parts[2].indices))
    }

    private static let months = [
        ["januari", "jan"], ["februari", "feb"], ["maart", "mrt"], ["april", "apr"], ["mei"], ["juni", "jun"],
        ["juli", "jul"], ["augustus", "aug"], ["september", "sep"], ["oktober", "okt"], ["november", "nov"],
        ["december", "dec"],
    ]

    private static func date(day: Int?, month: Int?, year: Int?) -> CalendarDate? {
        guard let day, let month, let year else { return nil }
        return CalendarDate(year: year, month: month, day: day)
    }

    /// The number that digits make, or nil.
    static func number(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
        var value = 0
        for byte in text[range] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return range.isEmpty ? nil : value
    }
}

/// How a feed writes its moments.
enum MomentForm: Equatable, Sendable {
    case rfc3339
    /// `yyyy-mm-ddThh:mm`, with seconds or without, in a zone.
    case iso(TimeZones)
    /// `dd-mm-yyyy hh:mm`, with seconds or without, in a zone.
    case dayFirst(TimeZones)
    /// Milliseconds since 1970-01-01T00:00:00Z.
    case epoch

    /// The names in a definition.
    static let names = ["rfc3339", "iso-local", "dd-mm-yyyy hh:mm", "epoch-milliseconds"]

    /// The form for the publisher.
    var expected: String {
        switch self {
        case .rfc3339: "RFC 3339 with an offset"
        case .iso: "yyyy-mm-ddThh:mm[:ss], an hour that there was once"
        case .dayFirst: "dd-mm-yyyy hh:mm[:ss], an hour that there was once"
        case .epoch: "milliseconds since 1970, of 1973 to 2255"
        }
    }

    /// The moment, or nil where the text is none in this form.
    ///
    /// Local time in the hour that summer time leaves out names no moment, and in the hour that it repeats it names two:
    /// both are refused, not guessed.
    func moment(_ text: UnsafeRawBufferPointer) -> Timestamp? {
        switch self {
        case .rfc3339:
            return Timestamp(rfc3339: text)
        case .epoch:
            // Ten digits are seconds, which would be taken for a day of January 1970: twelve begin in 1973.
            // What a timestamp would be clamped to is no moment that anybody meant.
            guard (12...13).contains(text.count), let number = DateForm.number(text, 0..<text.count),
                number <= Timestamp.unixMillisecondsMax
            else { return nil }
            return Timestamp(unixMilliseconds: Int64(number))
        case .iso(let zone):
            guard text.count >= 16, text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: " ") else { return nil }
            return local(.iso, text, zone)
        case .dayFirst(let zone):
            guard text.count >= 16, text[10] == UInt8(ascii: " ") else { return nil }
            return local(.dayFirst, text, zone)
        }
    }

    private func local(_ form: DateForm, _ text: UnsafeRawBufferPointer, _ zone: TimeZones) -> Timestamp? {
        guard let date = form.date(UnsafeRawBufferPointer(rebasing: text[..<10])), text[13] == UInt8(ascii: ":"),
            let hour = DateForm.number(text, 11..<13), hour < 24, let minute = DateForm.number(text, 14..<16),
            minute < 60
        else { return nil }
        var second = 0
        if text.count > 16 {
            guard text.count == 19, text[16] == UInt8(ascii: ":"), let given = DateForm.number(text, 17..<19),
                given < 60
            else { return nil }
            second = given
        }
        return zone.moment(date, secondOfDay: (hour * 60 + minute) * 60 + second)
    }
}

/// The zones that local times may be in.
enum TimeZones: String, CaseIterable, Sendable {
    case amsterdam = "Europe/Amsterdam"
    case utc = "UTC"

    /// The day of a moment.
    func date(of moment: Timestamp) -> CalendarDate {
        Timestamp(microsecondsSince2000: moment.microsecondsSince2000 + Int64(offset(at: moment)) * 1_000_000).utcDate
    }

    /// The one moment that a local time names; nil where it names none or two.
    func moment(_ date: CalendarDate, secondOfDay: Int) -> Timestamp? {
        let local = (Int64(date.daysSince2000) * 86_400 + Int64(secondOfDay)) * 1_000_000
        let day: Int64 = 86_400_000_000
        // Only one change of offset can lie within two days: these are the offsets before and after it.
        let offsets = Set(
            [local - day, local + day].map { Int64(offset(at: Timestamp(microsecondsSince2000: $0))) * 1_000_000 })
        let moments = offsets.map { Timestamp(microsecondsSince2000: local - $0) }.filter {
            Int64(offset(at: $0)) * 1_000_000 == local - $0.microsecondsSince2000
        }
        return moments.count == 1 ? moments[0] : nil
    }

    /// Seconds east of Greenwich.
    private func offset(at moment: Timestamp) -> Int {
        switch self {
        case .utc: 0
        case .amsterdam:
            TimeZones.zone.secondsFromGMT(
                for: Date(timeIntervalSince1970: Double(moment.microsecondsSince2000 / 1_000_000) + 946_684_800))
        }
    }

    // The zone data come with Debian's tzdata, which a system without them cannot run the programme's calendar on.
    private static let zone: TimeZone = {
        guard let zone = TimeZone(identifier: "Europe/Amsterdam") else {
            preconditionFailure("the system has no zone data of Europe/Amsterdam: install tzdata")
        }
        return zone
    }()
}
